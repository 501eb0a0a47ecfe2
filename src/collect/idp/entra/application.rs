//! The enterprise application that signs people in to AWS: which one it is, and who is assigned to it.

use serde::Deserialize;

use super::wire::text;
use crate::model::id::{IdpGroupId, IdpUserId};
use crate::model::{IdpApplication, Known};

/// What is asked of the application.
pub(super) const SELECT: &str = "id,appId,displayName,accountEnabled,appRoleAssignmentRequired";

/// An enterprise application (`microsoft.graph.servicePrincipal`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WirePrincipal {
    pub(super) id: Option<String>,
    pub(super) app_id: Option<String>,
    display_name: Option<String>,
    account_enabled: Option<bool>,
    app_role_assignment_required: Option<bool>,
}

impl WirePrincipal {
    /// The application, with nobody assigned yet; none without an id.
    pub(super) fn read(&self) -> Option<IdpApplication> {
        let id = text(self.id.clone())?;
        let flag = |flag: Option<bool>, name: &str| {
            flag.map_or_else(|| Known::Unknown(format!("the answer has no {name}")), Known::Value)
        };
        Some(IdpApplication {
            name: text(self.display_name.clone()).unwrap_or_else(|| id.clone()),
            enabled: flag(self.account_enabled, "accountEnabled"),
            assignment_required: flag(self.app_role_assignment_required, "appRoleAssignmentRequired"),
            users: Vec::new(),
            groups: Vec::new(),
            provisioned_users: Vec::new(),
            provisioned_groups: Vec::new(),
            external_id: Known::Unknown("the settings of the provisioning job were not read".to_owned()),
            job: Known::Unknown("the provisioning job was not read".to_owned()),
            second_factor: Known::Unknown("Conditional Access was not read".to_owned()),
            id,
        })
    }
}

/// Whether a name in the config is an id, as Entra writes ids.
pub(super) fn is_guid(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A text as it stands in a filter: quotes are doubled (OData Version 4.01, Part 2, "Primitive literals").
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// An assignment to the application (`microsoft.graph.appRoleAssignment`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireAssignment {
    principal_id: Option<String>,
    principal_type: Option<String>,
}

/// Who is assigned.
pub(super) enum Assigned {
    User(IdpUserId),
    Group(IdpGroupId),
    /// Another application, or a kind that is not known.
    Other,
}

impl WireAssignment {
    /// Whom it is about; none without a usable id.
    pub(super) fn read(&self) -> Option<Assigned> {
        let id = self.principal_id.as_deref()?;
        Some(match self.principal_type.as_deref() {
            Some(kind) if kind.eq_ignore_ascii_case("User") => Assigned::User(id.parse().ok()?),
            Some(kind) if kind.eq_ignore_ascii_case("Group") => Assigned::Group(id.parse().ok()?),
            _ => Assigned::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_names() {
        assert!(is_guid("6cc35b93-185a-4485-a519-50c09549f3ad"));
        for name in ["AWS IAM Identity Center", "6cc35b93", "6cc35b93-185a-4485-a519-50c09549g3ad", ""] {
            assert!(!is_guid(name), "{name}");
        }
        assert_eq!(quoted("Ada's AWS"), "'Ada''s AWS'");
    }

    #[test]
    fn what_the_answer_lacks_is_not_known() {
        let principal: WirePrincipal =
            serde_json::from_str(r#"{"id": "sp", "appId": "app", "displayName": " ", "accountEnabled": false}"#)
                .unwrap();
        let application = principal.read().unwrap();
        assert_eq!((application.name.as_str(), application.enabled), ("sp", Known::Value(false)));
        assert!(application.assignment_required.is_unknown() && application.second_factor.is_unknown());
        assert!(WirePrincipal::default().read().is_none());
    }
}
