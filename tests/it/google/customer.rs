//! A customer of Google Workspace with users, groups and an admin log, served as the Admin SDK does (Directory API and Reports API,
//! revision 20261104): pages by token, answers by `fields`, and only to a service account in an administrator's name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value, json};

use crate::web::{Asked, Reply, Site, Tokens};

pub(crate) const ACCOUNT: &str = "overstay@project.iam.gserviceaccount.com";
pub(crate) const SUBJECT: &str = "admin@example.com";
pub(crate) const KEY: &str = include_str!("../../fixtures/web/rsa.pem");
const PUBLIC_KEY: &str = include_str!("../../fixtures/web/rsa-public.pem");

pub(crate) const USERS: &str = "/admin/directory/v1/users";
pub(crate) const GROUPS: &str = "/admin/directory/v1/groups";
pub(crate) const MEMBERS: &str = "/admin/directory/v1/groups/{}/members";
pub(crate) const ACTIVITIES: &str = "/admin/reports/v1/activity/users/all/applications/admin";

/// What the customer has.
#[derive(Default)]
pub(crate) struct Customer {
    pub(crate) users: Vec<Value>,
    pub(crate) deleted: Vec<Value>,
    pub(crate) groups: Vec<Value>,
    pub(crate) members: BTreeMap<String, Vec<Value>>,
    pub(crate) activities: Vec<Value>,
    /// Scopes that the service account may not have.
    pub(crate) withheld: BTreeSet<&'static str>,
}

pub(crate) fn user(id: &str, address: &str) -> Value {
    json!({
        "kind": "admin#directory#user", "id": id, "primaryEmail": address, "suspended": false, "archived": false,
        "name": { "givenName": "Given", "familyName": "Family", "fullName": format!("Name of {id}") },
        "creationTime": "2024-01-01T00:00:00.000Z", "lastLoginTime": "2026-09-01T08:00:00.000Z",
        "isEnrolledIn2Sv": true, "customerId": "C01", "recoveryEmail": "private@example.net", "orgUnitPath": "/",
    })
}

/// The same with some members set.
pub(crate) fn with(mut record: Value, changes: Value) -> Value {
    for (key, value) in changes.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

pub(crate) fn group(id: &str, name: &str) -> Value {
    json!({ "kind": "admin#directory#group", "id": id, "name": name, "email": format!("{id}@example.com"), "description": "x" })
}

pub(crate) fn member(id: &str, kind: &str) -> Value {
    json!({ "kind": "admin#directory#member", "id": id, "type": kind, "role": "MEMBER", "email": "x@example.com" })
}

pub(crate) fn activity(time: &str, qualifier: &str, name: &str, parameters: &[(&str, &str)]) -> Value {
    let parameters: Vec<Value> =
        parameters.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "kind": "admin#reports#activity", "ipAddress": "203.0.113.9",
        "id": { "time": time, "uniqueQualifier": qualifier, "applicationName": "admin", "customerId": "C01" },
        "actor": { "callerType": "USER", "email": SUBJECT, "profileId": "1" },
        "events": [{ "type": "USER_SETTINGS", "name": name, "parameters": parameters }],
    })
}

impl Customer {
    /// An administrator, and this many users.
    pub(crate) fn of(count: usize) -> Self {
        let mut users = vec![user("1", SUBJECT)];
        users.extend((2..=count).map(|n| user(&n.to_string(), &format!("user{n:05}@example.com"))));
        Self { users, ..Self::default() }
    }

    /// The site that serves it; faults may be put over it.
    pub(crate) fn site(self, tokens: &Tokens) -> Site {
        let withheld = self.withheld.clone();
        let customer = Arc::new(Mutex::new(self));
        let serve = move |answer: fn(&Customer, &Asked) -> Reply| {
            let customer = Arc::clone(&customer);
            move |asked: &Asked| answer(&customer.lock().unwrap(), asked)
        };
        Site::new()
            .login_unless("/token", tokens, move |asked| refuse(asked, &withheld))
            .get(
                USERS,
                serve(|customer, asked| {
                    assert_eq!(asked.value("customer"), Some("my_customer"));
                    assert_eq!((asked.value("orderBy"), asked.value("projection")), (Some("email"), Some("full")));
                    let list =
                        if asked.value("showDeleted") == Some("true") { &customer.deleted } else { &customer.users };
                    page(asked, "users", list, 500)
                }),
            )
            .get(
                GROUPS,
                serve(|customer, asked| {
                    assert_eq!(asked.value("customer"), Some("my_customer"));
                    page(asked, "groups", &customer.groups, 200)
                }),
            )
            .get(
                MEMBERS,
                serve(|customer, asked| match customer.members.get(asked.part(0)) {
                    Some(list) => page(asked, "members", list, 200),
                    None => Reply::status(404, error(404, "notFound", "Resource Not Found: groupKey")),
                }),
            )
            .get(
                ACTIVITIES,
                serve(|customer, asked| {
                    let wanted = asked.value("eventName").unwrap();
                    let within = |time: &str| {
                        asked.value("startTime").unwrap() <= time && time < asked.value("endTime").unwrap()
                    };
                    let of_name = |one: &&Value| {
                        one["events"][0]["name"] == wanted && within(one["id"]["time"].as_str().unwrap())
                    };
                    let list: Vec<Value> = customer.activities.iter().filter(of_name).cloned().collect();
                    page(asked, "items", &list, 1000)
                }),
            )
    }
}

pub(crate) fn error(code: u16, reason: &str, message: &str) -> Value {
    let errors = json!([{ "domain": "global", "message": message, "reason": reason }]);
    json!({ "error": { "code": code, "message": message, "errors": errors } })
}

/// Gives no token to whoever is not the service account in the administrator's name, or asks for a scope it may not have.
fn refuse(asked: &Asked, withheld: &BTreeSet<&str>) -> Option<Reply> {
    let form = asked.form();
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let mut validation = Validation::new(Algorithm::RS256);
    // The client's clock stands still.
    (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
    let key = DecodingKey::from_rsa_pem(PUBLIC_KEY.as_bytes()).unwrap();
    let token = jsonwebtoken::decode::<Value>(&form["assertion"], &key, &validation).unwrap();
    assert_eq!(token.header.kid.as_deref(), Some("key-1"));
    assert_eq!((token.claims["iss"].as_str(), token.claims["sub"].as_str()), (Some(ACCOUNT), Some(SUBJECT)));
    assert!(token.claims["aud"].as_str().unwrap().ends_with("/token"));
    let scopes = token.claims["scope"].as_str().unwrap();
    let refused = scopes.split(' ').any(|scope| withheld.contains(scope));
    let words = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.";
    refused.then(|| Reply::status(401, json!({ "error": "unauthorized_client", "error_description": words })))
}

/// One page of a list, as large as asked for and allowed; an empty list is left out, as Google does.
fn page(asked: &Asked, name: &str, list: &[Value], most: usize) -> Reply {
    let size: usize = asked.value("maxResults").unwrap().parse().unwrap();
    assert!((1..=most).contains(&size), "maxResults={size} of at most {most}");
    let start: usize =
        asked.value("pageToken").map_or(0, |token| token.strip_prefix("from-").unwrap().parse().unwrap());
    let items: Vec<Value> = list.iter().skip(start).take(size).cloned().collect();
    let mut body = Map::from_iter([("kind".to_owned(), json!("admin#directory"))]);
    if start + items.len() < list.len() {
        body.insert("nextPageToken".to_owned(), json!(format!("from-{}", start + items.len())));
    }
    if !items.is_empty() {
        body.insert(name.to_owned(), Value::Array(items));
    }
    let mut body = Value::Object(body);
    keep(&mut body, &fields(asked.value("fields").unwrap()));
    Reply::json(body)
}

/// A selector of `fields`: members, each with those below it.
#[derive(Default)]
struct Fields(BTreeMap<String, Fields>);

fn fields(text: &str) -> Fields {
    let (mut fields, mut depth, mut start) = (Fields::default(), 0, 0);
    for (at, c) in text.char_indices().chain([(text.len(), ',')]) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                let one = &text[start..at];
                let (name, below) = match one.find(['(', '/']) {
                    Some(end) => (
                        &one[..end],
                        one[end..].trim_start_matches(['(', '/']).strip_suffix(')').unwrap_or(&one[end + 1..]),
                    ),
                    None => (one, ""),
                };
                let below = if below.is_empty() { Fields::default() } else { self::fields(below) };
                fields.0.insert(name.to_owned(), below);
                start = at + 1;
            }
            _ => {}
        }
    }
    fields
}

fn keep(value: &mut Value, fields: &Fields) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| keep(item, fields)),
        Value::Object(members) if !fields.0.is_empty() => {
            members.retain(|name, _| fields.0.contains_key(name));
            members.iter_mut().for_each(|(name, member)| keep(member, &fields.0[name]));
        }
        _ => {}
    }
}

#[test]
fn selectors_keep_what_they_name() {
    let mut value = json!({ "a": 1, "b": [{ "c": { "d": 1, "e": 2 }, "f": 3, "g": [4] }], "h": 5 });
    keep(&mut value, &fields("a,b(c/d,g)"));
    assert_eq!(value, json!({ "a": 1, "b": [{ "c": { "d": 1 }, "g": [4] }] }));
}
