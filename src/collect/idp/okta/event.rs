//! Events of Okta's system log in our terms (Okta, "Event types").

use super::person::{Defect, shortened};
use super::wire::{LogEntity, LogEvent, Text};
use crate::model::Instant;
use crate::model::event::{Action, Actor, ActorKind, Event};

/// What the log is asked for. `sw` is "starts with"; of application events only those of one application are.
pub(super) fn filter(application: Option<&str>) -> String {
    let mut parts = vec![
        "eventType sw \"user.lifecycle.\"".to_owned(),
        "eventType eq \"user.account.update_profile\"".to_owned(),
        "eventType sw \"group.user_membership.\"".to_owned(),
        "eventType sw \"group.lifecycle.\"".to_owned(),
        "eventType eq \"group.profile.update\"".to_owned(),
    ];
    if let Some(id) = application {
        for kind in ["application.user_membership.", "application.provision."] {
            parts.push(format!("(eventType sw \"{kind}\" and target.id eq \"{id}\")"));
        }
    }
    parts.join(" or ")
}

/// What an event type means to us; nothing for all the others.
fn action(kind: &str) -> Option<Action> {
    Some(match kind {
        "user.lifecycle.create" => Action::UserCreated,
        "user.lifecycle.activate" | "user.lifecycle.reactivate" | "user.lifecycle.unsuspend" => Action::UserEnabled,
        "user.lifecycle.deactivate" | "user.lifecycle.suspend" => Action::UserDisabled,
        "user.lifecycle.delete.completed" => Action::UserDeleted,
        "user.account.update_profile" => Action::UserChanged,
        "group.lifecycle.create" => Action::GroupCreated,
        "group.lifecycle.delete" => Action::GroupDeleted,
        "group.profile.update" => Action::GroupChanged,
        "group.user_membership.add" => Action::MemberAdded,
        "group.user_membership.remove" => Action::MemberRemoved,
        "application.user_membership.add" => Action::ApplicationAssigned,
        "application.user_membership.remove" => Action::ApplicationUnassigned,
        "application.provision.user.push"
        | "application.provision.user.activate"
        | "application.provision.user.reactivate"
        | "application.provision.group.add" => Action::Provisioned,
        "application.provision.user.deactivate"
        | "application.provision.user.deprovision"
        | "application.user_membership.deprovision"
        | "application.provision.group.remove" => Action::Deprovisioned,
        _ => return None,
    })
}

/// An event in our terms; nothing for one that is not about what we look at.
///
/// # Errors
/// When an event that counts has no id or no time.
pub(super) fn event(record: &LogEvent, application: Option<&str>, origin: &str) -> Result<Option<Event>, Defect> {
    let Some(kind) = record.event_type.get() else {
        return Err(Defect::of("", "an event has no type"));
    };
    let Some(action) = action(kind) else { return Ok(None) };
    let target = |wanted: &str| record.target.iter().find(|target| target.kind.is(wanted));
    if kind.starts_with("application.") {
        let of_ours = |target: &LogEntity| target.kind.is("AppInstance") && target.id.get() == application;
        if application.is_none() || !record.target.iter().any(of_ours) {
            return Ok(None);
        }
    }
    let id = record.uuid.owned().ok_or_else(|| Defect::of(kind, "an event has no id"))?;
    let at: Instant = record
        .published
        .get()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Defect::of(&id, "an event has no time that can be read"))?;
    let user = target("User");
    let group = target("UserGroup");
    Ok(Some(Event {
        at,
        id,
        action,
        actor: actor(&record.actor, user),
        user: user.and_then(|user| user.id.owned()),
        user_name: user.and_then(name),
        group: group.and_then(|group| group.id.owned()),
        group_name: group.and_then(|group| group.display_name.owned()),
        account: None,
        permission_set: None,
        detail: detail(record, action, kind, user.or(group)),
        succeeded: succeeded(&record.outcome.result),
        origin: origin.to_owned(),
    }))
}

/// The name a person would know: Okta writes `unknown` where it has none.
fn name(entity: &LogEntity) -> Option<String> {
    [&entity.alternate_id, &entity.display_name]
        .into_iter()
        .filter_map(Text::get)
        .find(|name| *name != "unknown")
        .map(str::to_owned)
}

fn actor(actor: &LogEntity, user: Option<&LogEntity>) -> Actor {
    let itself = user.is_some_and(|user| user.id.get().is_some() && user.id == actor.id);
    let kind = match actor.kind.get() {
        Some("User") if itself => ActorKind::User,
        Some("User") => ActorKind::Administrator,
        Some("SystemPrincipal" | "PublicClientApp" | "ServiceApp" | "AppInstance") => ActorKind::Service,
        _ => ActorKind::Unknown,
    };
    Actor { kind, name: name(actor).or_else(|| actor.id.owned()) }
}

/// `LogOutcome.result`.
fn succeeded(result: &Text) -> Option<bool> {
    match result.get()? {
        "SUCCESS" | "ALLOW" => Some(true),
        "FAILURE" | "DENY" | "SKIPPED" | "RATE_LIMIT" | "ABANDONED" | "UNANSWERED" => Some(false),
        // Still under way, or a word that is not known.
        _ => None,
    }
}

/// Which attributes changed, how a user was switched off, why it failed.
fn detail(record: &LogEvent, action: Action, kind: &str, target: Option<&LogEntity>) -> Option<String> {
    let what = match action {
        Action::UserChanged | Action::GroupChanged => {
            let changed = target.map(|target| &target.change_details.to).filter(|to| !to.is_empty());
            match changed {
                Some(to) => Some(to.keys().map(String::as_str).collect::<Vec<_>>().join(", ")),
                None => record.debug_context.debug_data.changed_attributes.owned(),
            }
        }
        Action::UserDisabled if kind.ends_with("suspend") => Some("suspended".to_owned()),
        _ => None,
    };
    let failed = succeeded(&record.outcome.result) == Some(false);
    let why = record.outcome.reason.owned().filter(|_| failed);
    let all: Vec<String> = what.into_iter().chain(why).map(|text| shortened(&text)).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Option<Event>, Defect> {
        event(&serde_json::from_str(json).unwrap(), Some("0oaAWS"), "GET /api/v1/logs")
    }

    #[test]
    fn a_deactivation_says_who_when_and_by_whom() {
        let event = read(
            r#"{"uuid": "ab62c0bc", "published": "2026-03-01T10:00:00.123Z", "eventType": "user.lifecycle.deactivate",
                "actor": {"id": "00uA", "type": "User", "alternateId": "admin@example.com", "displayName": "Ann Admin", "detailEntry": null},
                "client": {"ipAddress": "10.0.0.1", "geographicalContext": {"city": "New York"}},
                "outcome": {"result": "SUCCESS", "reason": null},
                "target": [{"id": "00u1", "type": "User", "alternateId": "bob@example.com", "displayName": "Bob", "detailEntry": null}]}"#,
        )
        .unwrap()
        .unwrap();
        assert_eq!(event.action, Action::UserDisabled);
        assert_eq!(event.user.as_deref(), Some("00u1"));
        assert_eq!(event.user_name.as_deref(), Some("bob@example.com"));
        assert_eq!(event.actor, Actor { kind: ActorKind::Administrator, name: Some("admin@example.com".to_owned()) });
        assert_eq!(event.succeeded, Some(true));
        assert_eq!(event.detail, None);
        assert!(!format!("{event:?}").contains("10.0.0.1"));
    }

    #[test]
    fn an_event_of_another_application_is_not_ours() {
        let of = |app: &str| {
            read(&format!(
                r#"{{"uuid": "e", "published": "2026-03-01T10:00:00Z", "eventType": "application.user_membership.remove",
                     "actor": {{"id": "sys", "type": "SystemPrincipal", "alternateId": "system@okta.com"}},
                     "target": [{{"id": "0ua1", "type": "AppUser"}}, {{"id": "{app}", "type": "AppInstance"}}, {{"id": "00u1", "type": "User"}}]}}"#
            ))
            .unwrap()
        };
        assert_eq!(of("0oaOther"), None);
        let ours = of("0oaAWS").unwrap();
        assert_eq!(ours.action, Action::ApplicationUnassigned);
        assert_eq!(ours.user.as_deref(), Some("00u1"));
        assert_eq!(ours.actor.kind, ActorKind::Service);
        assert_eq!(ours.succeeded, None);
    }

    #[test]
    fn a_membership_names_both_sides() {
        let event = read(
            r#"{"uuid": "e", "published": "2026-03-01T10:00:00Z", "eventType": "group.user_membership.add",
                "actor": {"id": "00u1", "type": "User", "alternateId": "unknown", "displayName": "Bob"},
                "outcome": {"result": "FAILURE", "reason": "no such group"},
                "target": [{"id": "00u1", "type": "User"}, {"id": "00g1", "type": "UserGroup", "displayName": "GRP-AWS"}]}"#,
        )
        .unwrap()
        .unwrap();
        assert_eq!((event.user.as_deref(), event.group.as_deref()), (Some("00u1"), Some("00g1")));
        assert_eq!(event.group_name.as_deref(), Some("GRP-AWS"));
        assert_eq!(event.actor, Actor { kind: ActorKind::User, name: Some("Bob".to_owned()) });
        assert_eq!((event.succeeded, event.detail.as_deref()), (Some(false), Some("no such group")));
    }

    #[test]
    fn a_change_names_attributes_and_no_values() {
        let change = |rest: &str| {
            let json = format!(
                r#"{{"uuid": "e", "published": "2026-03-01T10:00:00Z", "eventType": "user.account.update_profile", {rest}}}"#
            );
            read(&json).unwrap().unwrap()
        };
        let told = change(
            r#""target": [{"id": "00u1", "type": "User", "changeDetails": {"from": {"department": "Finance"},
                "to": {"department": "Legal", "title": "Secret"}}}]"#,
        );
        assert_eq!(told.detail.as_deref(), Some("department, title"));
        assert!(!format!("{told:?}").contains("Legal"));
        let hinted = change(r#""debugContext": {"debugData": {"changedAttributes": "department"}}"#);
        assert_eq!(hinted.detail.as_deref(), Some("department"));
    }

    #[test]
    fn what_is_not_looked_at_is_passed_over_and_what_is_garbled_is_said() {
        assert_eq!(read(r#"{"eventType": "user.session.start"}"#), Ok(None));
        assert_eq!(read(r#"{"eventType": "user.lifecycle.delete.initiated"}"#), Ok(None));
        assert!(read(r#"{"uuid": "e", "eventType": "user.lifecycle.suspend"}"#).unwrap_err().subject.contains('e'));
        assert!(read(r#"{"published": "2026-03-01T10:00:00Z", "eventType": "user.lifecycle.suspend"}"#).is_err());
        assert!(read("{}").is_err());
    }

    #[test]
    fn the_filter_asks_for_every_type_that_is_understood() {
        let filter = filter(Some("0oaAWS"));
        let asked = |kind: &str| {
            filter.contains(&format!("eventType eq \"{kind}\""))
                || filter.split("eventType sw \"").skip(1).any(|rest| kind.starts_with(rest.split('"').next().unwrap()))
        };
        for kind in [
            "user.lifecycle.delete.completed",
            "user.account.update_profile",
            "group.user_membership.remove",
            "group.lifecycle.create",
            "group.profile.update",
            "application.user_membership.deprovision",
            "application.provision.group.remove",
        ] {
            assert!(action(kind).is_some() && asked(kind), "{kind}");
        }
        assert!(!super::filter(None).contains("application."));
    }
}
