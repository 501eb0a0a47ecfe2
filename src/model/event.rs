//! What logs say happened: one model for AWS CloudTrail and for the logs of identity providers.

use serde::{Deserialize, Serialize};

use super::time::Instant;

/// A log, with the window that was read of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLog {
    /// The source it belongs to, `aws` or `idp:NAME`.
    pub source: String,
    /// Which log.
    pub kind: LogKind,
    /// The windows of time that were read whole, sorted and apart. Silence outside of them says nothing.
    pub covered: Vec<Window>,
    /// What happened, sorted by time and id, each id once.
    pub events: Vec<Event>,
}

/// A stretch of time: from `from` on, and before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    /// Its first instant.
    pub from: Instant,
    /// The instant after its last.
    pub to: Instant,
}

/// Whose log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogKind {
    /// AWS CloudTrail.
    CloudTrail,
    /// Entra ID's directory audits.
    EntraAudit,
    /// Entra ID's provisioning log.
    EntraProvisioning,
    /// Okta's system log.
    OktaSystemLog,
    /// Google Workspace's admin activities.
    GoogleAdmin,
    /// Keycloak's admin events.
    KeycloakAdmin,
}

impl LogKind {
    /// Its name for people.
    pub fn describe(self) -> &'static str {
        match self {
            Self::CloudTrail => "AWS CloudTrail",
            Self::EntraAudit => "Entra ID directory audits",
            Self::EntraProvisioning => "Entra ID provisioning log",
            Self::OktaSystemLog => "Okta system log",
            Self::GoogleAdmin => "Google admin activities",
            Self::KeycloakAdmin => "Keycloak admin events",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// The log's id of it.
    pub id: String,
    /// What.
    pub action: Action,
    /// By whom.
    pub actor: Actor,
    /// The user it is about: an Identity Center user id in CloudTrail, the provider's user id elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user's name, where the log bears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The group it is about, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The group's name, where the log bears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// The AWS account it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The permission set it is about: an ARN, or the name in records of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission_set: Option<String>,
    /// What else the log says that counts: the attribute that changed, the id in the target system, the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Whether it succeeded; absent where the log does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<bool>,
    /// Where it was read: file and line, or request.
    pub origin: String,
}

impl Event {
    /// An event of which nothing else is known.
    pub fn new(at: Instant, id: String, action: Action, actor: Actor, origin: String) -> Self {
        Self {
            at,
            id,
            action,
            actor,
            user: None,
            user_name: None,
            group: None,
            group_name: None,
            account: None,
            permission_set: None,
            detail: None,
            succeeded: None,
            origin,
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A user was made.
    UserCreated,
    /// An attribute of a user changed; `detail` says which.
    UserChanged,
    /// A user may sign in again, or for the first time.
    UserEnabled,
    /// A user was switched off or suspended.
    UserDisabled,
    /// A user was deleted.
    UserDeleted,
    /// A group was made.
    GroupCreated,
    /// A group was changed; whom it gained or lost may be hidden.
    GroupChanged,
    /// A group was deleted.
    GroupDeleted,
    /// A user was added to a group.
    MemberAdded,
    /// A user was taken out of a group.
    MemberRemoved,
    /// An assignment was asked for.
    AssignmentCreated,
    /// An assignment's removal was asked for.
    AssignmentDeleted,
    /// A permission set was made.
    PermissionSetCreated,
    /// A permission set or its policies changed.
    PermissionSetChanged,
    /// A permission set was deleted.
    PermissionSetDeleted,
    /// The user was assigned to the AWS application.
    ApplicationAssigned,
    /// The user is no longer assigned to the AWS application.
    ApplicationUnassigned,
    /// The provisioner made or repaired a user or group in Identity Center.
    Provisioned,
    /// The provisioner disabled or deleted a user or group in Identity Center.
    Deprovisioned,
    /// A SCIM access token was made.
    TokenCreated,
    /// A SCIM access token was deleted.
    TokenDeleted,
    /// The user signed in.
    SignedIn,
    /// The user took credentials of, or entered the console with, a permission set on an account.
    RoleUsed,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What sort of identity.
    pub kind: ActorKind,
    /// How the log names it: an ARN, an id, a name.
    pub name: Option<String>,
}

/// What sort of identity acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// The provisioner, by SCIM.
    Scim,
    /// The user themselves.
    User,
    /// A person or role with AWS credentials, or an administrator of the identity provider.
    Administrator,
    /// A service on its own account.
    Service,
    /// The log does not say.
    Unknown,
}

impl ActorKind {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scim => "scim",
            Self::User => "user",
            Self::Administrator => "administrator",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }
}
