//! Findings: what a rule says about one subject, and why it may say so.

use std::fmt;

use sha2::{Digest, Sha256};

use super::id::{AccountId, PermissionSetArn};
use super::time::Interval;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Untidy.
    Low,
    /// Should be put right in the ordinary course.
    Medium,
    /// Should be put right soon.
    High,
    /// Should be put right now.
    Critical,
}

impl Severity {
    /// All severities, the worst first.
    pub const WORST_FIRST: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word used in config, CSV files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads the word used in config.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORST_FIRST.into_iter().find(|severity| severity.as_str() == word)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How sure a finding is, given the links and times it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Rests on a weak link.
    Low,
    /// Rests on a link that could be reused.
    Medium,
    /// Rests on ids and records.
    High,
}

impl Confidence {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// An Identity Center user.
    User,
    /// An Identity Center group.
    Group,
    /// An assignment.
    Assignment,
    /// A person holding an entitlement.
    Entitlement,
    /// An identity provider user.
    IdpUser,
    /// A permission set.
    PermissionSet,
    /// An exception of the config.
    Exception,
    /// The Identity Center instance.
    Instance,
    /// An identity provider, or what it runs.
    Idp,
}

impl SubjectKind {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Assignment => "assignment",
            Self::Entitlement => "entitlement",
            Self::IdpUser => "idp_user",
            Self::PermissionSet => "permission_set",
            Self::Exception => "exception",
            Self::Instance => "instance",
            Self::Idp => "idp",
        }
    }
}

/// The subject of a finding. Its ids, not its names, make the finding's fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// The ids that tell it from every other, most significant first.
    pub ids: Vec<String>,
    /// Its name for people.
    pub name: String,
    /// The account, where the finding is about one.
    pub account: Option<AccountId>,
    /// The permission set, where the finding is about one.
    pub permission_set: Option<PermissionSetArn>,
}

/// A grant of the ledger: the position of a directory user and of an assignment in the sealed snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantKey {
    /// The user's position.
    pub user: u32,
    /// The assignment's position.
    pub assignment: u32,
}

/// A pointer from a statement to what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The source: `aws`, `idp:NAME`, `hr`, `links`, `config`.
    pub source: String,
    /// The operation, or file and row.
    pub at: String,
    /// What it said.
    pub says: String,
}

/// A rule's statement about one subject. It can't be made without evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// About whom or what.
    pub subject: Subject,
    /// The statement, one or two sentences.
    pub detail: String,
    /// What to do, one sentence.
    pub remediation: String,
    /// The grants it is about, sorted.
    pub grants: Vec<GrantKey>,
    /// Assignments it is about as such, and not as somebody's grants, by position, sorted.
    pub assignments: Vec<u32>,
    /// Since when.
    pub since: Option<Interval>,
    /// Whether it is certainly still within the time policy allows.
    pub pending: bool,
    evidence: Vec<Evidence>,
}

impl Finding {
    /// A finding resting on `first`; further evidence is added with [`Finding::and`].
    pub fn new(rule: &'static str, severity: Severity, subject: Subject, detail: String, first: Evidence) -> Self {
        Self {
            rule,
            severity,
            confidence: Confidence::High,
            subject,
            detail,
            remediation: String::new(),
            grants: Vec::new(),
            assignments: Vec::new(),
            since: None,
            pending: false,
            evidence: vec![first],
        }
    }

    /// Adds evidence.
    #[must_use]
    pub fn and(mut self, more: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(more);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn remedy(mut self, remediation: impl Into<String>) -> Self {
        self.remediation = remediation.into();
        self
    }

    /// Names the grants it is about.
    #[must_use]
    pub fn about(mut self, mut grants: Vec<GrantKey>) -> Self {
        grants.sort_unstable();
        self.grants = grants;
        self
    }

    /// Says how sure it is.
    #[must_use]
    pub fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Says since when.
    #[must_use]
    pub fn since(mut self, since: Option<Interval>) -> Self {
        self.since = since;
        self
    }

    /// What it rests on; never empty.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// `f_` and a digest of the rule and the subject's ids: the same after a rename, a new severity or another day.
    pub fn id(&self) -> String {
        let mut parts = vec![self.rule];
        parts.extend(self.subject.ids.iter().map(String::as_str));
        stable_id("f_", &parts)
    }
}

/// `prefix` and 16 base32 characters of SHA-256 over the parts joined with `|`. Letter first, so spreadsheets leave it alone.
pub fn stable_id(prefix: &str, parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            hasher.update(b"|");
        }
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    let mut text = data_encoding::BASE32_NOPAD.encode(&digest);
    text.truncate(16);
    text.make_ascii_lowercase();
    format!("{prefix}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_letter_first_and_of_fixed_length() {
        let id = stable_id("g_", &["a", "b"]);
        assert_eq!(id.len(), 18);
        assert_eq!(id, stable_id("g_", &["a|b"]), "parts are joined with a bar, as the contract says");
        assert_ne!(id, stable_id("g_", &["b", "a"]));
    }
}
