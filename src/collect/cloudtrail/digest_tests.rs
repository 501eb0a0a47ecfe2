use serde_json::{Value, json};
use sha2::Digest as _;

use super::*;

const RECORDS: &str = "111122223333_CloudTrail_us-east-1";
const DIGESTS: &str = "111122223333_CloudTrail-Digest_us-east-1_the_trail_us-east-1";

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes))
}

fn at(time: &str) -> Instant {
    time.parse().unwrap()
}

/// A name within the first of September: hour and minute of delivery.
fn log(time: &str) -> String {
    format!("{RECORDS}_20260901T{time}Z_x.json.gz")
}

fn digest_name(hour: u32) -> String {
    format!("{DIGESTS}_20260901T{hour:02}0000Z.json.gz")
}

/// The text of the digest that ends at `hour`, after the text of the one before it.
fn text(hour: u32, previous: Option<&str>, files: &[(String, &str)]) -> String {
    let files: Vec<Value> = files
        .iter()
        .map(
            |(name, content)| json!({"s3Object": format!("AWSLogs/x/{name}"), "hashValue": sha256(content.as_bytes())}),
        )
        .collect();
    json!({
        "awsAccountId": "111122223333",
        "digestStartTime": format!("2026-09-01T{:02}:00:00Z", hour - 1),
        "digestEndTime": format!("2026-09-01T{hour:02}:00:00Z"),
        "digestS3Object": format!("AWSLogs/y/{}", digest_name(hour)),
        "previousDigestS3Object": previous.map(|_| format!("AWSLogs/y/{}", digest_name(hour - 1))),
        "previousDigestHashValue": previous.map(|previous| sha256(previous.as_bytes())),
        "logFiles": files,
    })
    .to_string()
}

fn digest(hour: u32, text: &str) -> Digest {
    read(&format!("a/{}", digest_name(hour)), &Content::Bytes(text.as_bytes())).unwrap()
}

/// Four hours in a row, each with a file of the content "c".
fn chain() -> Vec<(u32, String)> {
    let mut texts: Vec<(u32, String)> = Vec::new();
    for hour in 1..=4 {
        let previous = texts.last().map(|(_, text)| text.as_str());
        texts.push((hour, text(hour, previous, &[(log(&format!("{:02}30", hour - 1)), "c")])));
    }
    texts
}

fn digests(texts: &[(u32, String)]) -> Vec<Digest> {
    texts.iter().map(|(hour, text)| digest(*hour, text)).collect()
}

fn contents(hours: &[u32]) -> BTreeMap<String, Option<String>> {
    hours.iter().map(|hour| (log(&format!("{hour:02}30")), Some(sha256(b"c")))).collect()
}

fn day() -> Option<Window> {
    Some(Window { from: at("2026-09-01T00:00:00Z"), to: at("2026-09-02T00:00:00Z") })
}

fn shown(windows: &[Window]) -> Vec<(String, String)> {
    let short = |at: Instant| at.to_string()[11..16].to_owned();
    windows.iter().map(|window| (short(window.from), short(window.to))).collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
}

#[test]
fn an_unbroken_chain_proves_its_stretch_but_for_what_may_come_late() {
    let checked = check(digests(&chain()), &contents(&[0, 1, 2, 3]), day(), false);
    assert_eq!(shown(&checked.proven), pairs(&[("00:00", "03:45")]));
    assert_eq!((checked.gaps, checked.holes, checked.matched), (vec![], vec![], 4));
}

#[test]
fn a_digest_that_is_not_there_breaks_the_chain_and_accuses_nobody() {
    let mut texts = chain();
    texts.remove(1);
    let checked = check(digests(&texts), &contents(&[0, 1, 2, 3]), day(), false);
    assert_eq!(shown(&checked.proven), pairs(&[("00:00", "00:45"), ("02:00", "03:45")]));
    assert_eq!(checked.gaps, vec![]);
}

#[test]
fn a_digest_that_was_changed_breaks_the_chain_and_is_named() {
    let mut texts = chain();
    // Whoever took a file away took its line away too, and could not put the next digest right.
    texts[1].1 = text(2, Some(&texts[0].1), &[]);
    let checked = check(digests(&texts), &contents(&[0, 2, 3]), day(), false);
    assert_eq!(shown(&checked.proven), pairs(&[("00:00", "01:45"), ("02:00", "03:45")]));
    let [gap] = checked.gaps.as_slice() else { panic!("{:?}", checked.gaps) };
    assert!(gap.at.ends_with(&digest_name(2)) && gap.reason.contains("another SHA-256"), "{gap:?}");
    assert_eq!(shown(&checked.holes), pairs(&[("01:00", "02:00")]));
}

#[test]
fn a_file_that_is_gone_or_altered_is_named_and_leaves_a_hole() {
    let mut there = contents(&[0, 2, 3]);
    there.insert(log("0230"), Some(sha256(b"d")));
    let checked = check(digests(&chain()), &there, day(), false);
    let told: Vec<_> = checked.gaps.iter().map(|gap| (gap.at.clone(), gap.kind)).collect();
    assert_eq!(told, [(log("0130"), GapKind::NotFound), (log("0230"), GapKind::Malformed)]);
    assert_eq!(shown(&checked.holes), pairs(&[("00:30", "02:30"), ("01:30", "03:30")]));
    assert_eq!(checked.matched, 2);
}

#[test]
fn what_could_not_be_read_is_not_called_gone() {
    let mut there = contents(&[0, 2, 3]);
    there.insert(log("0130"), None);
    assert_eq!(check(digests(&chain()), &there, day(), false).gaps, vec![]);
}

#[test]
fn files_outside_of_what_was_looked_at_need_not_be_there() {
    let morning = Some(Window { from: at("2026-09-01T02:00:00Z"), to: at("2026-09-02T00:00:00Z") });
    assert_eq!(check(digests(&chain()), &contents(&[2, 3]), morning, false).gaps, vec![]);
    // A copy may have left a Region out, and says nothing where nobody says what it holds.
    assert_eq!(check(digests(&chain()), &contents(&[0]), None, true).gaps, vec![]);
    assert_eq!(check(digests(&chain()), &BTreeMap::new(), day(), true).gaps, vec![]);
    assert_eq!(check(digests(&chain()), &BTreeMap::new(), day(), false).gaps.len(), 1);
}

#[test]
fn a_backfill_names_files_and_continues_nothing() {
    let mut all = digests(&chain());
    let late = text(2, None, &[(log("0140"), "late")]);
    let name = digest_name(2).replace(".json", "_backfill.json");
    all.push(read(&name, &Content::Bytes(late.as_bytes())).unwrap());
    let checked = check(all, &contents(&[0, 1, 2, 3]), day(), false);
    assert_eq!(shown(&checked.proven), pairs(&[("00:00", "03:45")]));
    let [gap] = checked.gaps.as_slice() else { panic!("{:?}", checked.gaps) };
    assert_eq!(gap.at, log("0140"));
}

#[test]
fn two_trails_have_chains_of_their_own() {
    let mut all = digests(&chain());
    for hour in [5, 6] {
        let text = text(hour, None, &[]);
        let name = digest_name(hour).replace("the_trail", "other");
        all.push(read(&name, &Content::Bytes(text.as_bytes())).unwrap());
    }
    let proven = check(all, &contents(&[0, 1, 2, 3]), day(), false).proven;
    assert_eq!(shown(&proven), pairs(&[("00:00", "03:45"), ("04:00", "04:45"), ("05:00", "05:45")]));
}

#[test]
fn a_file_in_the_trails_former_bucket_is_not_called_gone() {
    let text = text(1, None, &[(log("0030"), "c")])
        .replace("\"s3Object\":\"AWSLogs/x", "\"s3Bucket\":\"old\",\"s3Object\":\"AWSLogs/x");
    let checked = check(vec![digest(1, &text)], &BTreeMap::new(), day(), false);
    assert_eq!((checked.gaps.len(), shown(&checked.holes)), (0, pairs(&[("23:30", "01:30")])));
}

#[test]
fn what_is_no_digest_is_refused() {
    for (text, reason) in [
        ("{\"Records\": []}", "it is not a digest file"),
        ("{\"digestStartTime\": \"x\", \"digestEndTime\": \"y\", \"logFiles\": []}", "from when to when"),
        ("{\"digestStartTime\": ", "ends too early"),
        (
            "{\"digestStartTime\": \"2026-09-01T00:00:00Z\", \"digestEndTime\": \"2026-09-01T01:00:00Z\",
              \"logFiles\": [{\"s3Object\": \"a\", \"hashValue\": \"b\", \"hashAlgorithm\": \"SHA-512\"}]}",
            "made with SHA-512",
        ),
    ] {
        let gap = read(&digest_name(1), &Content::Bytes(text.as_bytes())).unwrap_err();
        assert!(gap.reason.contains(reason), "{gap:?}");
    }
}
