//! One cheap call for each endpoint that a collection would ask.

use serde::de::{DeserializeOwned, IgnoredAny};

use super::endpoint::{COUNT, EVENTS, EVENTS_CONFIG, GROUPS, MEMBERS, USERS};
use super::{KIND, Keycloak, NOT_SAVED, Realm, wire};
use crate::collect::calls::Called;
use crate::collect::http::Request;
use crate::collect::{Check, CheckOutcome, CollectCx, Collector, Probe};
use crate::config::Part;
use crate::model::{Fact, GapKind};

impl Keycloak {
    /// Tries what a collection would ask, once.
    pub(super) async fn look(&self, cx: &CollectCx) -> Probe {
        let (asked, lacking) = self.scope();
        let mut probe = Probe::new(self.source(), KIND, asked);
        probe.not_read = lacking.into_iter().map(|lack| format!("{} ({})", lack.fact, lack.reason)).collect();
        probe.told.push(("realm", format!("{} at {}", self.config.realm, self.config.base_url)));
        probe.told.push(("asks as", format!("the service account of {}", self.config.client_id)));
        cx.progress.phase(&format!("trying what a collection would ask {}", self.name));
        let realm = match self.connect(cx) {
            Ok(realm) => realm,
            Err(error) => return probe.failed(&error),
        };
        let mut prober = Prober { realm, probe };
        prober.run(self).await;
        prober.probe
    }
}

struct Prober {
    realm: Realm,
    probe: Probe,
}

impl Prober {
    async fn run(&mut self, keycloak: &Keycloak) {
        let users = self.realm.get(&USERS, &["users"]).query("first", "0").query("max", "1");
        self.check::<Vec<IgnoredAny>>(users).await;
        if let Some(check) = self.probe.checks.last_mut()
            && check.outcome == CheckOutcome::Unreadable(GapKind::Credentials)
        {
            check.loses.clone_from(&self.probe.asked);
            return;
        }
        self.check::<u64>(self.realm.get(&COUNT, &["users", "count"])).await;
        if keycloak.asks(Part::Groups) {
            let request = self.realm.get(&GROUPS, &["groups"]).query("first", "0").query("max", "1");
            let group = self.check::<Vec<wire::Reference>>(request).await;
            match group.and_then(|page| page.first().and_then(|group| group.id.owned())) {
                Some(id) => {
                    let request = self.realm.get(&MEMBERS, &["groups", &id, "members"]);
                    self.check::<Vec<IgnoredAny>>(request.query("first", "0").query("max", "1")).await;
                }
                None => {
                    let check = Check::not_tried(MEMBERS.action(), "no group is known to ask about");
                    self.probe.checks.push(check);
                }
            }
        }
        if keycloak.asks(Part::Events) {
            let config = self.realm.get(&EVENTS_CONFIG, &["events", "config"]);
            let config = self.check::<wire::EventsConfig>(config).await;
            if config.is_some_and(|config| config.admin_events_enabled == Some(false)) {
                self.probe.asked.retain(|fact| *fact != Fact::IdpEvents);
                self.probe.not_read.push(format!("{} ({NOT_SAVED})", Fact::IdpEvents));
            } else {
                let request = self.realm.get(&EVENTS, &["admin-events"]).query("first", "0").query("max", "1");
                self.check::<Vec<IgnoredAny>>(request).await;
            }
        }
    }

    async fn check<T: DeserializeOwned>(&mut self, request: Request) -> Option<T> {
        let (mut check, answer) = self.realm.http.check::<T>(&request).await;
        check.loses.retain(|fact| self.probe.asked.contains(fact));
        self.probe.checks.push(check);
        answer
    }
}
