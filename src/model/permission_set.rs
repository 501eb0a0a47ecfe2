//! Permission sets: what a role on an account may do.

use serde::{Deserialize, Serialize};

use super::id::PermissionSetArn;
use super::known::Known;
use super::time::{Instant, Span};

/// An AWS managed policy attached to a permission set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
}

/// A customer managed policy, referred to by name and path; the policy itself lives in each account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CustomerPolicy {
    /// Its path, `/` or longer.
    pub path: String,
    /// Its name.
    pub name: String,
}

/// The permissions boundary of a permission set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// An AWS managed policy, by ARN.
    Managed(String),
    /// A customer managed policy.
    Customer(CustomerPolicy),
}

/// A permission set with everything attached to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionSet {
    /// Its ARN.
    pub arn: PermissionSetArn,
    /// Its name; unknown when it was listed but could not be described.
    pub name: Known<String>,
    /// Its description.
    pub description: Known<String>,
    /// When it was created.
    pub created_at: Known<Instant>,
    /// How long a role session lasts (`SessionDuration`; AWS's default is one hour).
    pub session: Known<Span>,
    /// AWS managed policies attached.
    pub managed: Known<Vec<ManagedPolicy>>,
    /// Customer managed policies referred to.
    pub customer: Known<Vec<CustomerPolicy>>,
    /// The inline policy's text.
    pub inline: Known<String>,
    /// The permissions boundary.
    pub boundary: Known<Boundary>,
}

impl PermissionSet {
    /// Its name, or its ARN while the name is not known.
    pub fn label(&self) -> &str {
        self.name.value().map_or(self.arn.as_str(), String::as_str)
    }
}

/// How much a permission set lets its holder do, from its policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// No policy attached: nothing.
    None,
    /// Reading only.
    Read,
    /// Changing some things.
    Write,
    /// Changing nearly anything, short of access itself.
    Power,
    /// Anything, or access itself.
    Admin,
    /// A policy is attached whose content decides and was not judged.
    Unknown,
}

impl Tier {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
            Self::Power => "power",
            Self::Admin => "admin",
            Self::Unknown => "unknown",
        }
    }
}
