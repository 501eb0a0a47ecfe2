//! A trail's bucket as CloudTrail fills it: files of records and, an hour apart, the digest files that name them.

use std::collections::BTreeMap;
use std::io::Write as _;

use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Files by their keys, packed.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The trail of one account in us-east-1, from the first of September 2026 on.
pub(crate) struct Trail {
    folder: String,
    account: String,
    pub(crate) files: Files,
    /// The digest before: its key and the text of it.
    previous: Option<(String, String)>,
    hour: u32,
}

impl Trail {
    /// In the folder `root`, which ends with `/`.
    pub(crate) fn new(root: &str, account: &str) -> Self {
        let folder = format!("{root}{account}/");
        Self { folder, account: account.to_owned(), files: Files::new(), previous: None, hour: 0 }
    }

    /// The key of the file delivered in the middle of an hour.
    pub(crate) fn key(&self, hour: u32) -> String {
        let (day, account) = (hour / 24 + 1, &self.account);
        let name = format!("{account}_CloudTrail_us-east-1_202609{day:02}T{:02}30Z_h{hour}.json.gz", hour % 24);
        format!("{}CloudTrail/us-east-1/2026/09/{day:02}/{name}", self.folder)
    }

    /// The key of the digest of an hour.
    pub(crate) fn digest(&self, hour: u32) -> String {
        let end = hour + 1;
        let (day, account) = (end / 24 + 1, &self.account);
        let series = format!("{account}_CloudTrail-Digest_us-east-1_org_us-east-1");
        let name = format!("{series}_202609{day:02}T{:02}0000Z.json.gz", end % 24);
        format!("{}CloudTrail-Digest/us-east-1/2026/09/{day:02}/{name}", self.folder)
    }

    /// The next hour: a file where there are records, and a digest.
    pub(crate) fn hour(mut self, records: &[Value]) -> Self {
        let mut named = Vec::new();
        if !records.is_empty() {
            let (key, text) = (self.key(self.hour), json!({ "Records": records }).to_string());
            named.push(json!({"s3Bucket": "org-trail", "s3Object": key, "hashValue": digest_of(&text), "hashAlgorithm": "SHA-256"}));
            self.files.insert(key, packed(&text));
        }
        let time = |hour: u32| format!("2026-09-{:02}T{:02}:00:00Z", hour / 24 + 1, hour % 24);
        let key = self.digest(self.hour);
        let text = json!({
            "awsAccountId": self.account, "digestStartTime": time(self.hour), "digestEndTime": time(self.hour + 1),
            "digestS3Bucket": "org-trail", "digestS3Object": key,
            "previousDigestS3Object": self.previous.as_ref().map(|(key, _)| key),
            "previousDigestHashValue": self.previous.as_ref().map(|(_, text)| digest_of(text)),
            "logFiles": named,
        })
        .to_string();
        self.files.insert(key.clone(), packed(&text));
        self.previous = Some((key, text));
        self.hour += 1;
        self
    }

    /// Hours without a record.
    pub(crate) fn quiet(mut self, hours: u32) -> Self {
        for _ in 0..hours {
            self = self.hour(&[]);
        }
        self
    }

    /// Without the digests.
    pub(crate) fn without_digests(mut self) -> Self {
        self.files.retain(|key, _| !key.contains("CloudTrail-Digest"));
        self
    }
}

fn digest_of(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// A text as CloudTrail packs it.
pub(crate) fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The record of a use of `ReadOnly` by a user, at a minute of an hour of the first of September.
pub(crate) fn used(id: &str, user: &str, hour: u32) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": id, "eventName": "GetRoleCredentials", "readOnly": true, "managementEvent": true,
        "eventTime": format!("2026-09-{:02}T{:02}:20:00Z", hour / 24 + 1, hour % 24), "eventSource": "sso.amazonaws.com",
        "userIdentity": {"type": "IdentityCenterUser", "onBehalfOf": {"userId": user}},
        "serviceEventDetails": {"account_id": "100000000002", "role_name": "ReadOnly"},
    })
}

/// The record of a user's disabling.
pub(crate) fn disabled(id: &str, user: &str, hour: u32) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": id, "eventName": "DisableUser", "readOnly": false, "managementEvent": true,
        "eventTime": format!("2026-09-{:02}T{:02}:20:00Z", hour / 24 + 1, hour % 24),
        "eventSource": "sso-directory.amazonaws.com", "requestParameters": {"userId": user},
        "userIdentity": {"type": "Root", "arn": "arn:aws:iam::100000000000:root"},
    })
}
