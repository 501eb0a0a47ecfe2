//! The store as people and scheduled jobs meet it: what is kept, what is said, and the exit codes.

use std::fs;

use overstay::model::Fact;

use crate::place::{Ended, Place};
use crate::rules::org::{Org, at};

const USERS: &str = "id,user_name,status\n1,ada@example.com,active\n2,ben@example.com,disabled\n";

const CONFIG: &str = "[organization]\nname = \"Example\"\n\n[[idp]]\nname = \"export\"\ntype = \"csv\"\nusers = \"users.csv\"\n\n\
                      [store]\n";

fn place() -> Place {
    let place = Place::new();
    place.write("overstay.toml", CONFIG);
    place.write("users.csv", USERS);
    place
}

fn stored(place: &Place) -> Vec<String> {
    if !place.at(".overstay/snapshots").exists() {
        return vec![];
    }
    place.files(".overstay/snapshots").into_keys().collect()
}

/// A place whose store has the demo's two days.
fn with_days() -> Place {
    let place = Place::with_demo();
    place.write("overstay.toml", place.text("demo/data/config.toml") + "\n[store]\n");
    let (first, second) = ("demo/data/snapshot.json.zst", "demo-a-month-later/data/snapshot.json.zst");
    place.run(&["store", "add", second, first]).with(0);
    place
}

// --- What goes in -------------------------------------------------------------------------------------------------------

#[test]
fn every_live_run_is_kept_where_a_store_is_asked_for() {
    let place = place();
    let collected = place.run(&["collect"]).with(0).stdout;
    assert!(
        collected.starts_with("./.overstay/snapshots/2") || collected.starts_with(".overstay/snapshots/2"),
        "{collected}"
    );
    assert!(place.at(collected.trim()).is_file());
    place.run(&["collect", "--out", "mine.zst"]).with(0);
    assert_eq!(stored(&place).len(), 2);
    place.run(&["audit", "--out", "pack"]).with(0);
    place.run(&["check"]).with(0);
    assert_eq!(stored(&place).len(), 4);
    // The pack carries what was stored, byte for byte.
    let packed = place.bytes("pack/data/snapshot.json.zst");
    assert!(place.files(".overstay/snapshots").values().any(|bytes| *bytes == packed));
    // What was saved before is not another look, nor is anything kept that nobody asked to keep.
    place.run(&["audit", "--snapshot", "mine.zst", "--out", "again"]).with(0);
    place.run(&["check", "--snapshot", "mine.zst"]).with(0);
    assert_eq!(stored(&place).len(), 4);
    place.write("overstay.toml", CONFIG.replace("[store]\n", ""));
    let collected = place.run(&["collect"]).with(0).stdout;
    assert!(collected.starts_with("overstay-2"), "{collected}");
    assert_eq!(stored(&place).len(), 4);
}

#[test]
fn what_was_not_read_whole_is_kept_too() {
    let place = place();
    place.write("users.csv", format!("{USERS}3,cyn@example.com,sleeping\n"));
    place.run(&["collect"]).with(3);
    assert_eq!(stored(&place).len(), 1);
}

#[test]
fn the_store_lies_beside_the_config() {
    let place = Place::new();
    place.write("conf/overstay.toml", CONFIG.replace("[store]\n", "[store]\nurl = \"kept\"\n"));
    place.write("conf/users.csv", USERS);
    place.run(&["collect", "-c", "conf/overstay.toml"]).with(0);
    assert_eq!(place.files("conf/kept/snapshots").len(), 1);
    place.run(&["store", "status", "-c", "conf/overstay.toml"]).with(0);
}

#[test]
fn a_store_that_cannot_be_written_is_5_before_anything_is_collected() {
    let place = place();
    place.write(".overstay", "a file");
    for command in ["collect", "audit", "check"] {
        let ended = place.run(&[command]).with(5);
        assert!(ended.stderr.contains(".overstay"), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

/// A store that turns out to be unusable when the snapshot is to be put into it: each year's folder is a file.
fn spoilt() -> Place {
    let place = place();
    place.run(&["collect"]).with(0);
    fs::remove_dir_all(place.at(".overstay/snapshots")).unwrap();
    for year in 2020..2120 {
        place.write(&format!(".overstay/snapshots/{year}"), "");
    }
    place
}

fn saved_beside(place: &Place) -> Vec<String> {
    let names = fs::read_dir(place.path()).unwrap().map(|found| found.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".snapshot.json.zst")).collect()
}

#[test]
fn a_snapshot_that_could_not_be_stored_is_not_lost() {
    let place = spoilt();
    place.run(&["collect"]).with(5).saying(&["could not be stored", "overstay store add"]);
    let beside = saved_beside(&place);
    assert_eq!(beside.len(), 1);
    fs::remove_dir_all(place.at(".overstay/snapshots")).ok();
    place.run(&["store", "add", &beside[0]]).with(0);
    assert_eq!(stored(&place).len(), 1);
}

#[test]
fn a_snapshot_that_was_written_already_is_not_written_twice() {
    let place = spoilt();
    place.run(&["collect", "--out", "mine.zst"]).with(5).saying(&["it is at mine.zst"]);
    assert_eq!(saved_beside(&place), [""; 0]);
}

#[test]
fn a_result_is_told_even_if_its_snapshot_could_not_be_stored() {
    let place = spoilt();
    let ended = place.run(&["check"]).with(5).saying(&["could not be stored"]);
    assert!(ended.stdout.contains("COMPLETE"), "{}", ended.stdout);
    place.run(&["audit", "--out", "pack"]).with(5);
    assert!(place.at("pack/data/report.html").is_file());
}

// --- What is said -------------------------------------------------------------------------------------------------------

#[test]
fn a_listing_opens_no_file() {
    let place = with_days();
    for name in stored(&place) {
        place.write(&format!(".overstay/snapshots/{name}"), "not a snapshot any more");
    }
    place.write(".overstay/snapshots/2026/09/notes.txt", "not ours");
    let list = place.run(&["store", "list"]).with(0).stdout;
    let times: Vec<&str> = list.lines().map(|line| &line[..20]).collect();
    assert_eq!(times, ["2026-09-30T17:00:00Z", "2026-10-31T17:00:00Z"]);
    let json: serde_json::Value =
        serde_json::from_str(&place.run(&["store", "list", "--format", "json"]).with(0).stdout).unwrap();
    assert_eq!(
        (json["format"].as_str(), json["snapshots"][1]["ended_at"].as_str()),
        (Some("overstay-store-list"), Some("2026-10-31T17:00:00Z"))
    );
}

#[test]
fn a_store_that_went_stale_is_1() {
    let place = with_days();
    let at = |time: &str, more: &[&str]| {
        let arguments: Vec<&str> =
            ["store", "status", "--as-of", time].into_iter().chain(more.iter().copied()).collect();
        place.run(&arguments)
    };
    let fresh = at("2026-11-01T19:00:00Z", &[]).with(0).stdout;
    for words in
        [": fresh", "newest: 2026-10-31T17:00:00Z, 26 h before", "snapshots: 2", "2026-10-31T17:00:00Z, 31 days"]
    {
        assert!(fresh.contains(words), "{words:?} is not in:\n{fresh}");
    }
    assert!(at("2026-11-01T19:00:01Z", &[]).with(1).stdout.contains("too old"));
    at("2026-11-01T19:00:01Z", &["--max-age", "2d"]).with(0);
    let calm = at("2026-11-01T19:00:00Z", &["--look-back", "12h"]).with(0).stdout;
    assert!(calm.contains("no gap of more than 26h in the last 12h"), "{calm}");
    let json: serde_json::Value =
        serde_json::from_str(&at("2026-12-01T00:00:00Z", &["--format", "json"]).with(1).stdout).unwrap();
    assert_eq!((&json["fresh"], &json["gaps"][0]["seconds"]), (&false.into(), &(31 * 86_400).into()));
}

#[test]
fn without_a_store_there_is_nothing_to_look_after() {
    let place = place();
    place.run(&["store", "status"]).with(2).saying(&["there is no store at"]);
    place.write("overstay.toml", CONFIG.replace("[store]\n", ""));
    place.run(&["store", "list"]).with(2).saying(&["has no [store]"]);
    assert!(!place.at(".overstay").exists(), "looking makes nothing");
}

// --- What goes out ------------------------------------------------------------------------------------------------------

const LATE: [&str; 2] = ["--as-of", "2027-10-15T00:00:00Z"];

fn prune(place: &Place, more: &[&str]) -> Ended {
    let arguments: Vec<&str> = ["store", "prune"].into_iter().chain(LATE).chain(more.iter().copied()).collect();
    place.run(&arguments)
}

#[test]
fn nothing_is_removed_unasked() {
    let place = with_days();
    prune(&place, &["--older-than", "1d"]).with(2).saying(&["would remove 2 snapshots", "--yes"]);
    assert_eq!(stored(&place).len(), 2);
    prune(&place, &["--older-than", "400d", "--yes"]).with(0).saying(&["Nothing to remove"]);
    let ended =
        prune(&place, &["--older-than", "360d", "--yes"]).with(0).saying(&["Removed 1 snapshot, from 2026-09-30"]);
    assert!(ended.stdout.contains("20260930T170000Z"));
    assert_eq!(stored(&place).len(), 1);
}

#[test]
fn a_pack_that_is_gone_lets_go_what_it_rests_on_when_it_is_told_to() {
    let place = with_days();
    let import = ["store", "import", "demo/data/grants.csv", "--as-of", "2026-06-30T17:00:00Z"];
    place.run(&import).with(0);
    audit(&place, &["--snapshot", "demo-a-month-later", "--out", "pack"]).with(0);
    let kept = prune(&place, &["--older-than", "1d", "--yes"]).with(0).saying(&["Nothing to remove"]).stderr;
    assert_eq!(kept.lines().filter(|line| line.starts_with("kept: ")).count(), 3, "the listing counts too:\n{kept}");
    let run = kept.split("on which run ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    place.run(&["store", "release", &run]).with(2).saying(&["may still be in use", "--yes"]);
    fs::remove_dir_all(place.at("pack")).unwrap();
    let release = format!("overstay store release {run}");
    prune(&place, &["--older-than", "1d", "--yes"]).with(0).saying(&["is not there on this machine", &release]);
    assert_eq!(stored(&place).len(), 2);
    place.run(&["store", "release", &run]).with(0).saying(&["Nothing of the store is kept for run"]);
    place.run(&["store", "release", &run]).with(2).saying(&["no pack of run r_", "rests on snapshots"]);
    prune(&place, &["--older-than", "1d", "--yes"])
        .with(0)
        .saying(&["Removed 2 snapshots and 1 imported listing, from 2026-06-30T17:00:00Z to 2026-10-31T17:00:00Z"]);
    assert_eq!((stored(&place).len(), place.files(".overstay/listings").len()), (0, 0));
}

#[test]
fn a_pack_that_is_still_there_is_let_go_of_only_by_a_yes() {
    let place = with_days();
    audit(&place, &["--snapshot", "demo-a-month-later", "--out", "pack"]).with(0);
    let kept = prune(&place, &["--older-than", "1d", "--yes"]).with(0).stderr;
    let run = kept.split("on which run ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    place.run(&["store", "release", &run, "--yes"]).with(0);
    prune(&place, &["--older-than", "1d", "--yes"]).with(0).saying(&["Removed 2 snapshots"]);
}

// --- Periods ------------------------------------------------------------------------------------------------------------

const QUARTER: [&str; 2] = ["--period", "2026-07-01..2026-10-31"];

fn audit(place: &Place, more: &[&str]) -> Ended {
    let arguments: Vec<&str> = ["audit"].into_iter().chain(QUARTER).chain(more.iter().copied()).collect();
    place.run(&arguments)
}

fn history(place: &Place, pack: &str) -> overstay::model::History {
    let snapshot = overstay::snapshot::read(place.bytes(&format!("{pack}/data/snapshot.json.zst"))).unwrap();
    snapshot.history().unwrap().clone()
}

#[test]
fn a_periods_pack_carries_what_the_store_told_and_keeps_it_there() {
    let place = with_days();
    let last = "demo-a-month-later/data/snapshot.json.zst";
    audit(&place, &["--snapshot", last, "--out", "pack"]).with(0).saying(&[
        "Period 2026-07-01..2026-10-31: 2 looks, from 2026-09-30T17:00:00Z to 2026-10-31T17:00:00Z",
        "nothing shows how it was before 2026-09-30T17:00:00Z",
        "nothing shows how it is after 2026-10-31T17:00:00Z",
        "the longest time without a look: 31 days",
    ]);
    let history = history(&place, "pack");
    let ends = |first, last| {
        history
            .assignments
            .iter()
            .filter(|t| t.spells.len() == 1 && (t.spells[0].first, t.spells[0].last) == (first, last))
            .count()
    };
    assert_eq!(
        ends(0, 0),
        15,
        "the assignments of fourteen leavers and of a disabled account ended between the snapshots"
    );
    assert!(ends(0, 1) > 15);
    // Both looks are cited, and so stay.
    prune(&place, &["--older-than", "1d", "--yes"]).with(0).saying(&["kept: ", "on which run r_", "Nothing to remove"]);
    assert_eq!(stored(&place).len(), 2);
}

#[test]
fn a_periods_pack_is_made_again_from_itself_without_the_store() {
    let place = with_days();
    audit(&place, &["--snapshot", "demo-a-month-later", "--out", "pack"]).with(0);
    fs::remove_dir_all(place.at(".overstay")).unwrap();
    audit(&place, &["--offline", "--snapshot", "pack", "-c", "pack/data/config.toml", "--out", "again"]).with(0);
    let (pack, again) = (place.files("pack/data"), place.files("again/data"));
    assert_eq!(pack.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
    for (name, bytes) in pack.iter().filter(|(name, _)| *name != "ipe.json") {
        assert!(*bytes == again[name], "{name} differs");
    }
    let ipe: serde_json::Value = serde_json::from_slice(&pack["ipe.json"]).unwrap();
    assert_eq!(ipe["period"]["end"], "2026-11-01T00:00:00Z");
    // The same facts over another time are another run.
    let run = |pack: &str| place.text(&format!("{pack}/bag-info.txt")).lines().nth(1).unwrap().to_owned();
    place.run(&["audit", "--snapshot", "pack", "--period", "2026-08-01..2026-10-31", "--out", "other"]).with(0);
    assert_ne!(run("pack"), run("other"));
    assert_eq!(run("pack"), run("again"));
}

#[test]
fn only_the_periods_snapshots_are_read() {
    let place = with_days();
    // Long before and long after the period: what is in them does not matter, for they are not opened.
    for name in ["2026/01/20260101T000000Z", "2026/02/20260201T000000Z", "2027/03/20270301T000000Z"] {
        place.write(&format!(".overstay/snapshots/{name}-0123456789abcdef.snapshot.json.zst"), "unreadable");
    }
    let within = ["--snapshot", "demo-a-month-later", "--period", "2026-10-01..2026-10-31", "--out", "pack"];
    let arguments: Vec<&str> = ["audit"].into_iter().chain(within).collect();
    place.run(&arguments).with(0);
    assert_eq!(history(&place, "pack").looks.len(), 2);
    // The one before the period counts, and so it is an error that it does not read.
    audit(&place, &["--snapshot", "demo-a-month-later", "--out", "other"])
        .with(4)
        .saying(&["20260201T000000Z", "not an overstay snapshot"]);
}

/// Looks at one organisation then; those that are not whole did not see the assignments.
fn looked(place: &Place, looks: &[(&str, bool)]) {
    let org = || Org::new().person("a").direct("a", "Read", "prod");
    for (when, whole) in looks {
        let org =
            if *whole { org() } else { Org::new().person("a").set("Read", "ReadOnlyAccess").gap(Fact::Assignments) };
        place.write("look.zst", org.seal_at(at(when), at(when)).bytes());
        place.run(&["store", "add", "look.zst"]).with(0);
    }
    place.write("last.zst", org().seal_at(at("2026-09-30T20:00:00Z"), at("2026-09-30T20:00:00Z")).bytes());
}

#[test]
fn a_look_before_the_period_that_was_not_whole_is_made_up_for_by_an_earlier_one() {
    let place = Place::new();
    place.write("overstay.toml", "[aws]\nregion = \"eu-west-1\"\n[store]\n");
    let audit = |out: &str| {
        place.run(&["audit", "--snapshot", "last.zst", "--period", "2026-07-01..2026-09-30", "--out", out]).with(0)
    };
    let looks = |out: &str| history(&place, out).looks.iter().map(|look| look.ended_at.date()).collect::<Vec<_>>();
    looked(&place, &[("2026-06-22T20:00:00Z", true), ("2026-06-29T20:00:00Z", false), ("2026-06-30T20:00:00Z", false)]);
    let lost = "The last snapshot before the period, of 2026-06-30T20:00:00Z, did not read everything whole: account assignments";
    // The only whole one is eight days older.
    audit("far").saying(&[lost, "in no snapshot of the 7d before it whole: account assignments"]);
    assert_eq!(looks("far"), ["2026-06-30", "2026-09-30"]);
    looked(&place, &[("2026-06-27T20:00:00Z", true), ("2026-06-26T20:00:00Z", true)]);
    audit("near").saying(&[lost, "those from 2026-06-27T20:00:00Z on are read for it"]);
    assert_eq!(looks("near"), ["2026-06-27", "2026-06-29", "2026-06-30", "2026-09-30"]);
    // The grant was there before the period, and began with nothing in it.
    assert!(!place.text("near/data/joiners.csv").contains("u-a"));
    looked(&place, &[("2026-06-30T21:00:00Z", true)]);
    let ended = audit("whole");
    assert!(!ended.stderr.contains("did not read everything whole"), "{}", ended.stderr);
    assert_eq!(looks("whole"), ["2026-06-30", "2026-09-30"]);
}

#[test]
fn a_period_may_not_begin_after_its_facts() {
    let place = with_days();
    let arguments = ["audit", "--snapshot", "demo", "--period", "2026-10-01..2026-10-31", "--out", "pack"];
    place.run(&arguments).with(2).saying(&["the snapshot is of 2026-09-30T17:00:00Z, before the period"]);
    for (wrong, words) in
        [("2026-07-01", "first and its last day"), ("2026-02-30..2026-03-01", "not a day of the calendar")]
    {
        place.run(&["audit", "--period", wrong]).with(2).saying(&[words]);
    }
}

#[test]
fn without_a_store_a_period_rests_on_one_look() {
    let place = Place::with_demo();
    let arguments = ["audit", "-c", "demo/data/config.toml", "--snapshot", "demo", "--out", "pack"];
    let arguments: Vec<&str> = arguments.into_iter().chain(QUARTER).collect();
    place.run(&arguments).with(0).saying(&["the config has no [store]", ": 1 look, from"]);
}

// --- Listings -----------------------------------------------------------------------------------------------------------

#[test]
fn a_kept_listing_shows_what_was_there_and_never_what_was_not() {
    let place = with_days();
    let import = ["store", "import", "demo/data/grants.csv", "--as-of", "2026-06-30T17:00:00Z"];
    let path = place.run(&import).with(0).saying(&["labelled so"]).stdout;
    assert!(path.contains(".overstay/listings/20260630T170000Z-"), "{path}");
    assert_eq!(place.run(&import).with(0).stdout, path, "the same again changes nothing");
    // Names alone are enough where one user has them; whom the snapshot does not know is counted.
    place.write(
        "q1.csv",
        "user_name,account_id,permission_set_name\nADA@nowhere.example,111111111111,IDSentinel-ReadOnly\n",
    );
    place.run(&["store", "import", "q1.csv", "--as-of", "2026-07-05T17:00:00Z"]).with(0);
    audit(&place, &["--snapshot", "demo-a-month-later", "--out", "pack"]).with(0).saying(&[
        "Listing grants.csv, kept by somebody, of 2026-06-30T17:00:00Z",
        "Listing q1.csv, kept by somebody, of 2026-07-05T17:00:00Z: 0 grants; 1 left out",
        ": 4 looks, from 2026-06-30T17:00:00Z",
    ]);
    let history = history(&place, "pack");
    let listings: Vec<bool> = history.looks.iter().map(|look| look.listing).collect();
    assert_eq!(listings, [true, true, false, false]);
    assert!(history.looks[0].whole.is_empty());
    // What the first listing shows was there from then on, the listing that lacks it notwithstanding.
    let spans = |first, last| {
        let alike = history.assignments.iter();
        alike.filter(|t| t.spells.len() == 1 && (t.spells[0].first, t.spells[0].last) == (first, last)).count()
    };
    assert_eq!(spans(0, 2), 15);
    assert!(spans(0, 3) > 14);
}

#[test]
fn a_name_that_somebody_else_bore_when_it_was_kept_is_nobodys() {
    let place = Place::new();
    place.write("overstay.toml", "[aws]\nregion = \"eu-west-1\"\n[store]\n");
    let org = |a: &str| {
        let org = Org::new().person("a").person("b").direct("a", "Read", "prod").direct("b", "Read", "prod");
        org.edit_user("a", |user| user.id = a.parse().unwrap())
    };
    let look = |a: &str, when: &str, file: &str| {
        let mut org = org(a);
        org.aws.assignments.iter_mut().for_each(|assignment| {
            if assignment.principal.id() == "u-a" {
                assignment.principal = overstay::model::Principal::User(a.parse().unwrap());
            }
        });
        place.write(file, org.seal_at(at(when), at(when)).bytes());
    };
    let account = org("u-a").account_id("prod");
    let rows = ["a", "b"].map(|name| format!("{name}@example.org,{account},Read\n")).concat();
    place.write("kept.csv", format!("user_name,account_id,permission_set_name\n{rows}"));
    place.run(&["store", "import", "kept.csv", "--as-of", "2026-07-10T17:00:00Z"]).with(0);
    look("u-a", "2026-07-05T20:00:00Z", "look.zst");
    place.run(&["store", "add", "look.zst"]).with(0);
    let audit = |last: &str, out: &str| {
        let period = "2026-07-01..2026-09-30";
        place.run(&["audit", "--snapshot", last, "--period", period, "--out", out]).with(0).stderr
    };
    // The same user then and now.
    look("u-a", "2026-09-30T20:00:00Z", "same.zst");
    assert!(audit("same.zst", "same").contains(": 2 grants\n"));
    // Deleted, and made again under the same name: whose grant it was is not known.
    look("u-z", "2026-09-30T20:00:00Z", "again.zst");
    let said = audit("again.zst", "again");
    assert!(said.contains(": 1 grants; 1 left out") && said.contains("another may have been called so then"), "{said}");
    let listed = |out: &str| {
        let at_listing = |first: u32, last: u32| (first..=last).contains(&1);
        let history = history(&place, out);
        let held = history.assignments.iter().filter(|t| t.spells.iter().any(|s| at_listing(s.first, s.last)));
        held.map(|track| track.key.principal.id().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((listed("same"), listed("again")), (vec!["u-a".to_owned(), "u-b".to_owned()], vec!["u-b".to_owned()]));
}

#[test]
fn a_listing_has_to_say_when_it_was_so() {
    let place = with_days();
    place.run(&["store", "import", "demo/data/grants.csv"]).with(2).saying(&["--as-of"]);
    place
        .run(&["store", "import", "demo/data/grants.csv", "--as-of", "2999-01-01T00:00:00Z"])
        .with(2)
        .saying(&["still to come"]);
    place
        .run(&["store", "import", "nowhere.csv", "--as-of", "2026-06-30T17:00:00Z"])
        .with(2)
        .saying(&["there is no file nowhere.csv"]);
    place.write("bad.csv", "who,what\n");
    place
        .run(&["store", "import", "bad.csv", "--as-of", "2026-06-30T17:00:00Z"])
        .with(2)
        .saying(&["bad.csv: there is no column"]);
    assert!(!place.at(".overstay/listings").exists());
}
