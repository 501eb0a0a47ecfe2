//! How many requests at once, and when to go slower.

use std::time::{Duration, Instant};

use overstay::collect::calls::RetryPolicy;
use overstay::collect::http::{Credential, Http, Limits};
use overstay::config::Connection;
use serde_json::json;

use super::client::{GROUP, connect, connect_with, limits, noon, run};
use super::{Reply, Site, Web};

fn groups() -> Web {
    Site::new().get("/groups/{}", |asked| Reply::json(json!(asked.part(0))).after(Duration::from_millis(15))).start()
}

fn ask_all(web: &Web, at_once: Option<u32>) -> Vec<String> {
    let connection = Connection { at_once, ..Connection::default() };
    let http = connect_with(&web.url(), Credential::Nobody, limits(), connection).unwrap();
    let mut all = Vec::new();
    let ask = |http: std::sync::Arc<Http>, id: String| async move {
        let request = http.get(&GROUP, &["groups", &id]);
        http.read::<String>(&request).await
    };
    run(http.for_all((0..60).map(|id| format!("{id:02}")), ask, |answer| all.push(answer.unwrap())));
    all.sort();
    all
}

#[test]
fn many_are_asked_at_once_and_no_more_than_allowed() {
    let web = groups();
    let all = ask_all(&web, Some(5));
    assert_eq!(all, (0..60).map(|id| format!("{id:02}")).collect::<Vec<_>>());
    assert_eq!(web.most_at_once(), 5);
    // The client's own number where the config has none.
    let web = groups();
    ask_all(&web, None);
    assert_eq!(web.most_at_once(), 8);
}

#[test]
fn an_allowance_that_is_nearly_used_up_is_left_to_others() {
    let site = |remaining: &'static str| {
        let reset = (noon().timestamp().as_second() + 3600).to_string();
        let answer = move |_: &super::Asked| {
            Reply::json(json!("g"))
                .header("x-rate-limit-limit", "600")
                .header("x-rate-limit-remaining", remaining)
                .header("x-rate-limit-reset", reset.clone())
        };
        Site::new().get("/groups/{}", answer).start()
    };
    let three = |http: std::sync::Arc<Http>| async move {
        for _ in 0..3 {
            http.read::<String>(&http.get(&GROUP, &["groups", "1"])).await.unwrap();
        }
    };
    // Quiet is kept twice, and it is cut to 40 ms.
    let web = site("60");
    let start = Instant::now();
    run(three(connect(&web.url(), Credential::Nobody)));
    assert!(start.elapsed() >= Duration::from_millis(80));
    // With one request more left there is none, though it would not be cut.
    let web = site("61");
    let retry = RetryPolicy { cut_to: Duration::MAX, ..limits().retry };
    let generous = Limits { retry, ..limits() };
    let http = connect_with(&web.url(), Credential::Nobody, generous, Connection::default()).unwrap();
    let all = async move { tokio::time::timeout(Duration::from_secs(60), three(http)).await };
    run(all).expect("no quiet is kept");
}
