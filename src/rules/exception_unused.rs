//! `exception-unused`.

use super::cx::{RuleCx, is_covered};
use super::{Evaluation, Outcome, Verdict, declare_rule};
use crate::model::finding::{Finding, Severity};

declare_rule! {
    /// ## What it checks
    /// A live `[[exception]]` covers no finding of its rule any more.
    ///
    /// ## Why it matters
    /// What it accepted was put right, or was never there. Left in place it will cover the next one unasked.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: the list of accepted risks is the list of risks there are.
    ///
    /// ## Example
    /// The direct assignment was removed in May; the exception for it runs to December.
    ///
    /// ## How to fix
    /// Remove it from the config.
    ///
    /// ## Known limits
    /// An exception that covers a part of a finding covers nothing of it, and is reported here. Undecided where its rule
    /// did not see everything, or is not built into this version. It informs and fails no test.
    ExceptionUnused {
        id: "exception-unused",
        title: "Exception matches no finding",
        severity: Info,
        requires: [],
        covers: [],
        controls: [Cc6_3],
    }
    evaluate,
    after
}

/// Nothing by itself: what an exception covers is known only when the other rules have spoken.
fn evaluate(_: &RuleCx<'_>) -> Evaluation {
    Evaluation::of("exceptions in force")
}

fn after(cx: &RuleCx<'_>, outcomes: &[Outcome]) -> Evaluation {
    let mut evaluation = Evaluation::of("exceptions in force");
    let live = cx.ledger().config().exceptions.iter().filter(|exception| exception.expires > cx.as_of());
    for exception in live {
        evaluation.population += 1;
        let outcome = outcomes.iter().find(|outcome| outcome.rule.id == exception.rule);
        let findings = outcome.map_or(&[][..], |outcome| &outcome.evaluation.findings);
        if findings.iter().any(|finding| is_covered(cx.ledger(), exception, finding)) {
            continue;
        }
        // A rule that did not see everything may have missed what this covers; this rule can't judge its own.
        if !outcome.is_some_and(|outcome| outcome.verdict == Verdict::Evaluated) || exception.rule == "exception-unused"
        {
            evaluation.undecided += 1;
            continue;
        }
        evaluation.findings.push(
            Finding::new(
                "exception-unused",
                Severity::Info,
                RuleCx::exception_subject(exception),
                format!("None of the {} findings of {} lies wholly in its scope.", findings.len(), exception.rule),
                RuleCx::exception_evidence(exception, format!("is for {}", exception.rule)),
            )
            .remedy("Remove it from the config."),
        );
    }
    evaluation
}
