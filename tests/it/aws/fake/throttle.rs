//! Token buckets: one for all of sso-admin together, one for each operation of the identity store.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

pub(super) struct Throttle {
    rate: f64,
    burst: f64,
    buckets: Mutex<HashMap<String, (f64, Instant)>>,
}

impl Throttle {
    pub(super) fn new(rate: f64, burst: f64) -> Self {
        Self { rate, burst, buckets: Mutex::default() }
    }

    /// Whether the operation may go on now. Organizations and STS have other limits, which no audit comes near.
    pub(super) fn admit(&self, operation: &str, now: Instant) -> bool {
        let bucket = match operation.split_once(':') {
            Some(("sso", _)) => "sso",
            Some(("identitystore", _)) => operation,
            _ => return true,
        };
        let mut buckets = self.buckets.lock().unwrap();
        let (tokens, last) = buckets.entry(bucket.to_owned()).or_insert((self.burst, now));
        let refill = now.saturating_duration_since(*last).as_secs_f64() * self.rate;
        *tokens = (*tokens + refill).min(self.burst);
        *last = now;
        if *tokens >= 1.0 {
            *tokens -= 1.0;
            true
        } else {
            false
        }
    }
}
