//! Entra ID: the collector against a tenant that is served as Microsoft Graph would serve it.

mod degrading;
mod failing;
mod finding;
mod probing;
mod program;
mod proving;
mod reading;
pub(crate) mod world;

use std::sync::Arc;

use overstay::collect::idp::entra::EntraIdp;
use overstay::collect::{Batch, Clock, CollectCx, Collector, Facts, Probe, Progress};
use overstay::config::{Connection, EntraConfig, EntraCredential, Part, Secret};
use overstay::model::{IdpFacts, IdpUser};
use serde_json::Value;
use tempfile::TempDir;

use crate::web::client::{limits, noon, run};
use crate::web::{Asked, Reply, Site, Tokens, Web};
use world::World;

pub(crate) const SECRET: &str = "planted-client-secret";
pub(crate) const TOKEN_PATH: &str = "/tenant/oauth2/v2.0/token";

/// What most tests leave out: each has a budget of a few requests in ten seconds.
const SLOW: [Part; 3] = [Part::SignIns, Part::SecondFactors, Part::Events];

/// A tenant's server.
pub(crate) fn site(world: World, tokens: &Tokens) -> Site {
    twisted(world, tokens, |_, _| {})
}

/// A tenant's server whose answers are changed on their way.
fn twisted(world: World, tokens: &Tokens, twist: impl Fn(&Asked, &mut Value) + Send + Sync + 'static) -> Site {
    let (world, twist) = (Arc::new(world), Arc::new(twist));
    (1..=6).fold(Site::new().login(TOKEN_PATH, tokens), |site, depth| {
        let (world, twist) = (Arc::clone(&world), Arc::clone(&twist));
        site.get(&format!("/v1.0{}", "/{}".repeat(depth)), move |asked| {
            let base = format!("http://{}", asked.header("host").unwrap());
            let (status, mut body) = world.answer(&base, &asked.path, &asked.query.iter().cloned().collect());
            twist(asked, &mut body);
            Reply::status(status, body)
        })
    })
}

fn config(web: &Web, without: &[Part]) -> EntraConfig {
    EntraConfig {
        tenant_id: "tenant".to_owned(),
        client_id: "client".to_owned(),
        credential: EntraCredential::ClientSecret(Secret::File("secret".into())),
        application: Some("AWS IAM Identity Center".to_owned()),
        base_url: web.url(),
        login_url: web.url(),
        connection: Connection { without: without.to_vec(), ..Connection::default() },
    }
}

/// The collector with what it is given.
struct Collecting {
    idp: EntraIdp,
    cx: CollectCx,
    _base: TempDir,
}

impl Collecting {
    #[expect(clippy::disallowed_methods, reason = "the secret is found in a file")]
    fn new(config: EntraConfig) -> Self {
        let base = TempDir::new().unwrap();
        std::fs::write(base.path().join("secret"), format!("{SECRET}\n")).unwrap();
        let idp = EntraIdp::new("entra".parse().unwrap(), config).limited(limits());
        let cx = CollectCx { clock: Clock::fixed(noon()), progress: Progress::silent(), base: base.path().to_owned() };
        Self { idp, cx, _base: base }
    }

    fn collect(&self) -> Told {
        let batch = run(self.idp.collect(&self.cx)).unwrap_or_else(|error| panic!("{error}"));
        let Facts::Idp(facts) = batch.facts.clone() else { panic!("{:?}", batch.facts) };
        Told { batch, facts: *facts }
    }

    fn probe(&self) -> Probe {
        run(self.idp.probe(&self.cx))
    }
}

/// What was told.
struct Told {
    batch: Batch,
    facts: IdpFacts,
}

impl Told {
    fn user(&self, name: &str) -> &IdpUser {
        self.facts.users.iter().find(|user| user.user_name == name).unwrap_or_else(|| panic!("no {name}"))
    }

    fn names(&self) -> Vec<&str> {
        self.facts.users.iter().map(|user| user.user_name.as_str()).collect()
    }

    /// Gaps as `fact: reason | hint`.
    fn gaps(&self) -> Vec<String> {
        let gaps = self.batch.record.gaps.iter();
        gaps.map(|gap| format!("{}: {} | {}", gap.fact, gap.reason, gap.hint)).collect()
    }

    fn not_offered(&self) -> Vec<String> {
        let lacks = self.batch.record.not_offered.iter();
        lacks.map(|lack| format!("{}: {}", lack.fact, lack.reason)).collect()
    }

    /// A number of an operation: requests, pages, items, retries, throttles.
    fn counts(&self, operation: &str, parameters: &str) -> [u64; 5] {
        let records = self.batch.record.operations.iter();
        let mut found = records.filter(|record| record.operation == operation && record.parameters == parameters);
        let record = found.next().unwrap_or_else(|| panic!("{operation} was not called"));
        [record.requests, record.pages, record.items, record.retries, record.throttles]
    }

    fn is_whole(&self) -> &Self {
        assert_eq!(self.gaps(), [""; 0]);
        self
    }
}

/// Reads a tenant without what takes long.
fn collect(web: &Web) -> Told {
    Collecting::new(config(web, &SLOW)).collect()
}
