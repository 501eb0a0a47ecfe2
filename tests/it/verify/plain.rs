//! Changes that nobody hid: the digests are still those of the pack as it was written.

use std::fs;

use overstay::evidence::bag::{INFO, MANIFEST};
use serde_json::Value;

use super::{edited, reseal_tags, verify};
use crate::place::Place;

#[test]
fn a_byte_changed_in_any_file_is_seen() {
    let place = Place::with_demo();
    for (name, bytes) in place.files("demo") {
        let at = format!("demo/{name}");
        let mut changed = bytes.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        place.write(&at, changed);
        let told = verify(&place, &["demo"]);
        assert_eq!((told.ended.code, &told.view["verified"]), (Some(4), &Value::Bool(false)), "{name}");
        assert!(told.defects().iter().any(|defect| defect.contains(&name)), "{name}: {:#?}", told.defects());
        place.write(&at, bytes);
    }
    verify(&place, &["demo"]).marked("✓✓✓✓-");
}

#[test]
fn any_file_that_is_missing_is_named() {
    let place = Place::with_demo();
    for (name, bytes) in place.files("demo") {
        let at = format!("demo/{name}");
        fs::remove_file(place.at(&at)).unwrap();
        let told = verify(&place, &["demo"]).with(&[&format!("{name} is not there")]);
        assert_eq!(told.ended.code, Some(4), "{name}");
        place.write(&at, bytes);
    }
}

#[test]
fn every_defect_is_told_and_not_the_first_only() {
    let place = edited("data/grants.csv", "active", "actife");
    fs::remove_file(place.at("demo/data/sod.csv")).unwrap();
    place.write("demo/data/more.csv", "more");
    let told = verify(&place, &["demo"]).marked("✓✗✓✗-").with(&[
        "files: data/grants.csv has the digest ",
        "files: data/sod.csv is not there, and line ",
        "files: data/more.csv is there, and manifest-sha256.txt does not list it",
        "files: bag-info.txt says that data/ has ",
        "conclusions: data/grants.csv:2:",
        "conclusions: data/sod.csv is not there",
        "conclusions: data/more.csv is no file that overstay writes",
    ]);
    assert_eq!(told.defects().len(), 7, "{:#?}", told.defects());
}

#[test]
fn manifests_are_read_strictly() {
    for (edit, words) in [
        (
            (|line: &str| line.to_uppercase().replace("DATA/ASSIGNMENTS.CSV", "data/assignments.csv"))
                as fn(&str) -> String,
            "upper-case letters",
        ),
        (|line| format!("{line}\n{line}"), "lists data/assignments.csv again, after line 1"),
        (|line| line.replace("  ", " *"), "two spaces"),
        (|line| format!("{line}\r"), "control characters"),
        (|line| line.replace("data/", "data/../data/"), "of dots"),
        (|line| line.replace("data/", "/data/"), "not relative"),
    ] {
        let place = Place::with_demo();
        let text = place.text(&format!("demo/{MANIFEST}"));
        let first = text.lines().next().unwrap();
        place.write(&format!("demo/{MANIFEST}"), text.replacen(first, &edit(first), 1));
        reseal_tags(&place, "demo");
        let told = verify(&place, &["demo"]).with(&[words, "bag: manifest-sha256.txt:"]);
        assert!(told.marks().starts_with('✗') && told.ended.code == Some(4), "{words}");
    }
}

#[test]
fn sizes_and_elsewhere_are_no_way_out() {
    let place = edited(INFO, "Payload-Oxum: ", "Payload-Oxum: 1");
    reseal_tags(&place, "demo");
    verify(&place, &["demo"]).marked("✓✗✓✗-").with(&["files: bag-info.txt says that data/ has 1"]);
    let place = Place::with_demo();
    place.write("demo/fetch.txt", "https://example.com/grants.csv 12 data/grants.csv\n");
    verify(&place, &["demo"]).marked("✗✓✓✓-").with(&["fetch.txt names files that are elsewhere"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_not_followed() {
    use std::os::unix::fs::symlink;
    for target in ["data/grants.csv", "data", "bagit.txt"] {
        let place = Place::with_demo();
        fs::rename(place.at("demo").join(target), place.at("elsewhere")).unwrap();
        symlink(place.at("elsewhere"), place.at("demo").join(target)).unwrap();
        let told = verify(&place, &["demo"]).with(&[&format!("bag: {target} is a symbolic link")]);
        assert_eq!(told.ended.code, Some(4));
        if target != "bagit.txt" {
            told.with(&["files: data/grants.csv is not there"]);
        }
    }
    // Neither is a name that no manifest can hold taken for one that it can.
    let place = Place::with_demo();
    let name: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"more-\xff.csv");
    fs::File::create(place.at("demo/data").join(name)).unwrap();
    verify(&place, &["demo"]).marked("✗✓✓✓-").with(&["more-\u{fffd}.csv has a name that is not UTF-8"]);
    // The pack itself may be reached through a link.
    let place = Place::with_demo();
    symlink(place.at("demo"), place.at("link")).unwrap();
    verify(&place, &["link"]).marked("✓✓✓✓-");
}
