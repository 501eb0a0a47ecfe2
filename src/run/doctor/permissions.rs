//! The permissions that a collection needs: in AWS, and in identity providers.

use crate::collect::aws::iam_policy;
use crate::collect::idp::permissions;
use crate::config::{BucketConfig, CloudTrail, Config, StoreConfig};
use crate::error::Error;
use crate::store::policy;
use crate::workflow::Shell;

/// The IAM policy for what a config asks for; without one, for what every run needs.
pub(super) fn iam(config: Option<&Config>) -> String {
    let aws = config.and_then(|config| config.aws.as_ref());
    let region = aws.and_then(|aws| aws.region.as_deref());
    let trail = match aws.map(|aws| &aws.cloudtrail) {
        Some(CloudTrail::Bucket(bucket)) => Some(&bucket.place),
        _ => None,
    };
    let store = match config.and_then(|config| config.store.as_ref()) {
        Some(StoreConfig::S3(BucketConfig { location, region: own, .. })) => {
            policy(location, own.as_deref().or(region))
        }
        Some(StoreConfig::Directory(_)) | None => Vec::new(),
    };
    iam_policy(trail, region, store)
}

/// Every permission at an identity provider, with the calls it allows and what is lost without it.
pub(super) fn print_scopes() -> Result<(), Error> {
    let mut kind = "";
    for permission in permissions() {
        if permission.kind != kind {
            kind = permission.kind;
            Shell::print(kind)?;
        }
        let facts: Vec<&str> = permission.facts.iter().map(|fact| fact.describe()).collect();
        Shell::print(&format!("  {}\n    for {}", permission.name, facts.join(", ")))?;
        for call in permission.calls {
            Shell::print(&format!("    {call}"))?;
        }
    }
    Ok(())
}
