use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::*;
use crate::model::Fact;
use crate::model::event::Action;

fn record(id: &str, time: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": time, "eventSource": "sso-directory.amazonaws.com", "eventName": "DisableUser",
        "eventID": id, "requestParameters": {"userId": format!("u-{id}")},
    })
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Files in a new folder.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(path).unwrap().write_all(bytes).unwrap();
    }
    folder
}

fn read_all(files: &[(&str, &[u8])]) -> Told {
    let folder = folder(files);
    let paths = matching(folder.path(), "trail/**/*").unwrap();
    read(folder.path(), "trail/**/*", &paths, None)
}

fn ids(told: &Told) -> Vec<&str> {
    told.events.iter().map(|event| event.id.as_str()).collect()
}

#[test]
fn packed_and_plain_files_at_any_depth_give_each_record_once() {
    let document =
        json!({"Records": [record("2", "2026-08-03T10:00:00Z"), record("1", "2026-08-03T09:00:00Z")]}).to_string();
    let lines = format!("{}\n{}\n", record("1", "2026-08-03T09:00:00Z"), record("3", "2026-08-03T11:00:00Z"));
    let told = read_all(&[("trail/2026/08/a.json.gz", &packed(&document)), ("trail/b.jsonl", lines.as_bytes())]);
    assert_eq!(ids(&told), ["1", "2", "3"]);
    assert!(told.gaps.is_empty() && told.holes.is_empty());
    assert_eq!((told.file.rows, told.file.read_as.as_str()), (4, "CloudTrail records from 2 files"));
    assert!(told.events.iter().all(|event| event.action == Action::UserDisabled));
    assert_eq!(told.events[1].origin, "trail/2026/08/a.json.gz, record 1");
}

#[test]
fn a_truncated_file_keeps_what_it_has_and_leaves_a_hole() {
    let many: Vec<Value> = (0..200).map(|n| record(&format!("{n:04}"), "2026-08-03T09:00:00Z")).collect();
    let whole = packed(&json!({"Records": many}).to_string());
    let name = "trail/111122223333_CloudTrail_us-east-1_20260803T0905Z_AbC.json.gz";
    let told = read_all(&[(name, &whole[..whole.len() / 2])]);
    assert_eq!(told.gaps.len(), 1);
    assert_eq!((told.gaps[0].at.as_str(), told.gaps[0].fact), (name, Fact::CloudTrail));
    assert_eq!(told.gaps[0].reason, "the packed file ends before its end");
    assert_eq!(
        told.holes,
        [Window { from: "2026-08-03T08:05:00Z".parse().unwrap(), to: "2026-08-03T10:05:00Z".parse().unwrap() }]
    );
}

#[test]
fn records_that_can_not_be_read_are_named_once_for_each_reason() {
    let mut newer = record("1", "2026-08-03T09:00:00Z");
    newer["eventVersion"] = json!("2.0");
    let text =
        [newer.to_string(), newer.to_string(), json!(3).to_string(), record("4", "2026-08-03T09:00:00Z").to_string()];
    let told = read_all(&[("trail/a.jsonl", text.join("\n").as_bytes())]);
    assert_eq!(ids(&told), ["4"]);
    let gaps: Vec<_> = told.gaps.iter().map(|gap| (gap.at.as_str(), gap.reason.as_str())).collect();
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(gaps[0].0 == "trail/a.jsonl, record 1 and 1 more records of the file", "{gaps:?}");
    assert!(gaps[1].0 == "trail/a.jsonl, record 3" && gaps[1].1.contains("not one of CloudTrail's"), "{gaps:?}");
    assert_eq!(told.holes.len(), 3);
}

#[test]
fn a_file_of_something_else_may_stand_for_any_time() {
    let told = read_all(&[("trail/notes.txt", b"not a trail")]);
    assert!(told.gaps[0].reason.starts_with("it is not a file of CloudTrail records"), "{:?}", told.gaps);
    assert!(told.holes[0].from < "1970-01-01T00:00:00Z".parse().unwrap());
}

#[test]
fn a_pattern_that_matches_nothing_is_the_users_to_put_right() {
    let folder = tempfile::tempdir().unwrap();
    for pattern in ["trail/*.json", "trail/***"] {
        assert!(matches!(matching(folder.path(), pattern), Err(Error::Input(_))), "{pattern}");
    }
}

/// A digest file that names one file of records by its text.
fn digest_of(log: &str, text: &str) -> String {
    use sha2::Digest as _;
    json!({
        "digestStartTime": "2026-08-03T08:10:00Z", "digestEndTime": "2026-08-03T09:10:00Z",
        "previousDigestS3Object": null, "previousDigestHashValue": null,
        "logFiles": [{
            "s3Object": format!("AWSLogs/111122223333/CloudTrail/us-east-1/2026/08/03/{log}"),
            "hashValue": data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(text.as_bytes())),
        }],
    })
    .to_string()
}

#[test]
fn a_bucket_copied_whole_has_digests_insights_and_other_logs_that_are_no_gaps() {
    let log = "111122223333_CloudTrail_us-east-1_20260803T0905Z_AbC.json.gz";
    let text = json!({"Records": [record("1", "2026-08-03T09:00:00Z")]}).to_string();
    let path = format!("trail/AWSLogs/111122223333/CloudTrail/us-east-1/2026/08/03/{log}");
    let digests =
        "trail/AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/08/03/111122223333_CloudTrail-Digest_us-east-1";
    let digest = format!("{digests}_t_us-east-1_20260803T091000Z.json.gz");
    let insight = "trail/AWSLogs/111122223333/CloudTrail-Insight/us-east-1/x.json.gz";
    let other = "trail/AWSLogs/111122223333/Config/us-east-1/x.json";
    let files = |text: &str| {
        let folder = folder(&[
            (path.as_str(), &packed(text)),
            (
                digest.as_str(),
                &packed(&digest_of(log, &json!({"Records": [record("1", "2026-08-03T09:00:00Z")]}).to_string())),
            ),
            (insight, &packed("{\"Records\": [{}]}")),
            (other, b"{\"fileVersion\": \"1.0\"}"),
        ]);
        let paths = matching(folder.path(), "trail/**/*").unwrap();
        read(folder.path(), "trail/**/*", &paths, None)
    };
    let told = files(&text);
    assert_eq!((told.gaps, told.holes, told.file.rows), (vec![], vec![], 1));
    assert!(
        told.notes[0].starts_with("1 of the files are as 1 digest files of CloudTrail describe them"),
        "{:?}",
        told.notes
    );
    assert!(told.notes[1].starts_with("2 files of insights or of other services"), "{:?}", told.notes);
    let altered = files(&json!({"Records": [record("2", "2026-08-03T09:00:00Z")]}).to_string());
    assert_eq!(altered.gaps.len(), 1, "{:?}", altered.gaps);
    assert_eq!((altered.gaps[0].at.as_str(), altered.holes.len()), (log, 1));
}

/// CloudTrail delivers no empty file: an interrupted copy is one.
#[test]
fn a_file_without_a_record_covers_nothing() {
    for text in ["", r#"{"Records": []}"#, "[]"] {
        let name = "trail/1_CloudTrail_us-east-1_20260803T0905Z_AbC.json";
        let folder = folder(&[(name, text.as_bytes())]);
        let told = read(folder.path(), "trail/*", &matching(folder.path(), "trail/*").unwrap(), None);
        assert_eq!(told.gaps.len(), 1, "{text}");
        assert_eq!((told.gaps[0].at.as_str(), told.gaps[0].reason.as_str()), (name, "the file holds no record"));
        assert_eq!(told.holes.len(), 1, "{text}");
    }
}

/// Tools wrap records in ways of their own; what they wrap is the same.
#[test]
fn records_are_read_out_of_the_envelopes_of_other_tools() {
    let one = record("1", "2026-08-03T09:00:00Z");
    let plain = read_one(&json!({"Records": [one.clone()]}).to_string());
    assert_eq!(plain.events.len(), 1);
    for text in [
        json!([one]).to_string(),
        format!("\u{feff}{one}"),
        json!({"Events": [{"EventId": "1", "CloudTrailEvent": one.to_string()}]}).to_string(),
        json!({"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": one}).to_string(),
        json!({"preview": false, "result": {"_raw": one.to_string()}}).to_string(),
        json!({"logEvents": [{"message": one.to_string()}]}).to_string(),
    ] {
        let told = read_one(&text);
        assert!(told.gaps.is_empty(), "{text}: {:?}", told.gaps);
        assert_eq!(told.events.len(), 1, "{text}");
        assert_eq!((&told.events[0].id, told.events[0].at), (&plain.events[0].id, plain.events[0].at));
    }
    let joined = read_one(&format!(
        "{}{}",
        json!({"Records": [one]}),
        json!({"Records": [record("2", "2026-08-03T10:00:00Z")]})
    ));
    assert_eq!((joined.events.len(), joined.gaps.len()), (2, 0));
}

fn read_one(text: &str) -> Told {
    let folder = folder(&[("trail/1_CloudTrail_us-east-1_20260803T0905Z_AbC.json", text.as_bytes())]);
    read(folder.path(), "trail/*", &matching(folder.path(), "trail/*").unwrap(), None)
}

#[test]
fn digests_without_records_are_the_users_to_put_right() {
    let folder = folder(&[("trail/1_CloudTrail-Digest_us-east-1_t_us-east-1_20260803T091000Z.json.gz", &packed("{}"))]);
    let Err(Error::Input(told)) = matching(folder.path(), "trail/**/*") else { panic!() };
    assert!(told[0].message.contains("no file of CloudTrail records"), "{told:?}");
}
