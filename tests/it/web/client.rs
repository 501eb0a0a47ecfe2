//! The client under test, with two calls declared, and small waits.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use overstay::collect::calls::{CallError, RetryPolicy};
use overstay::collect::http::{Bucket, Credential, Endpoint, Http, Limits, Next, Setup};
use overstay::collect::secret::SecretText;
use overstay::collect::{Clock, CollectCx, Progress};
use overstay::config::Connection;
use overstay::error::Error;
use overstay::model::{Fact, Instant};
use serde::Deserialize;

pub(crate) static FAST: Bucket = Bucket { name: "fast", requests: 60_000, seconds: 1 };
pub(crate) static LOGIN: Bucket = Bucket { name: "login", requests: 60_000, seconds: 1 };

pub(crate) static USERS: Endpoint =
    Endpoint::new("Example", "GET /users", &FAST, &[Fact::IdpUsers], "the permission users.read");
pub(crate) static GROUP: Endpoint =
    Endpoint::new("Example", "GET /groups/{id}", &FAST, &[Fact::IdpGroups], "the permission groups.read").perhaps();
pub(crate) static TOKEN: Endpoint = Endpoint::new("Example", "POST /token", &LOGIN, &[], "").of("login");
pub(crate) static RUNNER: Endpoint = Endpoint::new("GitHub Actions", "GET id token", &LOGIN, &[], "").of("runner");

pub(crate) static ENDPOINTS: &[&Endpoint] = &[&USERS, &GROUP, &TOKEN, &RUNNER];

/// Waits of milliseconds.
pub(crate) fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        read: Duration::from_secs(10),
        total: Duration::from_secs(20),
        largest: 1 << 20,
        retry: RetryPolicy {
            base: Duration::from_millis(1),
            longest: Duration::from_millis(2),
            cut_to: Duration::from_millis(40),
            ..RetryPolicy::default()
        },
    }
}

pub(crate) fn cx(clock: Clock) -> CollectCx {
    CollectCx { clock, progress: Progress::silent(), base: PathBuf::from(env!("CARGO_MANIFEST_DIR")) }
}

pub(crate) fn noon() -> Instant {
    "2026-09-30T12:00:00Z".parse().unwrap()
}

pub(crate) fn bearer(token: &str) -> Credential {
    Credential::Fixed { scheme: "Bearer", token: SecretText::new(token.to_owned()) }
}

/// A client of `url` whose clock stands still at noon.
pub(crate) fn connect(url: &str, credential: Credential) -> Arc<Http> {
    connect_with(url, credential, limits(), Connection::default()).unwrap()
}

pub(crate) fn connect_with(
    url: &str,
    credential: Credential,
    limits: Limits,
    connection: Connection,
) -> Result<Arc<Http>, Error> {
    let setup = Setup {
        source: "idp:example",
        base_url: url,
        credential,
        endpoints: ENDPOINTS,
        connection: &connection,
        at_once: 8,
        limits,
    };
    Http::connect(setup, &cx(Clock::fixed(noon())))
}

/// A page by the fashion of Microsoft Graph.
#[derive(Deserialize)]
pub(crate) struct GraphPage {
    pub(crate) value: Vec<String>,
    #[serde(rename = "@odata.nextLink")]
    pub(crate) next: Option<String>,
}

/// Runs a future that asks.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

/// Lists `/users` by next links; gives each page as it came, and the end.
pub(crate) fn list(http: &Http) -> (Vec<Vec<String>>, Result<(), CallError>) {
    let mut pages = Vec::new();
    let end = run(http.pages(
        http.get(&USERS, &["users"]),
        |page: GraphPage, _| (page.value, Next::link(page.next)),
        |items| pages.push(items),
    ));
    (pages, end)
}
