//! What a realm tells arrives, and what it does not tell is said.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use overstay::model::event::Action;
use overstay::model::{Fact, GapKind, IdpStatus, Known};
use serde_json::json;

use super::realm::{Realm, Shared, denied, group, site};
use super::run::{SECRET, collect, noon, probe};
use crate::web::{Reply, Times, Tokens};

fn realm() -> Realm {
    let mut realm = Realm { saves_events: true, ..Realm::default() };
    realm.user("u1", "ann", true);
    realm.user("u2", "bob", false);
    realm.user("u3", "cat", true)["attributes"] = json!(null);
    realm.groups = vec![
        group("g1", "aws", &["u1"], vec![group("g2", "admins", &["u2"], vec![group("g3", "root", &["u3"], vec![])])]),
        group("g4", "empty", &[], vec![]),
    ];
    realm.event("2026-08-01T09:00:00Z", "CREATE", "USER", "users/u2", Some(json!({ "enabled": true })));
    realm.event("2026-08-02T09:00:00Z", "CREATE", "GROUP_MEMBERSHIP", "users/u2/groups/g2", None);
    realm.event("2026-08-03T09:00:00Z", "UPDATE", "USER", "users/u2", Some(json!({ "enabled": false })));
    realm.event("2026-08-04T09:00:00Z", "UPDATE", "USER", "users/u2", Some(json!({ "enabled": false, "email": "x" })));
    realm.event("2026-08-05T09:00:00Z", "UPDATE", "USER", "users/u9", Some(json!({ "enabled": false })));
    realm.event("2026-08-06T09:00:00Z", "ACTION", "USER", "users/u1/reset-password", None);
    realm
}

fn shared(realm: Realm) -> Shared {
    Arc::new(Mutex::new(realm))
}

#[tokio::test]
async fn people_and_groups_within_groups_arrive() {
    for old in [false, true] {
        let web = site(&shared(Realm { old, ..realm() }), &Tokens::new()).start();
        let brought = collect(&web.url(), "").await.whole();
        let users: Vec<(&str, IdpStatus)> =
            brought.facts().users.iter().map(|user| (user.user_name.as_str(), user.status)).collect();
        assert_eq!(users, [("ann", IdpStatus::Active), ("bob", IdpStatus::Disabled), ("cat", IdpStatus::Active)]);
        let bob = &brought.facts().users[1];
        assert_eq!((bob.employee_id.as_deref(), bob.display_name.as_deref()), (Some("E-u2"), Some("bob Example")));
        assert_eq!(bob.status_changed_at, Known::Value("2026-08-03T09:00:00Z".parse().unwrap()), "by the admin events");
        assert!(bob.last_sign_in_at.is_unknown());
        let groups: Vec<(&str, usize, usize)> = brought
            .facts()
            .groups
            .iter()
            .flatten()
            .map(|group| (group.name.as_str(), group.members.len(), group.nested.len()))
            .collect();
        assert_eq!(groups, [("aws", 3, 2), ("admins", 2, 1), ("root", 1, 0), ("empty", 0, 0)], "old: {old}");
        let children = web.requests_of("/admin/realms/staff/groups/{}/children").len();
        assert_eq!(children, if old { 0 } else { 2 });
    }
}

#[tokio::test]
async fn only_a_change_from_on_to_off_is_a_deactivation() {
    let web = site(&shared(realm()), &Tokens::new()).start();
    let brought = collect(&web.url(), "").await.whole();
    let [log] = brought.0.events.as_slice() else { panic!("{:?}", brought.0.events) };
    let told: Vec<(&str, Action)> =
        log.events.iter().map(|event| (event.user.as_deref().unwrap(), event.action)).collect();
    assert_eq!(
        told,
        [
            ("u2", Action::UserCreated),
            ("u2", Action::MemberAdded),
            ("u2", Action::UserDisabled),
            ("u2", Action::UserChanged),
            ("u9", Action::UserChanged),
        ]
    );
    assert_eq!(log.events[4].detail.as_deref(), Some("not enabled, then or before"));
    assert_eq!(log.events[1].group.as_deref(), Some("g2"));
    // Since when the realm saves events nobody knows: before the first one silence says nothing.
    assert_eq!(log.covered.len(), 1);
    assert_eq!((log.covered[0].from, log.covered[0].to), ("2026-08-01T09:00:00Z".parse().unwrap(), noon()));
    assert!(!format!("{log:?}").contains("203.0.113.9"));
}

#[tokio::test]
async fn a_user_whom_the_events_first_show_disabled_was_so_then_at_the_latest() {
    let mut realm = realm();
    realm.user("u4", "dan", false);
    realm.user("u5", "eve", false);
    realm.event("2026-09-10T09:00:00Z", "UPDATE", "USER", "users/u4", Some(json!({ "enabled": false })));
    realm.event("2026-09-11T09:00:00Z", "UPDATE", "USER", "users/u4", Some(json!({ "enabled": false, "email": "y" })));
    let web = site(&shared(realm), &Tokens::new()).start();
    let brought = collect(&web.url(), "").await.whole();
    let user = |name: &str| brought.facts().users.iter().find(|user| user.user_name == name).unwrap();
    assert!(user("dan").status_changed_at.is_unknown());
    assert_eq!(user("dan").status_unchanged_since, Some("2026-09-10T09:00:00Z".parse().unwrap()));
    assert_eq!(user("eve").status_unchanged_since, None, "other ways to disable a user leave no event");
}

#[tokio::test]
async fn a_realm_that_saves_no_events_does_not_offer_them() {
    let web = site(&shared(Realm { saves_events: false, ..realm() }), &Tokens::new()).start();
    let brought = collect(&web.url(), "").await.whole();
    assert_eq!(brought.0.record.asked, [Fact::IdpUsers, Fact::IdpGroups]);
    let lacking = &brought.0.record.not_offered;
    assert!(lacking.iter().any(|lack| lack.fact == Fact::IdpEvents && lack.reason.contains("does not save")));
    assert!(brought.0.events.is_empty());
    let probe = probe(&web.url(), "").await;
    assert!(!probe.asked.contains(&Fact::IdpEvents) && probe.lost().is_empty(), "{probe:?}");
}

#[tokio::test]
async fn more_than_a_page_is_read_page_by_page() {
    let mut realm = realm();
    for n in 10..610 {
        realm.user(&format!("u{n}"), &format!("user{n}"), true);
    }
    let web = site(&shared(realm), &Tokens::new().lasting(3)).start();
    let brought = collect(&web.url(), "requests_at_once = 1\n").await.whole();
    assert_eq!(brought.facts().users.len(), 603);
    let asked = web.requests_of("/admin/realms/staff/users");
    let places: BTreeSet<&str> = asked.iter().filter_map(|asked| asked.value("first")).collect();
    assert_eq!(places.into_iter().collect::<Vec<_>>(), ["0", "200", "400", "600"]);
    let form = web.requests_of("/realms/staff/protocol/openid-connect/token")[0].form();
    assert_eq!((form["grant_type"].as_str(), form["client_id"].as_str()), ("client_credentials", "overstay"));
    assert_eq!(form["client_secret"], SECRET);
    // Each token was good for three requests only.
    assert!(web.requests_of("/realms/staff/protocol/openid-connect/token").len() > 2);
}

#[tokio::test]
async fn a_list_that_falls_short_of_the_count_is_read_again_and_then_said() {
    let users = "/admin/realms/staff/users";
    let short = |reply: Reply| {
        drop(reply);
        Reply::json(json!([{ "id": "u1", "username": "ann", "enabled": true }]))
    };
    let web = site(&shared(realm()), &Tokens::new()).spoil(users, Times::Nth(1), short).start();
    assert_eq!(collect(&web.url(), "").await.whole().facts().users.len(), 3);
    let web = site(&shared(realm()), &Tokens::new()).spoil(users, Times::Every, short).start();
    let brought = collect(&web.url(), "").await;
    assert_eq!(brought.lost(), [Fact::IdpUsers]);
    assert!(brought.gaps()[0].reason.contains("counts 3 users and listed 1"), "{:?}", brought.gaps());
}

#[tokio::test]
async fn what_is_missing_or_empty_is_said() {
    let web = site(&shared(Realm::default()), &Tokens::new()).start();
    let brought = collect(&web.url(), "").await;
    assert_eq!(brought.lost(), [Fact::IdpUsers]);
    assert!(brought.gaps()[0].reason.contains("empty list"), "{:?}", brought.gaps());
    let mut realm = realm();
    realm.users[0].as_object_mut().unwrap().remove("enabled");
    let web = site(&shared(realm), &Tokens::new()).start();
    let brought = collect(&web.url(), "").await;
    assert!(brought.gaps()[0].at.contains("u1"), "{:?}", brought.gaps());
    assert_eq!(brought.facts().users.len(), 2);
}

#[tokio::test]
async fn each_role_that_is_missing_costs_its_own_facts_and_is_named() {
    for (path, fact, role) in [
        ("users", Fact::IdpUsers, "view-users"),
        ("users/count", Fact::IdpUsers, "view-users"),
        ("groups", Fact::IdpGroups, "query-groups"),
        ("groups/{}/members", Fact::IdpGroups, "view-users"),
        ("events/config", Fact::IdpEvents, "view-events"),
        ("admin-events", Fact::IdpEvents, "view-events"),
    ] {
        let path = format!("/admin/realms/staff/{path}");
        let web = site(&shared(realm()), &Tokens::new()).spoil(&path, Times::Every, |_| denied()).start();
        let brought = collect(&web.url(), "").await;
        assert_eq!(brought.lost(), [fact], "{path}");
        assert!(brought.gaps()[0].hint.contains(role), "{path}: {}", brought.gaps()[0].hint);
        assert_eq!(probe(&web.url(), "").await.lost(), [fact], "{path}: the doctor foresees it");
    }
}

#[tokio::test]
async fn a_client_that_is_refused_reads_nothing_and_keeps_its_secret() {
    let refusal =
        json!({ "error": "unauthorized_client", "error_description": format!("Invalid client secret {SECRET}") });
    let tokens = Tokens::new().refusing(Reply::status(401, refusal));
    let web = site(&shared(realm()), &tokens).start();
    let brought = collect(&web.url(), "").await;
    assert_eq!(brought.lost(), brought.0.record.asked);
    assert_eq!(brought.gaps()[0].kind, GapKind::Credentials);
    assert!(!format!("{:?}", brought.0).contains(SECRET));
    assert_eq!(probe(&web.url(), "").await.checks.len(), 1);
}

#[tokio::test]
async fn what_is_left_out_is_not_asked_for() {
    let web = site(&shared(realm()), &Tokens::new()).start();
    let brought = collect(&web.url(), "without = [\"groups\", \"events\"]\n").await.whole();
    assert_eq!(brought.0.record.asked, [Fact::IdpUsers]);
    assert_eq!(brought.facts().groups, None);
    assert!(web.requests_of("/admin/realms/staff/groups").is_empty());
    assert!(web.requests_of("/admin/realms/staff/events/config").is_empty());
}
