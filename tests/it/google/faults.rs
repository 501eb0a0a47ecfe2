//! A customer in bad order: what is made good, and what is told as a gap.

use std::collections::BTreeSet;

use overstay::error::Error;
use overstay::model::{Fact, GapKind};
use serde_json::json;

use super::customer::{ACTIVITIES, Customer, GROUPS, MEMBERS, USERS, error, group, member, user, with};
use super::run::{Brought, collect, collect_with, key_file, probe, try_collect};
use crate::web::{Reply, Site, Times, Tokens};

const AUDIT: &str = "https://www.googleapis.com/auth/admin.reports.audit.readonly";
const GROUP: &str = "https://www.googleapis.com/auth/admin.directory.group.readonly";
const USER: &str = "https://www.googleapis.com/auth/admin.directory.user.readonly";

fn staff() -> Customer {
    let mut customer = Customer::of(1001);
    customer.groups = vec![group("g1", "Engineers"), group("g2", "Platform")];
    customer.members.insert("g1".to_owned(), vec![member("2", "USER")]);
    customer.members.insert("g2".to_owned(), vec![member("3", "USER")]);
    customer
}

fn read(site: Site) -> Brought {
    collect(&site.start().url())
}

#[test]
fn a_page_that_fails_midway_is_read_in_the_end() {
    let site = staff().site(&Tokens::new());
    let brought =
        read(site.spoil(USERS, Times::Nth(2), |_| Reply::html(502)).spoil(USERS, Times::Nth(3), Reply::cut_short))
            .whole();
    assert_eq!(brought.facts().users.len(), 1001);
    assert_eq!(brought.totals().1, 2);
}

#[test]
fn a_page_that_is_lost_is_a_gap_and_keeps_the_others() {
    let brought = read(
        staff()
            .site(&Tokens::new())
            .spoil(USERS, Times::From(3), |_| Reply::status(500, error(500, "backendError", "Oops"))),
    );
    assert_eq!(brought.lost(), [Fact::IdpUsers, Fact::SecondFactors, Fact::SignIns]);
    let gap = &brought.gaps()[0];
    assert_eq!((gap.kind, gap.reason.as_str()), (GapKind::Server, "Google failed with HTTP 500 (backendError: Oops)"));
    assert_eq!(brought.facts().users.len(), 1000);
    assert_eq!(brought.group("Engineers").members.len(), 1);
}

#[test]
fn quotas_are_waited_for() {
    let quota = |reason: &'static str| {
        move |_| Reply::status(403, error(403, reason, "Quota exceeded for quota metric 'Queries'"))
    };
    let site = staff()
        .site(&Tokens::new())
        .spoil(USERS, Times::First(3), quota("quotaExceeded"))
        .spoil(MEMBERS, Times::First(2), quota("rateLimitExceeded"))
        .spoil(GROUPS, Times::First(2), quota("userRateLimitExceeded"))
        .spoil(ACTIVITIES, Times::First(1), |_| Reply::throttled("0.01"));
    let brought = read(site).whole();
    assert_eq!(brought.totals().2, 8);
    let brought = read(staff().site(&Tokens::new()).spoil(USERS, Times::Every, quota("quotaExceeded")));
    assert_eq!(brought.gaps()[0].kind, GapKind::Throttled);
}

#[test]
fn a_token_that_expires_on_the_way_is_renewed() {
    let tokens = Tokens::new().lasting(6);
    let brought = read(staff().site(&tokens)).whole();
    assert_eq!(brought.facts().users.len(), 1001);
    assert!((3..=8).contains(&tokens.given()), "{}", tokens.given());
}

#[test]
fn somebody_who_changes_between_pages_is_there_once_as_they_are_now() {
    let mut customer = Customer::of(600);
    // Renamed while it was read: listed again further on.
    customer.users.push(with(user("100", "zz.renamed@example.com"), json!({ "suspended": true })));
    let brought = read(customer.site(&Tokens::new())).whole();
    assert_eq!(brought.facts().users.len(), 600);
    assert_eq!(brought.user("100").user_name, "zz.renamed@example.com");
    assert!(brought.notes().contains("1 user changed while the pages were read"), "{}", brought.notes());
}

#[test]
fn an_empty_directory_does_not_read_as_nobody_left() {
    let brought = read(Customer::default().site(&Tokens::new()));
    assert_eq!(brought.lost(), [Fact::IdpUsers, Fact::SecondFactors, Fact::SignIns]);
    assert!(brought.gaps()[0].reason.starts_with("Google gave an empty list of users"), "{:?}", brought.gaps());
}

#[test]
fn records_that_can_not_be_used_are_gaps_and_others_stay() {
    let mut customer = staff();
    customer.users[1] = json!({ "id": "2", "primaryEmail": "mute@example.com" });
    customer.users[2] = json!({ "suspended": false });
    customer.users[3] = json!({ "id": "4", "primaryEmail": "bare@example.com", "suspended": false });
    customer.groups.push(json!({ "name": "no id" }));
    customer
        .members
        .insert("g1".to_owned(), vec![member("2", "USER"), member("5", "ROBOT"), json!({ "type": "USER" })]);
    let brought = read(customer.site(&Tokens::new()));
    let told: BTreeSet<&str> = brought.gaps().iter().map(|gap| gap.reason.as_str()).collect();
    let expected = [
        "a group has no id",
        "a member has no id",
        "a member of a kind that is not known",
        "a user has no id",
        "the record does not say whether the user is suspended",
    ];
    assert_eq!(told, expected.into());
    assert!(brought.gaps().iter().all(|gap| gap.kind == GapKind::Malformed));
    assert_eq!(brought.facts().users.len(), 999);
    let bare = brought.user("4");
    assert_eq!((bare.display_name.as_deref(), bare.employee_id.as_deref()), (None, None));
    assert!(bare.last_sign_in_at.is_unknown() && bare.second_factor.is_unknown());
    assert_eq!(brought.group("Engineers").members.len(), 1);
}

#[test]
fn a_group_deleted_meanwhile_is_no_gap() {
    let mut customer = staff();
    customer.members.remove("g2");
    let brought = read(customer.site(&Tokens::new())).whole();
    let groups = brought.facts().groups.as_ref().unwrap();
    assert_eq!(groups.iter().map(|group| group.members_unknown.is_some()).collect::<Vec<_>>(), [false, true]);
    assert!(brought.notes().contains("1 group was not found when members were requested"), "{}", brought.notes());
}

#[test]
fn a_scope_that_is_not_granted_costs_what_hangs_on_it() {
    let mut customer = staff();
    customer.withheld = [AUDIT].into();
    // Without the scope in the token, the API refuses.
    let forbidden = |_| {
        Reply::status(403, error(403, "insufficientPermissions", "Request had insufficient authentication scopes."))
    };
    let web = customer.site(&Tokens::new()).spoil(ACTIVITIES, Times::Every, forbidden).start();
    let brought = collect(&web.url());
    assert_eq!(brought.lost(), [Fact::IdpEvents]);
    let gap = &brought.gaps()[0];
    assert_eq!(gap.kind, GapKind::Denied);
    assert!(gap.hint.contains("admin.reports.audit.readonly"), "{}", gap.hint);
    assert!(
        brought.notes().contains(&format!("the service account was not granted the scope {AUDIT}")),
        "{}",
        brought.notes()
    );
    assert_eq!(brought.facts().users.len(), 1001);
    assert!(brought.0.events[0].covered.is_empty());
    // All at once, one by one, and those that are granted.
    let token = brought.0.record.operations.iter().find(|record| record.operation == "POST /token").unwrap();
    assert_eq!((token.requests, web.requests_of("/token").len()), (5, 5));
    let probe = probe(&web.url(), "");
    assert_eq!(probe.lost(), [Fact::IdpEvents]);
}

#[test]
fn without_any_scope_nothing_is_read_and_everything_is_lost() {
    let mut customer = staff();
    customer.withheld = [AUDIT, GROUP, USER].into();
    let web = customer.site(&Tokens::new()).start();
    let brought = collect(&web.url());
    assert_eq!(brought.lost().len(), 5);
    let gap = &brought.gaps()[0];
    assert_eq!(gap.kind, GapKind::Credentials);
    assert!(gap.reason.starts_with("Google gives no token (unauthorized_client: "), "{}", gap.reason);
    assert!(gap.hint.contains("Domain-wide delegation"), "{}", gap.hint);
    // All at once, and one by one; nothing else is asked.
    assert_eq!((web.requests().len(), web.requests_of("/token").len()), (4, 4));
    assert_eq!(brought.totals().0, 4);
    let probe = probe(&web.url(), "");
    let mut asked = probe.asked.clone();
    asked.sort_unstable();
    assert_eq!(probe.lost(), asked);
    assert_eq!(probe.checks.len(), 1);
}

#[test]
fn who_may_not_read_groups_still_reads_users() {
    let denied = |_| Reply::status(403, error(403, "forbidden", "Not Authorized to access this resource/api"));
    let brought = read(staff().site(&Tokens::new()).spoil(GROUPS, Times::Every, denied));
    assert_eq!(brought.lost(), [Fact::IdpGroups]);
    let gap = &brought.gaps()[0];
    assert_eq!(
        gap.reason,
        "Google denied GET /admin/directory/v1/groups (forbidden: Not Authorized to access this resource/api)"
    );
    assert_eq!(brought.facts().users.len(), 1001);
}

#[test]
fn a_log_of_which_a_part_is_lost_covers_nothing() {
    let site = staff().site(&Tokens::new()).spoil(ACTIVITIES, Times::From(5), |_| Reply::html(500));
    let brought = read(site);
    assert_eq!(brought.lost(), [Fact::IdpEvents]);
    assert!(brought.0.events[0].covered.is_empty());
    // A log that is not asked for is not missed.
    let site = staff().site(&Tokens::new()).spoil(ACTIVITIES, Times::Every, |_| Reply::html(500));
    collect_with(&site.start().url(), "without = [\"events\"]").whole();
}

#[test]
fn a_key_file_that_is_none_is_refused_without_a_word_of_it() {
    let told = |key: &str| match try_collect("http://127.0.0.1:9", key).unwrap_err() {
        Error::Input(diagnostics) => diagnostics.iter().map(|d| d.render(false)).collect::<String>(),
        other => panic!("{other}"),
    };
    assert!(told("").contains("`credentials`: the file key.json is empty"));
    assert!(told("s3cret").contains("`credentials`: the file key.json is not JSON"));
    assert!(
        told("{\"type\": \"authorized_user\", \"refresh_token\": \"s3cret\"}")
            .contains("is not the key of a service account")
    );
    assert!(told("{\"type\": \"service_account\"}").contains("lacks client_email or private_key"));
    let broken = key_file().replace("BEGIN PRIVATE", "BEGIN SECRET");
    assert!(told(&broken).contains("`credentials`: it holds no private key in PEM"));
    for key in ["s3cret", "{\"type\": \"authorized_user\", \"refresh_token\": \"s3cret\"}"] {
        assert!(!told(key).contains("s3cret"));
    }
}
