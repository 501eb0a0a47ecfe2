//! A pack can be made again from what is in it: the same bytes, offline, anywhere.

use std::collections::BTreeMap;

use overstay::collect::hr::csv as hr;
use overstay::collect::idp::csv::{self as idp, CsvFiles};
use overstay::collect::table::RawFile;
use overstay::collect::{Batch, Clock, Facts};
use overstay::config::{Config, IdpSource};
use overstay::snapshot::Snapshot;

use crate::place::{Csv, Place, template};

type Files = BTreeMap<String, Vec<u8>>;

/// What may differ between two runs on the same inputs: who ran it when, and the digests of that.
const OF_THE_RUN: [&str; 4] = ["bag-info.txt", "data/ipe.json", "manifest-sha256.txt", "tagmanifest-sha256.txt"];

#[track_caller]
fn assert_same_conclusions(a: &Files, b: &Files) {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in a.iter().filter(|(name, _)| !OF_THE_RUN.contains(&name.as_str())) {
        assert!(*bytes == b[name], "{name} differs");
    }
    let provenance = |files: &Files| {
        let mut ipe: serde_json::Value = serde_json::from_slice(&files["data/ipe.json"]).unwrap();
        ipe.as_object_mut().unwrap().remove("run");
        ipe
    };
    assert_eq!(provenance(a), provenance(b), "ipe.json differs in more than the run");
    let payload = |files: &Files| -> Vec<String> {
        let manifest = String::from_utf8(files["manifest-sha256.txt"].clone()).unwrap();
        manifest.lines().filter(|line| !line.ends_with("data/ipe.json")).map(str::to_owned).collect()
    };
    assert_eq!(payload(a), payload(b));
}

const REPLAY: [&str; 7] =
    ["audit", "--offline", "--snapshot", "demo/data/snapshot.json.zst", "-c", "demo/data/config.toml", "--out"];

fn replay(place: &Place, out: &str) {
    let arguments: Vec<&str> = REPLAY.iter().copied().chain([out]).collect();
    let ended = place.run(&arguments).with(0);
    assert_eq!(ended.stdout, format!("{out}\n"));
}

#[test]
fn a_pack_made_again_from_itself_is_the_same() {
    let place = Place::with_demo();
    replay(&place, "again");
    assert_same_conclusions(&place.files("demo"), &place.files("again"));
    replay(&place, "once-more");
    assert_same_conclusions(&place.files("demo"), &place.files("once-more"));
}

#[test]
fn zone_language_and_folder_do_not_matter() {
    let place = Place::with_demo();
    let elsewhere = Place::new();
    for (n, (zone, language)) in
        [("Pacific/Kiritimati", "de_DE.UTF-8"), ("America/Los_Angeles", "tr_TR.UTF-8")].iter().enumerate()
    {
        let out = elsewhere.at(&format!("pack-{n}"));
        let (snapshot, config) = (place.at("demo/data/snapshot.json.zst"), place.at("demo/data/config.toml"));
        let mut command = elsewhere.command(&["audit", "--offline", "--quiet"]);
        command.arg("--snapshot").arg(snapshot).arg("-c").arg(config).arg("--out").arg(&out);
        command.env("TZ", zone).env("LANG", language).env("LC_ALL", language);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_same_conclusions(&place.files("demo"), &elsewhere.files(&format!("pack-{n}")));
    }
}

#[test]
fn another_instant_is_another_run() {
    let place = Place::with_demo();
    let arguments: Vec<&str> = REPLAY.iter().copied().chain(["later", "--as-of", "2026-12-24T00:00:00Z"]).collect();
    place.run(&arguments).with(0);
    let run_id = |pack: &str| Csv::parse(&place.files(pack)["data/grants.csv"]).rows[0]["run_id"].clone();
    assert_ne!(run_id("demo"), run_id("later"));
}

/// The demo's snapshot, with its files edited before they are read.
fn snapshot_of(edit: fn(&str, Vec<u8>) -> Vec<u8>) -> Snapshot {
    let file = |name: &str| edit(name, template(name));
    let config = String::from_utf8(template("overstay.toml")).unwrap();
    let config = Config::parse(&config, "overstay.toml").unwrap();
    let mut recorded: serde_json::Value = serde_json::from_slice(&template("aws-2026-09-30.json")).unwrap();
    let facts = serde_json::from_value(recorded["facts"].take()).unwrap();
    let record = serde_json::from_value(recorded["record"].take()).unwrap();
    let at = "2026-09-30T17:00:00Z".parse().unwrap();
    let clock = Clock::fixed(at);
    let (users, groups, members, roster) =
        (file("users.csv"), file("groups.csv"), file("members.csv"), file("roster.csv"));
    let files = CsvFiles {
        users: RawFile { path: "users.csv", bytes: &users, modified_at: None },
        groups: Some(RawFile { path: "groups.csv", bytes: &groups, modified_at: None }),
        members: vec![RawFile { path: "members.csv", bytes: &members, modified_at: None }],
    };
    let IdpSource::Csv(csv) = &config.idps[0].source else { panic!("{:?}", config.idps) };
    let directory = idp::read(&config.idps[0].name, csv, &files, &clock).unwrap();
    let hr = hr::read(
        config.hr.as_ref().unwrap(),
        RawFile { path: "roster.csv", bytes: &roster, modified_at: None },
        &clock,
    )
    .unwrap();
    Snapshot::seal(vec![Batch::new(record, Facts::Aws(Some(facts))), directory, hr], at, at).unwrap()
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect()
}

fn backwards(_: &str, bytes: Vec<u8>) -> Vec<u8> {
    let mut lines = lines(&bytes);
    lines[1..].reverse();
    lines.join("\n").into_bytes()
}

/// Another spelling of the same file: columns the other way round, `;` between them, CRLF, a byte order mark, a column more.
fn respelt(_: &str, bytes: Vec<u8>) -> Vec<u8> {
    let rows = lines(&bytes).into_iter().enumerate().map(|(n, line)| {
        let mut cells: Vec<String> = line.split(',').map(|cell| format!("\"{cell}\"")).collect();
        cells.reverse();
        cells.push(if n == 0 { "\"remarks\"".to_owned() } else { "\"none; really\"".to_owned() });
        cells.join(";")
    });
    format!("\u{feff}{}\r\n", rows.collect::<Vec<_>>().join("\r\n")).into_bytes()
}

/// The tables without the run's id, which is a digest of the files as they were.
fn conclusions(snapshot: &Snapshot) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let place = Place::new();
    place.write("a.snapshot", snapshot.bytes());
    place.write("overstay.toml", template("overstay.toml"));
    place.run(&["audit", "--snapshot", "a.snapshot", "--out", "pack"]).with(0);
    let files = place.files("pack/data");
    let tables = files.iter().filter(|(name, _)| name.ends_with(".csv"));
    tables
        .map(|(name, bytes)| {
            let mut rows = Csv::parse(bytes).rows;
            for row in &mut rows {
                row.remove("run_id");
            }
            (name.clone(), rows)
        })
        .collect()
}

#[test]
fn order_and_spelling_of_input_files_do_not_matter() {
    let expected = conclusions(&snapshot_of(|_, bytes| bytes));
    assert_eq!(
        expected["grants.csv"].len(),
        Csv::parse(&Place::with_demo().files("demo")["data/grants.csv"]).rows.len()
    );
    for edit in [backwards, respelt] {
        for (name, rows) in conclusions(&snapshot_of(edit)) {
            assert_eq!(rows, expected[&name], "{name}");
        }
    }
}
