//! The program against moto's S3: a server that others wrote, as a witness to the wire formats.

use aws_sdk_s3::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_sdk_s3::types::{
    DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule,
};

use super::Kept;
use super::fake::BUCKET;
use crate::aws::fake::{ACCESS_KEY, SECRET_KEY};
use crate::moto::server::Moto;

fn client(moto: &Moto) -> aws_sdk_s3::Client {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test");
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(moto.url())
        .force_path_style(true)
        .credentials_provider(credentials);
    aws_sdk_s3::Client::from_conf(config.build())
}

/// A bucket, with a default retention if it locks.
fn bucket(moto: &Moto, locks: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let s3 = client(moto);
        s3.create_bucket().bucket(BUCKET).object_lock_enabled_for_bucket(locks).send().await.unwrap();
        if locks {
            let default = DefaultRetention::builder().mode(ObjectLockRetentionMode::Compliance).days(400).build();
            let rule = ObjectLockRule::builder().default_retention(default).build();
            let config =
                ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).rule(rule).build();
            s3.put_object_lock_configuration().bucket(BUCKET).object_lock_configuration(config).send().await.unwrap();
        }
    });
}

fn kept(moto: &Moto) -> Kept {
    let kept = Kept::at(&moto.url());
    kept.run(&["collect"]).with(0);
    kept.run(&["collect", "--out", "mine.zst"]).with(0);
    kept.run(&["store", "add", "mine.zst"]).with(0);
    let list = kept.run(&["store", "list"]).with(0).stdout;
    assert_eq!(list.lines().filter(|line| line.contains("s3://audit-log/overstay/snapshots/2")).count(), 2, "{list}");
    kept
}

const PRUNE: [&str; 7] = ["store", "prune", "--as-of", "2099-01-01T00:00:00Z", "--older-than", "1d", "--yes"];

#[test]
fn a_bucket_keeps_what_it_is_given() {
    let moto = Moto::start();
    bucket(&moto, false);
    let kept = kept(&moto);
    let status = kept.run(&["store", "status"]).with(0).stdout;
    assert!(status.contains("snapshots: 2") && status.contains("not locked"), "{status}");
    kept.run(&PRUNE).with(0).saying(&["Removed 2 snapshots"]);
    assert_eq!(kept.run(&["store", "list"]).with(0).stdout, "");
}

#[test]
fn a_locked_bucket_locks_what_is_put_and_lets_nothing_go() {
    let moto = Moto::start();
    bucket(&moto, true);
    let kept = kept(&moto);
    let status = kept.run(&["store", "status"]).with(0).stdout;
    assert!(status.contains("Object Lock keeps it for 400 days (COMPLIANCE)"), "{status}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let list = kept.run(&["store", "list"]).with(0).stdout;
    for line in list.lines() {
        let key = line.split("s3://audit-log/").nth(1).unwrap();
        let head = runtime.block_on(client(&moto).head_object().bucket(BUCKET).key(key).send()).unwrap();
        assert_eq!(head.object_lock_mode().map(|mode| mode.as_str()), Some("COMPLIANCE"));
    }
    // moto answers the question after an object's retention with the object, and what can't be read is not free.
    kept.run(&PRUNE).with(5).saying(&["cannot see the retention of s3://audit-log/overstay/snapshots/"]);
    assert_eq!(kept.run(&["store", "list"]).with(0).stdout, list);
}

#[test]
fn a_bucket_that_is_not_there_is_named() {
    let moto = Moto::start();
    Kept::at(&moto.url()).run(&["collect"]).with(2).saying(&["there is no bucket audit-log"]);
}
