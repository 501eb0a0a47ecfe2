//! Since when users have their status, by the provider's log: for every provider that keeps no time of its own.

use std::collections::BTreeMap;

use crate::model::event::Action;
use crate::model::{Event, IdpStatus, IdpUser, Instant, Known};

/// A log whose events date statuses.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatusLog<'a> {
    /// Its name in a sentence: `the audit log`.
    pub(super) name: &'a str,
    /// The instant from which on it was read without gaps, up to now.
    pub(super) begins: Option<Instant>,
    /// Whether every change of a status is in it, so that its silence is evidence.
    pub(super) holds_all: bool,
}

/// Dates every status that the provider itself does not date by the last event that switched the user.
pub(super) fn date<'u, 'e>(
    users: impl IntoIterator<Item = &'u mut IdpUser>,
    events: impl IntoIterator<Item = &'e Event>,
    log: StatusLog<'_>,
) {
    // A deletion leaves the account as enabled or disabled as it was, in case it is restored.
    let mut last: BTreeMap<(&str, bool), &Event> = BTreeMap::new();
    let mut created: BTreeMap<&str, Instant> = BTreeMap::new();
    for event in events {
        if let (Action::UserCreated, Some(user)) = (event.action, event.user.as_deref()) {
            created.insert(user, event.at);
        }
        let deletion = event.action == Action::UserDeleted;
        let switched = deletion || matches!(event.action, Action::UserEnabled | Action::UserDisabled);
        let Some(user) = event.user.as_deref().filter(|_| switched && event.succeeded != Some(false)) else { continue };
        let known = last.entry((user, deletion)).or_insert(event);
        if (known.at, &known.id) < (event.at, &event.id) {
            *known = event;
        }
    }
    for user in users {
        let expected = match user.status {
            IdpStatus::Active => Action::UserEnabled,
            IdpStatus::Suspended | IdpStatus::Disabled => Action::UserDisabled,
            IdpStatus::Deleted => Action::UserDeleted,
            IdpStatus::Staged | IdpStatus::Unknown => continue,
        };
        if user.status_changed_at.value().is_some() {
            continue;
        }
        let event = last.get(&(user.id.as_str(), expected == Action::UserDeleted));
        user.status_changed_at = match (event, log.begins) {
            (Some(event), _) if event.action == expected => Known::Value(event.at),
            (Some(event), _) => Known::Unknown(format!(
                "{}'s last word is that they were switched {} at {}",
                log.name,
                if expected == Action::UserEnabled { "off" } else { "on" },
                event.at
            )),
            (None, Some(begins)) => {
                // Whoever signed in after the log began was not disabled by then: something is missing in the log.
                let signed_in = user.status.is_gone() && user.last_sign_in_at.value().is_some_and(|at| *at > begins);
                let since = created.get(user.id.as_str()).map_or(begins, |created| begins.max(*created));
                user.status_unchanged_since = Some(since).filter(|_| log.holds_all && !signed_in);
                Known::Unknown(format!("not since {begins}, where {} begins", log.name))
            }
            (None, None) => continue,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::{Actor, ActorKind};

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn event(when: &str, user: &str, action: Action, succeeded: Option<bool>) -> Event {
        let actor = Actor { kind: ActorKind::Unknown, name: None };
        let event = Event::new(at(when), when.to_owned(), action, actor, "log".to_owned());
        Event { user: Some(user.to_owned()), succeeded, ..event }
    }

    #[test]
    fn the_last_switch_dates_the_status_it_leads_to() {
        let events = [
            event("2026-09-10T00:00:00Z", "off", Action::UserDisabled, None),
            event("2026-09-05T00:00:00Z", "off", Action::UserEnabled, None),
            event("2026-09-20T00:00:00Z", "off", Action::UserEnabled, Some(false)),
            event("2026-09-21T00:00:00Z", "off", Action::UserChanged, None),
            event("2026-09-20T00:00:00Z", "odd", Action::UserEnabled, None),
            event("2026-09-02T00:00:00Z", "deleted", Action::UserDisabled, None),
            event("2026-09-03T00:00:00Z", "deleted", Action::UserDeleted, None),
            event("2026-09-02T00:00:00Z", "restored", Action::UserDisabled, None),
            event("2026-09-03T00:00:00Z", "restored", Action::UserDeleted, None),
            event("2026-09-04T00:00:00Z", "own", Action::UserDisabled, None),
            event("2026-09-05T00:00:00Z", "made", Action::UserCreated, None),
        ];
        let dated = |status, id: &str, own: Option<&str>, holds_all| {
            let mut user = IdpUser::new(id.parse().unwrap(), id.to_owned(), status, String::new());
            user.last_sign_in_at = match id {
                "signed-in" => Known::Value(at("2026-09-15T00:00:00Z")),
                _ => Known::Value(at("2026-08-15T00:00:00Z")),
            };
            user.status_changed_at = own.map_or(Known::Unknown("none".to_owned()), |own| Known::Value(at(own)));
            let log = StatusLog { name: "the log", begins: Some(at("2026-09-01T00:00:00Z")), holds_all };
            date([&mut user], &events, log);
            let text = match user.status_changed_at {
                Known::Value(at) => at.to_string(),
                Known::Unknown(why) => why,
                Known::Absent => "absent".to_owned(),
            };
            (text, user.status_unchanged_since.map(|at| at.to_string()))
        };
        let date_of = |status, id: &str| dated(status, id, None, false).0;
        assert_eq!(date_of(IdpStatus::Disabled, "off"), "2026-09-10T00:00:00Z");
        assert_eq!(date_of(IdpStatus::Suspended, "off"), "2026-09-10T00:00:00Z");
        assert_eq!(date_of(IdpStatus::Active, "odd"), "2026-09-20T00:00:00Z");
        assert!(date_of(IdpStatus::Disabled, "odd").contains("switched on at 2026-09-20T00:00:00Z"));
        assert_eq!(date_of(IdpStatus::Deleted, "deleted"), "2026-09-03T00:00:00Z");
        assert_eq!(date_of(IdpStatus::Disabled, "restored"), "2026-09-02T00:00:00Z");
        assert_eq!(date_of(IdpStatus::Unknown, "off"), "none");
        let own = Some("2026-09-01T10:00:00Z");
        assert_eq!(
            dated(IdpStatus::Disabled, "own", own, false).0,
            "2026-09-01T10:00:00Z",
            "the provider's word stands"
        );
        let silent = "not since 2026-09-01T00:00:00Z, where the log begins".to_owned();
        assert_eq!(dated(IdpStatus::Disabled, "old", None, false), (silent.clone(), None));
        assert_eq!(dated(IdpStatus::Disabled, "old", None, true), (silent, Some("2026-09-01T00:00:00Z".to_owned())));
        let bound = |id: &str| dated(IdpStatus::Disabled, id, None, true).1;
        assert_eq!(bound("made").as_deref(), Some("2026-09-05T00:00:00Z"), "nobody is disabled before they exist");
        assert_eq!(bound("signed-in"), None, "a log that a sign-in contradicts is no evidence");
    }
}
