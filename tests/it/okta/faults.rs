//! The network and the service fail, and the collection goes on, or says where it could not.

use std::sync::Arc;

use overstay::model::{Fact, GapKind};

use super::org::Org;
use super::run::{by_token, collect, shared};
use super::site::{error, site};
use crate::web::http::date;
use crate::web::{Reply, Site, Times};

fn org() -> Org {
    let mut org = Org { page: Some(2), ..Org::with_aws() };
    for n in 0..5 {
        org.user(&format!("00u{n}"), &format!("user.{n}"), "ACTIVE");
    }
    org.user("00u9", "gone", "DEPROVISIONED");
    org.group("00g1", "GRP-AWS", &["00u1", "00u2", "00u3"]);
    org
}

fn spoilt(path: &str, times: Times, bend: impl Fn(Reply) -> Reply + Send + Sync + 'static) -> Site {
    site(&shared(org()), &[]).spoil(path, times, bend)
}

#[tokio::test]
async fn a_page_that_fails_and_then_succeeds_loses_nothing() {
    for path in ["/api/v1/users", "/api/v1/groups/{}/users", "/api/v1/apps/{}/users"] {
        for fault in [|_| Reply::html(502), |reply: Reply| reply.cut_short(), |reply: Reply| reply.reset()] {
            let nth = if path.ends_with("apps/{}/users") { 1 } else { 2 };
            let web = spoilt(path, Times::Nth(nth), fault).start();
            let brought = collect(&by_token(&web.url())).await.whole();
            assert_eq!(brought.facts().users.len(), 6, "{path}");
            assert_eq!(brought.facts().groups.as_ref().unwrap()[0].members.len(), 3, "{path}");
            let retries: u64 = brought.0.record.operations.iter().map(|record| record.retries).sum();
            assert_eq!(retries, 1, "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_that_stays_away_is_a_gap_and_the_others_are_kept() {
    let web = spoilt("/api/v1/users", Times::From(2), |_| error(500, "E0000009", "Internal Server Error")).start();
    let brought = collect(&by_token(&web.url())).await;
    assert_eq!(brought.lost(), [Fact::IdpUsers, Fact::SignIns]);
    assert_eq!(brought.gaps()[0].kind, GapKind::Server);
    assert_eq!(brought.facts().users.len(), 2);
    assert_eq!(brought.facts().groups.as_ref().unwrap().len(), 1);
    // With a list that broke off, who is missing from it means nothing, and is not asked for one by one.
    assert!(web.requests_of("/api/v1/users/{}").is_empty());
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_by_its_reset() {
    let limited = |limit: &'static str| {
        move |_| {
            error(429, "E0000047", "API call exceeded rate limit due to too many requests.")
                .header("date", date(0))
                .header("x-rate-limit-limit", limit)
                .header("x-rate-limit-remaining", "0")
                // Long ago by the service's clock: the count has begun anew.
                .header("x-rate-limit-reset", "1700000000")
        }
    };
    // A limit of 0 is one of requests at once.
    for limit in ["600", "0"] {
        let web = spoilt("/api/v1/users", Times::Nth(2), limited(limit)).start();
        let brought = collect(&by_token(&web.url())).await.whole();
        assert_eq!(brought.facts().users.len(), 6);
        let throttles: u64 = brought.0.record.operations.iter().map(|record| record.throttles).sum();
        assert_eq!(throttles, 1);
    }
    let web = spoilt("/api/v1/users", Times::Every, limited("600")).start();
    let brought = collect(&by_token(&web.url())).await;
    assert_eq!((brought.lost(), brought.gaps()[0].kind), (vec![Fact::IdpUsers, Fact::SignIns], GapKind::Throttled));
}

#[tokio::test]
async fn a_next_page_elsewhere_is_refused_and_the_token_stays_here() {
    let elsewhere = Arc::new(site(&shared(org()), &[]).start());
    let address = elsewhere.url();
    let lure = format!("<{address}/api/v1/users?after=cursor2>; rel=\"next\"");
    let users = serde_json::json!([{ "id": "00u1", "status": "ACTIVE", "profile": { "login": "a" } }]);
    let web = spoilt("/api/v1/users", Times::Nth(1), move |_| Reply::json(users.clone()).header("link", lure.clone()))
        .start();
    let brought = collect(&by_token(&web.url())).await;
    assert_eq!(brought.lost(), [Fact::IdpUsers, Fact::SignIns]);
    assert!(brought.gaps()[0].reason.contains(&address), "{}", brought.gaps()[0].reason);
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_listing_that_goes_round_in_circles_is_found_out() {
    let round = spoilt("/api/v1/groups", Times::Every, |reply| {
        reply.header("link", "</api/v1/groups?after=cursor0>; rel=\"next\"")
    });
    let web = round.start();
    let brought = collect(&by_token(&web.url())).await;
    assert_eq!(brought.lost(), [Fact::IdpGroups]);
    assert_eq!(brought.gaps()[0].kind, GapKind::Malformed);
    assert_eq!(brought.facts().groups.as_ref().unwrap().len(), 1, "and what it told is kept");
}

#[tokio::test]
async fn requests_under_way_are_bounded() {
    let mut org = org();
    for n in 0..40 {
        org.group(&format!("00g{n}"), &format!("group {n}"), &["00u1"]);
    }
    let slow = |reply: Reply| reply.after(std::time::Duration::from_millis(3));
    let web = site(&shared(org), &[]).spoil("/api/v1/groups/{}/users", Times::Every, slow).start();
    let brought = collect(&(by_token(&web.url()) + "requests_at_once = 3\n")).await.whole();
    assert_eq!(brought.operation("GET /api/v1/groups/{groupId}/users").requests, 40);
    assert!(web.most_at_once() <= 3, "{}", web.most_at_once());
}

#[tokio::test]
async fn an_organisation_of_many_pages_and_groups_is_read_whole() {
    let web = site(&shared(Org::sized(1500, 60)), &[]).start();
    let brought = collect(&by_token(&web.url())).await.whole();
    assert_eq!(brought.facts().users.len(), 1500);
    let members: usize = brought.facts().groups.as_ref().unwrap().iter().map(|group| group.members.len()).sum();
    assert_eq!(members, 6000);
    // The least that will do: a request for each page, and one for each group.
    assert_eq!(web.requests_of("/api/v1/users").len(), 8 + 1);
    assert_eq!(web.requests_of("/api/v1/groups/{}/users").len(), 60);
}
