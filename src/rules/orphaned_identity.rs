//! `orphaned-identity`.

use super::cx::{AnyPrivileged, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::Known;
use crate::model::finding::{Confidence, Finding, Severity};
use crate::model::standing::Standing;

declare_rule! {
    /// ## What it checks
    /// An Identity Center user holds access and has no counterpart in any configured identity provider, all of which were
    /// read whole, and is not declared under `[identities]`. Critical when a grant is privileged.
    ///
    /// ## Why it matters
    /// Nobody will ever disable this user: there is no record whose end would reach it. Often it is what remains of a
    /// person deleted from the identity provider, or a user made by hand for a test.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: every credential traces to a registered person or a declared, owned service identity.
    ///
    /// ## Example
    /// `test-admin` was created in the console in 2023; no identity provider knows it; it holds `Administrator` on `prod`.
    ///
    /// ## How to fix
    /// Remove its assignments and delete it; or, if it is a service or break-glass identity, declare it with an owner.
    ///
    /// ## Known limits
    /// An identity provider that is not configured makes its users look like orphans. Configure all of them. Where nine in
    /// ten external ids lead to no configured provider and names don't either, the directory belongs to another source:
    /// then nobody is called an orphan, and every user without a record is inconclusive.
    ///
    /// A user may have been renamed after provisioning. If no attribute that was read holds any of the external ids of the
    /// directory, absence by name proves nothing, and the user is inconclusive. Export the attribute that the application
    /// maps to the external id (in Entra ID usually `mailNickname`), or read the provider through its API.
    OrphanedIdentity {
        id: "orphaned-identity",
        title: "Orphaned user (no identity provider record)",
        severity: High,
        requires: [IdpUsers, DirectoryUsers, DeclaredLinks],
        covers: [Assignments, Memberships, DirectoryGroups, PermissionSets],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation { of: "people who hold access", ..Evaluation::default() };
    for (user, person, grants) in cx.holders() {
        evaluation.population += 1;
        // Whoever could be one of several records may also be none of them.
        evaluation.undecided += u64::from(person.standing.standing == Standing::Unknown && !person.kind.is_declared());
        if person.standing.standing != Standing::Orphan || person.kind.is_declared() {
            continue;
        }
        let severity = match cx.any_privileged(&grants) {
            AnyPrivileged::Yes => Severity::Critical,
            AnyPrivileged::No => Severity::High,
        };
        let origin = cx.ledger().user(user).map_or_else(String::new, |record| {
            let made = match &record.created_at {
                Known::Value(at) => format!("made at {at}"),
                Known::Absent | Known::Unknown(_) => "made at an unknown time".to_owned(),
            };
            let by = if record.external_ids.is_empty() { "by hand or API" } else { "by a provisioner" };
            format!(" It was {made}, {by}.")
        });
        let moved = cx.ledger().tenancy().moved().is_some_and(|moved| moved.users.binary_search(&user).is_ok());
        evaluation.findings.push(
            Finding::new(
                "orphaned-identity",
                severity,
                cx.user_subject(user),
                format!(
                    "No identity provider has a record of this user.{origin} It holds {}.",
                    cx.list_grants(&grants)
                ),
                cx.user_evidence(user),
            )
            .and(cx.grant_evidence(&grants))
            .sure(if moved { Confidence::Low } else { Confidence::High })
            .remedy("Delete its assignments and the user, or declare it under [identities] with an owner.")
            .about(grants),
        );
    }
    evaluation
}
