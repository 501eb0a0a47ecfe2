//! The server: `FakeAws::start(world)` listens on the loopback until it is dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

mod cloudtrail;
mod dispatch;
pub(crate) mod faults;
mod identity_store;
mod organizations;
mod pages;
pub(crate) mod s3;
mod sso_admin;
mod sts;
mod throttle;
pub(crate) mod world;

use faults::Fault;
use throttle::Throttle;
use world::{Index, World};

use crate::web::http::{Answer, Handler, Incoming, Server, date};

/// The access key that the server knows.
pub(crate) const ACCESS_KEY: &str = "AKIAFAKE000000000001";
/// Its secret. Signatures are not checked, only whose they are and for which Region.
pub(crate) const SECRET_KEY: &str = "fake-secret";

/// How a request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With what was asked for.
    Answered {
        /// Items in the page; none where the operation has no list.
        items: Option<usize>,
    },
    /// With `ThrottlingException` by the token bucket.
    Throttled,
    /// With an error of this code, as AWS would.
    Refused(String),
    /// Spoilt by a fault.
    Spoilt(&'static str),
}

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `sso:ListAccountAssignments`.
    pub(crate) operation: String,
    /// Its JSON body; for STS the form fields as strings.
    pub(crate) body: Value,
    /// The Region it was signed for.
    pub(crate) region: String,
    /// When its head and body had come.
    pub(crate) at: Instant,
    /// What became of it.
    pub(crate) outcome: Outcome,
}

/// What the server knows and remembers, shared by its connections.
pub(crate) struct Shared {
    pub(crate) world: World,
    pub(crate) index: Index,
    pub(crate) faults: Vec<Fault>,
    pub(crate) latency: Duration,
    pub(crate) page_limit: Option<usize>,
    pub(crate) clock_ahead: Option<i64>,
    throttle: Option<Throttle>,
    requests: Mutex<Vec<Request>>,
    anomalies: Mutex<Vec<String>>,
    pub(crate) access_keys: Mutex<BTreeSet<String>>,
}

impl Shared {
    /// Something no client of AWS should do; the test fails when the server is dropped.
    pub(crate) fn anomaly(&self, what: impl Into<String>) {
        self.anomalies.lock().unwrap().push(what.into());
    }
}

impl Handler for Shared {
    fn answer(&self, request: &Incoming) -> Answer {
        let mut answer = dispatch::answer(self, request);
        answer.headers.extend(self.clock_ahead.map(|ahead| ("date", date(ahead))));
        answer
    }
}

/// What the server does beside answering.
#[derive(Default)]
pub(crate) struct Setup {
    /// Faults, each tried in turn.
    pub(crate) faults: Vec<Fault>,
    /// Requests a second and burst; none is no limit.
    pub(crate) throttle: Option<(f64, f64)>,
    /// How long every answer takes.
    pub(crate) latency: Duration,
    /// A page size below the services' own, so that small worlds have several pages.
    pub(crate) page_limit: Option<usize>,
    /// How many seconds the `Date` of its answers is ahead of the machine's clock; none is no `Date`.
    pub(crate) clock_ahead: Option<i64>,
}

impl Setup {
    /// One fault and nothing else.
    pub(crate) fn fault(fault: Fault) -> Self {
        Self { faults: vec![fault], ..Self::default() }
    }

    /// AWS's published limit: 20 requests a second, burst 20.
    pub(crate) fn throttled() -> Self {
        Self { throttle: Some((20.0, 20.0)), ..Self::default() }
    }
}

/// A running server. Dropping it stops it, and fails the test if a client did what no client of AWS should.
pub(crate) struct FakeAws {
    server: Server,
    shared: Arc<Shared>,
}

impl FakeAws {
    /// A server without limits or faults.
    pub(crate) fn start(world: World) -> Self {
        Self::start_with(world, Setup::default())
    }

    /// A server with limits and faults.
    pub(crate) fn start_with(world: World, setup: Setup) -> Self {
        let index = world.index();
        let shared = Arc::new(Shared {
            index,
            faults: setup.faults,
            latency: setup.latency,
            page_limit: setup.page_limit,
            clock_ahead: setup.clock_ahead,
            throttle: setup.throttle.map(|(rate, burst)| Throttle::new(rate, burst)),
            requests: Mutex::default(),
            anomalies: Mutex::default(),
            access_keys: Mutex::new(BTreeSet::from([ACCESS_KEY.to_owned()])),
            world,
        });
        let server = Server::start(Arc::clone(&shared));
        Self { server, shared }
    }

    /// What `AWS_ENDPOINT_URL` is set to.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// The organisation it tells of.
    pub(crate) fn world(&self) -> &World {
        &self.shared.world
    }

    /// Every request so far, in the order of arrival.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Requests of one operation.
    pub(crate) fn requests_of(&self, operation: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.operation == operation).collect()
    }

    /// How many requests each operation got.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for request in self.requests() {
            *counts.entry(request.operation).or_default() += 1;
        }
        counts
    }

    /// How many requests were throttled.
    pub(crate) fn throttles(&self) -> usize {
        self.requests().iter().filter(|request| request.outcome == Outcome::Throttled).count()
    }

    /// What clients did that no client of AWS should; taking it keeps the test from failing over it.
    pub(crate) fn take_anomalies(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.anomalies.lock().unwrap())
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        let sound = self.server.stop();
        if !std::thread::panicking() {
            assert!(sound, "the server panicked");
            assert_eq!(self.take_anomalies(), Vec::<String>::new(), "requests that AWS doesn't know");
        }
    }
}
