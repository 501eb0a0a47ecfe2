//! The three stories that every provisioning pipeline promises, of one person; and what is left of a pass when a day or a log
//! is missing.

use super::stage::Stage;
use super::told::{Told, cells};

/// `ada` joins on 7 July, moves on the 10th and leaves on the 16th.
fn played() -> Stage {
    let mut stage = Stage::new("2026-07-06..2026-07-19");
    let approved = |set: &str, day: &str| {
        format!("ada@example.com,prod,{set},manager@example.com,boss@example.com,{day}T15:00:00Z,T-{set}")
    };
    stage.approvals = vec![approved("ReadOnly", "2026-07-06"), approved("PowerUser", "2026-07-09")];
    stage.evenings(&["2026-07-05", "2026-07-06"]);
    stage.roster.push("e-ada,ada@example.com,active,2026-07-07,,Engineering".to_owned());
    stage.hired("2026-07-07T08:00:00Z", "ada", "Engineering");
    stage.asked("2026-07-07T09:00:00Z", "ada", "Engineering");
    stage.provisioned("2026-07-07T09:31:00Z", "ada");
    stage.joined("2026-07-07T09:32:00Z", "ada", "Engineering");
    stage.look("2026-07-07T09:36:00Z", "2026-07-07T09:38:00Z").with(0);
    stage.evenings(&["2026-07-07", "2026-07-08", "2026-07-09"]);
    stage.asked("2026-07-10T10:00:00Z", "ada", "DevOps");
    stage.dismissed("2026-07-10T10:01:00Z", "ada", "Engineering");
    stage.joined("2026-07-10T10:20:00Z", "ada", "DevOps");
    stage.parted("2026-07-10T10:21:00Z", "ada", "Engineering");
    stage.look("2026-07-10T10:28:00Z", "2026-07-10T10:30:00Z").with(0);
    stage.evenings(&["2026-07-10", "2026-07-11", "2026-07-12", "2026-07-13", "2026-07-14", "2026-07-15"]);
    stage.roster.pop();
    stage.roster.push("e-ada,ada@example.com,terminated,2026-07-07,2026-07-16,Engineering".to_owned());
    stage.uses("2026-07-16T15:30:00Z", "ada", "PowerUser");
    stage.disabled("2026-07-16T16:00:00Z", "ada");
    stage.dismissed("2026-07-16T16:05:00Z", "ada", "DevOps");
    stage.deprovisioned("2026-07-16T16:20:00Z", "ada");
    stage.parted("2026-07-16T16:21:00Z", "ada", "DevOps");
    stage.evenings(&["2026-07-16"]);
    stage.deleted("2026-07-17T09:00:00Z", "ada");
    stage.evenings(&["2026-07-17", "2026-07-18", "2026-07-19"]);
    stage
}

/// How provisioning of a permission set went: from when to when, in minutes, and the outcome.
fn provisioning<'t>(told: &'t Told, set: &str) -> [&'t str; 7] {
    let columns = [
        "asked_at",
        "created_at",
        "created_latest",
        "provisioning_minutes_min",
        "provisioning_minutes_max",
        "provisioned",
        "basis",
    ];
    cells(told.only("joiners", |row| row["permission_set_name"] == set), columns)
}

/// How the move out of Engineering went.
fn moving(told: &Told) -> [&str; 5] {
    let columns = ["changed_at", "changed_latest", "elapsed_hours_max", "result", "basis"];
    cells(told.only("movers", |row| row["old"] == "Engineering"), columns)
}

/// How the leaving went.
fn leaving(told: &Told) -> [&str; 4] {
    cells(told.only("leavers", |_| true), ["result", "end_tested", "elapsed_hours_max", "activity_after"])
}

/// The outcomes of the three.
fn outcomes(told: &Told) -> [&str; 3] {
    let joined = provisioning(told, "ReadOnly")[5];
    [joined, moving(told)[3], leaving(told)[0]]
}

#[test]
fn joined_moved_and_left_pass_with_their_times() {
    let stage = played();
    let told = stage.audit();
    told.ended.assert_complete();
    // Asked at nine, by the directory's log; made at 9:31, by the trail; the trail hides who joins a group, so the look
    // that ended at 9:38 is what bounds it.
    let nine = "2026-07-07T09:00:00Z";
    assert_eq!(
        provisioning(&told, "ReadOnly"),
        [nine, "2026-07-07T09:31:00Z", "2026-07-07T09:38:00Z", "31", "38", "pass", "snapshots"]
    );
    let made = told.only("joiners", |row| row["grant_id"].is_empty());
    assert_eq!(
        cells(made, ["created_at", "created_latest", "created_by", "event_id", "basis"]),
        ["2026-07-07T09:31:00Z", "2026-07-07T09:31:00Z", "tenant t-1", "CreateUser-2026-07-07T09:31:00Z", "event"]
    );
    // The look of the evening before is when the new role was surely not there yet.
    assert_eq!(
        provisioning(&told, "PowerUser"),
        ["2026-07-10T10:00:00Z", "2026-07-09T20:00:00Z", "2026-07-10T10:30:00Z", "0", "30", "pass", "snapshots"]
    );
    for set in ["ReadOnly", "PowerUser"] {
        let row = told.only("joiners", |row| row["permission_set_name"] == set);
        let columns = ["approved_by", "approval_ref", "approved_before_grant", "approver_independent", "result"];
        assert_eq!(cells(row, columns), ["boss@example.com", &format!("T-{set}"), "yes", "yes", "pass"]);
    }
    assert_eq!(moving(&told), ["2026-07-10T10:01:00Z", "2026-07-10T10:01:00Z", "0.5", "pass", "event"]);
    let moved = told.only("movers", |row| row["old"] == "Engineering");
    assert_eq!(moved["event_id"], "Remove member from group 0b-ada 2026-07-10T10:01:00Z");
    assert_eq!((moved["carried_over"].as_str(), moved["overdue"].as_str()), ("", ""));

    let leaver = told.only("leavers", |_| true);
    let times = [
        ("terminated_at", "2026-07-16T23:00:00Z"), // the close of the day in London
        ("gone_at", "2026-07-16T16:00:00Z"),
        ("idp_disabled_latest", "2026-07-16T16:00:00Z"),
        ("idc_disabled_at", "2026-07-16T16:20:00Z"),
        ("idc_disabled_latest", "2026-07-16T16:20:00Z"),
        ("last_grant_removed_at", "2026-07-15T20:00:00Z"),
        ("last_grant_removed_latest", "2026-07-16T20:02:00Z"),
        ("last_activity_at", "2026-07-16T15:30:00Z"),
        ("access_end_upper_bound", "2026-07-16T17:30:00Z"), // two hours after the last role was taken up
    ];
    for (column, time) in times {
        assert_eq!(leaver[column], time, "{column}");
    }
    let said = ["source", "basis", "idp_disabled_basis", "idc_disabled_basis", "last_grant_removed_basis"];
    assert_eq!(cells(leaver, said), ["hr", "event", "event", "event", "snapshots"]);
    assert_eq!(leaving(&told), ["pass", "sign-in blocked", "0.3", "no"]);
    assert_eq!(leaver["event_ids"], "Disable account 0b-ada 2026-07-16T16:00:00Z;disable 0b-ada 2026-07-16T16:20:00Z");
    assert_eq!(leaver["grants_still_held"], "0");

    let changes: Vec<[&str; 4]> = told
        .rows("changes")
        .iter()
        .filter(|row| !row["grant_id"].is_empty())
        .map(|row| cells(row, ["change", "permission_set_name", "first_seen", "last_seen"]))
        .collect();
    let (joined, moved) = ("2026-07-07T09:38:00Z", "2026-07-10T10:30:00Z");
    assert_eq!(
        changes,
        [
            ["added", "ReadOnly", joined, "2026-07-09T20:02:00Z"],
            ["added", "PowerUser", moved, "2026-07-15T20:02:00Z"],
            ["removed", "ReadOnly", joined, "2026-07-09T20:02:00Z"],
            ["removed", "PowerUser", moved, "2026-07-15T20:02:00Z"],
        ]
    );
    // Of a change of role it is the look that first shows it, whatever the log says of the time.
    let change = told.only("changes", |row| row["detail"] == "left the group `Engineering`");
    assert_eq!(cells(change, ["changed_at", "first_seen"]), ["2026-07-10T10:01:00Z", moved]);
    for rule in ["leaver-sla-breach", "leaver-holds-access", "mover-kept-access", "activity-after-leaving"] {
        assert!(told.findings(rule).is_empty(), "{rule}");
    }
    for words in
        ["Based on 17 snapshots", "Complete snapshots were taken daily, and CloudTrail covers the whole period."]
    {
        assert!(told.report.contains(words), "{words}");
    }
}

#[test]
fn a_look_that_was_not_taken_opens_what_passed_and_fails_nothing() {
    let stage = played();
    let whole = stage.audit();
    assert_eq!(outcomes(&whole), ["pass", "pass", "pass"]);
    // The look within the forty minutes: the next one is that of the evening.
    let late = stage.audit_without(&["20260707T0938"]);
    assert_eq!(provisioning(&late, "ReadOnly")[3..6], ["31", "662", "indeterminate"]);
    // The five days that a mover has.
    let week = ["20260710", "20260711", "20260712", "20260713", "20260714", "20260715"];
    let late = stage.audit_without(&week);
    assert_eq!(moving(&late)[2..4], ["154.0", "indeterminate"]);
    assert!(late.findings("mover-kept-access").is_empty());
    assert!(late.report.contains("No snapshot from 9 Jul 2026, 20:02 UTC to 16 Jul 2026, 20:00 UTC."));
    // Whichever of them is missing.
    let times: Vec<String> =
        stage.stored().iter().map(|path| path.rsplit('/').next().unwrap()[..15].to_owned()).collect();
    for missing in &times[..times.len() - 1] {
        let told = stage.audit_without(&[missing]);
        for outcome in outcomes(&told) {
            assert!(["pass", "indeterminate"].contains(&outcome), "without {missing}: {:?}", outcomes(&told));
        }
    }
}

#[test]
fn a_log_with_a_gap_opens_what_it_alone_can_tell() {
    let mut stage = played();
    // Entra's logs begin on the 8th: nothing says when ada was asked to be in Engineering.
    stage.forget_before("2026-07-08T00:00:00Z");
    stage.logs_cover = Some("2026-07-08..2026-07-19".to_owned());
    stage.look("2026-07-19T20:10:00Z", "2026-07-19T20:12:00Z").with(0);
    let told = stage.audit();
    let asked = ["2026-07-06T20:00:00Z", "2026-07-06T20:00:00Z", "2026-07-07T09:38:00Z", "0", "818"];
    assert_eq!(provisioning(&told, "ReadOnly")[..5], asked);
    assert_eq!(outcomes(&told), ["indeterminate", "pass", "pass"]);

    // No log tells of the 16th and 17th. The look of the evening does, and its day missing as well nothing.
    stage.forget("2026-07-16T00:00:00Z", "2026-07-18T00:00:00Z");
    (stage.logs_cover, stage.trail_covers) = (None, Some("2026-07-18..2026-07-19".to_owned()));
    stage.look("2026-07-19T20:20:00Z", "2026-07-19T20:22:00Z").with(0);
    let told = stage.audit();
    assert_eq!(leaving(&told), ["pass", "grants removed", "4.0", "unknown"]);
    assert!(told.report.contains("No CloudTrail from 6 Jul 2026, 00:00 UTC to 18 Jul 2026, 00:00 UTC."));
    let leaver = told.only("leavers", |_| true);
    // Eight hours of the portal that may live on, but nothing to open after the look that saw nothing held; two of a role.
    assert_eq!(leaver["access_end_upper_bound"], "2026-07-16T22:02:00Z");
    let told = stage.audit_without(&["20260716T2002"]);
    assert_eq!(leaving(&told), ["indeterminate", "grants removed", "28.0", "unknown"]);
    assert!(told.findings("leaver-sla-breach").is_empty());

    // No log at all tells of the move; the looks do.
    stage.forget_before("2026-07-19T00:00:00Z");
    stage.look("2026-07-19T20:30:00Z", "2026-07-19T20:32:00Z").with(0);
    let told = stage.audit();
    assert_eq!(moving(&told), ["2026-07-09T20:00:00Z", "2026-07-10T10:30:00Z", "14.5", "pass", "snapshots"]);
}
