//! AWS credentials and Region, as any AWS tool finds them: environment, profile, single sign-on, container, instance or web
//! identity; and the role that is assumed with them, if any.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// Which credentials and Region; what is not named is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The Region to ask.
    pub region: Option<&'a str>,
    /// The profile of the shared config files.
    pub profile: Option<&'a str>,
    /// The ARN of a role to assume first.
    pub role_arn: Option<&'a str>,
}

/// Finds credentials and Region; asks nobody yet, except where they are to be found. The Region may be missing still.
pub async fn load(wanted: Wanted<'_>) -> SdkConfig {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    if let Some(region) = wanted.region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if let Some(profile) = wanted.profile {
        loader = loader.profile_name(profile);
    }
    let sdk = loader.load().await;
    let Some(role) = wanted.role_arn else { return sdk };
    let provider =
        aws_config::sts::AssumeRoleProvider::builder(role).configure(&sdk).session_name("overstay").build().await;
    sdk.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}
