//! A person, as linked from every source.

use super::link::{HrBasis, Strength};
use crate::model::standing::{Standing, StandingFact};

/// What sort of identity a person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonKind {
    /// A human, by an IdP or HR record.
    Human,
    /// Declared under `[identities] service`; the owner.
    Service(String),
    /// Declared under `[identities] break_glass`; the owner.
    BreakGlass(String),
    /// Nothing says.
    Unknown,
}

impl PersonKind {
    /// The word used in CSV files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Service(_) => "service",
            Self::BreakGlass(_) => "break_glass",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the operator declared it non-human or break-glass.
    pub fn is_declared(&self) -> bool {
        matches!(self, Self::Service(_) | Self::BreakGlass(_))
    }
}

/// Why it is not known which HR records are a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HrDoubt {
    /// The link that is in doubt.
    pub basis: HrBasis,
    /// Records that could be the person's, by position, beside the linked ones.
    pub candidates: Vec<u32>,
    /// The sentence that names the user and the records.
    pub reason: String,
}

impl Person {
    /// What HR leaves open where it matters: a linked record settles it, unless the person's standing hangs on the others.
    pub fn open_hr_doubt(&self) -> Option<&HrDoubt> {
        let is_settled = |doubt: &HrDoubt| doubt.basis.is_link() && self.standing.standing != Standing::Unknown;
        self.hr_doubt.as_ref().filter(|doubt| !is_settled(doubt))
    }
}

/// A human or service, as linked from every source.
#[derive(Debug, Clone)]
pub struct Person {
    /// Directory users, by position.
    pub users: Vec<u32>,
    /// IdP users, by provider and position.
    pub idp_users: Vec<(u32, u32)>,
    /// HR records, by position; several for a rehire.
    pub hr_records: Vec<u32>,
    /// What HR leaves open about this person; none where it is clear whether and which records are theirs.
    pub hr_doubt: Option<HrDoubt>,
    /// What sort of identity.
    pub kind: PersonKind,
    /// The weakest link that holds the records together; none when nothing needed linking.
    pub strength: Option<Strength>,
    /// Whether some directory user of this person could be linked to more than one record.
    pub ambiguous: bool,
    /// Where they stand.
    pub standing: StandingFact,
}
