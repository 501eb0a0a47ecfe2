//! Reading an Entra tenant and an Okta organisation, each of 20,000 users and 2,000 groups, from servers that answer after
//! 50 ms: how long it takes, how many requests it takes, how long the same requests would take one after the other, and how
//! long the longest chain of requests that wait for each other takes at least.
//!
//! Run with `cargo bench --bench collect`.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints what it measured, and stops where it can't"
)]

#[path = "../tests/it/entra/world.rs"]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the tests' tenant; not all of it is served here"
)]
mod world;

#[path = "../tests/it/okta/org.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "the tests' organisation; not all of it is served here"
)]
mod org;

#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the tests' server; not all of it is used here"
)]
#[path = "../tests/it/web"]
mod web {
    pub(crate) mod http;
    pub(crate) mod site;
    pub(crate) mod tokens;

    pub(crate) use site::{Asked, Reply, Site};
    pub(crate) use tokens::Tokens;
}

use std::sync::Arc;
use std::time::{Duration, Instant};

use org::{Org, Said};
use overstay::collect::idp::entra::EntraIdp;
use overstay::collect::idp::okta::Okta;
use overstay::collect::{Clock, CollectCx, Collector, Facts, Progress};
use overstay::config::{Connection, EntraConfig, EntraCredential, OktaConfig, OktaCredential, Part, Secret};
use web::{Reply, Site, Tokens};
use world::World;

const USERS: usize = 20_000;
const GROUPS: usize = 2_000;
const LATENCY: Duration = Duration::from_millis(50);

fn main() {
    entra();
    okta();
}

/// Users, groups with their members and the application. Second factors are one request a user, and the log has a budget of
/// its own.
fn okta() {
    let org = Arc::new(Org::sized(USERS, GROUPS));
    let site = (1..=4).fold(Site::new(), |site, depth| {
        let org = Arc::clone(&org);
        site.get(&format!("/api/v1{}", "/{}".repeat(depth)), move |asked| {
            let path: Vec<&str> = asked.path.trim_start_matches("/api/v1/").split('/').collect();
            let base = format!("http://{}", asked.header("host").unwrap_or_default());
            let reply = match org.answer(&path, &asked.query.iter().cloned().collect()) {
                Said::One(value) => Reply::json(value),
                Said::Page(items, None) => Reply::json(items.into()),
                Said::Page(items, Some(next)) => {
                    Reply::json(items.into()).header("link", format!("<{base}{next}>; rel=\"next\""))
                }
                Said::Error(status, ..) => Reply::status(status, serde_json::json!({})),
            };
            reply.after(LATENCY)
        })
    });
    let web = site.start();
    let without = vec![Part::SecondFactors, Part::Events];
    let config = OktaConfig {
        org_url: web.url(),
        credential: OktaCredential::Token(Secret::File("secret".into())),
        application: Some("AWS IAM Identity Center".to_owned()),
        connection: Connection { without, ..Connection::default() },
    };
    // The longest listing, page after page.
    measure("okta", &Okta::new("okta".parse().expect("a name"), config), USERS.div_ceil(200), || web.most_at_once());
}

/// Users, groups with their members, deleted users and the application. Logs, sign-ins and registrations have budgets of
/// a few requests a minute, which no client can beat.
fn entra() {
    let world = Arc::new(World::large(USERS, GROUPS, 20));
    let site = (1..=6).fold(Site::new().login("/tenant/oauth2/v2.0/token", &Tokens::new()), |site, depth| {
        let world = Arc::clone(&world);
        site.get(&format!("/v1.0{}", "/{}".repeat(depth)), move |asked| {
            let base = format!("http://{}", asked.header("host").unwrap_or_default());
            let (status, body) = world.answer(&base, &asked.path, &asked.query.iter().cloned().collect());
            Reply::status(status, body).after(LATENCY)
        })
    });
    let web = site.start();
    let without = vec![Part::SignIns, Part::SecondFactors, Part::Events];
    let config = EntraConfig {
        tenant_id: "tenant".to_owned(),
        client_id: "client".to_owned(),
        credential: EntraCredential::ClientSecret(Secret::File("secret".into())),
        application: Some("AWS IAM Identity Center".to_owned()),
        base_url: web.url(),
        login_url: web.url(),
        connection: Connection { without, ..Connection::default() },
    };
    let idp = EntraIdp::new("entra".parse().expect("a name"), config);
    // A token, and then the longest listing, page after page.
    measure("entra", &idp, 1 + USERS.div_ceil(999), || web.most_at_once());
}

fn measure(name: &str, idp: &dyn Collector, chain: usize, at_once: impl Fn() -> usize) {
    let dir = tempfile::TempDir::new().expect("a folder");
    std::fs::write(dir.path().join("secret"), "secret").expect("a file");
    let at = "2026-09-30T12:00:00Z".parse().expect("an instant");
    let cx = CollectCx { clock: Clock::fixed(at), progress: Progress::silent(), base: dir.path().to_owned() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let begun = Instant::now();
    let batch = runtime.block_on(idp.collect(&cx)).expect("a batch");
    let took = begun.elapsed();
    assert!(batch.record.gaps.is_empty(), "{:?}", batch.record.gaps);
    let Facts::Idp(facts) = batch.facts else { return };
    let (users, groups) = (facts.users.len(), facts.groups.map_or(0, |groups| groups.len()));
    let requests: u64 = batch.record.operations.iter().map(|operation| operation.requests).sum();
    let of = |count: u64| (LATENCY * u32::try_from(count).unwrap_or(u32::MAX)).as_secs_f64();
    println!("{name}: {users} users, {groups} groups in {:.1} s", took.as_secs_f64());
    println!("  {requests} requests, {} at once at most; one after the other {:.1} s", at_once(), of(requests));
    println!("  the longest chain is {chain} requests, {:.1} s", of(chain as u64));
}
