use overstay::model::event::{Action, Actor, ActorKind, LogKind};
use overstay::model::{Event, Fact};
use overstay::rules::Verdict;

use super::org::{Org, group_id, set_arn, user_id};
use super::report::{needs, same_id};
use crate::lifecycle::story::{by_admin, by_user, scim};

const RULE: &str = "out-of-band-change";
const AUTOMATION: &str = "[identities]\nautomation = [\"arn:aws:sts::*:assumed-role/terraform/*\"]";

fn added(user: &str) -> Event {
    Event {
        user: Some(user_id(user).to_string()),
        group: Some(group_id("readers").to_string()),
        id: format!("added-{user}"),
        ..by_admin("2026-09-14T10:00:00Z", Action::MemberAdded)
    }
}

fn assigned(by: &str) -> Event {
    let actor = Actor { kind: ActorKind::Administrator, name: Some(by.to_owned()) };
    Event {
        user: Some(user_id("a").to_string()),
        account: Some("100000000001".to_owned()),
        permission_set: Some(set_arn("Read").to_string()),
        actor,
        ..by_admin("2026-09-15T10:00:00Z", Action::AssignmentCreated)
    }
}

fn org(events: Vec<Event>) -> Org {
    let org = Org::new().config(AUTOMATION).person("a").person("b").person("c").group("readers", &["a", "b", "c"]);
    org.asked(Fact::CloudTrail).events("aws", LogKind::CloudTrail, events)
}

fn clean() -> Org {
    org(vec![
        scim("2026-09-14T09:00:00Z", Action::UserCreated, "b"),
        by_user("2026-09-14T09:30:00Z", Action::UserChanged, "b"),
        assigned("arn:aws:sts::1:assumed-role/terraform/ci"),
        by_user("2026-09-14T09:40:00Z", Action::SignedIn, "b"),
    ])
}

#[test]
fn changes_by_hand_are_named_before_and_after_those_of_the_provisioner() {
    let report = org(vec![added("a"), scim("2026-09-14T09:00:00Z", Action::UserCreated, "b"), added("c")]).report();
    let subjects: Vec<&str> = report.found(RULE).iter().map(|found| found.subject.as_str()).collect();
    assert_eq!(subjects, ["a@example.org in readers", "c@example.org in readers"]);
    assert!(report.found(RULE)[0].detail.contains("added the user to the group at 2026-09-14T10:00:00Z"));
    assert_eq!(report.result(RULE).population, 3);
}

#[test]
fn provisioning_automation_and_ones_own_profile_are_clean() {
    clean().report().clean(RULE);
    let failed = Event { succeeded: Some(false), ..added("a") };
    org(vec![failed]).report().clean(RULE);
    let mut declared = org(vec![scim("2026-09-14T09:00:00Z", Action::UserCreated, "b"), added("a")]);
    declared = declared.config("service = [{ user = \"a@example.org\", owner = \"b@example.org\" }]");
    declared.report().clean(RULE);
}

#[test]
fn an_assignment_by_somebody_else_is_found() {
    let report = org(vec![assigned("arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin/k.brandt")]).report();
    assert!(report.only(RULE).detail.contains("k.brandt made the assignment"), "{}", report.only(RULE).detail);
}

#[test]
fn without_automation_assignments_are_not_judged_and_that_is_said() {
    let org =
        Org::new().person("a").asked(Fact::CloudTrail).events("aws", LogKind::CloudTrail, vec![assigned("arn:x")]);
    let report = org.report();
    report.silent(RULE);
    assert!(
        matches!(&report.result(RULE).verdict, Verdict::Partial(why) if why[0].contains("[identities] automation"))
    );
}

#[test]
fn whom_the_log_does_not_name_is_undecided() {
    let nobody = Event { actor: Actor { kind: ActorKind::Unknown, name: None }, ..added("a") };
    let report = org(vec![nobody]).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn another_event_about_the_same_is_the_same_finding() {
    let later = Event { id: "again".to_owned(), at: super::org::at("2026-09-16T10:00:00Z"), ..added("a") };
    same_id(RULE, &org(vec![added("a")]), &org(vec![added("a"), later]));
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::CloudTrail, Fact::DirectoryUsers]);
}
