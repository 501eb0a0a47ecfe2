//! `exceptions.csv`.

use std::io;

use super::text;
use crate::assess::Assessment;
use crate::evidence::table::{RowWriter, Table, columns};

columns! {
    /// An accepted risk.
    ExceptionRow {
        exception_id: id "digest of rule and scope",
        scope: text "user, account and permission set patterns",
        reason: text "why the risk is accepted",
        compensating_control: text "what is done instead",
        requested_by: text "who asked for it",
        approved_by: text "who accepted it",
        approved_at: instant "when",
        expires_at: instant "the close of its last day",
        next_review: instant "when it is looked at again; its end at the latest",
        state: word "live or expired",
        rule: word "the rule whose findings it accepts",
        ticket: text "where it was decided",
        findings: count "findings it covers in this run",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "exceptions.csv",
    about: "accepted risks, live and expired, and how many findings each covers",
    sorted_by: &["rule", "exception_id"],
    columns: ExceptionRow::COLUMNS,
    rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    let ledger = assessment.ledger();
    let mut exceptions: Vec<_> = ledger.config().exceptions.iter().collect();
    exceptions.sort_by_key(|exception| (exception.rule, exception.id.as_str()));
    for exception in exceptions {
        let scope = &exception.scope;
        let covered = assessment.findings().iter().filter(|a| a.exception.as_deref() == Some(&exception.id)).count();
        out.row(&ExceptionRow {
            exception_id: exception.id.clone(),
            scope: format!("user {}, account {}, permission set {}", scope.user, scope.account, scope.permission_set),
            reason: exception.reason.clone(),
            compensating_control: text(exception.compensating_control.as_deref()),
            requested_by: String::new(),
            approved_by: exception.approved_by.clone(),
            approved_at: super::unknown(),
            expires_at: exception.expires.to_string(),
            next_review: exception.expires.to_string(),
            state: if exception.expires > ledger.as_of() { "live" } else { "expired" }.to_owned(),
            rule: exception.rule.to_owned(),
            ticket: text(exception.ticket.as_deref()),
            findings: covered.to_string(),
        })?;
    }
    Ok(())
}
