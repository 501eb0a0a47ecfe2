//! Packs about a period, and the snapshots and listings that they rest on.

use std::fs;

use overstay::evidence::bag::SNAPSHOT;
use overstay::snapshot::{HistoryBuilder, Snapshot};
use serde_json::Value;

use super::{sha256, verify};
use crate::place::Place;

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
