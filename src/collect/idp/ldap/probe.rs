//! What a collection could read, found out with one entry of each kind.

use super::failure::Failure;
use super::meter::Meter;
use super::search::{self, Query};
use super::session::{Refusal, Session};
use super::{LdapIdp, ad, nobody, openldap};
use crate::collect::{Check, CheckOutcome, CollectCx, Collector, Probe};
use crate::config::{LdapFlavor, Part};
use crate::model::Fact;

impl LdapIdp {
    /// Connects, binds, and asks for one user, one group and one deleted user.
    pub(super) async fn look(&self, cx: &CollectCx) -> Probe {
        let mut probe = Probe::new(self.source(), self.make(), self.asked());
        let means = match self.means(&cx.base).await {
            Ok(means) => means,
            Err(error) => return probe.failed(&error),
        };
        let meter = Meter::new(cx.clock.clone());
        let opened = Session::open(&self.config, means.tls, means.password.reveal(), meter, cx.progress.clone()).await;
        let mut session = match opened {
            Ok(session) => session,
            Err((Refusal::Config(error), _)) => return probe.failed(&error),
            Err((Refusal::Failed(step, failure), _)) => {
                if step != "ldap:connect" {
                    probe.checks.push(Check::fine("ldap:connect"));
                }
                let asked = probe.asked.clone();
                probe.checks.push(unreadable(step, &failure, &asked));
                return probe;
            }
        };
        self.introduce(&session, &mut probe);
        self.try_all(&mut session, &mut probe).await;
        session.close().await;
        probe
    }

    fn introduce(&self, session: &Session, probe: &mut Probe) {
        probe.told.push(("address", self.config.url.clone()));
        if let Some(server) = &session.root.server {
            probe.told.push(("server", server.clone()));
        }
        if let Some(domain) = &session.root.domain {
            probe.told.push(("domain", domain.clone()));
        }
        probe.told.push(("bound as", self.config.bind_dn.clone()));
        probe.checks.push(if session.clear {
            Check {
                outcome: CheckOutcome::Warning,
                detail: "the connection is not encrypted, as the server on this machine does not offer StartTLS"
                    .to_owned(),
                hint: "give the server a certificate".to_owned(),
                ..Check::fine("ldap:connect")
            }
        } else {
            Check { detail: "encrypted, and the certificate is trusted".to_owned(), ..Check::fine("ldap:connect") }
        });
        probe.checks.push(Check::fine("ldap:bind"));
        for part in self.config.connection.without.iter().filter(|part| [Part::Groups, Part::Deleted].contains(part)) {
            probe.not_read.push(format!("{} (left out with `without`)", part.as_str()));
        }
    }

    async fn try_all(&self, session: &mut Session, probe: &mut Probe) {
        let base = self.config.base_dn.as_str();
        let domain = session.root.domain.clone().unwrap_or_else(|| base.to_owned());
        let ad = self.config.flavor == LdapFlavor::ActiveDirectory;
        let users = if ad { ad::users_query(base) } else { openldap::users_query(base) };
        probe.checks.push(try_one(session, &users, Fact::IdpUsers, "users").await);
        if self.config.connection.asks(Part::Groups) {
            let groups = if ad { ad::groups_query(&domain) } else { openldap::groups_query(base) };
            probe.checks.push(try_one(session, &groups, Fact::IdpGroups, "groups").await);
        }
        if ad && self.config.connection.asks(Part::Deleted) {
            let container = ad::deleted_objects(&domain);
            let query = ad::deleted_query(&container);
            probe.checks.push(match first(session, &query).await {
                Ok(true) => Check::fine(query.operation),
                Ok(false) => Check { detail: "none is shown".to_owned(), ..Check::fine(query.operation) },
                Err(failure) => Check {
                    outcome: CheckOutcome::Warning,
                    detail: failure.reason,
                    hint: "let the user of bind_dn list deleted objects (`dsacls`), or leave them out with \
                           without = [\"deleted\"]; a deleted user reads as missing"
                        .to_owned(),
                    ..Check::fine(query.operation)
                },
            });
        }
    }
}

/// Whether there is an entry.
async fn first(session: &mut Session, query: &Query<'_>) -> Result<bool, Failure> {
    let mut found = false;
    search::each(session, &Query { one: true, ..*query }, |_| {
        found = true;
        true
    })
    .await?;
    Ok(found)
}

async fn try_one(session: &mut Session, query: &Query<'_>, fact: Fact, what: &str) -> Check {
    match first(session, query).await {
        Ok(true) => Check::fine(query.operation),
        Ok(false) => unreadable(query.operation, &nobody(what), &[fact]),
        Err(failure) => unreadable(query.operation, &failure, &[fact]),
    }
}

fn unreadable(what: &str, failure: &Failure, loses: &[Fact]) -> Check {
    Check {
        outcome: CheckOutcome::Unreadable(failure.kind),
        detail: failure.reason.clone(),
        hint: failure.hint.clone(),
        loses: loses.to_vec(),
        ..Check::fine(what)
    }
}
