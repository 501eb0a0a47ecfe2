//! `disabled-user-holds-grants`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Finding, Severity};
use crate::model::{Known, UserStatus};

declare_rule! {
    /// ## What it checks
    /// An Identity Center user is disabled, its assignments and memberships remain, and the person is not gone by any
    /// other source (those are `leaver-holds-access`).
    ///
    /// ## Why it matters
    /// Enabling the user again revives all of it at once, silently. Disabled is not removed.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: use is prevented, removal is not done. Which of the two a control promises is the policy's word.
    ///
    /// ## Example
    /// `j.doe@example.org` is active in the identity provider but left the scope of the AWS application; provisioning
    /// disabled the Identity Center user, and its direct assignment on `prod` waits.
    ///
    /// ## How to fix
    /// Remove the assignments, or bring the user back into the provisioning scope.
    ///
    /// ## Known limits
    /// Identity Center does not say when a user was disabled.
    DisabledUserHoldsGrants {
        id: "disabled-user-holds-grants",
        title: "Disabled Identity Center user still has grants",
        severity: Medium,
        requires: [],
        covers: [DirectoryUsers, Assignments, Memberships, DirectoryGroups],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation { of: "Identity Center users who hold access", ..Evaluation::default() };
    for (user, person, grants) in cx.holders() {
        let Some(record) = cx.ledger().user(user) else { continue };
        evaluation.population += 1;
        // A directory that does not tell the status leaves it as open as one that could not be asked.
        if record.status.value().is_none() {
            evaluation.undecided += 1;
        }
        if record.status != Known::Value(UserStatus::Disabled) || cx.is_certainly_gone(person) {
            continue;
        }
        evaluation.findings.push(
            Finding::new(
                "disabled-user-holds-grants",
                Severity::Medium,
                cx.user_subject(user),
                format!(
                    "Disabled in Identity Center; the person's standing is {} ({}). Enabling the user revives {}.",
                    person.standing.standing.as_str(),
                    person.standing.reason,
                    cx.list_grants(&grants)
                ),
                cx.user_evidence(user),
            )
            .and(cx.person_evidence(person))
            .and(cx.grant_evidence(&grants))
            .remedy("Remove the assignments and memberships, or bring the user back into the provisioning scope.")
            .about(grants),
        );
    }
    evaluation
}
