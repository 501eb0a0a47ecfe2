//! A trail's bucket in moto.
#![expect(clippy::disallowed_methods, reason = "tests read snapshots")]

use aws_sdk_s3::primitives::ByteStream;
use overstay::model::Fact;
use overstay::snapshot::{Coverage, Snapshot};

use super::server::Moto;
use super::{empty, user};
use crate::aws::sdk::Sdk;
use crate::support::Overstay;
use crate::trail::{Trail, disabled, used};

fn collected(overstay: Overstay) -> Snapshot {
    let (run, overstay) = overstay.run(&["collect", "--out", "today.snapshot"]);
    let bytes =
        std::fs::read(overstay.path("today.snapshot")).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    overstay::snapshot::read(bytes).unwrap()
}

#[test]
fn a_trail_put_into_motos_s3_is_read_and_proven() {
    let moto = Moto::start();
    let sdk = Sdk::new(&moto.url(), "us-east-1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // More than a page of digests: S3 lists a thousand at once.
    let trail = |account: &str| {
        Trail::new("team/AWSLogs/", account)
            .hour(&[used("use-1", "u-1", 0)])
            .quiet(400)
            .hour(&[disabled("disabling-1", "u-2", 401)])
            .quiet(20)
    };
    let (world, gone) = runtime.block_on(async {
        let mut world = empty(&sdk).await;
        user(&sdk, &mut world, "ada").await;
        let instances = sdk.sso.list_instances().send().await.unwrap();
        let owner = instances.instances()[0].owner_account_id().unwrap().to_owned();
        sdk.s3.create_bucket().bucket("org-trail").send().await.unwrap();
        for (key, bytes) in trail(&owner).files {
            let put = sdk.s3.put_object().bucket("org-trail").key(key).body(ByteStream::from(bytes));
            put.content_type("application/x-gzip").send().await.unwrap();
        }
        (world, trail(&owner).key(401))
    });
    let run = || {
        let overstay = Overstay::at(&moto.url(), &world).aws("enumeration", "\"exhaustive\"");
        collected(overstay.aws("cloudtrail", "{ s3 = \"s3://org-trail/team\", since = 2026-09-01 }"))
    };
    let snapshot = run();
    assert_eq!(snapshot.coverage(Fact::CloudTrail), Coverage::Complete, "{:#?}", snapshot.sources());
    let [log] = snapshot.events() else { panic!() };
    let ids: Vec<&str> = log.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["use-1", "disabling-1"]);
    let [covered] = log.covered.as_slice() else { panic!("{:?}", log.covered) };
    assert_eq!(covered.from.to_string(), "2026-09-01T00:00:00Z");
    assert_eq!(covered.to.to_string(), "2026-09-18T13:45:00Z", "422 hours less a quarter");
    // Whoever deletes a file is found out by the digest that names it.
    runtime.block_on(async { sdk.s3.delete_object().bucket("org-trail").key(&gone).send().await.unwrap() });
    let robbed = run();
    let Coverage::Partial(gaps) = robbed.coverage(Fact::CloudTrail) else { panic!() };
    assert!(gaps.len() == 1 && gone.ends_with(&gaps[0].1.at), "{gaps:?}");
}

#[test]
fn a_bucket_that_moto_does_not_have_is_named() {
    let moto = Moto::start();
    let sdk = Sdk::new(&moto.url(), "us-east-1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(empty(&sdk));
    let overstay = Overstay::at(&moto.url(), &world).aws("enumeration", "\"exhaustive\"");
    let snapshot = collected(overstay.aws("cloudtrail", "{ s3 = \"s3://no-such-trail\" }"));
    let Coverage::Partial(gaps) = snapshot.coverage(Fact::CloudTrail) else { panic!() };
    assert!(gaps[0].1.reason.contains("no such bucket"), "{gaps:?}");
}
