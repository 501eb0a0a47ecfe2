//! Clauses of control frameworks that a rule or test supports.

use serde::{Deserialize, Serialize};

/// A SOC 2 common criterion (2017 criteria, 2022 points of focus), by id; its text is the AICPA's and not repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Control {
    /// Access is registered and authorised before it is given, and removed when no longer authorised.
    #[serde(rename = "CC6.2")]
    Cc6_2,
    /// Access follows role and responsibility, least privilege and separation of duties.
    #[serde(rename = "CC6.3")]
    Cc6_3,
}

impl Control {
    /// Both criteria.
    pub const ALL: [Self; 2] = [Self::Cc6_2, Self::Cc6_3];

    /// The id as auditors write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cc6_2 => "CC6.2",
            Self::Cc6_3 => "CC6.3",
        }
    }

    /// What it asks, in our words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cc6_2 => "Access is authorised before it is given and removed when it ends",
            Self::Cc6_3 => "Access follows role, least privilege and separation of duties",
        }
    }
}
