//! `no-hr-record`.

use super::cx::{AnyPrivileged, RuleCx, is_guest};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Finding, Severity};
use crate::model::standing::Standing;
use crate::reconcile::Person;

declare_rule! {
    /// ## What it checks
    /// A person who can sign in and holds access has no record in the HR roster, by employee id or work email, and is
    /// neither declared under `[identities]` nor external by user type. High when a grant is privileged.
    ///
    /// ## Why it matters
    /// HR and the identity provider disagree on who exists. Whoever HR does not know will never be terminated by HR.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: the leaver population comes from HR; people outside it would be missed by the leaver test.
    ///
    /// ## Example
    /// `temp.build@example.org` is active in the identity provider and in `GRP-AWS-DevOps`, and stands in no roster.
    ///
    /// ## How to fix
    /// Add the person to HR or the contractor register, correct the employee id, or declare the identity with an owner.
    ///
    /// ## Known limits
    /// Guests are not expected in HR. Contractors are, only if the roster has any. A user whose id and email point at
    /// different records, or who could be one of several, counts as undecided. Where no user of an identity provider is
    /// found in the roster, the roster counts as unlinked, and nobody is reported.
    NoHrRecord {
        id: "no-hr-record",
        title: "User with access has no HR record",
        severity: Medium,
        requires: [HrRecords, IdpUsers],
        covers: [Assignments, Memberships, DirectoryGroups, DirectoryUsers, PermissionSets],
        if_asked: [DeclaredLinks],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let contractors_listed = cx
        .ledger()
        .snapshot()
        .hr()
        .is_some_and(|hr| hr.records.iter().any(|record| record.worker_type.as_deref().is_some_and(is_contractor)));
    let mut evaluation = Evaluation { of: "people who hold access and can sign in", ..Evaluation::default() };
    let mut doubts = Vec::new();
    for (user, person, grants) in cx.holders() {
        if person.kind.is_declared() {
            continue;
        }
        if !matches!(person.standing.standing, Standing::Active | Standing::NotStarted) {
            // Whoever could be one of several records may be one that HR does not know.
            evaluation.undecided += u64::from(person.standing.standing == Standing::Unknown);
            doubts.extend(cx.hr_doubt(person));
            continue;
        }
        evaluation.population += 1;
        if !person.hr_records.is_empty() || is_external(cx, person, contractors_listed) {
            continue;
        }
        if let Some(doubt) = cx.hr_doubt(person) {
            evaluation.undecided += 1;
            doubts.push(doubt);
            continue;
        }
        let severity = match cx.any_privileged(&grants) {
            AnyPrivileged::Yes => Severity::High,
            AnyPrivileged::No => Severity::Medium,
        };
        let number = person.idp_users.iter().find_map(|at| cx.ledger().idp_user(*at)?.employee_id.clone());
        let sought = number.map_or_else(|| "no employee id".to_owned(), |id| format!("employee id {id}"));
        evaluation.findings.push(
            Finding::new(
                "no-hr-record",
                severity,
                cx.user_subject(user),
                format!(
                    "The roster has no record of this person ({sought}, work email). Holds {}.",
                    cx.list_grants(&grants)
                ),
                cx.user_evidence(user),
            )
            .and(cx.person_evidence(person))
            .remedy("Add the person to HR or the contractor register, or correct the employee id.")
            .sure(cx.confidence(person))
            .about(grants),
        );
    }
    cx.limit_by_hr(&doubts, &mut evaluation);
    evaluation
}

/// Whether every record says the person is somebody HR does not keep.
fn is_external(cx: &RuleCx<'_>, person: &Person, contractors_listed: bool) -> bool {
    let mut records = person.idp_users.iter().filter_map(|at| cx.ledger().idp_user(*at));
    records.all(|user| is_guest(user) || (user.user_type.as_deref().is_some_and(is_contractor) && !contractors_listed))
}

fn is_contractor(word: &str) -> bool {
    ["contractor", "contingent", "contingent worker", "consultant"].iter().any(|kind| word.eq_ignore_ascii_case(kind))
}
