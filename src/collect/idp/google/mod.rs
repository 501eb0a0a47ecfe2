//! Google Workspace, over the Admin SDK.
//!
//! | read | from | needed for |
//! |---|---|---|
//! | users | the user list, and once more those deleted in the last 20 days | who is gone, and since when |
//! | groups | the group list, each group's own members | who should be in which group |
//! | second factors, last sign-ins | fields of the user list | who signs in with a password alone |
//! | admin activities | twelve kinds of event of the last 180 days | when it happened, and by whom |
//!
//! Google tells neither whom it provisions to AWS nor by which means a second step is taken.

mod endpoint;
mod groups;
mod log;
mod person;
mod probe;
mod session;
mod users;
mod wire;

use crate::collect::calls::Gaps;
use crate::collect::http::Limits;
use crate::collect::{Batch, BoxFuture, CollectCx, Collector, Facts, Probe};
use crate::config::{GoogleConfig, Part};
use crate::error::Error;
use crate::model::coverage::NotOffered;
use crate::model::id::IdpName;
use crate::model::{Fact, IdpFacts, IdpGroup, SourceRecord};

pub use endpoint::ENDPOINTS;

use groups::Groups;
use person::Wanted;
use users::Users;

use super::nesting::flatten;
use super::status_times::{self, StatusLog};

/// Reads a Google Workspace customer.
#[derive(Debug, Clone)]
pub struct Google {
    name: IdpName,
    config: GoogleConfig,
    limits: Limits,
}

/// The type's word in the config.
const KIND: &str = "google";

impl Google {
    /// A collector for the identity provider of this name.
    pub fn new(name: IdpName, config: GoogleConfig) -> Self {
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

    fn wanted(&self) -> Wanted {
        Wanted { sign_ins: self.asks(Part::SignIns), second_factors: self.asks(Part::SecondFactors) }
    }

    /// The facts asked for, and those that are not.
    fn scope(&self) -> (Vec<Fact>, Vec<NotOffered>) {
        let (mut asked, mut lacking) = (vec![Fact::IdpUsers], Vec::new());
        let parts = [
            (Fact::IdpGroups, Part::Groups),
            (Fact::SignIns, Part::SignIns),
            (Fact::SecondFactors, Part::SecondFactors),
            (Fact::IdpEvents, Part::Events),
        ];
        for (fact, part) in parts {
            if self.asks(part) {
                asked.push(fact);
            } else {
                lacking.push(NotOffered { fact, reason: part.left_out() });
            }
        }
        for fact in [Fact::IdpApplication, Fact::ProvisioningJob, Fact::ProvisioningLog] {
            let reason = "Google Workspace does not tell whom it provisions to AWS".to_owned();
            lacking.push(NotOffered { fact, reason });
        }
        (asked, lacking)
    }

    async fn read(&self, cx: &CollectCx) -> Result<Batch, Error> {
        let started_at = cx.clock.now();
        let source = self.source();
        let customer = &self.config.customer;
        cx.progress.phase(&format!("reading {}: users and groups", self.name));
        let (session, _) = session::open(&source, &self.config, self.limits, cx).await?;
        let http = &session.http;
        let (mut users, groups) =
            tokio::join!(Users::read(http, customer, self.asks(Part::Deleted), self.wanted()), async {
                if self.asks(Part::Groups) { Some(Groups::read(http, customer).await) } else { None }
            });
        let (asked, not_offered) = self.scope();
        let mut gaps = Gaps::default();
        let mut notes: Vec<String> = session.refused.iter().map(|scope| refusal(scope)).collect();
        let mut events = Vec::new();
        if self.asks(Part::Events) {
            cx.progress.phase(&format!("reading {}: admin activities", self.name));
            let window = log::reach(started_at);
            let (log, lost) = log::read(http, &source, customer, &users, window).await;
            notes.push(format!(
                "admin activities were asked for from {} on; Google keeps 180 days of them",
                window.from
            ));
            gaps.extend(lost);
            // A part of the log may lack the last word. Google suspends accounts by itself as well, and its admin log has
            // no word of that.
            if let Some(window) = log.covered.first() {
                let status_log = StatusLog { name: "the admin log", begins: Some(window.from), holds_all: false };
                status_times::date(users.list.values_mut(), &log.events, status_log);
            }
            events.push(log);
        }
        if self.asks(Part::SecondFactors) {
            notes.push(
                "Google tells whether 2-step verification is on, and not by which means: where it is on, a phone may be all there is"
                    .to_owned(),
            );
        }
        let groups = groups.map(|groups| join(groups, &users, &mut gaps, &mut notes));
        gaps.extend(users.gaps);
        notes.extend(users.notes);
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
            facts: Facts::Idp(Box::new(IdpFacts::of_people(
                self.name.clone(),
                KIND,
                users.list.into_values().collect(),
                groups,
            ))),
            events,
        })
    }
}

/// The groups with all their members; of those that everybody is in, everybody who is not deleted.
fn join(mut groups: Groups, users: &Users, gaps: &mut Gaps, notes: &mut Vec<String>) -> Vec<IdpGroup> {
    for id in &groups.everybody {
        if let Some(group) = groups.listed.get_mut(id) {
            let present = users.list.values().filter(|user| user.status != crate::model::IdpStatus::Deleted);
            group.members.extend(present.map(|user| user.id.clone()));
        }
    }
    gaps.extend(groups.gaps);
    notes.extend(groups.notes);
    flatten(&groups.listed)
}

fn refusal(scope: &str) -> String {
    format!("the service account was not granted the scope {scope}")
}

impl Collector for Google {
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
