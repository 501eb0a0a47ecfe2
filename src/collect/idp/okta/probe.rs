//! One cheap call for each endpoint that a collection would ask: what Okta lets us read, before reading it.

use std::sync::Arc;

use serde::de::IgnoredAny;

use super::endpoint::{
    APP_GROUPS, APP_USERS, DEACTIVATED, FACTORS, GROUPS, LOGS, MEMBERS, POLICY, POLICY_RULES, PUSHES, SESSION_POLICIES,
    USERS,
};
use super::session::{self, okta_response, one_user};
use super::{KIND, Okta, application, log, wire};
use crate::collect::calls::Called;
use crate::collect::http::{Endpoint, Http, Request};
use crate::collect::{Check, CheckOutcome, CollectCx, Collector, Probe};
use crate::config::{OktaCredential, Part};
use crate::model::{Fact, GapKind};

impl Okta {
    /// Tries what a collection would ask, once.
    pub(super) async fn look(&self, cx: &CollectCx) -> Probe {
        let (asked, lacking) = self.scope();
        let mut probe = Probe::new(self.source(), KIND, asked);
        probe.not_read = lacking.into_iter().map(|lack| format!("{} ({})", lack.fact, lack.reason)).collect();
        probe.told.push(("organisation", self.config.org_url.clone()));
        let credential = match &self.config.credential {
            OktaCredential::Token(_) => "an API token".to_owned(),
            OktaCredential::PrivateKey { client_id, .. } => format!("the service app {client_id}"),
        };
        probe.told.push(("asks as", credential));
        cx.progress.phase(&format!("trying what a collection would ask {}", self.name));
        let session = match session::open(&self.source(), &self.config, self.limits, cx).await {
            Ok(session) => session,
            Err(error) => return probe.failed(&error),
        };
        for scope in &session.refused {
            probe.notes.push(format!("the service app was not granted the scope {scope}"));
        }
        let mut prober = Prober { okta: self, http: Arc::clone(&session.http), probe };
        prober.run(cx).await;
        prober.probe
    }
}

struct Prober<'a> {
    okta: &'a Okta,
    http: Arc<Http>,
    probe: Probe,
}

impl Prober<'_> {
    async fn run(&mut self, cx: &CollectCx) {
        self.check::<Vec<IgnoredAny>>(&USERS, one_user(&self.http)).await;
        if self.without_credentials() {
            return;
        }
        let deactivated = self.http.get(&DEACTIVATED, &["api", "v1", "users"]);
        let deactivated = okta_response(deactivated).query("filter", "status eq \"DEPROVISIONED\"").query("limit", "1");
        self.check::<Vec<IgnoredAny>>(&DEACTIVATED, deactivated).await;
        if self.okta.asks(Part::Groups) {
            self.groups().await;
        }
        let mut application = None;
        if let Some(wanted) = self.okta.application() {
            application = self.application(wanted).await;
        }
        if self.okta.asks(Part::Events) {
            let window = log::reach(cx.clock.now());
            let request = log::request(&self.http, window, application.as_deref(), "1");
            if let Some(first) = self.check::<Vec<wire::LogEvent>>(&LOGS, request).await {
                let oldest = first.first().and_then(|event| event.published.owned());
                self.probe.notes.push(match oldest {
                    Some(oldest) => {
                        format!("the system log reaches back to {}: its oldest event is of {oldest}", window.from)
                    }
                    None => format!("the system log reaches back to {}, and has no event that counts", window.from),
                });
            }
        }
    }

    async fn groups(&mut self) {
        let request = self.http.get(&GROUPS, &["api", "v1", "groups"]).query("limit", "1");
        let group = self.check::<Vec<wire::Reference>>(&GROUPS, request).await;
        let group = group.and_then(|page| page.first().and_then(|group| group.id.owned()));
        match group {
            Some(id) => {
                let request = self.http.get(&MEMBERS, &["api", "v1", "groups", &id, "users"]).query("limit", "1");
                self.check::<Vec<IgnoredAny>>(&MEMBERS, request).await;
            }
            None => self.not_tried(&MEMBERS, "no group is known to ask about"),
        }
    }

    /// Tries what is about the application; gives its id.
    async fn application(&mut self, wanted: &str) -> Option<String> {
        let app = match application::find(&self.http, wanted).await {
            Ok(app) => app,
            Err((called, error)) => {
                let asked = self.probe.asked.clone();
                self.probe.checks.push(Check {
                    what: called.action(),
                    outcome: CheckOutcome::Unreadable(error.kind),
                    detail: error.reason,
                    hint: error.hint,
                    loses: application::ALL.into_iter().filter(|fact| asked.contains(fact)).collect(),
                });
                return None;
            }
        };
        let id = app.id.owned()?;
        self.probe.told.push(("application", format!("{} ({id})", app.label.get().unwrap_or(wanted))));
        self.probe.checks.push(Check::fine("GET /api/v1/apps"));
        let http = Arc::clone(&self.http);
        let below = |endpoint: &'static Endpoint, rest: &[&str], limit: &str| {
            let path: Vec<&str> = ["api", "v1", "apps", &id].into_iter().chain(rest.iter().copied()).collect();
            http.get(endpoint, &path).query("limit", limit)
        };
        let user = self.check::<Vec<wire::Reference>>(&APP_USERS, below(&APP_USERS, &["users"], "1")).await;
        self.check::<Vec<IgnoredAny>>(&APP_GROUPS, below(&APP_GROUPS, &["groups"], "20")).await;
        if self.okta.asks(Part::Groups) && super::assigned::pushes_groups(&app) != Some(false) {
            let request = below(&PUSHES, &["group-push", "mappings"], "1");
            self.check::<Vec<IgnoredAny>>(&PUSHES, request).await;
        }
        if self.okta.asks(Part::SecondFactors) {
            let request = self.http.get(&SESSION_POLICIES, &["api", "v1", "policies"]).query("type", "OKTA_SIGN_ON");
            self.check::<Vec<IgnoredAny>>(&SESSION_POLICIES, request).await;
            if let Some(policy) = application::policy_of(&app) {
                let request = self.http.get(&POLICY, &["api", "v1", "policies", &policy]);
                self.check::<IgnoredAny>(&POLICY, request).await;
                let request = self.http.get(&POLICY_RULES, &["api", "v1", "policies", &policy, "rules"]);
                self.check::<Vec<IgnoredAny>>(&POLICY_RULES, request).await;
            }
            match user.and_then(|page| page.first().and_then(|user| user.id.owned())) {
                Some(user) => {
                    let request = self.http.get(&FACTORS, &["api", "v1", "users", &user, "factors"]);
                    self.check::<Vec<IgnoredAny>>(&FACTORS, request).await;
                }
                None => self.not_tried(&FACTORS, "nobody is assigned to the application"),
            }
        }
        Some(id)
    }

    async fn check<T: serde::de::DeserializeOwned>(&mut self, endpoint: &Endpoint, request: Request) -> Option<T> {
        let (mut check, answer) = self.http.check::<T>(&request).await;
        check.loses.retain(|fact| self.probe.asked.contains(fact));
        if !endpoint.parameters.is_empty() {
            check.what = format!("{} ({})", endpoint.action(), endpoint.parameters);
        }
        self.probe.checks.push(check);
        answer
    }

    fn not_tried(&mut self, endpoint: &Endpoint, why: &str) {
        self.probe.checks.push(Check::not_tried(endpoint.action(), why));
    }

    /// Without credentials nothing else is worth a try, and everything is lost.
    fn without_credentials(&mut self) -> bool {
        let asked: Vec<Fact> = self.probe.asked.clone();
        let lost = |check: &&mut Check| check.outcome == CheckOutcome::Unreadable(GapKind::Credentials);
        match self.probe.checks.iter_mut().find(lost) {
            Some(check) => {
                check.loses = asked;
                true
            }
            None => false,
        }
    }
}
