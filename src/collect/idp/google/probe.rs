//! One cheap call for each endpoint that a collection would ask.

use std::sync::Arc;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::endpoint::MEMBERS;
use super::{Google, KIND, groups, log, session, users, wire};
use crate::collect::calls::Called;
use crate::collect::http::{Http, Request};
use crate::collect::{Check, CheckOutcome, CollectCx, Collector, Probe};
use crate::config::Part;
use crate::model::GapKind;

impl Google {
    /// Tries what a collection would ask, once.
    pub(super) async fn look(&self, cx: &CollectCx) -> Probe {
        let (asked, lacking) = self.scope();
        let mut probe = Probe::new(self.source(), KIND, asked);
        probe.not_read = lacking.into_iter().map(|lack| format!("{} ({})", lack.fact, lack.reason)).collect();
        cx.progress.phase(&format!("trying what a collection would ask {}", self.name));
        let opened = session::open(&self.source(), &self.config, self.limits, cx).await;
        let (session, account) = match opened {
            Ok(opened) => opened,
            Err(error) => return probe.failed(&error),
        };
        probe.told.push(("customer", self.config.customer.clone()));
        probe.told.push(("asks as", account));
        probe.told.push(("in the name of", self.config.subject.clone()));
        probe.told.push(("scopes", session::scopes(&self.config).join(" ")));
        probe.notes.extend(session.refused.iter().map(|scope| super::refusal(scope)));
        let http = Arc::clone(&session.http);
        let mut prober = Prober { http, probe };
        let customer = &self.config.customer;
        let wanted = self.wanted();
        prober.check::<IgnoredAny>(&users::request(&session.http, customer, false, wanted, "1")).await;
        if prober.without_credentials() {
            return prober.probe;
        }
        if self.asks(Part::Deleted) {
            prober.check::<IgnoredAny>(&users::request(&session.http, customer, true, wanted, "1")).await;
        }
        if self.asks(Part::Groups) {
            let page: Option<wire::GroupsPage> = prober.check(&groups::request(&session.http, customer, "1")).await;
            match page.and_then(|page| page.groups.first().and_then(|group| group.id.owned())) {
                Some(id) => {
                    prober.check::<IgnoredAny>(&groups::members_request(&session.http, &id, "1")).await;
                }
                None => {
                    let check = Check::not_tried(MEMBERS.action(), "no group is known to ask about");
                    prober.probe.checks.push(check);
                }
            }
        }
        if self.asks(Part::Events) {
            let window = log::reach(cx.clock.now());
            prober.check::<IgnoredAny>(&log::request(&session.http, customer, window, "SUSPEND_USER", "1")).await;
        }
        prober.probe
    }
}

struct Prober {
    http: Arc<Http>,
    probe: Probe,
}

impl Prober {
    async fn check<T: DeserializeOwned>(&mut self, request: &Request) -> Option<T> {
        let (mut check, answer) = self.http.check::<T>(request).await;
        check.loses.retain(|fact| self.probe.asked.contains(fact));
        let endpoint = request.endpoint();
        if !endpoint.parameters.is_empty() {
            check.what = format!("{} ({})", endpoint.action(), endpoint.parameters);
        }
        self.probe.checks.push(check);
        answer
    }

    /// Without credentials nothing else is worth a try, and everything is lost.
    fn without_credentials(&mut self) -> bool {
        let lost = [GapKind::Credentials, GapKind::Network].map(CheckOutcome::Unreadable);
        match self.probe.checks.last_mut().filter(|check| lost.contains(&check.outcome)) {
            Some(check) => {
                check.loses.clone_from(&self.probe.asked);
                true
            }
            None => false,
        }
    }
}
