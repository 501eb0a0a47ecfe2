//! The real SDK clients, pointed at a server on the loopback.

use aws_sdk_ssoadmin::config::retry::RetryConfig;
use aws_sdk_ssoadmin::config::{BehaviorVersion, Credentials, Region};

use super::fake::{ACCESS_KEY, SECRET_KEY};

/// Clients of one endpoint and Region, which never try again.
pub(crate) struct Sdk {
    pub(crate) sso: aws_sdk_ssoadmin::Client,
    pub(crate) identity_store: aws_sdk_identitystore::Client,
    pub(crate) organizations: aws_sdk_organizations::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    pub(crate) s3: aws_sdk_s3::Client,
}

macro_rules! client {
    ($sdk:ident, $url:expr, $region:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new($region.to_owned()))
                .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test"))
                .retry_config(RetryConfig::disabled())
                .endpoint_url($url)
                .build(),
        )
    };
}

impl Sdk {
    /// Clients signing for `region`.
    pub(crate) fn new(url: &str, region: &str) -> Self {
        Self {
            sso: client!(aws_sdk_ssoadmin, url, region),
            identity_store: client!(aws_sdk_identitystore, url, region),
            organizations: client!(aws_sdk_organizations, url, region),
            sts: client!(aws_sdk_sts, url, region),
            s3: client!(aws_sdk_s3, url, region),
        }
    }
}
