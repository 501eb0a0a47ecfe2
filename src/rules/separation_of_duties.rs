//! `separation-of-duties`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::config::EntitlementPattern;
use crate::model::finding::{Evidence, Finding, GrantKey, Severity};
use crate::reconcile::PersonKind;
use crate::reconcile::policy::fits;

declare_rule! {
    /// ## What it checks
    /// One person holds both sides of a `[[separation_of_duties]]` pair, by whatever users and paths.
    ///
    /// ## Why it matters
    /// Who can both make a change and approve it needs nobody else to make a wrong one.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: incompatible duties are kept apart, and it is tested over all access of a person, not user by user.
    ///
    /// ## Example
    /// The pair is `Deployer` and `ReleaseApprover`; after a team change one person is in the groups of both.
    ///
    /// ## How to fix
    /// Remove one side; or record an exception with the control that stands in for the separation.
    ///
    /// ## Known limits
    /// Not evaluated without pairs. A pattern that fits a single entitlement on both sides is no conflict by itself.
    /// Break-glass identities hold everything by their nature and are not looked at, nor people who are gone.
    SeparationOfDuties {
        id: "separation-of-duties",
        title: "Segregation of duties conflict",
        severity: High,
        requires: [],
        covers: [Assignments, Memberships, DirectoryUsers, DirectoryGroups, PermissionSets],
        if_asked: [Accounts, IdpUsers, HrRecords, DeclaredLinks],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let pairs = &cx.ledger().config().separation_of_duties;
    if pairs.is_empty() {
        return Evaluation::moot("the config has no [[separation_of_duties]] pairs");
    }
    let mut evaluation = Evaluation::of("people who hold access");
    // Which assignments are on which side, once: there are many more grants than assignments.
    let sides: Vec<(Vec<bool>, Vec<bool>)> =
        pairs.iter().map(|pair| (on_side(cx, &pair.left), on_side(cx, &pair.right))).collect();
    for person in cx.ledger().people().iter().filter(|person| !person.users.is_empty()) {
        if matches!(person.kind, PersonKind::BreakGlass(_)) || cx.is_certainly_gone(person) {
            continue;
        }
        let grants = cx.ledger().grants_of_person(person);
        let (Some(first), false) = (person.users.first(), grants.is_empty()) else { continue };
        evaluation.population += 1;
        for (pair, (left, right)) in pairs.iter().zip(&sides) {
            let held = |side: &[bool]| -> Vec<GrantKey> {
                let on = |grant: &GrantKey| side.get(grant.assignment as usize).copied().unwrap_or_default();
                grants.iter().copied().filter(on).collect()
            };
            let (left, right) = (held(left), held(right));
            let conflict = left.iter().any(|l| right.iter().any(|r| cx.entitlement(*l) != cx.entitlement(*r)));
            if !conflict {
                // The other side may be held by a user that could be this person's.
                evaluation.undecided += u64::from(person.ambiguous && left.is_empty() != right.is_empty());
                continue;
            }
            let mut subject = cx.user_subject(*first);
            subject.ids.push(pair.name.clone());
            let detail = format!("\"{}\": holds {}, and {}.", pair.name, cx.list_grants(&left), cx.list_grants(&right));
            let mut both: Vec<GrantKey> = left.into_iter().chain(right).collect();
            both.sort_unstable();
            both.dedup();
            evaluation.findings.push(
                Finding::new(
                    "separation-of-duties",
                    Severity::High,
                    subject,
                    detail,
                    Evidence {
                        source: "config".to_owned(),
                        at: "[[separation_of_duties]]".to_owned(),
                        says: format!("{} and {} are kept apart", pair.left, pair.right),
                    },
                )
                .and(person.users.iter().map(|user| cx.user_evidence(*user)))
                .and(cx.person_evidence(person))
                .and(cx.grant_evidence(&both))
                .remedy("Remove one side, or record an exception with the control that stands in for it.")
                .sure(cx.confidence(person))
                .about(both),
            );
        }
    }
    evaluation
}

/// For each assignment, whether it gives what a side of a pair names.
fn on_side(cx: &RuleCx<'_>, side: &EntitlementPattern) -> Vec<bool> {
    let assignments = cx.ledger().entitlements().assignments();
    (0u32..).zip(assignments).map(|(at, _)| fits(cx.ledger(), side, at)).collect()
}
