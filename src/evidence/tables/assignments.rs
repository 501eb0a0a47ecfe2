//! `assignments.csv`.

use std::io;

use super::text;
use crate::assess::Assessment;
use crate::evidence::table::{RowWriter, Table, columns};
use crate::model::{Known, UserStatus};
use crate::reconcile::{Ledger, ResolvedPrincipal};

columns! {
    /// AWS's record that a principal has an entitlement.
    AssignmentRow {
        assignment_id: id "digest of instance, plane, principal, account and entitlement",
        plane: word "how AWS grants it",
        account_id: id "the account",
        account_name: text "its name",
        permission_set_name: text "the permission set's name",
        permission_set_arn: id "the permission set",
        role_arn: id "the IAM role, where the plane gives one",
        principal_type: word "USER or GROUP",
        principal_id: id "the user or group",
        principal_name: text "its name; empty when it does not exist",
        principal_state: word "present, disabled, missing or unknown",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "assignments.csv",
    about: "every assignment in scope, as AWS records it",
    sorted_by: &["account_id", "permission_set_arn", "principal_type", "principal_id"],
    columns: AssignmentRow::COLUMNS,
    rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    let ledger = assessment.ledger();
    let entitlements = ledger.entitlements();
    // The snapshot sorts users before groups; the table sorts by the words, where GROUP comes first.
    let mut positions: Vec<u32> = (0..u32::try_from(entitlements.assignments().len()).unwrap_or(u32::MAX)).collect();
    positions.sort_by_key(|at| {
        entitlements
            .assignments()
            .get(*at as usize)
            .map(|a| (&a.account, &a.permission_set, a.principal.kind().as_str(), *at))
    });
    for at in positions.into_iter().filter(|at| !entitlements.is_excluded(*at)) {
        if let Some(row) = row(ledger, at) {
            out.row(&row)?;
        }
    }
    Ok(())
}

fn row(ledger: &Ledger<'_>, at: u32) -> Option<AssignmentRow> {
    let entitlements = ledger.entitlements();
    let record = entitlements.assignments().get(at as usize)?;
    let account = entitlements.account_of(at)?;
    let (principal_name, principal_state) = match entitlements.resolved(at)?.principal {
        ResolvedPrincipal::User(user) => {
            let user = ledger.user(user)?;
            let state = match user.status {
                Known::Value(UserStatus::Enabled) => "present",
                Known::Value(UserStatus::Disabled) => "disabled",
                Known::Absent | Known::Unknown(_) => "unknown",
            };
            (user.user_name.clone(), state)
        }
        ResolvedPrincipal::Group(group) => (ledger.groups().get(group as usize)?.name.clone(), "present"),
        ResolvedPrincipal::Missing(_) => (String::new(), missing(ledger, &record.principal)),
    };
    Some(AssignmentRow {
        assignment_id: ledger.assignment_id(at),
        plane: record.plane().as_str().to_owned(),
        account_id: account.id.to_string(),
        account_name: text(account.listed.map(|account| account.name.as_str())),
        permission_set_name: entitlements.set_of(at).map_or_else(super::unknown, |set| super::known(&set.set.name)),
        permission_set_arn: record.permission_set.to_string(),
        role_arn: String::new(),
        principal_type: record.principal.kind().as_str().to_owned(),
        principal_id: record.principal.id().to_owned(),
        principal_name,
        principal_state: principal_state.to_owned(),
    })
}

/// A principal the listing lacks is missing only if the listing was whole, or a look-up by id said so.
fn missing(ledger: &Ledger<'_>, principal: &crate::model::Principal) -> &'static str {
    let Some(aws) = ledger.aws() else { return "unknown" };
    match aws.lookups.iter().find(|lookup| lookup.principal == *principal).map(|lookup| &lookup.exists) {
        Some(Known::Value(false)) => "missing",
        Some(Known::Value(true)) => "present",
        Some(Known::Absent | Known::Unknown(_)) => "unknown",
        None => {
            let fact = match principal {
                crate::model::Principal::User(_) => crate::model::Fact::DirectoryUsers,
                crate::model::Principal::Group(_) => crate::model::Fact::DirectoryGroups,
            };
            if ledger.snapshot().coverage(fact) == crate::snapshot::Coverage::Complete { "missing" } else { "unknown" }
        }
    }
}
