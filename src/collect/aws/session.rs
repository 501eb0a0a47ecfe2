//! The clients of the services read, with credentials and Region as any AWS tool finds them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;
use serde::de::IgnoredAny;

use super::call::Calls;
use super::operation::{GET_CALLER_IDENTITY, Operation};
use crate::aws::credentials::{self, Wanted};
use crate::collect::calls::CallError;
use crate::collect::calls::{RetryPolicy, Team};
use crate::collect::{Clock, CollectCx, Progress};
use crate::config::AwsConfig;
use crate::error::Error;
use crate::model::Instant;

/// The clients of the services read, and the way to call them.
pub(super) struct Client {
    pub(super) calls: Calls,
    pub(super) sso: aws_sdk_ssoadmin::Client,
    pub(super) store: aws_sdk_identitystore::Client,
    pub(super) organizations: aws_sdk_organizations::Client,
    pub(super) cloudtrail: aws_sdk_cloudtrail::Client,
    sts: aws_sdk_sts::Client,
    config: SdkConfig,
    /// What the first answer told of AWS's clock.
    pub(super) aws_clock: AwsClock,
}

impl Team for Client {
    fn at_once(&self) -> usize {
        self.calls.at_once()
    }

    fn progress(&self) -> &Progress {
        self.calls.progress()
    }
}

/// Who is asking.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) account: String,
    pub(super) arn: String,
}

impl Client {
    /// Finds credentials and Region; asks nobody yet, except where they are to be found.
    ///
    /// # Errors
    /// When no Region is set anywhere.
    pub(super) async fn connect(config: &AwsConfig, policy: RetryPolicy, cx: &CollectCx) -> Result<Self, Error> {
        let sdk = credentials::load(Wanted {
            region: config.region.as_deref(),
            profile: config.profile.as_deref(),
            role_arn: config.role_arn.as_deref(),
        })
        .await;
        if sdk.region().is_none() {
            return Err(Error::Usage {
                message: "no AWS Region is set".to_owned(),
                hint: "set aws.region in the config, or AWS_REGION, to the Region of your Identity Center instance"
                    .to_owned(),
            });
        }
        let calls = Calls::new(config.requests_per_second, policy, cx);
        Ok(Self::with(calls, sdk, AwsClock::new(cx.clock.clone())))
    }

    /// Tries, waits and pace are ours: the SDK's own lose calls under a shared request budget. Where credentials come from, they stay.
    fn with(calls: Calls, sdk: SdkConfig, aws_clock: AwsClock) -> Self {
        let sso = aws_sdk_ssoadmin::config::Builder::from(&sdk)
            .retry_config(RetryConfig::disabled())
            .interceptor(aws_clock.clone())
            .interceptor(WholeAnswers);
        let store = aws_sdk_identitystore::config::Builder::from(&sdk)
            .retry_config(RetryConfig::disabled())
            .interceptor(aws_clock.clone())
            .interceptor(WholeAnswers);
        let organizations = aws_sdk_organizations::config::Builder::from(&sdk)
            .retry_config(RetryConfig::disabled())
            .interceptor(aws_clock.clone())
            .interceptor(WholeAnswers);
        let cloudtrail = aws_sdk_cloudtrail::config::Builder::from(&sdk)
            .retry_config(RetryConfig::disabled())
            .interceptor(aws_clock.clone())
            .interceptor(WholeAnswers);
        let sts = aws_sdk_sts::config::Builder::from(&sdk)
            .retry_config(RetryConfig::disabled())
            .interceptor(aws_clock.clone());
        Self {
            calls,
            sso: aws_sdk_ssoadmin::Client::from_conf(sso.build()),
            store: aws_sdk_identitystore::Client::from_conf(store.build()),
            organizations: aws_sdk_organizations::Client::from_conf(organizations.build()),
            cloudtrail: aws_sdk_cloudtrail::Client::from_conf(cloudtrail.build()),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            config: sdk,
            aws_clock,
        }
    }

    /// The same in another Region: assignments can be read in an instance's primary Region only.
    pub(super) fn in_region(self, region: &str) -> Self {
        let sdk = self.config.into_builder().region(Region::new(region.to_owned())).build();
        Self::with(self.calls, sdk, self.aws_clock)
    }

    /// A client of S3 in a Region, as the others are made. Its answers are XML and files; who asks sees to it that they are whole.
    pub(super) fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .retry_config(RetryConfig::disabled())
            .interceptor(self.aws_clock.clone());
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// The Region asked.
    pub(super) fn region(&self) -> &str {
        self.config.region().map_or("", |region| region.as_ref())
    }

    /// Who is asking (`sts:GetCallerIdentity`).
    pub(super) async fn caller(&self) -> Result<Caller, CallError> {
        let operation: &Operation = &GET_CALLER_IDENTITY;
        let answer = self.calls.call(operation, || self.sts.get_caller_identity().send()).await?;
        let caller = answer.account.zip(answer.arn);
        let caller = caller.filter(|(account, arn)| !account.is_empty() && !arn.is_empty());
        let (account, arn) = caller.ok_or_else(|| CallError::malformed(operation, "the answer names no caller"))?;
        Ok(Caller { account, arn })
    }
}

/// Hears from the first answer, be it a refusal, how far our clock is from AWS's: requests signed at another time are refused.
#[derive(Debug, Clone)]
pub(super) struct AwsClock {
    ours: Clock,
    ahead: Arc<OnceLock<SignedDuration>>,
}

impl AwsClock {
    fn new(ours: Clock) -> Self {
        Self { ours, ahead: Arc::default() }
    }

    /// How far our clock is ahead of AWS's, to the second; nothing before an answer told its time.
    pub(super) fn ahead(&self) -> Option<SignedDuration> {
        self.ahead.get().copied()
    }
}

#[dyn_dispatch_hint]
impl Intercept for AwsClock {
    fn name(&self) -> &'static str {
        "AwsClock"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        // A date that can't be read says nothing about our clock, and is no reason to fail.
        if let Some(theirs) = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok()) {
            self.ahead.get_or_init(|| self.ours.now().since(Instant::new(theirs)));
        }
        Ok(())
    }
}

/// Refuses a success whose body is not one whole JSON object. The SDK reads an empty body as `{}`: an empty list.
#[derive(Debug)]
struct WholeAnswers;

/// What [`WholeAnswers`] says.
#[derive(Debug)]
struct NotWhole;

impl fmt::Display for NotWhole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is not a whole JSON object")
    }
}

impl std::error::Error for NotWhole {}

#[dyn_dispatch_hint]
impl Intercept for WholeAnswers {
    fn name(&self) -> &'static str {
        "WholeAnswers"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let body = response.body().bytes().unwrap_or_default();
        if response.status().is_success() && !is_whole_object(body) {
            return Err(NotWhole.into());
        }
        Ok(())
    }
}

fn is_whole_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{') && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_objects_pass() {
        assert!(is_whole_object(b"{}"));
        assert!(is_whole_object(b" {\"Users\":[]}\n"));
        for wrong in [&b""[..], b" ", b"[]", b"null", b"<html></html>", b"{\"Users\":[", b"{} {}"] {
            assert!(!is_whole_object(wrong), "{wrong:?}");
        }
    }
}
