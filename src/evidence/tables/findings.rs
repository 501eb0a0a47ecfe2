//! `findings.csv`.

use std::io;

use super::{list, text};
use crate::assess::{Assessed, Assessment};
use crate::evidence::owner;
use crate::evidence::table::{RowWriter, Table, columns};

columns! {
    /// A finding.
    FindingRow {
        finding_id: id "digest of the rule and the subject's ids: the same after a rename or on another day",
        rule: word "the rule; `overstay` documents each",
        severity: word "info, low, medium, high or critical, as configured",
        confidence: word "low, medium or high, by the weakest link it rests on",
        status: word "open, pending (certainly within policy), excepted or indeterminate",
        subject_type: word "user, group, assignment, entitlement, idp_user, permission_set, exception, instance or idp",
        subject_id: id "the subject's ids, joined with |",
        subject_name: text "the subject's name",
        account_id: id "the account, where the finding is about one",
        account_name: text "its name",
        permission_set: text "the permission set's name, where the finding is about one",
        grant_ids: list "the grants it is about; rows of grants.csv",
        detail: text "the statement",
        first_seen: instant "when a collection first saw it; unknown without history",
        since: instant "since when it is so, at the latest; unknown where nothing says",
        since_basis: word "event, record, snapshots, listing or unknown",
        controls: list "clauses it supports",
        exception_id: id "the exception that covers it",
        remediation: text "what to do",
        owner: text "who should act",
        due_at: instant "by when, where policy says",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "findings.csv",
    about: "what the rules found, the worst first",
    sorted_by: &["severity", "rule", "subject_name", "subject_id"],
    columns: FindingRow::COLUMNS,
    rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    assessment.findings().iter().try_for_each(|assessed| out.row(&row(assessment, assessed)))
}

fn row(assessment: &Assessment<'_>, assessed: &Assessed) -> FindingRow {
    let ledger = assessment.ledger();
    let finding = &assessed.finding;
    let first = finding.grants.first().map(|grant| grant.assignment).or_else(|| finding.assignments.first().copied());
    let account = finding.subject.account.as_ref().map(|id| {
        let view = ledger.entitlements().account(id);
        (id.to_string(), view.map_or_else(String::new, |account| account.name().to_owned()))
    });
    let (account_id, account_name) = account.unwrap_or_default();
    let permission_set = match (&finding.subject.permission_set, first) {
        (Some(_), Some(at)) => ledger.entitlements().set_label(at).to_owned(),
        (Some(arn), None) => arn.to_string(),
        (None, _) => String::new(),
    };
    let due_at = match (finding.rule, finding.since.and_then(|since| since.latest())) {
        ("leaver-holds-access" | "disabled-account-holds-access", Some(gone)) => {
            let due = gone.timestamp().checked_add(ledger.config().policy.leaver_sla.duration());
            due.map_or_else(|_| String::new(), |due| crate::model::Instant::new(due).to_string())
        }
        _ => String::new(),
    };
    let controls = assessment.result(finding.rule).map_or(&[][..], |result| result.rule.controls);
    FindingRow {
        finding_id: finding.id(),
        rule: finding.rule.to_owned(),
        severity: finding.severity.as_str().to_owned(),
        confidence: finding.confidence.as_str().to_owned(),
        status: assessed.status.as_str().to_owned(),
        subject_type: finding.subject.kind.as_str().to_owned(),
        subject_id: finding.subject.ids.join("|"),
        subject_name: finding.subject.name.clone(),
        account_id,
        account_name,
        permission_set,
        grant_ids: list(finding.grants.iter().map(|grant| ledger.grant_id(*grant))),
        detail: finding.detail.clone(),
        first_seen: super::unknown(),
        since: finding.since.map_or_else(super::unknown, |since| super::instant(since.latest())),
        since_basis: finding.since.map_or("unknown", |since| since.basis().as_str()).to_owned(),
        controls: list(controls.iter().map(|control| control.as_str())),
        exception_id: text(assessed.exception.as_deref()),
        remediation: finding.remediation.clone(),
        owner: owner(ledger, first),
        due_at,
    }
}
