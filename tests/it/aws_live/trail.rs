//! CloudTrail from a trail's bucket, against a bucket of our own: what is read, what digests prove, and what is said when
//! something is missing.
#![expect(clippy::disallowed_methods, reason = "tests read snapshots")]

use std::collections::BTreeMap;

use overstay::model::{Event, EventLog, Fact, GapKind, SourceRecord};
use overstay::snapshot::{Coverage, Snapshot};

use crate::aws::fake::faults::{Effect, Fault, When};
use crate::aws::fake::s3::Bucket;
use crate::aws::fake::world::World;
use crate::aws::fake::{FakeAws, Setup};
use crate::support::Overstay;
use crate::trail::{Files, Trail, disabled, packed, used};

const MANAGEMENT: &str = "100000000000";
/// What `World::tidy` has as the delegated administrator.
const DELEGATED: &str = "100000000002";
const ORGANIZATION: &str = "AWSLogs/o-abcdefghij/";
const READ: &str = "{ s3 = \"s3://org-trail/AWSLogs\", since = 2026-09-01 }";

/// Six hours of the management account: a use in the first, a disabling in the fourth.
fn management() -> Trail {
    Trail::new(ORGANIZATION, MANAGEMENT)
        .hour(&[used("use-1", "u-1", 0)])
        .quiet(2)
        .hour(&[disabled("disabling-1", "u-2", 3)])
        .hour(&[used("use-2", "u-3", 4)])
        .quiet(1)
}

fn delegated() -> Trail {
    Trail::new(ORGANIZATION, DELEGATED).quiet(2).hour(&[disabled("disabling-2", "u-4", 2)]).quiet(3)
}

fn whole() -> Files {
    management().files.into_iter().chain(delegated().files).collect()
}

fn world(files: Files) -> World {
    let mut world = World::tidy();
    world.bucket = Some(Bucket { name: "org-trail".into(), region: "us-east-1".into(), files });
    world
}

/// A collection, and what it has of the trail.
struct Collected {
    snapshot: Snapshot,
    code: i32,
}

impl Collected {
    fn with(server: &FakeAws, cloudtrail: &str) -> Self {
        let (run, overstay) =
            Overstay::against(server).aws("cloudtrail", cloudtrail).run(&["collect", "--out", "today.snapshot"]);
        let bytes =
            std::fs::read(overstay.path("today.snapshot")).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
        Self { snapshot: overstay::snapshot::read(bytes).unwrap(), code: run.code.unwrap() }
    }

    fn of(files: Files) -> Self {
        Self::with(&FakeAws::start(world(files)), READ)
    }

    fn log(&self) -> &EventLog {
        let [log] = self.snapshot.events() else { panic!("{} logs", self.snapshot.events().len()) };
        log
    }

    fn ids(&self) -> Vec<&str> {
        self.log().events.iter().map(|event: &Event| event.id.as_str()).collect()
    }

    /// Hours and minutes of what is covered.
    fn covered(&self) -> Vec<(String, String)> {
        let short = |text: String| text[5..16].to_owned();
        self.log().covered.iter().map(|one| (short(one.from.to_string()), short(one.to.to_string()))).collect()
    }

    fn source(&self) -> &SourceRecord {
        self.snapshot.sources().iter().find(|source| source.source == "aws").unwrap()
    }

    #[track_caller]
    fn noted(&self, words: &str) {
        let notes = &self.source().notes;
        assert!(notes.iter().any(|note| note.contains(words)), "{words:?} is not in {notes:#?}");
    }

    /// The only gap, which has this kind and says these words, wherever.
    #[track_caller]
    fn gap(&self, kind: GapKind, words: &[&str]) {
        assert_eq!(self.code, 3, "{:#?}", self.source());
        let Coverage::Partial(gaps) = self.snapshot.coverage(Fact::CloudTrail) else { panic!("{:#?}", self.source()) };
        let [(_, gap)] = gaps.as_slice() else { panic!("{gaps:#?}") };
        assert_eq!(gap.kind, kind, "{gap:#?}");
        let told = format!("{} {} {}", gap.at, gap.reason, gap.hint);
        for word in words {
            assert!(told.contains(word), "{word:?} is not in {gap:#?}");
        }
        assert_eq!(self.snapshot.coverage(Fact::Assignments), Coverage::Complete, "nothing else is lost by it");
    }
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
}

#[test]
fn a_trail_is_read_where_identity_center_is_and_its_digests_prove_it_whole() {
    let mut files = whole();
    // What is of another account, Region, day or kind is not even read: it would be no gzip.
    for key in [
        format!(
            "{ORGANIZATION}100000000001/CloudTrail/us-east-1/2026/09/01/100000000001_CloudTrail_us-east-1_20260901T0030Z_x.json.gz"
        ),
        format!(
            "{ORGANIZATION}{MANAGEMENT}/CloudTrail/eu-west-1/2026/09/01/100000000000_CloudTrail_eu-west-1_20260901T0030Z_x.json.gz"
        ),
        format!(
            "{ORGANIZATION}{MANAGEMENT}/CloudTrail/us-east-1/2026/08/31/100000000000_CloudTrail_us-east-1_20260831T0030Z_x.json.gz"
        ),
        format!(
            "{ORGANIZATION}{MANAGEMENT}/CloudTrail-Insight/us-east-1/2026/09/01/100000000000_CloudTrail-Insight_us-east-1_20260901T0030Z_x.json.gz"
        ),
        format!("{ORGANIZATION}{MANAGEMENT}/CloudTrail/us-east-1/2026/09/01/"),
        format!("AWSLogs/{MANAGEMENT}/Config/us-east-1/2026/9/1/x.json.gz"),
    ] {
        files.insert(key, b"\x1f\x8bnot packed".to_vec());
    }
    // Pages of three, so that lists have several.
    let setup = Setup { page_limit: Some(3), ..Setup::default() };
    let server = FakeAws::start_with(world(files), setup);
    let collected = Collected::with(&server, READ);
    assert_eq!(collected.code, 0, "{:#?}", collected.source());
    assert_eq!(collected.ids(), ["use-1", "disabling-2", "disabling-1", "use-2"]);
    assert_eq!(collected.covered(), pairs(&[("09-01T00:00", "09-01T05:45")]));
    assert!(
        collected.log().events[0].origin.starts_with("s3://org-trail/AWSLogs/o-abcdefghij/100000000000/CloudTrail/")
    );
    collected
        .noted("of 100000000000, 100000000002 in us-east-1 were read from 2026-09-01 on; those of 1 other account");
    collected.noted("12 digest files of CloudTrail describe 4 of the files");
    collected.noted("signatures were not verified");
    let [file] = collected.source().files.as_slice() else { panic!() };
    assert_eq!((file.path.as_str(), file.rows), ("s3://org-trail/AWSLogs/", 4));
    assert_eq!(server.requests_of("s3:GetObject").len(), 16, "each file once, and no other");
    let operations = &collected.source().operations;
    assert!(operations.iter().any(|one| one.operation == "s3:ListBucket" && one.retries == 0), "{operations:#?}");
}

#[test]
fn the_prefix_may_end_at_any_level() {
    for (prefix, ids, covered) in [
        ("", 4, true),
        ("/AWSLogs/o-abcdefghij", 4, true),
        // The delegated administrator's files are left out by whoever names one account.
        ("/AWSLogs/o-abcdefghij/100000000000", 3, true),
        ("/AWSLogs/o-abcdefghij/100000000000/CloudTrail", 3, false),
        ("/AWSLogs/o-abcdefghij/100000000000/CloudTrail/us-east-1/2026/09", 3, false),
        ("/AWSLogs/o-abcdefghij/100000000000/CloudTrail/us-east-1/2026/09/01", 3, false),
    ] {
        let server = FakeAws::start(world(whole()));
        let collected = Collected::with(&server, &format!("{{ s3 = \"s3://org-trail{prefix}\", since = 2026-09-01 }}"));
        assert_eq!((collected.code, collected.ids().len()), (0, ids), "{prefix}: {:#?}", collected.source());
        assert_eq!(!collected.covered().is_empty(), covered, "{prefix}: {:#?}", collected.source());
    }
}

#[test]
fn a_file_that_a_digest_names_and_nobody_has_is_a_gap_and_a_hole() {
    let mut files = whole();
    let key = management().key(3);
    files.remove(&key).unwrap();
    let collected = Collected::of(files);
    collected.gap(
        GapKind::NotFound,
        &[
            "100000000000_CloudTrail_us-east-1_20260901T0330Z_h3.json.gz",
            "is not there any more",
            "CloudTrail-Digest_us-east-1_org_us-east-1_20260901T040000Z",
        ],
    );
    assert_eq!(collected.covered(), pairs(&[("09-01T00:00", "09-01T02:30"), ("09-01T04:30", "09-01T05:45")]));
}

#[test]
fn a_file_that_was_changed_is_a_gap_and_what_it_says_is_told() {
    let mut files = whole();
    let text = serde_json::json!({ "Records": [disabled("disabling-1", "somebody-else", 3)] }).to_string();
    files.insert(management().key(3), packed(&text));
    let collected = Collected::of(files);
    collected.gap(GapKind::Malformed, &["20260901T0330Z_h3.json.gz", "not what CloudTrail delivered"]);
    assert_eq!(collected.covered().len(), 2);
}

#[test]
fn without_digests_only_the_operators_word_counts() {
    let files: Files =
        management().without_digests().files.into_iter().chain(delegated().without_digests().files).collect();
    let collected = Collected::of(files.clone());
    assert_eq!((collected.code, collected.ids().len(), collected.covered()), (0, 4, vec![]));
    collected.noted("digest files are not there");
    let server = FakeAws::start(world(files));
    let covers = "{ s3 = \"s3://org-trail/AWSLogs\", covers = \"2026-09-01..2026-09-02\" }";
    let collected = Collected::with(&server, covers);
    assert_eq!(collected.covered(), pairs(&[("09-01T00:00", "09-03T00:00")]));
    collected.noted("`covers` states");
}

#[test]
fn a_digest_that_is_missing_cuts_the_proof_and_is_no_gap() {
    let mut files = whole();
    files.remove(&management().digest(2)).unwrap();
    let collected = Collected::of(files);
    assert_eq!(collected.code, 0, "{:#?}", collected.source());
    assert_eq!(collected.covered(), pairs(&[("09-01T00:00", "09-01T01:45"), ("09-01T03:00", "09-01T05:45")]));
}

#[test]
fn a_trail_of_changes_alone_proves_nothing_by_its_silence() {
    let trail = Trail::new(ORGANIZATION, MANAGEMENT).hour(&[disabled("disabling-1", "u-2", 0)]).quiet(5);
    let collected = Collected::of(trail.files.into_iter().chain(delegated().files).collect());
    assert_eq!((collected.code, collected.covered()), (0, vec![]));
    collected.noted("record changes alone");
}

#[test]
fn an_administrator_whose_files_are_elsewhere_leaves_the_proof_open() {
    let collected = Collected::of(management().files);
    assert_eq!((collected.code, collected.ids().len(), collected.covered()), (0, 3, vec![]));
    collected.noted("account 100000000002, a delegated administrator, has no files");
    // Whoever leaves it out knows why.
    let server = FakeAws::start(world(management().files));
    let alone = "{ s3 = \"s3://org-trail/AWSLogs\", since = 2026-09-01, accounts = [\"100000000000\"] }";
    assert_eq!(Collected::with(&server, alone).covered().len(), 1);
}

#[test]
fn administrators_that_are_not_known_leave_the_proof_open() {
    let denied = "organizations:ListDelegatedAdministrators";
    let fault = Fault::new(denied, When::Every, Effect::Refuse("AccessDeniedException"));
    let server = FakeAws::start_with(world(whole()), Setup::fault(fault));
    let collected = Collected::with(&server, READ);
    assert_eq!((collected.ids().len(), collected.covered()), (3, vec![]));
    collected.noted("it is not known who administers Identity Center");
}

#[test]
fn other_accounts_and_regions_can_be_asked_for() {
    let mut files = whole();
    let member = "AWSLogs/100000000001/CloudTrail/eu-west-1/2026/09/01/100000000001_CloudTrail_eu-west-1_20260901T0130Z_x.json.gz";
    let mut session = used("session-1", "u-9", 1);
    session["eventSource"] = "ec2.amazonaws.com".into();
    session["eventName"] = "DescribeInstances".into();
    session["recipientAccountId"] = "100000000001".into();
    session["userIdentity"]["sessionContext"] =
        serde_json::json!({"sessionIssuer": {"userName": "AWSReservedSSO_ReadOnly_0123456789abcdef"}});
    files.insert(member.to_owned(), packed(&serde_json::json!({ "Records": [session] }).to_string()));
    let server = FakeAws::start(world(files));
    let all = "{ s3 = \"s3://org-trail\", since = 2026-09-01, accounts = [\"*\"], regions = [\"*\"] }";
    let collected = Collected::with(&server, all);
    assert_eq!(collected.code, 0, "{:#?}", collected.source());
    assert!(collected.ids().contains(&"session-1") && collected.ids().len() == 5);
    assert_eq!(collected.covered(), pairs(&[("09-01T00:00", "09-01T05:45")]), "its lack of digests is no loss here");
}

#[test]
fn a_bucket_of_another_region_is_followed_once() {
    let mut world = world(whole());
    world.bucket.as_mut().unwrap().region = "eu-central-1".into();
    let server = FakeAws::start(world);
    let collected = Collected::with(&server, READ);
    assert_eq!((collected.code, collected.ids().len()), (0, 4), "{:#?}", collected.source());
    collected.noted("(eu-central-1)");
    let lists = server.requests_of("s3:ListObjectsV2");
    assert_eq!(lists.iter().filter(|request| request.region == "us-east-1").count(), 1);
}

#[test]
fn a_bucket_that_is_not_there_is_named() {
    let server = FakeAws::start(world(whole()));
    let collected = Collected::with(&server, "{ s3 = \"s3://no-such-trail/AWSLogs\" }");
    collected.gap(GapKind::NotFound, &["s3://no-such-trail/AWSLogs/", "no such bucket"]);
    assert_eq!(collected.covered(), vec![]);
}

#[test]
fn an_empty_prefix_says_what_was_looked_for() {
    for (prefix, words) in [
        ("other", vec!["s3://org-trail/other/", "neither AWSLogs nor", "but nothing"]),
        (ORGANIZATION, vec!["CloudTrail/us-east-1 of account 100000000000"]),
        ("AWSLogs/o-abcdefghij/100000000001/Config", vec!["`Config` is no folder of CloudTrail's records"]),
    ] {
        let mut files = delegated().files;
        files.insert("x/AWSLogs/y".to_owned(), Vec::new());
        let server = FakeAws::start(world(files));
        let collected =
            Collected::with(&server, &format!("{{ s3 = \"s3://org-trail/{prefix}\", since = 2026-09-01 }}"));
        collected.gap(GapKind::NotFound, &words);
        assert_eq!(collected.covered(), vec![]);
    }
    // Folders that are there, and nothing new in them.
    let server = FakeAws::start(world(whole()));
    let later = "{ s3 = \"s3://org-trail/AWSLogs\", since = 2026-09-05 }";
    Collected::with(&server, later)
        .gap(GapKind::NotFound, &["100000000000/CloudTrail/us-east-1/", "from 2026-09-05 on"]);
}

fn failing(fault: Fault) -> (FakeAws, Collected) {
    let setup = Setup { faults: vec![fault], page_limit: Some(2), ..Setup::default() };
    let server = FakeAws::start_with(world(whole()), setup);
    let collected = Collected::with(&server, READ);
    (server, collected)
}

#[test]
fn a_denied_bucket_names_all_that_has_to_allow_it() {
    let (server, collected) = failing(Fault::new("s3:ListObjectsV2", When::Every, Effect::Refuse("AccessDenied")));
    let words = ["s3:ListBucket", "s3://org-trail/AWSLogs/", "the bucket's policy", "kms:Decrypt"];
    collected.gap(GapKind::Denied, &words);
    assert_eq!((collected.ids().len(), server.requests_of("s3:GetObject").len()), (0, 0));
}

#[test]
fn denied_files_are_one_gap_and_are_not_asked_for_for_ever() {
    let (server, collected) = failing(Fault::new("s3:GetObject", When::Every, Effect::Refuse("AccessDenied")));
    collected.gap(GapKind::Denied, &["s3:GetObject", "and 15 more", "kms:Decrypt"]);
    assert_eq!(collected.covered(), vec![]);
    assert!(server.requests_of("s3:GetObject").len() <= 16);
}

#[test]
fn a_file_denied_among_others_costs_its_own_time() {
    let fault = Fault::new("s3:GetObject", When::Every, Effect::Refuse("AccessDenied")).containing("20260901T0330Z_h3");
    let (_, collected) = failing(fault);
    collected.gap(GapKind::Denied, &["s3:GetObject", "20260901T0330Z_h3.json.gz"]);
    assert_eq!(collected.ids(), ["use-1", "disabling-2", "use-2"]);
    assert_eq!(collected.covered(), pairs(&[("09-01T00:00", "09-01T02:30"), ("09-01T04:30", "09-01T05:45")]));
}

#[test]
fn a_list_denied_after_some_pages_costs_all_that_follows_and_accuses_nobody() {
    // The second page of the management account's files.
    let page =
        Fault::new("s3:ListObjectsV2", When::Every, Effect::Refuse("AccessDenied")).containing("20260901T0330Z_h3");
    let (_, collected) = failing(page);
    collected.gap(GapKind::Denied, &["s3:ListBucket", "100000000000/CloudTrail/us-east-1/"]);
    assert_eq!(collected.ids(), ["use-1", "disabling-2", "disabling-1"]);
    assert_eq!(collected.covered(), vec![]);
}

#[test]
fn a_list_that_goes_round_is_found_out() {
    let page = Fault::new("s3:ListObjectsV2", When::Every, Effect::RepeatToken).containing("CloudTrail/us-east-1/");
    let (_, collected) = failing(page);
    collected.gap(GapKind::Malformed, &["repeated a page token"]);
}

#[test]
fn digests_that_may_not_be_listed_cost_the_proof_alone() {
    let page =
        Fault::new("s3:ListObjectsV2", When::Every, Effect::Refuse("AccessDenied")).containing("CloudTrail-Digest/");
    let (_, collected) = failing(page);
    assert_eq!((collected.code, collected.ids().len(), collected.covered()), (0, 4, vec![]));
    collected.noted("digest files may not be listed");
}

#[test]
fn a_body_cut_short_is_read_again_and_never_believed() {
    let cut = |when| Fault::new("s3:GetObject", when, Effect::Truncated).containing("20260901T0330Z_h3");
    let (server, collected) = failing(cut(When::Nth(1)));
    assert_eq!((collected.code, collected.ids().len()), (0, 4), "{:#?}", collected.source());
    assert_eq!(server.requests_of("s3:GetObject").len(), 17);
    let (_, collected) = failing(cut(When::Every));
    collected.gap(GapKind::Malformed, &["s3:GetObject", "20260901T0330Z_h3", "cut short"]);
    // A list without a body is no empty list.
    let (_, collected) = failing(Fault::new("s3:ListObjectsV2", When::From(2), Effect::EmptyBody));
    assert_eq!(collected.code, 3);
}

#[test]
fn a_file_that_can_not_be_unpacked_or_understood_is_named() {
    let mut files = management().without_digests().files;
    let key = management().key(3);
    let half = files[&key][..files[&key].len() / 2].to_vec();
    files.insert(key, half);
    let collected = Collected::of(files);
    collected.gap(GapKind::Malformed, &["s3://org-trail/AWSLogs/", "_h3.json.gz", "ends before its end"]);
    let mut newer = used("use-9", "u-1", 3);
    newer["eventVersion"] = "2.0".into();
    let trail = Trail::new(ORGANIZATION, MANAGEMENT).hour(&[newer]).hour(&[used("use-1", "u-1", 1)]);
    Collected::of(trail.files).gap(GapKind::Malformed, &["_h0.json.gz, record 1", "version 2.0"]);
}

#[test]
fn doctor_lists_the_bucket_and_reads_a_file() {
    let told = |setup: Setup, config: &str| -> BTreeMap<String, String> {
        let server = FakeAws::start_with(world(whole()), setup);
        let program = crate::program::Program::against(&server).file("overstay.toml", config);
        let view = program.run(&["doctor", "--format", "json"]).json();
        let periods = view["periods"].to_string();
        assert!(
            periods.contains("the trail in s3://org-trail/AWSLogs/ is read since 2026-09-01T00:00:00Z"),
            "{periods}"
        );
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let checks = view["sources"][0]["checks"].as_array().unwrap().iter();
        checks
            .map(|check| (text(&check["what"]), format!("{} {}", text(&check["outcome"]), text(&check["hint"]))))
            .collect()
    };
    let config = format!("[aws]\nregion = \"us-east-1\"\nrequests_per_second = 1000\ncloudtrail = {READ}\n");
    let fine = told(Setup::default(), &config);
    assert_eq!((fine["s3:ListBucket"].as_str(), fine["s3:GetObject"].as_str()), ("fine ", "fine "), "{fine:#?}");
    let denied = told(Setup::fault(Fault::new("s3:GetObject", When::Every, Effect::Refuse("AccessDenied"))), &config);
    assert!(denied["s3:GetObject"].starts_with("unreadable ") && denied["s3:GetObject"].contains("kms:Decrypt"));
}

#[test]
fn the_policy_names_the_bucket_of_the_config() {
    let program = crate::program::Program::new();
    let policy = program.run(&["doctor", "--policy"]).expect(0).json();
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
    let program = program.file("overstay.toml", &format!("[aws]\ncloudtrail = {READ}\n"));
    let policy = program.run(&["doctor", "--policy"]).expect(0).json();
    assert_eq!(policy["Statement"][1]["Resource"][1], "arn:aws:s3:::org-trail/AWSLogs/*");
}
