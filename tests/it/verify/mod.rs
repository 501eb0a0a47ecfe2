//! Packs that are what they say they are, and everything that can be done to one.

mod hidden;
mod plain;
mod store;

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use overstay::evidence::bag::{INFO, MANIFEST, TAG_MANIFEST, manifest_line};
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
