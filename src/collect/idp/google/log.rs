//! Reading what administrators did.

use std::collections::BTreeMap;
use std::time::Duration;

use super::endpoint::ACTIVITIES;
use super::users::{Addresses, Users};
use super::wire::{ActivitiesPage, Activity, ActivityActor, ActivityEvent};
use crate::collect::calls::{Called, Gaps};
use crate::collect::http::{Http, Next, Request};
use crate::collect::idp::record::{Defect, defect};
use crate::model::Instant;
use crate::model::event::{Action, Actor, ActorKind, Event, EventLog, LogKind, Window};

/// The events that count, by name (Admin SDK, Reports API, "Admin audit activity events": user and group settings). The API takes
/// one name at a time.
const NAMES: [(&str, Action, Option<&str>); 12] = [
    ("CREATE_USER", Action::UserCreated, None),
    ("DELETE_USER", Action::UserDeleted, None),
    ("UNDELETE_USER", Action::UserEnabled, Some("restored")),
    ("SUSPEND_USER", Action::UserDisabled, Some("suspended")),
    ("UNSUSPEND_USER", Action::UserEnabled, None),
    ("ARCHIVE_USER", Action::UserDisabled, Some("archived")),
    ("UNARCHIVE_USER", Action::UserEnabled, None),
    ("RENAME_USER", Action::UserChanged, Some("primaryEmail")),
    ("CREATE_GROUP", Action::GroupCreated, None),
    ("DELETE_GROUP", Action::GroupDeleted, None),
    ("ADD_GROUP_MEMBER", Action::MemberAdded, None),
    ("REMOVE_GROUP_MEMBER", Action::MemberRemoved, None),
];

/// How far back Google keeps the admin log: 180 days (Google Workspace Admin Help, "Data retention and lag times"). The oldest
/// hour is left out, as it vanishes while the log is read.
const REACH: Duration = Duration::from_secs((180 * 24 - 1) * 3600);

/// The stretch of the log that can be asked for at `now`.
pub(super) fn reach(now: Instant) -> Window {
    // Whole seconds, as they are written.
    let now = Instant::from_epoch_seconds(now.timestamp().as_second()).unwrap_or(now);
    let from = now.timestamp().checked_sub(REACH).map_or(now, Instant::new);
    Window { from, to: now }
}

/// A request for events of one name.
pub(super) fn request(http: &Http, customer: &str, window: Window, name: &str, limit: &str) -> Request {
    let path = ["admin", "reports", "v1", "activity", "users", "all", "applications", "admin"];
    let request = http
        .get(&ACTIVITIES, &path)
        .query("eventName", name)
        .query("startTime", &window.from.to_string())
        .query("endTime", &window.to.to_string())
        .query("maxResults", limit)
        .query(
            "fields",
            "nextPageToken,items(id(time,uniqueQualifier),actor(email,callerType,key),events(name,parameters(name,value)))",
        );
    // The Reports API wants the customer's own id, and takes the subject's otherwise.
    if customer.starts_with('C') { request.query("customerId", customer) } else { request }
}

/// Reads the log. It comes with the newest events first, so a part of it covers nothing.
pub(super) async fn read(http: &Http, source: &str, customer: &str, users: &Users, window: Window) -> (EventLog, Gaps) {
    let mut gaps = Gaps::default();
    let mut events: BTreeMap<(Instant, String), Event> = BTreeMap::new();
    let mut whole = true;
    let addresses = users.addresses();
    for (name, ..) in NAMES {
        let read = http.pages(
            request(http, customer, window, name, "1000"),
            |page: ActivitiesPage, _| (page.items, Next::token("pageToken", page.next_page_token)),
            |page| {
                for record in page {
                    match told(&record, &addresses, &ACTIVITIES.action()) {
                        Ok(told) => events.extend(told.into_iter().map(|event| ((event.at, event.id.clone()), event))),
                        Err(flaw) => {
                            whole = false;
                            defect(&mut gaps, &ACTIVITIES, &flaw);
                        }
                    }
                }
            },
        );
        if let Err(error) = read.await {
            whole = false;
            gaps.add(&ACTIVITIES, name, &error);
        }
    }
    let log = EventLog {
        source: source.to_owned(),
        kind: LogKind::GoogleAdmin,
        covered: whole.then_some(window).into_iter().collect(),
        events: events.into_values().collect(),
    };
    (log, gaps)
}

/// The events of one activity that count.
fn told(record: &Activity, addresses: &Addresses<'_>, origin: &str) -> Result<Vec<Event>, Defect> {
    let time = record.id.time.get().and_then(|text| text.parse::<Instant>().ok());
    let at = time.ok_or_else(|| Defect::of("", "an activity has no time that can be read"))?;
    let qualifier = record.id.unique_qualifier.get().ok_or_else(|| Defect::of("", "an activity has no id"))?;
    let mut events = Vec::new();
    for (place, event) in record.events.iter().enumerate() {
        let known = NAMES.iter().find(|(name, ..)| event.name.is(name));
        let Some((_, action, detail)) = known else { continue };
        let user_name = parameter(event, "USER_EMAIL");
        let user = user_name.as_deref().and_then(|address| addresses.owner(address, at));
        events.push(Event {
            at,
            id: format!("{at}/{qualifier}/{place}"),
            action: *action,
            actor: actor(&record.actor, user_name.as_deref()),
            user: user.map(|id| id.as_str().to_owned()),
            user_name,
            // The log names groups by their address only.
            group: None,
            group_name: parameter(event, "GROUP_EMAIL"),
            account: None,
            permission_set: None,
            detail: detail.map(str::to_owned),
            succeeded: None,
            origin: origin.to_owned(),
        });
    }
    Ok(events)
}

fn parameter(event: &ActivityEvent, name: &str) -> Option<String> {
    event.parameters.iter().find(|parameter| parameter.name.is(name)).and_then(|parameter| parameter.value.owned())
}

fn actor(actor: &ActivityActor, target: Option<&str>) -> Actor {
    let kind = match (actor.email.get(), actor.caller_type.get()) {
        (_, Some("KEY")) => ActorKind::Service,
        (Some(email), _) if target.is_some_and(|target| target.eq_ignore_ascii_case(email)) => ActorKind::User,
        (Some(_), _) => ActorKind::Administrator,
        (None, _) => ActorKind::Unknown,
    };
    Actor { kind, name: actor.email.owned().or_else(|| actor.key.owned()) }
}
