//! Clocks, zones and calendars that differ, and people who come and go more than once.

use super::stage::Stage;
use super::told::{Row, Told, cells};

fn leaver<'t>(told: &'t Told, person: &str) -> &'t Row {
    told.only("leavers", |row| row["person"] == person)
}

#[test]
fn a_last_day_ends_in_the_zone_of_the_roster() {
    let mut stage = Stage::new("2026-07-01..2026-07-31");
    stage.there_before("ann", "DevOps");
    stage.evenings(&["2026-06-30", "2026-07-16"]);
    // Only HR says that she left.
    stage.roster.pop();
    stage.roster.push("e-ann,ann@example.com,terminated,2020-01-01,2026-07-16,DevOps".to_owned());
    stage.evenings(&["2026-07-17"]);
    stage.look("2026-07-18T04:00:00Z", "2026-07-18T04:02:00Z").with(0);
    stage.parted("2026-07-18T05:00:00Z", "ann", "DevOps");
    stage.deleted("2026-07-18T05:30:00Z", "ann");
    stage.evenings(&["2026-07-18", "2026-07-30"]);
    let columns = ["source", "terminated_at", "idc_disabled_latest", "elapsed_hours_max", "result"];
    for (minute, zone, expected) in [
        (0, "Europe/London", ["2026-07-16T23:00:00Z", "30.5", "fail"]),
        (10, "America/Los_Angeles", ["2026-07-17T07:00:00Z", "22.5", "pass"]),
        (20, "Pacific/Auckland", ["2026-07-16T12:00:00Z", "41.5", "fail"]),
    ] {
        stage.zone = zone.to_owned();
        let (from, to) = (format!("2026-07-31T20:{minute:02}:00Z"), format!("2026-07-31T20:{:02}:00Z", minute + 2));
        stage.look(&from, &to).with(0);
        let [end, hours, result] = expected;
        let expected = ["hr", end, "2026-07-18T05:30:00Z", hours, result];
        assert_eq!(cells(leaver(&stage.audit(), "ann"), columns), expected, "{zone}");
    }
}

#[test]
fn a_last_day_may_be_a_leap_day_and_the_last_of_the_period() {
    let mut stage = Stage::new("2028-02-01..2028-02-29");
    stage.there_before("leo", "DevOps");
    stage.evenings(&["2028-01-31", "2028-02-28"]);
    stage.roster.pop();
    stage.roster.push("e-leo,leo@example.com,terminated,2024-02-29,2028-02-29,DevOps".to_owned());
    stage.evenings(&["2028-02-29"]);
    stage.parted("2028-03-01T09:00:00Z", "leo", "DevOps");
    stage.deleted("2028-03-01T10:00:00Z", "leo");
    stage.trail_covers = Some("2028-02-01..2028-03-01".to_owned());
    stage.evenings(&["2028-03-01"]);
    let columns = ["terminated_at", "idc_disabled_at", "elapsed_hours_max", "result", "activity_after"];
    // In February London has the time of Greenwich.
    assert_eq!(
        cells(leaver(&stage.audit(), "leo"), columns),
        ["2028-03-01T00:00:00Z", "2028-03-01T10:00:00Z", "10.0", "pass", "no"]
    );
    // A year without that day: the row is named, and what earlier rosters said of leo decides no more.
    stage.roster.pop();
    stage.roster.push("e-leo,leo@example.com,terminated,2024-02-29,2027-02-29,DevOps".to_owned());
    let ended = stage.look("2028-03-01T20:10:00Z", "2028-03-01T20:12:00Z").with(3);
    for words in ["INCOMPLETE", "roster.csv", "`2027-02-29`"] {
        assert!(ended.stderr.contains(words), "{words} is not in: {}", ended.stderr);
    }
    let told = stage.audit();
    let doubt = leaver(&told, "leo");
    assert_eq!(cells(doubt, ["terminated_at", "result"]), ["2028-03-01T00:00:00Z", "indeterminate"]);
    assert!(doubt["notes"].contains("The roster was not read whole"), "{}", doubt["notes"]);
}

#[test]
fn who_returns_and_leaves_again_is_two_leavers_with_two_users() {
    let mut stage = Stage::new("2026-07-01..2026-07-31");
    stage.there_before("rita", "Engineering");
    stage.evenings(&["2026-06-30", "2026-07-05"]);
    stage.roster.pop();
    let first = "e-rita,rita@example.com,terminated,2020-01-01,2026-07-06,Engineering";
    stage.roster.push(first.to_owned());
    stage.disabled("2026-07-06T16:00:00Z", "rita");
    stage.evenings(&["2026-07-06"]);
    stage.parted("2026-07-07T08:55:00Z", "rita", "Engineering");
    stage.deleted("2026-07-07T09:00:00Z", "rita");
    stage.evenings(&["2026-07-07", "2026-07-12"]);
    stage.roster.push("e-rita,rita@example.com,active,2026-07-13,,Engineering".to_owned());
    stage.enabled("2026-07-13T08:00:00Z", "rita");
    stage.provisioned("2026-07-13T08:30:00Z", "rita");
    stage.joined("2026-07-13T08:31:00Z", "rita", "Engineering");
    stage.evenings(&["2026-07-13", "2026-07-23"]);
    stage.roster.pop();
    stage.roster.push("e-rita,rita@example.com,terminated,2026-07-13,2026-07-24,Engineering".to_owned());
    stage.disabled("2026-07-24T16:00:00Z", "rita");
    stage.evenings(&["2026-07-24", "2026-07-27"]);
    stage.parted("2026-07-28T08:55:00Z", "rita", "Engineering");
    stage.deleted("2026-07-28T09:00:00Z", "rita");
    stage.evenings(&["2026-07-28", "2026-07-31"]);
    let told = stage.audit();
    let columns = ["gone_at", "idc_disabled_at", "idc_disabled_latest", "returned_at", "elapsed_hours_max", "result"];
    let rows: Vec<[&str; 6]> = told.rows("leavers").iter().map(|row| cells(row, columns)).collect();
    // The new engagement begins with its first day in London.
    let (back, again) = ("2026-07-12T23:00:00Z", "2026-07-28T09:00:00Z");
    assert_eq!(
        rows,
        [
            ["2026-07-06T16:00:00Z", "2026-07-07T09:00:00Z", "2026-07-07T09:00:00Z", back, "17.0", "pass"],
            ["2026-07-24T16:00:00Z", again, again, "", "89.0", "fail"],
        ]
    );
    let [found] = told.findings("leaver-sla-breach")[..] else { panic!("{:#?}", told.rows("findings")) };
    assert!(found["detail"].contains("2026-07-24"), "{}", found["detail"]);
    // Both users are one person's.
    for row in told.rows("leavers") {
        assert_eq!(row["user_id"].split(';').count(), 2, "{row:#?}");
    }
}

#[test]
fn clocks_that_differ_by_minutes_widen_and_never_decide() {
    let mut stage = Stage::new("2026-07-06..2026-07-19");
    stage.evenings(&["2026-07-05", "2026-07-06"]);
    // AWS's clock is behind Entra's: what was asked for at nine was done before.
    stage.hired("2026-07-07T08:50:00Z", "ida", "Engineering");
    stage.asked("2026-07-07T09:00:00Z", "ida", "Engineering");
    stage.provisioned("2026-07-07T08:58:00Z", "ida");
    stage.joined_by_api("2026-07-07T08:59:00Z", "ida", "Engineering");
    stage.evenings(&["2026-07-07"]);
    // AWS's clock is ahead of ours: the look saw what it says was done three minutes later.
    stage.hired("2026-07-08T08:50:00Z", "jan", "Engineering");
    stage.asked("2026-07-08T09:00:00Z", "jan", "Engineering");
    stage.provisioned("2026-07-08T09:30:00Z", "jan");
    stage.joined_by_api("2026-07-08T09:41:00Z", "jan", "Engineering");
    stage.look("2026-07-08T09:36:00Z", "2026-07-08T09:38:00Z").with(0);
    stage.evenings(&["2026-07-08", "2026-07-19"]);
    let told = stage.audit();
    let columns = ["created_at", "created_latest", "provisioning_minutes_max", "provisioned"];
    let of = |person: &str| {
        let row = told.only("joiners", |row| row["person"] == person && !row["grant_id"].is_empty());
        cells(row, columns)
    };
    assert_eq!(of("ida"), ["2026-07-07T08:59:00Z", "2026-07-07T08:59:00Z", "0", "pass"]);
    let jan = of("jan");
    assert_eq!(jan[1..], ["2026-07-08T09:41:00Z", "41", "indeterminate"]);
}
