//! `duplicate-identity`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Finding, GrantKey, Severity};
use crate::model::{Known, UserStatus};

declare_rule! {
    /// ## What it checks
    /// One person has two or more Identity Center users that are not disabled and hold access.
    ///
    /// ## Why it matters
    /// Reviews judge each user alone and miss what the person holds in sum. When the person leaves, one of them is
    /// forgotten.
    ///
    /// ## What an auditor reads from it
    /// CC6.2, CC6.3: one person, one identity, or a reason for the second.
    ///
    /// ## Example
    /// Provisioning made `ada@example.org`; the `ada` made by hand before it is still there and still in `admins`.
    ///
    /// ## How to fix
    /// Move what is needed to the user that provisioning manages, and delete the other.
    ///
    /// ## Known limits
    /// Separate accounts for administration look the same: record an exception where they are meant. People who are gone
    /// and declared identities are left to their rules.
    DuplicateIdentity {
        id: "duplicate-identity",
        title: "Duplicate users of one person",
        severity: Medium,
        requires: [],
        covers: [IdpUsers, DirectoryUsers, Assignments, Memberships, DirectoryGroups],
        if_asked: [HrRecords, DeclaredLinks],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("people who hold access");
    for person in cx.ledger().people().iter() {
        let holds = |user: &&u32| cx.ledger().grants().count_of_user(**user) > 0;
        let disabled =
            |user: &u32| cx.ledger().user(*user).is_some_and(|u| u.status == Known::Value(UserStatus::Disabled));
        let users: Vec<u32> = person.users.iter().filter(holds).copied().filter(|user| !disabled(user)).collect();
        let Some(first) = users.first() else { continue };
        if person.kind.is_declared() {
            continue;
        }
        evaluation.population += 1;
        // A record that two users claim may make them one person.
        evaluation.undecided += u64::from(person.ambiguous);
        if users.len() < 2 || cx.is_certainly_gone(person) {
            continue;
        }
        let grants: Vec<GrantKey> = users.iter().flat_map(|user| cx.ledger().grants().of_user(*user)).collect();
        let names: Vec<&str> =
            users.iter().filter_map(|user| cx.ledger().user(*user)).map(|user| user.user_name.as_str()).collect();
        evaluation.findings.push(
            Finding::new(
                "duplicate-identity",
                Severity::Medium,
                cx.user_subject(*first),
                format!("One person has {} users with access: {}.", users.len(), names.join(", ")),
                cx.user_evidence(*first),
            )
            .and(users.iter().skip(1).map(|user| cx.user_evidence(*user)))
            .and(cx.person_evidence(person))
            .remedy("Move what is needed to the user that provisioning manages, and delete the others.")
            .sure(cx.confidence(person))
            .about(grants),
        );
    }
    evaluation
}
