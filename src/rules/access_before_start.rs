//! `access-before-start`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Finding, Severity};
use crate::model::standing::Standing;
use crate::reconcile::Person;

declare_rule! {
    /// ## What it checks
    /// A person holds access before their start: HR's start date is ahead, the identity provider has the record staged, or
    /// it gives a start that is ahead while HR has no record.
    ///
    /// ## Why it matters
    /// Nobody uses the account yet, so nobody notices who else does. A start that never happens leaves it behind.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: access begins with the engagement, not before it.
    ///
    /// ## Example
    /// A new hire starts on 1 October; on 15 September the account is active and in `GRP-AWS-DevOps`.
    ///
    /// ## How to fix
    /// Give group memberships on the first day, or keep the record out of the provisioning scope until then.
    ///
    /// ## Known limits
    /// Start dates are days of the roster's zone. A leaver with a coming engagement is
    /// reported by `leaver-holds-access` until it starts.
    AccessBeforeStart {
        id: "access-before-start",
        title: "Access before the start date",
        severity: Medium,
        requires: [],
        covers: [IdpUsers, DirectoryUsers, Assignments, Memberships, DirectoryGroups],
        if_asked: [HrRecords, DeclaredLinks],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("people who hold access");
    let mut doubts = Vec::new();
    for (user, person, grants) in cx.holders() {
        if person.kind.is_declared() {
            continue;
        }
        evaluation.population += 1;
        let reason = match person.standing.standing {
            Standing::NotStarted => person.standing.reason.clone(),
            Standing::Active => match start_ahead(cx, person) {
                Some(reason) => reason,
                None => {
                    // A record that could be this person's may say that they have not started.
                    if let Some(doubt) = cx.hr_doubt(person) {
                        evaluation.undecided += 1;
                        doubts.push(doubt);
                    }
                    continue;
                }
            },
            Standing::Unknown => {
                evaluation.undecided += 1;
                doubts.extend(cx.hr_doubt(person));
                continue;
            }
            _ => continue,
        };
        evaluation.findings.push(
            Finding::new(
                "access-before-start",
                Severity::Medium,
                cx.user_subject(user),
                format!("Not started ({reason}). Holds {}.", cx.list_grants(&grants)),
                cx.user_evidence(user),
            )
            .and(cx.person_evidence(person))
            .and(cx.grant_evidence(&grants))
            .remedy("Remove the access until the first day.")
            .sure(cx.confidence(person))
            .about(grants),
        );
    }
    cx.limit_by_hr(&doubts, &mut evaluation);
    evaluation
}

/// The identity provider's start, where HR does not know the person and every record's lies ahead.
fn start_ahead(cx: &RuleCx<'_>, person: &Person) -> Option<String> {
    if !person.hr_records.is_empty() {
        return None;
    }
    let records = person.idp_users.iter().filter_map(|at| cx.ledger().idp_user(*at));
    let starts: Option<Vec<_>> = records.map(|record| record.start.value().copied()).collect();
    let first = starts?.into_iter().min()?;
    (first > cx.as_of()).then(|| format!("identity provider: starts at {first}"))
}
