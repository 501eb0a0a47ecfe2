//! What is read of a customer in good order.

use overstay::model::event::{Action, ActorKind, LogKind};
use overstay::model::id::IdpUserId;
use overstay::model::{Fact, IdpStatus, Known};
use serde_json::json;

use super::customer::{ACTIVITIES, Customer, GROUPS, MEMBERS, USERS, activity, group, member, user, with};
use super::run::{collect, collect_with, probe};
use crate::web::Tokens;

fn ids(ids: &[IdpUserId]) -> Vec<&str> {
    ids.iter().map(IdpUserId::as_str).collect()
}

#[test]
fn users_of_several_pages_are_read_with_their_states() {
    let mut customer = Customer::of(1203);
    customer.users[700] = with(
        user("701", "susan@example.com"),
        json!({ "suspended": true, "suspensionReason": "ADMIN", "suspensionTime": "2026-08-01T00:00:00.000Z" }),
    );
    customer.users[1202] = with(
        user("1203", "arno@example.com"),
        json!({ "archived": true, "archivalTime": "2026-07-01T00:00:00.000Z", "lastLoginTime": "1970-01-01T00:00:00.000Z" }),
    );
    customer.deleted = vec![with(
        user("9001", "gone@example.com"),
        json!({ "deletionTime": "2026-09-20T10:00:00.000Z", "suspended": true }),
    )];
    let tokens = Tokens::new();
    let web = customer.site(&tokens).start();
    let brought = collect(&web.url()).whole();
    assert_eq!(brought.facts().users.len(), 1204);
    assert_eq!((tokens.given(), web.requests_of(USERS).len()), (1, 4));
    let since =
        |id: &str| (brought.user(id).status, brought.user(id).status_changed_at.value().map(ToString::to_string));
    assert_eq!(since("701"), (IdpStatus::Suspended, Some("2026-08-01T00:00:00Z".to_owned())));
    assert_eq!(since("1203"), (IdpStatus::Disabled, Some("2026-07-01T00:00:00Z".to_owned())));
    assert_eq!(since("9001"), (IdpStatus::Deleted, Some("2026-09-20T10:00:00Z".to_owned())));
    assert_eq!(since("2"), (IdpStatus::Active, None));
    assert_eq!(brought.user("1203").last_sign_in_at, Known::Absent);
    assert_eq!(brought.user("2").display_name.as_deref(), Some("Name of 2"));
    assert!(brought.user("2").second_factor.is_unknown());
    // What is not used was not even sent.
    assert!(web.requests_of(USERS).iter().all(|asked| !asked.value("fields").unwrap().contains("recovery")));
    let told = |record: &overstay::model::OperationRecord| (record.parameters.clone(), record.pages, record.items);
    let users: Vec<_> =
        brought.0.record.operations.iter().filter(|record| record.operation.ends_with("/users")).map(told).collect();
    assert_eq!(users, [(String::new(), 3, 1203), ("showDeleted=true".to_owned(), 1, 1)]);
}

#[test]
fn a_suspension_without_a_time_is_dated_by_the_admin_log() {
    let mut customer = Customer::of(6);
    let off = json!({ "suspended": true, "suspensionReason": "ADMIN" });
    for n in [1, 2, 3] {
        let address = format!("off{n}@example.com");
        customer.users[n] = with(user(&(n + 1).to_string(), &address), off.clone());
    }
    let switch = |time: &str, name: &str, n: usize| {
        let address = format!("off{n}@example.com");
        activity(
            &format!("2026-09-{time}T09:00:00.000Z"),
            &format!("{name}{n}{time}"),
            name,
            &[("USER_EMAIL", &address)],
        )
    };
    customer.activities = vec![
        switch("20", "UNSUSPEND_USER", 2),
        switch("10", "SUSPEND_USER", 1),
        switch("05", "SUSPEND_USER", 2),
        switch("02", "UNSUSPEND_USER", 1),
        switch("01", "SUSPEND_USER", 1),
    ];
    let web = customer.site(&Tokens::new()).start();
    let brought = collect(&web.url()).whole();
    let since = |id: &str| brought.user(id).status_changed_at.clone();
    assert_eq!(since("2"), Known::Value("2026-09-10T09:00:00Z".parse().unwrap()));
    let Known::Unknown(why) = since("3") else { panic!("{:?}", since("3")) };
    assert!(
        why.contains("switched on at 2026-09-20T09:00:00Z"),
        "a log that contradicts the record dates nothing: {why}"
    );
    // Google suspends accounts by itself as well, so that silence is no bound.
    assert!(since("4").is_unknown() && brought.user("4").status_unchanged_since.is_none());
}

#[test]
fn groups_within_groups_and_groups_of_everybody() {
    let mut customer = Customer::of(5);
    customer.deleted = vec![with(user("9", "gone@example.com"), json!({ "deletionTime": "2026-09-20T10:00:00.000Z" }))];
    customer.groups =
        vec![group("g1", "Engineers"), group("g2", "Platform"), group("g3", "All staff"), group("g4", "Empty")];
    customer.members.insert("g1".to_owned(), vec![member("2", "USER"), member("g2", "GROUP"), member("x", "EXTERNAL")]);
    customer.members.insert("g2".to_owned(), vec![member("3", "USER"), member("2", "USER")]);
    customer.members.insert("g3".to_owned(), vec![member("C01", "CUSTOMER")]);
    customer.members.insert("g4".to_owned(), vec![]);
    let web = customer.site(&Tokens::new()).start();
    let brought = collect(&web.url()).whole();
    let engineers = brought.group("Engineers");
    assert_eq!((ids(&engineers.members), ids(&engineers.nested)), (vec!["2", "3"], vec!["3"]));
    assert_eq!(ids(&brought.group("All staff").members), ["1", "2", "3", "4", "5"]);
    assert_eq!(ids(&brought.group("Empty").members), [""; 0]);
    assert!(brought.notes().contains("1 group membership of outside the organisation left out"), "{}", brought.notes());
}

#[test]
fn many_groups_and_many_members_are_paged() {
    let mut customer = Customer::of(450);
    customer.groups = (0..401).map(|n| group(&format!("g{n}"), &format!("Group {n}"))).collect();
    for n in 0..401 {
        customer.members.insert(format!("g{n}"), Vec::new());
    }
    customer.members.insert("g400".to_owned(), (1..=450).map(|n| member(&n.to_string(), "USER")).collect());
    let web = customer.site(&Tokens::new()).start();
    let brought = collect(&web.url()).whole();
    assert_eq!(brought.group("Group 400").members.len(), 450);
    assert_eq!((web.requests_of(GROUPS).len(), web.requests_of(MEMBERS).len()), (3, 403));
    assert!(web.most_at_once() > 2);
}

#[test]
fn the_admin_log_tells_who_did_what_to_whom() {
    let mut customer = Customer::of(3);
    // Their address was somebody else's before.
    customer.users[2] = with(
        user("3", "kim@example.com"),
        json!({ "creationTime": "2026-06-01T00:00:00.000Z", "aliases": ["Kim.K@example.com"] }),
    );
    let address = |address| [("USER_EMAIL", address)];
    let joined = [("USER_EMAIL", "user00002@example.com"), ("GROUP_EMAIL", "g1@example.com")];
    customer.activities = vec![
        activity("2026-09-01T09:00:00.000Z", "7", "SUSPEND_USER", &address("KIM.K@example.com")),
        activity("2026-05-01T09:00:00.000Z", "-8", "DELETE_USER", &address("kim@example.com")),
        activity("2026-08-01T09:00:00.000Z", "9", "ADD_GROUP_MEMBER", &joined),
        activity("2026-08-02T09:00:00.000Z", "10", "CHANGE_PASSWORD", &address("kim@example.com")),
        activity("2025-08-02T09:00:00.000Z", "11", "CREATE_USER", &address("kim@example.com")),
    ];
    let web = customer.site(&Tokens::new()).start();
    let brought = collect(&web.url()).whole();
    let [log] = brought.0.events.as_slice() else { panic!("{:?}", brought.0.events) };
    assert_eq!((log.kind, log.source.as_str()), (LogKind::GoogleAdmin, "idp:google"));
    let told: Vec<_> = log
        .events
        .iter()
        .map(|event| (event.at.to_string(), event.action, event.user.as_deref(), event.group_name.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("2026-05-01T09:00:00Z".to_owned(), Action::UserDeleted, None, None),
            ("2026-08-01T09:00:00Z".to_owned(), Action::MemberAdded, Some("2"), Some("g1@example.com")),
            ("2026-09-01T09:00:00Z".to_owned(), Action::UserDisabled, Some("3"), None),
        ]
    );
    assert_eq!(log.events[0].user_name.as_deref(), Some("kim@example.com"));
    assert_eq!(log.events[2].detail.as_deref(), Some("suspended"));
    assert_eq!(
        (log.events[2].actor.kind, log.events[2].actor.name.as_deref()),
        (ActorKind::Administrator, Some("admin@example.com"))
    );
    let [window] = log.covered.as_slice() else { panic!("{:?}", log.covered) };
    assert_eq!(
        (window.from.to_string(), window.to.to_string()),
        ("2026-04-03T13:00:00Z".into(), "2026-09-30T12:00:00Z".into())
    );
    assert!(!format!("{log:?}").contains("203.0.113.9"));
}

#[test]
fn what_is_left_out_is_not_asked_for() {
    let web = Customer::of(2).site(&Tokens::new()).start();
    let more = "without = [\"groups\", \"sign-ins\", \"second-factors\", \"events\", \"deleted\"]";
    let brought = collect_with(&web.url(), more).whole();
    assert_eq!(brought.0.record.asked, [Fact::IdpUsers]);
    let lacking: Vec<Fact> = brought.0.record.not_offered.iter().map(|lack| lack.fact).collect();
    assert_eq!(lacking[..4], [Fact::IdpGroups, Fact::SignIns, Fact::SecondFactors, Fact::IdpEvents]);
    assert!(brought.facts().groups.is_none() && brought.0.events.is_empty());
    assert_eq!(brought.user("2").last_sign_in_at, Known::Unknown("left out by `without`".to_owned()));
    assert_eq!((web.requests().len(), web.requests_of(ACTIVITIES).len()), (2, 0));
}

#[test]
fn names_of_any_length_and_script_pass() {
    let long = "長".repeat(5000);
    let mut customer = Customer::of(1);
    customer.users.push(with(
        user("2", "zoë.ångström@bücher.example"),
        json!({ "name": { "fullName": "Zoë \u{202e}Ångström 🦀" }, "organizations": [{ "department": long }] }),
    ));
    customer.groups = vec![group("g1", &long)];
    customer.members.insert("g1".to_owned(), vec![member("2", "USER")]);
    let web = customer.site(&Tokens::new()).start();
    let brought = collect(&web.url()).whole();
    let zoe = brought.user("2");
    assert_eq!(zoe.user_name, "zoë.ångström@bücher.example");
    assert_eq!(zoe.display_name.as_deref(), Some("Zoë \u{202e}Ångström 🦀"));
    assert_eq!(zoe.department.as_deref(), Some(long.as_str()));
    assert_eq!(ids(&brought.group(&long).members), ["2"]);
}

#[test]
fn the_doctor_finds_all_of_it_in_reach() {
    let mut customer = Customer::of(3);
    customer.groups = vec![group("g1", "Engineers")];
    customer.members.insert("g1".to_owned(), vec![]);
    let web = customer.site(&Tokens::new()).start();
    let probe = probe(&web.url(), "");
    let checks: Vec<_> = probe.checks.iter().map(|check| (check.what.as_str(), check.outcome)).collect();
    let fine = overstay::collect::CheckOutcome::Fine;
    assert_eq!(
        checks,
        [
            ("GET /admin/directory/v1/users", fine),
            ("GET /admin/directory/v1/users (showDeleted=true)", fine),
            ("GET /admin/directory/v1/groups", fine),
            ("GET /admin/directory/v1/groups/{groupKey}/members", fine),
            ("GET /admin/reports/v1/activity/users/all/applications/admin", fine),
        ]
    );
    assert_eq!(probe.lost(), []);
    // One token, and one request each.
    assert_eq!(web.requests().len(), 6);
}
