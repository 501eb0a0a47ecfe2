//! Answers of every sort, and addresses.

use overstay::collect::http::{Credential, Limits};
use overstay::config::Connection;
use overstay::error::Error;
use overstay::model::GapKind;
use serde_json::json;

use super::client::{GROUP, USERS, bearer, connect, connect_with, limits, list, run};
use super::{Reply, Site};

#[test]
fn segments_are_escaped() {
    let web = Site::new().get("/base/groups/{}", |asked| Reply::json(json!(asked.part(0)))).start();
    let http = connect(&format!("{}/base/", web.url()), Credential::Nobody);
    let id: String = run(http.read(&http.get(&GROUP, &["groups", "a b#ü?%2F"]))).unwrap();
    assert_eq!(id, "a b#ü?%2F");
    let http = connect(&format!("{}/base", web.url()), Credential::Nobody);
    assert_eq!(run(http.read::<String>(&http.get(&GROUP, &["groups", "x"]))).unwrap(), "x");
}

#[test]
fn compressed_answers_are_read_and_measured_unpacked() {
    let names = |count: usize| json!({ "value": vec!["abcdefgh"; count] });
    let web = Site::new().get("/users", move |_| Reply::json(names(50_000)).zipped()).start();
    let http = connect(&web.url(), Credential::Nobody);
    assert_eq!(list(&http).0, [vec!["abcdefgh"; 50_000]]);
    let small = Limits { largest: 100_000, ..limits() };
    let http = connect_with(&web.url(), Credential::Nobody, small, Connection::default()).unwrap();
    let error = list(&http).1.unwrap_err();
    assert_eq!((error.kind, error.reason.as_str()), (GapKind::Malformed, "the answer is larger than 100000 bytes"));
}

#[test]
fn a_web_page_is_called_one() {
    let web = Site::new().get("/users", |_| Reply::html(200)).start();
    let error = list(&connect(&web.url(), Credential::Nobody)).1.unwrap_err();
    assert_eq!(error.kind, GapKind::Malformed);
    assert!(error.reason.starts_with("a web page came instead of JSON"), "{}", error.reason);
}

#[test]
fn redirections_are_not_followed() {
    let other = Site::new().get("/users", |_| Reply::json(json!({ "value": ["evil"] }))).start();
    let target = format!("{}/users?secret=1", other.url());
    let web =
        Site::new().get("/users", move |_| Reply::status(302, json!({})).header("location", target.clone())).start();
    let error = list(&connect(&web.url(), bearer("secret"))).1.unwrap_err();
    assert_eq!(error.kind, GapKind::Server);
    let reason =
        format!("Example sends GET /users elsewhere to {} (HTTP 302), and the token is not sent there", other.url());
    assert_eq!(error.reason, reason);
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn a_token_that_is_sent_back_is_not_repeated() {
    let web = Site::new()
        .get("/users", |asked| {
            let token = asked.header("authorization").unwrap().strip_prefix("Bearer ").unwrap();
            Reply::status(401, json!({ "errorCode": "E0000011", "errorSummary": format!("{token} is not known") }))
        })
        .start();
    let error = list(&connect(&web.url(), bearer("s3cret"))).1.unwrap_err();
    assert_eq!(error.kind, GapKind::Credentials);
    assert_eq!(error.reason, "Example does not accept the credentials (E0000011: … is not known)");
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[test]
fn refused_credentials_end_everything() {
    let web = Site::new().get("/users", |_| Reply::status(401, json!({}))).start();
    let http = connect(&web.url(), bearer("wrong"));
    assert_eq!(list(&http).1.unwrap_err().kind, GapKind::Credentials);
    let second = run(http.read::<String>(&http.get(&GROUP, &["groups", "1"]))).unwrap_err();
    assert_eq!(second.kind, GapKind::Credentials);
    assert_eq!(web.requests().len(), 1);
}

#[test]
fn what_a_config_gets_wrong_is_told_before_anybody_is_asked() {
    let told = |url: &str, ca: Option<&str>| {
        let connection = Connection { ca: ca.map(Into::into), ..Connection::default() };
        match connect_with(url, Credential::Nobody, limits(), connection).unwrap_err() {
            Error::Input(diagnostics) => diagnostics.iter().map(|d| format!("{}: {}", d.file, d.message)).collect(),
            other => other.to_string(),
        }
    };
    assert_eq!(told("https://", None), "idp:example: `https://` is not an address");
    let ca = |path| told("https://idp.example", Some(path));
    assert!(ca("nowhere.pem").starts_with("idp:example: `ca`: nowhere.pem is not there; it was looked for at `/"));
    assert_eq!(ca("README.md"), "idp:example: `ca`: README.md holds no certificate");
    let connection = Connection { ca: Some("tests/fixtures/web/rsa.pem".into()), ..Connection::default() };
    assert!(connect_with("https://idp.example", Credential::Nobody, limits(), connection).is_ok());
}

#[test]
fn the_doctor_tries_a_call() {
    use overstay::collect::CheckOutcome;
    use overstay::model::Fact;
    let web = Site::new().get("/groups/{}", |_| Reply::json(json!("g"))).start();
    let http = connect(&web.url(), Credential::Nobody);
    let (check, answer) = run(http.check::<String>(&http.get(&GROUP, &["groups", "1"])));
    assert_eq!(
        (check.what.as_str(), check.outcome, answer.as_deref()),
        ("GET /groups/{id}", CheckOutcome::Fine, Some("g"))
    );
    let (check, answer) = run(http.check::<String>(&http.get(&USERS, &["users"])));
    assert_eq!(check.outcome, CheckOutcome::Unreadable(GapKind::NotFound));
    assert_eq!((check.loses, answer), (vec![Fact::IdpUsers], None));
}
