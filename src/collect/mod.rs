//! Reading the sources. The only code that talks to the world; it records what it could not read and goes on.

pub mod approvals;
pub mod aws;
pub mod calls;
pub mod cloudtrail;
mod entries;
pub mod holidays;
pub mod hr;
pub mod http;
pub mod idp;
pub mod links;
mod packed;
mod probe;
pub mod progress;
pub mod secret;
pub mod table;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::Error;
use crate::model::{Approval, AwsFacts, DeclaredLink, EventLog, Holiday, HrFacts, IdpFacts, Instant, SourceRecord};

pub use probe::{Check, CheckOutcome, Probe};
pub use progress::Progress;

/// The clock, handed down from `main`. Nothing else may ask for the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Instant + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// A clock that stands still.
    pub fn fixed(at: Instant) -> Self {
        Self::new(move || at)
    }

    /// The time.
    pub fn now(&self) -> Instant {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// What a collector is given.
#[derive(Debug, Clone)]
pub struct CollectCx {
    /// The clock.
    pub clock: Clock,
    /// Where progress is told.
    pub progress: Progress,
    /// The folder that relative paths of the config start from.
    pub base: std::path::PathBuf,
}

/// A boxed future, so that collectors can be kept in a list.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Reads one source. It never fails for what the source would not tell: that becomes gaps in the batch.
pub trait Collector: Send + Sync {
    /// `aws`, `idp:NAME`, `hr`, `links`, `approvals` or `calendar`.
    fn source(&self) -> String;

    /// Reads the source.
    ///
    /// # Errors
    /// Only for what the user must put right first: a missing file or column.
    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>>;

    /// Finds out what a collection could read. What is wrong is told in the checks.
    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe>;
}

/// What one collector brought: a value, so that collectors share nothing.
#[derive(Debug, Clone)]
pub struct Batch {
    /// What was asked, and how the source answered.
    pub record: SourceRecord,
    /// What it told.
    pub facts: Facts,
    /// What its logs told.
    pub events: Vec<EventLog>,
}

impl Batch {
    /// A batch without logs.
    pub fn new(record: SourceRecord, facts: Facts) -> Self {
        Self { record, facts, events: Vec::new() }
    }
}

/// The facts of one source.
#[derive(Debug, Clone)]
pub enum Facts {
    /// AWS; none when not even the instance could be found.
    Aws(Option<Box<AwsFacts>>),
    /// An identity provider.
    Idp(Box<IdpFacts>),
    /// The HR roster.
    Hr(HrFacts),
    /// Declared links.
    Links(Vec<DeclaredLink>),
    /// Nothing but what logs tell.
    Events,
    /// Approvals of access.
    Approvals(Vec<Approval>),
    /// Days off besides weekends.
    Holidays(Vec<Holiday>),
}
