//! What Okta's Management API answers, as far as it is read (Okta Management API 2026.06.3). Every field may be missing, and
//! words of closed lists are kept as text, so that a word Okta adds later loses one record and not the page it stands on.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::collect::idp::record::or_default;
pub(super) use crate::collect::idp::record::{Reference, Text};

/// `User`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: Text,
    pub(super) status: Text,
    pub(super) status_changed: Text,
    pub(super) last_login: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) profile: Profile,
}

/// `UserProfile`, base attributes that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Profile {
    pub(super) login: Text,
    pub(super) email: Text,
    pub(super) display_name: Text,
    pub(super) first_name: Text,
    pub(super) last_name: Text,
    pub(super) employee_number: Text,
    pub(super) user_type: Text,
    pub(super) department: Text,
    pub(super) title: Text,
    pub(super) manager: Text,
    pub(super) manager_id: Text,
}

/// `Group`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Group {
    pub(super) id: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) profile: GroupProfile,
}

/// `OktaUserGroupProfile`, or what an application's group has.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GroupProfile {
    pub(super) name: Text,
}

/// `Application`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct App {
    pub(super) id: Text,
    pub(super) label: Text,
    pub(super) status: Text,
    /// Absent when the answer has none, which says nothing.
    pub(super) features: Option<Vec<Text>>,
    #[serde(deserialize_with = "or_default")]
    pub(super) settings: AppSettings,
    #[serde(rename = "_links", deserialize_with = "or_default")]
    pub(super) links: AppLinks,
}

/// `ApplicationSettings`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AppSettings {
    pub(super) implicit_assignment: Option<bool>,
}

/// `ApplicationLinks`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AppLinks {
    #[serde(deserialize_with = "or_default")]
    pub(super) access_policy: Link,
}

/// `HrefObject`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    pub(super) href: Text,
}

/// `AppUser`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AppUser {
    pub(super) id: Text,
    pub(super) external_id: Text,
    pub(super) status: Text,
    pub(super) sync_state: Text,
}

/// `GroupPushMapping`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PushMapping {
    pub(super) source_group_id: Text,
    pub(super) target_group_id: Text,
    pub(super) status: Text,
    pub(super) error_summary: Text,
}

/// `Policy`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Policy {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) status: Text,
}

/// `PolicyRule`, of the types `ACCESS_POLICY` and `SIGN_ON`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Rule {
    pub(super) name: Text,
    pub(super) status: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) actions: RuleActions,
}

/// `AccessPolicyRuleActions` and `OktaSignOnPolicyRuleActions`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RuleActions {
    pub(super) app_sign_on: Option<AppSignOn>,
    pub(super) signon: Option<SignOn>,
}

/// `AccessPolicyRuleApplicationSignOn`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AppSignOn {
    pub(super) access: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) verification_method: Verification,
}

/// `VerificationMethod`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Verification {
    pub(super) factor_mode: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) chains: Vec<Chain>,
}

/// `AuthenticationMethodChain`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chain {
    /// The steps after the first.
    #[serde(deserialize_with = "or_default")]
    pub(super) next: Vec<IgnoredAny>,
}

/// `OktaSignOnPolicyRuleSignonActions`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SignOn {
    pub(super) access: Text,
    pub(super) require_factor: Option<bool>,
}

/// `UserFactor`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Factor {
    pub(super) factor_type: Text,
    pub(super) status: Text,
}

/// `LogEvent`. Addresses, devices and places of whoever acted are not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogEvent {
    pub(super) uuid: Text,
    pub(super) published: Text,
    pub(super) event_type: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) actor: LogEntity,
    #[serde(deserialize_with = "or_default")]
    pub(super) target: Vec<LogEntity>,
    #[serde(deserialize_with = "or_default")]
    pub(super) outcome: LogOutcome,
    #[serde(deserialize_with = "or_default")]
    pub(super) debug_context: DebugContext,
}

/// `LogActor` and `LogTarget`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogEntity {
    pub(super) id: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) alternate_id: Text,
    pub(super) display_name: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) change_details: ChangeDetails,
}

/// `LogTarget.changeDetails`: which properties changed. Their values are not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChangeDetails {
    #[serde(deserialize_with = "or_default")]
    pub(super) to: BTreeMap<String, IgnoredAny>,
}

/// `LogOutcome`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LogOutcome {
    pub(super) result: Text,
    pub(super) reason: Text,
}

/// `LogDebugContext`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DebugContext {
    #[serde(deserialize_with = "or_default")]
    pub(super) debug_data: DebugData,
}

/// `LogDebugContext.debugData`, which Okta warns not to build upon: only shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DebugData {
    pub(super) changed_attributes: Text,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_of_odd_types_costs_the_attribute_and_not_the_page() {
        let users: Vec<User> = serde_json::from_str(
            r#"[{"id": "00u1", "status": "ACTIVE", "lastLogin": null, "classification": {"type": "LITE"},
                 "profile": {"login": " a@example.com ", "employeeNumber": 42, "department": ["x", {"y": 1}], "title": "",
                             "manager": {"name": "z"}, "userType": true}},
                {"id": "00u2", "profile": null},
                {}]"#,
        )
        .unwrap();
        let first = &users[0];
        assert_eq!(first.profile.login.get(), Some("a@example.com"));
        assert_eq!(first.profile.employee_number.get(), Some("42"));
        for absent in [
            &first.profile.department,
            &first.profile.title,
            &first.profile.manager,
            &first.profile.user_type,
            &first.last_login,
        ] {
            assert_eq!(absent.get(), None);
        }
        assert!(users[1].id.is("00u2"));
        assert_eq!(users[2].id, Text::default());
    }

    #[test]
    fn an_event_with_nulls_in_every_place_is_read() {
        let event: LogEvent = serde_json::from_str(
            r#"{"uuid": "e", "actor": null, "target": null, "outcome": null, "debugContext": {"debugData": null}}"#,
        )
        .unwrap();
        assert!(event.uuid.is("e") && event.target.is_empty());
    }
}
