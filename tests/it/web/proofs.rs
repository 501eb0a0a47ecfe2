//! Tokens: asked for once, renewed once, and by every proof.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use overstay::collect::Clock;
use overstay::collect::http::{Credential, Grant, Http, Proof, Setup, Signer};
use overstay::collect::secret::SecretText;
use overstay::config::{Connection, Secret};
use overstay::model::{GapKind, Instant};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::{ENDPOINTS, GROUP, RUNNER, TOKEN, connect, cx, limits, list, noon, run};
use super::{Reply, Site, Times, Tokens, Web};

fn site(tokens: &Tokens) -> Site {
    Site::new()
        .login("/token", tokens)
        .get("/users", |_| Reply::json(json!({ "value": ["a"] })))
        .get("/groups/{}", |_| Reply::json(json!("g")))
}

fn grant(url: &str, proof: Proof) -> Credential {
    Credential::Grant(Box::new(Grant {
        endpoint: &TOKEN,
        url: format!("{url}/token"),
        form: vec![("client_id", "overstay".to_owned()), ("scope", "users.read".to_owned())],
        proof,
        hint: "check client_id and client_secret",
    }))
}

fn secret() -> Proof {
    Proof::Secret(SecretText::new("s3cret".to_owned()))
}

fn client(web: &Web, proof: Proof) -> Arc<Http> {
    connect(&web.url(), grant(&web.url(), proof))
}

fn read(http: &Http) -> Result<String, overstay::collect::calls::CallError> {
    run(http.read(&http.get(&GROUP, &["groups", "1"])))
}

#[expect(clippy::disallowed_methods, reason = "tests read their fixtures")]
fn fixture(name: &str) -> SecretText {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/web").join(name);
    SecretText::new(std::fs::read_to_string(path).unwrap())
}

#[test]
fn a_token_is_asked_for_once_however_many_need_it() {
    let tokens = Tokens::new();
    let web = site(&tokens).start();
    let http = client(&web, secret());
    let ask = |http: Arc<Http>, _| async move {
        let request = http.get(&GROUP, &["groups", "1"]);
        http.read::<String>(&request).await
    };
    let mut answers = 0;
    run(http.for_all(0..40, ask, |answer| answers += usize::from(answer.is_ok())));
    assert_eq!((answers, tokens.given()), (40, 1));
    let form = web.requests_of("/token")[0].form();
    let expected = [
        ("client_id", "overstay"),
        ("client_secret", "s3cret"),
        ("grant_type", "client_credentials"),
        ("scope", "users.read"),
    ];
    assert_eq!(form, BTreeMap::from(expected.map(|(name, value)| (name.to_owned(), value.to_owned()))));
    let records: Vec<(String, u64)> = http.records().into_iter().map(|r| (r.operation, r.requests)).collect();
    assert_eq!(records, [("GET /groups/{id}".to_owned(), 40), ("POST /token".to_owned(), 1)]);
}

#[test]
fn a_token_that_expires_on_the_way_is_renewed_once() {
    let tokens = Tokens::new().lasting(3);
    let web = site(&tokens).start();
    let http = client(&web, secret());
    for _ in 0..7 {
        assert_eq!(read(&http).unwrap(), "g");
    }
    assert_eq!(tokens.given(), 3);
    let record = http.records().remove(0);
    assert_eq!((record.requests, record.retries, record.failures), (9, 2, 0));
}

#[test]
fn tokens_that_are_never_accepted_end_it() {
    let tokens = Tokens::new().lasting(0);
    let web = site(&tokens).start();
    let http = client(&web, secret());
    let error = read(&http).unwrap_err();
    assert_eq!(error.kind, GapKind::Credentials);
    assert_eq!((tokens.given(), web.requests_of("/groups/{}").len()), (2, 2));
    assert_eq!(read(&http).unwrap_err(), error);
    assert_eq!(web.requests().len(), 4);
}

#[test]
fn a_token_is_renewed_before_it_expires() {
    let tokens = Tokens::new().expiring(3600);
    let web = site(&tokens).start();
    let passed = Arc::new(AtomicI64::new(0));
    let clock = {
        let passed = Arc::clone(&passed);
        Clock::new(move || {
            let seconds = noon().timestamp().as_second() + passed.load(Ordering::SeqCst);
            Instant::from_epoch_seconds(seconds).unwrap()
        })
    };
    let connection = Connection::default();
    let setup = Setup {
        source: "idp:example",
        base_url: &web.url(),
        credential: grant(&web.url(), secret()),
        endpoints: ENDPOINTS,
        connection: &connection,
        at_once: 8,
        limits: limits(),
    };
    let http = Http::connect(setup, &cx(clock)).unwrap();
    for (seconds, given) in [(0, 1), (3539, 1), (3540, 2), (7079, 2), (7080, 3)] {
        passed.store(seconds, Ordering::SeqCst);
        read(&http).unwrap();
        assert_eq!(tokens.given(), given, "after {seconds} s");
    }
}

#[test]
fn a_refused_proof_is_told_without_the_secret() {
    let refusal = json!({
        "error": "invalid_client",
        "error_description": "AADSTS7000215: Invalid client secret provided: s3cret. Trace ID: 1 Correlation ID: 2",
    });
    let tokens = Tokens::new().refusing(Reply::status(401, refusal));
    let web = site(&tokens).start();
    let error = read(&client(&web, secret())).unwrap_err();
    assert_eq!(error.kind, GapKind::Credentials);
    assert_eq!(
        error.reason,
        "Example gives no token (invalid_client: AADSTS7000215: Invalid client secret provided: …)"
    );
    assert_eq!(error.hint, "check client_id and client_secret");
    assert_eq!(web.requests().len(), 1);
}

#[test]
fn a_token_server_in_trouble_is_asked_again() {
    let tokens = Tokens::new();
    let web = site(&tokens).spoil("/token", Times::First(2), |_| Reply::html(503)).start();
    assert_eq!(read(&client(&web, secret())).unwrap(), "g");
    assert_eq!(web.requests_of("/token").len(), 3);
}

#[test]
fn a_demand_for_dpop_is_told_with_the_way_out() {
    for code in ["use_dpop_nonce", "invalid_dpop_proof"] {
        let tokens = Tokens::new().refusing(Reply::status(400, json!({ "error": code })));
        let web = site(&tokens).start();
        let error = read(&client(&web, secret())).unwrap_err();
        assert!(error.reason.starts_with("Example demands DPoP proofs"), "{}", error.reason);
        assert!(error.hint.contains("Require Demonstrating Proof of Possession"), "{}", error.hint);
    }
    let bound = Reply::json(json!({ "access_token": "x", "token_type": "DPoP" }));
    let web = site(&Tokens::new().refusing(bound)).start();
    assert!(read(&client(&web, secret())).unwrap_err().reason.contains("DPoP"));
}

/// The header and claims of an assertion that is signed with the fixture's key.
fn verified(assertion: &str, algorithm: Algorithm) -> (Value, Value) {
    let key = match algorithm {
        Algorithm::RS256 => DecodingKey::from_rsa_pem(fixture("rsa-public.pem").reveal().as_bytes()),
        _ => DecodingKey::from_ec_pem(fixture("p256-public.pem").reveal().as_bytes()),
    };
    let mut validation = Validation::new(algorithm);
    // The client's clock stands still; the times are compared below.
    (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
    let token = jsonwebtoken::decode::<Value>(assertion, &key.unwrap(), &validation).unwrap();
    (serde_json::to_value(&token.header).unwrap(), token.claims)
}

#[test]
fn an_assertion_is_signed_and_names_its_certificate() {
    let tokens = Tokens::new();
    let web = site(&tokens).start();
    let pem = fixture("rsa.pem");
    let audience = format!("{}/token", web.url());
    let signer = Signer::new(&pem, "overstay", "overstay", &audience).unwrap().certificate(&pem).unwrap();
    let http = client(&web, Proof::Signed(signer));
    tokens.expire();
    read(&http).unwrap();
    tokens.expire();
    read(&http).unwrap();
    let forms: Vec<_> = web.requests_of("/token").iter().map(super::Asked::form).collect();
    assert_eq!(forms.len(), 2);
    assert_eq!(forms[0]["grant_type"], "client_credentials");
    assert_eq!(forms[0]["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert!(!forms[0].contains_key("client_secret"));
    let (header, claims) = verified(&forms[0]["client_assertion"], Algorithm::RS256);
    let now = noon().timestamp().as_second();
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("overstay"), Some("overstay")));
    assert_eq!(claims["aud"], audience);
    assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(now - 60), Some(now + 300)));
    assert!(claims.get("scope").is_none());
    let der: String =
        pem.reveal().split("-----BEGIN CERTIFICATE-----").nth(1).unwrap().split("-----").next().unwrap().into();
    let digest = Sha256::digest(BASE64.decode(der.replace('\n', "").as_bytes()).unwrap());
    assert_eq!(header["x5t#S256"], BASE64URL_NOPAD.encode(&digest), "{}", HEXLOWER.encode(&digest));
    let (_, second) = verified(&forms[1]["client_assertion"], Algorithm::RS256);
    assert_ne!(claims["jti"], second["jti"]);
}

#[test]
fn a_p256_key_signs_and_is_named_by_its_id() {
    let web = site(&Tokens::new()).start();
    let signer = Signer::new(&fixture("p256.pem"), "app", "app", "aud").unwrap().key_id(Some("key-1"));
    read(&client(&web, Proof::Signed(signer))).unwrap();
    let (header, _) = verified(&web.requests_of("/token")[0].form()["client_assertion"], Algorithm::ES256);
    assert_eq!(header["kid"], "key-1");
}

#[test]
fn a_service_account_asks_in_somebodys_name() {
    let web = site(&Tokens::new()).start();
    let signer = Signer::new(&fixture("rsa.pem"), "sa@project", "admin@example.com", "aud").unwrap().scope("a b");
    read(&client(&web, Proof::Bearer(signer))).unwrap();
    let form = web.requests_of("/token")[0].form();
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let (_, claims) = verified(&form["assertion"], Algorithm::RS256);
    assert_eq!((claims["sub"].as_str(), claims["scope"].as_str()), (Some("admin@example.com"), Some("a b")));
}

#[test]
fn keys_that_are_none_are_refused_in_words() {
    let told = |pem: &str| Signer::new(&SecretText::new(pem.to_owned()), "a", "a", "a").unwrap_err();
    assert!(told("hello").starts_with("it holds no private key"));
    assert!(told("-----BEGIN ENCRYPTED PRIVATE KEY-----\n").contains("password"));
    assert!(told("-----BEGIN PRIVATE KEY-----\nAAAA").contains("cut off"));
    assert!(told("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").contains("neither an RSA key"));
    let signer = Signer::new(&fixture("p256.pem"), "a", "a", "a").unwrap();
    assert!(!format!("{signer:?}").contains("PRIVATE"));
    assert_eq!(signer.certificate(&fixture("p256.pem")).unwrap_err(), "it holds no certificate");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test replaces the file as its issuer does")]
fn a_federated_token_is_looked_up_each_time() {
    let tokens = Tokens::new();
    let web = site(&tokens).start();
    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("token");
    std::fs::write(&file, "first\n").unwrap();
    let http = client(&web, Proof::Federated(Secret::File("token".into()), dir.path().to_owned()));
    read(&http).unwrap();
    std::fs::write(&file, "second\n").unwrap();
    tokens.expire();
    read(&http).unwrap();
    let sent: Vec<_> = web.requests_of("/token").iter().map(|asked| asked.form()["client_assertion"].clone()).collect();
    assert_eq!(sent, ["first", "second"]);
    std::fs::remove_file(&file).unwrap();
    tokens.expire();
    let error = read(&http).unwrap_err();
    assert_eq!(error.kind, GapKind::Credentials);
    assert!(error.reason.contains("there is no such file"), "{}", error.reason);
    assert_eq!(web.requests_of("/token").len(), 2);
}

#[test]
fn the_runner_gives_a_token_about_the_job() {
    let runner = Site::new()
        .get("/id", |asked| {
            assert_eq!(asked.header("authorization"), Some("Bearer runner-secret"));
            Reply::json(json!({ "value": format!("jwt for {} {}", asked.value("audience").unwrap(), asked.value("v").unwrap()) }))
        })
        .start();
    let web = site(&Tokens::new()).start();
    let proof = Proof::GitHubActions {
        endpoint: &RUNNER,
        url: SecretText::new(format!("{}/id?v=2", runner.url())),
        token: SecretText::new("runner-secret".to_owned()),
        audience: "api://AzureADTokenExchange",
    };
    let http = client(&web, proof);
    list(&http).1.unwrap();
    let form = web.requests_of("/token")[0].form();
    assert_eq!(form["client_assertion"], "jwt for api://AzureADTokenExchange 2");
    assert_eq!(runner.requests().len(), 1);
}
