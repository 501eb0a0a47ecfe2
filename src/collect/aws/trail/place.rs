//! A bucket as it is read: folders, files, and what is in a file, all of it or an error.

use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::list_objects_v2::{ListObjectsV2Error, ListObjectsV2Output};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::super::operation::{GET_OBJECT, LIST_OBJECTS};
use super::super::session::Client;
use crate::collect::calls::{CallError, Pager, RawPage, list};
use crate::model::S3Location;

/// A bucket, asked in its own Region.
pub(super) struct Place {
    s3: aws_sdk_s3::Client,
    at: S3Location,
    region: String,
}

/// A file of it.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) key: String,
    /// Its size in bytes, where that is told.
    pub(super) size: Option<u64>,
}

/// What is in a file.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// The signature of a digest file (`x-amz-meta-signature`), in hex.
    pub(super) signature: Option<String>,
}

/// What to list.
#[derive(Debug, Clone, Copy)]
struct Listing<'a> {
    prefix: &'a str,
    /// Only what stands behind this key.
    after: Option<&'a str>,
    /// Folders, and not what is in them.
    folders: bool,
    most: Option<i32>,
}

impl Place {
    /// Asks for the first files, and asks again in the Region that S3 sends to.
    ///
    /// # Errors
    /// When the bucket is not there or can't be listed.
    pub(super) async fn open(client: &Client, at: &S3Location) -> Result<(Self, Vec<Object>), CallError> {
        const FIRST: i32 = 50;
        let first = Listing { prefix: at.prefix(), after: None, folders: false, most: Some(FIRST) };
        let region = client.region().to_owned();
        let mut place = Self { s3: client.s3(&region), at: at.clone(), region };
        let elsewhere = Mutex::new(None);
        client.calls.progress().plan(1);
        let mut answer = place.page(client, first, None, &elsewhere).await;
        let told = elsewhere.lock().unwrap_or_else(PoisonError::into_inner).take();
        if answer.is_err()
            && let Some(region) = told.filter(|region| *region != place.region)
        {
            place = Self { s3: client.s3(&region), at: at.clone(), region };
            answer = place.page(client, first, None, &elsewhere).await;
        }
        answer.map(|page| (place, page.items.into_iter().filter_map(Found::object).collect()))
    }

    /// The bucket's Region.
    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// Where a key is, for people.
    pub(super) fn shown(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.at.bucket())
    }

    /// The names of the folders in a folder, sorted.
    ///
    /// # Errors
    /// When they can't be listed to their end.
    pub(super) async fn folders(&self, client: &Client, prefix: &str) -> Result<Vec<String>, CallError> {
        let listing = Listing { prefix, after: None, folders: true, most: None };
        let unheard = Mutex::new(None);
        client.calls.progress().plan(1);
        let mut names = Vec::new();
        let each = |found: Vec<Found>| names.extend(found.into_iter().filter_map(|one| one.folder(prefix)));
        list(&LIST_OBJECTS, |token| self.page(client, listing, token, &unheard), each).await?;
        names.sort();
        Ok(names)
    }

    /// One page of the files below a folder that stand behind `after`, in the order of their keys.
    pub(super) async fn files(
        &self,
        client: &Client,
        prefix: &str,
        after: &str,
        pager: &Pager,
    ) -> Result<RawPage<Object>, CallError> {
        let listing = Listing { prefix, after: Some(after), folders: false, most: None };
        let page = self.page(client, listing, pager.token(), &Mutex::new(None)).await?;
        Ok(RawPage { items: page.items.into_iter().filter_map(Found::object).collect(), next: page.next })
    }

    async fn page(
        &self,
        client: &Client,
        listing: Listing<'_>,
        token: Option<String>,
        elsewhere: &Mutex<Option<String>>,
    ) -> Result<RawPage<Found>, CallError> {
        let send = || async {
            let request = self.s3.list_objects_v2().bucket(self.at.bucket()).prefix(listing.prefix);
            let request = request.set_delimiter(listing.folders.then(|| "/".to_owned()));
            // A page that follows another is told by its token alone.
            let after = listing.after.filter(|_| token.is_none()).map(ToOwned::to_owned);
            let request = request.set_start_after(after).set_max_keys(listing.most);
            let answer = request.set_continuation_token(token.clone()).send().await;
            if let Err(error) = &answer {
                *elsewhere.lock().unwrap_or_else(PoisonError::into_inner) = region_told(error);
            }
            answer
        };
        let mut odd = None;
        let read = |answer: ListObjectsV2Output| {
            odd = match (answer.is_truncated, &answer.next_continuation_token) {
                // The SDK takes an empty body for an empty list; S3 always says whether there is more.
                (None, _) => Some("the answer was cut short, empty or not what it should be"),
                (Some(true), None) => Some("the list goes on, and the service does not say where"),
                _ => None,
            };
            let more = answer.is_truncated == Some(true);
            let next = answer.next_continuation_token.filter(|_| more && listing.most.is_none());
            let files = answer.contents.unwrap_or_default().into_iter().filter_map(|object| {
                let size = object.size.and_then(|size| u64::try_from(size).ok());
                Some(Found::Object(Object { key: object.key?, size }))
            });
            let folders = answer.common_prefixes.unwrap_or_default();
            let folders = folders.into_iter().filter_map(|folder| Some(Found::Folder(folder.prefix?)));
            (files.chain(folders).collect(), next)
        };
        let page = client.calls.page(&LIST_OBJECTS, send, read).await?;
        match odd {
            Some(reason) => Err(CallError::malformed(&LIST_OBJECTS, reason)),
            None => Ok(page),
        }
    }

    /// What is in a file.
    ///
    /// # Errors
    /// When it can't be had whole: fewer bytes than announced, or others than its checksum says.
    pub(super) async fn content(&self, client: &Client, key: &str) -> Result<Body, CallError> {
        let send = || async {
            let answer = self.s3.get_object().bucket(self.at.bucket()).key(key).send().await?;
            let signature = answer.metadata().and_then(|words| words.get("signature")).cloned();
            let announced = answer.content_length.and_then(|length| usize::try_from(length).ok());
            let bytes = answer.body.collect().await.map_err(|error| not_whole(error.to_string()))?.to_vec();
            if announced.is_some_and(|announced| announced != bytes.len()) {
                return Err(not_whole("another length than announced".to_owned()));
            }
            Ok(Body { bytes, signature })
        };
        client.calls.call(&GET_OBJECT, send).await
    }
}

/// What a listing has.
enum Found {
    Object(Object),
    /// With its whole path, and `/` at its end.
    Folder(String),
}

impl Found {
    /// The file; consoles make empty ones that stand for folders, and those are none.
    fn object(self) -> Option<Object> {
        match self {
            Self::Object(object) if !object.key.ends_with('/') => Some(object),
            _ => None,
        }
    }

    /// The folder's own name.
    fn folder(self, within: &str) -> Option<String> {
        match self {
            Self::Folder(path) => {
                path.strip_prefix(within)?.strip_suffix('/').filter(|name| !name.is_empty()).map(ToOwned::to_owned)
            }
            Self::Object(_) => None,
        }
    }
}

/// A success whose body is not whole.
fn not_whole(why: String) -> SdkError<GetObjectError, HttpResponse> {
    match StatusCode::try_from(200) {
        Ok(status) => SdkError::response_error(why, HttpResponse::new(status, SdkBody::empty())),
        Err(error) => SdkError::construction_failure(error),
    }
}

/// The Region that S3 names when a bucket is asked for in another (`x-amz-bucket-region`; Amazon S3 API reference, "HeadBucket").
fn region_told(error: &SdkError<ListObjectsV2Error, HttpResponse>) -> Option<String> {
    let raw = error.raw_response()?;
    matches!(raw.status().as_u16(), 301 | 307 | 400)
        .then(|| raw.headers().get("x-amz-bucket-region"))
        .flatten()
        .map(ToOwned::to_owned)
}
