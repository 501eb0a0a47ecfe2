//! One call with all its tries, and the book that is kept of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::Quota;

use super::pace::Budget;
use super::{CallError, Called, Key, Patience, RawPage, RetryPolicy, Verdict};
use crate::collect::{Clock, CollectCx, Progress};
use crate::model::{GapKind, Instant, OperationRecord};

/// After this many refusals without one success an operation is not called any more, nor a service that can't be reached.
const GIVE_UP_AFTER: u32 = 3;

#[derive(Debug, Default)]
struct Counts {
    action: String,
    requests: u64,
    pages: u64,
    items: u64,
    retries: u64,
    throttles: u64,
    failures: u64,
    first_at: Option<Instant>,
    last_at: Option<Instant>,
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
    counts: BTreeMap<Key, Counts>,
    lines: BTreeMap<&'static str, Line>,
    /// Request budgets on which a service asked for a longer quiet than it is granted.
    closed: BTreeMap<&'static str, CallError>,
    /// Set when the credentials are gone: nothing can be called any more.
    over: Option<CallError>,
}

/// The error of a service that asks for a longer wait than a run can grant.
fn too_long(called: &dyn Called, now: Instant, asked: Duration, granted: Duration) -> CallError {
    let until = jiff::SignedDuration::try_from(asked).ok().and_then(|asked| now.timestamp().checked_add(asked).ok());
    let until = until.and_then(|until| Instant::from_epoch_seconds(until.as_second()));
    let until = until.map_or_else(String::new, |until| format!(", until {until}"));
    CallError {
        kind: GapKind::Throttled,
        reason: format!(
            "{} asks to wait {} seconds{until}; a run waits for {} seconds at most",
            called.vendor(),
            asked.as_secs(),
            granted.as_secs()
        ),
        hint: "run again after that time, or raise longest_wait; lower requests_at_once if it happens often".to_owned(),
        code: None,
    }
}

/// Makes the calls to one source.
pub struct Calls {
    budgets: BTreeMap<&'static str, Budget>,
    at_once: usize,
    policy: RetryPolicy,
    clock: Clock,
    progress: Progress,
    state: Mutex<State>,
}

impl Calls {
    /// Calls within these budgets, so many at once.
    pub fn new(
        budgets: impl IntoIterator<Item = (&'static str, Quota)>,
        at_once: usize,
        policy: RetryPolicy,
        cx: &CollectCx,
    ) -> Self {
        Self {
            budgets: budgets.into_iter().map(|(bucket, quota)| (bucket, Budget::new(quota))).collect(),
            at_once,
            policy,
            clock: cx.clock.clone(),
            progress: cx.progress.clone(),
            state: Mutex::default(),
        }
    }

    /// How many calls of one branch to have under way.
    pub fn at_once(&self) -> usize {
        self.at_once
    }

    /// Where progress is told.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sends nothing on this budget for so long. A pause that is longer than a service is granted is not begun: the call that
    /// was told of it closes the budget.
    pub fn hold(&self, bucket: &str, pause: Duration) {
        if let Some(budget) = self.budgets.get(bucket).filter(|_| pause <= self.policy.longest_asked) {
            budget.hold(pause.min(self.policy.cut_to));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counters can't be left half-written; a poisoned lock is as good as a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls an operation that has no pages.
    pub async fn call<T, E, F>(
        &self,
        called: &dyn Called,
        send: impl Fn() -> F,
        judge: impl Fn(E) -> Verdict,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, E>>,
    {
        let result = self.attempt(called, send, judge).await;
        self.progress.call_done();
        if result.is_ok() {
            self.count(called, |counts| counts.items += 1);
        }
        result
    }

    /// Calls an operation for one page; `read` takes its items and token out of the answer.
    pub async fn page<T, E, F, I>(
        &self,
        called: &dyn Called,
        send: impl Fn() -> F,
        judge: impl Fn(E) -> Verdict,
        read: impl FnOnce(T) -> (Vec<I>, Option<String>),
    ) -> Result<RawPage<I>, CallError>
    where
        F: Future<Output = Result<T, E>>,
    {
        let result = self.attempt(called, send, judge).await;
        self.progress.call_done();
        let (items, next) = read(result?);
        self.progress.page();
        self.count(called, |counts| {
            counts.pages += 1;
            counts.items += items.len() as u64;
        });
        Ok(RawPage { items, next })
    }

    /// Calls an operation whose answer counts as nothing: a token.
    pub async fn attempt<T, E, F>(
        &self,
        called: &dyn Called,
        send: impl Fn() -> F,
        judge: impl Fn(E) -> Verdict,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut waits = self.policy.waits();
        let mut tried = 0;
        let mut renewed = false;
        loop {
            self.stopped(called)?;
            if let Some(budget) = self.budgets.get(called.bucket()) {
                budget.take().await;
            }
            // The wait may have been long enough for the credentials to be found gone.
            self.stopped(called)?;
            let now = self.clock.now();
            self.count(called, |counts| {
                counts.requests += 1;
                counts.retries += u64::from(tried > 0);
                counts.first_at.get_or_insert(now);
            });
            tried += 1;
            let answer = send().await;
            let now = self.clock.now();
            self.count(called, |counts| counts.last_at = Some(now));
            let failure = match answer {
                Ok(output) => {
                    self.succeeded(called);
                    return Ok(output);
                }
                Err(failure) => failure,
            };
            let verdict = judge(failure);
            if !verdict.sent {
                self.count(called, |counts| counts.requests -= 1);
            }
            if verdict.patience == Patience::Throttle {
                self.count(called, |counts| counts.throttles += 1);
            }
            if verdict.error.is_not_found() && called.absence_answers() {
                self.succeeded(called);
                return Err(verdict.error);
            }
            if verdict.patience == Patience::Renewed && !renewed {
                renewed = true;
                continue;
            }
            let asked = verdict.wait.unwrap_or_default();
            if asked > self.policy.longest_asked {
                let error = too_long(called, now, asked, self.policy.longest_asked);
                self.failed(called, &error);
                self.state().closed.entry(called.bucket()).or_insert_with(|| error.clone());
                return Err(error);
            }
            if tried >= self.policy.tries(verdict.patience) {
                self.failed(called, &verdict.error);
                return Err(verdict.error);
            }
            let wait = waits.next().unwrap_or(self.policy.longest);
            tokio::time::sleep(wait.max(asked.min(self.policy.cut_to))).await;
        }
    }

    fn count(&self, called: &dyn Called, change: impl FnOnce(&mut Counts)) {
        let mut state = self.state();
        let counts = state.counts.entry(called.key());
        change(counts.or_insert_with(|| Counts { action: called.action(), ..Counts::default() }));
    }

    /// Whether this call is known to fail.
    fn stopped(&self, called: &dyn Called) -> Result<(), CallError> {
        let state = self.state();
        let dead = || state.lines.get(called.key().0)?.dead.as_ref();
        let denied = || {
            let counts = state.counts.get(&called.key())?;
            counts.denial.as_ref().filter(|_| counts.denied >= GIVE_UP_AFTER)
        };
        let closed = || state.closed.get(called.bucket());
        match state.over.as_ref().or_else(dead).or_else(denied).or_else(closed) {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    fn succeeded(&self, called: &dyn Called) {
        self.count(called, |counts| {
            counts.succeeded = true;
            counts.denied = 0;
        });
        self.state().lines.entry(called.key().0).or_default().failed = 0;
    }

    fn failed(&self, called: &dyn Called, error: &CallError) {
        self.count(called, |counts| {
            counts.failures += 1;
            if error.kind == GapKind::Denied && !counts.succeeded {
                counts.denied += 1;
                counts.denial = Some(error.clone());
            }
        });
        let mut state = self.state();
        let line = state.lines.entry(called.key().0).or_default();
        if error.kind == GapKind::Network {
            line.failed += 1;
            if line.failed >= GIVE_UP_AFTER {
                line.dead.get_or_insert_with(|| error.clone());
            }
        } else {
            line.failed = 0;
        }
        if error.kind == GapKind::Credentials {
            state.over.get_or_insert_with(|| error.clone());
        }
    }

    /// What was called so far, sorted.
    pub fn records(&self) -> Vec<OperationRecord> {
        let mut records: Vec<OperationRecord> = self
            .state()
            .counts
            .iter()
            .filter_map(|((_, _, parameters), counts)| {
                let first_at = counts.first_at?;
                Some(OperationRecord {
                    operation: counts.action.clone(),
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
