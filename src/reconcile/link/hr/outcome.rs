//! What the ladder to HR gives.

use super::form::HrVote;

/// How an identity provider user was held against the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum HrBasis {
    /// Linked by the operator's links file.
    Declared,
    /// Linked by employee id.
    EmployeeId,
    /// Linked by work email.
    Email,
    /// More than one record could be this user's, or more than one user is found at one record.
    Ambiguous,
    /// Employee id and work email point at different records.
    Contradicted,
    /// No key matches, and a record that shares no kind of key with this user could be theirs.
    Possible,
    /// No user of the provider is found in the roster, so that nothing follows from not being found.
    NotCompared,
    /// The roster has no record of this user.
    #[default]
    Unmatched,
}

impl HrBasis {
    /// Whether records are linked, and not merely possible or missing.
    pub fn is_link(self) -> bool {
        matches!(self, Self::Declared | Self::EmployeeId | Self::Email)
    }

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::EmployeeId => "by_id",
            Self::Email => "by_email",
            Self::Ambiguous | Self::Possible => "ambiguous",
            Self::Contradicted => "contradicted",
            Self::NotCompared | Self::Unmatched => "unmatched",
        }
    }

    /// In words, for a link.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Declared => "declared link",
            Self::EmployeeId => "employee_id",
            Self::Email => "email",
            Self::Ambiguous | Self::Contradicted | Self::Possible | Self::NotCompared | Self::Unmatched => "no link",
        }
    }
}

/// Links of HR records to one IdP user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HrLink {
    /// Positions in the roster; several for several engagements.
    pub records: Vec<u32>,
    /// How they were found, or why none is linked.
    pub basis: HrBasis,
    /// Records that could be this user's as well, by position; at most a handful.
    pub candidates: Vec<u32>,
    /// The sentence that names the records, where the link is in doubt.
    pub reason: Option<String>,
}

/// How well one provider's users are linked to the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HrLinkQuality {
    /// The provider's position.
    pub idp: u32,
    /// The form of the employee ids, with the votes.
    pub vote: HrVote,
    /// Users by [`HrBasis::as_str`], in the order of [`HrLinkQuality::WORDS`].
    pub counts: [usize; 6],
    /// Whether no user at all is found in the roster.
    pub unlinked: bool,
}

impl HrLinkQuality {
    /// The words of the counts.
    pub const WORDS: [&'static str; 6] = ["by_id", "by_email", "declared", "ambiguous", "contradicted", "unmatched"];

    pub(super) fn new(idp: u32, vote: HrVote, links: &[HrLink]) -> Self {
        let count = |word: &str| links.iter().filter(|link| link.basis.as_str() == word).count();
        let unlinked = links.iter().any(|link| link.basis == HrBasis::NotCompared);
        Self { idp, vote, counts: Self::WORDS.map(count), unlinked }
    }

    /// Each count with its word.
    pub fn counted(&self) -> impl Iterator<Item = (&'static str, usize)> {
        Self::WORDS.into_iter().zip(self.counts)
    }

    /// How the ids were compared and how many users each rung linked, in a sentence.
    pub fn describe(&self) -> String {
        let HrVote { form, matched, total } = self.vote;
        let form = match form {
            super::form::IdForm::Exact => "",
            super::form::IdForm::WithoutLeadingZeros => " without leading zeros",
        };
        let counts: Vec<String> =
            self.counted().map(|(word, count)| format!("{count} {}", word.replace('_', " "))).collect();
        format!(
            "Employee ids are compared{form}: {matched} of {total} ids are in the roster. HR links: {}.",
            counts.join(", ")
        )
    }

    /// What an unlinked roster leaves open, and what to do, where this is one.
    pub fn limitation(&self, idp: &str) -> Option<String> {
        let users: usize = self.counts.iter().sum();
        let HrVote { matched, total, .. } = self.vote;
        self.unlinked.then(|| {
            format!(
                "The HR roster is not linked to {idp}: {matched} of {total} employee ids and no work email match, for \
                 {users} users. Leavers in HR cannot be tested. Check that both sources hold the same employee id, or \
                 add the work email to the roster."
            )
        })
    }
}
