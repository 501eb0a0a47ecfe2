//! Reading users and groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Realm;
use super::endpoint::{CHILDREN, COUNT, GROUPS, MEMBERS, USERS};
use super::wire;
use crate::collect::calls::{CallError, Called, Gaps};
use crate::collect::http::{Http, Next, Request};
use crate::collect::idp::nesting::{Listed, VANISHED};
use crate::collect::idp::record::{Defect, Text, counted, defect};
use crate::model::id::{IdpGroupId, IdpUserId};
use crate::model::{GapKind, IdpStatus, IdpUser, Known};

/// Records on a page.
pub(super) const PAGE: usize = 200;

/// A listing by `first` and `max`: there is more after a full page.
pub(super) fn paged(request: Request) -> Request {
    request.query("first", "0").query("max", &PAGE.to_string())
}

/// Where the page after this many records of `so_far` is.
pub(super) fn next(page: usize, so_far: usize) -> Next {
    if page < PAGE { Next::End } else { Next::Parameter("first", so_far.to_string()) }
}

/// The users of the realm.
#[derive(Default)]
pub(super) struct Users {
    pub(super) list: BTreeMap<IdpUserId, IdpUser>,
    pub(super) gaps: Gaps,
    pub(super) notes: Vec<String>,
}

impl Users {
    /// Reads the users, and holds their number against the realm's own count. People come and go while pages are read and
    /// shift the rest, so a list that fell short is read once more.
    pub(super) async fn read(realm: &Realm) -> Self {
        let mut users = Self::default();
        for last in [false, true] {
            users = Self::default();
            let told = match users.list(realm).await {
                Ok(told) => told,
                Err(error) => {
                    users.gaps.add(&USERS, "", &error);
                    break;
                }
            };
            let request = realm.get(&COUNT, &["users", "count"]);
            match realm.http.read::<u64>(&request).await {
                Ok(count) if told < count && last => {
                    let reason = format!("Keycloak counts {count} users and listed {told}, twice");
                    let short = CallError { hint: SHORT.to_owned(), ..CallError::malformed(&USERS, &reason) };
                    users.gaps.add(&USERS, "", &short);
                }
                Ok(count) if told < count => continue,
                Ok(_) if told == 0 => {
                    let empty = CallError {
                        kind: GapKind::Malformed,
                        reason: "Keycloak gave an empty list of users".to_owned(),
                        hint: SHORT.to_owned(),
                        code: None,
                    };
                    users.gaps.add(&USERS, "", &empty);
                }
                Ok(_) => {}
                Err(error) => users.gaps.add(&COUNT, "", &error),
            }
            break;
        }
        users
    }

    async fn list(&mut self, realm: &Realm) -> Result<u64, CallError> {
        let request = paged(realm.get(&USERS, &["users"]).query("briefRepresentation", "false"));
        let (mut so_far, mut told, mut twice) = (0, 0, 0);
        let read = realm.http.pages(
            request,
            |page: Vec<wire::User>, _| {
                so_far += page.len();
                let next = next(page.len(), so_far);
                (page, next)
            },
            |page| {
                for record in page {
                    match user(&record, &USERS.action()) {
                        Ok(user) => match self.list.insert(user.id.clone(), user) {
                            Some(_) => twice += 1,
                            None => told += 1,
                        },
                        Err(flaw) => {
                            told += 1;
                            defect(&mut self.gaps, &USERS, &flaw);
                        }
                    }
                }
            },
        );
        read.await?;
        if twice > 0 {
            let who = counted(twice, "user was", "users were");
            self.notes.push(format!("{who} listed twice, as the pages moved; the later record is used"));
        }
        Ok(told)
    }
}

const SHORT: &str = "give the service account the role view-users of realm-management, and run again when nobody is being \
                     imported";

/// A user in our terms.
fn user(record: &wire::User, origin: &str) -> Result<IdpUser, Defect> {
    let id: IdpUserId = id(&record.id, "a user")?;
    let Some(name) = record.username.owned() else {
        return Err(Defect::of(id, "the user has no name"));
    };
    let status = match record.enabled {
        Some(true) => IdpStatus::Active,
        Some(false) => IdpStatus::Disabled,
        None => return Err(Defect::of(id, "Keycloak does not say whether the user is enabled")),
    };
    // Attributes have the names that the realm gives them; these are the usual ones.
    let attribute = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| record.attributes.get(*name));
        values.find_map(|values| values.iter().find_map(Text::owned))
    };
    let mut user = IdpUser::new(id, name, status, origin.to_owned());
    user.email = record.email.owned();
    let names: Vec<&str> = [&record.first_name, &record.last_name].into_iter().filter_map(Text::get).collect();
    user.display_name = (!names.is_empty()).then(|| names.join(" "));
    user.employee_id = attribute(&["employeeNumber", "employeeId", "employee_id", "employeeID"]);
    user.user_type = attribute(&["userType", "employeeType"]);
    user.department = attribute(&["department"]);
    user.title = attribute(&["title", "jobTitle"]);
    user.manager = attribute(&["manager"]);
    user.status_changed_at = Known::Unknown("Keycloak keeps no time of it".to_owned());
    user.last_sign_in_at = Known::Unknown("Keycloak keeps none in its user records".to_owned());
    Ok(user)
}

/// An id, of a user or a group.
fn id<T: std::str::FromStr>(text: &Text, whose: &str) -> Result<T, Defect> {
    let text = text.get().ok_or_else(|| Defect::of("", format!("{whose} has no id")))?;
    text.parse().map_err(|_| Defect::of("", format!("{whose} has an id with control characters, or too long a one")))
}

/// The groups of the realm, as they contain each other.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) list: BTreeMap<IdpGroupId, Listed>,
    pub(super) gaps: Gaps,
}

/// A listing that was read, as far as it went.
struct Pages<T> {
    of: IdpGroupId,
    items: Vec<T>,
    read: Result<(), CallError>,
}

impl Groups {
    /// Reads the groups from the top down, then each one's own members.
    pub(super) async fn read(realm: &Realm) -> Self {
        let mut groups = Self::default();
        let request = paged(realm.get(&GROUPS, &["groups"]).query("briefRepresentation", "true"));
        let (top, read) = all::<wire::Group>(&realm.http, request).await;
        if let Err(error) = read {
            groups.gaps.add(&GROUPS, "", &error);
        }
        let mut open: Vec<IdpGroupId> = Vec::new();
        for group in top {
            groups.take(group, None, &mut open);
        }
        while !open.is_empty() {
            let paths = realm.clone();
            let ask = move |http: Arc<Http>, of: IdpGroupId| {
                let request = paged(paths.get(&CHILDREN, &["groups", of.as_str(), "children"]));
                let request = request.query("briefRepresentation", "true");
                async move {
                    let (items, read) = all::<wire::Group>(&http, request).await;
                    Pages { of, items, read }
                }
            };
            let asked = std::mem::take(&mut open);
            realm
                .http
                .for_all(asked, ask, |Pages { of, items, read }| {
                    if let Err(error) = read {
                        groups.gaps.add(&CHILDREN, of.as_str(), &error);
                    }
                    for group in items {
                        groups.take(group, Some(&of), &mut open);
                    }
                })
                .await;
        }
        groups.members(realm).await;
        groups
    }

    /// Takes a group and those within it that came along; `open` gets those whose children are still to be asked for.
    fn take(&mut self, group: wire::Group, parent: Option<&IdpGroupId>, open: &mut Vec<IdpGroupId>) {
        let id: IdpGroupId = match id(&group.id, "a group") {
            Ok(id) => id,
            Err(flaw) => return defect(&mut self.gaps, &GROUPS, &flaw),
        };
        let Some(name) = group.name.owned() else {
            return defect(&mut self.gaps, &GROUPS, &Defect::of(id, "the group has no name"));
        };
        if let Some(parent) = parent.and_then(|parent| self.list.get_mut(parent)) {
            parent.children.insert(id.clone());
        }
        let known = self.list.insert(id.clone(), Listed { name, ..Listed::default() }).is_some();
        let told = group.sub_groups.len() as u64;
        if group.sub_group_count.is_some_and(|count| count > told) && !known {
            open.push(id.clone());
        } else {
            for child in group.sub_groups {
                self.take(child, Some(&id), open);
            }
        }
    }

    async fn members(&mut self, realm: &Realm) {
        let paths = realm.clone();
        let ask = move |http: Arc<Http>, of: IdpGroupId| {
            let request = paged(paths.get(&MEMBERS, &["groups", of.as_str(), "members"]));
            let request = request.query("briefRepresentation", "true");
            async move {
                let (items, read) = all::<wire::Reference>(&http, request).await;
                Pages { of, items, read }
            }
        };
        let ids: Vec<IdpGroupId> = self.list.keys().cloned().collect();
        let Self { list, gaps } = self;
        realm
            .http
            .for_all(ids, ask, |Pages { of, items, read }| {
                let Some(group) = list.get_mut(&of) else { return };
                match read {
                    Ok(()) => {}
                    Err(error) if error.is_not_found() => group.members_unknown = Some(VANISHED.to_owned()),
                    Err(error) => gaps.add(&MEMBERS, of.as_str(), &error),
                }
                for member in items {
                    match id(&member.id, "a member") {
                        Ok(user) => {
                            group.members.insert(user);
                        }
                        Err(flaw) => defect(gaps, &MEMBERS, &Defect { subject: of.to_string(), ..flaw }),
                    }
                }
            })
            .await;
    }
}

/// Reads a listing; what came before an error is kept.
async fn all<T: serde::de::DeserializeOwned>(http: &Http, request: Request) -> (Vec<T>, Result<(), CallError>) {
    let (mut all, mut so_far) = (Vec::new(), 0);
    let split = |page: Vec<T>, _: &crate::collect::http::Reply| {
        so_far += page.len();
        let next = next(page.len(), so_far);
        (page, next)
    };
    let read = http.pages(request, split, |page| all.extend(page)).await;
    (all, read)
}
