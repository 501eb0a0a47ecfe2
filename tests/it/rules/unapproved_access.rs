use overstay::model::Fact;
use overstay::model::event::Action;
use overstay::model::finding::Severity;

use super::org::{Org, address, set_arn, user_id};
use crate::lifecycle::story::{Story, by_admin};
use overstay::model::Event;

const RULE: &str = "unapproved-access";

/// `a`, `b` and `c` get read access on 12 August at 10:00, as CloudTrail has it.
fn story(org: Org) -> Story {
    let org = org.approvals_read().person("a").person("b").person("c");
    let account = org.account_id("prod").to_string();
    let given = |name: &str| Event {
        user: Some(user_id(name).to_string()),
        account: Some(account.clone()),
        permission_set: Some(set_arn("Read").to_string()),
        id: format!("given-{name}"),
        ..by_admin("2026-08-12T10:00:00Z", Action::AssignmentCreated)
    };
    let events = vec![given("a"), given("b"), given("c")];
    let give = |org: Org| org.direct("a", "Read", "prod").direct("b", "Read", "prod").direct("c", "Read", "prod");
    Story::new(org).then("2026-08-12T10:00:00Z", give).trail(events)
}

/// Approved before for those who are named.
fn approved(names: &[&str]) -> Org {
    names.iter().fold(Org::new(), |org, name| org.approval(name, ("Read", "prod"), "2026-08-11T09:00:00Z", None))
}

/// An approval is requested by the user in these fixtures; then somebody else approves it.
#[test]
fn what_nobody_approved_is_named_before_and_after_what_was() {
    let told = story(approved(&["b"])).tell();
    assert_eq!(told.report.subjects(RULE), ["a", "c"]);
    assert_eq!(told.report.found(RULE)[0].severity, Severity::High);
    assert!(
        told.report.found(RULE)[0].detail.ends_with("No approval names it."),
        "{}",
        told.report.found(RULE)[0].detail
    );
    assert_eq!(told.report.result(RULE).population, 3);
    let rows = told.rows("joiners.csv");
    let of = |name: &str| rows.iter().find(|row| row["user_name"] == address(name)).unwrap().clone();
    let b = of("b");
    assert_eq!(
        (b["result"].as_str(), b["approved_before_grant"].as_str(), b["approver_independent"].as_str()),
        ("pass", "yes", "yes")
    );
    assert_eq!(
        (b["created_at"].as_str(), b["basis"].as_str(), b["event_id"].as_str()),
        ("2026-08-12T10:00:00Z", "event", "given-b")
    );
    assert_eq!((of("a")["result"].as_str(), of("a")["approval_ref"].as_str()), ("fail", ""));
}

#[test]
fn approved_beforehand_by_somebody_else_is_clean() {
    story(approved(&["a", "b", "c"])).tell().report.clean(RULE);
}

#[test]
fn an_approval_afterwards_or_for_something_else_is_none() {
    let late = approved(&["b", "c"]).approval("a", ("Read", "prod"), "2026-08-12T16:00:00Z", None);
    let told = story(late).tell();
    assert!(told.report.only(RULE).detail.contains("after it was given"), "{}", told.report.only(RULE).detail);
    let other = approved(&["b", "c"]).approval("a", ("Admin", "prod"), "2026-08-11T09:00:00Z", None);
    let told = story(other).tell();
    assert_eq!(told.report.only(RULE).subject, "a");
    let a = told.rows("joiners.csv").into_iter().find(|row| row["user_name"] == address("a")).unwrap();
    assert_eq!(a["matches_request"], "no");
}

#[test]
fn approving_ones_own_access_is_none() {
    let own = approved(&["b", "c"]).own_approval("a", ("Read", "prod"), "2026-08-11T09:00:00Z");
    let told = story(own).tell();
    assert!(told.report.only(RULE).detail.contains("who asked for it or got it"), "{}", told.report.only(RULE).detail);
}

#[test]
fn missing_facts_are_never_clean() {
    let org = approved(&["a", "b", "c"]);
    org.clone().report().not_evaluated(RULE);
    for fact in [Fact::Approvals, Fact::Assignments, Fact::Memberships, Fact::DirectoryUsers] {
        story(org.clone()).then("2026-09-30T00:00:00Z", |org| org.gap(fact)).tell().report.not_clean(RULE);
    }
    // Nothing but two looks bounds the time of the grant, and the approval is of the day between them.
    let between = Org::new().person("a").approval("a", ("Read", "prod"), "2026-08-12T09:00:00Z", None);
    let told = Story::new(between).then("2026-08-12T10:00:00Z", |org| org.direct("a", "Read", "prod")).tell();
    assert_eq!(told.report.result(RULE).undecided, 1);
    told.report.silent(RULE);
}

#[test]
fn what_may_have_been_there_all_along_is_undecided() {
    // The look before the period did not see all assignments, and nothing else says when this one was made.
    let org = Org::new().approvals_read().person("a").gap(Fact::Assignments);
    let story = Story::new(org)
        .then("2026-07-01T10:00:00Z", |_| Org::new().approvals_read().person("a").direct("a", "Read", "prod"));
    let told = story.tell();
    let row = told.only("joiners.csv");
    let cells = ["created_at", "created_latest", "result"].map(|cell| row[cell].as_str());
    // Not before the user was made, that is.
    assert_eq!(cells, ["2025-01-01T00:00:00Z", "2026-07-01T20:00:00Z", "indeterminate"]);
    assert_eq!((told.report.result(RULE).population, told.report.result(RULE).undecided), (1, 1));
}

#[test]
fn an_approver_who_had_left_approves_nothing() {
    let with_lead = |since: Option<&str>| approved(&["a", "b", "c"]).person("lead").gone("lead", since);
    let told = story(with_lead(Some("2026-08-01T09:00:00Z"))).tell();
    assert_eq!(told.report.subjects(RULE), ["a", "b", "c"]);
    assert!(told.report.found(RULE)[0].detail.contains("who had left or was disabled by then"));
    // Disabled afterwards is no objection; disabled at an unknown time leaves it open.
    story(with_lead(Some("2026-09-01T09:00:00Z"))).tell().report.clean(RULE);
    let unknown = story(with_lead(None)).tell();
    unknown.report.silent(RULE);
    assert_eq!(unknown.report.result(RULE).undecided, 3);
}
