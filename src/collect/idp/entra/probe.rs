//! What a collection could read: one small call for each kind of answer.

use std::sync::Arc;

use serde_json::Value;

use super::EntraIdp;
use super::access;
use super::activations;
use super::application::{Assigned, WireAssignment};
use super::audits::WireAudit;
use super::endpoints::{
    ACTIVATIONS, ASSIGNED, AUDITS, DEFAULTS, DELETED, FIRST_AUDIT, GROUPS, JOBS, LEAVE_DATES, MEMBERS, POLICIES,
    PRINCIPALS, PROVISIONING, REGISTRATIONS, SCHEMA, SIGN_INS, TOKEN, USERS,
};
use super::graph::{TOP, unlicensed, with_way_out};
use super::job::{self, WireJob};
use super::logs;
use super::provisioning;
use super::wire::Page;
use crate::collect::calls::CallError;
use crate::collect::http::{Endpoint, Http, Request};
use crate::collect::{Check, CheckOutcome, CollectCx, Collector, Probe};
use crate::config::Part;
use crate::model::{Fact, GapKind};

/// What a probe has found out so far.
struct Look<'a> {
    idp: &'a EntraIdp,
    http: Arc<Http>,
    probe: Probe,
}

/// Tries everything that a collection would ask for.
pub(super) async fn run(idp: &EntraIdp, cx: &CollectCx) -> Probe {
    let probe = Probe::new(idp.source(), "entra", idp.asked());
    let http = match idp.connect(cx) {
        Ok(http) => http,
        Err(error) => return probe.failed(&error),
    };
    let mut look = Look { idp, http, probe };
    look.probe.told.push(("tenant", idp.config.tenant_id.clone()));
    look.probe
        .not_read
        .extend(idp.left_out().not_offered.into_iter().map(|lack| format!("{}: {}", lack.fact, lack.reason)));
    if look.reaches().await {
        look.people().await;
        look.groups().await;
        look.application(cx).await;
        look.second_factors().await;
        look.events().await;
    }
    look.probe
}

/// How a check calls a call.
fn name(endpoint: &Endpoint) -> String {
    if endpoint.parameters.is_empty() {
        endpoint.name.to_owned()
    } else {
        format!("{} ({})", endpoint.name, endpoint.parameters)
    }
}

impl Look<'_> {
    fn one(&self, endpoint: &'static Endpoint, path: &[&str], select: &str) -> Request {
        let request = self.http.get(endpoint, path).query("$top", "1");
        if select.is_empty() { request } else { request.query("$select", select) }
    }

    /// The token and the one answer that everything hangs on. Where nobody answers, or not to us, asking on is idle.
    async fn reaches(&mut self) -> bool {
        let request = self.one(&USERS, &["v1.0", "users"], "id,accountEnabled");
        match self.http.read::<Page<Value>>(&request).await {
            Err(error) if matches!(error.kind, GapKind::Credentials | GapKind::Network) => {
                let all = self.probe.asked.clone();
                let endpoint = if error.kind == GapKind::Credentials { &TOKEN } else { &USERS };
                self.wrong(endpoint, &error, None, all);
                false
            }
            answer => {
                self.probe.checks.push(Check::fine(name(&TOKEN)));
                self.note(&USERS, answer, None);
                true
            }
        }
    }

    async fn people(&mut self) {
        let dates = self.one(&LEAVE_DATES, &["v1.0", "users"], "id,employeeLeaveDateTime");
        self.try_part(&LEAVE_DATES, dates, Part::Dates).await;
        let sign_ins = self.one(&SIGN_INS, &["v1.0", "users"], "id,signInActivity");
        self.try_part(&SIGN_INS, sign_ins, Part::SignIns).await;
        let deleted = self.one(&DELETED, &["v1.0", "directory", "deletedItems", "microsoft.graph.user"], "id");
        self.try_part(&DELETED, deleted, Part::Deleted).await;
    }

    async fn groups(&mut self) {
        if !self.idp.asks(Part::Groups) {
            return;
        }
        let request = self.one(&GROUPS, &["v1.0", "groups"], "id");
        let groups = self.http.read::<Page<Value>>(&request).await;
        let groups = self.note(&GROUPS, groups, Some(Part::Groups));
        let first = groups.and_then(|page| page.value?.into_iter().next());
        match first.as_ref().and_then(|group| group.get("id")?.as_str()) {
            Some(id) => {
                let request = self.one(&MEMBERS, &["v1.0", "groups", id, "members"], "id");
                self.try_part(&MEMBERS, request, Part::Groups).await;
            }
            None => self.not_tried(&MEMBERS, "no group to try it on"),
        }
    }

    async fn application(&mut self, cx: &CollectCx) {
        let Some(wanted) = self.idp.config.application.as_deref().filter(|_| self.idp.asks(Part::Application)) else {
            return;
        };
        let found = access::find(&self.http, wanted).await;
        let found = self.note(&PRINCIPALS, found, Some(Part::Application));
        let Some(application) = found.as_ref().and_then(|principal| principal.read()) else {
            if let Some(check) = self.probe.checks.last_mut() {
                let asked = &self.probe.asked;
                let hang_on_it =
                    [Fact::IdpApplication, Fact::ProvisioningJob, Fact::ProvisioningLog, Fact::Activations];
                check.loses = hang_on_it.into_iter().filter(|fact| asked.contains(fact)).collect();
            }
            for endpoint in [&ASSIGNED, &ACTIVATIONS, &JOBS, &SCHEMA, &PROVISIONING] {
                self.not_tried(endpoint, "no application to try it on");
            }
            return;
        };
        let id = application.id.as_str();
        self.probe.told.push(("application", format!("{} ({id})", application.name)));
        self.assigned(id).await;
        if self.idp.asks(Part::Provisioning) {
            let request = self.http.get(&JOBS, &["v1.0", "servicePrincipals", id, "synchronization", "jobs"]);
            let jobs = self.http.read::<Page<WireJob>>(&request).await;
            let jobs = self.note(&JOBS, jobs, Some(Part::Provisioning));
            let chosen = jobs.and_then(|page| job::choose(page.value.unwrap_or_default()));
            match chosen.and_then(|job| job.id) {
                Some(job) => {
                    let path = ["v1.0", "servicePrincipals", id, "synchronization", "jobs", &job, "schema"];
                    let request = self.http.get(&SCHEMA, &path);
                    let schema = self.http.read::<Value>(&request).await;
                    self.note(&SCHEMA, schema, Some(Part::Provisioning));
                }
                None => self.not_tried(&SCHEMA, "no provisioning job to try it on"),
            }
        }
        if self.idp.asks(Part::Events) {
            let from = access::window(cx.clock.now()).from;
            let request = self.one(&PROVISIONING, &["v1.0", "auditLogs", "provisioning"], "");
            let request = request.query("$filter", &provisioning::filter(id, from));
            self.try_part(&PROVISIONING, request, Part::Events).await;
        }
    }

    /// Who is assigned, and for how long a group's members are in it.
    async fn assigned(&mut self, application: &str) {
        let request = self.http.get(&ASSIGNED, &["v1.0", "servicePrincipals", application, "appRoleAssignedTo"]);
        let request = request.query("$select", "principalId,principalType").query("$top", TOP);
        let answer = self.http.read::<Page<WireAssignment>>(&request).await;
        let page = self.note(&ASSIGNED, answer, Some(Part::Application));
        if !self.idp.asks(Part::Activations) {
            return;
        }
        let assigned = page.and_then(|page| page.value).unwrap_or_default();
        let group = assigned.into_iter().find_map(|one| match one.read() {
            Some(Assigned::Group(group)) => Some(group),
            _ => None,
        });
        match group {
            Some(group) => {
                let request = activations::request(&self.http, &group);
                self.try_part(&ACTIVATIONS, request, Part::Activations).await;
            }
            None => self.not_tried(&ACTIVATIONS, "no assigned group to try it on"),
        }
    }

    async fn second_factors(&mut self) {
        let path = ["v1.0", "reports", "authenticationMethods", "userRegistrationDetails"];
        let registrations = self.one(&REGISTRATIONS, &path, "id");
        self.try_part(&REGISTRATIONS, registrations, Part::SecondFactors).await;
        // Whether a second factor is asked for is a matter of the application.
        if self.idp.config.application.is_some() && self.idp.asks(Part::Application) {
            let policies = self.http.get(&POLICIES, &["v1.0", "identity", "conditionalAccess", "policies"]);
            self.try_part(&POLICIES, policies, Part::SecondFactors).await;
            let defaults = self.http.get(&DEFAULTS, &["v1.0", "policies", "identitySecurityDefaultsEnforcementPolicy"]);
            self.try_part(&DEFAULTS, defaults, Part::SecondFactors).await;
        }
    }

    async fn events(&mut self) {
        if !self.idp.asks(Part::Events) {
            return;
        }
        let answer = self.http.read::<Page<WireAudit>>(&logs::first_entry(&self.http)).await;
        let page = self.note(&FIRST_AUDIT, answer, Some(Part::Events));
        let begins = page.and_then(|page| page.value?.first()?.at());
        if let Some(begins) = begins {
            self.probe
                .notes
                .push(format!("the audit log reaches back to {begins}; Entra ID keeps 7 days, and 30 with P1 or P2"));
        } else {
            self.not_tried(&AUDITS, "the audit log has no entry to tell where it begins");
        }
    }

    /// Makes a call that belongs to a part, if that is asked for.
    async fn try_part(&mut self, endpoint: &'static Endpoint, request: Request, part: Part) {
        if self.idp.asks(part) {
            let answer = self.http.read::<Value>(&request).await;
            self.note(endpoint, answer, Some(part));
        }
    }

    /// Notes what came of a call and gives the answer on.
    fn note<T>(&mut self, endpoint: &Endpoint, answer: Result<T, CallError>, part: Option<Part>) -> Option<T> {
        match answer {
            Ok(answer) => {
                self.probe.checks.push(Check::fine(name(endpoint)));
                return Some(answer);
            }
            Err(error) if error.is_not_found() && endpoint.absence_answers => {
                self.probe.checks.push(Check::fine(name(endpoint)));
            }
            Err(error) if let Some(reason) = unlicensed(&error) => {
                let facts: Vec<&str> = endpoint.loses.iter().map(|fact| fact.describe()).collect();
                self.probe.not_read.push(format!("{}: {reason}", facts.join(", ")));
                self.probe.asked.retain(|fact| !endpoint.loses.contains(fact));
                self.probe.checks.push(Check {
                    outcome: CheckOutcome::Warning,
                    detail: reason.to_owned(),
                    ..Check::fine(name(endpoint))
                });
            }
            Err(error) => {
                let lost = endpoint.loses.iter().copied().filter(|fact| self.probe.asked.contains(fact)).collect();
                self.wrong(endpoint, &error, part, lost);
            }
        }
        None
    }

    fn wrong(&mut self, endpoint: &Endpoint, error: &CallError, part: Option<Part>, loses: Vec<Fact>) {
        let CallError { kind, reason, hint, .. } = with_way_out(error, part);
        let outcome = CheckOutcome::Unreadable(kind);
        self.probe.checks.push(Check { what: name(endpoint), outcome, detail: reason, hint, loses });
    }

    fn not_tried(&mut self, endpoint: &Endpoint, why: &str) {
        self.probe.checks.push(Check::not_tried(name(endpoint), why));
    }
}
