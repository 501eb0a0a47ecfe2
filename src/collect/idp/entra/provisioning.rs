//! The provisioning log: what Entra did in Identity Center, and the ids it got for it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::wire::{instant, text};
use crate::model::application::{ProvisionedGroup, ProvisionedUser};
use crate::model::event::{Action, Actor, ActorKind};
use crate::model::{Event, Instant};

/// The filter for an application's entries. Both properties take `eq` and `gt` (Microsoft Graph,
/// "provisioningObjectSummary resource type").
pub(super) fn filter(service_principal: &str, from: Instant) -> String {
    format!("activityDateTime gt {from} and servicePrincipal/id eq '{service_principal}'")
}

/// An entry (`microsoft.graph.provisioningObjectSummary`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireSummary {
    id: Option<String>,
    activity_date_time: Option<String>,
    provisioning_action: Option<String>,
    provisioning_status_info: Option<StatusInfo>,
    service_principal: Option<Named>,
    initiated_by: Option<Named>,
    source_identity: Option<Named>,
    target_identity: Option<Named>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StatusInfo {
    status: Option<String>,
    error_information: Option<ErrorInfo>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ErrorInfo {
    error_code: Option<String>,
    reason: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Named {
    id: Option<String>,
    display_name: Option<String>,
    identity_type: Option<String>,
}

/// Whom an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    User,
    Group,
}

/// What the log told.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) events: Vec<Event>,
    /// The latest entry with a target, by source id; none where it was deleted there.
    users: BTreeMap<String, (Instant, Option<String>)>,
    groups: BTreeMap<String, (Instant, Option<String>)>,
    /// Entries that have no id, time or source.
    pub(super) unusable: u64,
}

impl Log {
    /// Takes an entry of the application's log in. Entries of other applications are left alone.
    pub(super) fn add(&mut self, entry: WireSummary, service_principal: &str, origin: &str) {
        let of_another =
            |named: &Named| named.id.as_deref().is_some_and(|id| !id.eq_ignore_ascii_case(service_principal));
        if entry.service_principal.as_ref().is_some_and(of_another) {
            return;
        }
        let source = entry.source_identity.unwrap_or_default();
        let target = entry.target_identity.unwrap_or_default();
        let kind = match source.identity_type.or(target.identity_type).as_deref() {
            Some(kind) if kind.eq_ignore_ascii_case("user") => Kind::User,
            Some(kind) if kind.eq_ignore_ascii_case("group") => Kind::Group,
            _ => return,
        };
        let at = entry.activity_date_time.as_deref().and_then(instant);
        let (Some(id), Some(at), Some(source_id)) = (text(entry.id), at, text(source.id)) else {
            self.unusable += 1;
            return;
        };
        let status = entry.provisioning_status_info.unwrap_or_default();
        let succeeded = match status.status.as_deref() {
            Some("success") => Some(true),
            Some("failure") => Some(false),
            // Nothing was done, or it was done and something is worth saying.
            Some("skipped") => None,
            Some("warning") => Some(true),
            _ => None,
        };
        let target_id = text(target.id);
        let action = match entry.provisioning_action.as_deref() {
            Some("create" | "update") => Some(Action::Provisioned),
            Some("delete" | "disable" | "stagedDelete" | "stageddelete") => Some(Action::Deprovisioned),
            _ => None,
        };
        let deleted = entry.provisioning_action.as_deref() == Some("delete") && succeeded == Some(true);
        if succeeded != Some(false) && (target_id.is_some() || deleted) {
            let made = if kind == Kind::User { &mut self.users } else { &mut self.groups };
            let latest = if deleted { None } else { target_id.clone() };
            let known = made.entry(source_id.clone()).or_insert_with(|| (at, latest.clone()));
            if known.0 <= at {
                *known = (at, latest);
            }
        }
        let (Some(action), Some(_)) = (action, succeeded) else { return };
        let error = status.error_information.unwrap_or_default();
        let failure = [text(error.error_code), text(error.reason)];
        let failure: Vec<String> = failure.into_iter().flatten().collect();
        let (user, group) = match kind {
            Kind::User => (Some(source_id), None),
            Kind::Group => (None, Some(source_id)),
        };
        self.events.push(Event {
            at,
            id,
            action,
            actor: Actor { kind: ActorKind::Scim, name: text(entry.initiated_by.unwrap_or_default().display_name) },
            user,
            user_name: None,
            group_name: if group.is_some() { text(source.display_name) } else { None },
            group,
            account: None,
            permission_set: None,
            detail: if failure.is_empty() { target_id } else { Some(failure.join(": ")) },
            succeeded,
            origin: origin.to_owned(),
        });
    }

    /// The users it made or touched, and did not delete after.
    pub(super) fn users(&self, origin: &str) -> Vec<ProvisionedUser> {
        let made = self.users.iter().filter_map(|(source, (_, target))| Some((source.parse().ok()?, target.clone()?)));
        made.map(|(user, target)| ProvisionedUser { user, target, origin: origin.to_owned() }).collect()
    }

    /// The same for groups.
    pub(super) fn groups(&self, origin: &str) -> Vec<ProvisionedGroup> {
        let made = self.groups.iter().filter_map(|(source, (_, target))| Some((source.parse().ok()?, target.clone()?)));
        made.map(|(group, target)| ProvisionedGroup { group, target, origin: origin.to_owned() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(id: &str, at: &str, action: &str, status: &str, target: &str, kind: &str) -> Value {
        json!({
            "id": id, "activityDateTime": at, "jobId": "scim.1", "provisioningAction": action,
            "provisioningStatusInfo": {"status": status, "errorInformation": if status == "failure" {
                json!({"errorCode": "EntryConflict", "reason": "409", "errorCategory": "nonServiceFailure"})
            } else { Value::Null }},
            "provisioningSteps": [], "modifiedProperties": [],
            "servicePrincipal": {"id": "sp", "displayName": "AWS"},
            "initiatedBy": {"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system"},
            "sourceIdentity": {"id": "s1", "displayName": "Ada", "identityType": kind, "details": {}},
            "targetIdentity": {"id": target, "displayName": "", "identityType": kind, "details": {}},
        })
    }

    fn log(entries: &[Value]) -> Log {
        let mut log = Log::default();
        for entry in entries {
            log.add(serde_json::from_value(entry.clone()).unwrap(), "sp", "o");
        }
        log
    }

    #[test]
    fn the_latest_entry_says_which_id_a_user_has_there() {
        let made = log(&[
            entry("2", "2026-09-02T00:00:00Z", "update", "success", "t2", "User"),
            entry("1", "2026-09-01T00:00:00Z", "create", "success", "t1", "User"),
            entry("3", "2026-09-03T00:00:00Z", "update", "failure", "t3", "User"),
            entry("4", "2026-09-03T00:00:00Z", "other", "skipped", "", "User"),
            entry("5", "2026-09-01T00:00:00Z", "create", "success", "t9", "Group"),
        ]);
        let users = made.users("log");
        assert_eq!((users.len(), users[0].user.as_str(), users[0].target.as_str()), (1, "s1", "t2"));
        assert_eq!(made.groups("log")[0].target, "t9");
        let events: Vec<_> = made.events.iter().map(|e| (e.id.as_str(), e.succeeded, e.detail.as_deref())).collect();
        assert_eq!(
            events,
            [
                ("2", Some(true), Some("t2")),
                ("1", Some(true), Some("t1")),
                ("3", Some(false), Some("EntryConflict: 409")),
                ("5", Some(true), Some("t9")),
            ]
        );
        assert_eq!(made.events[3].group_name.as_deref(), Some("Ada"));
        assert_eq!(made.events[0].user_name, None);
    }

    #[test]
    fn what_was_deleted_there_is_no_longer_linked() {
        let gone = log(&[
            entry("1", "2026-09-01T00:00:00Z", "create", "success", "t1", "User"),
            entry("2", "2026-09-02T00:00:00Z", "disable", "success", "t1", "User"),
            entry("3", "2026-09-03T00:00:00Z", "delete", "success", "t1", "User"),
        ]);
        assert!(gone.users("log").is_empty());
        assert_eq!(gone.events.iter().filter(|e| e.action == Action::Deprovisioned).count(), 2);
    }

    #[test]
    fn other_applications_and_other_things_are_left_alone() {
        let mut other = entry("1", "2026-09-01T00:00:00Z", "create", "success", "t1", "User");
        other["servicePrincipal"]["id"] = json!("another");
        let role = entry("2", "2026-09-01T00:00:00Z", "create", "success", "t1", "RolesCompound");
        let mut timeless = entry("3", "", "create", "success", "t1", "User");
        timeless["targetIdentity"] = Value::Null;
        let read = log(&[other, role, timeless]);
        assert!(read.events.is_empty() && read.users("log").is_empty());
        assert_eq!(read.unusable, 1);
    }
}
