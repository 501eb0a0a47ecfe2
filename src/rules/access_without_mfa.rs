//! `access-without-mfa`.

use super::cx::{AnyPrivileged, RuleCx, plural};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Finding, Severity};
use crate::model::person::SecondFactor;
use crate::model::standing::Standing;
use crate::model::{IdpUser, Known};

declare_rule! {
    /// ## What it checks
    /// A person who holds access has no second factor registered at the identity provider that signs them in. Medium; high
    /// when a grant is privileged. A phone number alone, which calls and messages can be stolen from, is noted as low, or
    /// medium when privileged.
    ///
    /// Registered is one thing, asked for is another: whether signing in to the AWS application takes a second factor from
    /// everyone, from some, from nobody, or is not known, stands beside it.
    ///
    /// ## Why it matters
    /// A password is guessed, reused or given away. Where a policy asks for a second factor and none is registered, whoever
    /// has the password registers their own.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: whoever is given access can be told from whoever has learnt the password.
    ///
    /// ## Example
    /// `m.ito@example.org` holds `Admin` on `prod`; Entra ID has a password for her and no other method.
    ///
    /// ## How to fix
    /// Have the person register an authenticator app, a security key or a passkey, and let the policy of the AWS
    /// application ask for it.
    ///
    /// ## Known limits
    /// Needs the registration details of the provider: a user of whom they are not known is undecided. What a person
    /// registered says nothing about how they signed in. People who are gone or orphaned are left to their rules, declared
    /// service and break-glass identities to their owners. Multi-factor settings inside Identity Center itself, which count
    /// for users without an external provider, are not read.
    AccessWithoutMfa {
        id: "access-without-mfa",
        title: "User with access has no MFA",
        severity: Medium,
        requires: [IdpUsers],
        covers: [SecondFactors, Assignments, Memberships, DirectoryUsers, DirectoryGroups, PermissionSets],
        if_asked: [DeclaredLinks, IdpApplication],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("people who hold access and can sign in");
    for (user, person, grants) in cx.holders() {
        if person.kind.is_declared() {
            continue;
        }
        if !matches!(person.standing.standing, Standing::Active | Standing::NotStarted) {
            evaluation.undecided += u64::from(person.standing.standing == Standing::Unknown);
            continue;
        }
        evaluation.population += 1;
        let records = cx.sign_in_records(user, person);
        let live: Vec<(u32, &IdpUser)> = records.into_iter().filter(|(_, record)| !record.status.is_gone()).collect();
        // The record with the least decides: it is the one to sign in with.
        let none = live.iter().find(|(_, record)| record.second_factor == Known::Absent);
        let phone = || live.iter().find(|(_, record)| record.second_factor == Known::Value(SecondFactor::Phone));
        let is_unknown = live.is_empty() || live.iter().any(|(_, record)| record.second_factor.is_unknown());
        let (idp, record, weak) = match (none, is_unknown, phone()) {
            (Some((idp, record)), _, _) => (*idp, *record, false),
            (None, true, _) => {
                evaluation.undecided += 1;
                continue;
            }
            (None, false, Some((idp, record))) => (*idp, *record, true),
            (None, false, None) => continue,
        };
        let severity = match (cx.any_privileged(&grants), weak) {
            (AnyPrivileged::Yes, false) => Severity::High,
            (AnyPrivileged::Yes, true) | (AnyPrivileged::No, false) => Severity::Medium,
            (AnyPrivileged::No, true) => Severity::Low,
        };
        let has = if weak { "only a phone number as second factor" } else { "no second factor" };
        evaluation.findings.push(
            Finding::new(
                "access-without-mfa",
                severity,
                cx.user_subject(user),
                format!(
                    "{} has {has} registered in {}. {}. Holds {}: {}.",
                    record.user_name,
                    cx.idp_name(idp),
                    cx.demand(idp),
                    plural(grants.len(), "grant"),
                    cx.list_grants(&grants)
                ),
                cx.record_evidence(idp, record, format!("{} has {has} registered", record.user_name)),
            )
            .and([cx.user_evidence(user)])
            .and(cx.person_evidence(person))
            .remedy("Have the person register an authenticator app, a key or a passkey, and ask for it at the AWS application.")
            .sure(cx.confidence(person))
            .about(grants),
        );
    }
    evaluation
}
