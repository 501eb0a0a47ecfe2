//! Keycloak, over its Admin REST API: users, groups with what is in them, and what administrators did where the realm saves
//! that. It keeps no time at which a user was disabled, and no last sign-in.

mod endpoint;
mod events;
mod people;
mod probe;
mod wire;

use std::sync::Arc;

use crate::collect::calls::Gaps;
use crate::collect::http::{Credential, Endpoint, Grant, Http, Limits, Proof, Request, Setup};
use crate::collect::{Batch, BoxFuture, CollectCx, Collector, Facts, Probe, secret};
use crate::config::{KeycloakConfig, Part};
use crate::error::Error;
use crate::model::coverage::NotOffered;
use crate::model::id::IdpName;
use crate::model::{EventLog, Fact, IdpFacts, SourceRecord};

use super::nesting::flatten;
use super::status_times::{self, StatusLog};
use endpoint::{EVENTS_CONFIG, TOKEN};
use people::{Groups, Users};

pub use endpoint::ENDPOINTS;

/// Requests under way at once, where the config doesn't say.
const AT_ONCE: u32 = 6;
/// The type's word in the config.
const KIND: &str = "keycloak";

/// Reads a Keycloak realm.
#[derive(Debug, Clone)]
pub struct Keycloak {
    name: IdpName,
    config: KeycloakConfig,
    limits: Limits,
}

/// A connection to one realm.
#[derive(Debug, Clone)]
struct Realm {
    http: Arc<Http>,
    name: Arc<str>,
}

impl Realm {
    /// A request for what is at these segments below the realm.
    fn get(&self, endpoint: &'static Endpoint, segments: &[&str]) -> Request {
        let path: Vec<&str> = ["admin", "realms", &self.name].into_iter().chain(segments.iter().copied()).collect();
        self.http.get(endpoint, &path)
    }
}

impl Keycloak {
    /// A collector for the identity provider of this name.
    pub fn new(name: IdpName, config: KeycloakConfig) -> Self {
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

    /// The facts asked for, and those that are not told.
    fn scope(&self) -> (Vec<Fact>, Vec<NotOffered>) {
        let (mut asked, mut lacking) = (vec![Fact::IdpUsers], Vec::new());
        for (fact, part) in [(Fact::IdpGroups, Part::Groups), (Fact::IdpEvents, Part::Events)] {
            if self.asks(part) {
                asked.push(fact);
            } else {
                let reason = part.left_out();
                lacking.push(NotOffered { fact, reason });
            }
        }
        lacking.push(NotOffered { fact: Fact::SignIns, reason: "Keycloak keeps none in its user records".to_owned() });
        let reason = "it takes one request for each user's credentials, which are not read from Keycloak".to_owned();
        lacking.push(NotOffered { fact: Fact::SecondFactors, reason });
        (asked, lacking)
    }

    fn connect(&self, cx: &CollectCx) -> Result<Realm, Error> {
        let KeycloakConfig { base_url, realm, client_id, client_secret, connection } = &self.config;
        let source = self.source();
        let secret = secret::resolve(client_secret, "client_secret", &source, &cx.base)?;
        let mut url = reqwest::Url::parse(base_url).ok();
        if let Some(mut path) = url.as_mut().and_then(|url| url.path_segments_mut().ok()) {
            path.pop_if_empty().extend(["realms", realm, "protocol", "openid-connect", "token"]);
        }
        let http = Http::connect(
            Setup {
                source: &source,
                base_url,
                credential: Credential::Grant(Box::new(Grant {
                    endpoint: &TOKEN,
                    // An address that is none is told by the client itself.
                    url: url.map(String::from).unwrap_or_default(),
                    form: vec![("client_id", client_id.clone())],
                    proof: Proof::Secret(secret),
                    hint: "check base_url, realm, client_id and client_secret, and that the client has a service account",
                })),
                endpoints: ENDPOINTS,
                connection,
                at_once: AT_ONCE,
                limits: self.limits,
            },
            cx,
        )?;
        Ok(Realm { http, name: realm.as_str().into() })
    }

    async fn read(&self, cx: &CollectCx) -> Result<Batch, Error> {
        let started_at = cx.clock.now();
        let source = self.source();
        let realm = self.connect(cx)?;
        cx.progress.phase(&format!("reading {}: users and groups", self.name));
        let (mut users, groups) = tokio::join!(Users::read(&realm), async {
            if self.asks(Part::Groups) { Some(Groups::read(&realm).await) } else { None }
        });
        let (mut asked, mut not_offered) = self.scope();
        let (mut gaps, mut notes, mut events) = (Gaps::default(), users.notes, Vec::<EventLog>::new());
        if self.asks(Part::Events) {
            cx.progress.phase(&format!("reading {}: admin events", self.name));
            let request = realm.get(&EVENTS_CONFIG, &["events", "config"]);
            match realm.http.read::<wire::EventsConfig>(&request).await {
                Ok(config) if config.admin_events_enabled == Some(false) => {
                    asked.retain(|fact| *fact != Fact::IdpEvents);
                    not_offered.push(NotOffered { fact: Fact::IdpEvents, reason: NOT_SAVED.to_owned() });
                }
                Ok(_) => {
                    let (log, lost) = events::read(&realm, &source, started_at).await;
                    gaps.extend(lost);
                    // Federations and brute force detection disable users without an admin event.
                    let begins = log.covered.first().map(|window| window.from);
                    let status_log = StatusLog { name: "the admin events", begins, holds_all: false };
                    status_times::date(users.list.values_mut(), &log.events, status_log);
                    events::bound(&mut users.list, &log.events);
                    notes.push(match log.covered.first() {
                        Some(window) => format!("the admin events reach back to {}", window.from),
                        None => "the realm has no admin events yet".to_owned(),
                    });
                    events.push(log);
                }
                Err(error) => gaps.add(&EVENTS_CONFIG, "", &error),
            }
        }
        gaps.extend(users.gaps);
        let groups = groups.map(|groups| {
            gaps.extend(groups.gaps);
            flatten(&groups.list)
        });
        notes.sort();
        let people = users.list.into_values().collect();
        Ok(Batch {
            record: SourceRecord {
                source,
                kind: KIND.to_owned(),
                started_at,
                ended_at: cx.clock.now(),
                gaps: gaps.into_vec(&asked),
                asked,
                operations: realm.http.records(),
                files: Vec::new(),
                not_offered,
                notes,
            },
            facts: Facts::Idp(Box::new(IdpFacts::of_people(self.name.clone(), KIND, people, groups))),
            events,
        })
    }
}

/// Why there are no events, and where they are switched on.
const NOT_SAVED: &str = "the realm does not save admin events (Realm settings, Events, Admin events settings)";

impl Collector for Keycloak {
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
