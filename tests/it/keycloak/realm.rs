//! A realm as data, behind a web server that answers as Keycloak's Admin REST API does (Keycloak 26, `RealmAdminResource`).

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::web::{Asked, Reply, Site, Tokens};

/// The realm. What stands in it is what its API tells.
#[derive(Debug, Default)]
pub(crate) struct Realm {
    pub(crate) users: Vec<Value>,
    /// Groups at the top, with what is in them and the ids of their own members.
    pub(crate) groups: Vec<Group>,
    /// Newest first.
    pub(crate) events: Vec<Value>,
    pub(crate) saves_events: bool,
    /// Keycloak before 23 gave groups with all that is in them.
    pub(crate) old: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) members: Vec<&'static str>,
    pub(crate) children: Vec<Group>,
}

pub(crate) fn group(id: &'static str, name: &'static str, members: &[&'static str], children: Vec<Group>) -> Group {
    Group { id, name, members: members.to_vec(), children }
}

impl Group {
    fn told(&self, old: bool) -> Value {
        let children: Vec<Value> =
            if old { self.children.iter().map(|child| child.told(old)).collect() } else { Vec::new() };
        let mut told =
            json!({ "id": self.id, "name": self.name, "path": format!("/{}", self.name), "subGroups": children });
        if !old {
            told["subGroupCount"] = json!(self.children.len());
        }
        told
    }

    fn find(&self, id: &str) -> Option<&Self> {
        if self.id == id { Some(self) } else { self.children.iter().find_map(|child| child.find(id)) }
    }
}

impl Realm {
    pub(crate) fn user(&mut self, id: &str, name: &str, enabled: bool) -> &mut Value {
        self.users.push(json!({
            "id": id, "username": name, "email": format!("{name}@example.com"), "emailVerified": true, "firstName": name,
            "lastName": "Example", "enabled": enabled, "createdTimestamp": 1_700_000_000_000_i64, "totp": false,
            "attributes": {"employeeNumber": [format!("E-{id}")], "mobile": ["+44 7700 900123"]},
        }));
        self.users.last_mut().unwrap()
    }

    /// Writes an event; later calls are newer.
    pub(crate) fn event(&mut self, at: &str, operation: &str, resource: &str, path: &str, written: Option<Value>) {
        let at: overstay::model::Instant = at.parse().unwrap();
        self.events.insert(0, json!({
            "id": format!("event-{}", self.events.len()), "time": at.timestamp().as_millisecond(), "realmId": "staff",
            "authDetails": {"realmId": "master", "clientId": "admin", "userId": "u-admin", "ipAddress": "203.0.113.9"},
            "operationType": operation, "resourceType": resource, "resourcePath": path,
            "representation": written.map(|written| written.to_string()),
        }));
    }

    fn find(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find_map(|group| group.find(id))
    }
}

pub(crate) type Shared = Arc<Mutex<Realm>>;

const LOST: &str = "Could not find group by id";

/// A site of the realm `staff`, at the root of the server.
pub(crate) fn site(realm: &Shared, tokens: &Tokens) -> Site {
    type Answer = fn(&Realm, &Asked) -> Reply;
    let routes: [(&str, Answer); 7] = [
        ("users", |realm, asked| page(asked, realm.users.clone())),
        ("users/count", |realm, _| Reply::json(json!(realm.users.len()))),
        ("groups", |realm, asked| page(asked, realm.groups.iter().map(|group| group.told(realm.old)).collect())),
        ("groups/{}/children", |realm, asked| match realm.find(asked.part(0)) {
            Some(group) if !realm.old => page(asked, group.children.iter().map(|child| child.told(false)).collect()),
            _ => Reply::status(404, json!({ "error": LOST })),
        }),
        ("groups/{}/members", |realm, asked| match realm.find(asked.part(0)) {
            Some(group) => page(asked, group.members.iter().map(|member| json!({ "id": member })).collect()),
            None => Reply::status(404, json!({ "error": LOST })),
        }),
        ("events/config", |realm, _| Reply::json(json!({ "adminEventsEnabled": realm.saves_events }))),
        ("admin-events", |realm, asked| page(asked, realm.events.clone())),
    ];
    let site = Site::new().login("/realms/staff/protocol/openid-connect/token", tokens);
    routes.into_iter().fold(site, |site, (path, answer)| {
        let realm = Arc::clone(realm);
        site.get(&format!("/admin/realms/staff/{path}"), move |asked| answer(&realm.lock().unwrap(), asked))
    })
}

/// Without `max` there are 100.
fn page(asked: &Asked, items: Vec<Value>) -> Reply {
    let number = |name: &str, usual: usize| asked.value(name).map_or(usual, |value| value.parse().unwrap());
    let items: Vec<Value> = items.into_iter().skip(number("first", 0)).take(number("max", 100)).collect();
    Reply::json(Value::Array(items))
}

/// What Keycloak says to whoever may not.
pub(crate) fn denied() -> Reply {
    Reply::status(403, json!({ "error": "HTTP 403 Forbidden" }))
}
