//! Reading the AWS application: which one it is, who is assigned, how it provisions, and whether it asks for a second factor.

use std::sync::Arc;

use super::activations;
use super::application::{self, Assigned, WireAssignment, WirePrincipal};
use super::conditional_access::{self, WireDefaults, WirePolicy};
use super::endpoints::{ASSIGNED, DEFAULTS, JOBS, POLICIES, PRINCIPAL, PRINCIPALS, PROVISIONING, SCHEMA};
use super::graph::{self, TOP, Told, origin, with_way_out};
use super::job::{self, WireJob, WireSchema};
use super::provisioning::{self, Log, WireSummary};
use crate::collect::calls::CallError;
use crate::collect::http::Http;
use crate::config::{Connection, Part};
use crate::model::application::{ExternalIdSource, ProvisioningJob, SecondFactorDemand};
use crate::model::event::{EventLog, LogKind, Window};
use crate::model::{Activation, Fact, GapKind, IdpApplication, Instant, Known};

/// What was read of the application.
#[derive(Debug, Default)]
pub(super) struct Access {
    pub(super) application: Option<IdpApplication>,
    pub(super) log: Option<EventLog>,
    /// Memberships of the assigned groups that end by themselves.
    pub(super) activations: Vec<Activation>,
    pub(super) told: Told,
}

/// What is asked about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Its name or id, as the config has it.
    pub(super) name: &'a str,
    pub(super) connection: &'a Connection,
    /// From when on the provisioning log is asked for, and up to when it counts as read.
    pub(super) window: Window,
    /// `idp:NAME`.
    pub(super) source: &'a str,
}

impl Asked<'_> {
    fn log(&self) -> bool {
        self.connection.asks(Part::Events)
    }
}

/// Finds the application.
///
/// # Errors
/// Where it can't be asked for, is not there, or could be one of several.
pub(super) async fn find(http: &Arc<Http>, name: &str) -> Result<WirePrincipal, CallError> {
    if application::is_guid(name) {
        let by_id = http.get(&PRINCIPAL, &["v1.0", "servicePrincipals", name]).query("$select", application::SELECT);
        match http.read::<WirePrincipal>(&by_id).await {
            // It may be the application id, which stands beside the object id in every console.
            Err(error) if error.is_not_found() => {}
            other => return other,
        }
    }
    let property = if application::is_guid(name) { "appId" } else { "displayName" };
    let first = http.get(&PRINCIPALS, &["v1.0", "servicePrincipals"]);
    let first = first.query("$filter", &format!("{property} eq {}", application::quoted(name)));
    let mut found: Vec<WirePrincipal> = Vec::new();
    graph::list(http, first.query("$select", application::SELECT), |_, principal| found.push(principal)).await?;
    let lost = |reason: String, hint: String| CallError { kind: GapKind::NotFound, reason, hint, code: None };
    let mut ids: Vec<String> = found.iter().filter_map(|principal| principal.id.clone()).collect();
    ids.sort_unstable();
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(lost(
            format!("{} enterprise applications are called `{name}`", ids.len()),
            format!("write the object id of the right one as `application`: {}", ids.join(", ")),
        )),
        (None, _) => Err(lost(
            format!("there is no enterprise application `{name}`"),
            "write its name, object id or application id as `application`, as Entra's Enterprise applications show it"
                .to_owned(),
        )),
    }
}

/// Reads everything about the application that is asked for.
pub(super) async fn read(http: &Arc<Http>, asked: Asked<'_>) -> Access {
    let mut access = Access::default();
    let found = find(http, asked.name).await.and_then(|principal| {
        let application =
            principal.read().ok_or_else(|| CallError::malformed(&PRINCIPALS, "the application has no id"));
        application.map(|application| (principal, application))
    });
    let (principal, mut application) = match found {
        Ok(found) => found,
        Err(error) => {
            let error = with_way_out(&error, Some(Part::Application));
            // Nothing that hangs on it can be asked either.
            for (fact, wanted) in [
                (Fact::IdpApplication, true),
                (Fact::ProvisioningLog, asked.log()),
                (Fact::ProvisioningJob, asked.connection.asks(Part::Provisioning)),
                (Fact::Activations, asked.connection.asks(Part::Activations)),
            ] {
                if wanted {
                    access.told.lose(fact, &PRINCIPALS, asked.name, &error);
                }
            }
            return access;
        }
    };
    let id = application.id.clone();
    let app_id = principal.app_id.unwrap_or_default();
    let (assigned, job, log, demand) = tokio::join!(
        assigned(http, &id),
        async { if asked.connection.asks(Part::Provisioning) { Some(settings(http, &id).await) } else { None } },
        async { if asked.log() { Some(provisioned(http, &id, asked.window).await) } else { None } },
        async { if asked.connection.asks(Part::SecondFactors) { Some(demand(http, &app_id).await) } else { None } },
    );
    let (people, told) = assigned;
    access.told.extend(told);
    for one in people {
        match one {
            Assigned::User(user) => application.users.push(user),
            Assigned::Group(group) => application.groups.push(group),
            Assigned::Other => {}
        }
    }
    if let Some((Settings { job, external_id }, told)) = job {
        application.job = job;
        application.external_id = external_id;
        access.told.extend(told);
    }
    if let Some((log, covered, told)) = log {
        application.provisioned_users = log.users(PROVISIONING.name);
        application.provisioned_groups = log.groups(PROVISIONING.name);
        let source = asked.source.to_owned();
        access.log = Some(EventLog { source, kind: LogKind::EntraProvisioning, covered, events: log.events });
        access.told.extend(told);
    }
    if let Some((demand, told)) = demand {
        application.second_factor = demand;
        access.told.extend(told);
    }
    if asked.connection.asks(Part::Activations) {
        let (activations, told) = activations::read(http, &application.groups).await;
        access.activations = activations;
        access.told.extend(told);
    }
    access.application = Some(application);
    access
}

async fn assigned(http: &Arc<Http>, id: &str) -> (Vec<Assigned>, Told) {
    let (mut people, mut told, mut unusable) = (Vec::new(), Told::default(), 0_u64);
    let first = http.get(&ASSIGNED, &["v1.0", "servicePrincipals", id, "appRoleAssignedTo"]);
    let first = first.query("$select", "principalId,principalType").query("$top", TOP);
    let end = graph::list(http, first, |_, assignment: WireAssignment| match assignment.read() {
        Some(one) => people.push(one),
        None => unusable += 1,
    });
    if let Err(error) = end.await {
        told.fail(&ASSIGNED, "", &error, Some(Part::Application));
    }
    if unusable > 0 {
        let error = CallError::malformed(&ASSIGNED, &format!("{unusable} assignments name nobody"));
        told.fail(&ASSIGNED, "", &error, None);
    }
    (people, told)
}

/// How the job is set.
struct Settings {
    job: Known<ProvisioningJob>,
    external_id: Known<ExternalIdSource>,
}

async fn settings(http: &Arc<Http>, id: &str) -> (Settings, Told) {
    let mut told = Told::default();
    let mut jobs: Vec<WireJob> = Vec::new();
    let first = http.get(&JOBS, &["v1.0", "servicePrincipals", id, "synchronization", "jobs"]);
    if let Err(error) = graph::list(http, first, |_, job| jobs.push(job)).await {
        told.fail(&JOBS, "", &error, Some(Part::Provisioning));
        return (
            Settings { job: Known::Unknown(error.reason.clone()), external_id: Known::Unknown(error.reason) },
            told,
        );
    }
    let Some(job) = job::choose(jobs) else {
        // Somebody provisions by hand, or by another tool.
        let none = "the application has no provisioning job".to_owned();
        told.notes.push(none.clone());
        return (Settings { job: Known::Absent, external_id: Known::Unknown(none) }, told);
    };
    let job_id = job.id.clone().unwrap_or_default();
    let request = http.get(&SCHEMA, &["v1.0", "servicePrincipals", id, "synchronization", "jobs", &job_id, "schema"]);
    let (keeps, external_id) = match http.read::<WireSchema>(&request).await {
        Ok(schema) => (schema.keeps_leavers(), schema.external_id()),
        Err(error) => {
            told.fail(&SCHEMA, "", &error, Some(Part::Provisioning));
            (Known::Unknown(error.reason.clone()), Known::Unknown(error.reason))
        }
    };
    if let Known::Value(source) = &external_id {
        told.notes.push(format!("external ids in Identity Center are said to be {}", describe(*source)));
    }
    // It is kept among the job's secrets, and asking for those takes a permission to write.
    told.notes.push(
        "whether the job is told to leave alone who goes out of scope (SkipOutOfScopeDeletions) can't be read"
            .to_owned(),
    );
    (Settings { job: Known::Value(job.read(keeps)), external_id }, told)
}

fn describe(source: ExternalIdSource) -> &'static str {
    use crate::model::IdKey;
    match source {
        ExternalIdSource::Id => "object ids",
        ExternalIdSource::EmployeeId => "employee ids",
        ExternalIdSource::UserName => "user principal names",
        ExternalIdSource::Email => "mail addresses",
        ExternalIdSource::Key(IdKey::MailNickname) => "mail nicknames, which may be used again for somebody else",
        ExternalIdSource::Key(IdKey::OnPremisesImmutableId) => "ids of the directory that users are synchronised from",
        ExternalIdSource::Key(IdKey::ExternalId) => "SCIM external ids",
    }
}

async fn provisioned(http: &Arc<Http>, id: &str, window: Window) -> (Log, Vec<Window>, Told) {
    let (mut log, mut told) = (Log::default(), Told::default());
    let first = http.get(&PROVISIONING, &["v1.0", "auditLogs", "provisioning"]);
    let first = first.query("$filter", &provisioning::filter(id, window.from)).query("$top", "500");
    let end = graph::list(http, first, |page, entry: WireSummary| log.add(entry, id, &origin(&PROVISIONING, page)));
    let end = end.await;
    // How far back a tenant's log reaches hangs on its licence, and on since when it has that. Its first entry is certain.
    let begins = log.events.iter().map(|event| event.at).min();
    let covered = match (&end, begins) {
        (Ok(()), Some(from)) if from < window.to => vec![Window { from, to: window.to }],
        _ => Vec::new(),
    };
    if let Err(error) = &end {
        told.fail(&PROVISIONING, "", error, Some(Part::Events));
    }
    if log.unusable > 0 {
        let reason = format!("{} entries have no id, time or source", log.unusable);
        told.fail(&PROVISIONING, "", &CallError::malformed(&PROVISIONING, &reason), None);
    }
    (log, covered, told)
}

/// Whether signing in to the application takes a second factor.
async fn demand(http: &Arc<Http>, app_id: &str) -> (Known<SecondFactorDemand>, Told) {
    let mut told = Told::default();
    let mut policies: Vec<WirePolicy> = Vec::new();
    let first = http.get(&POLICIES, &["v1.0", "identity", "conditionalAccess", "policies"]);
    if let Err(error) = graph::list(http, first, |_, policy| policies.push(policy)).await {
        told.fail(&POLICIES, "", &error, Some(Part::SecondFactors));
        return (Known::Unknown(error.reason), told);
    }
    let by_policy = conditional_access::demand(&policies, app_id, None);
    if matches!(by_policy, SecondFactorDemand::Everyone(_)) {
        return (Known::Value(by_policy), told);
    }
    let request = http.get(&DEFAULTS, &["v1.0", "policies", "identitySecurityDefaultsEnforcementPolicy"]);
    let defaults = match http.read::<WireDefaults>(&request).await {
        Ok(defaults) => defaults.is_enabled,
        Err(error) => {
            told.fail(&DEFAULTS, "", &error, Some(Part::SecondFactors));
            // What the policies demand stands; that nobody has to is not known.
            let known = by_policy != SecondFactorDemand::Nobody;
            return (if known { Known::Value(by_policy) } else { Known::Unknown(error.reason) }, told);
        }
    };
    (Known::Value(conditional_access::demand(&policies, app_id, defaults)), told)
}

/// How far back logs are asked for: Entra keeps 30 days at most (Microsoft Entra, "Data retention").
pub(super) const REACH_SECONDS: i64 = 30 * 86_400;

/// Entries come some minutes after what they tell. What is younger than this does not count as read.
const SETTLES_SECONDS: i64 = 15 * 60;

/// The window that logs are asked for at an instant.
pub(super) fn window(now: Instant) -> Window {
    let at = now.timestamp().as_second();
    let back = |seconds: i64| Instant::from_epoch_seconds(at - seconds).unwrap_or(now);
    Window { from: back(REACH_SECONDS), to: back(SETTLES_SECONDS) }
}
