//! The whole program against a customer.

use overstay::collect::calls::Called;
use overstay::collect::idp::google::ENDPOINTS;

use super::customer::{Customer, GROUPS, USERS, group, member};
use super::run::{config, key_file};
use crate::program::Program;
use crate::web::{Reply, Site, Times, Tokens};

fn program(url: &str) -> Program {
    Program::new().file("key.json", &key_file()).file("overstay.toml", &config(url, ""))
}

fn staff() -> Customer {
    let mut customer = Customer::of(20);
    customer.groups = vec![group("g1", "Engineers")];
    customer.members.insert("g1".to_owned(), vec![member("2", "USER")]);
    customer
}

#[test]
fn a_snapshot_is_complete_or_says_what_it_lacks() {
    let web = staff().site(&Tokens::new()).start();
    program(&web.url()).run(&["collect", "--out", "a.snapshot.json.zst"]).expect(0);
    let web = staff().site(&Tokens::new()).spoil(GROUPS, Times::Every, |_| Reply::html(404)).start();
    let ended = program(&web.url()).run(&["collect", "--out", "b.snapshot.json.zst"]);
    ended.expect(3);
    assert!(ended.stderr.contains("GET /admin/directory/v1/groups"), "{}", ended.stderr);
}

#[test]
fn the_doctor_says_whom_it_asks_in_whose_name() {
    let web = staff().site(&Tokens::new()).start();
    let ended = program(&web.url()).run(&["doctor"]);
    ended.expect(0);
    for word in ["overstay@project.iam.gserviceaccount.com", "admin@example.com", "admin.directory.user.readonly"] {
        assert!(ended.stdout.contains(word), "{word} in {}", ended.stdout);
    }
    assert!(!ended.stdout.contains("PRIVATE KEY") && !ended.stderr.contains("PRIVATE KEY"));
    assert!(web.requests_of(USERS).iter().all(|asked| asked.value("maxResults") == Some("1")));
}

#[test]
fn offline_asks_nobody() {
    let web = staff().site(&Tokens::new()).start();
    let ended = program(&web.url()).run(&["collect", "--offline"]);
    ended.expect(2);
    assert!(ended.stderr.contains("--offline forbids the network, and the config has"), "{}", ended.stderr);
    let ended = program(&web.url()).run(&["doctor", "--offline"]);
    ended.expect(0);
    assert!(ended.stdout.contains("--offline forbids the network"), "{}", ended.stdout);
    assert_eq!(web.requests().len(), 0);
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    // It is asked for a connection and refuses; nothing leaves the machine.
    let proxy = Site::new().start();
    let ended = program("https://admin.example.test").env("HTTPS_PROXY", &proxy.url()).run(&["doctor"]);
    ended.expect(3);
    let methods: Vec<String> = proxy.requests().iter().map(|asked| asked.method.clone()).collect();
    assert!(!methods.is_empty() && methods.iter().all(|method| method == "CONNECT"), "{methods:?}");
    assert!(ended.stdout.contains("could not be reached"), "{}", ended.stdout);
}

#[test]
fn every_call_is_declared_once_and_reads() {
    for endpoint in ENDPOINTS {
        let reads = endpoint.name.starts_with("GET ") || endpoint.name == "POST /token";
        assert!(reads, "{}", endpoint.name);
        let same = ENDPOINTS.iter().filter(|other| other.key() == endpoint.key()).count();
        assert_eq!(same, 1, "{}", endpoint.name);
    }
}
