//! The directory's audit log: who was switched on and off, and who was put into which group.
//!
//! Entra has no field that says since when a user is disabled. The log says it, as far back as it reaches.

use serde::Deserialize;
use serde_json::Value;

use super::super::status_times::{self, StatusLog};
use super::wire::{audited, instant, text};
use crate::model::event::{Action, Actor, ActorKind, Window};
use crate::model::{Event, IdpStatus, IdpUser, Instant, Known};

/// The activities that are asked for (Microsoft Entra, "Audit activity reference", Core Directory).
pub(super) const ACTIVITIES: [&str; 9] =
    [ADD_USER, DELETE_USER, HARD_DELETE, RESTORE_USER, ENABLE, DISABLE, UPDATE_USER, ADD_MEMBER, REMOVE_MEMBER];
const ADD_USER: &str = "Add user";
const DELETE_USER: &str = "Delete user";
const HARD_DELETE: &str = "Hard Delete user";
const RESTORE_USER: &str = "Restore user";
const ENABLE: &str = "Enable account";
const DISABLE: &str = "Disable account";
const UPDATE_USER: &str = "Update user";
const ADD_MEMBER: &str = "Add member to group";
const REMOVE_MEMBER: &str = "Remove member from group";

/// The filter for them, from an instant on.
pub(super) fn filter(from: Instant) -> String {
    let names: Vec<String> = ACTIVITIES.iter().map(|name| format!("activityDisplayName eq '{name}'")).collect();
    format!("activityDateTime ge {from} and ({})", names.join(" or "))
}

/// An entry of the log (`microsoft.graph.directoryAudit`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireAudit {
    id: Option<String>,
    activity_date_time: Option<String>,
    activity_display_name: Option<String>,
    result: Option<Value>,
    result_reason: Option<String>,
    initiated_by: Option<Initiator>,
    target_resources: Option<Vec<Target>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Initiator {
    user: Option<Identity>,
    app: Option<Identity>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    id: Option<String>,
    user_principal_name: Option<String>,
    display_name: Option<String>,
    service_principal_id: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Target {
    id: Option<String>,
    display_name: Option<String>,
    // The published example writes it with a capital.
    #[serde(rename = "type", alias = "Type")]
    kind: Option<String>,
    user_principal_name: Option<String>,
    modified_properties: Option<Vec<Modified>>,
}

/// A property that changed. The values are texts that hold JSON.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Modified {
    display_name: Option<String>,
    old_value: Option<Value>,
    new_value: Option<Value>,
}

impl Target {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(kind))
    }

    fn modified(&self) -> &[Modified] {
        self.modified_properties.as_deref().unwrap_or_default()
    }

    fn property(&self, name: &str) -> Option<&Modified> {
        self.modified().iter().find(|modified| modified.is(name))
    }
}

impl Modified {
    fn is(&self, name: &str) -> bool {
        self.display_name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    fn before(&self) -> Option<String> {
        audited(self.old_value.as_ref())
    }

    fn after(&self) -> Option<String> {
        audited(self.new_value.as_ref())
    }
}

/// Attributes of a user whose change counts: the log's name, and ours.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("Department", "department"),
    ("JobTitle", "title"),
    ("Manager", "manager"),
    ("EmployeeId", "employee_id"),
    ("UserPrincipalName", "user_name"),
    ("UserType", "user_type"),
];

impl WireAudit {
    /// When it happened.
    pub(super) fn at(&self) -> Option<Instant> {
        self.activity_date_time.as_deref().and_then(instant)
    }

    /// Whether what was tried succeeded. Graph writes a word, and diagnostic settings write the enumeration's number
    /// (`operationResult`: 0 success, 1 failure, 2 timeout).
    fn succeeded(&self) -> Option<bool> {
        let result = self.result.as_ref()?;
        let number = result.as_u64().or_else(|| result.as_str()?.parse().ok());
        match (number, result.as_str().unwrap_or_default()) {
            (Some(0), _) => Some(true),
            (Some(1 | 2), _) => Some(false),
            (_, word) if word.eq_ignore_ascii_case("success") => Some(true),
            (_, word) if word.eq_ignore_ascii_case("failure") || word.eq_ignore_ascii_case("timeout") => Some(false),
            _ => None,
        }
    }

    /// What the entry says happened: most often one event, several where one update changed several attributes, none where
    /// it changed nothing that counts. An entry without an id or a time can't be used.
    pub(super) fn events(&self, origin: &str) -> Option<Vec<Event>> {
        let id = text(self.id.clone())?;
        let at = self.at()?;
        let targets = self.target_resources.as_deref().unwrap_or_default();
        let user = targets.iter().find(|target| target.is("User"));
        let succeeded = self.succeeded();
        let event = |suffix: &str, action: Action, detail: Option<String>| {
            let failed = if succeeded == Some(false) { text(self.result_reason.clone()) } else { None };
            let about = user.and_then(|user| text(user.id.clone()));
            Event {
                at,
                id: if suffix.is_empty() { id.clone() } else { format!("{id}#{suffix}") },
                action,
                actor: self.actor(about.as_deref()),
                user: about,
                user_name: user.and_then(|user| text(user.user_principal_name.clone())),
                group: None,
                group_name: None,
                account: None,
                permission_set: None,
                detail: failed.or(detail),
                succeeded,
                origin: origin.to_owned(),
            }
        };
        let about_a_user = |event: Event| if event.user.is_some() { vec![event] } else { Vec::new() };
        Some(match self.activity_display_name.as_deref() {
            Some(ADD_USER) => about_a_user(event("", Action::UserCreated, None)),
            Some(ENABLE) => about_a_user(event("", Action::UserEnabled, None)),
            Some(DISABLE) => about_a_user(event("", Action::UserDisabled, None)),
            Some(DELETE_USER) => about_a_user(event("", Action::UserDeleted, None)),
            Some(HARD_DELETE) => about_a_user(event("", Action::UserDeleted, Some("for good".to_owned()))),
            Some(RESTORE_USER) => about_a_user(event("", Action::UserChanged, Some("restored".to_owned()))),
            Some(UPDATE_USER) => {
                let changed = user.map(Target::modified).unwrap_or_default();
                let changes = changed.iter().filter_map(change);
                changes
                    .map(|(suffix, action, detail)| event(suffix, action, detail))
                    .filter(|event| event.user.is_some())
                    .collect()
            }
            Some(name @ (ADD_MEMBER | REMOVE_MEMBER)) => {
                let (action, group) = self.membership(name == ADD_MEMBER, user, targets);
                let Some((group, group_name)) = group else { return Some(Vec::new()) };
                vec![Event { group: Some(group), group_name, ..event("", action, None) }]
            }
            _ => Vec::new(),
        })
    }

    /// The group that gained or lost a member. It stands in the member's changed properties, or as a target of its own;
    /// what is lost has only an old value.
    fn membership(
        &self,
        added: bool,
        user: Option<&Target>,
        targets: &[Target],
    ) -> (Action, Option<(String, Option<String>)>) {
        let action = match (user, added) {
            (Some(_), true) => Action::MemberAdded,
            (Some(_), false) => Action::MemberRemoved,
            // A group or a device joined or left.
            (None, _) => Action::GroupChanged,
        };
        let property = |name: &str| {
            let modified = targets.iter().find_map(|target| target.property(name))?;
            if added {
                modified.after().or_else(|| modified.before())
            } else {
                modified.before().or_else(|| modified.after())
            }
        };
        // A nested group's own entry is a target too: the last one is the group that holds it.
        let target = targets.iter().rev().find(|target| target.is("Group"));
        let id = property("Group.ObjectID").or_else(|| target.and_then(|target| text(target.id.clone())));
        let name =
            property("Group.DisplayName").or_else(|| target.and_then(|target| text(target.display_name.clone())));
        (action, id.map(|id| (id, name)))
    }

    fn actor(&self, about: Option<&str>) -> Actor {
        let by = self.initiated_by.as_ref();
        if let Some(user) = by.and_then(|by| by.user.as_ref()) {
            let own = about.is_some() && user.id.as_deref() == about;
            let name = text(user.user_principal_name.clone()).or_else(|| text(user.id.clone()));
            if name.is_some() {
                return Actor { kind: if own { ActorKind::User } else { ActorKind::Administrator }, name };
            }
        }
        let app = by.and_then(|by| by.app.as_ref());
        let name =
            app.and_then(|app| text(app.display_name.clone()).or_else(|| text(app.service_principal_id.clone())));
        Actor { kind: if name.is_some() { ActorKind::Service } else { ActorKind::Unknown }, name }
    }
}

/// What an update of one property means: the event's suffix, its action and its detail.
fn change(modified: &Modified) -> Option<(&'static str, Action, Option<String>)> {
    let (old, new) = (modified.before(), modified.after());
    if modified.is("AccountEnabled") {
        let flag = |value: &Option<String>| value.as_deref().map(str::to_ascii_lowercase);
        let (old, new) = (flag(&old), flag(&new));
        return match new.as_deref() {
            _ if old == new => None,
            Some("true") => Some(("AccountEnabled", Action::UserEnabled, None)),
            Some("false") => Some(("AccountEnabled", Action::UserDisabled, None)),
            _ => None,
        };
    }
    let (theirs, ours) = ATTRIBUTES.iter().find(|(theirs, _)| modified.is(theirs))?;
    if old == new {
        return None;
    }
    // From what to what is not kept: snapshots tell that of those who hold access.
    Some((theirs, Action::UserChanged, Some((*ours).to_owned())))
}

/// Since when users have the status they have, as far as the log says. Deleted users bear their own date.
pub(super) fn date_statuses(users: &mut [IdpUser], events: &[Event], covered: &[Window]) {
    for user in users.iter_mut().filter(|user| user.status != IdpStatus::Deleted) {
        user.status_changed_at = Known::Unknown("the audit log was not read".to_owned());
    }
    let begins = covered.first().map(|window| window.from);
    status_times::date(users, events, StatusLog { name: "the audit log", begins, holds_all: true });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn audit(activity: &str, result: &str, targets: Value) -> WireAudit {
        serde_json::from_value(json!({
            "id": "Directory_1", "category": "UserManagement", "result": result, "resultReason": "no such thing",
            "activityDisplayName": activity, "activityDateTime": "2026-09-03T15:02:22.5383841Z",
            "loggedByService": "Core Directory",
            "initiatedBy": {"app": null, "user": {"id": "admin", "displayName": null, "userPrincipalName": "a@x.org"}},
            "targetResources": targets, "additionalDetails": [],
        }))
        .unwrap()
    }

    fn user_with(modified: Value) -> Value {
        json!([{"id": "u1", "displayName": null, "type": "User", "userPrincipalName": "u@x.org",
                "groupType": null, "modifiedProperties": modified}])
    }

    fn briefly(audit: &WireAudit) -> Vec<(String, Action, Option<String>)> {
        let events = audit.events("o").unwrap();
        events.into_iter().map(|event| (event.id, event.action, event.detail)).collect()
    }

    #[test]
    fn an_update_may_switch_off_and_move_at_once() {
        for (old, new) in [("[true]", "[false]"), ("[\"True\"]", "[\"False\"]"), ("[]", "[false]")] {
            let audit = audit(
                "Update user",
                "success",
                user_with(json!([
                    {"displayName": "AccountEnabled", "oldValue": old, "newValue": new},
                    {"displayName": "Department", "oldValue": "[\"Sales\"]", "newValue": "[\"Ops\"]"},
                    {"displayName": "JobTitle", "oldValue": null, "newValue": "[]"},
                    {"displayName": "Included Updated Properties", "oldValue": null, "newValue": "\"AccountEnabled\""},
                ])),
            );
            assert_eq!(
                briefly(&audit),
                [
                    ("Directory_1#AccountEnabled".to_owned(), Action::UserDisabled, None),
                    ("Directory_1#Department".to_owned(), Action::UserChanged, Some("department".to_owned())),
                ]
            );
        }
        let same = json!([{"displayName": "AccountEnabled", "oldValue": "[true]", "newValue": "[\"True\"]"}]);
        assert_eq!(briefly(&audit("Update user", "success", user_with(same))), []);
        assert_eq!(briefly(&audit("Reset user password", "success", user_with(json!([])))), []);
    }

    #[test]
    fn members_are_told_from_either_place() {
        let group = json!([
            {"displayName": "Group.ObjectID", "oldValue": null, "newValue": "\"g1\""},
            {"displayName": "Group.DisplayName", "oldValue": null, "newValue": "\"admins\""},
        ]);
        let mut targets = user_with(group);
        targets.as_array_mut().unwrap().push(json!({"id": "g1", "type": "Group", "modifiedProperties": []}));
        let added = audit("Add member to group", "success", targets).events("o").unwrap();
        assert_eq!((added[0].action, added[0].user.as_deref()), (Action::MemberAdded, Some("u1")));
        assert_eq!((added[0].group.as_deref(), added[0].group_name.as_deref()), (Some("g1"), Some("admins")));

        let lost = json!([{"displayName": "Group.ObjectID", "oldValue": "\"g1\"", "newValue": null}]);
        let removed = audit("Remove member from group", "success", user_with(lost)).events("o").unwrap();
        assert_eq!((removed[0].action, removed[0].group.as_deref()), (Action::MemberRemoved, Some("g1")));

        // The published example: the group first, with a capital in `Type`.
        let published = json!([{"id": "g2", "displayName": "Example.com", "Type": "Group", "modifiedProperties": []},
                               {"id": "u2", "displayName": null, "Type": "User", "modifiedProperties": []}]);
        let added = audit("Add member to group", "success", published).events("o").unwrap();
        assert_eq!((added[0].user.as_deref(), added[0].group.as_deref()), (Some("u2"), Some("g2")));

        let nested = json!([{"id": "inner", "type": "Group"}, {"id": "outer", "type": "Group"}]);
        let joined = audit("Add member to group", "success", nested).events("o").unwrap();
        assert_eq!((joined[0].action, joined[0].group.as_deref()), (Action::GroupChanged, Some("outer")));
    }

    #[test]
    fn who_did_it_is_told_apart() {
        let by = |initiated: Value| {
            let mut audit = audit("Disable account", "success", user_with(json!([])));
            audit.initiated_by = serde_json::from_value(initiated).unwrap();
            let actor = audit.events("o").unwrap()[0].actor.clone();
            (actor.kind, actor.name)
        };
        assert_eq!(by(json!({"user": {"id": "u1"}})), (ActorKind::User, Some("u1".to_owned())));
        assert_eq!(
            by(json!({"user": null, "app": {"displayName": "Microsoft Entra Connect Sync"}})),
            (ActorKind::Service, Some("Microsoft Entra Connect Sync".to_owned()))
        );
        assert_eq!(by(json!(null)), (ActorKind::Unknown, None));
    }

    #[test]
    fn an_entry_without_an_id_or_a_time_is_not_usable() {
        let mut entry = audit("Disable account", "success", user_with(json!([])));
        entry.activity_date_time = None;
        assert!(entry.events("o").is_none());
        let mut entry = audit("Disable account", "success", user_with(json!([])));
        entry.id = None;
        assert!(entry.events("o").is_none());
    }

    #[test]
    fn a_status_is_dated_by_the_last_switch_that_succeeded() {
        let event = |id: &str, user: &str, at: &str, action: &str, result: &str| {
            let mut audit = audit(action, result, user_with(json!([])));
            audit.id = Some(id.to_owned());
            audit.activity_date_time = Some(at.to_owned());
            if let Some([target]) = audit.target_resources.as_deref_mut() {
                target.id = Some(user.to_owned());
            }
            audit.events("o").unwrap().remove(0)
        };
        let events = [
            event("1", "off", "2026-09-10T00:00:00Z", DISABLE, "success"),
            event("2", "off", "2026-09-05T00:00:00Z", ENABLE, "success"),
            event("3", "off", "2026-09-20T00:00:00Z", ENABLE, "failure"),
            event("4", "odd", "2026-09-20T00:00:00Z", ENABLE, "success"),
        ];
        let user =
            |id: &str, status: IdpStatus| IdpUser::new(id.parse().unwrap(), id.to_owned(), status, String::new());
        let mut users =
            [user("off", IdpStatus::Disabled), user("odd", IdpStatus::Disabled), user("old", IdpStatus::Disabled)];
        let window =
            Window { from: "2026-09-01T00:00:00Z".parse().unwrap(), to: "2026-09-30T00:00:00Z".parse().unwrap() };
        date_statuses(&mut users, &events, &[window]);
        assert_eq!(users[0].status_changed_at, Known::Value("2026-09-10T00:00:00Z".parse().unwrap()));
        let why = |user: &IdpUser| match &user.status_changed_at {
            Known::Unknown(why) => why.clone(),
            other => panic!("{other:?}"),
        };
        assert!(why(&users[1]).contains("switched on at 2026-09-20T00:00:00Z"));
        assert_eq!(why(&users[2]), "not since 2026-09-01T00:00:00Z, where the audit log begins");
        date_statuses(&mut users[2..], &[], &[]);
        assert_eq!(why(&users[2]), "the audit log was not read");
    }

    #[test]
    fn the_filter_stays_within_what_graph_takes() {
        let filter = filter("2026-09-01T00:00:00Z".parse().unwrap());
        assert!(
            filter.starts_with("activityDateTime ge 2026-09-01T00:00:00Z and (activityDisplayName eq 'Add user' or ")
        );
        assert_eq!(filter.matches(" eq ").count(), ACTIVITIES.len());
    }
}
