//! What changed between two looks, with who did it where a log tells.

use overstay::model::Event;
use overstay::model::event::{Action, LogKind};

use super::story::{Story, by_admin};
use crate::rules::org::{Org, address, set_arn, user_id};

const CHANGES: &str = "changes.csv";

fn org() -> Org {
    Org::new().person("a").access("a", "Read", "prod")
}

#[test]
fn nothing_that_changed_is_nothing_to_list() {
    let told = Story::new(org()).tell();
    for table in [CHANGES, "joiners.csv", "movers.csv", "leavers.csv"] {
        assert_eq!(told.rows(table), [], "{table}");
    }
}

#[test]
fn a_grant_comes_by_an_event_and_goes_between_looks() {
    let org = org();
    let event = Event {
        user: Some(user_id("a").to_string()),
        account: Some(org.account_id("prod").to_string()),
        permission_set: Some(set_arn("Admin").to_string()),
        id: "e-1".to_owned(),
        ..by_admin("2026-08-10T10:00:00Z", Action::AssignmentCreated)
    };
    let story = Story::new(org).then("2026-08-10T10:00:00Z", |org| org.direct("a", "Admin", "prod"));
    let story = story.then("2026-08-20T10:00:00Z", |mut org| {
        org.aws.assignments.retain(|assignment| assignment.permission_set != set_arn("Admin"));
        org
    });
    let rows = story.trail(vec![event]).tell().rows(CHANGES);
    let cells = [
        "change",
        "permission_set_name",
        "changed_at",
        "changed_latest",
        "basis",
        "event_id",
        "first_seen",
        "last_seen",
    ];
    let said: Vec<Vec<&str>> = rows.iter().map(|row| cells.iter().map(|cell| row[*cell].as_str()).collect()).collect();
    let seen = ["2026-08-10T20:00:00Z", "2026-08-19T20:00:00Z"];
    let added = ["added", "Admin", "2026-08-10T10:00:00Z", "2026-08-10T10:00:00Z", "event", "e-1", seen[0], seen[1]];
    let removed =
        ["removed", "Admin", "2026-08-19T19:50:00Z", "2026-08-20T20:00:00Z", "snapshots", "", seen[0], seen[1]];
    assert_eq!(said, [added, removed]);
    assert_eq!(rows[0]["actor"], "arn:aws:sts::1:assumed-role/somebody/x");
    assert_eq!(rows[1]["actor"], "unknown");
    assert_eq!(rows[0]["grant_id"], rows[1]["grant_id"]);
    assert_eq!(rows[0]["user_name"], address("a"));
}

#[test]
fn a_permission_set_with_other_policies_is_a_changed_role() {
    let story = Story::new(org()).then("2026-08-10T10:00:00Z", |org| {
        org.edit_set("Read", |set| set.session = overstay::model::Known::Value(overstay::model::Span::hours(4)))
    });
    let row = story.tell().only(CHANGES);
    let cells = ["change", "permission_set_name", "changed_latest", "grant_id"];
    assert_eq!(cells.map(|cell| row[cell].as_str()), ["role_changed", "Read", "2026-08-10T20:00:00Z", ""]);
}

#[test]
fn a_change_of_role_is_dated_by_the_log_and_first_seen_by_a_look() {
    let org = Org::new().person("a").group("readers", &["a"]).grouped("readers", "Read", "prod");
    let story = Story::new(org).then("2026-08-10T10:00:00Z", |mut org| {
        org.idps[0].groups.as_mut().unwrap()[0].members.clear();
        org
    });
    let (user, group) = (Some("0b-a".to_owned()), Some("0c-readers".to_owned()));
    let event = Event { user, group, ..by_admin("2026-08-10T10:00:00Z", Action::MemberRemoved) };
    let row = story.idp_log(LogKind::EntraAudit, vec![event]).tell().only(CHANGES);
    let cells = ["change", "detail", "changed_at", "changed_latest", "first_seen", "last_seen"];
    let at = "2026-08-10T10:00:00Z";
    let expected = ["person_changed", "group: `readers` → ``", at, at, "2026-08-10T20:00:00Z", ""];
    assert_eq!(cells.map(|cell| row[cell].as_str()), expected);
}

#[test]
fn a_look_that_missed_a_fact_removes_nothing() {
    let story = Story::new(org()).then("2026-08-10T10:00:00Z", |mut org| {
        org.aws.assignments.clear();
        org.gap(overstay::model::Fact::Assignments)
    });
    let back = story.then("2026-08-11T10:00:00Z", |_| org());
    assert_eq!(back.tell().rows(CHANGES), []);
}
