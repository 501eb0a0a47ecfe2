//! The one way to call AWS: paced, counted, tried again where that helps, and stopped where it does not.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backon::{BackoffBuilder, ExponentialBuilder};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::error::{CallError, Failure, Patience, judge};
use super::operation::{OPERATIONS, Operation};
use super::pager::Page;
use crate::collect::{Clock, CollectCx, Progress};
use crate::model::{GapKind, OperationRecord};

/// How failures are tried again. Other values are for tests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryPolicy {
    /// The first wait; each further one is twice as long, with jitter of up to as much again.
    pub(crate) base: Duration,
    /// The longest wait.
    pub(crate) longest: Duration,
    /// Tries of a throttled call.
    pub(crate) throttle: u32,
    /// Tries of a call that the service failed.
    pub(crate) long: u32,
    /// Tries of a call that the network failed.
    pub(crate) some: u32,
    /// Tries of a call that nobody seems to know.
    pub(crate) short: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(400),
            longest: Duration::from_secs(20),
            throttle: 8,
            long: 5,
            some: 3,
            short: 2,
        }
    }
}

impl RetryPolicy {
    fn tries(&self, patience: Patience) -> u32 {
        match patience {
            Patience::None => 1,
            Patience::Short => self.short,
            Patience::Some => self.some,
            Patience::Long => self.long,
            Patience::Throttle => self.throttle,
        }
    }

    fn waits(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        ExponentialBuilder::new()
            .with_min_delay(self.base)
            .with_max_delay(self.longest)
            .without_max_times()
            .with_jitter()
            .build()
    }
}

/// After this many refusals without one success an operation is not called any more, nor a service that can't be reached.
const GIVE_UP_AFTER: u32 = 3;

/// One AWS request budget. Turns are taken in order, so that no caller waits for ever.
struct Budget {
    turn: tokio::sync::Mutex<()>,
    bucket: DefaultDirectRateLimiter,
}

impl Budget {
    fn new(quota: Quota) -> Self {
        Self { turn: tokio::sync::Mutex::new(()), bucket: RateLimiter::direct(quota) }
    }

    async fn take(&self) {
        let _turn = self.turn.lock().await;
        self.bucket.until_ready().await;
    }
}

/// The pace within one bucket: `rate` a second, and at first at most two thirds of a second's worth at once.
///
/// AWS's bucket holds 20 and refills by 20 a second. We send at most `burst + rate × t` in any `t` seconds; with 18 and 12 that
/// stays 8 below it at every `t`, which leaves room for requests that overtake each other on the way.
fn quota(rate: u32) -> Quota {
    let rate = NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
    let burst = NonZeroU32::new(rate.get() * 2 / 3).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(rate).allow_burst(burst)
}

#[derive(Debug, Default)]
struct Counts {
    requests: u64,
    pages: u64,
    items: u64,
    retries: u64,
    throttles: u64,
    failures: u64,
    first_at: Option<crate::model::Instant>,
    last_at: Option<crate::model::Instant>,
    succeeded: bool,
    denied: u32,
    denial: Option<CallError>,
}

/// How many calls in a row a service's network failed.
#[derive(Debug, Default)]
struct Line {
    failed: u32,
    dead: Option<CallError>,
}

#[derive(Debug, Default)]
struct State {
    counts: BTreeMap<(&'static str, &'static str, &'static str), Counts>,
    lines: BTreeMap<&'static str, Line>,
    /// Set when the credentials are gone: nothing can be called any more.
    over: Option<CallError>,
}

/// Makes the calls.
pub(super) struct Calls {
    budgets: BTreeMap<&'static str, Budget>,
    at_once: usize,
    policy: RetryPolicy,
    clock: Clock,
    progress: Progress,
    state: Mutex<State>,
}

impl Calls {
    /// Calls at `rate` requests a second in each bucket.
    pub(super) fn new(rate: u32, policy: RetryPolicy, cx: &CollectCx) -> Self {
        let budgets = OPERATIONS.iter().map(|operation| (operation.bucket, Budget::new(quota(rate)))).collect();
        Self {
            budgets,
            at_once: usize::try_from(rate).unwrap_or(usize::MAX).clamp(24, 64),
            policy,
            clock: cx.clock.clone(),
            progress: cx.progress.clone(),
            state: Mutex::default(),
        }
    }

    /// How many calls of one branch to have under way: enough to use the pace up while an answer takes a second.
    pub(super) fn at_once(&self) -> usize {
        self.at_once
    }

    /// Where progress is told.
    pub(super) fn progress(&self) -> &Progress {
        &self.progress
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counters can't be left half-written; a poisoned lock is as good as a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls an operation that has no pages.
    pub(super) async fn call<O, E, F>(&self, operation: &Operation, send: impl Fn() -> F) -> Result<O, CallError>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let result = self.attempt(operation, send).await;
        self.progress.call_done();
        if result.is_ok() {
            self.count(operation, |counts| counts.items += 1);
        }
        result
    }

    /// Calls an operation for one page; `read` takes its items and token out of the answer.
    pub(super) async fn page<O, E, F, T>(
        &self,
        operation: &Operation,
        send: impl Fn() -> F,
        read: impl FnOnce(O) -> (Vec<T>, Option<String>),
    ) -> Result<Page<T>, CallError>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let result = self.attempt(operation, send).await;
        self.progress.call_done();
        let (items, next) = read(result?);
        self.progress.page();
        self.count(operation, |counts| {
            counts.pages += 1;
            counts.items += items.len() as u64;
        });
        Ok(Page { items, next })
    }

    async fn attempt<O, E, F>(&self, operation: &Operation, send: impl Fn() -> F) -> Result<O, CallError>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let mut waits = self.policy.waits();
        let mut tried = 0;
        loop {
            self.stopped(operation)?;
            if let Some(budget) = self.budgets.get(operation.bucket) {
                budget.take().await;
            }
            // The wait may have been long enough for the credentials to be found gone.
            self.stopped(operation)?;
            let now = self.clock.now();
            self.count(operation, |counts| {
                counts.requests += 1;
                counts.retries += u64::from(tried > 0);
                counts.first_at.get_or_insert(now);
            });
            tried += 1;
            let answer = send().await;
            let now = self.clock.now();
            self.count(operation, |counts| counts.last_at = Some(now));
            let error = match answer {
                Ok(output) => {
                    self.succeeded(operation);
                    return Ok(output);
                }
                Err(error) => error,
            };
            let failure = Failure::of(&error);
            if matches!(failure, Failure::NoCredentials { .. } | Failure::NotSent(_)) {
                self.count(operation, |counts| counts.requests -= 1);
            }
            let verdict = judge(operation, failure);
            if verdict.patience == Patience::Throttle {
                self.count(operation, |counts| counts.throttles += 1);
            }
            if verdict.error.is_not_found() && operation.absence_answers {
                self.succeeded(operation);
                return Err(verdict.error);
            }
            if tried >= self.policy.tries(verdict.patience) {
                self.failed(operation, &verdict.error);
                return Err(verdict.error);
            }
            let wait = waits.next().unwrap_or(self.policy.longest);
            tokio::time::sleep(wait.max(verdict.wait.unwrap_or_default())).await;
        }
    }

    fn count(&self, operation: &Operation, change: impl FnOnce(&mut Counts)) {
        change(self.state().counts.entry(operation.key()).or_default());
    }

    /// Whether this call is known to fail.
    fn stopped(&self, operation: &Operation) -> Result<(), CallError> {
        let state = self.state();
        let dead = || state.lines.get(operation.service)?.dead.as_ref();
        let denied = || {
            let counts = state.counts.get(&operation.key())?;
            counts.denial.as_ref().filter(|_| counts.denied >= GIVE_UP_AFTER)
        };
        match state.over.as_ref().or_else(dead).or_else(denied) {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    fn succeeded(&self, operation: &Operation) {
        let mut state = self.state();
        state.lines.entry(operation.service).or_default().failed = 0;
        let counts = state.counts.entry(operation.key()).or_default();
        counts.succeeded = true;
        counts.denied = 0;
    }

    fn failed(&self, operation: &Operation, error: &CallError) {
        let mut state = self.state();
        let line = state.lines.entry(operation.service).or_default();
        if error.kind == GapKind::Network {
            line.failed += 1;
            if line.failed >= GIVE_UP_AFTER {
                line.dead.get_or_insert_with(|| error.clone());
            }
        } else {
            line.failed = 0;
        }
        let counts = state.counts.entry(operation.key()).or_default();
        counts.failures += 1;
        if error.kind == GapKind::Denied && !counts.succeeded {
            counts.denied += 1;
            counts.denial = Some(error.clone());
        }
        if error.kind == GapKind::Credentials {
            state.over.get_or_insert_with(|| error.clone());
        }
    }

    /// What was called so far, sorted.
    pub(super) fn records(&self) -> Vec<OperationRecord> {
        let mut records: Vec<OperationRecord> = self
            .state()
            .counts
            .iter()
            .filter_map(|((service, name, parameters), counts)| {
                let first_at = counts.first_at?;
                Some(OperationRecord {
                    operation: format!("{service}:{name}"),
                    parameters: (*parameters).to_owned(),
                    requests: counts.requests,
                    pages: counts.pages,
                    items: counts.items,
                    retries: counts.retries,
                    throttles: counts.throttles,
                    failures: counts.failures,
                    first_at,
                    last_at: counts.last_at.unwrap_or(first_at),
                })
            })
            .collect();
        records.sort();
        records
    }
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "the SDK's own error type")]
#[path = "call_tests.rs"]
mod tests;
