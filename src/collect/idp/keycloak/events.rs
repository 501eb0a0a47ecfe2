//! What administrators did, where the realm saves it.

use std::collections::{BTreeMap, BTreeSet};

use super::Realm;
use super::endpoint::EVENTS;
use super::people::{next, paged};
use super::wire;
use crate::collect::calls::{Called, Gaps};
use crate::collect::idp::record::{Defect, defect, shortened};
use crate::model::event::{Action, Actor, ActorKind, Event, EventLog, LogKind, Window};
use crate::model::id::IdpUserId;
use crate::model::{IdpStatus, IdpUser, Instant, Known};

/// Reads the admin events. Nothing tells since when the realm saves them, so silence before the first one says nothing.
pub(super) async fn read(realm: &Realm, source: &str, now: Instant) -> (EventLog, Gaps) {
    let mut request = realm.get(&EVENTS, &["admin-events"]);
    for (name, values) in
        [("operationTypes", &["CREATE", "UPDATE", "DELETE"]), ("resourceTypes", &["USER", "GROUP", "GROUP_MEMBERSHIP"])]
    {
        for value in values {
            request = request.query(name, value);
        }
    }
    let (mut events, mut seen, mut gaps) = (Vec::new(), BTreeSet::new(), Gaps::default());
    let (mut so_far, mut first) = (0, None::<Instant>);
    let pages = realm.http.pages(
        // Newest first, which is the order of versions that know no other.
        paged(request.query("direction", "desc")),
        |page: Vec<wire::AdminEvent>, _| {
            so_far += page.len();
            let next = next(page.len(), so_far);
            (page, next)
        },
        |page| {
            for record in page {
                match event(&record, &EVENTS.action()) {
                    Ok((at, event)) => {
                        first = Some(first.map_or(at, |first| first.min(at)));
                        // New events push the pages on, so that some come twice.
                        events.extend(event.filter(|(event, _)| seen.insert(event.id.clone())));
                    }
                    Err(flaw) => defect(&mut gaps, &EVENTS, &flaw),
                }
            }
        },
    );
    if let Err(error) = pages.await {
        gaps.add(&EVENTS, "", &error);
    }
    // The newest come first: what was read reaches from the oldest of them to now, even when it broke off.
    let covered = first.map(|from| Window { from, to: now });
    let events = switched(events);
    let covered = covered.filter(|window| window.from < window.to).into_iter().collect();
    (EventLog { source: source.to_owned(), kind: LogKind::KeycloakAdmin, covered, events }, gaps)
}

/// Finds out which updates switched a user on or off. An event holds the record as it was written and not as it was before, so
/// that only a change from one event to a later one tells; an update of a user who was off already is a change like others.
fn switched(mut events: Vec<Told>) -> Vec<Event> {
    events.sort_by(|(a, _), (b, _)| (a.at, &a.id).cmp(&(b.at, &b.id)));
    let mut was: BTreeMap<String, bool> = BTreeMap::new();
    let judge = |(mut event, enabled): Told| {
        if let (Some(user), Some(enabled)) = (&event.user, enabled) {
            let before = was.insert(user.clone(), enabled);
            if event.action == Action::UserChanged {
                match (before, enabled) {
                    (Some(true), false) => event.action = Action::UserDisabled,
                    (Some(false), true) => event.action = Action::UserEnabled,
                    (None, false) => event.detail = Some(ALREADY_OFF.to_owned()),
                    _ => {}
                }
            }
        }
        event
    };
    events.into_iter().map(judge).collect()
}

/// The first event of a user whose record says that they are not enabled: the change was this one or an earlier one.
const ALREADY_OFF: &str = "not enabled, then or before";

/// Bounds the time of users who are disabled, and whom no event shows being disabled, by the first one that shows it done.
pub(super) fn bound(users: &mut BTreeMap<IdpUserId, IdpUser>, events: &[Event]) {
    // Whoever was switched since is dated by that, or contradicts the log.
    let switches = events.iter().filter(|event| {
        event.succeeded != Some(false) && matches!(event.action, Action::UserEnabled | Action::UserDisabled)
    });
    let switched: BTreeSet<&str> = switches.filter_map(|event| event.user.as_deref()).collect();
    for event in events.iter().filter(|event| event.detail.as_deref() == Some(ALREADY_OFF)) {
        let id = event.user.as_deref().filter(|user| !switched.contains(user));
        let user = id.and_then(|id| users.get_mut(&id.parse::<IdpUserId>().ok()?));
        let off = |user: &&mut IdpUser| user.status == IdpStatus::Disabled && user.status_changed_at.is_unknown();
        if let Some(user) = user.filter(off) {
            user.status_unchanged_since = Some(event.at);
            let why = format!("the admin events show it since {}, and not the change itself", event.at);
            user.status_changed_at = Known::Unknown(why);
        }
    }
}

/// An event with whether its user was enabled by it, where it says so.
type Told = (Event, Option<bool>);

/// An event in our terms with its time; nothing for one that is not about what we look at.
fn event(record: &wire::AdminEvent, origin: &str) -> Result<(Instant, Option<Told>), Defect> {
    let at = record.time.and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok()).map(Instant::new);
    let path = record.resource_path.get().unwrap_or_default();
    let at = at.ok_or_else(|| Defect::of(path, "an event has no time that can be read"))?;
    let parts: Vec<&str> = path.split('/').collect();
    let (user, group) = match parts.as_slice() {
        ["users", user] => (Some(*user), None),
        ["users", user, "groups", group] => (Some(*user), Some(*group)),
        ["groups", group] => (None, Some(*group)),
        _ => return Ok((at, None)),
    };
    let enabled = record.representation.get().and_then(|json| serde_json::from_str::<wire::Written>(json).ok());
    let enabled = enabled.and_then(|written| written.enabled);
    let action = match (record.resource_type.get(), record.operation_type.get()) {
        (Some("USER"), Some("CREATE")) => Action::UserCreated,
        (Some("USER"), Some("DELETE")) => Action::UserDeleted,
        (Some("USER"), Some("UPDATE")) => Action::UserChanged,
        (Some("GROUP"), Some("CREATE")) => Action::GroupCreated,
        (Some("GROUP"), Some("UPDATE")) => Action::GroupChanged,
        (Some("GROUP"), Some("DELETE")) => Action::GroupDeleted,
        (Some("GROUP_MEMBERSHIP"), Some("CREATE")) => Action::MemberAdded,
        (Some("GROUP_MEMBERSHIP"), Some("DELETE")) => Action::MemberRemoved,
        _ => return Ok((at, None)),
    };
    let actor = &record.auth_details.user_id;
    let kind = match (actor.get(), user) {
        (Some(actor), Some(user)) if actor == user => ActorKind::User,
        (Some(_), _) => ActorKind::Administrator,
        (None, _) => ActorKind::Unknown,
    };
    let operation = record.operation_type.get().unwrap_or_default();
    // Older versions give events no id.
    let id = record.id.owned().unwrap_or_else(|| format!("{}/{operation}/{path}", at.timestamp().as_millisecond()));
    let failed = record.error.get().is_some();
    Ok((
        at,
        Some((
            Event {
                at,
                id,
                action,
                actor: Actor { kind, name: actor.owned() },
                user: user.map(str::to_owned),
                user_name: None,
                group: group.map(str::to_owned),
                group_name: None,
                account: None,
                permission_set: None,
                detail: record.error.get().map(shortened),
                succeeded: Some(!failed),
                origin: origin.to_owned(),
            },
            enabled.filter(|_| !failed && parts.len() == 2),
        )),
    ))
}
