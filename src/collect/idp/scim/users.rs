//! Users, as far as the provider says what they are.

use std::collections::BTreeMap;

use super::list::Resource;
use super::wire::{Email, Flag, Manager, User};
use crate::collect::idp::record::unknown_status;
use crate::model::id::IdpUserId;
use crate::model::person::IdKey;
use crate::model::{IdpStatus, IdpUser, Known};

impl Resource for User {
    const PATH: &'static str = "Users";
    const ATTRIBUTES: &'static str = "externalId,userName,displayName,name.formatted,title,userType,active,emails,\
        meta.lastModified,\
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber,\
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department,\
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Why a user can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unusable {
    /// `active` is missing. It is optional, and then nothing says whether the user is switched off (RFC 7643, 4.1.1).
    SaysNothing,
    /// No id, or no name to sign in with.
    Nameless,
}

impl Unusable {
    pub(super) fn reason(self, count: u64) -> String {
        match self {
            Self::SaysNothing => format!("the server does not say of {count} users whether they are active"),
            Self::Nameless => format!("{count} users have no usable id or user name"),
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::SaysNothing => "let the server return `active`, or give its users as CSV with a status",
            Self::Nameless => "give every user an id and a userName",
        }
    }
}

/// The users, and how many can't be used, by the reason.
pub(super) fn users(list: &BTreeMap<String, User>) -> (Vec<IdpUser>, BTreeMap<Unusable, u64>) {
    let (mut users, mut unusable) = (Vec::new(), BTreeMap::new());
    for user in list.values() {
        match read(user, list) {
            Ok(user) => users.push(user),
            Err(why) => *unusable.entry(why).or_default() += 1,
        }
    }
    users.sort_by(|a, b| a.id.cmp(&b.id));
    (users, unusable)
}

fn read(user: &User, all: &BTreeMap<String, User>) -> Result<IdpUser, Unusable> {
    let id: IdpUserId = user.id.parse().map_err(|_| Unusable::Nameless)?;
    let name = text(user.user_name.as_ref()).ok_or(Unusable::Nameless)?;
    let status = match user.active.as_ref().map(Flag::value) {
        Some(Some(true)) => IdpStatus::Active,
        Some(Some(false)) => IdpStatus::Disabled,
        Some(None) => IdpStatus::Unknown,
        None => return Err(Unusable::SaysNothing),
    };
    let origin = format!("GET /Users, id {id}");
    let mut found = IdpUser::new(id, name, status, origin);
    (found.email, found.aliases) = addresses(user.emails.as_deref().unwrap_or_default());
    let formatted = || user.name.as_ref().and_then(|name| text(name.formatted.as_ref()));
    found.display_name = text(user.display_name.as_ref()).or_else(formatted);
    found.title = text(user.title.as_ref());
    found.user_type = text(user.user_type.as_ref());
    if let Some(enterprise) = &user.enterprise {
        found.employee_id = text(enterprise.employee_number.as_ref());
        found.department = text(enterprise.department.as_ref());
        found.manager = enterprise.manager.as_ref().and_then(|manager| name_of(manager, all));
    }
    let modified = user.meta.as_ref().and_then(|meta| meta.last_modified.as_ref()?.parse().ok());
    found.status_changed_at = match (status, modified) {
        // Who is switched off has been so since the last change of whatever at the latest.
        (IdpStatus::Disabled, Some(at)) => Known::Value(at),
        (IdpStatus::Unknown, _) => unknown_status(user.active.as_ref().map_or("", Flag::text)),
        _ => Known::Unknown("SCIM has no time for it".to_owned()),
    };
    for field in [&mut found.start, &mut found.end, &mut found.last_sign_in_at] {
        *field = Known::Unknown("SCIM does not tell".to_owned());
    }
    found.second_factor = Known::Unknown("SCIM does not tell".to_owned());
    found.keys.extend(text(user.external_id.as_ref()).map(|id| (IdKey::ExternalId, id)));
    Ok(found)
}

/// Without blanks around it, on one line; empty is nothing.
fn text(text: Option<&String>) -> Option<String> {
    let text = text?.trim().replace(char::is_control, " ");
    (!text.is_empty()).then_some(text)
}

/// The primary address, else the first for work, else the first; and others that are not private.
fn addresses(emails: &[Email]) -> (Option<String>, Vec<String>) {
    let is = |email: &Email, word: &str| email.kind.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case(word));
    let primary = |email: &&Email| email.primary.as_ref().and_then(|primary| primary.value()) == Some(true);
    let best = emails.iter().find(primary).or_else(|| emails.iter().find(|email| is(email, "work")));
    let best = best.or_else(|| emails.first()).and_then(|email| text(email.value.as_ref()));
    let others = emails.iter().filter(|email| !is(email, "home")).filter_map(|email| text(email.value.as_ref()));
    let mut others: Vec<String> = others.filter(|other| Some(other) != best.as_ref()).collect();
    others.sort_unstable();
    others.dedup();
    (best, others)
}

fn name_of(manager: &Manager, all: &BTreeMap<String, User>) -> Option<String> {
    let (id, name) = match manager {
        Manager::Id(id) => (Some(id), None),
        Manager::Full { value, display_name } => (value.as_ref(), display_name.as_ref()),
    };
    let user_name = id.and_then(|id| all.get(id)).and_then(|user| text(user.user_name.as_ref()));
    user_name.or_else(|| text(name)).or_else(|| text(id))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn one(json: Value) -> Result<IdpUser, Unusable> {
        let user: User = serde_json::from_value(json).unwrap();
        let boss: User = serde_json::from_value(json!({ "id": "9", "userName": "boss" })).unwrap();
        read(&user, &BTreeMap::from([("9".to_owned(), boss)]))
    }

    #[test]
    fn a_full_user_is_read() {
        let user = one(json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "1", "externalId": "00u1", "userName": "ann", "active": true,
            "name": { "formatted": "Ann B", "familyName": "B" }, "title": "Head\nof it", "userType": "Employee",
            "emails": [
                { "value": "p@home.example", "type": "home" },
                { "value": "b@x.example", "type": "work" },
                { "value": "a@x.example", "type": "work", "primary": true },
                { "type": "other" }
            ],
            "phoneNumbers": [{ "value": "1" }],
            "meta": { "lastModified": "2026-09-30T17:00:00Z" },
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                { "employeeNumber": "0017", "department": "R", "manager": { "value": "9", "displayName": "The Boss" } }
        }))
        .unwrap();
        assert_eq!((user.id.as_str(), user.user_name.as_str(), user.status), ("1", "ann", IdpStatus::Active));
        assert_eq!((user.email.as_deref(), user.aliases), (Some("a@x.example"), vec!["b@x.example".to_owned()]));
        assert_eq!((user.display_name.as_deref(), user.title.as_deref()), (Some("Ann B"), Some("Head of it")));
        assert_eq!((user.employee_id.as_deref(), user.manager.as_deref()), (Some("0017"), Some("boss")));
        assert_eq!(user.keys, [(IdKey::ExternalId, "00u1".to_owned())]);
        assert!(user.status_changed_at.is_unknown());
    }

    #[test]
    fn what_active_does_not_say_is_not_guessed() {
        let status =
            |active: Value| one(json!({ "id": "1", "userName": "a", "active": active })).map(|user| user.status);
        assert_eq!(status(json!(false)), Ok(IdpStatus::Disabled));
        assert_eq!(status(json!("False")), Ok(IdpStatus::Disabled));
        assert_eq!(status(json!("true")), Ok(IdpStatus::Active));
        assert_eq!(status(json!("yes")), Ok(IdpStatus::Unknown));
        assert_eq!(status(json!(null)), Err(Unusable::SaysNothing));
        assert_eq!(one(json!({ "id": "1", "userName": "a" })).err(), Some(Unusable::SaysNothing));
        assert_eq!(one(json!({ "id": "1", "userName": " ", "active": true })).err(), Some(Unusable::Nameless));
        assert_eq!(one(json!({ "id": "", "userName": "a", "active": true })).err(), Some(Unusable::Nameless));
    }

    #[test]
    fn a_disabled_user_is_so_since_the_last_change_at_the_latest() {
        let user = json!({ "id": "1", "userName": "a", "active": false, "meta": { "lastModified": "2026-09-30T17:00:00.5Z" } });
        assert_eq!(one(user).unwrap().status_changed_at.value().unwrap().to_string(), "2026-09-30T17:00:00Z");
        let user = json!({ "id": "1", "userName": "a", "active": false, "meta": { "lastModified": "lately" } });
        assert!(one(user).unwrap().status_changed_at.is_unknown());
    }

    #[test]
    fn a_manager_is_named_as_well_as_it_can_be() {
        let manager = |manager: Value| {
            let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
            one(json!({ "id": "1", "userName": "a", "active": true, urn: { "manager": manager } })).unwrap().manager
        };
        assert_eq!(manager(json!("9")).as_deref(), Some("boss"));
        assert_eq!(manager(json!({ "value": "8", "displayName": "Eve" })).as_deref(), Some("Eve"));
        assert_eq!(manager(json!({ "value": "8" })).as_deref(), Some("8"));
        assert_eq!(manager(json!({})), None);
    }
}
