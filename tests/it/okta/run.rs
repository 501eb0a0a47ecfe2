//! The collector in a folder of its own, with a clock that stands still and waits of milliseconds.
#![expect(clippy::disallowed_methods, reason = "tests write the files that are then read")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use overstay::collect::calls::RetryPolicy;
use overstay::collect::http::Limits;
use overstay::collect::idp::okta::Okta;
use overstay::collect::{Batch, Clock, CollectCx, Collector, Facts, Probe, Progress};
use overstay::config::{Config, IdpSource};
use overstay::error::Error;
use overstay::model::coverage::OperationRecord;
use overstay::model::{Fact, Gap, IdpFacts, IdpUser, Instant};
use tempfile::TempDir;

use super::org::Org;
use super::site::{KEY, Shared, TOKEN};

pub(crate) const LABEL: &str = "AWS IAM Identity Center";

pub(crate) fn shared(org: Org) -> Shared {
    Arc::new(Mutex::new(org))
}

pub(crate) fn noon() -> Instant {
    "2026-09-30T12:00:00Z".parse().unwrap()
}

/// With an API token.
pub(crate) fn by_token(url: &str) -> String {
    format!("org_url = \"{url}\"\ntoken = {{ file = \"token\" }}\napplication = \"{LABEL}\"\n")
}

/// As a service app.
pub(crate) fn by_key(url: &str) -> String {
    format!(
        "org_url = \"{url}\"\nclient_id = \"0oaService\"\nprivate_key = {{ file = \"key.pem\" }}\nkey_id = \"k1\"\n\
         application = \"{LABEL}\"\n"
    )
}

struct Ready {
    okta: Okta,
    cx: CollectCx,
    /// Holds the secrets while they are needed.
    _dir: TempDir,
}

fn ready(keys: &str) -> Ready {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("token"), format!("{TOKEN}\n")).unwrap();
    std::fs::write(dir.path().join("key.pem"), KEY).unwrap();
    let text = format!("[[idp]]\nname = \"okta\"\ntype = \"okta\"\n{keys}");
    let config = Config::parse(&text, "overstay.toml").unwrap_or_else(|problems| panic!("{problems:?}"));
    let idp = config.idps.into_iter().next().unwrap();
    let IdpSource::Okta(okta) = idp.source else { panic!("{idp:?}") };
    let limits = Limits {
        retry: RetryPolicy {
            base: Duration::from_millis(1),
            longest: Duration::from_millis(2),
            cut_to: Duration::from_millis(40),
            ..RetryPolicy::default()
        },
        ..Limits::default()
    };
    Ready {
        okta: Okta::new(idp.name, okta).with_limits(limits),
        cx: CollectCx { clock: Clock::fixed(noon()), progress: Progress::silent(), base: dir.path().to_owned() },
        _dir: dir,
    }
}

/// What a collection brought, or why none began.
pub(crate) async fn try_collect(keys: &str) -> Result<Batch, Error> {
    let ready = ready(keys);
    ready.okta.collect(&ready.cx).await
}

/// What a collection brought.
pub(crate) async fn collect(keys: &str) -> Brought {
    Brought(try_collect(keys).await.unwrap())
}

/// What the doctor would say.
pub(crate) async fn probe(keys: &str) -> Probe {
    let ready = ready(keys);
    ready.okta.probe(&ready.cx).await
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

    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.0.record.gaps
    }

    /// The facts that are incomplete.
    pub(crate) fn lost(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.gaps().iter().map(|gap| gap.fact).collect();
        facts.sort_unstable();
        facts.dedup();
        facts
    }

    /// Everything was read.
    pub(crate) fn whole(self) -> Self {
        assert_eq!(self.gaps(), []);
        self
    }

    /// What one operation cost.
    pub(crate) fn operation(&self, name: &str) -> &OperationRecord {
        let mut operations = self.0.record.operations.iter().filter(|record| record.operation == name);
        operations.next().unwrap_or_else(|| panic!("no {name}"))
    }

    pub(crate) fn noted(&self, words: &str) -> bool {
        self.0.record.notes.iter().any(|note| note.contains(words))
    }
}
