//! `ambiguous-identity`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity};
use crate::reconcile::{HrBasis, LinkOutcome};

declare_rule! {
    /// ## What it checks
    /// More than one identity provider record, or more than one Identity Center user, fits at the first rung of the
    /// identity ladder that matches. No link is made, and nothing is concluded about the person. Likewise where more than
    /// one HR record could be the person's.
    ///
    /// ## Why it matters
    /// Guessing would judge one person by another's record. Until it is resolved, leavers may hide here.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: which identities the other tests could not decide.
    ///
    /// ## Example
    /// Two records in the export have the email `a.lee@example.org`, and the Identity Center user has no external id.
    ///
    /// ## How to fix
    /// Add a line to the links file (`identities.links`), or make the attribute unique at its source.
    ///
    /// ## Known limits
    /// Ambiguity below the first rung that matches does not matter and is not reported.
    AmbiguousIdentity {
        id: "ambiguous-identity",
        title: "Ambiguous identity (several matching records)",
        severity: Medium,
        requires: [],
        covers: [DirectoryUsers, IdpUsers],
        if_asked: [HrRecords],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation { of: "Identity Center users", ..Evaluation::default() };
    for user in cx.users() {
        evaluation.population += 1;
        for (idp, outcome) in cx.outcomes(user) {
            let LinkOutcome::Ambiguous { rung, candidates, claimants } = outcome else {
                continue;
            };
            let records: Vec<_> = candidates.iter().filter_map(|at| cx.ledger().idp_user((idp, *at))).collect();
            let named: Vec<String> =
                records.iter().map(|record| format!("{} ({})", record.user_name, record.id)).collect();
            let detail = if *claimants > 1 {
                format!("{claimants} Identity Center users match {} by {}.", named.join(", "), rung.as_str())
            } else {
                format!("By {} this user could be any of {}.", rung.as_str(), named.join(", "))
            };
            let grants = cx.ledger().grants().of_user(user);
            let mut subject = cx.user_subject(user);
            subject.ids.push(cx.idp_name(idp).to_owned());
            evaluation.findings.push(
                Finding::new(
                    "ambiguous-identity",
                    Severity::Medium,
                    subject,
                    format!("{detail} No link was made in {}.", cx.idp_name(idp)),
                    cx.user_evidence(user),
                )
                .and(records.iter().map(|record| Evidence {
                    source: format!("idp:{}", cx.idp_name(idp)),
                    at: record.origin.clone(),
                    says: format!("{} has id {}", record.user_name, record.id),
                }))
                .remedy("Declare the right link in the file named by identities.links.")
                .about(grants),
            );
        }
    }
    for person in cx.ledger().people().iter().filter(|person| !person.users.is_empty()) {
        if person.standing.standing.is_gone() {
            continue;
        }
        let Some(doubt) = cx.hr_doubt(person).filter(|doubt| doubt.basis != HrBasis::NotCompared) else { continue };
        // What two records contradict is reported as `identity-mismatch`.
        let Some(user) = person.users.first().filter(|_| doubt.basis != HrBasis::Contradicted) else { continue };
        let mut subject = cx.user_subject(*user);
        subject.ids.push("hr".to_owned());
        evaluation.findings.push(
            Finding::new(
                "ambiguous-identity",
                Severity::Medium,
                subject,
                format!("{}. Nothing is concluded from HR.", doubt.reason),
                cx.user_evidence(*user),
            )
            .and(cx.person_evidence(person))
            .and(cx.hr_evidence(&doubt.candidates))
            .remedy("Make the attribute unique at its source, or give the employee_id in the file named by identities.links.")
            .about(cx.ledger().grants_of_person(person)),
        );
    }
    evaluation
}
