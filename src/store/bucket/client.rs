//! How S3 is asked: as whom, in which Region, and how often.

use std::error::Error as StdError;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::action::Action;
use super::error::{Asked, elsewhere};
use crate::aws::credentials::{self, Wanted};
use crate::error::Error;
use crate::model::S3Location;
use crate::store::BucketPlace;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For one try: the largest snapshots have tens of megabytes.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(5);
/// Where a bucket is asked for when no Region is set anywhere; S3 then says where it is.
const ANYWHERE: &str = "us-east-1";

/// A place in S3 with the way to ask for it. The SDK's own retries are used: S3 has no small shared budget to keep to.
pub(super) struct S3 {
    pub(super) location: S3Location,
    /// Whether the config says the Region; then S3 isn't followed to another.
    stated: bool,
    sdk: SdkConfig,
    client: Mutex<Client>,
}

impl S3 {
    /// Finds credentials and Region; asks nobody yet, except where they are to be found.
    pub(super) async fn connect(place: &BucketPlace) -> Self {
        let region = place.region.as_deref().or(place.near.as_deref());
        let (profile, role_arn) = (place.profile.as_deref(), place.role_arn.as_deref());
        let mut sdk = credentials::load(Wanted { region, profile, role_arn }).await;
        if sdk.region().is_none() {
            sdk = sdk.into_builder().region(Region::new(ANYWHERE)).build();
        }
        let client = Mutex::new(client(&sdk));
        Self { location: place.location.clone(), stated: place.region.is_some(), sdk, client }
    }

    /// The client for where the bucket is thought to be.
    fn client(&self) -> Client {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks, and if S3 says that the bucket is in another Region, asks there once.
    pub(super) async fn ask<T, E, A>(&self, send: impl Fn(Client) -> A) -> Result<T, SdkError<E, HttpResponse>>
    where
        A: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let asked = self.client();
        let error = match send(asked.clone()).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match elsewhere(&error, region(&asked)) {
            Some(there) if !self.stated => {
                let sdk = self.sdk.clone().into_builder().region(Region::new(there)).build();
                let moved = client(&sdk);
                *self.client.lock().unwrap_or_else(PoisonError::into_inner) = moved.clone();
                send(moved).await
            }
            _ => Err(error),
        }
    }

    /// The error of a call that failed; `path` is what it was about, below the place.
    pub(super) fn error<E>(&self, action: &Action, path: &str, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let client = self.client();
        self.asked(action, path, region(&client)).error(error)
    }

    /// The error of an answer that can't be right.
    pub(super) fn malformed(&self, action: &Action, path: &str, why: &str) -> Error {
        self.asked(action, path, None).malformed(why)
    }

    /// The error of an answer that broke off while it was read.
    pub(super) fn broken(&self, action: &Action, path: &str, error: &(dyn StdError + 'static)) -> Error {
        self.asked(action, path, None).broken(error)
    }

    fn asked<'a>(&'a self, action: &'a Action, path: &'a str, region: Option<&'a str>) -> Asked<'a> {
        Asked { action, location: &self.location, path, region, stated: self.stated }
    }
}

fn region(client: &Client) -> Option<&str> {
    client.config().region().map(AsRef::as_ref)
}

fn client(sdk: &SdkConfig) -> Client {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    Client::from_conf(aws_sdk_s3::config::Builder::from(sdk).timeout_config(timeouts).build())
}
