//! `identities.csv`.

use std::io;

use super::{instant, known, list, text};
use crate::assess::Assessment;
use crate::evidence::by_user_name;
use crate::evidence::table::{RowWriter, Table, columns};
use crate::model::IdpUser;
use crate::reconcile::{Ledger, LinkOutcome, Strength};

columns! {
    /// An Identity Center user and the person behind it.
    IdentityRow {
        user_id: id "the Identity Center user",
        user_name: text "its sign-in name",
        display_name: text "its name for people",
        email: text "its address",
        external_id: list "ids given by provisioners",
        idc_status: word "enabled, disabled or unknown in Identity Center",
        person_type: word "human, service, break_glass or unknown",
        standing: word "active, not_started, suspended, disabled, deleted, ended, orphan or unknown",
        standing_since: instant "not before; unknown where nothing says, empty where the standing has no beginning",
        standing_since_latest: instant "not after",
        standing_basis: word "event, record, snapshots or unknown",
        idp: list "the identity providers it is linked to",
        idp_id: list "the ids there",
        idp_status: list "the statuses there",
        employee_id: list "the number in HR",
        hr_status: list "where the engagement stands according to HR",
        link_method: word "declared, target_id, external_id, user_name, email, ambiguous or none",
        link_strength: word "strong, medium or weak",
        origin: word "scim when a provisioner made it, manual when made by hand or API",
        grants: count "rows of grants.csv",
        created_at: instant "when the user was made",
        created_by: text "by whom",
        hr_link: list "how HR records were found: declared, by_id, by_email, ambiguous, contradicted or unmatched; empty without a roster",
        hr_link_notes: text "why a link to HR is inconclusive, with the records",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "identities.csv",
    about: "every Identity Center user, those without access included, and who it is",
    sorted_by: &["user_name", "user_id"],
    columns: IdentityRow::COLUMNS,
    rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    let ledger = assessment.ledger();
    for user in by_user_name(ledger) {
        if let Some(row) = row(ledger, user) {
            out.row(&row)?;
        }
    }
    Ok(())
}

/// The strongest rung that linked a user; `ambiguous` or `none` when nothing did.
pub(super) fn link_method(ledger: &Ledger<'_>, user: u32) -> String {
    let ambiguous = ledger.links().of_user(user).iter().any(|outcome| matches!(outcome, LinkOutcome::Ambiguous { .. }));
    let rung = ledger.links().linked(user).map(|link| link.rung).min();
    rung.map_or(if ambiguous { "ambiguous" } else { "none" }, |rung| rung.as_str()).to_owned()
}

fn row(ledger: &Ledger<'_>, user: u32) -> Option<IdentityRow> {
    let record = ledger.user(user)?;
    let person = ledger.person_of(user)?;
    let linked: Vec<(&str, &IdpUser)> = person
        .idp_users
        .iter()
        .filter_map(|at| Some((ledger.snapshot().idps().get(at.0 as usize)?.name.as_str(), ledger.idp_user(*at)?)))
        .collect();
    let hr: Vec<_> =
        person.hr_records.iter().filter_map(|at| ledger.snapshot().hr()?.records.get(*at as usize)).collect();
    let numbers = linked
        .iter()
        .filter_map(|(_, user)| user.employee_id.clone())
        .chain(hr.iter().filter_map(|r| r.employee_id.clone()));
    let since = person.standing.since;
    Some(IdentityRow {
        user_id: record.id.to_string(),
        user_name: record.user_name.clone(),
        display_name: text(record.display_name.as_deref()),
        email: text(record.email.as_deref()),
        external_id: list(record.external_ids.iter().map(|external| external.id.clone())),
        idc_status: known(&record.status.map(|status| status.as_str())),
        person_type: person.kind.as_str().to_owned(),
        standing: person.standing.standing.as_str().to_owned(),
        standing_since: since.map_or_else(String::new, |since| instant(since.earliest())),
        standing_since_latest: since.map_or_else(String::new, |since| instant(since.latest())),
        standing_basis: since.map_or_else(String::new, |since| since.basis().as_str().to_owned()),
        idp: list(linked.iter().map(|(idp, _)| *idp)),
        idp_id: list(linked.iter().map(|(_, user)| user.id.to_string())),
        idp_status: list(linked.iter().map(|(_, user)| user.status_word())),
        employee_id: list(numbers),
        hr_status: list(hr.iter().map(|record| record.status.as_str())),
        link_method: link_method(ledger, user),
        link_strength: person.strength.map_or("", Strength::as_str).to_owned(),
        origin: if record.external_ids.is_empty() { "manual" } else { "scim" }.to_owned(),
        grants: ledger.grants().count_of_user(user).to_string(),
        created_at: known(&record.created_at),
        created_by: record.created_by.clone().unwrap_or_else(super::unknown),
        hr_link: super::hr_link(ledger, person),
        hr_link_notes: super::hr_link_notes(person),
    })
}
