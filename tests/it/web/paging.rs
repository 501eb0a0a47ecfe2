//! Listings: whole, in order, and never at another server.

use overstay::collect::http::{Credential, Next};
use overstay::model::GapKind;
use serde_json::{Value, json};

use super::client::{USERS, bearer, connect, list, run};
use super::{Asked, Reply, Site, Times};

/// Pages `a,b`, nothing, `c` by links that name the server as the request did.
fn three_pages(asked: &Asked) -> Reply {
    let next = |after: &str| format!("http://{}/users?$top=2&$skiptoken={after}", asked.header("host").unwrap());
    Reply::json(match asked.value("$skiptoken") {
        None => json!({ "value": ["a", "b"], "@odata.nextLink": next("1") }),
        Some("1") => json!({ "value": [], "@odata.nextLink": next("2") }),
        Some("2") => json!({ "value": ["c"] }),
        Some(other) => panic!("asked for {other}"),
    })
}

#[test]
fn next_links_are_followed_over_an_empty_page() {
    let web = Site::new().get("/users", three_pages).start();
    let http = connect(&web.url(), bearer("secret"));
    let mut pages = Vec::new();
    let first = http.get(&USERS, &["users"]).query("$top", "2").header("consistencylevel", "eventual");
    run(http.pages(
        first,
        |page: super::client::GraphPage, _| (page.value, Next::link(page.next)),
        |page| pages.push(page),
    ))
    .unwrap();
    assert_eq!(pages, [vec!["a", "b"], vec![], vec!["c"]]);
    let requests = web.requests_of("/users");
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!(request.header("authorization"), Some("Bearer secret"));
        assert_eq!(request.header("consistencylevel"), Some("eventual"));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert!(request.header("user-agent").unwrap().starts_with("overstay/"));
        assert_eq!(request.value("$top"), Some("2"));
    }
    let [record] = http.records().try_into().unwrap();
    assert_eq!(record.operation, "GET /users");
    assert_eq!((record.requests, record.pages, record.items, record.retries, record.failures), (3, 3, 3, 0, 0));
}

#[test]
fn a_page_at_another_server_is_refused_and_gets_no_token() {
    let other = Site::new().get("/users", |_| Reply::json(json!({ "value": ["evil"] }))).start();
    let elsewhere = format!("{}/users", other.url());
    let web = Site::new()
        .get("/users", move |_| Reply::json(json!({ "value": ["a"], "@odata.nextLink": elsewhere })))
        .start();
    let (pages, end) = list(&connect(&web.url(), bearer("secret")));
    assert_eq!(pages, [["a"]]);
    let error = end.unwrap_err();
    assert_eq!(error.kind, GapKind::Malformed);
    let words = format!("the next page is said to be at {}, and the token is not sent there", other.url());
    assert_eq!(error.reason, words);
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn a_link_that_is_none_is_an_error() {
    let web =
        Site::new().get("/users", |_| Reply::json(json!({ "value": ["a"], "@odata.nextLink": "http://[" }))).start();
    let (pages, end) = list(&connect(&web.url(), Credential::Nobody));
    assert_eq!(pages, [["a"]]);
    assert_eq!(end.unwrap_err().reason, "the next page's address is none");
}

#[test]
fn going_round_in_circles_is_an_error_and_keeps_what_was_read() {
    let web = Site::new()
        .get("/users", |asked| {
            let page = asked.value("page").unwrap_or("0").parse::<u32>().unwrap();
            Reply::json(
                json!({ "value": [page.to_string()], "@odata.nextLink": format!("/users?page={}", page % 2 + 1) }),
            )
        })
        .start();
    let (pages, end) = list(&connect(&web.url(), Credential::Nobody));
    assert_eq!(pages, [["0"], ["1"], ["2"]]);
    let error = end.unwrap_err();
    assert_eq!((error.kind, error.reason.as_str()), (GapKind::Malformed, "the service repeated a page token"));
    assert_eq!(web.requests().len(), 3);
}

#[test]
fn what_was_read_before_a_failing_page_is_kept() {
    let web = Site::new().get("/users", three_pages).spoil("/users", Times::From(3), |_| Reply::html(500)).start();
    let http = connect(&web.url(), Credential::Nobody);
    let (pages, end) = list(&http);
    assert_eq!(pages, [vec!["a", "b"], vec![], vec![]]);
    assert_eq!(end.unwrap_err().kind, GapKind::Server);
    let [record] = http.records().try_into().unwrap();
    assert_eq!((record.requests, record.pages, record.items, record.failures), (7, 2, 2, 1));
}

#[test]
fn a_page_that_fails_once_is_read_once() {
    let web = Site::new().get("/users", three_pages).spoil("/users", Times::Nth(3), Reply::cut_short).start();
    let http = connect(&web.url(), Credential::Nobody);
    let (pages, end) = list(&http);
    end.unwrap();
    assert_eq!(pages, [vec!["a", "b"], vec![], vec!["c"]]);
    let [record] = http.records().try_into().unwrap();
    assert_eq!((record.requests, record.pages, record.items, record.retries), (4, 3, 3, 1));
}

#[test]
fn link_headers_are_followed() {
    let web = Site::new()
        .get("/users", |asked| {
            let host = asked.header("host").unwrap();
            let page = Reply::json(match asked.value("after") {
                None => json!(["a"]),
                Some(_) => json!(["b"]),
            });
            let page = page.header("link", format!("<http://{host}/users?limit=1>; rel=\"self\""));
            match asked.value("after") {
                None => page.header("link", format!("<http://{host}/users?after=1&limit=1>; rel=\"next\"")),
                Some(_) => page,
            }
        })
        .start();
    let http = connect(&web.url(), Credential::Nobody);
    let mut all = Vec::new();
    let first = http.get(&USERS, &["users"]).query("limit", "1");
    run(http.pages(first, |page: Vec<String>, reply| (page, Next::link(reply.next_link())), |page| all.extend(page)))
        .unwrap();
    assert_eq!(all, ["a", "b"]);
    assert_eq!(web.requests().len(), 2);
}

#[test]
fn page_tokens_and_start_indices_go_with_the_first_request() {
    let web = Site::new()
        .get("/users", |asked| {
            assert_eq!(asked.value("q"), Some("a&b=ü"), "{:?}", asked.query);
            let start: usize = asked.value("start").unwrap_or("1").parse().unwrap();
            let ids: Vec<usize> = (start..=5).take(2).collect();
            Reply::json(json!({ "total": 5, "ids": ids }))
        })
        .start();
    let http = connect(&web.url(), Credential::Nobody);
    let (mut all, mut read) = (Vec::new(), 0);
    let first = http.get(&USERS, &["users"]).query("q", "a&b=ü");
    let split = |page: Value, _: &_| {
        let ids = page["ids"].as_array().unwrap().clone();
        read += ids.len();
        let next = if read < 5 { Next::Parameter("start", (read + 1).to_string()) } else { Next::End };
        (ids, next)
    };
    run(http.pages(first, split, |page| all.extend(page))).unwrap();
    assert_eq!(all, [1, 2, 3, 4, 5].map(Value::from));
    assert_eq!(web.requests().len(), 3);
    assert!(web.requests().iter().all(|asked| asked.query.len() <= 2));
}
