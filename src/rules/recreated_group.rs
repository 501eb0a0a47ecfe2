//! `recreated-group`.

use std::collections::BTreeMap;

use super::cx::{RuleCx, plural};
use super::{Evaluation, declare_rule};
use crate::model::Principal;
use crate::model::finding::{Evidence, Finding, Severity, Subject, SubjectKind};
use crate::model::id::GroupId;
use crate::reconcile::ResolvedPrincipal;
use crate::reconcile::text::fold;

declare_rule! {
    /// ## What it checks
    /// Assignments name a group that is gone, and another group bears its name now: it was deleted and made again, and its
    /// assignments stayed with the old id. The name comes from earlier snapshots, so it needs `overstay audit --period`.
    ///
    /// ## Why it matters
    /// The people of the group have lost their access, and whoever gives it to them again by hand goes round the process. The
    /// old assignments stay, are in no list that starts from groups, and are given to nobody anybody knows.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: access follows the group that was approved, and not an id that is left of it.
    ///
    /// ## Example
    /// `GRP-AWS-Engineering` was renamed in the identity provider and renamed back. Provisioning deleted the group and made
    /// a new one; `ReadOnly` on `dev` is still assigned to the old id.
    ///
    /// ## How to fix
    /// Assign the permission sets to the new group, then delete the assignments of the old id. Find out why provisioning
    /// deleted the group.
    ///
    /// ## Known limits
    /// A group that was gone before the first snapshot of the period has no name. A group that was deleted on purpose and
    /// another one of the same name look alike.
    RecreatedGroup {
        id: "recreated-group",
        title: "Group re-created; assignments orphaned",
        severity: Medium,
        requires: [History],
        covers: [Assignments, DirectoryGroups],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("groups that are gone and still have assignments");
    let Some(timelines) = cx.ledger().timelines() else {
        return Evaluation::moot("no review period is given (`--period A..B`)");
    };
    let entitlements = cx.ledger().entitlements();
    let mut gone: BTreeMap<&GroupId, Vec<u32>> = BTreeMap::new();
    for (at, assignment) in (0u32..).zip(entitlements.assignments()) {
        if let (Principal::Group(group), Some(ResolvedPrincipal::Missing(_)), false) =
            (&assignment.principal, entitlements.resolved(at).map(|r| r.principal), entitlements.is_excluded(at))
        {
            gone.entry(group).or_default().push(at);
        }
    }
    let mut bearers: BTreeMap<String, Vec<&GroupId>> = BTreeMap::new();
    for group in cx.ledger().groups() {
        if let Some(name) = fold(&group.name) {
            bearers.entry(name).or_default().push(&group.id);
        }
    }
    for (group, assignments) in gone {
        evaluation.population += 1;
        let Some(name) = timelines.group_name(group) else {
            evaluation.undecided += 1;
            continue;
        };
        let Some([bearer]) = fold(name).and_then(|name| bearers.get(&name)).map(Vec::as_slice) else { continue };
        let privileged = assignments.iter().any(|at| entitlements.privilege(*at).is_yes());
        let subject = Subject {
            kind: SubjectKind::Group,
            ids: vec![group.to_string()],
            name: name.to_owned(),
            account: None,
            permission_set: None,
        };
        let detail = format!(
            "{name} was deleted and made again as {bearer}. {} stayed with the old id {group}: {}.",
            plural(assignments.len(), "assignment"),
            cx.list_assignments(&assignments)
        );
        let first = Evidence {
            source: "history".to_owned(),
            at: "earlier snapshots".to_owned(),
            says: format!("{group} was called {name}"),
        };
        let now = Evidence {
            source: "aws".to_owned(),
            at: "identitystore:ListGroups".to_owned(),
            says: format!("{name} is {bearer}, and no group has the id {group}"),
        };
        let severity = if privileged { Severity::High } else { Severity::Medium };
        let mut finding = Finding::new("recreated-group", severity, subject, detail, first)
            .and([now])
            .and(assignments.iter().map(|at| cx.assignment_evidence(*at)))
            .remedy("Assign the permission sets to the new group, then delete the assignments of the old id.");
        finding.assignments = assignments;
        evaluation.findings.push(finding);
    }
    evaluation
}
