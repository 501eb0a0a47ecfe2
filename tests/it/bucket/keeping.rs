//! What goes in, and what is said of it.

use super::fake::{Effect, FakeS3, Fault, Locking, Setup, When};
use super::{CONFIG, Kept};

#[test]
fn every_live_run_is_kept_in_the_bucket() {
    let server = FakeS3::start();
    let kept = Kept::in_bucket(&server);
    let collected = kept.run(&["collect"]).with(0).stdout;
    assert!(collected.starts_with("s3://audit-log/overstay/snapshots/2"), "{collected}");
    assert!(server.objects().contains_key(collected.trim().trim_start_matches("s3://audit-log/")));
    kept.run(&["audit", "--out", "pack"]).with(0);
    kept.run(&["check"]).with(0);
    kept.run(&["collect", "--out", "mine.zst"]).with(0);
    assert_eq!(server.snapshots().len(), 4);
    let packed = kept.place.bytes("pack/data/snapshot.json.zst");
    assert!(server.objects().values().any(|bytes| *bytes == packed), "the pack carries what was stored");
    // What was saved before is not another look.
    kept.run(&["check", "--snapshot", "mine.zst"]).with(0);
    assert_eq!(server.snapshots().len(), 4);
    assert_eq!(server.versions(), 5, "four snapshots and store.json, each written once");
}

#[test]
fn the_same_again_changes_nothing() {
    let server = FakeS3::start();
    let kept = Kept::with_days(&server);
    let (before, versions) = (server.objects(), server.versions());
    let added = kept.run(&["store", "add", "demo/data/snapshot.json.zst"]).with(0).stdout;
    assert!(added.starts_with("s3://audit-log/overstay/snapshots/2026/09/20260930T170000Z-"), "{added}");
    assert_eq!((server.objects(), server.versions()), (before, versions));
}

#[test]
fn an_object_that_is_not_what_its_name_says_is_refused() {
    let server = FakeS3::start();
    let kept = Kept::with_days(&server);
    let keys = server.snapshots();
    server.meddle(&keys[0], Some(b"not a snapshot any more"));
    kept.run(&["store", "add", "demo/data/snapshot.json.zst"]).with(4).saying(&[&keys[0], "not an overstay snapshot"]);
    let other = server.objects()[&keys[1]].clone();
    server.meddle(&keys[0], Some(&other));
    kept.run(&["store", "add", "demo/data/snapshot.json.zst"]).with(4).saying(&["not the snapshot that its name says"]);
    server.meddle("overstay/store.json", Some(br#"{"format":"overstay-store","major":2,"made_by":"9.9.9"}"#));
    for command in [&["store", "list"][..], &["store", "add", "demo/data/snapshot.json.zst"]] {
        kept.run(command).with(2).saying(&["s3://audit-log/overstay", "9.9.9"]);
    }
}

#[test]
fn another_organisation_has_another_store() {
    let server = FakeS3::start();
    let kept = Kept::with_days(&server);
    let theirs = br#"{"instance":"arn:aws:sso:::instance/ssoins-theirs","identity_store":"d-2"}"#;
    server.meddle("overstay/organisation.json", Some(theirs));
    let versions = server.versions();
    kept.run(&["store", "add", "demo/data/snapshot.json.zst"]).with(2).saying(&["ssoins-theirs", "a store of its own"]);
    assert_eq!(server.versions(), versions);
}

#[test]
fn a_list_has_all_pages_and_opens_nothing() {
    // Where the demo's [aws] is, and so where the bucket is asked for first.
    let server = FakeS3::start_with(Setup { page: 1, region: "eu-west-1", ..Setup::default() });
    let kept = Kept::with_days(&server);
    server.meddle("overstay/snapshots/2026/09/notes.txt", Some(b"not ours"));
    server.meddle("overstay-of-others/snapshots/2026/09/x", Some(b"not ours"));
    let read = server.count("GetObject");
    let list = kept.run(&["store", "list"]).with(0).stdout;
    let times: Vec<&str> = list.lines().map(|line| &line[..20]).collect();
    assert_eq!(times, ["2026-09-30T17:00:00Z", "2026-10-31T17:00:00Z"]);
    assert_eq!(server.count("GetObject"), read + 1, "only store.json is read");
    let import = ["store", "import", "demo/data/grants.csv", "--as-of", "2026-06-30T17:00:00Z"];
    let path = kept.run(&import).with(0).stdout;
    assert!(path.starts_with("s3://audit-log/overstay/listings/20260630T170000Z-"), "{path}");
    let json: serde_json::Value =
        serde_json::from_str(&kept.run(&["store", "list", "--format", "json"]).with(0).stdout).unwrap();
    assert_eq!((json["snapshots"].as_array().unwrap().len(), &json["listings"][0]["path"]), (2, &path.trim().into()));
}

#[test]
fn without_a_store_there_is_nothing_to_look_after() {
    let server = FakeS3::start();
    let kept = Kept::in_bucket(&server);
    kept.run(&["store", "status"]).with(2).saying(&["there is no store at s3://audit-log/overstay"]);
    let doctor = kept.run(&["doctor"]).with(0).stdout;
    assert!(doctor.contains("no snapshot is kept in s3://audit-log/overstay yet"), "{doctor}");
    assert_eq!(server.versions(), 0, "looking makes nothing");
}

#[test]
fn offline_there_is_no_bucket() {
    let server = FakeS3::start();
    let kept = Kept::in_bucket(&server);
    for arguments in [&["collect", "--offline"][..], &["store", "list", "--offline"]] {
        kept.run(arguments).with(2).saying(&["--offline forbids the network", "s3://audit-log/overstay"]);
    }
    let doctor = kept.run(&["doctor", "--offline"]).with(0).stdout;
    assert!(doctor.contains("--offline forbids the network"), "{doctor}");
    assert_eq!(server.count("GetObject"), 0);
}

#[test]
fn how_the_bucket_locks_is_said_and_never_guessed() {
    let refused = Fault::new("GetObjectLockConfiguration", When::Every, Effect::Refuse(403, "AccessDenied"));
    for (setup, state, words) in [
        (
            Setup::locking(Locking::Until("2999-01-01T00:00:00Z")),
            "locked",
            "Object Lock keeps it for 400 days (COMPLIANCE)",
        ),
        (Setup::locking(Locking::NoDefault), "no_default", "keeps nothing by itself"),
        (Setup::default(), "off", "not locked"),
        (Setup::fault(refused), "unknown", "S3 denied s3:GetBucketObjectLockConfiguration"),
    ] {
        let server = FakeS3::start_with(setup);
        let kept = Kept::in_bucket(&server);
        kept.run(&["collect"]).with(0);
        let text = kept.run(&["store", "status"]).with(0).stdout;
        assert!(text.contains(words), "{words:?} is not in:\n{text}");
        let json: serde_json::Value =
            serde_json::from_str(&kept.run(&["store", "status", "--format", "json"]).with(0).stdout).unwrap();
        assert_eq!(json["lock"]["state"], state);
        let doctor = kept.run(&["doctor", "--format", "json"]).with(0).stdout;
        assert!(doctor.contains(words), "{words:?} is not in:\n{doctor}");
    }
}

#[test]
fn the_policy_of_the_store_is_beside_the_one_that_reads() {
    let server = FakeS3::start();
    let kept = Kept::in_bucket(&server);
    let policy = |kept: &Kept| -> serde_json::Value {
        serde_json::from_str(&kept.run(&["doctor", "--policy"]).with(0).stdout).unwrap()
    };
    let told = policy(&kept);
    let statements = told["Statement"].as_array().unwrap();
    assert_eq!(statements[0]["Sid"], "OverstayReadOnly");
    assert!(!statements[0]["Action"].to_string().contains("s3:"), "reading stays reading");
    let store: Vec<_> = statements[1..].iter().map(|one| (one["Sid"].as_str().unwrap(), &one["Resource"])).collect();
    assert_eq!(store[0], ("OverstayStoreObjects", &"arn:aws:s3:::audit-log/overstay/*".into()));
    assert_eq!(statements[1]["Action"], serde_json::json!(["s3:GetObject", "s3:PutObject"]));
    assert_eq!(store.len(), 5);
    kept.place.write("overstay.toml", format!("{CONFIG}\n[store]\n"));
    assert_eq!(policy(&kept)["Statement"].as_array().unwrap().len(), 1);
    std::fs::remove_file(kept.place.at("overstay.toml")).unwrap();
    assert_eq!(policy(&kept)["Statement"].as_array().unwrap().len(), 1);
}
