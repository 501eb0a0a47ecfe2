//! `[store]`.

use super::aws::{region, role_arn};
use crate::config::read::Table;
use crate::config::{BucketConfig, StoreConfig};

/// Where snapshots are kept if `[store]` does not say.
const DEFAULT: &str = "./.overstay";

pub(super) fn store(table: &mut Table<'_, '_>) -> Option<StoreConfig> {
    let url = table.take("url");
    let of_bucket = [table.take("region"), table.take("profile"), table.take("role_arn")];
    let location = match &url {
        Some(url) => url.text()?,
        None => DEFAULT.to_owned(),
    };
    if let Ok(location) = location.parse() {
        let [region_value, profile, role] = of_bucket;
        return Some(StoreConfig::S3(BucketConfig {
            location,
            region: region_value.and_then(|value| region(&value)),
            profile: profile.and_then(|value| value.text()),
            role_arn: role.and_then(|value| role_arn(&value)),
        }));
    }
    if let Some(url) = url.filter(|_| location.contains("://")) {
        url.note("`url` must be a directory or an S3 location", "write \"./.overstay\" or \"s3://bucket/prefix\"");
        table.ignore_unknown();
        return None;
    }
    for value in of_bucket.into_iter().flatten() {
        value.note(
            format!("`{}` is about a bucket, and this store is in a directory", value.key()),
            "remove it, or write url = \"s3://bucket/prefix\"",
        );
    }
    Some(StoreConfig::Directory(location.into()))
}
