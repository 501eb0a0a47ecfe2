//! The collector in a folder of its own, with a clock that stands still and waits of milliseconds.
#![expect(clippy::disallowed_methods, reason = "tests write the files that are then read")]

use std::time::Duration;

use overstay::collect::calls::RetryPolicy;
use overstay::collect::http::Limits;
use overstay::collect::idp::google::Google;
use overstay::collect::{Batch, Clock, CollectCx, Collector, Facts, Probe, Progress};
use overstay::config::{Config, IdpSource};
use overstay::error::Error;
use overstay::model::{Fact, Gap, IdpFacts, IdpGroup, IdpUser};
use serde_json::json;
use tempfile::TempDir;

use super::customer::{ACCOUNT, KEY, SUBJECT};

/// The service account's key file.
pub(crate) fn key_file() -> String {
    json!({
        "type": "service_account", "client_email": ACCOUNT, "private_key": KEY, "private_key_id": "key-1",
        "token_uri": "https://evil.example/token",
    })
    .to_string()
}

/// The keys of the config; `more` is TOML.
pub(crate) fn config(url: &str, more: &str) -> String {
    format!(
        "[[idp]]\nname = \"google\"\ntype = \"google\"\nsubject = \"{SUBJECT}\"\ncredentials = {{ file = \"key.json\" }}\n\
         base_url = \"{url}\"\ntoken_url = \"{url}/token\"\n{more}\n"
    )
}

struct Ready {
    google: Google,
    cx: CollectCx,
    /// Holds the key while it is needed.
    _dir: TempDir,
}

fn ready(url: &str, more: &str, key: &str) -> Ready {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("key.json"), key).unwrap();
    let config = Config::parse(&config(url, more), "overstay.toml").unwrap_or_else(|problems| panic!("{problems:?}"));
    let idp = config.idps.into_iter().next().unwrap();
    let IdpSource::Google(google) = idp.source else { panic!("{idp:?}") };
    let limits = Limits {
        retry: RetryPolicy {
            base: Duration::from_millis(1),
            longest: Duration::from_millis(2),
            cut_to: Duration::from_millis(40),
            ..RetryPolicy::default()
        },
        ..Limits::default()
    };
    let clock = Clock::fixed("2026-09-30T12:00:00Z".parse().unwrap());
    Ready {
        google: Google::new(idp.name, google).with_limits(limits),
        cx: CollectCx { clock, progress: Progress::silent(), base: dir.path().to_owned() },
        _dir: dir,
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

/// What a collection with this key file brought, or why none began.
pub(crate) fn try_collect(url: &str, key: &str) -> Result<Batch, Error> {
    let ready = ready(url, "", key);
    block_on(ready.google.collect(&ready.cx))
}

/// What a collection brought.
pub(crate) fn collect_with(url: &str, more: &str) -> Brought {
    let ready = ready(url, more, &key_file());
    Brought(block_on(ready.google.collect(&ready.cx)).unwrap())
}

/// What a collection brought.
pub(crate) fn collect(url: &str) -> Brought {
    collect_with(url, "")
}

/// What the doctor would say.
pub(crate) fn probe(url: &str, more: &str) -> Probe {
    let ready = ready(url, more, &key_file());
    block_on(ready.google.probe(&ready.cx))
}

/// A batch of an identity provider.
pub(crate) struct Brought(pub(crate) Batch);

impl Brought {
    pub(crate) fn facts(&self) -> &IdpFacts {
        match &self.0.facts {
            Facts::Idp(facts) => facts,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn user(&self, id: &str) -> &IdpUser {
        self.facts().users.iter().find(|user| user.id.as_str() == id).unwrap_or_else(|| panic!("no user {id}"))
    }

    pub(crate) fn group(&self, name: &str) -> &IdpGroup {
        let groups = self.facts().groups.as_ref().unwrap();
        groups.iter().find(|group| group.name == name).unwrap_or_else(|| panic!("no group {name}"))
    }

    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.0.record.gaps
    }

    /// The facts that are incomplete.
    pub(crate) fn lost(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.gaps().iter().map(|gap| gap.fact).collect();
        facts.dedup();
        facts
    }

    /// Everything was read.
    pub(crate) fn whole(self) -> Self {
        assert_eq!(self.gaps(), []);
        self
    }

    pub(crate) fn notes(&self) -> String {
        self.0.record.notes.join("\n")
    }

    /// Requests, retries and throttles of all operations.
    pub(crate) fn totals(&self) -> (u64, u64, u64) {
        let operations = &self.0.record.operations;
        let sum = |of: fn(&overstay::model::OperationRecord) -> u64| operations.iter().map(of).sum();
        (sum(|record| record.requests), sum(|record| record.retries), sum(|record| record.throttles))
    }
}
