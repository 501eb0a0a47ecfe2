//! The collector in a folder of its own, with a clock that stands still and waits of milliseconds.
#![expect(clippy::disallowed_methods, reason = "tests write the files that are then read")]

use std::time::Duration;

use overstay::collect::calls::RetryPolicy;
use overstay::collect::http::Limits;
use overstay::collect::idp::keycloak::Keycloak;
use overstay::collect::{Batch, Clock, CollectCx, Collector, Facts, Probe, Progress};
use overstay::config::{Config, IdpSource};
use overstay::model::{Fact, Gap, IdpFacts, Instant};
use tempfile::TempDir;

pub(crate) const SECRET: &str = "planted-s3cret-of-the-client";

pub(crate) fn noon() -> Instant {
    "2026-09-30T12:00:00Z".parse().unwrap()
}

async fn with<T>(url: &str, keys: &str, run: impl AsyncFnOnce(Keycloak, CollectCx) -> T) -> T {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("secret"), SECRET).unwrap();
    let text = format!(
        "[[idp]]\nname = \"sso\"\ntype = \"keycloak\"\nbase_url = \"{url}\"\nrealm = \"staff\"\nclient_id = \"overstay\"\n\
         client_secret = {{ file = \"secret\" }}\n{keys}"
    );
    let config = Config::parse(&text, "overstay.toml").unwrap_or_else(|problems| panic!("{problems:?}"));
    let idp = config.idps.into_iter().next().unwrap();
    let IdpSource::Keycloak(keycloak) = idp.source else { panic!("{idp:?}") };
    let retry = RetryPolicy {
        base: Duration::from_millis(1),
        longest: Duration::from_millis(2),
        cut_to: Duration::from_millis(40),
        ..RetryPolicy::default()
    };
    let cx = CollectCx { clock: Clock::fixed(noon()), progress: Progress::silent(), base: dir.path().to_owned() };
    run(Keycloak::new(idp.name, keycloak).with_limits(Limits { retry, ..Limits::default() }), cx).await
}

/// What a collection brought.
pub(crate) async fn collect(url: &str, keys: &str) -> Brought {
    Brought(with(url, keys, async |keycloak, cx| keycloak.collect(&cx).await.unwrap()).await)
}

/// What the doctor would say.
pub(crate) async fn probe(url: &str, keys: &str) -> Probe {
    with(url, keys, async |keycloak, cx| keycloak.probe(&cx).await).await
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
}
