//! `changes.csv`.

use std::io;

use super::{instant, text, unknown};
use crate::assess::Assessment;
use crate::evidence::table::{RowWriter, Table, columns};
use crate::model::{Event, Interval};
use crate::reconcile::timeline::{Holding, Move};
use crate::reconcile::{Ledger, Timelines};

columns! {
    /// A grant that came or went between two looks, a permission set that changed, or a person whose role did.
    ChangeRow {
        grant_id: id "the grant; empty for a permission set or a person",
        change: word "added, removed, role_changed or person_changed",
        first_seen: instant "the first look that shows it; for a change, the first that shows the new state; empty where only a log tells of it",
        last_seen: instant "the last look that shows it",
        actor: text "who did it, where a log tells; unknown where none does",
        event_id: id "the log event",
        changed_at: instant "when, not before",
        changed_latest: instant "and not after",
        basis: word "how that is known: event, record, snapshots, listing (a bound rests on a listing that somebody kept) or unknown",
        user_id: id "the Identity Center user; empty for a permission set",
        user_name: text "their sign-in name",
        account_id: id "the account",
        account_name: text "its name",
        permission_set_arn: id "the permission set",
        permission_set_name: text "its name",
        group_id: id "the group it comes by; empty when direct",
        group_name: text "its name",
        detail: text "what changed about a person: attribute, old and new",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "changes.csv",
    about: "every grant added or removed between two snapshots of the period (`audit --period`), those that came and went \
            between two of them included where CloudTrail tells; every permission set whose content changed, and every person \
            whose role did; without a period it has no rows",
    sorted_by: &["changed_latest", "change", "user_id", "account_id", "permission_set_arn", "group_id", "detail"],
    columns: ChangeRow::COLUMNS,
    rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    let ledger = assessment.ledger();
    let (Some(timelines), Some(period)) = (ledger.timelines(), ledger.period()) else { return Ok(()) };
    let end = period.end().min(ledger.as_of());
    let within = |at: &Interval| at.may_be_within(period.from(), end);
    let mut rows = Vec::new();
    for holding in timelines.changed() {
        if holding.is_new() && within(&holding.since) {
            rows.push(grant(ledger, timelines, holding, ("added", holding.since, holding.begun_by)));
        }
        if let Some(until) = holding.until.filter(within) {
            rows.push(grant(ledger, timelines, holding, ("removed", until, holding.ended_by)));
        }
    }
    rows.extend(roles(timelines, &within));
    for moved in timelines.moves() {
        let users = timelines.life(moved.life).map(|life| life.users.as_slice()).unwrap_or_default();
        let user = users.first().copied();
        rows.push(ChangeRow {
            change: "person_changed".to_owned(),
            first_seen: instant(moved.shown.and_then(|look| timelines.look(look))),
            actor: actor(moved.event),
            event_id: text(moved.event.map(|event| event.id.as_str())),
            changed_at: instant(moved.changed.earliest()),
            changed_latest: instant(moved.changed.latest()),
            basis: moved.changed.basis().as_str().to_owned(),
            user_id: user.map_or_else(String::new, ToString::to_string),
            user_name: user.and_then(|user| timelines.user_name(user)).unwrap_or_default().to_owned(),
            detail: detail(moved),
            ..ChangeRow::default()
        });
    }
    rows.sort_by_cached_key(|row| {
        let ChangeRow { changed_latest, change, user_id, account_id, permission_set_arn, group_id, detail, .. } = row;
        [changed_latest, change, user_id, account_id, permission_set_arn, group_id, detail].map(Clone::clone)
    });
    rows.iter().try_for_each(|row| out.row(row))
}

/// What changed about a role, in words. Groups are left and joined; anything else was one thing and is another.
fn detail(moved: &Move<'_>) -> String {
    let Move { attribute, old, new, .. } = moved;
    match (*attribute, old.as_str(), new.as_str()) {
        ("group", "", new) => format!("joined the group `{new}`"),
        ("group", old, "") => format!("left the group `{old}`"),
        (_, "", new) => format!("{attribute}: none → `{new}`"),
        (_, old, "") => format!("{attribute}: `{old}` → none"),
        (_, old, new) => format!("{attribute}: `{old}` → `{new}`"),
    }
}

fn actor(event: Option<&Event>) -> String {
    event.map_or_else(unknown, |event| event.actor.name.clone().unwrap_or_else(|| event.actor.kind.as_str().to_owned()))
}

fn grant(
    ledger: &Ledger<'_>,
    timelines: &Timelines<'_>,
    holding: &Holding<'_>,
    (change, at, event): (&str, Interval, Option<&Event>),
) -> ChangeRow {
    let (first, last) = holding.seen().unzip();
    let look = |at: Option<u32>| {
        at.map_or_else(String::new, |at| timelines.look(at).map_or_else(unknown, |at| at.to_string()))
    };
    ChangeRow {
        grant_id: timelines.grant_id(ledger, holding),
        change: change.to_owned(),
        first_seen: look(first),
        last_seen: look(last),
        actor: actor(event),
        event_id: text(event.map(|event| event.id.as_str())),
        changed_at: instant(at.earliest()),
        changed_latest: instant(at.latest()),
        basis: at.basis().as_str().to_owned(),
        user_id: holding.user.to_string(),
        user_name: text(timelines.user_name(holding.user)),
        account_id: holding.assignment.account.to_string(),
        account_name: text(timelines.account_name(&holding.assignment.account)),
        permission_set_arn: holding.assignment.permission_set.to_string(),
        permission_set_name: text(timelines.set_name(&holding.assignment.permission_set)),
        group_id: holding.group.map_or_else(String::new, ToString::to_string),
        group_name: text(holding.group.and_then(|group| timelines.group_name(group))),
        detail: String::new(),
    }
}

/// Permission sets that let their holders do something else than before.
fn roles(timelines: &Timelines<'_>, within: &dyn Fn(&Interval) -> bool) -> Vec<ChangeRow> {
    let mut rows = Vec::new();
    for (arn, name, at, (first, last), event) in timelines.role_changes() {
        if within(&at) {
            rows.push(ChangeRow {
                change: "role_changed".to_owned(),
                first_seen: timelines.look(first).map_or_else(unknown, |at| at.to_string()),
                last_seen: timelines.look(last).map_or_else(unknown, |at| at.to_string()),
                actor: actor(event),
                event_id: text(event.map(|event| event.id.as_str())),
                changed_at: instant(at.earliest()),
                changed_latest: instant(at.latest()),
                basis: at.basis().as_str().to_owned(),
                permission_set_arn: arn.to_string(),
                permission_set_name: name.to_owned(),
                ..ChangeRow::default()
            });
        }
    }
    rows
}
