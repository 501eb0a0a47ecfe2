//! What AWS says: Identity Center's directory and its account assignments.

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::id::{AccountId, GroupId, IdentityStoreId, InstanceArn, PermissionSetArn, UserId};
use super::known::Known;
use super::permission_set::PermissionSet;
use super::plane::Plane;
use super::time::Instant;

/// The Identity Center instance (`sso-admin:ListInstances`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its ARN.
    pub arn: InstanceArn,
    /// Its identity store.
    pub identity_store: IdentityStoreId,
    /// The account that owns it, where told.
    pub owner_account: Known<AccountId>,
    /// The Region whose reads are authoritative.
    pub region: String,
}

/// An id that the provisioner gave a user or group (`ExternalIds[]`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExternalId {
    /// Who gave it; for SCIM a URL that ends in the provisioning tenant's id.
    pub issuer: String,
    /// The id.
    pub id: String,
}

/// Whether a directory user may sign in (`UserStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// May sign in.
    Enabled,
    /// May not; assignments and memberships stay and revive with it.
    Disabled,
}

impl UserStatus {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// A user of the identity store (`identitystore:ListUsers`). Birth dates, photos, addresses and phone numbers are never read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryUser {
    /// Its id.
    pub id: UserId,
    /// Its sign-in name.
    pub user_name: String,
    /// Its name for people.
    pub display_name: Option<String>,
    /// Its email address.
    pub email: Option<String>,
    /// Whether it may sign in.
    pub status: Known<UserStatus>,
    /// Ids given by provisioners; none means it was made by hand or by API.
    pub external_ids: Vec<ExternalId>,
    /// When it was made.
    pub created_at: Known<Instant>,
    /// By whom.
    pub created_by: Option<String>,
    /// When anything of it last changed; not the time it was disabled.
    pub updated_at: Known<Instant>,
}

/// A group of the identity store (`identitystore:ListGroups`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryGroup {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// Ids given by provisioners.
    pub external_ids: Vec<ExternalId>,
    /// When it was made.
    pub created_at: Known<Instant>,
}

/// A user's membership of a group (`identitystore:ListGroupMemberships`). Groups do not nest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The group.
    pub group: GroupId,
    /// The member.
    pub user: UserId,
    /// When they were added.
    pub created_at: Known<Instant>,
    /// By whom.
    pub created_by: Option<String>,
}

/// Who an assignment is given to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// A directory user.
    User(UserId),
    /// A directory group.
    Group(GroupId),
}

/// Whether a principal is a user or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PrincipalKind {
    /// A directory user.
    User,
    /// A directory group.
    Group,
}

impl PrincipalKind {
    /// AWS's word, `USER` or `GROUP`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Group => "GROUP",
        }
    }
}

impl Principal {
    /// Whether it is a user or a group.
    pub fn kind(&self) -> PrincipalKind {
        match self {
            Self::User(_) => PrincipalKind::User,
            Self::Group(_) => PrincipalKind::Group,
        }
    }

    /// Its id as text.
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::Group(id) => id.as_str(),
        }
    }
}

/// AWS's record that a principal has a permission set on an account (`sso-admin:ListAccountAssignments`). It bears no id and no date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Assignment {
    /// The account.
    pub account: AccountId,
    /// The permission set.
    pub permission_set: PermissionSetArn,
    /// To whom.
    pub principal: Principal,
}

impl Assignment {
    /// How AWS grants it.
    pub fn plane(&self) -> Plane {
        Plane::PermissionSet
    }
}

/// A permission set deployed to an account (`sso-admin:ListAccountsForProvisionedPermissionSet`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Provisioned {
    /// The permission set.
    pub permission_set: PermissionSetArn,
    /// The account.
    pub account: AccountId,
    /// Whether the role in the account is the latest version of the permission set.
    pub latest: Known<bool>,
}

/// A principal that assignments name and the directory listing lacks, asked for by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PrincipalLookup {
    /// The principal.
    pub principal: Principal,
    /// Whether the directory knows it after all.
    pub exists: Known<bool>,
}

/// Counts taken again at the end of the run: lists are not atomic, so drift is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recount {
    /// Directory users.
    pub users: Known<u64>,
    /// Directory groups.
    pub groups: Known<u64>,
    /// Permission sets.
    pub permission_sets: Known<u64>,
}

/// The assignments listed a second way, principal by principal (`sso-admin:ListAccountAssignmentsForPrincipal`), direct rows only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossCheck {
    /// Rows found this way.
    pub rows: u64,
    /// Assignments of principals that exist, found only by account and permission set.
    pub only_by_account: Vec<Assignment>,
    /// Assignments found only by principal.
    pub only_by_principal: Vec<Assignment>,
}

/// Everything AWS told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsFacts {
    /// The instance read.
    pub instance: Instance,
    /// The caller's account and ARN (`sts:GetCallerIdentity`).
    pub caller: Known<String>,
    /// The management account.
    pub management_account: Known<AccountId>,
    /// Accounts registered as delegated administrators.
    pub delegated_admins: Known<Vec<AccountId>>,
    /// Accounts of the organization, sorted by id.
    pub accounts: Vec<Account>,
    /// Directory users, sorted by id.
    pub users: Vec<DirectoryUser>,
    /// Directory groups, sorted by id.
    pub groups: Vec<DirectoryGroup>,
    /// Memberships, sorted by group and user.
    pub memberships: Vec<Membership>,
    /// Permission sets, sorted by ARN.
    pub permission_sets: Vec<PermissionSet>,
    /// Deployments, sorted; empty when `aws.enumeration = "exhaustive"` did not ask for them.
    pub provisioned: Vec<Provisioned>,
    /// Assignments, sorted and without duplicates.
    pub assignments: Vec<Assignment>,
    /// Look-ups of principals that the listing lacks.
    pub lookups: Vec<PrincipalLookup>,
    /// The second count.
    pub recount: Recount,
    /// The second enumeration, where it was asked for.
    pub cross_check: Known<CrossCheck>,
    /// The planes asked for.
    pub planes: Vec<Plane>,
}
