//! The three stories that every provisioning pipeline promises, and their failing twins.

use overstay::model::event::{Action, LogKind};
use overstay::model::{Event, Known};

use super::story::{Story, by_admin, scim};
use crate::rules::org::{Org, address, at, group_id, idp_id, user_id};

const POLICY: &str = "\
[[access]]
match = { group = \"Engineering\" }
permission_set = \"ReadOnly\"
accounts = [\"prod\"]

[[access]]
match = { group = \"DevOps\" }
permission_set = \"PowerUser\"
accounts = [\"prod\"]
";

/// Two groups with their permission sets, and nobody in them but `b`.
fn org() -> Org {
    let org = Org::new().config(POLICY).set("ReadOnly", "ReadOnlyAccess").set("PowerUser", "PowerUserAccess");
    let org = org.person("b").group("Engineering", &["b"]).group("DevOps", &[]);
    org.grouped("Engineering", "ReadOnly", "prod").grouped("DevOps", "PowerUser", "prod")
}

/// `a` is put into a group of the identity provider.
fn asked(mut org: Org, group: &str) -> Org {
    let groups = org.idps[0].groups.as_mut().unwrap();
    groups.iter_mut().find(|known| known.name == group).unwrap().members.push(idp_id("a"));
    org
}

/// `a` is taken out of a group of the identity provider.
fn dismissed(mut org: Org, group: &str) -> Org {
    let groups = org.idps[0].groups.as_mut().unwrap();
    groups.iter_mut().find(|known| known.name == group).unwrap().members.retain(|member| *member != idp_id("a"));
    org
}

/// Provisioning puts `a` into the directory's group then.
fn given(mut org: Org, group: &str, when: &str) -> Org {
    org.aws.memberships.push(overstay::model::Membership {
        group: group_id(group),
        user: user_id("a"),
        created_at: Known::Value(at(when)),
        created_by: None,
    });
    org
}

fn taken(mut org: Org, group: &str) -> Org {
    org.aws.memberships.retain(|membership| membership.group != group_id(group) || membership.user != user_id("a"));
    org
}

fn in_group(when: &str, action: Action, group: &str) -> Event {
    Event { user: Some("0b-a".to_owned()), group: Some(format!("0c-{group}")), ..by_admin(when, action) }
}

/// On 14 July at 09:00 `a` starts, and is asked to be in Engineering; provisioning does it then.
fn joined(provisioned: &str) -> Story {
    let story = Story::new(org()).then("2026-07-14T09:00:00Z", |mut org| {
        org.idps[0].users.push(crate::rules::org::idp_user("a"));
        asked(org, "Engineering")
    });
    story.then(provisioned, |mut org| {
        // The record in the directory, as `person` makes it, without a second one at the provider.
        let mut made = Org::new().person("a").aws.users.remove(0);
        made.created_at = Known::Value(at(provisioned));
        org.aws.users.push(made);
        given(org, "Engineering", provisioned)
    })
}

fn logs(story: Story, provisioned: &str) -> Story {
    let story = story.trail(vec![scim(provisioned, Action::UserCreated, "a")]);
    story.idp_log(LogKind::EntraAudit, vec![in_group("2026-07-14T09:00:00Z", Action::MemberAdded, "Engineering")])
}

fn row<'r>(
    rows: &'r [std::collections::BTreeMap<String, String>],
    column: &str,
    cell: &str,
) -> &'r std::collections::BTreeMap<String, String> {
    rows.iter().find(|row| row[column] == cell).unwrap_or_else(|| panic!("no {column} {cell} in {rows:#?}"))
}

#[test]
fn a_joiner_is_provisioned_within_forty_minutes() {
    let told = logs(joined("2026-07-14T09:40:00Z"), "2026-07-14T09:40:00Z").tell();
    let rows = told.rows("joiners.csv");
    assert_eq!(rows.len(), 2, "the identity, and the grant: {rows:#?}");
    let identity = row(&rows, "grant_id", "");
    assert_eq!(
        (identity["user_name"].as_str(), identity["created_at"].as_str(), identity["basis"].as_str()),
        ("a@example.org", "2026-07-14T09:40:00Z", "event")
    );
    let grant = row(&rows, "permission_set_name", "ReadOnly");
    let cells = [
        "asked_at",
        "created_at",
        "created_latest",
        "provisioning_minutes_min",
        "provisioning_minutes_max",
        "provisioned",
    ];
    let expected = ["2026-07-14T09:00:00Z", "2026-07-14T09:40:00Z", "2026-07-14T09:40:00Z", "40", "40", "pass"];
    assert_eq!(cells.map(|cell| grant[cell].as_str()), expected);
    assert_eq!(grant["result"], "not_evaluated", "no approvals were asked for");
    told.report.silent("mover-kept-access");
}

#[test]
fn a_joiner_who_waits_for_three_days_fails() {
    let told = logs(joined("2026-07-17T09:00:00Z"), "2026-07-17T09:00:00Z").tell();
    let rows = told.rows("joiners.csv");
    let grant = row(&rows, "permission_set_name", "ReadOnly");
    assert_eq!(["provisioning_minutes_min", "provisioned"].map(|cell| grant[cell].as_str()), ["4320", "fail"]);
}

#[test]
fn without_logs_and_looks_in_between_a_joiner_is_undecided() {
    // The directory's record says when it was made; nothing but the looks says when it was asked for.
    let story = joined("2026-07-14T09:40:00Z");
    let told = story.tell();
    let rows = told.rows("joiners.csv");
    let grant = row(&rows, "permission_set_name", "ReadOnly");
    assert_eq!(grant["asked_at"], "2026-07-13T19:50:00Z");
    assert_eq!(["provisioning_minutes_min", "provisioned"].map(|cell| grant[cell].as_str()), ["0", "indeterminate"]);
}

/// On 12 August at 10:00 `a` moves from Engineering to DevOps, and provisioning gives the one and takes the other.
fn moved(kept: bool) -> Story {
    let story = joined("2026-07-14T09:40:00Z");
    let story = story.then("2026-08-12T10:00:00Z", |org| asked(dismissed(org, "Engineering"), "DevOps"));
    let story = story.then("2026-08-12T10:30:00Z", |org| given(org, "DevOps", "2026-08-12T10:30:00Z"));
    if kept { story } else { story.then("2026-08-12T10:35:00Z", |org| taken(org, "Engineering")) }
}

#[test]
fn a_mover_loses_the_old_role_and_has_the_new_one() {
    let told = moved(false).tell();
    let movers = told.rows("movers.csv");
    let left = row(&movers, "old", "Engineering");
    let cells = ["attribute", "new", "changed_at", "changed_latest", "carried_over", "result", "elapsed_hours_max"];
    let expected = ["group", "", "2026-08-11T19:50:00Z", "2026-08-12T20:00:00Z", "", "pass", "24.2"];
    assert_eq!(cells.map(|cell| left[cell].as_str()), expected);
    assert!(left["removed"].starts_with("g_"));
    assert_eq!(row(&movers, "new", "DevOps")["result"], "pass");
    told.report.clean("mover-kept-access");
    let changes: Vec<(String, String)> = told
        .rows("changes.csv")
        .into_iter()
        .filter(|row| row["user_name"] == address("a") && !row["permission_set_name"].is_empty())
        .map(|row| (row["change"].clone(), row["permission_set_name"].clone()))
        .collect();
    let expected = [("added", "ReadOnly"), ("added", "PowerUser"), ("removed", "ReadOnly")];
    assert_eq!(changes, expected.map(|(change, set)| (change.to_owned(), set.to_owned())));
}

/// The directory tells when a membership was made only while it is there.
#[test]
fn a_joiner_who_moved_on_was_still_provisioned_in_time() {
    let story = moved(false);
    let log = LogKind::EntraAudit;
    let told = story.idp_log(log, vec![in_group("2026-07-14T09:00:00Z", Action::MemberAdded, "Engineering")]).tell();
    let rows = told.rows("joiners.csv");
    let first = row(&rows, "permission_set_name", "ReadOnly");
    let cells = ["created_at", "created_latest", "basis", "provisioning_minutes_max", "provisioned"];
    let expected = ["2026-07-14T09:40:00Z", "2026-07-14T09:40:00Z", "record", "40", "pass"];
    assert_eq!(cells.map(|cell| first[cell].as_str()), expected);
}

#[test]
fn when_a_joiner_was_provisioned_is_known_after_they_moved_on() {
    let story = logs(moved(false), "2026-07-14T09:40:00Z");
    let events = vec![in_group("2026-08-12T10:00:00Z", Action::MemberAdded, "DevOps")];
    let told = story.idp_log(LogKind::EntraAudit, events).tell();
    let rows = told.rows("joiners.csv");
    let columns = ["asked_at", "created_at", "created_latest", "basis", "provisioning_minutes_max", "provisioned"];
    let of = |set: &str| columns.map(|column| row(&rows, "permission_set_name", set)[column].clone());
    // That membership is gone since August; the looks of July had its record.
    let made = "2026-07-14T09:40:00Z";
    assert_eq!(of("ReadOnly"), ["2026-07-14T09:00:00Z", made, made, "event", "40", "pass"]);
    let made = "2026-08-12T10:30:00Z";
    assert_eq!(of("PowerUser"), ["2026-08-12T10:00:00Z", made, made, "record", "30", "pass"]);
}

#[test]
fn a_mover_who_keeps_read_only_beside_power_user_fails() {
    let told = moved(true).tell();
    let movers = told.rows("movers.csv");
    assert_eq!(row(&movers, "old", "Engineering")["result"], "fail");
    let found = told.report.only("mover-kept-access");
    assert_eq!(found.subject, "a");
    assert!(found.detail.contains("ReadOnly on prod via Engineering is held from before"), "{}", found.detail);
}

/// `a` moves from Engineering to DevOps on 12 August and keeps what Engineering gave, and moves on then.
fn moved_on(when: &str, edit: impl FnOnce(Org) -> Org) -> Story {
    moved(true).then(when, |org| edit(dismissed(org, "DevOps")))
}

#[test]
fn who_moves_twice_has_a_row_for_each_with_its_own_outcome() {
    // To a role that policy gives nothing, by a title's change with no group of its own; PowerUser goes in time.
    let story = moved_on("2026-09-05T10:00:00Z", |org| taken(org, "DevOps"));
    let told = story.clone().tell();
    let rows = told.rows("movers.csv");
    let result = |column: &str, group: &str| {
        let found = row(&rows, column, group);
        (found["result"].clone(), found["notes"].clone())
    };
    let fails = ("fail".to_owned(), String::new());
    // ReadOnly was kept from the first move on: neither DevOps nor what came after allows it.
    assert_eq!(result("new", "DevOps"), fails);
    assert_eq!(rows.iter().find(|row| row["old"] == "Engineering").unwrap()["result"], "fail");
    assert_eq!(rows.iter().filter(|row| row["old"] == "DevOps" && row["result"] == "fail").count(), 1);
    // Back where it is allowed: three weeks without are three weeks too long, and nothing is overdue.
    let back = moved_on("2026-09-05T10:00:00Z", |org| asked(taken(org, "DevOps"), "Engineering")).tell();
    let rows = back.rows("movers.csv");
    let of = |old: &str, new: &str| {
        let mut found = rows.iter().filter(|row| row["old"] == old && row["new"] == new);
        found.next().map(|row| (row["result"].clone(), row["overdue"].clone())).unwrap()
    };
    assert_eq!(of("", "DevOps"), fails);
    assert_eq!(of("", "Engineering"), ("pass".to_owned(), String::new()));
    back.report.silent("mover-kept-access");
    // A second move before the first one's time is up leaves it to the second.
    let soon = moved_on("2026-08-13T10:00:00Z", |org| asked(taken(org, "DevOps"), "Engineering")).tell();
    let rows = soon.rows("movers.csv");
    assert!(rows.iter().all(|row| row["result"] == "pass"), "{rows:#?}");
}

#[test]
fn who_moves_and_leaves_is_a_mover_once_and_a_leaver_once() {
    let told = left(true).tell();
    let rows = told.rows("movers.csv");
    assert_eq!(row(&rows, "new", "DevOps")["result"], "pass");
    let leaving = row(&rows, "old", "DevOps");
    assert_eq!(leaving["result"], "not_evaluated");
    assert!(leaving["notes"].contains("see leavers.csv"));
    // Kept from the move on, and gone with leaving: too late for the move.
    let kept = moved(true).then("2026-08-31T20:00:00Z", |org| {
        let org = dismissed(org, "DevOps").gone("a", Some("2026-08-31T20:00:00Z")).disabled_in_aws("a");
        taken(taken(org, "DevOps"), "Engineering")
    });
    let rows = kept.tell().rows("movers.csv");
    assert_eq!(row(&rows, "new", "DevOps")["result"], "fail");
    assert_eq!(kept.tell().only("leavers.csv")["result"], "pass");
}

#[test]
fn any_of_several_entries_may_allow_what_was_kept() {
    let more = "[[access]]\nmatch = { group = \"DevOps\" }\npermission_set = \"ReadOnly\"\naccounts = [\"prod\"]\n";
    let allowed = |expires: &str| {
        let story = moved(true).then("2026-08-20T10:00:00Z", |org| org.config(&format!("{more}{expires}")));
        row(&story.tell().rows("movers.csv"), "new", "DevOps")["result"].clone()
    };
    assert_eq!(allowed(""), "pass");
    assert_eq!(allowed("expires = 2026-09-01"), "fail", "it has ended");
}

/// On 4 September at 16:00 the account is disabled; provisioning disables the user and takes it out of its groups.
fn left(deprovisioned: bool) -> Story {
    let story = moved(false)
        .then("2026-08-31T20:00:00Z", |org| dismissed(org, "DevOps").gone("a", Some("2026-08-31T20:00:00Z")));
    if !deprovisioned {
        return story;
    }
    let story = story.then("2026-08-31T20:20:00Z", |org| org.disabled_in_aws("a"));
    story.then("2026-08-31T20:25:00Z", |org| taken(org, "DevOps"))
}

#[test]
fn a_leaver_is_disabled_and_deprovisioned_and_nothing_is_left() {
    let events = vec![scim("2026-08-31T20:20:00Z", Action::UserDisabled, "a")];
    let told = left(true).trail(events).tell();
    let leaver = told.only("leavers.csv");
    let cells = [
        "result",
        "idp_disabled_at",
        "idc_disabled_at",
        "elapsed_hours_max",
        "grants_still_held",
        "last_grant_removed_latest",
        "activity_after",
    ];
    let expected = ["pass", "2026-08-31T20:00:00Z", "2026-08-31T20:20:00Z", "0.3", "0", "2026-09-01T20:00:00Z", "no"];
    assert_eq!(cells.map(|cell| leaver[cell].as_str()), expected);
    told.report.clean("leaver-sla-breach");
    told.report.silent("leaver-holds-access");
    told.report.clean("activity-after-leaving");
}

#[test]
fn a_leaver_who_is_disabled_for_thirty_days_and_still_assigned_fails() {
    let told = left(false).tell();
    let leaver = told.only("leavers.csv");
    let cells = ["result", "elapsed_hours_min", "grants_still_held", "idc_disabled_at", "last_grant_removed_at"];
    assert_eq!(cells.map(|cell| leaver[cell].as_str()), ["fail", "720.0", "1", "", ""]);
    assert_eq!(told.report.only("leaver-sla-breach").subject, "a");
    assert_eq!(told.report.only("leaver-holds-access").subject, "a");
}

#[test]
fn a_day_without_a_look_and_a_window_without_a_log_leave_the_leaver_open() {
    let events = vec![scim("2026-08-31T20:20:00Z", Action::UserDisabled, "a")];
    let story = left(true).missing("2026-09-01");
    // With the log the missing day does not matter.
    assert_eq!(story.clone().trail(events.clone()).tell().only("leavers.csv")["result"], "pass");
    let open = story.trail(events).uncovered("2026-08-31T00:00:00Z", "2026-09-02T00:00:00Z").tell();
    let leaver = open.only("leavers.csv");
    assert_eq!(["result", "activity_after"].map(|cell| leaver[cell].as_str()), ["indeterminate", "unknown"]);
    assert_eq!(open.report.result("leaver-sla-breach").undecided, 1);
}
