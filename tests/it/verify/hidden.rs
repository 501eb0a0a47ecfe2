//! Changes that somebody hid, by giving the pack the digests of what is in it now.

use overstay::evidence::bag::{CONFIG, INFO, IPE};

use super::{edit, edited, reseal, verify};
use crate::place::Place;

#[test]
fn a_table_edited_under_right_digests_is_seen_at_its_place() {
    let place = edited("data/grants.csv", "aidan.marsh@", "aidan.marsch@");
    let text = place.text("demo/data/grants.csv");
    let line = 1 + text.lines().position(|line| line.contains("aidan.marsch@")).unwrap();
    let column = 1 + text.lines().nth(line - 1).unwrap().find("ch@idsentinel").unwrap();
    reseal(&place, "demo");
    verify(&place, &["demo"])
        .marked("✓✓✓✗-")
        .with(&[&format!("conclusions: data/grants.csv:{line}:{column} differs when it is made again")]);
    // Nor does it help to leave a leaver out.
    let place = Place::with_demo();
    let rows: Vec<String> = place.text("demo/data/leavers.csv").split_inclusive("\r\n").map(str::to_owned).collect();
    place.write("demo/data/leavers.csv", rows[..rows.len() - 1].concat());
    reseal(&place, "demo");
    verify(&place, &["demo"]).marked("✓✓✓✗-").with(&[&format!("data/leavers.csv:{} ends here", rows.len())]);
}

#[test]
fn whatever_is_edited_under_right_digests_is_seen() {
    for (file, from, to, words) in [
        ("data/report.html", "still hold", "no longer hold", "conclusions: data/report.html:"),
        ("data/schema.json", "\"RFC 4180", "\"RFC 4181", "conclusions: data/schema.json:"),
        ("data/ipe.json", "\"status\": \"COMPLETE\"", "\"status\": \"GREAT\"", "conclusions: data/ipe.json:"),
        (INFO, "Source-Organization: ID", "Source-Organization: Other ID", "conclusions: bag-info.txt:1:22 "),
        (INFO, "Bagging-Date: 2026-09-30", "Bagging-Date: 2026-09-29", "conclusions: bag-info.txt:3:23 "),
    ] {
        let place = edited(file, from, to);
        reseal(&place, "demo");
        let told = verify(&place, &["demo"]).marked("✓✓✓✗-").with(&[words]);
        // That the manifests are others then goes without saying.
        assert!(!told.defects().iter().any(|defect| defect.contains("manifest")), "{:#?}", told.defects());
    }
}

#[test]
fn the_run_follows_from_what_it_was_made_from() {
    // Another config, another instant and other facts are other runs, whatever the manifests say.
    for (file, from, to) in [
        (CONFIG, "IDSentinel Solutions", "Solutions of Sentinels"),
        (IPE, "\"as_of\": \"2026-09-30T17:00:00Z\"", "\"as_of\": \"2026-10-30T17:00:00Z\""),
    ] {
        let place = edited(file, from, to);
        reseal(&place, "demo");
        verify(&place, &["demo"]).marked("✓✓✗✗-").with(&[
            "inputs: data/ipe.json says that the run is r_",
            "conclusions: data/report.html:",
            "conclusions: data/findings.csv:",
        ]);
    }
    let place = Place::with_demo();
    place.write("demo/data/snapshot.json.zst", place.bytes("demo-a-month-later/data/snapshot.json.zst"));
    reseal(&place, "demo");
    verify(&place, &["demo"]).marked("✓✓✗✗-").with(&["inputs: data/ipe.json says that the run is r_"]);
}

#[test]
fn who_ran_it_when_is_all_that_is_taken_as_it_is() {
    let place = edited(IPE, "\"command\": \"demo\"", "\"command\": \"audit\"");
    reseal(&place, "demo");
    verify(&place, &["demo"]).marked("✓✓✓✓-");
}

#[test]
fn what_does_not_read_is_a_defect_and_no_usage_error() {
    let place = edited(CONFIG, "[organization]", "[organisation]");
    reseal(&place, "demo");
    verify(&place, &["demo"]).marked("✓✓✗--").with(&["inputs: data/config.toml:", "unknown key `organisation`"]);
    let place = edited(IPE, "\"as_of\"", "\"asof\"");
    reseal(&place, "demo");
    verify(&place, &["demo"]).marked("✓✓✗--").with(&["inputs: data/ipe.json:", "missing field `as_of`"]);
    let place = Place::with_demo();
    let whole = place.bytes("demo/data/snapshot.json.zst");
    place.write("demo/data/snapshot.json.zst", &whole[..whole.len() / 2]);
    reseal(&place, "demo");
    verify(&place, &["demo"])
        .marked("✓✓✗--")
        .with(&["inputs: data/snapshot.json.zst does not read: the snapshot is truncated"]);
    place.write("demo/data/snapshot.json.zst", "not one");
    place.write("demo/data/config.toml", [0xff]);
    reseal(&place, "demo");
    verify(&place, &["demo"]).marked("✓✓✗--").with(&[
        "inputs: data/snapshot.json.zst does not read: this is not an overstay snapshot",
        "inputs: data/config.toml is not UTF-8",
    ]);
}

#[test]
fn a_pack_without_the_history_of_its_period_does_not_go_together() {
    let place =
        edited(IPE, "\"organization\"", "\"period\": {\"days\": \"2026-07-01..2026-09-30\"},\n  \"organization\"");
    reseal(&place, "demo");
    verify(&place, &["demo"]).marked("✓✓✗✗-").with(&["inputs: data/snapshot.json.zst has no history"]);
    edit(&place, IPE, "2026-09-30\"}", "2026-09-31\"}");
    reseal(&place, "demo");
    verify(&place, &["demo"]).marked("✓✓✗--").with(&["`2026-09-31` is not a day"]);
}

#[test]
fn the_pack_of_another_version_is_not_judged_and_not_verified() {
    let other = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let place = edited(IPE, &other, "\"version\": \"9.9.9\"");
    verify(&place, &["demo"]).marked("✓✗✓--").with(&["files: data/ipe.json has the digest"]);
    reseal(&place, "demo");
    let told = verify(&place, &["demo"]).marked("✓✓✓--").with(&["conclusions: data/ipe.json:"]);
    assert_eq!(told.view["made_by"], "9.9.9");
    let ended = place.run(&["verify", "demo"]).with(4);
    assert!(
        ended.stdout.contains("Not verified\n") && ended.stdout.contains("only overstay 9.9.9 can"),
        "{}",
        ended.stdout
    );
    // A config that only that version knows is not held against the pack either.
    edit(&place, CONFIG, "[organization]", "[organisation]");
    reseal(&place, "demo");
    verify(&place, &["demo"]).marked("✓✓---");
}

#[test]
fn a_signature_is_no_pass_and_no_defect() {
    let place = Place::with_demo();
    place.write("demo/tagmanifest-sha256.txt.sig", "-----BEGIN SSH SIGNATURE-----\n");
    place.write("demo/notes.txt", "looked at on Monday");
    let told =
        verify(&place, &["demo"]).marked("✓✓✓✓-").noting("notes.txt lies in the folder and is no part of the pack");
    let signature = told.view["checks"].as_array().unwrap().last().unwrap();
    assert!(signature["detail"].as_str().unwrap().contains("does not check signatures"), "{signature}");
    assert!(!told.view["notes"].to_string().contains(".sig"));
}
