//! What Google's Admin SDK answers, as far as it is read (Directory API and Reports API, revision 20261104). Every field may be
//! missing: Google leaves out what is empty.

use serde::Deserialize;
use serde_json::Value;

use crate::collect::idp::record::{Text, or_default};

/// A page of users.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UsersPage {
    #[serde(deserialize_with = "or_default")]
    pub(super) users: Vec<User>,
    pub(super) next_page_token: Option<String>,
}

/// `User`, fields that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: Text,
    pub(super) primary_email: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) aliases: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(super) non_editable_aliases: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(super) name: Name,
    pub(super) suspended: Option<bool>,
    pub(super) archived: Option<bool>,
    pub(super) suspension_time: Text,
    pub(super) archival_time: Text,
    pub(super) deletion_time: Text,
    pub(super) creation_time: Text,
    pub(super) last_login_time: Text,
    pub(super) is_enrolled_in2_sv: Option<bool>,
    pub(super) is_guest_user: Option<bool>,
    /// Of any type by the description; a list of `{type, value}` in fact.
    #[serde(deserialize_with = "list")]
    pub(super) external_ids: Vec<Typed>,
    #[serde(deserialize_with = "list")]
    pub(super) organizations: Vec<Organization>,
    #[serde(deserialize_with = "list")]
    pub(super) relations: Vec<Typed>,
}

/// `UserName`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Name {
    pub(super) full_name: Text,
}

/// `UserExternalId` and `UserRelation`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) value: Text,
}

/// `UserOrganization`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Organization {
    pub(super) primary: Option<bool>,
    pub(super) department: Text,
    pub(super) title: Text,
    /// What the Admin console calls the type of employee.
    pub(super) description: Text,
}

/// Reads a list whose type the description leaves open; what is no such list counts as empty.
fn list<'de, D: serde::Deserializer<'de>, T: serde::de::DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let items = match value {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    Ok(items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect())
}

/// A page of groups.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct GroupsPage {
    #[serde(deserialize_with = "or_default")]
    pub(super) groups: Vec<Group>,
    pub(super) next_page_token: Option<String>,
}

/// `Group`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Group {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) email: Text,
}

/// A page of members.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct MembersPage {
    #[serde(deserialize_with = "or_default")]
    pub(super) members: Vec<Member>,
    pub(super) next_page_token: Option<String>,
}

/// `Member`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Member {
    pub(super) id: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
}

/// A page of activities.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ActivitiesPage {
    #[serde(deserialize_with = "or_default")]
    pub(super) items: Vec<Activity>,
    pub(super) next_page_token: Option<String>,
}

/// `Activity`. Addresses and devices of whoever acted are not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Activity {
    #[serde(deserialize_with = "or_default")]
    pub(super) id: ActivityId,
    #[serde(deserialize_with = "or_default")]
    pub(super) actor: ActivityActor,
    #[serde(deserialize_with = "or_default")]
    pub(super) events: Vec<ActivityEvent>,
}

/// `Activity.id`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ActivityId {
    pub(super) time: Text,
    pub(super) unique_qualifier: Text,
}

/// `Activity.actor`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ActivityActor {
    pub(super) email: Text,
    pub(super) caller_type: Text,
    pub(super) key: Text,
}

/// `Activity.events[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ActivityEvent {
    pub(super) name: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) parameters: Vec<Parameter>,
}

/// `Activity.events[].parameters[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameter {
    pub(super) name: Text,
    pub(super) value: Text,
}
