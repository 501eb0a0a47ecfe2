//! What was asked of each source, what it cost, and what could not be read.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::Instant;

/// A kind of fact that rules and tests depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The organization's accounts, their state and class.
    Accounts,
    /// Identity Center users.
    DirectoryUsers,
    /// Identity Center groups.
    DirectoryGroups,
    /// Identity Center group memberships.
    Memberships,
    /// Permission sets: names, session length, policies.
    PermissionSets,
    /// Permissions boundaries.
    Boundaries,
    /// Account assignments.
    Assignments,
    /// Whether deployed roles are the latest version.
    Provisioning,
    /// Users of the identity providers.
    IdpUsers,
    /// Groups of the identity providers and their members.
    IdpGroups,
    /// The HR roster.
    HrRecords,
    /// Links declared by the operator.
    DeclaredLinks,
    /// The `[[access]]` entries of the config.
    Policy,
    /// The identity provider's AWS application: who is assigned, and what was provisioned.
    IdpApplication,
    /// The settings and state of the provisioning job.
    ProvisioningJob,
    /// Second factors registered at the identity provider.
    SecondFactors,
    /// The identity provider's record of last sign-ins.
    SignIns,
    /// Hire and leave dates at the identity provider.
    EmploymentDates,
    /// The identity provider's log of lifecycle events.
    IdpEvents,
    /// What the provisioner logged.
    ProvisioningLog,
    /// Group memberships at the identity provider that end by themselves.
    Activations,
    /// AWS CloudTrail.
    CloudTrail,
    /// Approvals of access.
    Approvals,
    /// Days off besides weekends.
    Holidays,
    /// Earlier snapshots.
    History,
}

impl Fact {
    /// Every fact.
    pub const ALL: [Self; 25] = [
        Self::Accounts,
        Self::DirectoryUsers,
        Self::DirectoryGroups,
        Self::Memberships,
        Self::PermissionSets,
        Self::Boundaries,
        Self::Assignments,
        Self::Provisioning,
        Self::IdpUsers,
        Self::IdpGroups,
        Self::HrRecords,
        Self::DeclaredLinks,
        Self::Policy,
        Self::IdpApplication,
        Self::ProvisioningJob,
        Self::SecondFactors,
        Self::SignIns,
        Self::EmploymentDates,
        Self::IdpEvents,
        Self::ProvisioningLog,
        Self::Activations,
        Self::CloudTrail,
        Self::Approvals,
        Self::Holidays,
        Self::History,
    ];

    /// The fact in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Accounts => "accounts of the organization",
            Self::DirectoryUsers => "Identity Center users",
            Self::DirectoryGroups => "Identity Center groups",
            Self::Memberships => "Identity Center group memberships",
            Self::PermissionSets => "permission sets",
            Self::Boundaries => "permissions boundaries",
            Self::Assignments => "account assignments",
            Self::Provisioning => "deployment state of permission sets",
            Self::IdpUsers => "identity provider users",
            Self::IdpGroups => "identity provider groups",
            Self::HrRecords => "HR records",
            Self::DeclaredLinks => "declared links",
            Self::Policy => "[[access]] entries in the config",
            Self::IdpApplication => "the identity provider's AWS application",
            Self::ProvisioningJob => "the provisioning job",
            Self::SecondFactors => "registered second factors",
            Self::SignIns => "last sign-ins",
            Self::EmploymentDates => "hire and leave dates",
            Self::IdpEvents => "identity provider events",
            Self::ProvisioningLog => "the provisioning log",
            Self::Activations => "time-bound group memberships",
            Self::CloudTrail => "CloudTrail events",
            Self::Approvals => "approvals",
            Self::Holidays => "holidays",
            Self::History => "earlier snapshots",
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.describe())
    }
}

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// The permissions at hand don't allow it.
    Denied,
    /// The instance's customer managed KMS key can't be used.
    Kms,
    /// Still throttled after all tries.
    Throttled,
    /// No credentials, or they expired.
    Credentials,
    /// The service could not be reached.
    Network,
    /// The service failed.
    Server,
    /// The answer was cut short, malformed or contradicted itself.
    Malformed,
    /// The thing asked about is not there.
    NotFound,
    /// A row of a file can't be read.
    BadRow,
    /// A file can't be read.
    Unreadable,
}

/// One thing that was asked for and could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The fact that is incomplete because of it.
    pub fact: Fact,
    /// Why.
    pub kind: GapKind,
    /// The operation with its subject, or file, row and column.
    pub at: String,
    /// What happened, one sentence in lower case.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

/// How often an operation was called and what it gave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OperationRecord {
    /// Service and operation, `sso:ListAccountAssignments`.
    pub operation: String,
    /// Parameters that were the same in every call, in words.
    pub parameters: String,
    /// Requests sent, retries included.
    pub requests: u64,
    /// Pages received.
    pub pages: u64,
    /// Items received.
    pub items: u64,
    /// Requests sent again after a failure.
    pub retries: u64,
    /// Answers that said to slow down.
    pub throttles: u64,
    /// Calls that failed for good.
    pub failures: u64,
    /// When the first request was sent.
    pub first_at: Instant,
    /// When the last answer came.
    pub last_at: Instant,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputFile {
    /// Its path, as the config has it.
    pub path: String,
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Data rows in it, unreadable ones included.
    pub rows: u64,
    /// How it was understood: dialect, separator, encoding.
    pub read_as: String,
    /// When the file was last modified: its data are at least as old. None where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_at: Option<Instant>,
}

/// A fact that a source could tell and does not, which is no failure of the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotOffered {
    /// The fact.
    pub fact: Fact,
    /// Why, one sentence in lower case.
    pub reason: String,
}

/// What one source was asked, and how it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// `aws`, `idp:NAME`, `hr` or `links`.
    pub source: String,
    /// What it is: `IAM Identity Center`, `csv`, ….
    pub kind: String,
    /// When reading began.
    pub started_at: Instant,
    /// When reading ended.
    pub ended_at: Instant,
    /// The facts it was asked for.
    pub asked: Vec<Fact>,
    /// Its operations, sorted by name.
    pub operations: Vec<OperationRecord>,
    /// The files it read.
    pub files: Vec<InputFile>,
    /// What could not be read; empty means all of it was.
    pub gaps: Vec<Gap>,
    /// What this source does not tell, though its kind could: left out in the config, not licensed, past a log's reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_offered: Vec<NotOffered>,
    /// What a reader should know, such as which attribute an external id was matched to.
    pub notes: Vec<String>,
}
