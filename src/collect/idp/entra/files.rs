//! Entries of Entra's logs out of files: as Graph gives them, as diagnostic settings send them, as Log Analytics keeps them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::audits::WireAudit;
use super::provisioning::{Log, WireSummary};
use crate::model::Event;
use crate::model::event::LogKind;

/// Takes entries in one after the other.
#[derive(Debug)]
pub(in crate::collect::idp) struct FromFiles {
    /// The application of AWS, by id or name.
    application: Option<String>,
    audits: Vec<Event>,
    provisioning: Log,
    /// Provisioning entries that were passed over because no application was named.
    pub(in crate::collect::idp) of_some_application: u64,
}

impl FromFiles {
    pub(in crate::collect::idp) fn new(application: Option<String>) -> Self {
        Self { application, audits: Vec::new(), provisioning: Log::default(), of_some_application: 0 }
    }

    /// Whose log an entry is of, if of one of Entra's.
    pub(in crate::collect::idp) fn recognise(entry: &Value) -> Option<LogKind> {
        let has = |keys: [&str; 2]| keys.iter().any(|key| entry.get(key).is_some());
        let category = entry.get("category").or(entry.get("Type")).and_then(Value::as_str);
        match category {
            Some("ProvisioningLogs" | "AADProvisioningLogs") => return Some(LogKind::EntraProvisioning),
            Some("AuditLogs") => return Some(LogKind::EntraAudit),
            _ => {}
        }
        if has(["provisioningAction", "ProvisioningAction"]) && has(["sourceIdentity", "SourceIdentity"]) {
            return Some(LogKind::EntraProvisioning);
        }
        let named = has(["activityDisplayName", "ActivityDisplayName"]) || has(["OperationName", "operationName"]);
        (named && has(["targetResources", "TargetResources"])).then_some(LogKind::EntraAudit)
    }

    /// Takes an entry of the directory's audit log in.
    ///
    /// # Errors
    /// A sentence that says why it can't be used.
    pub(in crate::collect::idp) fn audit(&mut self, entry: Value, origin: &str) -> Result<(), String> {
        let entry = graph_like(entry, "activityDisplayName");
        let audit = WireAudit::deserialize(entry).map_err(|error| format!("it is no audit entry: {error}"))?;
        self.audits.extend(audit.events(origin).ok_or("it has no id or no time that can be read")?);
        Ok(())
    }

    /// Takes an entry of the provisioning log in.
    ///
    /// # Errors
    /// A sentence that says why it can't be used.
    pub(in crate::collect::idp) fn provisioning(&mut self, entry: Value, origin: &str) -> Result<(), String> {
        let Some(application) = self.application.as_deref() else {
            self.of_some_application += 1;
            return Ok(());
        };
        let entry = graph_like(entry, "provisioningAction");
        let principal = entry.get("servicePrincipal");
        let told = |key: &str| principal.and_then(|principal| principal.get(key)?.as_str());
        let is_it = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(application));
        if !is_it(told("id")) && !is_it(told("displayName")) {
            return Ok(());
        }
        let id = told("id").unwrap_or_default().to_owned();
        let summary =
            WireSummary::deserialize(entry).map_err(|error| format!("it is no provisioning entry: {error}"))?;
        let before = self.provisioning.unusable;
        self.provisioning.add(summary, &id, origin);
        if self.provisioning.unusable > before {
            return Err("it has no id, no source or no time that can be read".to_owned());
        }
        Ok(())
    }

    /// The events of each log.
    pub(in crate::collect::idp) fn finish(self) -> [(LogKind, Vec<Event>); 2] {
        [(LogKind::EntraAudit, self.audits), (LogKind::EntraProvisioning, self.provisioning.events)]
    }
}

/// Columns of Log Analytics that hold JSON, as objects or as texts (Azure Monitor, "AuditLogs" and "AADProvisioningLogs").
const NESTED: [&str; 6] = [
    "initiatedBy",
    "targetResources",
    "provisioningStatusInfo",
    "servicePrincipal",
    "sourceIdentity",
    "targetIdentity",
];

/// An entry as Graph would give it. Diagnostic settings wrap it in `properties`; Log Analytics writes names with a capital,
/// and the time and what was done under names of its own.
fn graph_like(entry: Value, operation: &str) -> Value {
    let Value::Object(mut fields) = entry else { return entry };
    if let Some(Value::Object(properties)) = fields.remove("properties") {
        // The wrapper knows the time and the operation as well, under other names.
        for (name, value) in properties {
            fields.insert(name, value);
        }
    }
    let mut out: Map<String, Value> = Map::new();
    for (name, value) in fields {
        let name = lower_first(&name);
        let value = if NESTED.contains(&name.as_str()) { nested(value) } else { value };
        // `ActivityDateTime` and `activityDateTime` at once would be one thing twice.
        if out.get(&name).is_none_or(Value::is_null) {
            out.insert(name, value);
        }
    }
    let mut stand_in = |name: &str, others: &[&str]| {
        if out.get(name).and_then(Value::as_str).is_none_or(str::is_empty)
            && let Some(value) =
                others.iter().find_map(|other| out.get(*other).filter(|value| value.is_string()).cloned())
        {
            out.insert(name.to_owned(), value);
        }
    };
    stand_in("activityDateTime", &["timeGenerated", "time"]);
    stand_in(operation, &["operationName", "action"]);
    Value::Object(out)
}

fn nested(value: Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(&text).map_or(Value::String(text), nested),
        Value::Array(items) => Value::Array(items.into_iter().map(nested_fields).collect()),
        other => nested_fields(other),
    }
}

/// Names of fields begin small in Graph, and in some exports with a capital; a name of an object is its display name.
fn nested_fields(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Map<String, Value> =
                fields.into_iter().map(|(name, value)| (lower_first(&name), nested_fields(value))).collect();
            if !fields.contains_key("displayName")
                && let Some(name) = fields.get("name").cloned()
            {
                fields.insert("displayName".to_owned(), name);
            }
            Value::Object(fields)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(nested_fields).collect()),
        other => other,
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
