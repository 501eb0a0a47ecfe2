//! AWS's calls: the shared way to call, with the SDK's requests and AWS's failures.

use std::collections::BTreeMap;
use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::error::judge;
use super::operation::{OPERATIONS, Operation};
use crate::aws::failure::Failure;
use crate::collect::calls::{self, CallError, RawPage, RetryPolicy, burst_quota};
use crate::collect::{CollectCx, Progress};
use crate::model::OperationRecord;

/// Makes the calls.
pub(super) struct Calls(calls::Calls);

impl Calls {
    /// Calls at `rate` requests a second in each bucket; of one branch so many at once as use the pace up while an answer takes a
    /// second.
    pub(super) fn new(rate: u32, policy: RetryPolicy, cx: &CollectCx) -> Self {
        let budgets: BTreeMap<_, _> =
            OPERATIONS.iter().map(|operation| (operation.bucket, burst_quota(operation.pace(rate)))).collect();
        let at_once = usize::try_from(rate).unwrap_or(usize::MAX).clamp(24, 64);
        Self(calls::Calls::new(budgets, at_once, policy, cx))
    }

    /// How many calls of one branch to have under way.
    pub(super) fn at_once(&self) -> usize {
        self.0.at_once()
    }

    /// Where progress is told.
    pub(super) fn progress(&self) -> &Progress {
        self.0.progress()
    }

    /// Calls an operation that has no pages.
    pub(super) async fn call<O, E, F>(&self, operation: &Operation, send: impl Fn() -> F) -> Result<O, CallError>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        self.0.call(operation, send, |error| judge(operation, Failure::of(&error))).await
    }

    /// Calls an operation for one page; `read` takes its items and token out of the answer.
    pub(super) async fn page<O, E, F, T>(
        &self,
        operation: &Operation,
        send: impl Fn() -> F,
        read: impl FnOnce(O) -> (Vec<T>, Option<String>),
    ) -> Result<RawPage<T>, CallError>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        self.0.page(operation, send, |error| judge(operation, Failure::of(&error)), read).await
    }

    /// What was called so far, sorted.
    pub(super) fn records(&self) -> Vec<OperationRecord> {
        self.0.records()
    }
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "the SDK's own error type")]
#[path = "call_tests.rs"]
mod tests;
