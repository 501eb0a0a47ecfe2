//! What goes out, and what a lock keeps.

use super::Kept;
use super::fake::{Effect, FakeS3, Fault, Locking, Setup, When};
use crate::place::Ended;

fn prune(kept: &Kept, more: &[&str]) -> Ended {
    let late = ["store", "prune", "--as-of", "2027-10-15T00:00:00Z"];
    let arguments: Vec<&str> = late.into_iter().chain(more.iter().copied()).collect();
    kept.run(&arguments)
}

#[test]
fn what_is_removed_is_not_merely_hidden() {
    let server = FakeS3::start();
    let kept = Kept::with_days(&server);
    let keys = server.snapshots();
    // Somebody deleted one, which hides it; and put another over.
    server.meddle(&keys[0], None);
    server.meddle(&keys[0], Some(b"something else"));
    let ended =
        prune(&kept, &["--older-than", "360d", "--yes"]).with(0).saying(&["Removed 1 snapshot, from 2026-09-30"]);
    assert_eq!(ended.stdout.trim(), format!("s3://audit-log/{}", keys[0]));
    assert_eq!(server.versions(), 3, "the marker, the organisation and one snapshot are left");
    assert_eq!(server.snapshots(), keys[1..]);
    // Without Object Lock nobody is asked for locks.
    assert_eq!(server.count("GetObjectRetention"), 0);
}

#[test]
fn what_is_locked_is_refused_with_until_when() {
    for (locking, words) in [
        (Locking::Until("2999-01-01T00:00:00Z"), "locked until 2999-01-01T00:00:00Z (COMPLIANCE)"),
        (Locking::Legal, "under a legal hold"),
    ] {
        let server = FakeS3::start_with(Setup::locking(locking));
        let kept = Kept::with_days(&server);
        prune(&kept, &["--older-than", "1d", "--yes"]).with(0).saying(&[
            "kept: s3://audit-log/",
            words,
            "Nothing to remove",
        ]);
        assert_eq!((server.snapshots().len(), server.count("DeleteObject")), (2, 0));
    }
}

#[test]
fn a_lock_that_ended_holds_no_more() {
    let server = FakeS3::start_with(Setup::locking(Locking::Until("2020-01-01T00:00:00Z")));
    let kept = Kept::with_days(&server);
    prune(&kept, &["--older-than", "1d", "--yes"]).with(0).saying(&["Removed 2 snapshots"]);
    assert_eq!(server.snapshots(), [""; 0]);
}

#[test]
fn what_cannot_be_seen_to_be_free_is_kept() {
    let denied = |operation| Fault::new(operation, When::Every, Effect::Refuse(403, "AccessDenied"));
    let setup = Setup { locking: Locking::NoDefault, faults: vec![denied("GetObjectRetention")], ..Setup::default() };
    let server = FakeS3::start_with(setup);
    let kept = Kept::with_days(&server);
    prune(&kept, &["--older-than", "1d", "--yes"]).with(0).saying(&["may be locked", "denied s3:GetObjectRetention"]);
    assert_eq!((server.snapshots().len(), server.count("DeleteObject")), (2, 0));
    // A bucket whose locks can't be seen is asked for those of each object.
    let server = FakeS3::start_with(Setup::fault(denied("GetObjectLockConfiguration")));
    let kept = Kept::with_days(&server);
    prune(&kept, &["--older-than", "1d", "--yes"]).with(0);
    assert_eq!((server.snapshots().len(), server.count("GetObjectRetention")), (0, 2));
}

#[test]
fn a_refusal_in_the_middle_says_what_is_gone() {
    let fault = Fault::new("DeleteObject", When::After(1), Effect::Refuse(403, "AccessDenied"));
    let server = FakeS3::start_with(Setup::fault(fault));
    let kept = Kept::with_days(&server);
    let ended = prune(&kept, &["--older-than", "1d", "--yes"]).with(5).saying(&[
        "Removed 1 of 2 snapshots",
        "cannot remove s3://audit-log/overstay/snapshots/2026/10/",
        "S3 denied s3:DeleteObjectVersion",
        "arn:aws:s3:::audit-log/overstay/snapshots/2026/10/",
    ]);
    assert_eq!(ended.stdout.lines().count(), 1);
    assert_eq!(server.snapshots().len(), 1);
}

#[test]
fn nothing_goes_while_citations_cannot_be_read() {
    let fault = Fault::new("GetObject", When::Every, Effect::Refuse(403, "AccessDenied")).on("citations/");
    let server = FakeS3::start_with(Setup::fault(fault));
    let kept = Kept::with_days(&server);
    server.meddle("overstay/citations/a.json", Some(b"{}"));
    prune(&kept, &["--older-than", "1d", "--yes"])
        .with(5)
        .saying(&["cannot read s3://audit-log/overstay/citations/a.json"]);
    assert_eq!(server.count("DeleteObject"), 0);
}

#[test]
fn a_locked_citation_is_not_released() {
    let server = FakeS3::start_with(Setup::locking(Locking::Until("2999-01-01T00:00:00Z")));
    let kept = Kept::with_days(&server);
    let citation = br#"{"run_id":"r_a","pack":"/nowhere/pack","snapshots":[]}"#;
    server.meddle("overstay/citations/a.json", Some(citation));
    kept.run(&["store", "release", "r_a"]).with(5).saying(&["locked until 2999-01-01T00:00:00Z"]);
    assert_eq!(server.count("DeleteObject"), 0);
}
