//! `movers.csv`.

use std::io;

use super::{instant, list, text, unknown};
use crate::assess::Assessment;
use crate::evidence::table::{RowWriter, Table, columns};
use crate::model::Deadline;
use crate::reconcile::timeline::{Move, hours};
use crate::reconcile::{Ledger, Timelines};

columns! {
    /// Something about a person's role changed in the period.
    MoverRow {
        person: text "the name for people",
        user_id: list "their Identity Center users",
        attribute: word "department, title, manager, type or group",
        old: text "what it was; empty for a group that was joined",
        new: text "what it became; empty for a group that was left",
        changed_at: instant "when, not before",
        changed_latest: instant "and not after",
        carried_over: list "grants held before and still; rows of grants.csv",
        removed: list "grants held before and not any more",
        kept_by_review: list "carried over by a reviewer's decision after the change; empty while there are none",
        elapsed_hours_max: hours "the longest that something lasted which the new role does not allow; empty where nothing did",
        sla: text "the time that policy allows",
        result: word "pass, fail, indeterminate or not_evaluated: what the new role does not allow went in time",
        basis: word "how the time of the change is known: event, record, snapshots or unknown",
        overdue: list "carried over, not allowed by policy, and past its time",
        event_id: id "the log event that tells the change",
        notes: text "what the result rests on, where it is less than snapshots and logs",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "movers.csv",
    about: "changes of role in the period (`audit --period`), with what was kept from before; without a period it has no rows",
    sorted_by: &["person", "user_id", "changed_latest", "attribute", "old", "new"],
    columns: MoverRow::COLUMNS,
    rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    let ledger = assessment.ledger();
    let Some(timelines) = ledger.timelines() else { return Ok(()) };
    let mut rows: Vec<MoverRow> = timelines.moves().iter().map(|moved| row(ledger, timelines, moved)).collect();
    rows.sort_by_cached_key(|row| {
        let MoverRow { person, user_id, changed_latest, attribute, old, new, .. } = row;
        [person, user_id, changed_latest, attribute, old, new].map(Clone::clone)
    });
    rows.iter().try_for_each(|row| out.row(row))
}

fn row(ledger: &Ledger<'_>, timelines: &Timelines<'_>, moved: &Move<'_>) -> MoverRow {
    let ids = |holdings: &[crate::reconcile::timeline::Holding<'_>]| {
        list(holdings.iter().map(|holding| timelines.grant_id(ledger, holding)))
    };
    MoverRow {
        person: timelines.name_of(ledger, moved.life).to_owned(),
        user_id: timelines
            .life(moved.life)
            .map_or_else(String::new, |life| list(life.users.iter().map(|u| u.to_string()))),
        attribute: moved.attribute.to_owned(),
        old: moved.old.clone(),
        new: moved.new.clone(),
        changed_at: instant(moved.changed.earliest()),
        changed_latest: instant(moved.changed.latest()),
        carried_over: ids(&moved.carried_over),
        removed: ids(&moved.removed),
        kept_by_review: String::new(),
        elapsed_hours_max: moved.elapsed.map_or_else(String::new, |took| took.most.map_or_else(unknown, hours)),
        sla: ledger.config().policy.mover_sla.to_string(),
        result: moved.result.map_or("not_evaluated", Deadline::as_str).to_owned(),
        basis: moved.changed.basis().as_str().to_owned(),
        overdue: ids(&moved.overdue),
        event_id: text(moved.event.map(|event| event.id.as_str())),
        notes: moved.notes.join(" "),
    }
}
