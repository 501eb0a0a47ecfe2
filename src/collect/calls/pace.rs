//! Request budgets: never faster than a service allows, and not at all while it asks for quiet.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

/// One request budget. Turns are taken in order, so that no caller waits for ever.
pub(super) struct Budget {
    turn: tokio::sync::Mutex<()>,
    bucket: DefaultDirectRateLimiter,
    /// Nothing is sent before this.
    quiet_until: Mutex<Option<Instant>>,
}

impl Budget {
    pub(super) fn new(quota: Quota) -> Self {
        Self { turn: tokio::sync::Mutex::new(()), bucket: RateLimiter::direct(quota), quiet_until: Mutex::default() }
    }

    /// Waits for a turn.
    pub(super) async fn take(&self) {
        let _turn = self.turn.lock().await;
        loop {
            self.bucket.until_ready().await;
            // Asked after the wait, which may have been long enough for the service to ask for quiet.
            match self.quiet().filter(|until| *until > Instant::now()) {
                Some(until) => tokio::time::sleep_until(until).await,
                None => return,
            }
        }
    }

    /// Sends nothing for so long.
    pub(super) fn hold(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut quiet = self.quiet_until.lock().unwrap_or_else(PoisonError::into_inner);
        if quiet.is_none_or(|known| known < until) {
            *quiet = Some(until);
        }
    }

    fn quiet(&self) -> Option<Instant> {
        *self.quiet_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pace for a bucket that holds a second's worth and refills all the time: `rate` a second, and at first at most two
/// thirds of a second's worth at once.
///
/// AWS's bucket holds 20 and refills by 20 a second. We send at most `burst + rate × t` in any `t` seconds; with 18 and 12 that
/// stays 8 below it at every `t`, which leaves room for requests that overtake each other on the way.
pub fn burst_quota(rate: u32) -> Quota {
    let rate = NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
    let burst = NonZeroU32::new(rate.get() * 2 / 3).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(rate).allow_burst(burst)
}

/// The pace for a service that counts requests in windows: never more than `requests` in any stretch of `window`, wherever it
/// begins. A third may go at once, and the rest is spread over the window.
pub fn window_quota(requests: u32, window: Duration) -> Quota {
    let requests = requests.max(1);
    let burst = NonZeroU32::new(requests / 3).unwrap_or(NonZeroU32::MIN);
    let rest = requests - burst.get();
    let apart = window.checked_div(rest.max(1)).filter(|apart| !apart.is_zero()).unwrap_or(Duration::from_nanos(1));
    let quota = Quota::with_period(apart).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
    quota.allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    /// In any window our requests stay below what AWS's bucket lets pass: 20 at once and 20 a second.
    #[test]
    fn the_pace_stays_within_a_bucket_of_twenty() {
        let clock = FakeRelativeClock::default();
        let bucket = RateLimiter::direct_with_clock(burst_quota(18), clock.clone());
        let mut tokens = 20.0_f64;
        for step in 0..60_000 {
            // An idle minute in between: the bursts after it count too.
            let idle = (20_000..40_000).contains(&step);
            while !idle && bucket.check().is_ok() {
                tokens -= 1.0;
            }
            assert!(tokens >= 0.0, "throttled at {step} ms");
            clock.advance(Duration::from_millis(1));
            tokens = (tokens + 0.02).min(20.0);
        }
    }

    #[test]
    fn a_pace_of_one_still_moves() {
        assert_eq!(burst_quota(1).burst_size().get(), 1);
        assert_eq!(burst_quota(0).burst_size().get(), 1);
        assert_eq!(window_quota(0, Duration::from_secs(1)).burst_size().get(), 1);
    }

    /// Whenever a window begins, at most so many of our requests fall into it, and in the long run hardly fewer.
    #[test]
    fn no_window_gets_more_than_its_requests() {
        for (requests, seconds) in [(5_u32, 10_usize), (10, 60), (600, 60), (2400, 60), (1, 5)] {
            let clock = FakeRelativeClock::default();
            let bucket = RateLimiter::direct_with_clock(
                window_quota(requests, Duration::from_secs(seconds as u64)),
                clock.clone(),
            );
            let mut sent = Vec::new();
            for step in 0..seconds * 400 {
                // An idle window in between.
                let idle = (seconds * 100..seconds * 220).contains(&step);
                let mut now = 0_u32;
                while !idle && bucket.check().is_ok() {
                    now += 1;
                }
                sent.push(now);
                clock.advance(Duration::from_millis(10));
            }
            let most = sent.windows(seconds * 100).map(|window| window.iter().sum::<u32>()).max().unwrap();
            assert!(most <= requests, "{most} of {requests} in {seconds} s");
            assert!(most * 3 >= requests * 2, "only {most} of {requests} in {seconds} s");
        }
    }

    #[test]
    fn nothing_is_sent_while_quiet_is_asked_for() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let budget = Budget::new(burst_quota(1000));
            let start = Instant::now();
            budget.hold(Duration::from_millis(60));
            budget.hold(Duration::from_millis(5));
            budget.take().await;
            assert!(start.elapsed() >= Duration::from_millis(60), "{:?}", start.elapsed());
        });
    }
}
