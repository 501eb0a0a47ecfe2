//! Microsoft Entra ID over Microsoft Graph.
//!
//! Four branches run side by side and wait for nothing of each other: users with what takes listings of their own, groups
//! with their members, the AWS application, and the audit log. Each keeps what it read and records what it could not. Dates
//! of switching on and off come from the log, since no field of a user has them.

mod access;
mod activations;
mod application;
mod audits;
mod conditional_access;
mod endpoints;
mod files;
mod graph;
mod groups;
mod job;
mod logs;
mod people;
mod probe;
mod provisioning;
mod second_factors;
mod token;
mod users;
mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::nesting::flatten;
use crate::collect::http::{Http, Limits, Setup};
use crate::collect::{Batch, BoxFuture, CollectCx, Collector, Facts, Probe};
use crate::config::{EntraConfig, Part};
use crate::error::Error;
use crate::model::id::IdpName;
use crate::model::{Fact, IdpFacts, SourceRecord};

pub use endpoints::ENDPOINTS;
pub(in crate::collect::idp) use files::FromFiles as EntraEntries;

use access::{Access, Asked};
use graph::Told;

/// Requests under way at once, where the config doesn't say.
const AT_ONCE: u32 = 12;

/// Reads one Entra tenant.
#[derive(Debug, Clone)]
pub struct EntraIdp {
    name: IdpName,
    config: EntraConfig,
    limits: Limits,
}

impl EntraIdp {
    /// Reads what `config` says, as the identity provider `name`.
    pub fn new(name: IdpName, config: EntraConfig) -> Self {
        Self { name, config, limits: Limits::default() }
    }

    /// The same with other limits, for tests and benches.
    #[must_use]
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    fn connect(&self, cx: &CollectCx) -> Result<Arc<Http>, Error> {
        let source = self.source();
        let credential = token::credential(&self.config, &source, &cx.base)?;
        Http::connect(
            Setup {
                source: &source,
                base_url: &self.config.base_url,
                credential,
                endpoints: ENDPOINTS,
                connection: &self.config.connection,
                at_once: AT_ONCE,
                limits: self.limits,
            },
            cx,
        )
    }

    fn asks(&self, part: Part) -> bool {
        self.config.connection.asks(part)
    }

    /// The facts that are asked for, each with the part that leaves it out.
    fn asked(&self) -> Vec<Fact> {
        let wanted = |(fact, wants): (Fact, bool)| wants.then_some(fact);
        self.wanted().into_iter().filter_map(wanted).collect()
    }

    fn wanted(&self) -> [(Fact, bool); 10] {
        let application = self.config.application.is_some() && self.asks(Part::Application);
        [
            (Fact::IdpUsers, true),
            (Fact::IdpGroups, self.asks(Part::Groups)),
            (Fact::IdpApplication, application),
            (Fact::ProvisioningJob, application && self.asks(Part::Provisioning)),
            (Fact::SecondFactors, self.asks(Part::SecondFactors)),
            (Fact::SignIns, self.asks(Part::SignIns)),
            (Fact::EmploymentDates, self.asks(Part::Dates)),
            (Fact::IdpEvents, self.asks(Part::Events)),
            (Fact::ProvisioningLog, application && self.asks(Part::Events)),
            (Fact::Activations, application && self.asks(Part::Activations)),
        ]
    }

    /// What is left out, and why.
    fn left_out(&self) -> Told {
        let mut told = Told::default();
        for (fact, _) in self.wanted().into_iter().filter(|(_, wanted)| !wanted) {
            let part = match fact {
                Fact::IdpGroups => Part::Groups,
                Fact::IdpApplication => Part::Application,
                Fact::ProvisioningJob if self.asks(Part::Application) => Part::Provisioning,
                Fact::ProvisioningLog if self.asks(Part::Application) => Part::Events,
                Fact::Activations if self.asks(Part::Application) => Part::Activations,
                Fact::ProvisioningJob | Fact::ProvisioningLog | Fact::Activations => Part::Application,
                Fact::SecondFactors => Part::SecondFactors,
                Fact::SignIns => Part::SignIns,
                Fact::EmploymentDates => Part::Dates,
                _ => Part::Events,
            };
            if self.asks(part) {
                told.lacks(fact, "the config names no `application`");
            } else {
                told.lacks(fact, &format!("left out by without = [\"{}\"]", part.as_str()));
            }
        }
        if !self.asks(Part::Deleted) {
            told.notes.push("users deleted in the last 30 days were left out by without = [\"deleted\"]".to_owned());
        }
        told
    }

    async fn read(&self, cx: &CollectCx) -> Result<Batch, Error> {
        let started_at = cx.clock.now();
        let http = self.connect(cx)?;
        let source = self.source();
        let window = access::window(started_at);
        cx.progress.phase("reading Entra ID");
        let application = self.config.application.as_deref().filter(|_| self.asks(Part::Application));
        let (mut people, groups, access, log) = tokio::join!(
            people::read(&http, &self.config.connection),
            async { if self.asks(Part::Groups) { Some(groups::read(&http).await) } else { None } },
            async {
                let connection = &self.config.connection;
                match application {
                    Some(name) => access::read(&http, Asked { name, connection, window, source: &source }).await,
                    None => Access::default(),
                }
            },
            async { if self.asks(Part::Events) { Some(logs::read(&http, window, &source).await) } else { None } },
        );
        let mut told = self.left_out();
        let Access { application, log: provisioning, mut activations, told: about_access } = access;
        let known: BTreeSet<_> = people.ids().cloned().collect();
        // A group may be a member for a time as well; its own members are not provisioned.
        activations.retain(|one| known.contains(&one.user));
        let mut events: Vec<_> = provisioning.into_iter().collect();
        let groups = groups.map(|mut read| {
            read.settle(&known);
            told.extend(std::mem::take(&mut read.told));
            flatten(&read.groups)
        });
        let about_people = std::mem::take(&mut people.told);
        let (mut users, more) = people.into_users();
        told.extend(about_people);
        told.extend(more);
        told.extend(about_access);
        match log {
            Some((log, about_log)) => {
                audits::date_statuses(&mut users, &log.events, &log.covered);
                told.extend(about_log);
                events.push(log);
            }
            None => audits::date_statuses(&mut users, &[], &[]),
        }
        let lacking = |fact: &Fact| told.not_offered.iter().any(|lack| lack.fact == *fact);
        let asked: Vec<Fact> = self.asked().into_iter().filter(|fact| !lacking(fact)).collect();
        Ok(Batch {
            record: SourceRecord {
                source,
                kind: "entra".to_owned(),
                started_at,
                ended_at: cx.clock.now(),
                operations: http.records(),
                files: Vec::new(),
                gaps: told.gaps.into_vec(&asked),
                not_offered: told.not_offered,
                notes: told.notes,
                asked,
            },
            facts: Facts::Idp(Box::new(IdpFacts {
                name: self.name.clone(),
                kind: "entra".to_owned(),
                users,
                groups,
                application,
                activations,
            })),
            events,
        })
    }
}

impl Collector for EntraIdp {
    fn source(&self) -> String {
        format!("idp:{}", self.name)
    }

    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>> {
        Box::pin(self.read(cx))
    }

    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe> {
        Box::pin(probe::run(self, cx))
    }
}
