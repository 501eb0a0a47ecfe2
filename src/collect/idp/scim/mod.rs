//! Any SCIM 2.0 service provider (RFC 7643, RFC 7644), by index or by cursor (RFC 9865).
//!
//! A user counts as active only where `active` says so, and as switched off only where it says so. Of whom it says nothing
//! nothing is known, and that is a gap. Identity Center's own SCIM endpoint is refused with the config: it lists no more than 50.

mod endpoint;
mod groups;
mod list;
mod probe;
mod users;
mod wire;

use std::sync::Arc;

use self::endpoint::{GROUPS, PROVIDER, USERS};
use self::list::Listed;
use self::wire::{Group, Provider, User};
use super::record::unknown_statuses;
use crate::collect::calls::{CallError, Gaps};
use crate::collect::http::{Credential, Endpoint, Http, Limits, Setup};
use crate::collect::{Batch, BoxFuture, CollectCx, Collector, Facts, Probe, secret};
use crate::config::{Part, ScimConfig};
use crate::error::Error;
use crate::model::coverage::NotOffered;
use crate::model::id::IdpName;
use crate::model::{Fact, GapKind, IdpFacts, IdpGroup, SourceRecord};

pub use self::endpoint::ENDPOINTS;

/// The type's word in the config.
const KIND: &str = "scim";

/// Reads a SCIM service provider.
#[derive(Debug, Clone)]
pub struct Scim {
    name: IdpName,
    config: ScimConfig,
    limits: Limits,
}

impl Scim {
    /// A collector for the identity provider of this name.
    pub fn new(name: IdpName, config: ScimConfig) -> Self {
        Self { name, config, limits: Limits::default() }
    }

    /// The same with other limits, for tests.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The facts asked for, and those that could be and are not.
    fn scope(&self) -> (Vec<Fact>, Vec<NotOffered>) {
        let mut asked = vec![Fact::IdpUsers];
        let lack = |fact, reason: &str| NotOffered { fact, reason: reason.to_owned() };
        let mut lacking = vec![lack(Fact::SignIns, "SCIM does not tell")];
        if self.config.connection.asks(Part::Groups) {
            asked.push(Fact::IdpGroups);
        } else {
            lacking.insert(0, lack(Fact::IdpGroups, &Part::Groups.left_out()));
        }
        (asked, lacking)
    }

    fn connect(&self, cx: &CollectCx) -> Result<Arc<Http>, Error> {
        let source = self.source();
        let token = secret::resolve(&self.config.token, "token", &source, &cx.base)?;
        let setup = Setup {
            source: &source,
            base_url: &self.config.base_url,
            credential: Credential::Fixed { scheme: "Bearer", token },
            endpoints: ENDPOINTS,
            connection: &self.config.connection,
            at_once: 4,
            limits: self.limits,
        };
        Http::connect(setup, cx)
    }

    async fn read(&self, cx: &CollectCx) -> Result<Batch, Error> {
        let started_at = cx.clock.now();
        cx.progress.phase(&format!("reading {}: users and groups", self.name));
        let http = self.connect(cx)?;
        let (asked, not_offered) = self.scope();
        let (mut gaps, mut notes) = (Gaps::default(), Vec::new());
        let cursor = pages_by_cursor(&http).await;
        let list: Listed<User> = list::all(&http, &USERS, cursor).await;
        told(&USERS, &list, &mut gaps, &mut notes);
        let (users, unusable) = users::users(&list.items);
        for (why, count) in unusable {
            let error = CallError { hint: why.hint().to_owned(), ..CallError::malformed(&USERS, &why.reason(count)) };
            gaps.add(&USERS, "", &error);
        }
        notes.extend(unknown_statuses(&users));
        let groups = match asked.contains(&Fact::IdpGroups) {
            true => Some(read_groups(&http, cursor, &list, &mut gaps, &mut notes).await),
            false => None,
        };
        let record = SourceRecord {
            source: self.source(),
            kind: KIND.to_owned(),
            started_at,
            ended_at: cx.clock.now(),
            gaps: gaps.into_vec(&asked),
            asked,
            operations: http.records(),
            files: Vec::new(),
            not_offered,
            notes,
        };
        Ok(Batch::new(record, Facts::Idp(Box::new(IdpFacts::of_people(self.name.clone(), KIND, users, groups)))))
    }
}

async fn read_groups(
    http: &Arc<Http>,
    cursor: bool,
    users: &Listed<User>,
    gaps: &mut Gaps,
    notes: &mut Vec<String>,
) -> Vec<IdpGroup> {
    let list: Listed<Group> = list::all(http, &GROUPS, cursor).await;
    told(&GROUPS, &list, gaps, notes);
    let flat = groups::flat(&list.items, |id| users.items.contains_key(id));
    if flat.unusable > 0 {
        gaps.add(&GROUPS, "", &CallError::malformed(&GROUPS, "groups have no usable id"));
    }
    if !flat.told && !list.items.is_empty() {
        let error = CallError {
            hint: "let the server return `members`, or leave groups out with without = [\"groups\"]".to_owned(),
            ..CallError::malformed(&GROUPS, "no group says who is in it")
        };
        gaps.add(&GROUPS, "", &error);
    }
    // Without users nobody can be told from a stranger, and the gap of the users says enough.
    if users.error.is_none() && users.bad == 0 && !flat.strangers.is_empty() {
        let reason = format!("groups name {} members that the lists of users and groups lack", flat.strangers.len());
        let error = CallError {
            hint: "let the token read all users; or remove members that were deleted from their groups".to_owned(),
            ..CallError::malformed(&GROUPS, &reason)
        };
        gaps.add(&GROUPS, flat.strangers.first().map_or("", String::as_str), &error);
    }
    flat.groups
}

/// Whether the provider turns pages by cursor. One that does not say what it can do turns them by index.
async fn pages_by_cursor(http: &Http) -> bool {
    let asked = http.read::<Provider>(&http.get(&PROVIDER, &["ServiceProviderConfig"])).await;
    asked.ok().and_then(|provider| provider.pagination).is_some_and(|pagination| pagination.cursor)
}

/// What a list's reading leaves to be told.
fn told<T>(endpoint: &'static Endpoint, list: &Listed<T>, gaps: &mut Gaps, notes: &mut Vec<String>) {
    if let Some(error) = &list.error {
        gaps.add(endpoint, "", error);
    } else if list.items.is_empty() && list.bad == 0 {
        gaps.add(endpoint, "", &nobody(endpoint));
    }
    if let Some(error) = list::bad(endpoint, list.bad) {
        gaps.add(endpoint, "", &error);
    }
    if list.everything {
        notes.push(format!("{}: the server takes no `attributes`, and sent more than was used", endpoint.name));
    }
}

/// A provider without people or groups is one whose people or groups can't be seen.
fn nobody(endpoint: &'static Endpoint) -> CallError {
    CallError {
        kind: GapKind::NotFound,
        hint: "check base_url, and what the token may read; groups can be left out with without = [\"groups\"]"
            .to_owned(),
        ..CallError::malformed(endpoint, "the list is empty")
    }
}

impl Collector for Scim {
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
