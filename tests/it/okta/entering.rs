//! How Okta's API is entered: tokens, keys, scopes, and what is said when it stays shut.

use overstay::model::{Fact, GapKind};

use super::org::Org;
use super::run::{by_key, by_token, collect, probe, shared, try_collect};
use super::site::{denied, error, open, site};
use crate::web::{Reply, Times, Tokens};

const SCOPES: [&str; 5] =
    ["okta.users.read", "okta.groups.read", "okta.apps.read", "okta.logs.read", "okta.policies.read"];

fn org() -> Org {
    let mut org = Org { page: Some(1), ..Org::with_aws() };
    org.user("00u1", "ann", "ACTIVE");
    org.user("00u2", "bob", "DEPROVISIONED");
    org.group("00g1", "GRP-AWS", &["00u1"]);
    org.assign("00u1", Some("9067-ann"), "PROVISIONED");
    org.event("e1", "2026-08-01T09:00:00Z", "user.lifecycle.deactivate", "00u2");
    org
}

#[tokio::test]
async fn a_service_app_signs_in_with_its_key_and_asks_for_what_it_needs() {
    let web = site(&shared(org()), &SCOPES).start();
    let brought = collect(&by_key(&web.url())).await.whole();
    assert_eq!(brought.facts().users.len(), 2);
    let asked = web.requests_of("/oauth2/v1/token");
    assert_eq!(asked.len(), 1, "one token for everything");
    let form = asked[0].form();
    assert_eq!(form["scope"], SCOPES.join(" "));
    assert_eq!(jsonwebtoken::decode_header(&form["client_assertion"]).unwrap().kid.as_deref(), Some("k1"));
    let without = "without = [\"groups\", \"events\", \"second-factors\"]\n";
    let fewer = collect(&(by_key(&web.url()) + without)).await.whole();
    assert_eq!(fewer.facts().users.len(), 2);
    assert_eq!(web.requests_of("/oauth2/v1/token")[1].form()["scope"], "okta.users.read okta.apps.read");
}

#[tokio::test]
async fn a_scope_that_was_not_granted_costs_what_depends_on_it() {
    let granted = ["okta.users.read", "okta.groups.read", "okta.apps.read", "okta.policies.read"];
    let web = site(&shared(org()), &granted).start();
    let brought = collect(&by_key(&web.url())).await;
    assert_eq!(brought.lost(), [Fact::IdpEvents, Fact::ProvisioningLog]);
    assert_eq!(brought.gaps()[0].kind, GapKind::Denied);
    assert!(brought.gaps()[0].hint.contains("okta.logs.read"), "{}", brought.gaps()[0].hint);
    assert!(brought.noted("was not granted the scope okta.logs.read"), "{:?}", brought.0.record.notes);
    assert_eq!(brought.facts().users.len(), 2);
    let tokens = brought.operation("POST /oauth2/v1/token");
    assert_eq!(tokens.requests as usize, web.requests_of("/oauth2/v1/token").len(), "every request is in the record");
    let probe = probe(&by_key(&web.url())).await;
    assert_eq!(probe.lost(), [Fact::IdpEvents, Fact::ProvisioningLog]);
}

#[tokio::test]
async fn without_any_scope_nothing_is_read_and_the_reason_is_okta_s() {
    let web = site(&shared(org()), &[]).start();
    let brought = collect(&by_key(&web.url())).await;
    assert_eq!(brought.lost(), brought.0.record.asked);
    assert!(brought.gaps().iter().all(|gap| gap.kind == GapKind::Credentials), "{:?}", brought.gaps());
    assert!(brought.gaps()[0].reason.contains("invalid_scope"), "{}", brought.gaps()[0].reason);
}

#[tokio::test]
async fn an_expired_token_is_renewed_once() {
    let tokens = Tokens::new().lasting(3);
    let web = open(&shared(org()), |_, _| None).login("/oauth2/v1/token", &tokens).start();
    let brought = collect(&(by_key(&web.url()) + "requests_at_once = 1\n")).await.whole();
    assert_eq!(brought.facts().users.len(), 2);
    assert!(tokens.given() > 1, "{}", tokens.given());
}

#[tokio::test]
async fn a_key_that_okta_does_not_know_and_a_demand_for_dpop_are_told_apart() {
    let refused = |status: u16, code: &'static str| {
        Reply::status(status, serde_json::json!({ "error": code, "error_description": "no" }))
    };
    for (reply, reason, hint) in [
        (refused(401, "invalid_client"), "invalid_client", "key_id"),
        (refused(400, "use_dpop_nonce"), "DPoP", "Demonstrating Proof of Possession"),
        (refused(400, "invalid_dpop_proof"), "DPoP", "Demonstrating Proof of Possession"),
    ] {
        let tokens = Tokens::new().refusing(reply);
        let web = open(&shared(org()), |_, _| None).login("/oauth2/v1/token", &tokens).start();
        let brought = collect(&by_key(&web.url())).await;
        assert_eq!(brought.lost(), brought.0.record.asked, "{reason}");
        let gap = &brought.gaps()[0];
        assert_eq!(gap.kind, GapKind::Credentials);
        assert!(gap.reason.contains(reason) && gap.hint.contains(hint), "{gap:?}");
        assert!(brought.facts().users.is_empty());
        assert_eq!(web.requests().iter().filter(|asked| asked.method == "GET").count(), 0);
    }
}

#[tokio::test]
async fn an_api_token_that_is_not_good_stops_everything_at_once() {
    let web = site(&shared(org()), &[])
        .spoil("/api/v1/users", Times::Every, |_| error(401, "E0000011", "Invalid token provided"))
        .start();
    let brought = collect(&(by_token(&web.url()) + "requests_at_once = 1\n")).await;
    assert!(brought.lost().contains(&Fact::IdpUsers) && brought.lost().contains(&Fact::IdpEvents));
    assert!(brought.gaps()[0].reason.contains("E0000011"), "{}", brought.gaps()[0].reason);
    let probe = probe(&by_token(&web.url())).await;
    assert_eq!(probe.checks.len(), 1);
    assert_eq!(probe.lost(), probe.asked);
}

#[tokio::test]
async fn a_secret_that_is_not_where_the_config_says_stops_before_anything_is_asked() {
    let web = site(&shared(org()), &[]).start();
    for (right, wrong) in
        [("file = \"token\"", "file = \"nowhere\""), ("file = \"token\"", "env = \"OVERSTAY_NOT_SET\"")]
    {
        let error = try_collect(&by_token(&web.url()).replace(right, wrong)).await.unwrap_err();
        assert_eq!(error.status().code(), 2, "{error}");
    }
    let error = try_collect(&by_key(&web.url()).replace("key.pem", "token")).await.unwrap_err();
    let overstay::error::Error::Input(problems) = error else { panic!("{error}") };
    let told: String = problems.iter().map(|problem| problem.render(false)).collect();
    assert!(told.contains("`private_key`") && !told.contains(super::site::TOKEN), "{told}");
    assert!(web.requests().is_empty());
}

#[tokio::test]
async fn whoever_may_read_nothing_is_told_so() {
    let web = open(&shared(org()), |_, _| Some(denied())).start();
    let brought = collect(&by_token(&web.url())).await;
    assert_eq!(brought.lost(), brought.0.record.asked);
    assert!(brought.gaps().iter().all(|gap| gap.kind == GapKind::Denied));
}
