//! `dangling-assignment`.

use std::collections::BTreeMap;

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity, Subject, SubjectKind};
use crate::model::{Fact, Known, Principal};
use crate::reconcile::ResolvedPrincipal;
use crate::snapshot::Coverage;

declare_rule! {
    /// ## What it checks
    /// An assignment is given to a user or group that the identity store does not have. One finding per missing principal.
    /// High when any of the assignments is privileged.
    ///
    /// ## Why it matters
    /// The listing of who has access is wrong, and the assignment revives if the principal is restored. A group that was
    /// deleted and made again by provisioning leaves such assignments behind, and its people without access.
    ///
    /// ## What an auditor reads from it
    /// CC6.2, CC6.3: removal went only half the way. Tools that start from people cannot see this.
    ///
    /// ## Example
    /// `PowerUser` on `prod` is assigned to group `9067…-11`, which was deleted when the identity provider renamed it.
    ///
    /// ## How to fix
    /// Delete the assignments. Next time remove assignments before deleting the user or group.
    ///
    /// ## Known limits
    /// A principal made while the directory was being read is asked for by id before it is called missing. Its name is not
    /// known from one snapshot; with `overstay audit --period` it is taken from earlier ones.
    DanglingAssignment {
        id: "dangling-assignment",
        title: "Dangling assignment (principal deleted)",
        severity: Medium,
        requires: [],
        covers: [Assignments, PermissionSets, DirectoryUsers, DirectoryGroups],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let entitlements = cx.ledger().entitlements();
    let mut evaluation = Evaluation { of: "assignments", ..Evaluation::default() };
    let mut missing: BTreeMap<&Principal, Vec<u32>> = BTreeMap::new();
    for (at, assignment) in (0u32..).zip(entitlements.assignments()) {
        if entitlements.is_excluded(at) {
            continue;
        }
        evaluation.population += 1;
        if matches!(entitlements.resolved(at).map(|r| r.principal), Some(ResolvedPrincipal::Missing(_))) {
            missing.entry(&assignment.principal).or_default().push(at);
        }
    }
    let lookups = cx.ledger().aws().map_or(&[][..], |aws| &aws.lookups);
    for (principal, assignments) in missing {
        let lookup = lookups.iter().find(|lookup| lookup.principal == *principal).map(|lookup| &lookup.exists);
        let fact = match principal {
            Principal::User(_) => Fact::DirectoryUsers,
            Principal::Group(_) => Fact::DirectoryGroups,
        };
        // Missing from a list that is not whole proves nothing; asked for by id and not found does.
        let gone = match lookup {
            Some(Known::Value(exists)) => Some(!exists),
            Some(Known::Unknown(_)) => None,
            Some(Known::Absent) | None => (cx.ledger().snapshot().coverage(fact) == Coverage::Complete).then_some(true),
        };
        // One that exists after all and is in no list holds access that nobody was judged by.
        if gone != Some(true) {
            evaluation.undecided += assignments.len() as u64;
            continue;
        }
        let word = RuleCx::principal_word(principal.kind());
        let operation = match principal {
            Principal::User(_) => "identitystore:DescribeUser",
            Principal::Group(_) => "identitystore:DescribeGroup",
        };
        let (at, says) = match lookup {
            Some(Known::Value(false)) => (operation, format!("{word} {} is not found", principal.id())),
            _ => ("identitystore:ListUsers, ListGroups", format!("no {word} has the id {}", principal.id())),
        };
        let privileged = assignments.iter().any(|at| entitlements.privilege(*at).is_yes());
        let subject = Subject {
            kind: match principal {
                Principal::User(_) => SubjectKind::User,
                Principal::Group(_) => SubjectKind::Group,
            },
            ids: vec![principal.id().to_owned()],
            name: format!("missing {word} {}", principal.id()),
            account: None,
            permission_set: None,
        };
        // What is gone has a name only in earlier snapshots, which a period's audit carries.
        let called = cx.ledger().timelines().and_then(|timelines| match principal {
            Principal::User(id) => timelines.user_name(id),
            Principal::Group(id) => timelines.group_name(id),
        });
        let called =
            called.map_or_else(String::new, |name| format!(", which was called {name} in an earlier snapshot"));
        let detail = format!(
            "The directory has no {word} {}{called}. Still assigned to it: {}.",
            principal.id(),
            cx.list_assignments(&assignments)
        );
        let mut finding = Finding::new(
            "dangling-assignment",
            if privileged { Severity::High } else { Severity::Medium },
            subject,
            detail,
            Evidence { source: "aws".to_owned(), at: at.to_owned(), says },
        )
        .and(assignments.iter().map(|at| cx.assignment_evidence(*at)))
        .remedy("Delete these account assignments.");
        finding.assignments = assignments;
        evaluation.findings.push(finding);
    }
    evaluation
}
