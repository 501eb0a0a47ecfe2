//! The ways AWS can give a directory principal access.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How AWS grants it. Only [`Plane::PermissionSet`] is read by this version; the others are limits on the cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plane {
    /// `sso-admin` account assignments: a permission set on an account.
    PermissionSet,
    /// Account access manager entitlements: an existing IAM role given to a user or group.
    AccountAccess,
    /// S3 Access Grants given to a directory user or group.
    S3AccessGrant,
    /// Identity Center application assignments.
    Application,
}

impl Plane {
    /// Every plane there is.
    pub const ALL: [Self; 4] = [Self::PermissionSet, Self::AccountAccess, Self::S3AccessGrant, Self::Application];
    /// The planes this version reads.
    pub const BUILT: [Self; 1] = [Self::PermissionSet];

    /// The word used in config and in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PermissionSet => "permission_set",
            Self::AccountAccess => "account_access",
            Self::S3AccessGrant => "s3_access_grant",
            Self::Application => "application",
        }
    }

    /// What a reader should know it covers.
    pub fn describe(self) -> &'static str {
        match self {
            Self::PermissionSet => "permission sets assigned on accounts",
            Self::AccountAccess => "IAM roles given through account access manager",
            Self::S3AccessGrant => "S3 Access Grants",
            Self::Application => "application assignments",
        }
    }
}

impl fmt::Display for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
