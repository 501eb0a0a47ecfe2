//! What identity providers and HR say about people. Only what is used is kept.

use serde::{Deserialize, Serialize};

use super::application::IdpApplication;
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
    /// The source gave none, or a word that is not known; `status_changed_at` says which. Neither active nor gone.
    Unknown,
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
            Self::Unknown => "unknown",
        }
    }

    /// Whether this record can't be used to sign in any more.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Suspended | Self::Disabled | Self::Deleted)
    }
}

/// What a user could prove themselves with besides a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Calls or messages to a phone only, which can be intercepted.
    Phone,
    /// At least one that is not a phone number: an app, a key, a passkey.
    Strong,
}

impl SecondFactor {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Strong => "strong",
        }
    }
}

/// An id of a user that is neither the provider's own nor the number in HR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdKey {
    /// Entra's `mailNickname`: the published default for external ids, and reusable.
    MailNickname,
    /// Entra's `onPremisesImmutableId`: the object's GUID in the directory it is synchronised from, in Base64.
    OnPremisesImmutableId,
    /// The id that a SCIM client gave (`externalId`).
    ExternalId,
}

fn not_collected<T>() -> Known<T> {
    Known::Unknown("not collected".to_owned())
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
    /// Where no source says when: an instant since which it has not changed, by a log. It changed then or before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_unchanged_since: Option<Instant>,
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
    /// The second factor they have registered, where the source says; absent means none.
    #[serde(default = "not_collected")]
    pub second_factor: Known<SecondFactor>,
    /// Further ids that a provisioner may put into Identity Center's external ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<(IdKey, String)>,
    /// Two parts of the record that contradict each other about whether the user can sign in; then `status` is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradiction: Option<String>,
    /// Where it was read: file and row, or request.
    pub origin: String,
}

impl IdpUser {
    /// The word for whether they can sign in, `unknown` where the record contradicts itself.
    pub fn status_word(&self) -> &'static str {
        if self.contradiction.is_some() { "unknown" } else { self.status.as_str() }
    }

    /// A user of whom nothing else is known.
    pub fn new(id: IdpUserId, user_name: String, status: IdpStatus, origin: String) -> Self {
        Self {
            id,
            user_name,
            email: None,
            aliases: Vec::new(),
            display_name: None,
            status,
            status_changed_at: not_collected(),
            status_unchanged_since: None,
            employee_id: None,
            user_type: None,
            department: None,
            title: None,
            manager: None,
            start: not_collected(),
            end: not_collected(),
            last_sign_in_at: not_collected(),
            second_factor: not_collected(),
            keys: Vec::new(),
            contradiction: None,
            origin,
        }
    }
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
    /// Those of them who are members only through another group, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested: Vec<IdpUserId>,
    /// Why the members are not all known, where they are not: a user who is not in `members` may then be one all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_unknown: Option<String>,
}

impl IdpGroup {
    /// A group without members.
    pub fn new(id: IdpGroupId, name: String) -> Self {
        Self { id, name, members: Vec::new(), nested: Vec::new(), members_unknown: None }
    }

    /// Whether a user is a member, directly or through another group; unknown where the members are not all known.
    pub fn membership(&self, user: &IdpUserId) -> Known<bool> {
        match &self.members_unknown {
            Some(why) if !self.has(user) => Known::Unknown(why.clone()),
            _ => Known::Value(self.has(user)),
        }
    }

    /// Whether a user is a member, directly or through another group.
    pub fn has(&self, user: &IdpUserId) -> bool {
        self.members.binary_search(user).is_ok()
    }

    /// Whether a user is a member by the group's own list.
    pub fn has_directly(&self, user: &IdpUserId) -> bool {
        self.has(user) && self.nested.binary_search(user).is_err()
    }
}

/// A membership of a group that ends by itself: activated on request, or assigned up to a day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Activation {
    /// The group.
    pub group: IdpGroupId,
    /// The member.
    pub user: IdpUserId,
    /// When it began, where the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// When it ends.
    pub until: Instant,
    /// Where it was read.
    pub origin: String,
}

impl Activation {
    /// Whether it held at some time between two instants.
    pub fn held(&self, started_at: Instant, ended_at: Instant) -> bool {
        self.from.is_none_or(|from| from <= ended_at) && self.until > started_at
    }
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
    /// The application that signs people in to AWS; absent when none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<IdpApplication>,
    /// Memberships for a time only, sorted by group and user. Who is a member without an end as well is not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activations: Vec<Activation>,
}

impl IdpFacts {
    /// What an identity provider told of its users and groups, and nothing more.
    pub fn of_people(name: IdpName, kind: &str, users: Vec<IdpUser>, groups: Option<Vec<IdpGroup>>) -> Self {
        Self { name, kind: kind.to_owned(), users, groups, application: None, activations: Vec::new() }
    }

    /// The memberships for a time that a user has in a group.
    pub fn activations_of(&self, group: &IdpGroupId, user: &IdpUserId) -> impl Iterator<Item = &Activation> {
        let first = self.activations.partition_point(|one| (&one.group, &one.user) < (group, user));
        let from_there = self.activations.iter().skip(first);
        from_there.take_while(move |one| one.group == *group && one.user == *user)
    }

    /// Whether the time of a status is when it changed at the latest. A directory over LDAP tells when the attribute that
    /// holds it changed, which may have been for something else (MS-ADTS, 2.2.16, has 22 flags in one), and SCIM tells when
    /// anything did (RFC 7643, 3.1, `meta.lastModified`).
    pub fn status_times_are_latest(&self) -> bool {
        matches!(self.kind.as_str(), "ldap" | "scim")
    }

    /// Whether the users that it lists as assigned to the application include those who are assigned through a group (Okta
    /// Management API, "Application Users").
    pub fn lists_members_as_assigned(&self) -> bool {
        self.kind == "okta"
    }

    /// Whether it provisions the members that a group has through other groups. Entra ID provisions an assigned group's
    /// direct members only (Microsoft Entra, "How application provisioning works").
    pub fn provisions_nested(&self) -> bool {
        self.kind != "entra"
    }
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
    /// What the roster calls the person: the number, else the address, else the name.
    pub fn key(&self) -> &str {
        self.employee_id.as_deref().or(self.email.as_deref()).or(self.display_name.as_deref()).unwrap_or("?")
    }

    /// Whether the engagement is over at `at`: its end has passed, or HR says terminated and gives no later end.
    pub fn ended(&self, at: Instant) -> bool {
        match self.end {
            Some(end) => end <= at,
            None => self.status == HrStatus::Terminated,
        }
    }

    /// Which cells of the record contradict each other, as collected then: a status other than terminated beside an end that
    /// had passed. An end before the start is of an earlier engagement.
    pub fn contradiction(&self, collected: Instant) -> Option<String> {
        let end = self.end.filter(|end| *end <= collected)?;
        let earlier = self.start.is_some_and(|start| start >= end);
        (self.status != HrStatus::Terminated && !earlier).then(|| {
            format!("{}: status {} contradicts the end date {end}, which has passed", self.origin, self.status.as_str())
        })
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
    /// The identity provider user's number in HR.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employee_id: Option<String>,
    /// File and row.
    pub origin: String,
}
