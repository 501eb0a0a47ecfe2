//! Reading the AWS application: who is assigned, what is provisioned, how signing in to it is guarded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::assigned::{app_user, enabled, job, pushed, pushes_groups};
use super::endpoint::{APP, APP_GROUPS, APP_USERS, APPS, POLICY, POLICY_RULES, PUSHES, SESSION_POLICIES};
use super::person::{group_id, shortened};
use super::policy::{Verdict, demand, of_application, of_session};
use super::users::defect;
use super::wire;
use crate::collect::calls::{CallError, Called, Gaps};
use crate::collect::http::{Http, Next};
use crate::config::{Connection, Part};
use crate::model::application::{ExternalIdSource, IdpApplication, SecondFactorDemand};
use crate::model::id::IdpUserId;
use crate::model::{Fact, GapKind, Known};

/// The application, as far as it could be read.
#[derive(Default)]
pub(super) struct Application {
    /// None where it was not found.
    pub(super) facts: Option<IdpApplication>,
    /// The users assigned to it: whoever signs in to AWS.
    pub(super) assigned: BTreeSet<IdpUserId>,
    pub(super) gaps: Gaps,
    pub(super) notes: Vec<String>,
}

/// The facts that need to know which application is meant.
pub(super) const ALL: [Fact; 4] =
    [Fact::IdpApplication, Fact::ProvisioningJob, Fact::SecondFactors, Fact::ProvisioningLog];

fn left_out<T>() -> Known<T> {
    Known::Unknown("left out by `without`".to_owned())
}

impl Application {
    /// Reads the application of this label or id.
    pub(super) async fn read(http: &Arc<Http>, wanted: &str, connection: &Connection) -> Self {
        let mut application = Self::default();
        let app = match find(http, wanted).await {
            Ok(app) => app,
            Err((called, error)) => {
                for fact in ALL {
                    application.gaps.add_fact(fact, called, wanted, &error);
                }
                return application;
            }
        };
        let id = app.id.owned().unwrap_or_default();
        let mut facts = IdpApplication {
            name: app.label.owned().unwrap_or_else(|| wanted.to_owned()),
            enabled: enabled(&app),
            // Okta lets nobody in who is not assigned, unless the application is told to take everybody.
            assignment_required: Known::Value(app.settings.implicit_assignment != Some(true)),
            users: Vec::new(),
            groups: Vec::new(),
            provisioned_users: Vec::new(),
            provisioned_groups: Vec::new(),
            // Okta's application for AWS sends its own id of the user.
            external_id: Known::Value(ExternalIdSource::Id),
            job: left_out(),
            second_factor: left_out(),
            id,
        };
        if facts.enabled == Known::Value(false) {
            let word = app.status.get().unwrap_or_default();
            application.notes.push(format!("the application is {word}: nobody signs in or is provisioned through it"));
        }
        let failed = application.users(http, &mut facts).await;
        application.groups(http, &mut facts).await;
        let mut stopped = BTreeMap::new();
        if pushes_groups(&app) == Some(false) {
            application.notes.push("the application pushes no groups".to_owned());
        } else if connection.asks(Part::Groups) {
            stopped = application.pushes(http, &mut facts).await;
        }
        if connection.asks(Part::Provisioning) {
            facts.job = job(&app, failed, &stopped);
            if let Known::Unknown(why) = &facts.job {
                let error = CallError::malformed(&APP, why);
                application.gaps.add_fact(Fact::ProvisioningJob, &APP, "", &error);
            }
        }
        if connection.asks(Part::SecondFactors) {
            facts.second_factor = application.second_factor(http, &app).await;
        }
        application.facts = Some(facts);
        application
    }

    /// Reads who is assigned; gives for how many pushing failed.
    async fn users(&mut self, http: &Http, facts: &mut IdpApplication) -> u64 {
        let request = http.get(&APP_USERS, &["api", "v1", "apps", &facts.id, "users"]).query("limit", "500");
        let mut failed = 0;
        let read = http.pages(
            request,
            |page: Vec<wire::AppUser>, reply| (page, Next::link(reply.next_link())),
            |page| {
                for record in page {
                    match app_user(&record, &APP_USERS.action()) {
                        Ok(line) => {
                            failed += u64::from(line.assigned && line.failed);
                            facts.provisioned_users.extend(line.provisioned);
                            if line.assigned {
                                self.assigned.insert(line.user);
                            }
                        }
                        Err(flaw) => defect(&mut self.gaps, &APP_USERS, &flaw),
                    }
                }
            },
        );
        if let Err(error) = read.await {
            self.gaps.add(&APP_USERS, "", &error);
        }
        facts.users = self.assigned.iter().cloned().collect();
        // A line that came twice, on two pages.
        facts.provisioned_users.sort();
        facts.provisioned_users.dedup();
        failed
    }

    async fn groups(&mut self, http: &Http, facts: &mut IdpApplication) {
        let request = http.get(&APP_GROUPS, &["api", "v1", "apps", &facts.id, "groups"]).query("limit", "200");
        let read = http.pages(
            request,
            |page: Vec<wire::Reference>, reply| (page, Next::link(reply.next_link())),
            |page| {
                for record in page {
                    match group_id(&record.id) {
                        Ok(id) => facts.groups.push(id),
                        Err(flaw) => defect(&mut self.gaps, &APP_GROUPS, &flaw),
                    }
                }
            },
        );
        if let Err(error) = read.await {
            self.gaps.add(&APP_GROUPS, "", &error);
        }
    }

    /// Reads which groups are pushed; gives those whose changes don't arrive, with why.
    async fn pushes(&mut self, http: &Http, facts: &mut IdpApplication) -> BTreeMap<String, String> {
        let request =
            http.get(&PUSHES, &["api", "v1", "apps", &facts.id, "group-push", "mappings"]).query("limit", "1000");
        let mut stopped = BTreeMap::new();
        let mut nameless = 0_u64;
        let read = http.pages(
            request,
            |page: Vec<wire::PushMapping>, reply| (page, Next::link(reply.next_link())),
            |page| {
                for record in page {
                    match pushed(&record, &PUSHES.action()) {
                        Ok(push) => {
                            nameless += u64::from(push.target.is_none());
                            facts.provisioned_groups.extend(push.target);
                            if let Some(why) = push.stopped {
                                stopped.insert(push.source.to_string(), why);
                            }
                        }
                        Err(flaw) => defect(&mut self.gaps, &PUSHES, &flaw),
                    }
                }
            },
        );
        if let Err(error) = read.await {
            self.gaps.add(&PUSHES, "", &error);
        }
        if nameless > 0 {
            self.notes.push(
                "Okta names pushed groups by its own record of them; they are matched to Identity Center by name"
                    .to_owned(),
            );
        }
        stopped
    }

    async fn second_factor(&mut self, http: &Arc<Http>, app: &wire::App) -> Known<SecondFactorDemand> {
        let own = match policy_of(app) {
            None => None,
            Some(id) => match own_policy(http, &id).await {
                Ok(own) => Some(own),
                Err((called, error)) => {
                    self.gaps.add(called, "", &error);
                    return Known::Unknown(error.reason);
                }
            },
        };
        let own = own.as_ref().map(|(name, verdict)| (name.as_str(), verdict));
        if matches!(own, Some((_, Verdict::Always))) {
            return demand(own, &Known::Absent);
        }
        match sessions(http).await {
            Ok(sessions) => demand(own, &Known::Value(sessions)),
            Err((called, error)) => {
                self.gaps.add(called, "", &error);
                Known::Unknown(error.reason)
            }
        }
    }
}

pub(super) type Failed = (&'static dyn Called, CallError);

/// Finds the application by its id or its label.
pub(super) async fn find(http: &Http, wanted: &str) -> Result<wire::App, Failed> {
    if wanted.starts_with("0oa") && wanted.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        match http.read(&http.get(&APP, &["api", "v1", "apps", wanted])).await {
            Ok(app) => return Ok(app),
            // It may be a label after all.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err((&APP, error)),
        }
    }
    let request = http
        .get(&APPS, &["api", "v1", "apps"])
        .query("q", wanted)
        .query("includeNonDeleted", "true")
        .query("limit", "200");
    let (mut named, mut alike) = (Vec::new(), Vec::new());
    let read = http.pages(
        request,
        |page: Vec<wire::App>, reply| (page, Next::link(reply.next_link())),
        |page| {
            for app in page {
                let label = app.label.get().unwrap_or_default().to_owned();
                if label.to_lowercase() == wanted.trim().to_lowercase() { named.push(app) } else { alike.push(label) }
            }
        },
    );
    read.await.map_err(|error| -> Failed { (&APPS, error) })?;
    let lost = |reason: String, hint: String| -> Failed {
        (&APPS, CallError { kind: GapKind::NotFound, reason, hint, code: None })
    };
    if named.len() > 1 {
        let ids: Vec<&str> = named.iter().filter_map(|app| app.id.get()).collect();
        return Err(lost(
            format!("{} applications have the label `{}`", ids.len(), shortened(wanted)),
            format!("write one of their ids as `application`: {}", ids.join(", ")),
        ));
    }
    named.pop().filter(|app| app.id.get().is_some()).ok_or_else(|| {
        alike.sort();
        let hint = match alike.first() {
            Some(label) => {
                format!("write its label as the Admin Console shows it, or its id; one is `{}`", shortened(label))
            }
            None => "write its label as the Admin Console shows it, or its id (0oa…)".to_owned(),
        };
        lost(format!("no application has the label or id `{}`", shortened(wanted)), hint)
    })
}

/// The id of the application's sign-on policy, which Identity Engine links to.
pub(super) fn policy_of(app: &wire::App) -> Option<String> {
    let href = app.links.access_policy.href.get()?;
    let id = href.trim_end_matches('/').rsplit('/').next()?;
    (!id.is_empty()).then(|| id.to_owned())
}

async fn own_policy(http: &Http, id: &str) -> Result<(String, Verdict), Failed> {
    let policy: wire::Policy = http
        .read(&http.get(&POLICY, &["api", "v1", "policies", id]))
        .await
        .map_err(|error| -> Failed { (&POLICY, error) })?;
    let name = shortened(policy.name.get().unwrap_or(id));
    Ok((name, of_application(&rules(http, id).await?)))
}

/// The organisation's policies for sessions that are in force, with what they say.
async fn sessions(http: &Http) -> Result<Vec<(String, Verdict)>, Failed> {
    let mut policies = Vec::new();
    let request = http.get(&SESSION_POLICIES, &["api", "v1", "policies"]).query("type", "OKTA_SIGN_ON");
    http.pages(
        request,
        |page: Vec<wire::Policy>, reply| (page, Next::link(reply.next_link())),
        |page| policies.extend(page),
    )
    .await
    .map_err(|error| -> Failed { (&SESSION_POLICIES, error) })?;
    let mut judged = Vec::new();
    for policy in policies.iter().filter(|policy| policy.status.is("ACTIVE")) {
        let Some(id) = policy.id.get() else { continue };
        let name = shortened(policy.name.get().unwrap_or(id));
        judged.push((name, of_session(&rules(http, id).await?)));
    }
    Ok(judged)
}

async fn rules(http: &Http, policy: &str) -> Result<Vec<wire::Rule>, Failed> {
    let mut all = Vec::new();
    http.pages(
        http.get(&POLICY_RULES, &["api", "v1", "policies", policy, "rules"]),
        |page: Vec<wire::Rule>, reply| (page, Next::link(reply.next_link())),
        |page| all.extend(page),
    )
    .await
    .map_err(|error| -> Failed { (&POLICY_RULES, error) })?;
    Ok(all)
}
