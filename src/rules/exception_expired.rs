//! `exception-expired`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::Interval;
use crate::model::finding::{Finding, Severity};
use crate::model::time::Basis;

declare_rule! {
    /// ## What it checks
    /// An `[[exception]]` is past its end. The findings it covered are open again.
    ///
    /// ## Why it matters
    /// Accepted risk is accepted for a time. An exception that never ends is a decision nobody takes again.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: exceptions are owned, bounded and looked at again.
    ///
    /// ## Example
    /// The exception for a vendor's direct assignment ended on 31 August; it is 30 September and the assignment is there.
    ///
    /// ## How to fix
    /// Remove what it covered and then the exception, or have it approved anew with a new end.
    ///
    /// ## Known limits
    /// An exception lasts to the close of its last day in UTC.
    ExceptionExpired {
        id: "exception-expired",
        title: "Exception expired",
        severity: Medium,
        requires: [],
        covers: [],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let exceptions = &cx.ledger().config().exceptions;
    let mut evaluation = Evaluation { population: exceptions.len() as u64, of: "exceptions", ..Evaluation::default() };
    for exception in exceptions.iter().filter(|exception| exception.expires <= cx.as_of()) {
        evaluation.findings.push(
            Finding::new(
                "exception-expired",
                Severity::Medium,
                RuleCx::exception_subject(exception),
                format!(
                    "Accepted by {} (\"{}\"), and ended at {}.",
                    exception.approved_by, exception.reason, exception.expires
                ),
                RuleCx::exception_evidence(exception, format!("expires at {}", exception.expires)),
            )
            .remedy("Remove what it covered and then the exception, or have it approved anew.")
            .since(Some(Interval::exact(exception.expires, Basis::Record))),
        );
    }
    evaluation
}
