//! Reading the users.

use std::collections::BTreeMap;

use super::endpoint::{DELETED, USERS};
use super::person::{Wanted, user};
use super::wire;
use crate::collect::calls::{CallError, Called, Gaps};
use crate::collect::http::{Endpoint, Http, Next, Request};
use crate::collect::idp::record::{counted, defect};
use crate::model::id::IdpUserId;
use crate::model::{GapKind, IdpStatus, IdpUser, Instant};

/// The users of the customer.
#[derive(Default)]
pub(super) struct Users {
    pub(super) list: BTreeMap<IdpUserId, IdpUser>,
    /// When each was made, where told: an address may have been somebody else's before.
    pub(super) made: BTreeMap<IdpUserId, Instant>,
    pub(super) gaps: Gaps,
    pub(super) notes: Vec<String>,
    twice: u64,
}

/// A request for users, 500 a page (Directory API, `users.list`).
pub(super) fn request(http: &Http, customer: &str, deleted: bool, wanted: Wanted, limit: &str) -> Request {
    let endpoint = if deleted { &DELETED } else { &USERS };
    let request = http
        .get(endpoint, &["admin", "directory", "v1", "users"])
        .query("customer", customer)
        .query("maxResults", limit)
        .query("projection", "full")
        .query("orderBy", "email")
        .query("fields", &wanted.fields());
    if deleted { request.query("showDeleted", "true") } else { request }
}

impl Users {
    /// Reads all users, and those who were deleted a short while ago if they are asked for.
    pub(super) async fn read(http: &Http, customer: &str, deleted: bool, wanted: Wanted) -> Self {
        let mut users = Self::default();
        match users.pass(http, customer, false, wanted).await {
            Ok(0) => users.gaps.add(&USERS, "", &nobody()),
            Ok(_) => {}
            Err(error) => users.gaps.add(&USERS, "", &error),
        }
        if deleted && let Err(error) = users.pass(http, customer, true, wanted).await {
            users.gaps.add(&DELETED, "", &error);
        }
        if users.twice > 0 {
            users.notes.push(format!(
                "{} while the pages were read, and came twice; the later record is used",
                counted(users.twice, "user changed", "users changed")
            ));
        }
        users
    }

    /// Reads one listing; gives how many records it had.
    async fn pass(&mut self, http: &Http, customer: &str, deleted: bool, wanted: Wanted) -> Result<u64, CallError> {
        let mut told = 0;
        let request = request(http, customer, deleted, wanted, "500");
        let endpoint = request.endpoint();
        let read = http.pages(
            request,
            |page: wire::UsersPage, _| (page.users, Next::token("pageToken", page.next_page_token)),
            |page| {
                for record in page {
                    told += 1;
                    self.take(&record, deleted, wanted, endpoint);
                }
            },
        );
        read.await?;
        Ok(told)
    }

    /// Whoever changes while pages are read may come again: the later record is the newer one.
    fn take(&mut self, record: &wire::User, deleted: bool, wanted: Wanted, endpoint: &Endpoint) {
        match user(record, deleted, wanted, &endpoint.action()) {
            Ok(user) => {
                if let Some(made) = record.creation_time.get().and_then(|text| text.parse().ok()) {
                    self.made.insert(user.id.clone(), made);
                }
                self.twice += u64::from(self.list.insert(user.id.clone(), user).is_some());
            }
            Err(flaw) => defect(&mut self.gaps, endpoint, &flaw),
        }
    }

    /// The users by their addresses.
    pub(super) fn addresses(&self) -> Addresses<'_> {
        let mut of: BTreeMap<String, Vec<&IdpUser>> = BTreeMap::new();
        for user in self.list.values() {
            let mut all: Vec<String> =
                user.aliases.iter().chain([&user.user_name]).map(|address| address.to_lowercase()).collect();
            all.sort();
            all.dedup();
            for address in all {
                of.entry(address).or_default().push(user);
            }
        }
        Addresses { users: self, of }
    }
}

/// Users by their addresses in lower case. An address may be several people's, one after the other.
pub(super) struct Addresses<'a> {
    users: &'a Users,
    of: BTreeMap<String, Vec<&'a IdpUser>>,
}

impl Addresses<'_> {
    /// Whose an address was at a time: nobody's, if it may have been several people's.
    pub(super) fn owner(&self, address: &str, when: Instant) -> Option<&IdpUserId> {
        let was_there = |user: &&&IdpUser| {
            let gone = user.status_changed_at.value().filter(|_| user.status == IdpStatus::Deleted);
            let made = self.users.made.get(&user.id);
            made.is_none_or(|made| *made <= when) && gone.is_none_or(|gone| when <= *gone)
        };
        let mut those = self.of.get(&address.to_lowercase())?.iter().filter(was_there);
        let one = those.next()?;
        those.next().is_none().then_some(&one.id)
    }
}

fn nobody() -> CallError {
    CallError {
        kind: GapKind::Malformed,
        reason: "Google gave an empty list of users, and at least the administrator in whose name it is read is one"
            .to_owned(),
        hint: "check `customer` and `subject`, and that the subject's role is not restricted to an organisational unit"
            .to_owned(),
        code: None,
    }
}
