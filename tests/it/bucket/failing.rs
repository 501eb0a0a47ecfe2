//! What S3 refuses, loses or says twice.

use std::fs;

use super::Kept;
use super::fake::{Effect, FakeS3, Fault, Setup, When};

const PERIOD: [&str; 4] = ["--period", "2026-07-01..2026-10-31", "--snapshot", "later.zst"];

fn refused(operation: &'static str, code: &'static str) -> FakeS3 {
    FakeS3::start_with(Setup::fault(Fault::new(operation, When::Every, Effect::Refuse(403, code))))
}

/// The months's pack that rests on the store, and what came of it.
fn audit(kept: &Kept) -> crate::place::Ended {
    fs::copy(kept.place.at("demo-a-month-later/data/snapshot.json.zst"), kept.place.at("later.zst")).unwrap();
    let arguments: Vec<&str> = ["audit", "--out", "pack"].into_iter().chain(PERIOD).collect();
    kept.run(&arguments)
}

#[test]
fn what_may_not_be_written_is_5_before_anything_is_collected() {
    for (code, words) in [
        ("AccessDenied", "S3 denied s3:PutObject"),
        ("ExpiredToken", "the AWS credentials expired"),
        ("InvalidAccessKeyId", "AWS does not accept the credentials (InvalidAccessKeyId)"),
    ] {
        let server = refused("PutObject", code);
        let kept = Kept::in_bucket(&server);
        // Were it read, it would be an error of its own.
        fs::remove_file(kept.place.at("users.csv")).unwrap();
        for command in ["collect", "audit", "check"] {
            let ended =
                kept.run(&[command]).with(5).saying(&["cannot write s3://audit-log/overstay/store.json", words]);
            assert_eq!(ended.stdout, "");
        }
    }
    let server = refused("PutObject", "AccessDenied");
    Kept::in_bucket(&server)
        .run(&["collect"])
        .with(5)
        .saying(&["allow s3:PutObject on arn:aws:s3:::audit-log/overstay/store.json", "overstay doctor --policy"]);
}

#[test]
fn a_store_that_is_there_already_and_may_only_be_read_is_refused_as_early() {
    let fault = Fault::new("PutObject", When::After(5), Effect::Refuse(403, "AccessDenied"));
    let server = FakeS3::start_with(Setup::fault(fault));
    let kept = Kept::with_days(&server);
    kept.run(&["store", "list"]).with(0);
    kept.store("");
    fs::remove_file(kept.place.at("users.csv")).ok();
    kept.run(&["collect"]).with(5).saying(&["S3 denied s3:PutObject"]);
}

#[test]
fn reading_and_listing_name_their_own_permissions() {
    let server = refused("GetObject", "AccessDenied");
    // What is not there is denied too, to whoever may not list the whole bucket.
    Kept::in_bucket(&server).run(&["store", "list"]).with(2).saying(&["there is no store at"]);
    server.meddle("overstay/store.json", Some(b"{}"));
    Kept::in_bucket(&server)
        .run(&["store", "list"])
        .with(5)
        .saying(&["cannot read s3://audit-log/overstay/store.json: S3 denied s3:GetObject"]);
    let denied = |operation| Fault::new(operation, When::Every, Effect::Refuse(403, "AccessDenied"));
    let faults = vec![denied("GetObject"), denied("ListObjectsV2")];
    let server = FakeS3::start_with(Setup { faults, ..Setup::default() });
    Kept::in_bucket(&server).run(&["store", "list"]).with(5).saying(&["as long as s3:ListBucket is not allowed"]);
    let server = refused("ListObjectsV2", "AccessDenied");
    let kept = Kept::with_days(&server);
    kept.run(&["store", "list"]).with(5).saying(&[
        "cannot list s3://audit-log/overstay/snapshots: S3 denied s3:ListBucket",
        "allow s3:ListBucket on arn:aws:s3:::audit-log to",
    ]);
    let doctor = kept.run(&["doctor"]);
    assert!(doctor.stdout.contains("the store can't be read: cannot list"), "{}", doctor.stdout);
}

#[test]
fn a_bucket_that_is_not_there_is_the_configs_fault() {
    let fault = Fault::new("GetObject", When::Every, Effect::Refuse(404, "NoSuchBucket"));
    let server = FakeS3::start_with(Setup::fault(fault));
    Kept::in_bucket(&server).run(&["store", "list"]).with(2).saying(&["there is no bucket audit-log"]);
}

#[test]
fn without_credentials_or_network_it_says_so() {
    let server = FakeS3::start();
    let mut kept = Kept::in_bucket(&server);
    kept.credentials = false;
    kept.run(&["collect"]).with(5).saying(&["no usable AWS credentials", "under [store]"]);
    assert_eq!(server.count("PutObject"), 0);
    kept.credentials = true;
    kept.url = {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        format!("http://127.0.0.1:{port}")
    };
    kept.run(&["store", "list"]).with(5).saying(&["S3 could not be reached", "check the network"]);
}

#[test]
fn a_bucket_in_another_region_is_followed_there_once() {
    let server = FakeS3::start_with(Setup { region: "eu-central-1", ..Setup::default() });
    let kept = Kept::in_bucket(&server);
    kept.run(&["collect"]).with(0);
    assert_eq!(server.snapshots().len(), 1);
    kept.store("region = \"eu-central-1\"\n");
    kept.run(&["store", "list"]).with(0);
    // What the config says is not overruled.
    kept.store("region = \"eu-west-1\"\n");
    kept.run(&["store", "list"]).with(2).saying(&[
        "the bucket audit-log is in eu-central-1, and [store] says eu-west-1",
        "write region = \"eu-central-1\" under [store]",
    ]);
    let round = Fault::new("GetObject", When::Every, Effect::Elsewhere("ap-south-1"));
    let server = FakeS3::start_with(Setup { region: "eu-central-1", faults: vec![round], ..Setup::default() });
    Kept::in_bucket(&server).run(&["store", "list"]).with(2).saying(&["ap-south-1, and then elsewhere"]);
}

#[test]
fn writers_that_meet_in_s3_write_again() {
    let fault = Fault::new("PutObject", When::First(2), Effect::Refuse(409, "ConditionalRequestConflict"));
    let server = FakeS3::start_with(Setup::fault(fault));
    Kept::in_bucket(&server).run(&["collect"]).with(0);
    assert_eq!((server.snapshots().len(), server.count("PutObject")), (1, 4));
    // The other one was first: then it is there.
    let fault =
        Fault::new("PutObject", When::First(1), Effect::Done(409, "ConditionalRequestConflict")).on("snapshots/");
    let server = FakeS3::start_with(Setup::fault(fault));
    Kept::in_bucket(&server).run(&["collect"]).with(0);
    assert_eq!((server.snapshots().len(), server.versions()), (1, 2));
}

#[test]
fn an_answer_that_was_lost_is_no_second_object() {
    let fault = Fault::new("PutObject", When::First(1), Effect::Done(500, "InternalError")).on("snapshots/");
    let server = FakeS3::start_with(Setup::fault(fault));
    Kept::in_bucket(&server).run(&["collect"]).with(0);
    assert_eq!((server.snapshots().len(), server.versions()), (1, 2));
}

#[test]
fn what_broke_off_is_read_again() {
    for effect in [Effect::Truncated, Effect::Corrupt] {
        let fault = Fault::new("GetObject", When::First(1), effect).on("snapshots/");
        let server = FakeS3::start_with(Setup::fault(fault));
        let kept = Kept::with_days(&server);
        audit(&kept).with(0).saying(&["2 looks"]);
        let fault = Fault::new("GetObject", When::Every, effect).on("snapshots/");
        let server = FakeS3::start_with(Setup::fault(fault));
        let kept = Kept::with_days(&server);
        audit(&kept).with(5).saying(&["cannot read s3://audit-log/overstay/snapshots/2026/09/"]);
        assert!(!kept.place.at("pack").exists());
    }
}

#[test]
fn a_read_that_is_denied_halfway_makes_no_pack() {
    let fault = Fault::new("GetObject", When::Every, Effect::Refuse(403, "AccessDenied")).on("snapshots/2026/09");
    let server = FakeS3::start_with(Setup::fault(fault));
    let kept = Kept::with_days(&server);
    audit(&kept).with(5).saying(&["snapshots/2026/09", "S3 denied s3:GetObject"]);
    assert!(!kept.place.at("pack").exists(), "half the looks are no evidence");
}

#[test]
fn a_list_that_goes_round_or_ends_early_is_an_error() {
    for (effect, words) in
        [(Effect::SameToken, "the list goes round"), (Effect::NoToken, "the list ends before it is whole")]
    {
        let server = FakeS3::start_with(Setup::fault(Fault::new("ListObjectsV2", When::Every, effect)));
        let kept = Kept::with_days(&server);
        kept.run(&["store", "list"]).with(5).saying(&[words]);
        audit(&kept).with(5).saying(&[words]);
        assert!(server.count("ListObjectsV2") < 6);
    }
}

#[test]
fn a_snapshot_that_could_not_be_stored_is_not_lost() {
    let fault = Fault::new("PutObject", When::Every, Effect::Refuse(403, "AccessDenied")).on("snapshots/");
    let server = FakeS3::start_with(Setup::fault(fault));
    let kept = Kept::in_bucket(&server);
    kept.run(&["collect"]).with(5).saying(&["could not be stored", "overstay store add", "S3 denied s3:PutObject"]);
    let names = fs::read_dir(kept.place.path()).unwrap().map(|found| found.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.ends_with(".snapshot.json.zst")).count(), 1);
}
