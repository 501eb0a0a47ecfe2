//! What Keycloak's Admin REST API answers, as far as it is read. Every field may be missing.

use std::collections::BTreeMap;

use serde::Deserialize;

pub(super) use crate::collect::idp::record::Reference;
use crate::collect::idp::record::{Text, or_default};

/// `UserRepresentation`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: Text,
    pub(super) username: Text,
    pub(super) email: Text,
    pub(super) first_name: Text,
    pub(super) last_name: Text,
    pub(super) enabled: Option<bool>,
    /// What the realm's user profile has besides: each name with its values.
    #[serde(deserialize_with = "or_default")]
    pub(super) attributes: BTreeMap<String, Vec<Text>>,
}

/// `GroupRepresentation`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) id: Text,
    pub(super) name: Text,
    /// Since Keycloak 23 the children are asked for by themselves, and only counted here.
    pub(super) sub_group_count: Option<u64>,
    #[serde(deserialize_with = "or_default")]
    pub(super) sub_groups: Vec<Group>,
}

/// `RealmEventsConfigRepresentation`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EventsConfig {
    pub(super) admin_events_enabled: Option<bool>,
}

/// `AdminEventRepresentation`. Addresses of whoever acted are not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AdminEvent {
    pub(super) id: Text,
    /// Milliseconds since 1970.
    pub(super) time: Option<i64>,
    pub(super) operation_type: Text,
    pub(super) resource_type: Text,
    /// `users/ID`, `users/ID/groups/ID`, `groups/ID`, ….
    pub(super) resource_path: Text,
    /// The record as it was written, as JSON within a text; only where the realm keeps details.
    pub(super) representation: Text,
    pub(super) error: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) auth_details: AuthDetails,
}

/// `AuthDetailsRepresentation`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AuthDetails {
    pub(super) user_id: Text,
}

/// What is looked at of a record in an event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    pub(super) enabled: Option<bool>,
}
