//! Populations: leavers, permission sets, accounts, exceptions.

use serde::Serialize;

use crate::assess::Assessment;
use crate::evidence::tables;
use crate::evidence::words::clip;
use crate::model::Known;
use crate::reconcile::Ledger;

/// A longer text is clipped; the CSV files have all of it.
const LENGTH: usize = 400;

/// A permission set.
#[derive(Debug, Serialize)]
pub struct PermissionSetView {
    /// Its name.
    pub name: String,
    /// Its tier.
    pub tier: &'static str,
    /// Why.
    pub reason: String,
    /// Session length.
    pub session: String,
    /// Assignments of it, in scope.
    pub assignments: usize,
}

/// A leaver.
#[derive(Debug, Serialize)]
pub struct LeaverView {
    /// The name.
    pub person: String,
    /// The source.
    pub source: String,
    /// Gone since.
    pub gone_since: String,
    /// How that is known.
    pub basis: String,
    /// Grants still held.
    pub held: String,
    /// Which end was tested.
    pub end_tested: String,
    /// How long access outlived the person, in words.
    pub kept: String,
    /// The same in hours, at least, to sort by.
    pub kept_hours: u64,
    /// pass, fail or indeterminate.
    pub result: &'static str,
    /// The result in words.
    pub word: &'static str,
}

/// An account.
#[derive(Debug, Serialize)]
pub struct AccountRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: &'static str,
    /// Its state.
    pub state: String,
    /// Assignments on it.
    pub assignments: usize,
}

/// An exception.
#[derive(Debug, Serialize)]
pub struct ExceptionView {
    /// Its id.
    pub id: String,
    /// The rule.
    pub rule: &'static str,
    /// The scope.
    pub scope: String,
    /// Why.
    pub reason: String,
    /// What is done instead; may be empty.
    pub instead: String,
    /// Where it was decided; may be empty.
    pub ticket: String,
    /// Who accepted it.
    pub approved_by: String,
    /// Until when.
    pub expires: String,
    /// active or expired.
    pub state: &'static str,
    /// Findings it covers.
    pub findings: usize,
}

/// Everyone who is gone: failures first, and those who have kept access the longest.
pub(super) fn leavers(ledger: &Ledger<'_>) -> Vec<LeaverView> {
    let mut leavers: Vec<LeaverView> = tables::leavers(ledger).into_iter().map(leaver).collect();
    let rank = |result: &str| match result {
        "fail" => 0,
        "pass" => 2,
        _ => 1,
    };
    // A stable sort: equals stay in the order of their names.
    leavers.sort_by_key(|leaver| (rank(leaver.result), std::cmp::Reverse(leaver.kept_hours)));
    leavers
}

fn leaver(leaver: tables::Leaver) -> LeaverView {
    let row = leaver.row;
    let (least, most) = (hours(&row.elapsed_hours_min), hours(&row.elapsed_hours_max));
    LeaverView {
        person: clip(&row.person, LENGTH),
        source: row.source,
        gone_since: if row.terminated_at.is_empty() { row.idp_disabled_at } else { row.terminated_at },
        basis: row.basis,
        held: row.grants_still_held,
        end_tested: row.end_tested,
        kept: match (least, most) {
            (Some(least), Some(most)) if least == most => span(least),
            (Some(0), Some(most)) => format!("at most {}", span(most)),
            (Some(least), Some(most)) => format!("{} to {}", span(least), span(most)),
            (Some(least), None) => format!("{} so far", span(least)),
            (None, Some(most)) => format!("at most {}", span(most)),
            (None, None) => "unknown".to_owned(),
        },
        kept_hours: least.unwrap_or(0),
        result: leaver.result,
        word: match leaver.result {
            "fail" => "Fail",
            "pass" => "Pass",
            _ => "Inconclusive",
        },
    }
}

/// The whole hours of a cell that holds hours, or the word unknown.
fn hours(cell: &str) -> Option<u64> {
    cell.split('.').next()?.parse().ok()
}

/// Hours as people say them.
fn span(hours: u64) -> String {
    match hours {
        0 => "under an hour".to_owned(),
        1 => "1 hour".to_owned(),
        2..72 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

pub(super) fn permission_sets(ledger: &Ledger<'_>) -> Vec<PermissionSetView> {
    let entitlements = ledger.entitlements();
    let mut counts = vec![0usize; entitlements.sets().len()];
    for at in (0u32..).zip(entitlements.assignments()).map(|(at, _)| at).filter(|at| !entitlements.is_excluded(*at)) {
        if let Some(count) = entitlements.resolved(at).and_then(|resolved| counts.get_mut(resolved.set? as usize)) {
            *count += 1;
        }
    }
    entitlements
        .sets()
        .iter()
        .zip(counts)
        .map(|(set, assignments)| PermissionSetView {
            name: set.set.label().to_owned(),
            tier: set.tier.as_str(),
            reason: clip(&set.tier_reason, LENGTH),
            session: match &set.set.session {
                Known::Value(span) => span.to_string(),
                Known::Absent => String::new(),
                Known::Unknown(_) => "unknown".to_owned(),
            },
            assignments,
        })
        .collect()
}

pub(super) fn accounts(ledger: &Ledger<'_>) -> Vec<AccountRow> {
    let entitlements = ledger.entitlements();
    let mut counts = vec![0usize; entitlements.accounts().len()];
    for at in (0u32..).zip(entitlements.assignments()).map(|(at, _)| at) {
        if let Some(count) = entitlements.resolved(at).and_then(|resolved| counts.get_mut(resolved.account as usize)) {
            *count += 1;
        }
    }
    entitlements
        .accounts()
        .iter()
        .zip(counts)
        .map(|(account, assignments)| AccountRow {
            id: account.id.to_string(),
            name: account.name().to_owned(),
            class: account.class.as_str(),
            state: match (account.excluded, account.listed, account.state()) {
                (Some(_), _, _) => "excluded from scope".to_owned(),
                (None, None, _) => "not listed by Organizations".to_owned(),
                (None, Some(_), Some(state)) => state.as_str().to_owned(),
                (None, Some(_), None) => "unknown".to_owned(),
            },
            assignments,
        })
        .collect()
}

pub(super) fn exceptions(assessment: &Assessment<'_>) -> Vec<ExceptionView> {
    let ledger = assessment.ledger();
    ledger
        .config()
        .exceptions
        .iter()
        .map(|exception| ExceptionView {
            id: exception.id.clone(),
            rule: exception.rule,
            scope: format!(
                "user {}, account {}, permission set {}",
                exception.scope.user, exception.scope.account, exception.scope.permission_set
            ),
            reason: clip(&exception.reason, LENGTH),
            instead: exception.compensating_control.clone().unwrap_or_default(),
            ticket: exception.ticket.clone().unwrap_or_default(),
            approved_by: exception.approved_by.clone(),
            expires: exception.expires.to_string(),
            state: if exception.expires > ledger.as_of() { "active" } else { "expired" },
            findings: assessment.findings().iter().filter(|a| a.exception.as_deref() == Some(&exception.id)).count(),
        })
        .collect()
}
