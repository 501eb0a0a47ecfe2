//! What earlier snapshots showed, condensed to what changed: each thing once, with the looks at which it was seen.

use serde::{Deserialize, Serialize};

use super::coverage::Fact;
use super::facts::{Assignment, UserStatus};
use super::id::{AccountId, GroupId, IdpGroupId, IdpName, IdpUserId, PermissionSetArn, UserId};
use super::known::Known;
use super::person::{HrStatus, IdpStatus};
use super::time::Instant;

/// What a history is made of. Events and approvals are taken from the last snapshot alone.
pub const STATE: [Fact; 9] = [
    Fact::Accounts,
    Fact::DirectoryUsers,
    Fact::DirectoryGroups,
    Fact::Memberships,
    Fact::PermissionSets,
    Fact::Assignments,
    Fact::IdpUsers,
    Fact::IdpGroups,
    Fact::HrRecords,
];

/// The extract of earlier snapshots that a period's conclusions rest on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// When it was looked, the earliest first; the snapshot that carries the history is the last of them.
    pub looks: Vec<Look>,
    /// Identity Center users.
    pub users: Vec<Track<UserId, PastUser>>,
    /// Identity Center groups, with their names.
    pub groups: Vec<Track<GroupId, String>>,
    /// Identity Center memberships, with when the directory says that each was made.
    pub memberships: Vec<Track<(GroupId, UserId), Option<Instant>>>,
    /// Account assignments.
    pub assignments: Vec<Track<Assignment, ()>>,
    /// Permission sets.
    pub permission_sets: Vec<Track<PermissionSetArn, PastPermissionSet>>,
    /// Accounts, with their names.
    pub accounts: Vec<Track<AccountId, String>>,
    /// Users of identity providers.
    pub idp_users: Vec<Track<(IdpName, IdpUserId), PastIdpUser>>,
    /// Memberships at identity providers, nested ones included.
    pub idp_memberships: Vec<Track<(IdpName, IdpGroupId, IdpUserId), ()>>,
    /// Groups at identity providers with the looks, by position, at which not all of their members were known. Sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idp_members_unknown: Vec<(IdpName, IdpGroupId, Vec<u32>)>,
    /// Engagements in the HR roster, by employee id, or by address where there is none.
    pub engagements: Vec<Track<String, PastEngagement>>,
}

impl History {
    /// The looks, by position, at which not all members of a group were known: such a look shows no absence from it.
    pub fn members_unknown(&self, idp: &IdpName, group: &IdpGroupId) -> &[u32] {
        let at = self.idp_members_unknown.binary_search_by(|(of, id, _)| (of, id).cmp(&(idp, group))).ok();
        at.and_then(|at| self.idp_members_unknown.get(at)).map_or(&[], |(_, _, looks)| looks.as_slice())
    }
}

/// One look at everything: a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When reading began.
    pub started_at: Instant,
    /// When reading ended.
    pub ended_at: Instant,
    /// The snapshot's digest, or the SHA-256 of the listing.
    pub digest: String,
    /// The facts that were read whole, sorted. Of other facts this look shows what is there, and never what is not.
    pub whole: Vec<Fact>,
    /// Whether it is a listing that somebody kept, rather than a sealed snapshot: weaker evidence, and labelled so.
    pub listing: bool,
}

/// A thing, and how it was seen over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track<K, V> {
    /// Which thing.
    pub key: K,
    /// How it was seen, the earliest first. Between two spells it was seen not to be there, or otherwise.
    pub spells: Vec<Spell<V>>,
}

/// A stretch of looks at which a thing was seen the same way. Looks within it that did not read the fact whole and did not
/// show the thing do not end it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spell<V> {
    /// The first look that showed it so, by position.
    pub first: u32,
    /// The last look that showed it so.
    pub last: u32,
    /// How it was.
    pub value: V,
}

/// What changes about an Identity Center user and counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastUser {
    /// The sign-in name.
    pub user_name: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// Whether it may sign in.
    pub status: Known<UserStatus>,
    /// When it was made, where the directory says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Instant>,
}

/// What changes about a permission set and counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastPermissionSet {
    /// Its name.
    pub name: String,
    /// A digest of its policies, boundary and session length; `unknown` when a part of it could not be read.
    pub content: String,
}

/// What changes about an identity provider's user and counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastIdpUser {
    /// The sign-in name.
    pub user_name: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// Whether they can sign in.
    pub status: IdpStatus,
    /// Whether the record contradicted itself, so that its status is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unclear: bool,
    /// Since when, where the record told that and not merely when anything changed.
    #[serde(default)]
    pub status_changed_at: Option<Instant>,
    /// The number in HR.
    pub employee_id: Option<String>,
    /// `Member`, `Guest`, ….
    pub user_type: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The job title.
    pub title: Option<String>,
    /// The manager.
    pub manager: Option<String>,
}

/// What changes about an engagement and counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastEngagement {
    /// The name for people.
    pub display_name: Option<String>,
    /// The work email address.
    pub email: Option<String>,
    /// Where it stands.
    pub status: HrStatus,
    /// Its first instant.
    pub start: Option<Instant>,
    /// The close of its last day.
    pub end: Option<Instant>,
    /// The department.
    pub department: Option<String>,
    /// The job title.
    pub title: Option<String>,
    /// The manager.
    pub manager: Option<String>,
    /// `Employee`, `Contractor`, ….
    pub worker_type: Option<String>,
}
