//! Reading users: who is there, who was deleted, and what takes a listing of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::endpoints::{DELETED, LEAVE_DATES, REGISTRATIONS, SIGN_INS, USERS};
use super::graph::{self, TOP, Told, origin};
use super::second_factors::{self, WireRegistration};
use super::users::{self, Read, Unusable, WireLeave, WireSignIn, WireUser};
use crate::collect::calls::CallError;
use crate::collect::http::{Endpoint, Http, Request};
use crate::config::{Connection, Part};
use crate::model::id::IdpUserId;
use crate::model::{Fact, GapKind, IdpStatus, IdpUser, Instant, Known, SecondFactor};

/// What was read of users, in one listing each.
#[derive(Debug, Default)]
pub(super) struct People {
    users: BTreeMap<IdpUserId, Read>,
    deleted: BTreeMap<IdpUserId, IdpUser>,
    leave: Option<Column<Known<Instant>>>,
    sign_ins: Option<Column<WireSignIn>>,
    second_factors: Option<Column<Known<SecondFactor>>>,
    pub(super) told: Told,
}

/// One property of users, read in a listing of its own.
#[derive(Debug)]
struct Column<T> {
    values: BTreeMap<IdpUserId, T>,
    /// Why users may be missing in it; none if it was read whole.
    failed: Option<String>,
}

impl<T> Column<T> {
    /// The value for a user, or why there is none; `silent` says what it means that a whole listing does not have them.
    fn get<U>(&self, id: &IdpUserId, read: impl FnOnce(&T) -> Known<U>, silent: &str) -> Known<U> {
        match (self.values.get(id), &self.failed) {
            (Some(value), _) => read(value),
            (None, Some(why)) => Known::Unknown(why.clone()),
            (None, None) => Known::Unknown(silent.to_owned()),
        }
    }
}

/// The page size that listings with sign-ins may have.
const SIGN_INS_TOP: &str = "500";

fn request(http: &Arc<Http>, endpoint: &'static Endpoint, select: &str, top: &str) -> Request {
    http.get(endpoint, &["v1.0", "users"]).query("$select", select).query("$top", top)
}

/// Reads everything about users that is asked for, side by side.
pub(super) async fn read(http: &Arc<Http>, connection: &Connection) -> People {
    let (people, deleted, leave, sign_ins, second_factors) = tokio::join!(
        present(http, connection.asks(Part::Dates)),
        async { if connection.asks(Part::Deleted) { Some(deleted(http).await) } else { None } },
        async { if connection.asks(Part::Dates) { Some(leave_dates(http).await) } else { None } },
        async { if connection.asks(Part::SignIns) { Some(sign_ins(http).await) } else { None } },
        async { if connection.asks(Part::SecondFactors) { Some(registrations(http).await) } else { None } },
    );
    let mut people = people;
    if let Some((users, told)) = deleted {
        people.deleted = users;
        people.told.extend(told);
    }
    people.leave = leave.map(|(column, told)| {
        people.told.extend(told);
        column
    });
    people.sign_ins = sign_ins.map(|(column, told)| {
        people.told.extend(told);
        column
    });
    people.second_factors = second_factors.map(|(column, told)| {
        people.told.extend(told);
        column
    });
    people
}

impl People {
    /// The ids of those who are there.
    pub(super) fn ids(&self) -> impl Iterator<Item = &IdpUserId> {
        self.users.keys()
    }

    /// The users with everything that is known of them, sorted by id.
    pub(super) fn into_users(mut self) -> (Vec<IdpUser>, Told) {
        let both = self.users.keys().filter(|id| self.deleted.contains_key(*id)).count();
        if both > 0 {
            self.told.notes.push(format!("{both} users were deleted while users were read, and count as deleted"));
        }
        let (leave, sign_ins, second_factors) = (&self.leave, &self.sign_ins, &self.second_factors);
        let present = self.users.into_iter().map(|(id, Read { mut user, created })| {
            user.end = match leave {
                Some(column) => column.get(&id, Known::clone, "not in the listing of leave dates"),
                None => Known::Unknown("leave dates were not asked for".to_owned()),
            };
            user.last_sign_in_at = match sign_ins {
                Some(column) => column.get(&id, |read| read.last(created), "not in the listing of sign-ins"),
                None => Known::Unknown("sign-ins were not asked for".to_owned()),
            };
            user.second_factor = match second_factors {
                Some(column) => column.get(&id, Known::clone, "not in the report on registrations"),
                None => Known::Unknown("second factors were not asked for".to_owned()),
            };
            (id, user)
        });
        let mut users: BTreeMap<IdpUserId, IdpUser> = present.collect();
        users.extend(self.deleted);
        (users.into_values().collect(), self.told)
    }
}

/// Why records can't be used, told once for each reason.
#[derive(Default)]
struct Defects(BTreeMap<Unusable, u64>);

impl Defects {
    fn add(&mut self, why: Unusable) {
        *self.0.entry(why).or_default() += 1;
    }

    fn tell(self, endpoint: &Endpoint, told: &mut Told) {
        for (why, count) in self.0 {
            let reason = match count {
                1 => format!("a record can't be used: such records {}", why.describe()),
                many => format!("{many} records can't be used: they {}", why.describe()),
            };
            let hint = match why {
                Unusable::State => {
                    "grant it the application permission User.Read.All; with a lesser one Graph leaves it out"
                }
                Unusable::Id | Unusable::Name => "look the records up in the directory",
            };
            let error = CallError { kind: GapKind::Malformed, reason, hint: hint.to_owned(), code: None };
            told.lose(Fact::IdpUsers, endpoint, "", &error);
        }
    }
}

async fn present(http: &Arc<Http>, dates: bool) -> People {
    let mut people = People::default();
    let (mut defects, mut twice) = (Defects::default(), 0_u64);
    let select = if dates { format!("{},employeeHireDate", users::SELECT) } else { users::SELECT.to_owned() };
    let first = request(http, &USERS, &select, TOP).query("$expand", users::EXPAND);
    let end = graph::list(http, first, |page, user: WireUser| match user.read(&origin(&USERS, page), dates) {
        // Who changes while pages are read may come again: the later record is the fresher one.
        Ok(read) => twice += u64::from(people.users.insert(read.user.id.clone(), read).is_some()),
        Err(why) => defects.add(why),
    });
    let end = end.await;
    let nobody = people.users.is_empty() && defects.0.is_empty();
    match end {
        Err(error) => people.told.fail(&USERS, "", &error, None),
        Ok(()) if nobody => {
            // The app registration that asks was made by somebody.
            let error = CallError {
                kind: GapKind::Malformed,
                reason: "the directory is said to have no users at all".to_owned(),
                hint: "check tenant_id: a new or another tenant may have been asked".to_owned(),
                code: None,
            };
            people.told.fail(&USERS, "", &error, None);
        }
        Ok(()) => {}
    }
    defects.tell(&USERS, &mut people.told);
    if twice > 0 {
        let what = if twice == 1 { "1 user came".to_owned() } else { format!("{twice} users came") };
        people.told.notes.push(format!("{what} twice, having changed while pages were read; the later record is used"));
    }
    people
}

async fn deleted(http: &Arc<Http>) -> (BTreeMap<IdpUserId, IdpUser>, Told) {
    let (mut found, mut told, mut defects) = (BTreeMap::new(), Told::default(), Defects::default());
    let first = http.get(&DELETED, &["v1.0", "directory", "deletedItems", "microsoft.graph.user"]);
    let first = first.query("$select", users::SELECT_DELETED).query("$top", TOP);
    let end = graph::list(http, first, |page, user: WireUser| match user.read_deleted(&origin(&DELETED, page)) {
        Ok(user) => {
            debug_assert_eq!(user.status, IdpStatus::Deleted);
            found.insert(user.id.clone(), user);
        }
        Err(why) => defects.add(why),
    });
    if let Err(error) = end.await {
        told.fail(&DELETED, "", &error, Some(Part::Deleted));
    }
    defects.tell(&DELETED, &mut told);
    (found, told)
}

/// Reads one property of all users; `item` gives the user's id and the value.
async fn column<W: serde::de::DeserializeOwned, T>(
    http: &Arc<Http>,
    first: Request,
    part: Part,
    item: impl Fn(W) -> (Option<String>, T),
) -> (Column<T>, Told) {
    let (mut values, mut told) = (BTreeMap::new(), Told::default());
    let endpoint = first.endpoint();
    let end = graph::list(http, first, |_, wire: W| {
        let (id, value) = item(wire);
        if let Some(id) = id.and_then(|id| id.parse::<IdpUserId>().ok()) {
            values.insert(id, value);
        }
    });
    let failed = end.await.err().map(|error| {
        told.fail(endpoint, "", &error, Some(part));
        graph::unlicensed(&error).map_or(error.reason, str::to_owned)
    });
    (Column { values, failed }, told)
}

async fn leave_dates(http: &Arc<Http>) -> (Column<Known<Instant>>, Told) {
    let first = request(http, &LEAVE_DATES, "id,employeeLeaveDateTime", TOP);
    column(http, first, Part::Dates, |wire: WireLeave| (wire.id.clone(), wire.end())).await
}

async fn sign_ins(http: &Arc<Http>) -> (Column<WireSignIn>, Told) {
    let first = request(http, &SIGN_INS, "id,signInActivity", SIGN_INS_TOP);
    column(http, first, Part::SignIns, |wire: WireSignIn| (wire.id.clone(), wire)).await
}

async fn registrations(http: &Arc<Http>) -> (Column<Known<SecondFactor>>, Told) {
    let first = http.get(&REGISTRATIONS, &["v1.0", "reports", "authenticationMethods", "userRegistrationDetails"]);
    let first = first.query("$select", second_factors::SELECT).query("$top", TOP);
    column(http, first, Part::SecondFactors, |wire: WireRegistration| (wire.id.clone(), wire.best())).await
}
