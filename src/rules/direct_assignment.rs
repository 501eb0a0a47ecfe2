//! `direct-assignment`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Finding, GrantKey, Severity};
use crate::reconcile::ResolvedPrincipal;

declare_rule! {
    /// ## What it checks
    /// A permission set is assigned to a user rather than through a group. Medium when privileged.
    ///
    /// ## Why it matters
    /// Provisioning manages groups. A direct assignment is outside it: no change of role and no departure ever removes it.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: access is given by role. Each direct assignment is an exception that somebody should own.
    ///
    /// ## Example
    /// During an incident `Administrator` on `prod` was assigned to one person by hand, and stayed.
    ///
    /// ## How to fix
    /// Put the person into a group that has the assignment, then delete the direct one; or record an exception that ends.
    ///
    /// ## Known limits
    /// None.
    DirectAssignment {
        id: "direct-assignment",
        title: "Direct assignment (not through a group)",
        severity: Low,
        requires: [],
        covers: [Assignments, DirectoryUsers, PermissionSets],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let entitlements = cx.ledger().entitlements();
    let mut evaluation = Evaluation { of: "assignments of principals that exist", ..Evaluation::default() };
    for at in 0..u32::try_from(entitlements.assignments().len()).unwrap_or(u32::MAX) {
        if entitlements.is_excluded(at) {
            continue;
        }
        let user = match entitlements.resolved(at).map(|resolved| resolved.principal) {
            Some(ResolvedPrincipal::User(user)) => user,
            Some(ResolvedPrincipal::Group(_)) => {
                evaluation.population += 1;
                continue;
            }
            Some(ResolvedPrincipal::Missing(_)) | None => continue,
        };
        evaluation.population += 1;
        let severity = if entitlements.privilege(at).is_yes() { Severity::Medium } else { Severity::Low };
        let grant = GrantKey { user, assignment: at };
        let name = cx.ledger().user(user).map_or_else(String::new, |record| record.user_name.clone());
        evaluation.findings.push(
            Finding::new(
                "direct-assignment",
                severity,
                cx.assignment_subject(at, name),
                format!("{}; provisioning will not remove it.", cx.ledger().describe_grant(grant)),
                cx.assignment_evidence(at),
            )
            .remedy("Give the access through a group and delete the direct assignment.")
            .about(vec![grant]),
        );
    }
    evaluation
}
