//! The application of an identity provider that signs people in to AWS and provisions them.

use serde::{Deserialize, Serialize};

use super::id::{IdpGroupId, IdpUserId};
use super::known::Known;
use super::person::IdKey;
use super::time::Instant;

/// The application through which an identity provider signs people in to AWS and provisions them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdpApplication {
    /// The provider's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether people can sign in through it.
    pub enabled: Known<bool>,
    /// Whether only those who are assigned can sign in and are provisioned.
    pub assignment_required: Known<bool>,
    /// Users who are assigned, sorted: by themselves, or through a group where the provider lists them so.
    pub users: Vec<IdpUserId>,
    /// Groups that are assigned, sorted.
    pub groups: Vec<IdpGroupId>,
    /// The provisioner's own record of the Identity Center users it made, sorted by user.
    pub provisioned_users: Vec<ProvisionedUser>,
    /// The provisioner's own record of the Identity Center groups it made, sorted by group.
    pub provisioned_groups: Vec<ProvisionedGroup>,
    /// What it puts into Identity Center's external ids.
    pub external_id: Known<ExternalIdSource>,
    /// The provisioning job.
    pub job: Known<ProvisioningJob>,
    /// Whether signing in to it takes a second factor.
    pub second_factor: Known<SecondFactorDemand>,
}

/// A user that the provisioner made in Identity Center.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProvisionedUser {
    /// The user here.
    pub user: IdpUserId,
    /// The user's id in Identity Center.
    pub target: String,
    /// Where it was read: request or log entry.
    pub origin: String,
}

/// A group that the provisioner made in Identity Center.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProvisionedGroup {
    /// The group here.
    pub group: IdpGroupId,
    /// The group's id in Identity Center.
    pub target: String,
    /// Where it was read.
    pub origin: String,
}

/// The attribute that goes into Identity Center's external ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExternalIdSource {
    /// The provider's own id.
    Id,
    /// The number in HR.
    EmployeeId,
    /// The sign-in name.
    UserName,
    /// The email address.
    Email,
    /// Another id.
    Key(IdKey),
}

impl ExternalIdSource {
    /// The word used in reports and files: our column name, or the key's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::EmployeeId => "employee_id",
            Self::UserName => "user_name",
            Self::Email => "email",
            Self::Key(IdKey::MailNickname) => "mail_nickname",
            Self::Key(IdKey::OnPremisesImmutableId) => "on_premises_immutable_id",
            Self::Key(IdKey::ExternalId) => "external_id",
        }
    }
}

/// How the provisioning job is set, and how it fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisioningJob {
    /// Whether it runs, as the provider's word and in our terms.
    pub state: JobState,
    /// When it last ended well.
    pub last_success_at: Known<Instant>,
    /// What it says about its state: the reason of a quarantine.
    pub detail: Option<String>,
    /// Why leavers would not be removed by it: settings, in words. Empty when its settings remove them; unknown when its
    /// settings were not read.
    pub keeps_leavers: Known<Vec<String>>,
}

/// Whether a provisioning job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It runs on schedule.
    Running,
    /// It was switched off, or never switched on.
    Off,
    /// The provider runs it rarely, or no more, because too much fails.
    Quarantined,
    /// The provider says something else.
    Unknown,
}

impl JobState {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Off => "off",
            Self::Quarantined => "in quarantine",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether signing in to the application takes a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorDemand {
    /// For everyone, with the policy that says so.
    Everyone(String),
    /// For some: the policies that say so, and for whom.
    Some(Vec<String>),
    /// No policy asks for it.
    Nobody,
}
