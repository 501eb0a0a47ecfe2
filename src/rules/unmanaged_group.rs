//! `unmanaged-group`.

use super::cx::{Counterpart, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity};

declare_rule! {
    /// ## What it checks
    /// An Identity Center group has assignments, and no identity provider group corresponds to it, by the
    /// provisioner's own record, by external id, or else by name.
    ///
    /// ## Why it matters
    /// Nobody's role changes its members: who is in it stays in it. Reviews done in the identity provider never see it.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: membership that gives access is managed where people are managed.
    ///
    /// ## Example
    /// `tmp-admins` was made in the console during an outage and has `Admin` on `prod`.
    ///
    /// ## How to fix
    /// Make the group in the identity provider, provision it, move the assignments, and delete the old one.
    ///
    /// ## Known limits
    /// Groups that AWS services make (Control Tower's, for example) correspond to nothing: record an exception. Undecided
    /// while the groups of some configured identity provider were not asked for, and where neither ids nor names of users
    /// tie the directory to the configured providers.
    UnmanagedGroup {
        id: "unmanaged-group",
        title: "Group with access is not managed by the identity provider",
        severity: Medium,
        requires: [IdpGroups],
        covers: [DirectoryGroups, Assignments],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("groups with access");
    let idps: Vec<&str> = cx.ledger().snapshot().idps().iter().map(|facts| facts.name.as_str()).collect();
    for (at, group, assignments) in cx.groups_with_access() {
        evaluation.population += 1;
        if !matches!(cx.counterpart(group), Counterpart::None) {
            continue;
        }
        if cx.has_unread_groups() || cx.ledger().tenancy().is_untied() {
            evaluation.undecided += 1;
            continue;
        }
        let members = cx.ledger().grants().members(at).len();
        let mut finding = Finding::new(
            "unmanaged-group",
            Severity::Medium,
            RuleCx::group_subject(group),
            format!(
                "No group of {} corresponds to it, by external id or name. It gives {members} members {}.",
                idps.join(", "),
                cx.list_assignments(assignments)
            ),
            RuleCx::group_evidence(group),
        )
        .and(idps.iter().map(|idp| Evidence {
            source: format!("idp:{idp}"),
            at: "groups".to_owned(),
            says: format!("no group has its id or the name {}", group.name),
        }))
        .and(assignments.iter().map(|at| cx.assignment_evidence(*at)))
        .remedy("Manage the group in the identity provider, or move its assignments to one that is.");
        finding.assignments = assignments.to_vec();
        evaluation.findings.push(finding);
    }
    evaluation
}
