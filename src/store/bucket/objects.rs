//! Objects added, read and listed.

use std::time::Duration;

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::ChecksumAlgorithm;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::action::{GET, LIST, PUT};
use super::client::S3;
use super::error::{code, is_denied};
use crate::error::Error;

/// How often an answer is read again that broke off, and an object put again that another writer was putting.
const TRIES: u32 = 5;
/// How long the first wait is before that; each next one is twice as long.
const WAIT: Duration = Duration::from_millis(100);

impl S3 {
    /// Adds an object; false when there is one of that key (412 `PreconditionFailed`).
    ///
    /// S3 answers 409 `ConditionalRequestConflict` when two put one key at the same time, and wants it put again (Amazon S3 user
    /// guide, "Conditional requests"). Buckets with Object Lock ask for a checksum and for its name
    /// (Amazon S3 API reference, PutObject).
    pub(super) async fn put_new(&self, key: &str, bytes: Vec<u8>) -> Result<bool, Error> {
        let checksum = BASE64.encode(&Sha256::digest(&bytes));
        let body = SdkBody::from(bytes);
        let mut tries = 1;
        loop {
            let put = self.ask(|s3| {
                s3.put_object()
                    .bucket(self.location.bucket())
                    .key(self.location.key(key))
                    .if_none_match("*")
                    .checksum_algorithm(ChecksumAlgorithm::Sha256)
                    .checksum_sha256(&checksum)
                    // Bytes in memory can be sent as often as need be.
                    .body(ByteStream::new(body.try_clone().unwrap_or_else(SdkBody::taken)))
                    .send()
            });
            let Err(error) = put.await else { return Ok(true) };
            let status = error.raw_response().map(|answer| answer.status().as_u16());
            match (status, code(&error)) {
                (Some(412), _) => return Ok(false),
                (Some(409), "ConditionalRequestConflict" | "OperationAborted") if tries < TRIES => wait(tries).await,
                _ => return Err(self.error(&PUT, key, &error)),
            }
            tries += 1;
        }
    }

    /// Reads an object; none when it is not there.
    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut tries = 1;
        loop {
            let got = self.ask(|s3| s3.get_object().bucket(self.location.bucket()).key(self.location.key(key)).send());
            let answer = match got.await {
                Ok(answer) => answer,
                Err(error) if code(&error) == "NoSuchKey" => return Ok(None),
                Err(error) if is_denied(&error) && self.is_absent(key).await => return Ok(None),
                Err(error) => return Err(self.error(&GET, key, &error)),
            };
            match answer.body.collect().await {
                Ok(bytes) => return Ok(Some(bytes.into_bytes().into())),
                Err(error) if tries == TRIES => return Err(self.broken(&GET, key, &error)),
                Err(_) => wait(tries).await,
            }
            tries += 1;
        }
    }

    /// Whether a list shows that there is no object of that key.
    ///
    /// S3 says 403 instead of 404 to whoever may not list the whole bucket (Amazon S3 API reference, GetObject), and nobody needs
    /// to be allowed more than to list what begins as the store's keys do.
    async fn is_absent(&self, key: &str) -> bool {
        self.list(key).await.is_ok_and(|keys| keys.iter().all(|listed| listed != key))
    }

    /// The keys below the place that begin with `prefix`. A list that goes round, ends in the middle or does not say whether it
    /// ends is an error, since what is not listed would not be looked at.
    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let wrong = |why: &str| self.malformed(&LIST, prefix, why);
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let listed = self.ask(|s3| {
                s3.list_objects_v2()
                    .bucket(self.location.bucket())
                    .prefix(self.location.key(prefix))
                    .set_continuation_token(token.clone())
                    .send()
            });
            let page = listed.await.map_err(|error| self.error(&LIST, prefix, &error))?;
            let told = page.key_count().and_then(|count| usize::try_from(count).ok());
            if told.is_some_and(|told| told != page.contents().len()) {
                return Err(wrong("a page of the list has not as many keys as it says"));
            }
            for object in page.contents() {
                let key = object.key().and_then(|key| key.strip_prefix(self.location.prefix()));
                keys.push(key.ok_or_else(|| wrong("the list has keys that were not asked for"))?.to_owned());
            }
            match (page.is_truncated(), page.next_continuation_token) {
                (Some(false), _) => return Ok(keys),
                (Some(true), Some(next)) if !next.is_empty() && token.as_ref() != Some(&next) => token = Some(next),
                (Some(true), Some(_)) => return Err(wrong("the list goes round")),
                (Some(true), None) => return Err(wrong("the list ends before it is whole")),
                (None, _) => return Err(wrong("the list does not say whether it is whole")),
            }
        }
    }
}

async fn wait(tries: u32) {
    tokio::time::sleep(WAIT * 2u32.pow(tries.saturating_sub(1))).await;
}
