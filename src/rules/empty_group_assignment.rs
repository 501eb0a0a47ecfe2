//! `empty-group-assignment`.

use std::collections::BTreeSet;

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity};
use crate::model::id::GroupId;

declare_rule! {
    /// ## What it checks
    /// A group has assignments and no members. Medium when one of the assignments is privileged.
    ///
    /// ## Why it matters
    /// It is access waiting to happen: whoever is put into the group next gets it, under a name nobody has looked at.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: access goes when the need for it goes.
    ///
    /// ## Example
    /// `GRP-AWS-Migration` had `PowerUser` on `prod` for a project; everyone left the group, and the assignment stayed.
    ///
    /// ## How to fix
    /// Delete the assignments, then the group.
    ///
    /// ## Known limits
    /// Groups kept empty for elevation on demand look the same: record an exception for them.
    EmptyGroupAssignment {
        id: "empty-group-assignment",
        title: "Assignment to an empty group",
        severity: Low,
        requires: [Memberships],
        covers: [DirectoryGroups, Assignments, PermissionSets],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("groups with access");
    // By the records themselves: a member whom the user list lacks is still one.
    let memberships = cx.ledger().aws().map_or(&[][..], |aws| &aws.memberships);
    let populated: BTreeSet<&GroupId> = memberships.iter().map(|membership| &membership.group).collect();
    for (_, group, assignments) in cx.groups_with_access() {
        evaluation.population += 1;
        if populated.contains(&group.id) {
            continue;
        }
        let privileged = assignments.iter().any(|at| cx.ledger().entitlements().privilege(*at).is_yes());
        let mut finding = Finding::new(
            "empty-group-assignment",
            if privileged { Severity::Medium } else { Severity::Low },
            RuleCx::group_subject(group),
            format!("It has no members, and would give the first one {}.", cx.list_assignments(assignments)),
            Evidence {
                source: "aws".to_owned(),
                at: "identitystore:ListGroupMemberships".to_owned(),
                says: format!("group {} ({}) has no members", group.name, group.id),
            },
        )
        .and(assignments.iter().map(|at| cx.assignment_evidence(*at)))
        .remedy("Delete the assignments, then the group.");
        finding.assignments = assignments.to_vec();
        evaluation.findings.push(finding);
    }
    evaluation
}
