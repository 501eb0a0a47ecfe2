//! The provisioning job: whether it runs, and whether its settings remove leavers.

use serde::Deserialize;

use super::wire::{instant, text};
use crate::model::application::{ExternalIdSource, JobState, ProvisioningJob};
use crate::model::{IdKey, Known};

/// A job (`microsoft.graph.synchronizationJob`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireJob {
    pub(super) id: Option<String>,
    schedule: Option<Schedule>,
    status: Option<Status>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Schedule {
    state: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    code: Option<String>,
    last_successful_execution: Option<Execution>,
    quarantine: Option<Quarantine>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Execution {
    time_ended: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Quarantine {
    reason: Option<String>,
    current_began: Option<String>,
    error: Option<JobError>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct JobError {
    code: Option<String>,
}

impl WireJob {
    /// Whether it runs. A pause by Entra or an administrator stands in the status, a switch in the schedule.
    pub(super) fn state(&self) -> JobState {
        let schedule = self.schedule.as_ref().and_then(|schedule| schedule.state.as_deref());
        let status = self.status.as_ref();
        let code = status.and_then(|status| status.code.as_deref());
        let quarantined = status.is_some_and(|status| status.quarantine.is_some());
        match (schedule, code) {
            (Some("Disabled" | "Paused"), _) | (_, Some("NotConfigured" | "Paused")) => JobState::Off,
            (_, Some("Quarantine")) => JobState::Quarantined,
            _ if quarantined => JobState::Quarantined,
            (Some("Active"), Some("Active" | "NotRun")) | (None, Some("Active")) => JobState::Running,
            (None, Some("NotRun")) => JobState::Off,
            _ => JobState::Unknown,
        }
    }

    /// The job in our terms. What its settings say is told by its schema.
    pub(super) fn read(&self, keeps_leavers: Known<Vec<String>>) -> ProvisioningJob {
        let ended = |status: &Status| {
            status.last_successful_execution.as_ref().and_then(|run| instant(run.time_ended.as_deref()?))
        };
        let quarantine = self.status.as_ref().and_then(|status| status.quarantine.as_ref()).map(|quarantine| {
            let error = quarantine.error.as_ref().and_then(|error| error.code.clone());
            let since = quarantine.current_began.as_deref().and_then(instant).map(|at| format!("since {at}"));
            let parts: Vec<String> =
                [text(quarantine.reason.clone()), text(error), since].into_iter().flatten().collect();
            parts.join(", ")
        });
        let words = || {
            let schedule = self.schedule.as_ref().and_then(|schedule| schedule.state.clone());
            let code = self.status.as_ref().and_then(|status| status.code.clone());
            let words = [schedule.map(|word| format!("schedule {word}")), code.map(|word| format!("status {word}"))];
            let words: Vec<String> = words.into_iter().flatten().collect();
            words.join(", ")
        };
        let state = self.state();
        let detail = quarantine.or_else(|| (state != JobState::Running).then(words)).filter(|text| !text.is_empty());
        ProvisioningJob {
            state,
            last_success_at: match &self.status {
                Some(status) => Known::read(ended(status)),
                None => Known::Unknown("the job has no status".to_owned()),
            },
            detail,
            keeps_leavers,
        }
    }
}

/// The job that counts among several: one that runs before one that is stuck, and that before one that is off.
pub(super) fn choose(jobs: Vec<WireJob>) -> Option<WireJob> {
    let rank = |job: &WireJob| match job.state() {
        JobState::Running => 0,
        JobState::Quarantined => 1,
        JobState::Unknown => 2,
        JobState::Off => 3,
    };
    jobs.into_iter().min_by_key(|job| (rank(job), job.id.clone()))
}

/// The settings of a job (`microsoft.graph.synchronizationSchema`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireSchema {
    synchronization_rules: Option<Vec<Rule>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Rule {
    object_mappings: Option<Vec<ObjectMapping>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ObjectMapping {
    enabled: Option<bool>,
    flow_types: Option<String>,
    source_object_name: Option<String>,
    attribute_mappings: Option<Vec<AttributeMapping>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AttributeMapping {
    source: Option<Source>,
    target_attribute_name: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Source {
    expression: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl WireSchema {
    fn users(&self) -> Option<&ObjectMapping> {
        let rules = self.synchronization_rules.as_deref().unwrap_or_default();
        let mut mappings = rules.iter().flat_map(|rule| rule.object_mappings.as_deref().unwrap_or_default());
        mappings
            .find(|mapping| mapping.source_object_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("User")))
    }

    /// Why leavers would not be removed, in words (Microsoft Entra, "How application provisioning works": who is disabled,
    /// deleted or unassigned gets `active` set to false by an update, and is deleted when deleted here for good).
    pub(super) fn keeps_leavers(&self) -> Known<Vec<String>> {
        let Some(users) = self.users() else {
            return Known::Unknown("the job's settings have no mapping of users".to_owned());
        };
        let mut reasons = Vec::new();
        if users.enabled == Some(false) {
            reasons.push("users are not provisioned: their mapping is switched off".to_owned());
        }
        if let Some(flows) = &users.flow_types {
            let does = |flow: &str| flows.split(',').any(|word| word.trim().eq_ignore_ascii_case(flow));
            if !does("Update") {
                reasons.push("updates are switched off, so that nobody is disabled".to_owned());
            }
            if !does("Delete") {
                reasons.push(
                    "deletions are switched off, so that users who go out of scope or are deleted stay".to_owned(),
                );
            }
        }
        if let Some(mappings) = users.attribute_mappings.as_deref() {
            let active = mappings.iter().find(|mapping| mapping.is_to("active"));
            match active.and_then(|mapping| mapping.source.as_ref()) {
                None => reasons.push("nothing sets `active`, so that disabled users stay enabled".to_owned()),
                Some(source) if !source.mentions("IsSoftDeleted") && !source.mentions("accountEnabled") => {
                    reasons.push("`active` does not follow the user's state here".to_owned());
                }
                Some(_) => {}
            }
        }
        Known::Value(reasons)
    }

    /// What goes into external ids.
    pub(super) fn external_id(&self) -> Known<ExternalIdSource> {
        let Some(mappings) = self.users().and_then(|users| users.attribute_mappings.as_deref()) else {
            return Known::Unknown("the job's settings have no mapping of users".to_owned());
        };
        let Some(mapping) = mappings.iter().find(|mapping| mapping.is_to("externalId")) else { return Known::Absent };
        let source = mapping.source.as_ref();
        let Some(name) = source.and_then(Source::attribute) else {
            return Known::Unknown("external ids are put together by an expression".to_owned());
        };
        match name.to_ascii_lowercase().as_str() {
            "objectid" | "id" => Known::Value(ExternalIdSource::Id),
            "employeeid" => Known::Value(ExternalIdSource::EmployeeId),
            "userprincipalname" => Known::Value(ExternalIdSource::UserName),
            "mail" => Known::Value(ExternalIdSource::Email),
            "mailnickname" => Known::Value(ExternalIdSource::Key(IdKey::MailNickname)),
            "onpremisesimmutableid" | "immutableid" => {
                Known::Value(ExternalIdSource::Key(IdKey::OnPremisesImmutableId))
            }
            _ => Known::Unknown(format!("external ids come from `{name}`, which is not read")),
        }
    }
}

impl AttributeMapping {
    fn is_to(&self, attribute: &str) -> bool {
        self.target_attribute_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(attribute))
    }
}

impl Source {
    /// The attribute, if it is one that is passed on as it is: by its kind, or as an expression of nothing else.
    fn attribute(&self) -> Option<&str> {
        if self.kind.as_deref() == Some("Attribute") {
            return self.name.as_deref().filter(|name| !name.is_empty());
        }
        let expression = self.expression.as_deref()?.trim();
        let name = expression.strip_prefix('[')?.strip_suffix(']')?;
        (!name.is_empty() && !name.contains(['[', ']'])).then_some(name)
    }

    fn mentions(&self, attribute: &str) -> bool {
        let word = attribute.to_ascii_lowercase();
        let of = |text: &Option<String>| text.as_deref().is_some_and(|text| text.to_ascii_lowercase().contains(&word));
        of(&self.expression) || of(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn job(schedule: &str, code: &str, quarantine: Value) -> WireJob {
        serde_json::from_value(json!({
            "id": "scim.1", "templateId": "scim",
            "schedule": {"expiration": null, "interval": "PT40M", "state": schedule},
            "status": {"code": code, "countSuccessiveCompleteFailures": 0, "quarantine": quarantine,
                       "lastSuccessfulExecution": {"state": "Succeeded", "timeEnded": "2026-09-01T00:00:00Z"}},
        }))
        .unwrap()
    }

    #[test]
    fn a_job_that_does_not_run_says_why() {
        assert_eq!(job("Active", "Active", Value::Null).state(), JobState::Running);
        assert_eq!(job("Active", "NotRun", Value::Null).state(), JobState::Running);
        assert_eq!(job("Disabled", "Paused", Value::Null).state(), JobState::Off);
        assert_eq!(job("Active", "Paused", Value::Null).state(), JobState::Off);
        assert_eq!(job("Active", "Rethinking", Value::Null).state(), JobState::Unknown);
        let stuck = json!({"reason": "EncounteredQuarantineException", "currentBegan": "2026-08-01T00:00:00Z",
                           "error": {"code": "AuthenticationFailed", "message": "Bearer abc was refused"}});
        let read = job("Active", "Quarantine", stuck).read(Known::Absent);
        assert_eq!(read.state, JobState::Quarantined);
        assert_eq!(
            read.detail.as_deref(),
            Some("EncounteredQuarantineException, AuthenticationFailed, since 2026-08-01T00:00:00Z")
        );
        assert_eq!(read.last_success_at, Known::Value("2026-09-01T00:00:00Z".parse().unwrap()));
        let off = job("Disabled", "Paused", Value::Null);
        assert_eq!(off.read(Known::Absent).detail.as_deref(), Some("schedule Disabled, status Paused"));
        let chosen = choose(vec![off, job("Active", "Active", Value::Null)]).unwrap();
        assert_eq!(chosen.state(), JobState::Running);
        assert!(choose(Vec::new()).is_none());
    }

    fn schema(flows: &str, mappings: Value) -> WireSchema {
        serde_json::from_value(json!({"directories": [], "synchronizationRules": [{
        "name": "USER_TO_USER", "objectMappings": [
            {"sourceObjectName": "Group", "targetObjectName": "Group", "enabled": true, "attributeMappings": []},
            {"sourceObjectName": "User", "targetObjectName": "User", "enabled": true, "flowTypes": flows,
             "attributeMappings": mappings},
        ]}]}))
        .unwrap()
    }

    fn attribute(target: &str, name: &str) -> Value {
        json!({"targetAttributeName": target,
               "source": {"expression": format!("[{name}]"), "name": name, "type": "Attribute", "parameters": []}})
    }

    fn active() -> Value {
        json!({"targetAttributeName": "active", "source": {
            "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")",
            "name": "Switch", "type": "Function", "parameters": []}})
    }

    #[test]
    fn settings_that_keep_leavers_are_named() {
        let whole = schema("Add, Update, Delete", json!([attribute("externalId", "mailNickname"), active()]));
        assert_eq!(whole.keeps_leavers(), Known::Value(Vec::new()));
        assert_eq!(whole.external_id(), Known::Value(ExternalIdSource::Key(IdKey::MailNickname)));
        let Known::Value(reasons) = schema("Add", json!([attribute("externalId", "objectId")])).keeps_leavers() else {
            panic!("the settings were read");
        };
        assert_eq!(reasons.len(), 3);
        let Known::Value(reasons) =
            schema("Add,Update,Delete", json!([attribute("active", "extensionAttribute1")])).keeps_leavers()
        else {
            panic!("the settings were read");
        };
        assert_eq!(reasons, ["`active` does not follow the user's state here"]);
        assert!(WireSchema::default().keeps_leavers().is_unknown());
    }

    #[test]
    fn the_source_of_external_ids_is_known_or_said_not_to_be() {
        let source = |mapping: Value| schema("Add", json!([mapping])).external_id();
        assert_eq!(source(attribute("externalId", "objectId")), Known::Value(ExternalIdSource::Id));
        assert_eq!(source(attribute("externalid", "employeeId")), Known::Value(ExternalIdSource::EmployeeId));
        assert_eq!(source(attribute("userName", "userPrincipalName")), Known::Absent);
        assert!(source(attribute("externalId", "extensionAttribute1")).is_unknown());
        let bare = json!({"targetAttributeName": "externalId", "source": {"expression": "[objectId]"}});
        assert_eq!(source(bare), Known::Value(ExternalIdSource::Id));
        let joined = json!({"targetAttributeName": "externalId",
                            "source": {"expression": "Join(\"-\", [objectId], [mail])", "type": "Function"}});
        assert!(source(joined).is_unknown());
    }
}
