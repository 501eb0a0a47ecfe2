//! Whether signing in to the AWS application takes a second factor: Conditional Access, and the security defaults of
//! tenants without it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::wire::text;
use crate::model::application::SecondFactorDemand;

/// A policy (`microsoft.graph.conditionalAccessPolicy`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WirePolicy {
    id: Option<String>,
    display_name: Option<String>,
    state: Option<String>,
    conditions: Option<Conditions>,
    grant_controls: Option<GrantControls>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Conditions {
    applications: Option<Applications>,
    users: Option<Users>,
    client_app_types: Option<Vec<String>>,
    /// Every other condition, whatever Entra invents: each narrows the policy.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Applications {
    include_applications: Option<Vec<String>>,
    exclude_applications: Option<Vec<String>>,
    application_filter: Option<Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Users {
    include_users: Option<Vec<String>>,
    exclude_users: Option<Vec<String>>,
    exclude_groups: Option<Vec<String>>,
    exclude_roles: Option<Vec<String>>,
    exclude_guests_or_external_users: Option<Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GrantControls {
    operator: Option<String>,
    built_in_controls: Option<Vec<String>>,
    custom_authentication_factors: Option<Vec<String>>,
    terms_of_use: Option<Vec<String>>,
    authentication_strength: Option<Value>,
}

/// The security defaults (`microsoft.graph.identitySecurityDefaultsEnforcementPolicy`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireDefaults {
    pub(super) is_enabled: Option<bool>,
}

fn list(list: Option<&Vec<String>>) -> &[String] {
    list.map_or(&[], Vec::as_slice)
}

fn says(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.values().any(says),
        Value::Bool(flag) => *flag,
        Value::String(text) => !text.is_empty(),
        Value::Number(_) => true,
    }
}

/// Whether a policy is about the application.
fn covers(applications: &Applications, app_id: &str) -> bool {
    let is = |word: &String| word.eq_ignore_ascii_case(app_id);
    let included = list(applications.include_applications.as_ref()).iter().any(|app| app == "All" || is(app));
    included && !list(applications.exclude_applications.as_ref()).iter().any(is)
}

/// What a policy demands.
enum Demand {
    Nothing,
    /// A second factor, or something else instead.
    Choice,
    SecondFactor,
}

impl GrantControls {
    fn demand(&self) -> Demand {
        let controls = list(self.built_in_controls.as_ref());
        // An authentication strength is a list of combinations. The built-in ones all have two factors in them; one of a
        // tenant's own is taken at its word.
        let strength = self.authentication_strength.as_ref().is_some_and(says);
        let mfa = controls.iter().filter(|control| *control == "mfa").count() + usize::from(strength);
        let others = controls.len()
            + list(self.custom_authentication_factors.as_ref()).len()
            + list(self.terms_of_use.as_ref()).len()
            + usize::from(strength)
            - mfa;
        match (mfa, others, self.operator.as_deref()) {
            (0, _, _) => Demand::Nothing,
            (_, 0, _) | (_, _, Some("AND")) => Demand::SecondFactor,
            _ => Demand::Choice,
        }
    }
}

impl WirePolicy {
    fn name(&self) -> String {
        text(self.display_name.clone()).or_else(|| text(self.id.clone())).unwrap_or_else(|| "without a name".to_owned())
    }

    /// What keeps the policy from holding for everyone at every sign-in, in words.
    fn limits(&self, conditions: &Conditions) -> Vec<String> {
        let mut limits = Vec::new();
        let users = conditions.users.clone().unwrap_or_default();
        if !list(users.include_users.as_ref()).iter().any(|user| user == "All") {
            limits.push("for some users only".to_owned());
        }
        let count = |count: usize, one: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            many => Some(format!("{many} {one}s")),
        };
        let guests = users.exclude_guests_or_external_users.as_ref().is_some_and(says);
        let left_out: Vec<String> = [
            count(list(users.exclude_users.as_ref()).len(), "user"),
            count(list(users.exclude_groups.as_ref()).len(), "group"),
            count(list(users.exclude_roles.as_ref()).len(), "role"),
            guests.then(|| "guests".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !left_out.is_empty() {
            limits.push(format!("without {}", left_out.join(", ")));
        }
        let clients = list(conditions.client_app_types.as_ref());
        // AWS's access portal is signed in to with a browser.
        if !clients.is_empty() && !clients.iter().any(|client| client == "all" || client == "browser") {
            limits.push("not for browsers".to_owned());
        }
        let others = conditions.others.iter().filter(|(name, value)| !name.starts_with('@') && says(value));
        let named: Vec<&str> = others.map(|(name, _)| name.as_str()).collect();
        if !named.is_empty() {
            limits.push(format!("under conditions ({})", named.join(", ")));
        }
        limits
    }
}

/// What the policies that are in force say about the application, by its application id.
pub(super) fn demand(policies: &[WirePolicy], app_id: &str, defaults: Option<bool>) -> SecondFactorDemand {
    let mut some = Vec::new();
    for policy in policies.iter().filter(|policy| policy.state.as_deref() == Some("enabled")) {
        let (Some(conditions), Some(controls)) = (&policy.conditions, &policy.grant_controls) else { continue };
        let filtered =
            conditions.applications.as_ref().and_then(|apps| apps.application_filter.as_ref()).is_some_and(says);
        let covered = conditions.applications.as_ref().is_some_and(|applications| covers(applications, app_id));
        if !covered && !filtered {
            continue;
        }
        let mut limits = policy.limits(conditions);
        if filtered {
            limits.push("for applications by a filter".to_owned());
        }
        match controls.demand() {
            Demand::Nothing => continue,
            Demand::Choice => limits.push("or another control instead".to_owned()),
            Demand::SecondFactor => {}
        }
        if limits.is_empty() {
            return SecondFactorDemand::Everyone(policy.name());
        }
        some.push(format!("{}: {}", policy.name(), limits.join("; ")));
    }
    if defaults == Some(true) {
        some.push("security defaults: when Entra ID finds it needed".to_owned());
    }
    some.sort_unstable();
    if some.is_empty() { SecondFactorDemand::Nobody } else { SecondFactorDemand::Some(some) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A policy in Graph's published shape, with `changes` made to it by pointer.
    fn policy(changes: &[(&str, Value)]) -> WirePolicy {
        let mut policy = json!({
            "id": "1", "displayName": "MFA", "createdDateTime": null, "state": "enabled", "sessionControls": null,
            "conditions": {
                "signInRiskLevels": [], "userRiskLevels": [], "clientAppTypes": ["all"], "platforms": null,
                "locations": null, "devices": null, "clientApplications": null,
                "applications": {"includeApplications": ["All"], "excludeApplications": [], "includeUserActions": []},
                "users": {"includeUsers": ["All"], "excludeUsers": [], "includeGroups": [], "excludeGroups": [],
                          "includeRoles": [], "excludeRoles": []}},
            "grantControls": {"operator": "OR", "builtInControls": ["mfa"], "customAuthenticationFactors": [],
                              "termsOfUse": []}});
        for (pointer, value) in changes {
            *policy.pointer_mut(pointer).unwrap() = value.clone();
        }
        serde_json::from_value(policy).unwrap()
    }

    fn with(changes: &[(&str, Value)]) -> SecondFactorDemand {
        demand(&[policy(changes)], "app-1", Some(false))
    }

    #[test]
    fn a_policy_for_all_users_and_the_application_is_for_everyone() {
        let everyone = SecondFactorDemand::Everyone("MFA".to_owned());
        assert_eq!(with(&[]), everyone);
        assert_eq!(with(&[("/conditions/applications/includeApplications", json!(["x", "APP-1"]))]), everyone);
        let strength = json!({"operator": "AND", "builtInControls": [], "authenticationStrength": {"id": "2"}});
        assert_eq!(with(&[("/grantControls", strength)]), everyone);
        let both = json!({"operator": "AND", "builtInControls": ["compliantDevice", "mfa"]});
        assert_eq!(with(&[("/grantControls", both)]), everyone);
    }

    #[test]
    fn what_is_not_in_force_or_not_about_it_demands_nothing() {
        for change in [
            ("/state", json!("disabled")),
            ("/state", json!("enabledForReportingButNotEnforced")),
            ("/conditions/applications/includeApplications", json!(["None"])),
            ("/conditions/applications/excludeApplications", json!(["app-1"])),
            ("/grantControls/builtInControls", json!(["block"])),
            ("/grantControls", Value::Null),
            ("/conditions", Value::Null),
        ] {
            assert_eq!(with(std::slice::from_ref(&change)), SecondFactorDemand::Nobody, "{change:?}");
        }
        assert_eq!(demand(&[], "app-1", None), SecondFactorDemand::Nobody);
    }

    #[test]
    fn exclusions_conditions_and_alternatives_leave_some_out() {
        let limited = |pointer: &str, value: Value| match with(&[(pointer, value)]) {
            SecondFactorDemand::Some(policies) => policies.join(" | "),
            other => panic!("{pointer}: {other:?}"),
        };
        assert_eq!(limited("/conditions/users/excludeUsers", json!(["a", "b"])), "MFA: without 2 users");
        assert_eq!(limited("/conditions/users/excludeGroups", json!(["a"])), "MFA: without 1 group");
        assert_eq!(limited("/conditions/users/includeUsers", json!(["a"])), "MFA: for some users only");
        assert_eq!(limited("/conditions/clientAppTypes", json!(["exchangeActiveSync"])), "MFA: not for browsers");
        let places = json!({"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]});
        assert_eq!(limited("/conditions/locations", places), "MFA: under conditions (locations)");
        assert_eq!(
            limited("/grantControls/builtInControls", json!(["mfa", "compliantDevice"])),
            "MFA: or another control instead"
        );
    }

    #[test]
    fn the_broadest_policy_decides_and_security_defaults_count() {
        let narrow = policy(&[("/conditions/users/excludeUsers", json!(["a"]))]);
        assert_eq!(demand(&[narrow, policy(&[])], "app-1", None), SecondFactorDemand::Everyone("MFA".to_owned()));
        assert!(matches!(demand(&[], "app-1", Some(true)), SecondFactorDemand::Some(_)));
    }
}
