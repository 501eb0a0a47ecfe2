//! Three-valued facts: a value, a known absence, or not known and why.

use serde::{Deserialize, Serialize};

/// A fact that may not be known. `Absent` is knowledge; `Unknown` is not, and never reads as clean.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known<T> {
    /// The source gave this value.
    Value(T),
    /// The source was read and has no value.
    Absent,
    /// The source could not say; the text says why.
    Unknown(String),
}

impl<T> Known<T> {
    /// From a field of a source that was read whole: a missing value is a known absence.
    pub fn read(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }

    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Maps the value and keeps absence and ignorance as they are.
    pub fn map<U>(&self, f: impl FnOnce(&T) -> U) -> Known<U> {
        match self {
            Self::Value(value) => Known::Value(f(value)),
            Self::Absent => Known::Absent,
            Self::Unknown(why) => Known::Unknown(why.clone()),
        }
    }
}
