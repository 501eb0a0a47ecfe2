//! Where a store is.

use std::fmt;
use std::path::PathBuf;

use crate::model::S3Location;

/// Where a store is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a folder.
    Folder(PathBuf),
    /// In S3.
    Bucket(BucketPlace),
}

/// A place in S3, and as whom it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPlace {
    /// The bucket, and what the keys in it begin with.
    pub location: S3Location,
    /// Where the bucket is, if the config says so.
    pub region: Option<String>,
    /// Where it is asked for first if the config does not say so; else where any AWS tool would.
    pub near: Option<String>,
    /// The profile of the shared config files.
    pub profile: Option<String>,
    /// The ARN of a role to assume first.
    pub role_arn: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(place) => f.write_str(place.location.to_string().trim_end_matches('/')),
        }
    }
}
