//! The failing twins of the three stories.

use super::stage::Stage;
use super::told::{Told, cells};

/// In July `lea` waits for three days, `max` keeps what he had, and `stan` is disabled and stays.
fn played() -> Stage {
    let mut stage = Stage::new("2026-07-01..2026-07-31");
    stage.there_before("max", "Engineering");
    stage.there_before("stan", "DevOps");
    // One approved her own, and one was given his before anybody approved it.
    let approved = |user: &str, set: &str, by: &str, day: &str| {
        format!("{user}@example.com,prod,{set},{user}@example.com,{by}@example.com,{day}T15:00:00Z,T-{user}")
    };
    stage.approvals =
        vec![approved("lea", "ReadOnly", "lea", "2026-07-07"), approved("max", "PowerUser", "boss", "2026-07-15")];
    stage.evenings(&["2026-06-30"]);
    stage.disabled("2026-07-01T09:00:00Z", "stan");
    stage.evenings(&["2026-07-01", "2026-07-06"]);
    stage.roster.push("e-lea,lea@example.com,active,2026-07-07,,Engineering".to_owned());
    stage.hired("2026-07-07T08:00:00Z", "lea", "Engineering");
    stage.asked("2026-07-07T09:00:00Z", "lea", "Engineering");
    stage.evenings(&["2026-07-07", "2026-07-09"]);
    stage.provisioned("2026-07-10T09:05:00Z", "lea");
    stage.joined_by_api("2026-07-10T09:06:00Z", "lea", "Engineering");
    stage.evenings(&["2026-07-10"]);
    stage.dismissed("2026-07-14T10:00:00Z", "max", "Engineering");
    stage.asked("2026-07-14T10:01:00Z", "max", "DevOps");
    stage.joined("2026-07-14T10:20:00Z", "max", "DevOps");
    stage.evenings(&["2026-07-14"]);
    stage.uses("2026-07-20T07:00:00Z", "stan", "PowerUser");
    stage.evenings(&["2026-07-24", "2026-07-31"]);
    stage
}

fn outcomes(told: &Told) -> [&str; 3] {
    let joined = told.only("joiners", |row| row["permission_set_name"] == "ReadOnly" && row["person"] == "lea");
    let moved = told.only("movers", |row| row["old"] == "Engineering");
    let left = told.only("leavers", |_| true);
    [&joined["provisioned"], &moved["result"], &left["result"]]
}

#[test]
fn the_twins_fail_with_their_times_and_the_report_names_them() {
    let stage = played();
    let told = stage.audit();
    told.ended.assert_complete();
    assert_eq!(outcomes(&told), ["fail", "fail", "fail"]);

    let lea = told.only("joiners", |row| row["permission_set_name"] == "ReadOnly");
    let columns = [
        "asked_at",
        "created_at",
        "created_latest",
        "provisioning_minutes_min",
        "provisioning_minutes_max",
        "sync_sla",
    ];
    let minute = "2026-07-10T09:06:00Z";
    assert_eq!(cells(lea, columns), ["2026-07-07T09:00:00Z", minute, minute, "4326", "4326", "40m"]);
    assert_eq!(
        cells(lea, ["event_id", "created_by", "basis"]),
        [
            "CreateGroupMembership-2026-07-10T09:06:00Z",
            "arn:aws:sts::111122223333:assumed-role/identity-sync/sync",
            "event"
        ]
    );

    let columns = ["approval_ref", "approved_before_grant", "approver_independent", "matches_request", "result"];
    assert_eq!(cells(lea, columns), ["T-lea", "yes", "no", "yes", "fail"]);
    let given = told.only("joiners", |row| row["person"] == "max");
    assert_eq!(cells(given, columns), ["T-max", "no", "yes", "yes", "fail"]);

    let max = told.only("movers", |row| row["old"] == "Engineering");
    // From the 14th at 10:00 to the last look at least; how long yet, nobody knows.
    assert_eq!(
        cells(max, ["changed_at", "elapsed_hours_max", "sla", "basis"]),
        ["2026-07-14T10:00:00Z", "unknown", "5d", "event"]
    );
    assert_eq!(max["overdue"], max["carried_over"]);
    assert!(max["overdue"].starts_with("g_"));
    let [kept] = told.findings("mover-kept-access")[..] else { panic!("{:#?}", told.rows("findings")) };
    assert_eq!(kept["subject_name"], "max@example.com");
    assert!(kept["detail"].contains("ReadOnly on prod via Engineering is held from before"), "{}", kept["detail"]);

    let stan = told.only("leavers", |_| true);
    let columns = [
        "person",
        "source",
        "gone_at",
        "basis",
        "end_tested",
        "elapsed_hours_min",
        "elapsed_hours_max",
        "grants_still_held",
        "activity_after",
        "last_activity_at",
    ];
    // From the 1st at 9:00 to the end of the last look on the 31st, at 20:02.
    assert_eq!(
        cells(stan, columns),
        [
            "stan",
            "idp",
            "2026-07-01T09:00:00Z",
            "event",
            "grants removed",
            "731.0",
            "unknown",
            "1",
            "yes",
            "2026-07-20T07:00:00Z"
        ]
    );
    for rule in ["leaver-sla-breach", "disabled-account-holds-access", "activity-after-leaving"] {
        let [found] = told.findings(rule)[..] else { panic!("{rule}: {:#?}", told.rows("findings")) };
        assert_eq!((found["subject_name"].as_str(), found["status"].as_str()), ("stan@example.com", "open"), "{rule}");
    }
    let held = told.findings("disabled-account-holds-access")[0];
    assert_eq!(held["severity"], "critical", "for more than thirty days: {}", held["detail"]);
    for words in [
        "Leavers whose access exceeded the SLA",
        "Still able to sign in, and holds: PowerUser on prod via DevOps",
        "Used PowerUser on prod after leaving",
        "31 Jul 2026, 20:02 UTC and later",
    ] {
        assert!(told.report.contains(words), "{words}");
    }
}

#[test]
fn three_days_without_access_were_found_on_the_third() {
    let stage = played();
    let look = stage.stored().into_iter().find(|path| path.contains("20260709")).unwrap();
    let look = format!(".overstay/snapshots/{look}");
    let ended = stage.place.run(&["check", "--snapshot", &look, "--fail-on", "low"]).with(1);
    assert!(ended.stdout.contains("unprovisioned-joiner"), "{}", ended.stdout);
    let before = stage.stored().into_iter().find(|path| path.contains("20260706")).unwrap();
    let before = format!(".overstay/snapshots/{before}");
    let ended = stage.place.run(&["check", "--snapshot", &before, "--format", "json"]);
    assert!(!ended.stdout.contains("lea@example.com"), "{}", ended.stdout);
}

#[test]
fn no_look_that_is_missing_excuses_a_twin() {
    let stage = played();
    let times: Vec<String> =
        stage.stored().iter().map(|path| path.rsplit('/').next().unwrap()[..15].to_owned()).collect();
    for missing in &times[..times.len() - 1] {
        let told = stage.audit_without(&[missing]);
        for outcome in outcomes(&told) {
            assert!(["fail", "indeterminate"].contains(&outcome), "without {missing}: {:?}", outcomes(&told));
        }
    }
}
