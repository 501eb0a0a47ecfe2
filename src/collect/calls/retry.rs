//! How often and how long after a failure a call is sent again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::Patience;

/// How failures are tried again. Other values are for tests.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// The first wait; each further one is twice as long, with jitter of up to as much again.
    pub base: Duration,
    /// The longest wait of our own.
    pub longest: Duration,
    /// The longest wait that a service is granted when it asks for one. One that asks for longer is not called again.
    pub longest_asked: Duration,
    /// What a granted wait is cut to: for tests only, as a service that is called too early counts it against the caller.
    pub cut_to: Duration,
    /// Tries of a throttled call.
    pub throttle: u32,
    /// Tries of a call that the service failed.
    pub long: u32,
    /// Tries of a call that the network failed.
    pub some: u32,
    /// Tries of a call that nobody seems to know.
    pub short: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(400),
            longest: Duration::from_secs(20),
            longest_asked: Duration::from_secs(10 * 60),
            cut_to: Duration::MAX,
            throttle: 8,
            long: 5,
            some: 3,
            short: 2,
        }
    }
}

impl RetryPolicy {
    pub(super) fn tries(&self, patience: Patience) -> u32 {
        match patience {
            Patience::None | Patience::Renewed => 1,
            Patience::Short => self.short,
            Patience::Some => self.some,
            Patience::Long => self.long,
            Patience::Throttle => self.throttle,
        }
    }

    pub(super) fn waits(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        ExponentialBuilder::new()
            .with_min_delay(self.base)
            .with_max_delay(self.longest)
            .without_max_times()
            .with_jitter()
            .build()
    }
}
