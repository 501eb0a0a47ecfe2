//! `exception-unowned`.

use super::cx::{Owner, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::exception::Exception;
use crate::model::finding::{Finding, Severity};

declare_rule! {
    /// ## What it checks
    /// Whoever approved a live `[[exception]]` is gone, or is the very person it is about.
    ///
    /// ## Why it matters
    /// Accepted risk needs somebody who bears it. Nobody can accept a risk for themselves, or after they left.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: exceptions are approved by somebody with authority who still answers for them.
    ///
    /// ## Example
    /// The exception for `ada@example.org` was approved by `ada@example.org`.
    ///
    /// ## How to fix
    /// Have it approved anew by somebody else, or remove what it covers.
    ///
    /// ## Known limits
    /// An approver whom no source knows is undecided: name a person rather than a shared mailbox. An exception for a
    /// pattern of users is not taken to be about its approver. Ended ones are `exception-expired`.
    ExceptionUnowned {
        id: "exception-unowned",
        title: "Exception has no active, independent approver",
        severity: Medium,
        requires: [],
        covers: [],
        if_asked: [IdpUsers, HrRecords],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("exceptions in force");
    let live = cx.ledger().config().exceptions.iter().filter(|exception| exception.expires > cx.as_of());
    for exception in live {
        evaluation.population += 1;
        let approver = &exception.approved_by;
        let why = if is_about(cx, exception, approver) {
            format!("{approver} approved it for themselves")
        } else {
            match cx.owner(approver) {
                Owner::Here => continue,
                Owner::Stranger => {
                    evaluation.undecided += 1;
                    continue;
                }
                Owner::Gone(reason) => format!("{approver}, who approved it, is gone ({reason})"),
            }
        };
        let mut evidence = Vec::new();
        for person in cx.people_named(approver) {
            evidence.extend(cx.person_evidence(person));
        }
        evaluation.findings.push(
            Finding::new(
                "exception-unowned",
                Severity::Medium,
                RuleCx::exception_subject(exception),
                format!("{why}."),
                RuleCx::exception_evidence(exception, format!("approved by {approver}")),
            )
            .and(evidence)
            .remedy("Have it approved anew by somebody else, or remove what it covers and then the exception."),
        );
    }
    evaluation
}

/// Whether an exception for one named user is about its approver, under any of the approver's names.
fn is_about(cx: &RuleCx<'_>, exception: &Exception, approver: &str) -> bool {
    let named = &exception.scope.user;
    if named.as_str().contains(['*', '?']) {
        return false;
    }
    let same = |person: &&crate::reconcile::Person| {
        let subjects = cx.people_named(named.as_str());
        subjects.iter().any(|subject| std::ptr::eq(*subject, *person))
    };
    named.matches(approver) || cx.people_named(approver).iter().any(same)
}
