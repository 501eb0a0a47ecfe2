//! `joiners.csv`.

use std::io;

use super::{instant, known, text, unknown};
use crate::assess::Assessment;
use crate::evidence::table::{RowWriter, Table, columns};
use crate::reconcile::timeline::Joining;
use crate::reconcile::{Ledger, Timelines};

columns! {
    /// An identity that was made in the period, or a grant that was given.
    JoinerRow {
        grant_id: id "the grant; empty for the identity itself",
        user_id: id "the Identity Center user",
        created_at: instant "when it was made or given, not before",
        created_latest: instant "and not after",
        created_by: text "by whom, as CloudTrail or the directory's record names them; unknown where neither does",
        requested_by: text "who asked for it, by the approval",
        approved_by: text "who approved it",
        approved_at: instant "when",
        approval_ref: text "the approval's ticket, or its place",
        approved_before_grant: word "yes, no, or unknown where the times do not decide; empty without an approval",
        approver_independent: word "yes when the approver is neither who asked nor who got it, no, or unknown",
        matches_request: word "yes when an approval names this account and permission set; no when those of the person name others",
        result: word "pass, fail, indeterminate or not_evaluated: approved beforehand by somebody else; empty for an identity",
        basis: word "how the time is known: event, record, snapshots, listing (a bound rests on a listing that somebody kept) or unknown",
        user_name: text "the user's sign-in name",
        person: text "the name for people",
        account_id: id "the account",
        account_name: text "its name",
        permission_set_name: text "the permission set",
        group_name: text "the group it comes by; empty when direct",
        asked_at: instant "when the identity provider put the person into that group, not before; empty where it did not",
        asked_latest: instant "and not after",
        provisioning_minutes_min: count "how long provisioning took, at least",
        provisioning_minutes_max: count "and at most",
        sync_sla: text "the time that policy allows",
        provisioned: word "pass, fail or indeterminate: provisioned within that time; empty where the identity provider did not ask",
        event_id: id "the log event that made or gave it",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "joiners.csv",
    about: "identities made and grants given in the period (`audit --period`); without a period it has no rows",
    sorted_by: &["created_latest", "user_id", "account_id", "permission_set_name", "group_name"],
    columns: JoinerRow::COLUMNS,
    rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    let ledger = assessment.ledger();
    let Some(timelines) = ledger.timelines() else { return Ok(()) };
    let mut rows: Vec<JoinerRow> = timelines.joinings().iter().map(|joining| row(ledger, timelines, joining)).collect();
    rows.sort_by_cached_key(|row| {
        let JoinerRow { created_latest, user_id, account_id, permission_set_name, group_name, .. } = row;
        [created_latest, user_id, account_id, permission_set_name, group_name].map(Clone::clone)
    });
    rows.iter().try_for_each(|row| out.row(row))
}

fn row(ledger: &Ledger<'_>, timelines: &Timelines<'_>, joining: &Joining<'_>) -> JoinerRow {
    let assignment = joining.holding.as_ref().map(|holding| holding.assignment.as_ref());
    let group = joining.holding.as_ref().and_then(|holding| holding.group);
    let took = joining.provisioned.map(|(elapsed, _)| elapsed);
    let approval = &joining.approval;
    JoinerRow {
        grant_id: joining.holding.as_ref().map_or_else(String::new, |holding| timelines.grant_id(ledger, holding)),
        user_id: joining.user.to_string(),
        created_at: instant(joining.created.earliest()),
        created_latest: instant(joining.created.latest()),
        created_by: joining.created_by.clone().unwrap_or_else(unknown),
        requested_by: text(approval.found.and_then(|found| found.requested_by.as_deref())),
        approved_by: text(approval.found.and_then(|found| found.approved_by.as_deref())),
        approved_at: approval.found.map_or_else(String::new, |found| known(&found.approved_at)),
        approval_ref: text(approval.found.map(|found| found.name())),
        approved_before_grant: approval.before.map(super::tri).unwrap_or_default(),
        approver_independent: approval.independent.map(super::tri).unwrap_or_default(),
        matches_request: approval.matches.map(super::tri).unwrap_or_default(),
        result: match (&joining.holding, approval.result) {
            (None, _) => String::new(),
            (Some(_), Some(result)) => result.as_str().to_owned(),
            (Some(_), None) => "not_evaluated".to_owned(),
        },
        basis: joining.created.basis().as_str().to_owned(),
        user_name: text(timelines.user_name(joining.user)),
        person: timelines.name_of(ledger, joining.life).to_owned(),
        account_id: assignment.map_or_else(String::new, |assignment| assignment.account.to_string()),
        account_name: text(assignment.and_then(|assignment| timelines.account_name(&assignment.account))),
        permission_set_name: text(assignment.and_then(|assignment| timelines.set_name(&assignment.permission_set))),
        group_name: text(group.and_then(|group| timelines.group_name(group))),
        asked_at: joining.asked.map_or_else(String::new, |asked| instant(asked.earliest())),
        asked_latest: joining.asked.map_or_else(String::new, |asked| instant(asked.latest())),
        provisioning_minutes_min: took.map_or_else(String::new, |took| took.least.as_mins().to_string()),
        provisioning_minutes_max: took
            .map_or_else(String::new, |took| took.most.map_or_else(unknown, |most| most.as_mins().to_string())),
        sync_sla: if took.is_some() { ledger.config().policy.sync_sla.to_string() } else { String::new() },
        provisioned: joining.provisioned.map_or_else(String::new, |(_, deadline)| deadline.as_str().to_owned()),
        event_id: text(joining.event.map(|event| event.id.as_str())),
    }
}
