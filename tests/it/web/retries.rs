//! What is sent again, how often, and what is not.

use std::time::{Duration, Instant};

use overstay::collect::http::{Credential, Http, Limits};
use overstay::config::Connection;
use overstay::model::{GapKind, OperationRecord};
use serde_json::json;

use super::client::{GROUP, USERS, connect, connect_with, limits, list, noon, run};
use super::{Reply, Site, Times, Web};

fn users() -> Site {
    Site::new().get("/users", |_| Reply::json(json!({ "value": ["a"] })))
}

fn client(web: &Web) -> std::sync::Arc<Http> {
    connect(&web.url(), Credential::Nobody)
}

fn record(http: &Http) -> OperationRecord {
    let [record] = http.records().try_into().unwrap();
    record
}

/// Of requests spoilt so, the listing is read in the end, after so many requests.
fn recovers(times: u32, bend: impl Fn(Reply) -> Reply + Send + Sync + 'static) -> OperationRecord {
    let web = users().spoil("/users", Times::First(times), bend).start();
    let http = client(&web);
    let (pages, end) = list(&http);
    end.unwrap();
    assert_eq!(pages, [["a"]]);
    let record = record(&http);
    assert_eq!(web.requests().len() as u64, record.requests);
    assert_eq!((record.requests, record.retries), (u64::from(times) + 1, u64::from(times)));
    record
}

/// Of requests all spoilt so, the listing fails so after so many requests.
fn fails(bend: impl Fn(Reply) -> Reply + Send + Sync + 'static) -> (GapKind, usize, String) {
    let web = users().spoil("/users", Times::Every, bend).start();
    let (pages, end) = list(&client(&web));
    assert_eq!(pages, [[""; 0]]);
    let error = end.unwrap_err();
    (error.kind, web.requests().len(), error.reason)
}

#[test]
fn slips_are_made_good() {
    assert_eq!(recovers(4, |_| Reply::throttled("0.003")).throttles, 4);
    assert_eq!(recovers(1, |_| Reply::throttled("soon")).throttles, 1);
    let quota = || Reply::status(403, json!({ "error": { "code": 403, "errors": [{ "reason": "quotaExceeded" }] } }));
    assert_eq!(recovers(3, move |_| quota()).throttles, 3);
    assert_eq!(recovers(4, |_| Reply::html(500)).throttles, 0);
    assert_eq!(recovers(5, |_| Reply::status(503, json!({})).header("retry-after", "0")).throttles, 5);
    recovers(2, |_| Reply::html(502));
    recovers(2, |_| Reply::status(504, json!({})));
    recovers(2, Reply::cut_short);
    recovers(2, Reply::reset);
    recovers(1, |_| Reply::bytes(b""));
    recovers(1, |_| Reply::bytes(b"{\"value\":[\"a\""));
    recovers(1, |_| Reply::html(200));
}

#[test]
fn tries_end() {
    let (kind, sent, reason) = fails(|_| Reply::throttled("0"));
    assert_eq!((kind, sent), (GapKind::Throttled, 8));
    assert_eq!(reason, "Example still throttled GET /users after every try");
    assert_eq!(fails(|_| Reply::status(500, json!({}))).1, 5);
    let (kind, sent, reason) = fails(|_| Reply::html(502));
    assert_eq!((kind, sent), (GapKind::Server, 5));
    assert_eq!(reason, "Example failed with HTTP 502, with a web page that a proxy may have sent");
    let (kind, sent, reason) = fails(Reply::cut_short);
    assert_eq!((kind, sent, reason.as_str()), (GapKind::Malformed, 3, "the answer was cut short"));
    assert_eq!(fails(|_| Reply::html(200)).1, 3);
}

/// A reset is an instant of the service's clock, so that it is held against the time of the answer and not against ours.
#[test]
fn a_service_whose_clock_differs_is_waited_for_by_its_own_time() {
    for (date, time) in [("11:00:00", "11:00:01"), ("13:00:00", "13:00:01")] {
        let reset: overstay::model::Instant = format!("2026-09-30T{time}Z").parse().unwrap();
        let bend = move |_| {
            Reply::status(429, json!({ "errorCode": "E0000047" }))
                .header("date", format!("Wed, 30 Sep 2026 {date} GMT"))
                .header("x-rate-limit-limit", "600")
                .header("x-rate-limit-remaining", "0")
                .header("x-rate-limit-reset", reset.timestamp().as_second().to_string())
        };
        let web = users().spoil("/users", Times::Nth(1), bend).start();
        let retry = overstay::collect::calls::RetryPolicy { cut_to: Duration::MAX, ..limits().retry };
        let limits = Limits { retry, ..limits() };
        let http = connect_with(&web.url(), Credential::Nobody, limits, Connection::default()).unwrap();
        let start = Instant::now();
        list(&http).1.unwrap();
        let waited = start.elapsed();
        assert!(waited >= Duration::from_secs(1) && waited < Duration::from_secs(20), "{date}: {waited:?}");
    }
}

#[test]
fn a_wait_that_is_longer_than_a_run_grants_ends_the_source_and_is_never_cut() {
    for refused in [429, 503] {
        let bend = move |_| Reply::status(refused, json!({})).header("retry-after", "3600");
        let web = users().spoil("/users", Times::Every, bend).start();
        let http = client(&web);
        for _ in 0..3 {
            let error = list(&http).1.unwrap_err();
            assert_eq!(error.kind, GapKind::Throttled);
            let until = "2026-09-30T13:00:00Z";
            let words =
                format!("Example asks to wait 3600 seconds, until {until}; a run waits for 600 seconds at most");
            assert_eq!(error.reason, words);
        }
        assert_eq!(web.requests_of("/users").len(), 1, "{refused}: it is not asked again");
        let connection = Connection { longest_wait: Some(overstay::model::Span::hours(1)), ..Connection::default() };
        let http = connect_with(&web.url(), Credential::Nobody, limits(), connection).unwrap();
        list(&http).1.unwrap_err();
        assert_eq!(web.requests_of("/users").len(), 9, "{refused}: an hour is granted at every try");
    }
}

#[test]
fn what_trying_again_can_not_change_is_sent_once() {
    let (kind, sent, reason) =
        fails(|_| Reply::status(403, json!({ "error": { "code": "Forbidden", "message": "You shall not." } })));
    assert_eq!((kind, sent), (GapKind::Denied, 1));
    assert_eq!(reason, "Example denied GET /users (Forbidden: You shall not)");
    let (kind, sent, reason) = fails(|_| Reply::status(400, json!({ "errorCode": "E0000001" })));
    assert_eq!((kind, sent), (GapKind::Server, 1));
    assert_eq!(reason, "Example refused GET /users with HTTP 400 (E0000001)");
    assert_eq!(fails(|_| Reply::status(404, json!({}))).0, GapKind::NotFound);
    let (kind, sent, reason) = fails(|_| Reply::json(json!({ "value": [{ "ssn": "078-05-1120" }] })));
    assert_eq!((kind, sent), (GapKind::Malformed, 1));
    assert!(reason.starts_with("the answer has not the documented shape (line 1, column "), "{reason}");
}

#[test]
fn a_wait_that_is_asked_for_is_kept() {
    let timed = |reply: fn() -> Reply| {
        let web = users().spoil("/users", Times::Nth(1), move |_| reply()).start();
        let http = client(&web);
        let start = Instant::now();
        list(&http).1.unwrap();
        start.elapsed()
    };
    // The policy of these tests cuts it to 40 ms.
    assert!(timed(|| Reply::throttled("0.03")) >= Duration::from_millis(30));
    assert!(timed(|| Reply::throttled("600")) >= Duration::from_millis(40));
    assert!(timed(|| Reply::throttled("Wed, 30 Sep 2026 12:05:00 GMT")) >= Duration::from_millis(40));
    assert!(
        timed(|| {
            let reset = noon().timestamp().as_second() + 60;
            let limits = [("x-rate-limit-limit", "600"), ("x-rate-limit-remaining", "0")];
            let reply =
                Reply::status(429, json!({ "errorCode": "E0000047" })).header("x-rate-limit-reset", reset.to_string());
            limits.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value))
        }) >= Duration::from_millis(40)
    );
}

#[test]
fn an_answer_that_never_comes_is_not_waited_for() {
    let web = users().spoil("/users", Times::Every, Reply::never).start();
    let limits = Limits { read: Duration::from_millis(60), ..limits() };
    let http = connect_with(&web.url(), Credential::Nobody, limits, Connection::default()).unwrap();
    let error = list(&http).1.unwrap_err();
    assert_eq!(error.kind, GapKind::Network);
    assert_eq!(error.reason, "Example could not be reached: no answer in time");
    assert_eq!(web.requests().len(), 2);
}

#[test]
fn a_server_that_is_not_there_is_left_alone() {
    let url = users().start().url();
    let http = connect(&url, Credential::Nobody);
    for _ in 0..3 {
        let error = list(&http).1.unwrap_err();
        assert_eq!(error.kind, GapKind::Network);
        assert!(error.reason.starts_with("Example could not be reached: "), "{}", error.reason);
        assert!(!error.reason.contains("/users"), "{}", error.reason);
    }
    let before = record(&http).requests;
    assert_eq!(before, 9);
    assert_eq!(list(&http).1.unwrap_err().kind, GapKind::Network);
    assert_eq!(record(&http).requests, before);
}

#[test]
fn a_call_denied_three_times_is_made_no_more() {
    let web = Site::new().get("/groups/{}", |_| Reply::status(403, json!({}))).start();
    let http = client(&web);
    for id in ["1", "2", "3", "4"] {
        let error = run(http.read::<String>(&http.get(&GROUP, &["groups", id]))).unwrap_err();
        assert_eq!(error.reason, "Example denied GET /groups/{id}");
        assert_eq!(error.hint, "grant it the permission groups.read");
    }
    assert_eq!(web.requests().len(), 3);
}

#[test]
fn absence_may_be_the_answer() {
    let web = Site::new().start();
    let http = client(&web);
    let asked = |endpoint| run(http.read::<String>(&http.get(endpoint, &["groups", "gone"]))).unwrap_err();
    assert!(asked(&GROUP).is_not_found());
    assert!(asked(&USERS).is_not_found());
    let failures: Vec<(String, u64)> = http.records().into_iter().map(|r| (r.operation, r.failures)).collect();
    assert_eq!(failures, [("GET /groups/{id}".to_owned(), 0), ("GET /users".to_owned(), 1)]);
}
