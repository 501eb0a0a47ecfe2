//! How the app registration proves itself.
#![expect(clippy::disallowed_methods, reason = "the proofs are found in files")]

use data_encoding::BASE64URL_NOPAD;
use overstay::collect::{CheckOutcome, Collector};
use overstay::config::{EntraConfig, EntraCredential, Part, Secret};
use serde_json::Value;

use super::world::World;
use super::{Collecting, TOKEN_PATH, config, site};
use crate::web::{Tokens, Web};

fn users_only(web: &Web, credential: EntraCredential) -> EntraConfig {
    EntraConfig { credential, ..config(web, &Part::ALL.map(|(_, part)| part)) }
}

fn collecting(web: &Web, credential: EntraCredential, files: &[(&str, &str)]) -> Collecting {
    let collecting = Collecting::new(users_only(web, credential));
    for (name, text) in files {
        std::fs::write(collecting.cx.base.join(name), text).unwrap();
    }
    collecting
}

fn wrong(collecting: &Collecting) -> String {
    let error = crate::web::client::run(collecting.idp.collect(&collecting.cx)).unwrap_err();
    let overstay::error::Error::Input(diagnostics) = error else { panic!("{error}") };
    diagnostics.iter().map(|one| format!("{}: {} | {}", one.file, one.message, one.help)).collect()
}

#[test]
fn a_secret_is_posted_to_the_tenants_own_address() {
    let web = site(World::small(), &Tokens::new()).start();
    Collecting::new(users_only(&web, EntraCredential::ClientSecret(Secret::File("secret".into()))))
        .collect()
        .is_whole();
    let form = web.requests_of(TOKEN_PATH)[0].form();
    assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), ("client", super::SECRET));
    assert_eq!(form["scope"], format!("{}/.default", web.url()));
}

#[test]
fn a_certificate_signs_for_the_token_address() {
    let web = site(World::small(), &Tokens::new()).start();
    let pem = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/web/rsa.pem")).unwrap();
    let credential = || EntraCredential::Certificate(Secret::File("app.pem".into()));
    collecting(&web, credential(), &[("app.pem", &pem)]).collect().is_whole();
    let form = web.requests_of(TOKEN_PATH)[0].form();
    assert!(!form.contains_key("client_secret"));
    let part = |n: usize| -> Value {
        let part = form["client_assertion"].split('.').nth(n).unwrap();
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
    };
    assert_eq!(part(0)["alg"], "RS256");
    assert!(part(0)["x5t#S256"].is_string());
    assert_eq!(part(1)["aud"], format!("{}{TOKEN_PATH}", web.url()));
    assert_eq!((&part(1)["iss"], &part(1)["sub"]), (&"client".into(), &"client".into()));

    let key_only = pem.split("-----BEGIN CERTIFICATE-----").next().unwrap().to_owned()
        + pem.split("-----END CERTIFICATE-----").nth(1).unwrap_or_default();
    let told = wrong(&collecting(&web, credential(), &[("app.pem", &key_only)]));
    assert!(told.starts_with("idp:entra: `certificate`: it holds no certificate | give a PEM file"), "{told}");
    assert_eq!(web.requests_of(TOKEN_PATH).len(), 1);
}

#[test]
fn a_token_of_another_issuer_is_passed_on_as_it_is() {
    let web = site(World::small(), &Tokens::new()).start();
    let credential = || EntraCredential::FederatedToken(Secret::File("token".into()));
    collecting(&web, credential(), &[("token", "planted.federated.token\n")]).collect().is_whole();
    assert_eq!(web.requests_of(TOKEN_PATH)[0].form()["client_assertion"], "planted.federated.token");
    let told = wrong(&collecting(&web, credential(), &[]));
    assert!(told.contains("`federated_token`: there is no such file"), "{told}");
}

#[test]
fn outside_of_github_actions_its_runner_gives_no_token() {
    let web = site(World::small(), &Tokens::new()).start();
    let collecting = collecting(&web, EntraCredential::GitHubActions, &[]);
    if std::env::var_os("ACTIONS_ID_TOKEN_REQUEST_URL").is_some() {
        return;
    }
    let told = wrong(&collecting);
    assert!(told.contains("ACTIONS_ID_TOKEN_REQUEST_URL is not set") && told.contains("id-token: write"), "{told}");
    let probe = collecting.probe();
    assert_eq!(probe.checks[0].outcome, CheckOutcome::Wrong);
}
