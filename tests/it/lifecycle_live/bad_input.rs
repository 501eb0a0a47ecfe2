//! Event files that are not what they should be, and a store that is another's: named, left out where that is enough, refused
//! where it is not; and what they stand for is not covered.

use serde_json::{Value, json};

use super::files;
use super::stage::Stage;
use super::told::cells;

/// `una` leaves on 16 July in time, and nobody but the trail tells of her use.
fn played() -> Stage {
    let mut stage = Stage::new("2026-07-06..2026-07-19");
    stage.there_before("una", "DevOps");
    stage.evenings(&["2026-07-05", "2026-07-15"]);
    stage.disabled("2026-07-16T16:00:00Z", "una");
    stage.deprovisioned("2026-07-16T16:20:00Z", "una");
    stage.parted("2026-07-16T16:21:00Z", "una", "DevOps");
    stage.evenings(&["2026-07-16", "2026-07-18"]);
    stage
}

/// Whether there was use after leaving, and the outcome.
fn use_after(stage: &Stage) -> (String, String) {
    let told = stage.audit();
    let [used, result] = cells(told.only("leavers", |_| true), ["activity_after", "result"]);
    (used.to_owned(), result.to_owned())
}

fn used(at: &str, more: &Value) -> Value {
    let mut record = files::federated(at, "u-1", "PowerUser", "111122223333");
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

#[test]
fn event_files_that_are_wrong_are_named_and_what_they_stand_for_is_not_covered() {
    let mut stage = played();
    stage.look("2026-07-19T20:00:00Z", "2026-07-19T20:02:00Z").with(0);
    assert_eq!(use_after(&stage), ("no".to_owned(), "pass".to_owned()));
    let noon = files::trail_path("2026-07-16T16:10:00Z").replace("_a1", "_b2");
    let night = files::trail_path("2026-07-10T02:00:00Z").replace("_a1", "_b2");
    let many: Vec<Value> =
        (0..50).map(|n| used(&format!("2026-07-16T16:{n:02}:00Z"), &json!({"eventID": format!("e-{n}")}))).collect();
    let mut cut = files::packed(&many);
    cut.truncate(cut.len() - 20);
    let version = files::packed(&[used("2026-07-16T16:05:00Z", &json!({"eventVersion": "2.0"}))]);
    let nobody = files::packed(&[used("2026-07-16T16:05:00Z", &json!({"userIdentity": {"type": "Unknown"}}))]);
    let wrong: [(&str, Vec<u8>, &[&str]); 3] = [
        ("cut", cut, &["the packed file ends before its end", "copy it again from the trail's bucket"]),
        ("version", version, &["the record has version 2.0, and this program reads version 1", ", record 1"]),
        ("nobody", nobody, &["the record of Federate names no user", ", record 1"]),
    ];
    for (minute, (name, bytes, words)) in (1..).zip(wrong) {
        let (from, to) = (format!("2026-07-19T20:{minute}0:00Z"), format!("2026-07-19T20:{minute}2:00Z"));
        // In the hour that matters, and on a night that does not.
        stage.strange = vec![(night.clone(), files::packed(&[])), (noon.clone(), bytes)];
        let ended = stage.look(&from, &to).with(3).saying(words);
        for words in ["INCOMPLETE", "cloudtrail: ", &noon, "not covered"] {
            assert!(ended.stderr.contains(words), "{name}: {words} is not in: {}", ended.stderr);
        }
        let told = stage.audit();
        assert_eq!(told.ended.code, Some(3), "{name}");
        assert!(told.report.contains("INCOMPLETE"), "{name}");
        assert!(told.report.contains("No CloudTrail from 16 Jul 2026, 15:"), "{name}: the hour is not covered");
        let row = told.only("leavers", |_| true);
        // That she left in time is known from elsewhere; that she did nothing after is not known any more.
        assert_eq!(cells(row, ["activity_after", "result"]), ["unknown", "pass"], "{name}");
    }
    // The same on a night when nobody left.
    let version = files::packed(&[used("2026-07-10T02:05:00Z", &json!({"eventVersion": "2.0"}))]);
    stage.strange = vec![(night, version)];
    stage.look("2026-07-19T20:40:00Z", "2026-07-19T20:42:00Z").with(3);
    assert_eq!(use_after(&stage), ("no".to_owned(), "pass".to_owned()));
}

#[test]
fn a_log_of_the_identity_provider_that_is_cut_says_nothing_by_its_silence() {
    let mut stage = played();
    let entry = files::audit("2026-07-17T08:00:00Z", "Enable account", "0b-nobody", &[]).to_string();
    stage.strange = vec![("entra/more.jsonl".to_owned(), format!("{entry}\n{}", &entry[..40]).into_bytes())];
    let ended = stage.look("2026-07-19T20:00:00Z", "2026-07-19T20:02:00Z").with(3);
    ended.saying(&[
        "INCOMPLETE",
        "entra/more.jsonl",
        "it ends in the middle of an entry (line 2, column",
        "export it again",
    ]);
    let told = stage.audit();
    assert_eq!(told.ended.code, Some(3));
    // What was told stands.
    assert_eq!(told.only("leavers", |_| true)["result"], "pass");
}

#[test]
fn two_organisations_do_not_share_a_store() {
    let (ours, theirs) = (Stage::new("2026-07-06..2026-07-19"), Stage::new("2026-07-06..2026-07-19"));
    ours.evenings(&["2026-07-05"]);
    let before = ours.place.files(".overstay");
    let store = ours.place.at(".overstay");
    let ended = theirs.look_into(store.to_str().unwrap(), "2026-07-06T20:00:00Z", "2026-07-06T20:02:00Z").with(2);
    let instance = |stage: &Stage| stage.instance().to_owned();
    let words = ["is of the Identity Center instance", &instance(&ours), &instance(&theirs), "a store of its own"];
    ended.saying(&words);
    assert_eq!(ours.place.files(".overstay"), before);
    // What was collected is not lost.
    let kept = theirs.place.files(".").into_keys().find(|name| name.ends_with(".snapshot.json.zst")).unwrap();
    theirs.place.run(&["store", "add", &kept]).with(0);
    assert_eq!(theirs.stored().len(), 1);
}
