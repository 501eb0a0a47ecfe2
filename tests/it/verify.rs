//! Packs that are what they say they are, and everything that can be done to one.

use std::collections::BTreeMap;
use std::fs;

use data_encoding::HEXLOWER;
use overstay::evidence::bag::{CONFIG, INFO, IPE, MANIFEST, SNAPSHOT, TAG_MANIFEST, manifest_line};
use overstay::snapshot::{HistoryBuilder, Snapshot};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::doctor::holds;
use crate::place::{Ended, Place};

/// A verification's result, by check.
struct Told {
    ended: Ended,
    view: Value,
}

impl Told {
    /// Which of the checks passed, failed and were not made: `✓✗-`, in their order.
    fn marks(&self) -> String {
        let mark = |check: &Value| match check["result"].as_str().unwrap() {
            "pass" => '✓',
            "fail" => '✗',
            "not_checked" => '-',
            other => panic!("{other}"),
        };
        self.view["checks"].as_array().unwrap().iter().map(mark).collect()
    }

    /// Everything that is wrong, `check: file:line:column what`.
    fn defects(&self) -> Vec<String> {
        let checks = self.view["checks"].as_array().unwrap();
        let of = |check: &Value| -> Vec<String> {
            let name = check["name"].as_str().unwrap();
            let told = check["defects"].as_array().unwrap().iter().map(|defect| {
                let place = [&defect["line"], &defect["column"]].map(|n| n.as_u64().map(|n| format!(":{n}")));
                let place = place.into_iter().flatten().collect::<String>();
                let (file, what) = (defect["file"].as_str().unwrap(), defect["what"].as_str().unwrap());
                format!("{name}: {file}{place} {what}")
            });
            told.collect()
        };
        checks.iter().flat_map(of).collect()
    }

    #[track_caller]
    fn marked(self, marks: &str) -> Self {
        assert_eq!(self.marks(), marks, "{:#}", self.view);
        let verified = !marks[..marks.len() - 1].contains(['✗', '-']);
        assert_eq!(self.view["verified"], verified);
        assert_eq!(self.ended.code, Some(if verified { 0 } else { 4 }), "{}", self.ended.stderr);
        assert_eq!(self.ended.stderr, "", "the result goes to standard output");
        self
    }

    /// Each of these is among the defects.
    #[track_caller]
    fn with(self, words: &[&str]) -> Self {
        let defects = self.defects();
        for word in words {
            assert!(defects.iter().any(|defect| defect.contains(word)), "{word:?} is not in {defects:#?}");
        }
        self
    }

    #[track_caller]
    fn noting(self, words: &str) -> Self {
        let notes = self.view["notes"].to_string();
        assert!(notes.contains(words), "{words:?} is not in {notes}");
        self
    }
}

fn verify(place: &Place, more: &[&str]) -> Told {
    let arguments: Vec<&str> =
        ["verify", "--quiet", "--format", "json"].into_iter().chain(more.iter().copied()).collect();
    let ended = place.run(&arguments);
    let view = serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {ended:?}"));
    Told { ended, view }
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Gives a pack the size and the digests of what is in it now, as somebody would who wants to hide a change.
fn reseal(place: &Place, pack: &str) {
    let files = place.files(pack);
    let payload: BTreeMap<&String, &Vec<u8>> = files.iter().filter(|(name, _)| name.starts_with("data/")).collect();
    let manifest: String = payload.iter().map(|(name, bytes)| manifest_line(&sha256(bytes), name)).collect();
    let bytes: usize = payload.values().map(|bytes| bytes.len()).sum();
    let info: String = place
        .text(&format!("{pack}/{INFO}"))
        .lines()
        .map(|line| match line.split_once(": ") {
            Some(("Payload-Oxum", _)) => format!("Payload-Oxum: {bytes}.{}\n", payload.len()),
            _ => format!("{line}\n"),
        })
        .collect();
    place.write(&format!("{pack}/{MANIFEST}"), manifest);
    place.write(&format!("{pack}/{INFO}"), info);
    reseal_tags(place, pack);
}

fn reseal_tags(place: &Place, pack: &str) {
    let line = |name: &str| manifest_line(&sha256(&place.bytes(&format!("{pack}/{name}"))), name);
    place.write(&format!("{pack}/{TAG_MANIFEST}"), [INFO, "bagit.txt", MANIFEST].map(line).concat());
}

/// The demo's pack with a text of it changed, once, and not sealed again.
fn edited(file: &str, from: &str, to: &str) -> Place {
    let place = Place::with_demo();
    edit(&place, file, from, to);
    place
}

fn edit(place: &Place, file: &str, from: &str, to: &str) {
    let name = format!("demo/{file}");
    let text = place.text(&name);
    assert!(text.contains(from), "{from:?} is not in {file}");
    place.write(&name, text.replacen(from, to, 1));
}

// --- Packs that are right -----------------------------------------------------------------------------------------------

#[test]
fn a_pack_as_it_was_written_verifies() {
    let place = Place::with_demo();
    for pack in ["demo", "demo-a-month-later", "demo-quarter"] {
        let told = verify(&place, &[pack]).marked("✓✓✓✓-");
        assert_eq!(told.defects(), [""; 0]);
        let tags = sha256(&place.bytes(&format!("{pack}/{TAG_MANIFEST}")));
        assert_eq!(
            (told.view["format"].as_str(), told.view["digest"].as_str()),
            (Some("overstay-verify"), Some(&*tags))
        );
        assert!(place.text(&format!("{pack}/{INFO}")).contains(told.view["run_id"].as_str().unwrap()));
    }
    let ended = place.run(&["verify", "demo"]).with(0);
    for words in ["✓ files        21 files, each with", "- signature    not checked: there is none", "\nVerified\n"] {
        assert!(ended.stdout.contains(words), "{words:?} is not in:\n{}", ended.stdout);
    }
    // Where it lies and in what zone one lives makes no difference, nor does the config of whoever looks.
    let elsewhere = Place::new();
    elsewhere.write("overstay.toml", "not a config");
    let mut command = elsewhere.command(&["verify", "--offline"]);
    let output = command.arg(place.at("demo")).env("TZ", "Pacific/Kiritimati").env("LC_ALL", "tr_TR.UTF-8").output();
    Ended::from(output.unwrap()).with(0);
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema: Value = serde_json::from_str(&Place::new().run(&["schema", "verify"]).with(0).stdout).unwrap();
    let place = edited("data/grants.csv", "active", "actife");
    holds(&schema, &schema, &verify(&place, &["demo"]).view, "$");
    assert!(schema["properties"]["checks"].is_object());
}

#[test]
fn a_pack_of_a_live_run_verifies_to_the_fraction_of_a_second() {
    let place = Place::with_demo_files();
    place.run(&["audit", "--out", "pack"]).with(0);
    let ipe: Value = serde_json::from_slice(&place.bytes("pack/data/ipe.json")).unwrap();
    let snapshot = overstay::snapshot::read(place.bytes("pack/data/snapshot.json.zst")).unwrap();
    assert_eq!(ipe["as_of"].as_str().unwrap(), snapshot.ended_at().timestamp().to_string());
    verify(&place, &["pack"]).marked("✓✓✓✓-");
    place.run(&["audit", "--snapshot", "pack", "--as-of", "2026-11-02T03:04:05.678Z", "--out", "then"]).with(0);
    let told = verify(&place, &["then"]).marked("✓✓✓✓-");
    assert_eq!(told.view["as_of"], "2026-11-02T03:04:05.678Z");
    // What is right about a pack is not whether what it says is good: this one was not read whole.
    place.write("users.csv", place.text("users.csv") + "x,x@example.com,sleeping\n");
    place.run(&["audit", "--out", "part"]).with(3);
    verify(&place, &["part"]).marked("✓✓✓✓-");
}

// --- Changes that nobody hid --------------------------------------------------------------------------------------------

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

// --- Changes that somebody hid ------------------------------------------------------------------------------------------

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

// --- What is no pack ----------------------------------------------------------------------------------------------------

#[test]
fn what_is_no_pack_is_2() {
    let place = Place::with_demo();
    place.write("folder/file.txt", "");
    for (pack, words) in [
        ("nowhere", "there is no pack at nowhere"),
        ("demo/data/report.html", "is not a folder"),
        ("folder", "folder is not an evidence pack"),
        ("demo/data", "is not an evidence pack"),
    ] {
        let ended = place.run(&["verify", pack]).with(2).saying(&[words, "bagit.txt"]);
        assert_eq!(ended.stdout, "");
    }
    place.run(&["verify", "demo", "--as-of", "2026-09-30T17:00:00Z"]).with(2).saying(&["leave --as-of out"]);
    place.run(&["verify"]).with(2).saying(&["<PACK>"]);
}

// --- The store ----------------------------------------------------------------------------------------------------------

const STORE: &str = ".overstay/snapshots";

/// A place with a store of the demo's days, and a pack about a period.
fn with_period() -> Place {
    let place = Place::with_demo();
    place.write("overstay.toml", place.text("demo/data/config.toml") + "\n[store]\n");
    place.run(&["store", "add", "demo", "demo-a-month-later"]).with(0);
    audit(&place, "demo-a-month-later", "pack");
    place
}

fn audit(place: &Place, snapshot: &str, out: &str) {
    place.run(&["audit", "--snapshot", snapshot, "--period", "2026-07-01..2026-10-31", "--out", out]).with(0);
}

/// The stored file of a day.
fn stored(place: &Place, day: &str) -> String {
    let names = place.files(STORE).into_keys();
    let name = names.into_iter().find(|name| name.contains(day)).unwrap();
    format!("{STORE}/{name}")
}

fn of(place: &Place, pack: &str) -> Snapshot {
    overstay::snapshot::read(place.bytes(&format!("{pack}/{SNAPSHOT}"))).unwrap()
}

/// A sealed snapshot with a text in its facts changed wherever it stands, but for its history.
fn resealed(bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let plain = String::from_utf8(zstd::decode_all(&bytes[..]).unwrap()).unwrap();
    let (head, body) = plain.split_once('\n').unwrap();
    let (facts, history) = body.split_once("\"history\":").unwrap();
    assert!(facts.contains(from), "{from:?} is not in the facts");
    let body = format!("{}\"history\":{history}", facts.replace(from, to));
    let mut head: Value = serde_json::from_str(head).unwrap();
    head["sha256"] = sha256(body.as_bytes()).into();
    zstd::encode_all(format!("{head}\n{body}").as_bytes(), 3).unwrap()
}

#[test]
fn the_history_of_a_period_is_made_again_from_the_store() {
    let place = with_period();
    let told = verify(&place, &["pack"]).marked("✓✓✓✓-").noting("the history of 2 looks was taken as the pack has it");
    assert_eq!(told.view["period"], "2026-07-01..2026-10-31");
    let told = verify(&place, &["pack", "--store"]).marked("✓✓✓✓✓-");
    assert_eq!(told.view["notes"], serde_json::json!([]));
    // A copy of the store will do, without any config.
    fs::rename(place.at(".overstay"), place.at("copy")).unwrap();
    fs::remove_file(place.at("overstay.toml")).unwrap();
    verify(&place, &["pack", "--store=copy"]).marked("✓✓✓✓✓-");
    place.run(&["verify", "pack", "--store=nowhere"]).with(2).saying(&["there is no store at nowhere"]);
    place.run(&["verify", "pack", "--store"]).with(2).saying(&["there is no config"]);
    place.write("overstay.toml", place.text("demo/data/config.toml"));
    place.run(&["verify", "pack", "--store"]).with(2).saying(&["has no [store]", "--store=FOLDER"]);
    // A pack of one instant rests on nothing else.
    verify(&place, &["demo", "--store=copy"]).marked("✓✓✓✓✓-");
}

#[test]
fn looks_of_live_runs_are_found_to_the_fraction_of_a_second() {
    let place = Place::with_demo_files();
    place.write("overstay.toml", place.text("overstay.toml") + "\n[store]\n");
    place.run(&["collect"]).with(0);
    let users: Vec<String> = place.text("users.csv").lines().map(str::to_owned).collect();
    place.write("users.csv", users[..users.len() - 3].join("\n"));
    // Members without their users: a look that did not read everything whole is a look.
    place.run(&["check"]).with(3);
    place.run(&["audit", "--period", "2020-01-01..2098-12-31", "--out", "pack"]).with(3).saying(&[": 3 looks, from"]);
    verify(&place, &["pack", "--store"]).marked("✓✓✓✓✓-");
    // What is read after the pack was made is none of it.
    place.run(&["check"]).with(3);
    let told = verify(&place, &["pack", "--store"]).marked("✓✓✓✓✓-");
    assert_eq!(told.view["notes"], serde_json::json!([]));
}

#[test]
fn a_look_that_is_missing_or_another_is_named() {
    let place = with_period();
    let (first, second) = (stored(&place, "20260930T"), stored(&place, "20261031T"));
    let (bytes, others) = (place.bytes(&first), place.bytes(&second));
    let digest = of(&place, "demo").digest().to_owned();
    let look = format!("store: the snapshot {digest} of 2026-09-30T17:00:00Z");

    fs::remove_file(place.at(&first)).unwrap();
    verify(&place, &["pack", "--store"]).marked("✓✓✓✓✗-").with(&[&format!("{look} is not in the store")]);
    place.write(&first, others);
    verify(&place, &["pack", "--store"]).marked("✓✓✓✓✗-").with(&[&look, "is not the snapshot that its name says"]);
    place.write(&first, &bytes[..bytes.len() - 9]);
    verify(&place, &["pack", "--store"]).marked("✓✓✓✓✗-").with(&[&look, "truncated"]);
    place.write(&first, bytes);
    // The pack's own snapshot is a look too, and need not be in the store.
    fs::remove_file(place.at(&second)).unwrap();
    verify(&place, &["pack", "--store"]).marked("✓✓✓✓✓-");
    // When the pack itself does not read there is nothing to hold against the store.
    place.write("pack/data/config.toml", "x");
    verify(&place, &["pack", "--store"]).marked("✓✗✗---");
}

#[test]
fn a_history_that_the_looks_do_not_show_is_seen() {
    let place = with_period();
    // A pack that is right in itself, and was made from a history somebody has edited.
    let snapshot = of(&place, "pack");
    let mut history = snapshot.history().unwrap().clone();
    history.assignments.remove(0);
    history.users[0].spells[0].value.user_name = "somebody.else@example.com".to_owned();
    place.write("edited.zst", snapshot.with_history(history).unwrap().bytes());
    audit(&place, "edited.zst", "false");
    verify(&place, &["false"]).marked("✓✓✓✓-");
    let told = verify(&place, &["false", "--store"]).marked("✓✓✓✓✗-");
    assert_eq!(
        told.defects(),
        ["users", "assignments"].map(|part| {
            format!("store: data/snapshot.json.zst carries another history of {part} than its looks show")
        })
    );
    // One whose own facts are not those that were looked at.
    let bytes = resealed(place.bytes(&format!("pack/{SNAPSHOT}")), "hiro.tanaka@", "hiro.tanako@");
    place.write("edited.zst", bytes);
    audit(&place, "edited.zst", "other");
    verify(&place, &["other"]).marked("✓✓✓✓-");
    let told = verify(&place, &["other", "--store"]).marked("✓✓✓✓✗-");
    told.with(&["store: data/snapshot.json.zst has other facts than the store's snapshot of its last look"]);
    fs::remove_file(place.at(&stored(&place, "20261031T"))).unwrap();
    let told = verify(&place, &["other", "--store"]).marked("✓✓✓✓✗-");
    told.with(&["store: data/snapshot.json.zst has other facts than its last look: without the history its digest is"]);
    // And one whose history is another snapshot's.
    let mut builder = HistoryBuilder::new();
    builder.look(&of(&place, "demo"));
    builder.look(&of(&place, "demo-a-month-later"));
    place.write("mixed.zst", of(&place, "demo").with_history(builder.build()).unwrap().bytes());
    audit(&place, "mixed.zst", "mixed");
    let told = verify(&place, &["mixed"]).marked("✓✓✗✓-");
    told.with(&["inputs: data/snapshot.json.zst carries a history that does not end with it"]);
}

#[test]
fn looks_that_were_left_out_are_noted() {
    let place = with_period();
    // Somebody audits without the store, and so without the look that shows the leavers.
    place.write("other.toml", place.text("demo/data/config.toml"));
    let audit = ["audit", "-c", "other.toml", "--period", "2026-07-01..2026-10-31", "--snapshot", "demo-a-month-later"];
    place.run(&[&audit[..], &["--out", "short"]].concat()).with(0);
    let told = verify(&place, &["short", "--store"]).marked("✓✓✓✓✓-").noting("20260930T170000Z");
    assert_eq!(told.view["notes"].as_array().unwrap().len(), 1, "{}", told.view["notes"]);
    told.noting("added later, or left out");
}

#[test]
fn a_listing_is_a_look_as_well() {
    let place = with_period();
    place.run(&["store", "import", "demo/data/grants.csv", "--as-of", "2026-06-30T17:00:00Z"]).with(0);
    audit(&place, "demo-a-month-later", "listed");
    verify(&place, &["listed", "--store"]).marked("✓✓✓✓✓-");
    let name = place.files(".overstay/listings").into_keys().next().unwrap();
    let at = format!(".overstay/listings/{name}");
    let text = place.text(&at);
    // The listing's rows are not what they were.
    let rows: Value = serde_json::from_str(&text).unwrap();
    let account = rows["rows"][0]["account_id"].as_str().unwrap();
    place.write(&at, text.replacen(account, "999999999999", 1));
    verify(&place, &["listed", "--store"]).marked("✓✓✓✓✗-").with(&["another history of assignments"]);
    fs::remove_file(place.at(&at)).unwrap();
    verify(&place, &["listed", "--store"]).marked("✓✓✓✓✗-").with(&["store: the listing ", "is not in the store"]);
}
