//! A bucket and a folder with the same in them tell the same.

use std::fs;
use std::process::Child;

use super::fake::FakeS3;
use super::{Kept, section};
use crate::place::Place;

const QUARTER: [&str; 2] = ["--period", "2026-07-01..2026-10-31"];

/// The demo's two days and an older listing.
fn fill(run: &dyn Fn(&[&str])) {
    run(&["store", "add", "demo-a-month-later/data/snapshot.json.zst", "demo/data/snapshot.json.zst"]);
    run(&["store", "import", "demo/data/grants.csv", "--as-of", "2026-06-30T17:00:00Z"]);
}

#[test]
fn a_periods_pack_is_the_same_from_a_folder() {
    let folder = Place::with_demo();
    let config = folder.text("demo/data/config.toml");
    folder.write("overstay.toml", format!("{config}\n[store]\n"));
    fill(&|arguments| drop(folder.run(arguments).with(0)));
    let server = FakeS3::start();
    let kept = Kept { place: Place::with_demo(), url: server.url(), credentials: true };
    kept.place.write("overstay.toml", format!("{config}{}", section("")));
    fill(&|arguments| drop(kept.run(arguments).with(0)));

    // Key by key, byte by byte.
    let stored = folder.files(".overstay");
    let objects = server.objects();
    assert_eq!(objects.len(), stored.len());
    for (key, bytes) in &stored {
        assert_eq!(objects.get(&format!("overstay/{key}")), Some(bytes), "{key}");
    }

    let audit = |more: &[&'static str]| -> Vec<&'static str> {
        ["audit", "--snapshot", "demo-a-month-later"].into_iter().chain(more.iter().copied()).chain(QUARTER).collect()
    };
    let said = folder.run(&audit(&["--out", "pack"])).with(0).stderr;
    assert!(said.contains(": 3 looks, from 2026-06-30T17:00:00Z"), "{said}");
    kept.run(&audit(&["--out", "pack"])).with(0).saying(&[": 3 looks, from 2026-06-30T17:00:00Z"]);
    let sealed = "pack/data/snapshot.json.zst";
    assert_eq!(folder.bytes(sealed), kept.place.bytes(sealed), "every fact that the pack rests on");

    // The two configs differ in [store] alone; with one of them the packs do not differ at all.
    for place in [&folder, &kept.place] {
        place.write("plain.toml", &config);
        let arguments = ["audit", "--offline", "-c", "plain.toml", "--snapshot", "pack", "--out", "again"];
        place.run(&arguments.into_iter().chain(QUARTER).collect::<Vec<_>>()).with(0);
    }
    let (ours, theirs) = (folder.files("again/data"), kept.place.files("again/data"));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, bytes) in ours.iter().filter(|(name, _)| *name != "ipe.json") {
        assert!(*bytes == theirs[name], "{name} differs");
    }
    // Both note in the store what the pack rests on, and keep it.
    let late = ["store", "prune", "--as-of", "2027-10-15T00:00:00Z", "--older-than", "1d", "--yes"];
    folder.run(&late).with(0).saying(&["kept: ", "on which run r_", "Nothing to remove"]);
    kept.run(&late).with(0).saying(&["kept: s3://", "on which run r_", "Nothing to remove"]);
    assert_eq!(server.snapshots().len(), 2);
}

#[test]
fn writers_at_once_lose_nothing_and_write_nothing_twice() {
    let server = FakeS3::start();
    let kept = Kept { place: Place::with_demo(), url: server.url(), credentials: true };
    kept.place.write("overstay.toml", kept.place.text("demo/data/config.toml") + &section(""));
    let (first, second) = ("demo/data/snapshot.json.zst", "demo-a-month-later/data/snapshot.json.zst");
    let writers: Vec<Child> = [[first, second], [second, first], [first, second], [second, first]]
        .iter()
        .map(|files| kept.command(&["store", "add", files[0], files[1]]).spawn().unwrap())
        .collect();
    for writer in writers {
        assert!(writer.wait_with_output().unwrap().status.success());
    }
    assert_eq!(server.snapshots().len(), 2);
    assert_eq!(server.versions(), 4, "each snapshot, the marker and the organisation once");
}

#[test]
fn looks_are_fetched_in_order_each_once_and_at_most_eight_at_a_time() {
    let server = FakeS3::start();
    let kept = Kept::in_bucket(&server);
    for _ in 0..12 {
        kept.run(&["collect", "--out", "day.zst", "--force"]).with(0);
    }
    let stored = server.snapshots().len();
    fs::copy(kept.place.at("day.zst"), kept.place.at("last.zst")).unwrap();
    let list = kept.run(&["store", "list"]).with(0).stdout;
    let days: Vec<&str> = list.lines().map(|line| &line[..10]).collect();
    let before = server.count("GetObject");
    let period = format!("{}..{}", days[0], days[days.len() - 1]);
    let said = kept.run(&["audit", "--snapshot", "last.zst", "--period", &period, "--out", "pack"]).with(0).stderr;
    assert!(said.contains(&format!(": {stored} looks")), "{stored} are stored:\n{said}");
    // The marker once, and every look but the last, which was given, once.
    assert_eq!(server.count("GetObject") - before, stored);
    assert!(server.most_at_once() <= 8, "{} at once", server.most_at_once());
}
