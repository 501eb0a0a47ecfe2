//! `missing-expected-access`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::config::{AccessEntry, AccountPattern};
use crate::model::finding::{Evidence, Finding, GrantKey, Severity, Subject, SubjectKind};
use crate::model::standing::Standing;
use crate::model::time::Tri;
use crate::reconcile::Person;
use crate::reconcile::policy::{gives, is_live};

declare_rule! {
    /// ## What it checks
    /// A person whom an `[[access]]` entry matches holds none of the access it gives.
    ///
    /// ## Why it matters
    /// Either provisioning does not deliver, or the entry gives more people access than need it. People who lack what
    /// they need find another way to it.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: policy and practice agree in both directions.
    ///
    /// ## Example
    /// `GRP-AWS-Engineering` is to have `ReadOnly` on `dev`; the group was assigned, and one member never was provisioned.
    ///
    /// ## How to fix
    /// Repair provisioning or the assignment; or take the person out of the group, or narrow the entry.
    ///
    /// ## Known limits
    /// An entry is met by any part of it: `accounts = ["*"]` allows every account and expects one. Entries that can only
    /// be met in excluded accounts expect nothing. Whoever is in the group only through another group is expected to have
    /// access as well, though Entra ID does not provision such members. It informs and fails no test.
    MissingExpectedAccess {
        id: "missing-expected-access",
        title: "Expected access is missing",
        severity: Info,
        requires: [Policy, IdpUsers, IdpGroups, PermissionSets, Accounts, DirectoryUsers, DirectoryGroups, Memberships, Assignments],
        covers: [],
        if_asked: [DeclaredLinks],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("people with the access that policy gives them");
    for person in cx.ledger().people().iter() {
        if person.standing.standing != Standing::Active || person.kind.is_declared() {
            continue;
        }
        let entries = cx.policy().matching(cx.ledger(), person);
        if entries.is_empty() {
            continue;
        }
        let grants = cx.ledger().grants_of_person(person);
        for entry in entries.into_iter().filter(|entry| is_live(cx.ledger(), entry) && is_in_scope(cx, entry)) {
            evaluation.population += 1;
            let given: Vec<Tri> = grants.iter().map(|grant: &GrantKey| gives(cx.ledger(), entry, *grant)).collect();
            if given.contains(&Tri::Maybe) && !given.contains(&Tri::Yes) {
                evaluation.undecided += 1;
            } else if !given.contains(&Tri::Yes) {
                evaluation.findings.extend(finding(cx, person, entry));
            }
        }
    }
    evaluation
}

/// Whether some account of the entry is looked at.
fn is_in_scope(cx: &RuleCx<'_>, entry: &AccessEntry) -> bool {
    let mut accounts = cx.ledger().entitlements().accounts().iter().filter(|account| account.excluded.is_none());
    accounts.any(|account| entry.accounts.iter().any(|pattern| account.matches(pattern) == Tri::Yes))
}

fn finding(cx: &RuleCx<'_>, person: &Person, entry: &AccessEntry) -> Option<Finding> {
    let at = *person.idp_users.first()?;
    let record = cx.ledger().idp_user(at)?;
    let accounts: Vec<&str> = entry.accounts.iter().map(AccountPattern::as_str).collect();
    let idp = cx.idp_name(at.0);
    let subject = Subject {
        kind: SubjectKind::IdpUser,
        // The entry by what it gives, not by its place in the file, which changes.
        ids: vec![idp.to_owned(), record.id.to_string(), entry.permission_set.to_string(), accounts.join(",")],
        name: record.user_name.clone(),
        account: None,
        permission_set: None,
    };
    let user = if person.users.is_empty() { "has no Identity Center user and lacks" } else { "lacks" };
    Some(
        Finding::new(
            "missing-expected-access",
            Severity::Info,
            subject,
            format!(
                "[[access]] entry {} gives this person {} on {}; the person {user} all of it.",
                entry.number,
                entry.permission_set,
                accounts.join(", ")
            ),
            RuleCx::entry_evidence(entry),
        )
        .and([Evidence {
            source: format!("idp:{idp}"),
            at: record.origin.clone(),
            says: format!("{} is {}", record.user_name, record.status.as_str()),
        }])
        .remedy("Repair provisioning or the assignment, or narrow the [[access]] entry.")
        .sure(cx.confidence(person)),
    )
}
