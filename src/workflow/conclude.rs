//! From a snapshot to an assessment, and from an assessment to an exit code.

use crate::assess::{Assessment, assess};
use crate::config::Config;
use crate::exit::Status;
use crate::model::finding::Severity;
use crate::model::{AsOf, Period};
use crate::reconcile::{Ledger, reconcile};
use crate::rules::evaluate;
use crate::snapshot::Snapshot;

/// Runs every pure stage on a snapshot and hands the assessment on.
pub(crate) fn conclude<T>(
    snapshot: &Snapshot,
    config: &Config,
    as_of: AsOf,
    period: Option<Period>,
    then: impl FnOnce(&Assessment<'_>) -> T,
) -> T {
    let ledger: Ledger<'_> = reconcile(snapshot, config, as_of, period);
    let outcomes = evaluate(&ledger);
    then(&assess(&ledger, outcomes))
}

/// How a run ends: incomplete wins over findings, findings count only at a threshold.
pub(crate) fn status(assessment: &Assessment<'_>, fail_on: Option<Severity>) -> Status {
    let at_or_above = |threshold| assessment.worst_open().is_some_and(|worst| worst >= threshold);
    if !assessment.ledger().snapshot().is_complete() {
        Status::Incomplete
    } else if fail_on.is_some_and(at_or_above) {
        Status::Findings
    } else {
        Status::Clean
    }
}
