//! `unassigned-permission-set`.

use std::collections::BTreeSet;

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity};

declare_rule! {
    /// ## What it checks
    /// A permission set is assigned nowhere.
    ///
    /// ## Why it matters
    /// Nobody reviews what nobody has, and one day somebody assigns it for its name.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: which roles there are, and which are in use.
    ///
    /// ## Example
    /// `Migration-Admin` has had no assignment since the migration.
    ///
    /// ## How to fix
    /// Delete it, or say in its description what it is kept for.
    ///
    /// ## Known limits
    /// Sets kept for emergencies look the same. It informs and fails no test.
    UnassignedPermissionSet {
        id: "unassigned-permission-set",
        title: "Permission set is not assigned",
        severity: Info,
        requires: [Assignments, PermissionSets],
        covers: [],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("permission sets");
    // Assigned in an excluded account is assigned.
    let assigned: BTreeSet<_> = cx.ledger().entitlements().assignments().iter().map(|a| &a.permission_set).collect();
    for view in cx.ledger().entitlements().sets() {
        evaluation.population += 1;
        if assigned.contains(&view.set.arn) {
            continue;
        }
        evaluation.findings.push(
            Finding::new(
                "unassigned-permission-set",
                Severity::Info,
                RuleCx::set_subject(view.set),
                format!("Assigned nowhere; its tier is {}.", view.tier.as_str()),
                Evidence {
                    source: "aws".to_owned(),
                    at: "sso:ListAccountAssignments".to_owned(),
                    says: format!("no assignment names {}", view.set.arn),
                },
            )
            .remedy("Delete it, or say in its description what it is kept for."),
        );
    }
    evaluation
}
