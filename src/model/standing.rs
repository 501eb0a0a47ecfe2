//! Where a person stands with the organisation, derived from every linked source.

use serde::{Deserialize, Serialize};

use super::time::Interval;

/// Where a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Here.
    Active,
    /// Not here yet.
    NotStarted,
    /// Gone: every sign-in record is suspended, disabled or deleted, at least one suspended.
    Suspended,
    /// Gone: every sign-in record is disabled or deleted.
    Disabled,
    /// Gone: every sign-in record is deleted.
    Deleted,
    /// Gone: HR says the engagement ended.
    Ended,
    /// No counterpart in any identity provider, all of which were read whole.
    Orphan,
    /// Not decidable from what was read.
    Unknown,
}

impl Standing {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotStarted => "not_started",
            Self::Suspended => "suspended",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
            Self::Ended => "ended",
            Self::Orphan => "orphan",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the person is gone: suspended, disabled, deleted or ended. An orphan is not.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Suspended | Self::Disabled | Self::Deleted | Self::Ended)
    }
}

/// A standing with the time it began and the reason it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingFact {
    /// Where the person stands.
    pub standing: Standing,
    /// Since when, where the standing has a beginning.
    pub since: Option<Interval>,
    /// The sentence that justifies it.
    pub reason: String,
}
