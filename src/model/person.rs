//! What identity providers and HR say about people. Only what is used is kept.

use serde::{Deserialize, Serialize};

use super::id::{IdpGroupId, IdpName, IdpUserId};
use super::known::Known;
use super::time::Instant;

/// The state of a user record in an identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdpStatus {
    /// Can sign in.
    Active,
    /// Made, but not to be used yet.
    Staged,
    /// Held back for a time.
    Suspended,
    /// Switched off.
    Disabled,
    /// Deleted, and still listed as such.
    Deleted,
}

impl IdpStatus {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Staged => "staged",
            Self::Suspended => "suspended",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    /// Whether this record can't be used to sign in any more.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Suspended | Self::Disabled | Self::Deleted)
    }
}

/// A user as one identity provider knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdpUser {
    /// The provider's id.
    pub id: IdpUserId,
    /// The name they sign in with.
    pub user_name: String,
    /// Their primary email address.
    pub email: Option<String>,
    /// Further verified addresses.
    pub aliases: Vec<String>,
    /// Their name for people.
    pub display_name: Option<String>,
    /// Whether they can sign in.
    pub status: IdpStatus,
    /// When the status last changed, where the source says.
    pub status_changed_at: Known<Instant>,
    /// Their number in HR.
    pub employee_id: Option<String>,
    /// `Member`, `Guest`, `Contractor`, …, as the source writes it.
    pub user_type: Option<String>,
    /// Their department.
    pub department: Option<String>,
    /// Their job title.
    pub title: Option<String>,
    /// Their manager, as the source writes it.
    pub manager: Option<String>,
    /// When they start, where the source says.
    pub start: Known<Instant>,
    /// When they leave, where the source says.
    pub end: Known<Instant>,
    /// Their last sign-in, where the source says.
    pub last_sign_in_at: Known<Instant>,
    /// Where it was read: file and row, or request.
    pub origin: String,
}

/// A group of an identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdpGroup {
    /// The provider's id.
    pub id: IdpGroupId,
    /// Its name.
    pub name: String,
    /// Its members, nested ones included, sorted.
    pub members: Vec<IdpUserId>,
}

/// Everything one identity provider told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdpFacts {
    /// The name the config gives it.
    pub name: IdpName,
    /// Its type: `csv`, `entra`, ….
    pub kind: String,
    /// Its users, sorted by id.
    pub users: Vec<IdpUser>,
    /// Its groups, sorted by id; absent when groups were not asked for.
    pub groups: Option<Vec<IdpGroup>>,
}

/// Where an engagement stands according to HR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HrStatus {
    /// Working, or on leave: leave is not leaving.
    Active,
    /// Hired, not started.
    NotStarted,
    /// Ended.
    Terminated,
}

impl HrStatus {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotStarted => "not_started",
            Self::Terminated => "terminated",
        }
    }
}

/// One engagement in the HR roster; a rehire has two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HrRecord {
    /// The number in HR.
    pub employee_id: Option<String>,
    /// The work email address.
    pub email: Option<String>,
    /// The name for people.
    pub display_name: Option<String>,
    /// Where the engagement stands, as HR's status word says.
    pub status: HrStatus,
    /// The first instant of the start date, in the roster's zone.
    pub start: Option<Instant>,
    /// The close of the end date, in the roster's zone.
    pub end: Option<Instant>,
    /// The department.
    pub department: Option<String>,
    /// The job title.
    pub title: Option<String>,
    /// The manager, as the source writes it.
    pub manager: Option<String>,
    /// `Employee`, `Contractor`, …, as the source writes it.
    pub worker_type: Option<String>,
    /// File and row.
    pub origin: String,
}

impl HrRecord {
    /// Whether the engagement is over at `at`: its end has passed, or HR says terminated and gives no later end.
    pub fn ended(&self, at: Instant) -> bool {
        match self.end {
            Some(end) => end <= at,
            None => self.status == HrStatus::Terminated,
        }
    }

    /// Whether the engagement lies ahead at `at`.
    pub fn not_started(&self, at: Instant) -> bool {
        match self.start {
            Some(start) => start > at,
            None => self.status == HrStatus::NotStarted,
        }
    }
}

/// The HR roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HrFacts {
    /// Its records, in the order of the file.
    pub records: Vec<HrRecord>,
    /// Whether it lists leavers as well (`hr.lists = "all"`), or only current workers.
    pub lists_leavers: bool,
    /// The zone of its dates.
    pub time_zone: String,
}

/// A link the operator declares between an Identity Center user and an IdP user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeclaredLink {
    /// User id or user name in Identity Center.
    pub identity_center_user: String,
    /// Id or user name in the identity provider.
    pub idp_user: String,
    /// File and row.
    pub origin: String,
}
