//! AWS accounts of the organization.

use serde::{Deserialize, Serialize};

use super::id::AccountId;
use super::known::Known;

/// Where an account is in its life (Organizations `Account.State`, or the older `Status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Being created or joined.
    PendingActivation,
    /// In use.
    Active,
    /// Suspended by AWS.
    Suspended,
    /// Being closed.
    PendingClosure,
    /// Closed.
    Closed,
}

impl AccountState {
    /// Reads AWS's word, `ACTIVE` and the like.
    pub fn from_aws(word: &str) -> Option<Self> {
        Some(match word {
            "PENDING_ACTIVATION" => Self::PendingActivation,
            "ACTIVE" => Self::Active,
            "SUSPENDED" => Self::Suspended,
            "PENDING_CLOSURE" => Self::PendingClosure,
            "CLOSED" => Self::Closed,
            _ => return None,
        })
    }

    /// The state in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingActivation => "pending activation",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::PendingClosure => "pending closure",
            Self::Closed => "closed",
        }
    }

    /// Whether nobody should be working in it any more.
    pub fn is_winding_down(self) -> bool {
        matches!(self, Self::Suspended | Self::PendingClosure | Self::Closed)
    }
}

/// An account as Organizations lists it (`ListAccounts`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its friendly name.
    pub name: String,
    /// Its state, where Organizations tells.
    pub state: Known<AccountState>,
    /// Names of the organizational units from below the root down, joined with `/`; empty directly below the root.
    pub path: Known<String>,
}

/// What an account is for, as far as it changes how access to it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountClass {
    /// The organization's management account.
    Management,
    /// A delegated administrator account.
    DelegatedAdmin,
    /// Named in `[accounts] security`.
    Security,
    /// Everything else.
    Workload,
}

impl AccountClass {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Management => "management",
            Self::DelegatedAdmin => "delegated_admin",
            Self::Security => "security",
            Self::Workload => "workload",
        }
    }

    /// Whether anything above read access to it counts as privileged.
    pub fn is_sensitive(self) -> bool {
        self != Self::Workload
    }
}
