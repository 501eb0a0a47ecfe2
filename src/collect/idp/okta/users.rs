//! Reading the users.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::endpoint::{DEACTIVATED, USER, USERS};
use super::person::{Defect, user};
use super::session::okta_response;
use super::wire;
use crate::collect::calls::{CallError, Called, Gaps};
use crate::collect::http::{Endpoint, Http, Next};
pub(super) use crate::collect::idp::record::{counted, defect};
use crate::model::id::IdpUserId;
use crate::model::{GapKind, IdpStatus, IdpUser};

/// The users of the organisation.
#[derive(Default)]
pub(super) struct Users {
    pub(super) list: BTreeMap<IdpUserId, IdpUser>,
    /// Users whose record can't be used, by id: each is a gap already.
    pub(super) unusable: BTreeSet<IdpUserId>,
    /// Whether the list was read to its end.
    pub(super) whole: bool,
    pub(super) gaps: Gaps,
    pub(super) notes: Vec<String>,
}

/// Users on a page (Okta Management API, `listUsers`: 200 is the default and the most that is promised).
const PAGE: &str = "200";

impl Users {
    /// Reads all users, deactivated ones included.
    pub(super) async fn read(http: &Http, sign_ins: bool) -> Self {
        let mut users = Self::default();
        let request = http.get(&USERS, &["api", "v1", "users"]).query("search", "status pr").query("limit", PAGE);
        let (mut told, mut twice, mut deactivated) = (0_u64, 0_u64, false);
        let read = http.pages(
            okta_response(request),
            |page: Vec<wire::User>, reply| (page, Next::link(reply.next_link())),
            |page| {
                for record in page {
                    told += 1;
                    deactivated |= record.status.is("DEPROVISIONED");
                    match user(&record, sign_ins, &USERS.action()) {
                        // Whoever changes while pages are read may come again: the later record is the newer one.
                        Ok(user) => twice += u64::from(users.list.insert(user.id.clone(), user).is_some()),
                        Err(flaw) => users.unusable(&USERS, &flaw),
                    }
                }
            },
        );
        match read.await {
            Ok(()) => {
                users.whole = true;
                if told == 0 {
                    let empty = CallError {
                        kind: GapKind::Malformed,
                        reason: "Okta gave an empty list of users, and at least whoever reads it is one".to_owned(),
                        hint: "give the token's owner the Read-only Administrator role without a restriction to some users"
                            .to_owned(),
                        code: None,
                    };
                    users.gaps.add(&USERS, "", &empty);
                }
                users.check_deactivated(http, sign_ins, deactivated).await;
            }
            Err(error) => users.gaps.add(&USERS, "", &error),
        }
        if twice > 0 {
            users.notes.push(format!(
                "{} while the pages were read, and came twice; the later record is used",
                counted(twice, "user changed", "users changed")
            ));
        }
        users
    }

    fn unusable(&mut self, endpoint: &Endpoint, flaw: &Defect) {
        self.unusable.extend(flaw.subject.parse());
        defect(&mut self.gaps, endpoint, flaw);
    }

    /// Compares the search with a filter on deactivated users. A search may lag behind; one that leaves all of them out can't
    /// be trusted with anybody's absence.
    async fn check_deactivated(&mut self, http: &Http, sign_ins: bool, any: bool) {
        let request = http
            .get(&DEACTIVATED, &["api", "v1", "users"])
            .query("filter", "status eq \"DEPROVISIONED\"")
            .query("limit", PAGE);
        let page: Vec<wire::User> = match http.read(&okta_response(request)).await {
            Ok(page) => page,
            Err(error) => return self.gaps.add(&DEACTIVATED, "", &error),
        };
        if !any && !page.is_empty() {
            self.gaps.add(
                &USERS,
                "",
                &CallError::malformed(&USERS, "the search for all users left deactivated users out"),
            );
        }
        let mut late = 0;
        for record in page {
            match user(&record, sign_ins, &DEACTIVATED.action()) {
                Ok(user) if self.list.get(&user.id).is_some_and(|known| known.status == IdpStatus::Disabled) => {}
                Ok(user) => {
                    late += 1;
                    self.list.insert(user.id.clone(), user);
                }
                Err(flaw) => self.unusable(&DEACTIVATED, &flaw),
            }
        }
        if late > 0 {
            self.notes.push(format!(
                "the search for all users lagged behind: {} taken from a filter instead",
                counted(late, "deactivated user was", "deactivated users were")
            ));
        }
    }

    /// Looks up users that something else names and the list lacks: made since, or not yet in the index.
    pub(super) async fn look_up(&mut self, http: &Arc<Http>, named: Vec<IdpUserId>, sign_ins: bool) {
        /// More than that is no lag: the list is not what it should be.
        const MOST: usize = 500;
        if !self.whole || named.is_empty() {
            return;
        }
        if named.len() > MOST {
            let reason = format!("{} users are members or assigned, and the list of users lacks them", named.len());
            return self.gaps.add(&USERS, "", &CallError::malformed(&USERS, &reason));
        }
        let mut found = 0;
        let ask = |http: Arc<Http>, id: IdpUserId| async move {
            let request = okta_response(http.get(&USER, &["api", "v1", "users", id.as_str()]));
            (http.read::<wire::User>(&request).await, id)
        };
        http.for_all(named, ask, |(answer, id)| match answer.map(|record| user(&record, sign_ins, &USER.action())) {
            Ok(Ok(user)) => {
                found += 1;
                self.list.insert(user.id.clone(), user);
            }
            Ok(Err(flaw)) => self.unusable(&USER, &flaw),
            // Deleted since.
            Err(error) if error.is_not_found() => {}
            Err(error) => self.gaps.add(&USER, id.as_str(), &error),
        })
        .await;
        if found > 0 {
            self.notes.push(format!(
                "the search for all users lagged behind: {} read one by one, as groups or the application name them",
                counted(found, "user was", "users were")
            ));
        }
    }
}
