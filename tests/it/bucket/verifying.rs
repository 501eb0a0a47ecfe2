//! A pack about a period, held against a store in S3.

use super::Kept;
use super::fake::{Effect, FakeS3, Fault, Setup, When};

const AUDIT: [&str; 7] =
    ["audit", "--snapshot", "demo-a-month-later", "--period", "2026-07-01..2026-10-31", "--out", "pack"];
const VERIFY: [&str; 3] = ["verify", "pack", "--store"];

#[test]
fn the_looks_of_a_pack_are_found_in_a_bucket() {
    let server = FakeS3::start();
    let kept = Kept::with_days(&server);
    kept.run(&AUDIT).with(0);
    let told = kept.run(&VERIFY).with(0).stdout;
    assert!(told.contains("✓ store        2 looks that the pack rests on are there"), "{told}");
    let keys = server.snapshots();
    let [first, second] = &keys[..] else { panic!("{keys:?}") };
    // A look that is another's, and one that is gone.
    server.meddle(first, Some(&server.objects()[second]));
    let told = kept.run(&VERIFY).with(4).stdout;
    assert!(told.contains("is not the snapshot that its name says"), "{told}");
    server.meddle(first, None);
    let told = kept.run(&VERIFY).with(4).stdout;
    assert!(told.contains("of 2026-09-30T17:00:00Z is not in the store"), "{told}");
}

#[test]
fn a_store_that_does_not_answer_says_nothing_about_the_pack() {
    let server = FakeS3::start();
    let kept = Kept::with_days(&server);
    kept.run(&AUDIT).with(0);
    let fault = Fault::new("GetObject", When::Every, Effect::Refuse(403, "AccessDenied")).on("snapshots/2026/09");
    let refusing = FakeS3::start_with(Setup::fault(fault));
    for (key, bytes) in server.objects() {
        refusing.meddle(&key, Some(&bytes));
    }
    let kept = Kept { url: refusing.url(), ..kept };
    let ended = kept.run(&VERIFY).with(5).saying(&["snapshots/2026/09", "S3 denied s3:GetObject"]);
    assert_eq!(ended.stdout, "");
    kept.run(&["verify", "pack", "--store", "--offline"]).with(2).saying(&["--offline forbids the network"]);
    kept.run(&["verify", "pack", "--offline"]).with(0);
}
