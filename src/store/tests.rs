//! A store under hands that die, meddle and come second.
#![expect(clippy::disallowed_methods, reason = "tests write and read files")]

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::collect::{Batch, Facts};
use crate::model::facts::Recount;
use crate::model::{AwsFacts, Fact, History, Instance, Known, Plane, SourceRecord};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The snapshot of an organisation, none for one that AWS told nothing for.
fn snapshot(ended_at: &str, instance: Option<&str>) -> Snapshot {
    let ended_at = at(ended_at);
    let record = SourceRecord {
        source: "aws".to_owned(),
        kind: String::new(),
        started_at: ended_at,
        ended_at,
        asked: vec![Fact::Assignments],
        operations: vec![],
        files: vec![],
        gaps: vec![],
        not_offered: vec![],
        notes: vec![],
    };
    let facts = instance.map(|instance| {
        Box::new(AwsFacts {
            instance: Instance {
                arn: instance.parse().unwrap(),
                identity_store: "d-1".parse().unwrap(),
                owner_account: Known::Absent,
                region: "eu-west-1".to_owned(),
            },
            caller: Known::Absent,
            management_account: Known::Absent,
            delegated_admins: Known::Absent,
            accounts: vec![],
            users: vec![],
            groups: vec![],
            memberships: vec![],
            permission_sets: vec![],
            provisioned: vec![],
            assignments: vec![],
            lookups: vec![],
            recount: Recount { users: Known::Absent, groups: Known::Absent, permission_sets: Known::Absent },
            cross_check: Known::Absent,
            planes: vec![Plane::PermissionSet],
        })
    });
    Snapshot::seal(vec![Batch::new(record, Facts::Aws(facts))], ended_at, ended_at).unwrap()
}

const OURS: Option<&str> = Some("arn:aws:sso:::instance/ssoins-1");
const THEIRS: Option<&str> = Some("arn:aws:sso:::instance/ssoins-2");

fn store() -> (TempDir, Store) {
    let dir = TempDir::new().unwrap();
    let store = Store::create(&Place::Folder(dir.path().join("store"))).unwrap();
    (dir, store)
}

/// Its folder.
fn root(store: &Store) -> PathBuf {
    store.place().to_string().into()
}

/// Every file among the snapshots with its content.
fn contents(store: &Store) -> Vec<(String, Vec<u8>)> {
    let mut keys = store.files.list(SNAPSHOTS).unwrap();
    keys.sort();
    keys.into_iter().map(|key| (key.clone(), store.files.get(&key).unwrap().unwrap())).collect()
}

#[test]
fn what_is_added_is_listed_in_order_and_reads_back() {
    let (_dir, store) = store();
    let later = snapshot("2026-10-01T02:00:00Z", OURS);
    let earlier = snapshot("2026-09-30T17:00:00Z", OURS);
    let path = store.add(&later).unwrap();
    store.add(&earlier).unwrap();
    let name = format!("snapshots/2026/10/20261001T020000Z-{}.snapshot.json.zst", &later.digest()[..16]);
    assert_eq!(path, root(&store).join(name).display().to_string());
    let entries = Store::open(store.place()).unwrap().entries().unwrap();
    assert_eq!(entries.iter().map(Entry::at).collect::<Vec<_>>(), [earlier.ended_at(), later.ended_at()]);
    assert_eq!(store.read(&entries[0]).unwrap().bytes(), earlier.bytes());
}

#[test]
fn the_same_again_changes_nothing() {
    let (_dir, store) = store();
    let snapshot = snapshot("2026-09-30T17:00:00Z", OURS);
    let path = store.add(&snapshot).unwrap();
    let before = contents(&store);
    assert_eq!(store.add(&snapshot).unwrap(), path);
    assert_eq!(contents(&store), before);
}

#[test]
fn a_stored_file_that_lost_its_content_is_not_taken_for_the_same() {
    let (_dir, store) = store();
    let snapshot = snapshot("2026-09-30T17:00:00Z", OURS);
    let path = store.add(&snapshot).unwrap();
    fs::write(&path, b"").unwrap();
    assert!(matches!(store.add(&snapshot), Err(Error::Verification { .. })));
    assert!(matches!(store.read(&store.entries().unwrap()[0]), Err(Error::Verification { .. })));
}

#[test]
fn a_renamed_file_is_refused() {
    let (_dir, store) = store();
    let path = store.add(&snapshot("2026-09-30T17:00:00Z", OURS)).unwrap();
    let renamed = path.replace("T17", "T16");
    fs::rename(&path, renamed).unwrap();
    let error = store.read(&store.entries().unwrap()[0]).unwrap_err();
    assert!(error.to_string().contains("not the snapshot that its name says"), "{error}");
}

#[test]
fn two_organisations_do_not_share_a_store() {
    let (_dir, store) = store();
    // Nobody's yet: a run that AWS told nothing belongs anywhere.
    store.add(&snapshot("2026-09-29T17:00:00Z", None)).unwrap();
    store.add(&snapshot("2026-09-30T17:00:00Z", OURS)).unwrap();
    store.add(&snapshot("2026-10-01T17:00:00Z", None)).unwrap();
    let before = contents(&store);
    let theirs = snapshot("2026-10-01T17:00:00Z", THEIRS);
    let error = store.add(&theirs).unwrap_err();
    assert!(matches!(error, Error::Usage { .. }));
    for word in ["ssoins-1", "ssoins-2"] {
        assert!(error.to_string().contains(word), "{error}");
    }
    assert_eq!(contents(&store), before);
    // Nor does one that was copied in read.
    let key = Entry::key_of(&theirs);
    fs::write(root(&store).join(&key), theirs.bytes()).unwrap();
    assert!(store.read(&Entry::of(key).unwrap()).is_err());
}

#[test]
fn a_packs_snapshot_is_not_another_look() {
    let (_dir, store) = store();
    let snapshot = snapshot("2026-09-30T17:00:00Z", OURS).with_history(History::default()).unwrap();
    assert!(matches!(store.add(&snapshot), Err(Error::Usage { .. })));
    assert_eq!(contents(&store), []);
}

#[test]
fn a_store_that_is_not_there_or_newer_is_refused() {
    let dir = TempDir::new().unwrap();
    let place = Place::Folder(dir.path().to_owned());
    assert!(matches!(Store::open(&place), Err(Error::Usage { .. })));
    fs::write(dir.path().join("store.json"), r#"{"format":"overstay-store","major":2,"made_by":"9.9.9"}"#).unwrap();
    for made in [Store::open(&place), Store::create(&place)] {
        assert!(made.unwrap_err().to_string().contains("9.9.9"));
    }
    fs::write(dir.path().join("store.json"), "{").unwrap();
    assert!(matches!(Store::open(&place), Err(Error::Verification { .. })));
}

#[test]
fn a_writer_that_died_at_any_byte_leaves_nothing_that_counts() {
    let (_dir, store) = store();
    let snapshot = snapshot("2026-09-30T17:00:00Z", OURS);
    let folder = root(&store).join("snapshots/2026/09");
    fs::create_dir_all(&folder).unwrap();
    let mut all_left = vec![];
    for end in (0..snapshot.bytes().len()).step_by(7) {
        let left = tempfile::Builder::new().prefix(".overstay-").suffix(".tmp").tempfile_in(&folder).unwrap();
        fs::write(left.path(), &snapshot.bytes()[..end]).unwrap();
        all_left.push(left.keep().unwrap().0);
    }
    assert_eq!(store.entries().unwrap(), []);
    store.add(&snapshot).unwrap();
    assert_eq!(store.entries().unwrap().len(), 1);
    let now = fs::metadata(&folder).unwrap().modified().unwrap();
    let touched = |hours: u64| {
        for left in &all_left {
            left.set_modified(now - std::time::Duration::from_hours(hours)).unwrap();
        }
    };
    touched(23);
    store.clean().unwrap();
    assert!(contents(&store).len() > 2, "another writer may be at work");
    touched(25);
    store.clean().unwrap();
    assert_eq!(contents(&store).len(), 1);
    assert_eq!(store.read(&store.entries().unwrap()[0]).unwrap().digest(), snapshot.digest());
}

#[test]
fn writers_at_once_lose_nothing() {
    let dir = TempDir::new().unwrap();
    let root = Place::Folder(dir.path().join("store"));
    let snapshots: Vec<Snapshot> =
        (10..26).map(|second| snapshot(&format!("2026-09-30T17:00:{second}Z"), OURS)).collect();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (root, snapshots) = (&root, &snapshots);
            scope.spawn(move || {
                let store = Store::create(root).unwrap();
                // Each begins elsewhere, so that every snapshot is written by some and found by others.
                for n in 0..snapshots.len() {
                    store.add(&snapshots[(n + writer * 4) % snapshots.len()]).unwrap();
                }
            });
        }
    });
    let store = Store::open(&root).unwrap();
    let entries = store.entries().unwrap();
    assert_eq!(entries.len(), snapshots.len());
    for (entry, snapshot) in entries.iter().zip(&snapshots) {
        assert_eq!(store.read(entry).unwrap().bytes(), snapshot.bytes());
    }
    assert_eq!(contents(&store).len(), snapshots.len(), "no writer leaves anything behind");
}

#[test]
fn of_two_organisations_that_begin_at_once_one_has_the_store() {
    let dir = TempDir::new().unwrap();
    let root = Place::Folder(dir.path().join("store"));
    let added: Vec<bool> = std::thread::scope(|scope| {
        let writers = [OURS, THEIRS].map(|instance| {
            let root = &root;
            scope.spawn(move || Store::create(root).unwrap().add(&snapshot("2026-09-30T17:00:00Z", instance)).is_ok())
        });
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_ne!(added[0], added[1]);
    assert_eq!(Store::open(&root).unwrap().entries().unwrap().len(), 1);
}

#[test]
fn what_packs_rest_on_is_kept() {
    let (_dir, store) = store();
    let snapshots: Vec<Snapshot> = (1..5).map(|day| snapshot(&format!("2026-09-0{day}T17:00:00Z"), OURS)).collect();
    for snapshot in &snapshots {
        store.add(snapshot).unwrap();
    }
    let citation = Citation {
        run_id: "r_a".to_owned(),
        pack: "reports/q3".to_owned(),
        snapshots: vec![snapshots[1].digest().to_owned()],
    };
    store.cite(&citation).unwrap();
    store.cite(&citation).unwrap();
    assert_eq!(store.citations().unwrap(), std::slice::from_ref(&citation));
    let found = store.prunable(at("2026-09-04T17:00:00Z"), at("2026-09-05T17:00:00Z")).unwrap();
    assert_eq!(
        found.free.iter().map(Entry::at).collect::<Vec<_>>(),
        [snapshots[0].ended_at(), snapshots[2].ended_at()]
    );
    assert_eq!(found.cited.len(), 1);
    assert_eq!(found.cited[0].1, citation);
    for entry in &found.free {
        store.remove(entry).unwrap();
    }
    assert_eq!(store.entries().unwrap().len(), 2);
    // What a citation names is not known when it can't be read, so nothing may go.
    fs::write(root(&store).join("citations/broken.json"), "{").unwrap();
    assert!(store.prunable(at("2027-09-04T17:00:00Z"), at("2027-09-04T17:00:00Z")).is_err());
}

proptest! {
    #[test]
    fn a_window_is_what_bounds_the_period_and_what_lies_in_it(
        times in prop::collection::btree_set(0i64..200, 0..12), from in 0i64..200, length in 1i64..50
    ) {
        let second = |n: i64| Instant::from_epoch_seconds(1_790_000_000 + n).unwrap();
        let entries: Vec<Entry> = times.iter().map(|n| {
            let name = format!("{}-0123456789abcdef.snapshot.json.zst", second(*n).timestamp().strftime("%Y%m%dT%H%M%SZ"));
            Entry::of(name).unwrap()
        }).collect();
        let chosen: Vec<i64> = Store::window(&entries, second(from), second(from + length))
            .iter().map(|entry| entry.at().timestamp().as_second() - 1_790_000_000).collect();
        let before = times.iter().copied().rfind(|n| *n < from);
        let within = times.iter().copied().filter(|n| (from..from + length).contains(n));
        let after = times.iter().copied().find(|n| *n >= from + length);
        prop_assert_eq!(chosen, before.into_iter().chain(within).chain(after).collect::<Vec<_>>());
    }
}
