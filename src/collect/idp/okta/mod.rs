//! Okta, over its Management API.
//!
//! | read | from | needed for |
//! |---|---|---|
//! | users | a search that includes deactivated ones, held against a filter | who is gone, and since when |
//! | groups | the group list, each group's members | who should be in which group |
//! | application | its users, groups, push mappings, features | which Identity Center user is whose |
//! | second factors | its sign-on policies; the factors of those assigned | who signs in with a password alone |
//! | system log | lifecycle, membership and provisioning events of the last 90 days | when it happened, and by whom |

mod application;
mod assigned;
mod endpoint;
mod event;
mod factors;
mod files;
mod groups;
mod log;
mod person;
mod policy;
mod probe;
mod session;
mod users;
mod wire;

use std::collections::BTreeSet;

use crate::collect::calls::Gaps;
use crate::collect::http::Limits;
use crate::collect::{Batch, BoxFuture, CollectCx, Collector, Facts, Probe};
use crate::config::{OktaConfig, Part};
use crate::error::Error;
use crate::model::coverage::NotOffered;
use crate::model::id::{IdpName, IdpUserId};
use crate::model::{EventLog, Fact, IdpFacts, Known, SourceRecord};

pub use endpoint::ENDPOINTS;
pub(in crate::collect::idp) use files::entry as okta_entry;

use super::record::unknown_statuses;
use application::Application;
use groups::Groups;
use log::Log;
use users::Users;

/// Reads an Okta organisation.
#[derive(Debug, Clone)]
pub struct Okta {
    name: IdpName,
    config: OktaConfig,
    limits: Limits,
}

impl Okta {
    /// A collector for the identity provider of this name.
    pub fn new(name: IdpName, config: OktaConfig) -> Self {
        Self { name, config, limits: Limits::default() }
    }

    /// The same with other limits than the usual ones.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    fn asks(&self, part: Part) -> bool {
        self.config.connection.asks(part)
    }

    /// The application to read, if it is asked for.
    fn application(&self) -> Option<&str> {
        self.config.application.as_deref().filter(|_| self.asks(Part::Application))
    }

    /// The facts asked for, and those that could be and are not.
    fn scope(&self) -> (Vec<Fact>, Vec<NotOffered>) {
        let (mut asked, mut lacking) = (vec![Fact::IdpUsers], Vec::new());
        let application = self.application().is_some();
        // Each fact with the parts it takes, and whether it is about the application.
        let facts: [(Fact, &[Part], bool); 7] = [
            (Fact::IdpGroups, &[Part::Groups], false),
            (Fact::SignIns, &[Part::SignIns], false),
            (Fact::IdpApplication, &[Part::Application], true),
            (Fact::ProvisioningJob, &[Part::Application, Part::Provisioning], true),
            (Fact::SecondFactors, &[Part::Application, Part::SecondFactors], true),
            (Fact::IdpEvents, &[Part::Events], false),
            (Fact::ProvisioningLog, &[Part::Application, Part::Events], true),
        ];
        for (fact, parts, of_application) in facts {
            let left_out = parts.iter().find(|part| !self.asks(**part));
            let reason = match left_out {
                Some(part) => part.left_out(),
                None if of_application && !application => "no `application` is named".to_owned(),
                None => {
                    asked.push(fact);
                    continue;
                }
            };
            lacking.push(NotOffered { fact, reason });
        }
        asked.sort_unstable();
        (asked, lacking)
    }

    async fn read(&self, cx: &CollectCx) -> Result<Batch, Error> {
        let started_at = cx.clock.now();
        let source = self.source();
        cx.progress.phase(&format!("reading {}: users, groups and the application", self.name));
        let session = session::open(&source, &self.config, self.limits, cx).await?;
        let http = &session.http;
        let sign_ins = self.asks(Part::SignIns);
        let (mut users, groups, application) = tokio::join!(
            Users::read(http, sign_ins),
            async { if self.asks(Part::Groups) { Some(Groups::read(http).await) } else { None } },
            async {
                match self.application() {
                    Some(wanted) => Some(Application::read(http, wanted, &self.config.connection).await),
                    None => None,
                }
            }
        );
        users.look_up(http, unlisted(&users, groups.as_ref(), application.as_ref()), sign_ins).await;

        let (asked, not_offered) = self.scope();
        let mut gaps = Gaps::default();
        if let Some(application) = application.as_ref().filter(|_| asked.contains(&Fact::SecondFactors)) {
            cx.progress.phase(&format!("reading {}: second factors", self.name));
            gaps.extend(factors::read(http, &mut users.list, |id| application.assigned.contains(id)).await);
        } else {
            for user in users.list.values_mut() {
                user.second_factor = Known::Unknown("not asked".to_owned());
            }
        }
        let mut events: Vec<EventLog> = Vec::new();
        if self.asks(Part::Events) {
            cx.progress.phase(&format!("reading {}: the system log", self.name));
            let id = application.as_ref().and_then(|app| app.facts.as_ref()).map(|facts| facts.id.as_str());
            let Log { log, gaps: lost } = log::read(http, &source, id, log::reach(started_at)).await;
            gaps.extend(lost);
            events.push(log);
        }

        let mut notes = users.notes;
        notes.extend(unknown_statuses(users.list.values()));
        notes.extend(session.refused.iter().map(|scope| format!("the service app was not granted the scope {scope}")));
        notes.extend(events.iter().flat_map(|log| &log.covered).map(log::told));
        gaps.extend(users.gaps);
        let groups = groups.map(|groups| {
            gaps.extend(groups.gaps);
            notes.extend(groups.notes);
            groups.list
        });
        let application = application.and_then(|application| {
            gaps.extend(application.gaps);
            notes.extend(application.notes);
            application.facts
        });
        notes.sort();
        Ok(Batch {
            record: SourceRecord {
                source,
                kind: KIND.to_owned(),
                started_at,
                ended_at: cx.clock.now(),
                gaps: gaps.into_vec(&asked),
                asked,
                operations: session.records(),
                files: Vec::new(),
                not_offered,
                notes,
            },
            facts: Facts::Idp(Box::new(IdpFacts {
                application,
                ..IdpFacts::of_people(self.name.clone(), KIND, users.list.into_values().collect(), groups)
            })),
            events,
        })
    }
}

/// The type's word in the config.
const KIND: &str = "okta";

impl Collector for Okta {
    fn source(&self) -> String {
        format!("idp:{}", self.name)
    }

    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>> {
        Box::pin(self.read(cx))
    }

    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe> {
        Box::pin(self.look(cx))
    }
}

/// Users whom groups or the application name, and the list lacks.
fn unlisted(users: &Users, groups: Option<&Groups>, application: Option<&Application>) -> Vec<IdpUserId> {
    let members = groups.into_iter().flat_map(|groups| groups.list.iter().flat_map(|group| &group.members));
    let assigned = application.into_iter().flat_map(|application| &application.assigned);
    let missing: BTreeSet<&IdpUserId> =
        members.chain(assigned).filter(|id| !users.list.contains_key(*id) && !users.unusable.contains(*id)).collect();
    missing.into_iter().cloned().collect()
}
