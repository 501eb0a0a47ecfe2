//! What changed between two looks, with who did it where a log tells.

use overstay::model::Event;
use overstay::model::event::{Action, LogKind};

use super::story::{Story, by_admin};
use crate::rules::org::{Org, address, group_id, set_arn, user_id};

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

/// CloudTrail says that an assignment of `Admin` on prod, or a membership, came or went.
fn logged(org: &Org, when: &str, action: Action, user: Option<&str>, group: Option<&str>) -> Event {
    let of_assignment = matches!(action, Action::AssignmentCreated | Action::AssignmentDeleted);
    Event {
        user: user.map(|user| user_id(user).to_string()),
        group: group.map(|group| group_id(group).to_string()),
        account: of_assignment.then(|| org.account_id("prod").to_string()),
        permission_set: of_assignment.then(|| set_arn("Admin").to_string()),
        ..by_admin(when, action)
    }
}

/// What changed, for whom, when, by which event, and the looks that show it.
fn brief(rows: &[std::collections::BTreeMap<String, String>]) -> Vec<String> {
    let cells = ["change", "user_name", "group_name", "changed_at", "basis", "event_id", "first_seen"];
    rows.iter().map(|row| cells.map(|cell| row[cell].replace("@example.org", "")).join(" ")).collect()
}

const CAME: &str = "2026-08-10T21:00:00Z";
const WENT: &str = "2026-08-11T09:00:00Z";

/// `Admin` exists, `admins` may have it on prod, and nobody is in that group.
fn with_admins() -> Org {
    org().person("b").group("admins", &[]).grouped("admins", "Admin", "prod")
}

#[test]
fn a_grant_that_came_and_went_between_two_looks_is_told_by_the_log() {
    let org = with_admins();
    let assigned = |when, action| logged(&org, when, action, Some("a"), None);
    let events = vec![assigned(CAME, Action::AssignmentCreated), assigned(WENT, Action::AssignmentDeleted)];
    // Read twice, by the interface and from files, it is the same.
    let told = Story::new(org.clone()).trail([events.clone(), events].concat()).tell();
    let rows = told.rows(CHANGES);
    let expected = [
        format!("added a  {CAME} event AssignmentCreated-{CAME} "),
        format!("removed a  {WENT} event AssignmentDeleted-{WENT} "),
    ];
    assert_eq!(brief(&rows), expected);
    assert_eq!(
        (rows[0]["actor"].as_str(), rows[0]["permission_set_name"].as_str()),
        ("arn:aws:sts::1:assumed-role/somebody/x", "Admin")
    );
    assert_eq!(told.only("joiners.csv")["grant_id"], rows[0]["grant_id"]);
}

#[test]
fn so_is_a_membership_with_what_its_group_gives() {
    let org = with_admins();
    let joined = |when, action| logged(&org, when, action, Some("a"), Some("admins"));
    let events = vec![joined(CAME, Action::MemberAdded), joined(WENT, Action::MemberRemoved)];
    let rows = Story::new(org.clone()).trail(events.clone()).tell().rows(CHANGES);
    let expected = [
        format!("added a admins {CAME} event MemberAdded-{CAME} "),
        format!("removed a admins {WENT} event MemberRemoved-{WENT} "),
    ];
    assert_eq!(brief(&rows), expected);
    // A group that gives nothing changes nothing, unless it gives something for a part of that time.
    let idle = org.clone().group("idle", &[]);
    let idle_joined = |when, action| logged(&idle, when, action, Some("a"), Some("idle"));
    let events = vec![idle_joined(CAME, Action::MemberAdded), idle_joined(WENT, Action::MemberRemoved)];
    assert_eq!(Story::new(idle.clone()).trail(events.clone()).tell().rows(CHANGES), []);
    let given = |when, action| logged(&idle, when, action, None, Some("idle"));
    let both = [
        events,
        vec![
            given("2026-08-11T01:00:00Z", Action::AssignmentCreated),
            given("2026-08-11T10:00:00Z", Action::AssignmentDeleted),
        ],
    ];
    let rows = Story::new(idle.clone()).trail(both.concat()).tell().rows(CHANGES);
    let expected = [
        "added a idle 2026-08-11T01:00:00Z event AssignmentCreated-2026-08-11T01:00:00Z ".to_owned(),
        format!("removed a idle {WENT} event MemberRemoved-{WENT} "),
    ];
    assert_eq!(brief(&rows), expected);
}

#[test]
fn an_assignment_of_a_group_is_told_for_everybody_in_it() {
    let org = with_admins().group("readers", &["a", "b"]);
    let given = |when, action| logged(&org, when, action, None, Some("readers"));
    let events = vec![given(CAME, Action::AssignmentCreated), given(WENT, Action::AssignmentDeleted)];
    let rows = Story::new(org.clone()).trail(events).tell().rows(CHANGES);
    assert_eq!(rows.iter().map(|row| row["user_id"].as_str()).collect::<Vec<_>>(), ["u-a", "u-b", "u-a", "u-b"]);
}

#[test]
fn what_a_look_shows_or_denies_is_not_told_again() {
    let org = with_admins();
    let event = |when, action| logged(&org, when, action, Some("a"), None);
    let events = vec![
        event("2026-08-10T10:00:00Z", Action::AssignmentCreated),
        event("2026-08-11T21:00:00Z", Action::AssignmentDeleted),
    ];
    // Two looks lie between, and saw nothing: AWS did not carry the request out.
    assert_eq!(Story::new(org.clone()).trail(events.clone()).tell().rows(CHANGES), []);
    let story = Story::new(org.clone()).then("2026-08-10T10:00:00Z", |org| org.direct("a", "Admin", "prod"));
    let story = story.then("2026-08-11T21:00:00Z", |_| org.clone());
    let rows = story.trail(events).tell().rows(CHANGES);
    let expected = [
        "added a  2026-08-10T10:00:00Z event AssignmentCreated-2026-08-10T10:00:00Z 2026-08-10T20:00:00Z",
        "removed a  2026-08-11T21:00:00Z event AssignmentDeleted-2026-08-11T21:00:00Z 2026-08-10T20:00:00Z",
    ];
    assert_eq!(brief(&rows), expected);
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
    let expected = ["person_changed", "left the group `readers`", at, at, "2026-08-10T20:00:00Z", ""];
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
