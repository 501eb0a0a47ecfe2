use overstay::model::event::{Action, LogKind};
use overstay::model::finding::{Confidence, Severity};
use overstay::model::{Event, Fact, HrStatus, IdpStatus, Known};

use super::org::{Org, event, idp_id};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "unassigned-account-holds-access";

/// People with grants; those named are assigned to the application.
fn org(people: &[&str], assigned: &[&str]) -> Org {
    let org = people.iter().fold(Org::new().asked(Fact::IdpApplication), |org, name| org.person(name));
    let org = org.group("all", people).grouped("all", "Read", "prod");
    org.application(0, |app| app.users = assigned.iter().map(|name| idp_id(name)).collect())
}

fn clean() -> Org {
    org(&["b", "d"], &["b", "d"]).person("idle")
}

fn lost(when: &str, action: Action, user: &str) -> Event {
    let group = (action == Action::MemberRemoved).then(|| "0c-all".to_owned());
    Event { user: Some(idp_id(user).to_string()), group, succeeded: Some(true), ..event(when, action) }
}

#[test]
fn active_accounts_that_are_not_assigned_are_named() {
    let report = org(&["a", "b", "c"], &["b"]).report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.result(RULE).population, 3);
    let found = &report.found(RULE)[0];
    assert_eq!((found.severity, found.confidence, found.grants), (Severity::Medium, Confidence::High, 1));
    assert!(found.detail.contains("active in entra and not assigned"), "{}", found.detail);
    let privileged = org(&["a", "b"], &["b"]).access("a", "Admin", "prod").report();
    assert_eq!(privileged.only(RULE).severity, Severity::High);
    clean().report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpApplication, Fact::IdpUsers, Fact::DirectoryUsers, Fact::Assignments]);
    needs(RULE, &clean(), &[Fact::Memberships, Fact::DirectoryGroups]);
    needs_whole(RULE, &clean(), &[Fact::IdpGroups]);
    Org::new().person("a").access("a", "Read", "prod").report().not_evaluated(RULE);
}

#[test]
fn an_assigned_group_assigns_its_members() {
    let by_group = org(&["a", "b"], &[]).idp_group("aws", &["b"]);
    let by_group = by_group.application(0, |app| app.groups = vec!["0c-aws".parse().unwrap()]);
    assert_eq!(by_group.report().subjects(RULE), ["a"]);
    // Who is in the group is not known: nobody is accused, and nobody is cleared.
    for mut unread in [by_group.clone(), by_group.clone()] {
        unread.idps[0].groups = None;
        let report = unread.report();
        report.silent(RULE);
        assert_eq!(report.result(RULE).undecided, 2);
    }
    let report = by_group.clone().gap(Fact::IdpGroups).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1, "b is a member by what was read");
    // Okta lists everyone who is assigned, whatever the way.
    let mut okta = by_group;
    (okta.idps[0].kind, okta.idps[0].groups) = ("okta".to_owned(), None);
    assert_eq!(okta.report().subjects(RULE), ["a", "b"]);
}

#[test]
fn absence_from_a_list_that_was_not_read_whole_proves_nothing() {
    let report = org(&["a", "b"], &["b"]).gap(Fact::IdpApplication).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
    let unclear = org(&["a", "b"], &["b"]);
    let unclear = unclear.application(0, |app| app.assignment_required = Known::Unknown("no such field".into()));
    assert_eq!(unclear.report().result(RULE).undecided, 1);
    unclear.report().silent(RULE);
}

#[test]
fn an_application_that_requires_no_assignment_is_not_tested() {
    let org = org(&["a"], &[]);
    org.clone().application(0, |app| app.assignment_required = Known::Value(false)).report().not_evaluated(RULE);
    org.application(0, |app| app.enabled = Known::Value(false)).report().not_evaluated(RULE);
}

#[test]
fn leavers_and_disabled_users_have_their_own_rules() {
    let org = org(&["a", "b", "c", "d"], &["b"]).gone("a", None).disabled_in_aws("c").hr("d", HrStatus::Terminated);
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.subjects("leaver-holds-access"), ["a", "d"]);
    assert_eq!(report.subjects("disabled-user-holds-grants"), ["c"]);
}

#[test]
fn a_status_that_is_not_known_decides_nothing() {
    let unknown = org(&["a", "b"], &["b"]).edit_idp("a", |user| user.status = IdpStatus::Unknown);
    for org in [unknown, org(&["a", "b"], &["b"]).edit_user("a", |user| user.status = Known::Absent)] {
        let report = org.report();
        report.silent(RULE);
        assert_eq!(report.result(RULE).undecided, 1);
    }
}

#[test]
fn provisioning_has_its_time_after_an_assignment_ended() {
    let with = |when: &str, action| {
        let org = org(&["a", "b"], &["b"]).application(0, |app| app.groups = vec!["0c-all".parse().unwrap()]);
        // No longer in the group by the listing.
        let mut org = org.events("idp:entra", LogKind::EntraAudit, vec![lost(when, action, "a")]);
        org.idps[0].groups.as_mut().unwrap()[0].members = vec![idp_id("b")];
        org.report()
    };
    for action in [Action::ApplicationUnassigned, Action::MemberRemoved] {
        with("2026-09-30T16:50:00Z", action).clean(RULE);
        let late = with("2026-09-30T12:00:00Z", action);
        assert!(late.only(RULE).detail.contains("since 2026-09-30T12:00:00Z"), "{}", late.only(RULE).detail);
    }
}

#[test]
fn the_fingerprint_outlives_renames() {
    let org = org(&["a"], &[]);
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "new".into()));
}
