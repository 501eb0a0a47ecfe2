//! `s3`: one bucket, listed and read, in XML and by path.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Shared;
use super::dispatch::{Denial, Reply};
use super::faults::Effect;
use super::sts;
use crate::web::http::Incoming;

/// A bucket and what is in it.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// Operation and parameters of a request, if it is one of S3's.
pub(super) fn understand(incoming: &Incoming) -> Option<(String, Value)> {
    let target = incoming.line.strip_prefix("GET /")?.split(' ').next()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut parameters = sts::form(query.as_bytes());
    let path = sts::form(format!("path={}", path.replace('+', "%2B")).as_bytes())["path"].as_str()?.to_owned();
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    parameters["bucket"] = bucket.into();
    if parameters["list-type"] == "2" {
        return Some(("s3:ListObjectsV2".to_owned(), parameters));
    }
    parameters["key"] = key.into();
    Some(("s3:GetObject".to_owned(), parameters))
}

/// An error's status and text.
pub(super) fn error(denial: &Denial) -> (u16, String) {
    let status = match denial.code.as_str() {
        "AccessDenied" => 403,
        "NoSuchBucket" | "NoSuchKey" => 404,
        "PermanentRedirect" => 301,
        "SlowDown" => 503,
        _ => 400,
    };
    let (code, message) = (&denial.code, &denial.message);
    (status, format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"))
}

/// The text of a list, or the bytes of a file as Latin-1 would have them.
pub(super) fn handle(
    shared: &Shared,
    name: &str,
    region: &str,
    asked: &Value,
    effects: &[&Effect],
) -> Option<Result<(Reply, Vec<u8>), Denial>> {
    let Some(bucket) = shared.world.bucket.as_ref().filter(|bucket| asked["bucket"] == bucket.name.as_str()) else {
        return Some(Err(Denial::new("NoSuchBucket", "The specified bucket does not exist")));
    };
    if bucket.region != region {
        return Some(Err(Denial::new("PermanentRedirect", "The bucket must be addressed in its own Region.")));
    }
    match name {
        "ListObjectsV2" => Some(Ok(list(shared, bucket, asked, effects))),
        "GetObject" => Some(match bucket.files.get(asked["key"].as_str().unwrap_or_default()) {
            Some(bytes) => Ok((Reply::one(Value::Null), bytes.clone())),
            None => Err(Denial::new("NoSuchKey", "The specified key does not exist.")),
        }),
        _ => None,
    }
}

fn list(shared: &Shared, bucket: &Bucket, asked: &Value, effects: &[&Effect]) -> (Reply, Vec<u8>) {
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    let (prefix, token) = (text("prefix"), text("continuation-token"));
    // The token is the last key given.
    let after = if token.is_empty() { text("start-after") } else { token };
    let most = text("max-keys").parse().unwrap_or(1000).min(shared.page_limit.unwrap_or(1000));
    let folders = text("delimiter") == "/";
    let mut entries = BTreeSet::new();
    for key in bucket.files.keys().filter(|key| key.starts_with(prefix)) {
        let folder = key[prefix.len()..].find('/').filter(|_| folders).map(|at| &key[..=prefix.len() + at]);
        let entry = (folder.unwrap_or(key), folder.is_some());
        if entry.0 > after {
            entries.insert(entry);
        }
    }
    let page: Vec<_> = entries.iter().take(most).collect();
    let mut next = (page.len() < entries.len()).then(|| page.last().map_or("", |(key, _)| key).to_owned());
    if effects.iter().any(|effect| matches!(effect, Effect::RepeatToken)) {
        next = Some(token.to_owned()).filter(|token| !token.is_empty()).or(next);
    }
    let mut body = format!("<?xml version=\"1.0\"?><ListBucketResult><Name>{}</Name>", bucket.name);
    body.push_str(&format!("<KeyCount>{}</KeyCount><IsTruncated>{}</IsTruncated>", page.len(), next.is_some()));
    for (key, is_folder) in &page {
        body.push_str(&match is_folder {
            true => format!("<CommonPrefixes><Prefix>{key}</Prefix></CommonPrefixes>"),
            false => format!("<Contents><Key>{key}</Key><Size>{}</Size></Contents>", bucket.files[*key].len()),
        });
    }
    if let Some(next) = next {
        body.push_str(&format!("<NextContinuationToken>{next}</NextContinuationToken>"));
    }
    body.push_str("</ListBucketResult>");
    (Reply::list(json!(null), page.len()), body.into_bytes())
}
