//! What can only be asked at the end: principals that no listing had, and whether the lists changed meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::identity_store::{Directory, UserFields, directory_group, groups, members_of, users};
use super::operation::{DESCRIBE_GROUP, DESCRIBE_USER, RECOUNT_GROUPS, RECOUNT_PERMISSION_SETS, RECOUNT_USERS};
use super::paged::PagedOperation;
use super::session::Client;
use super::sso_admin::Access;
use super::sso_lists::permission_sets;
use crate::collect::calls::{CallError, Crew, Gaps, Job};
use crate::model::facts::{PrincipalLookup, Recount};
use crate::model::id::{GroupId, IdentityStoreId, UserId};
use crate::model::{Assignment, DirectoryGroup, DirectoryUser, Instance, Known, Principal};

/// Looks up by id who has an assignment and is on no list. Who is found after all was made meanwhile and joins the list.
pub(super) async fn look_up(
    client: &Arc<Client>,
    store: &IdentityStoreId,
    assignments: &[Assignment],
    directory: &mut Directory,
    gaps: &mut Gaps,
) -> Vec<PrincipalLookup> {
    let mut missing: BTreeSet<Principal> = BTreeSet::new();
    for assignment in assignments {
        let listed = match &assignment.principal {
            Principal::User(id) => directory.users.contains_key(id),
            Principal::Group(id) => directory.groups.contains_key(id),
        };
        if !listed && !missing.contains(&assignment.principal) {
            missing.insert(assignment.principal.clone());
        }
    }
    let mut lookups = Vec::new();
    let mut crew = Crew::new(client);
    for principal in missing {
        // A list that broke off lacks principals by the thousand; asking for each would say little and cost much.
        let end = match &principal {
            Principal::User(_) => &directory.users_end,
            Principal::Group(_) => &directory.groups_end,
        };
        match end {
            Ok(()) => crew.add(Lookup { store: store.clone(), principal }),
            Err(error) => lookups.push(PrincipalLookup { principal, exists: Known::Unknown(error.reason.clone()) }),
        }
    }
    let mut late = Vec::new();
    while let Some((principal, result)) = crew.next().await {
        let exists = match result {
            Ok(found) => {
                match found {
                    Found::User(user) => {
                        directory.users.insert(user.id.clone(), user);
                    }
                    Found::Group(group) => {
                        late.push(group.id.clone());
                        directory.groups.insert(group.id.clone(), group);
                    }
                }
                Known::Value(true)
            }
            Err(error) if error.is_not_found() => Known::Value(false),
            Err(error) => {
                let operation = match &principal {
                    Principal::User(_) => &DESCRIBE_USER,
                    Principal::Group(_) => &DESCRIBE_GROUP,
                };
                gaps.add(operation, principal.id(), &error);
                Known::Unknown(error.reason)
            }
        };
        lookups.push(PrincipalLookup { principal, exists });
    }
    if !late.is_empty() {
        let members = members_of(client, store, &late).await;
        directory.memberships.extend(members.memberships);
        gaps.extend(members.gaps);
    }
    lookups.sort();
    lookups
}

/// A question about one principal (`DescribeUser`, `DescribeGroup`).
struct Lookup {
    store: IdentityStoreId,
    principal: Principal,
}

enum Found {
    User(DirectoryUser),
    Group(DirectoryGroup),
}

impl Job for Lookup {
    type Team = Client;
    type Outcome = (Principal, Result<Found, CallError>);

    async fn run(self, client: Arc<Client>) -> Self::Outcome {
        let found = match &self.principal {
            Principal::User(id) => describe_user(&client, &self.store, id).await.map(Found::User),
            Principal::Group(id) => describe_group(&client, &self.store, id).await.map(Found::Group),
        };
        (self.principal, found)
    }
}

async fn describe_user(client: &Client, store: &IdentityStoreId, id: &UserId) -> Result<DirectoryUser, CallError> {
    let operation = &DESCRIBE_USER;
    let send = || {
        let request = client.store.describe_user();
        request.identity_store_id(store.as_str()).user_id(id.as_str()).send()
    };
    let answer = client.calls.call(operation, send).await?;
    let fields = UserFields {
        id: answer.user_id(),
        user_name: answer.user_name(),
        display_name: answer.display_name(),
        emails: answer.emails(),
        status: answer.user_status(),
        external_ids: answer.external_ids(),
        created_at: answer.created_at(),
        created_by: answer.created_by(),
        updated_at: answer.updated_at(),
    };
    let user = fields.user().filter(|user| user.id == *id);
    user.ok_or_else(|| CallError::malformed(operation, "the answer is about another user"))
}

async fn describe_group(client: &Client, store: &IdentityStoreId, id: &GroupId) -> Result<DirectoryGroup, CallError> {
    let operation = &DESCRIBE_GROUP;
    let send = || {
        let request = client.store.describe_group();
        request.identity_store_id(store.as_str()).group_id(id.as_str()).send()
    };
    let answer = client.calls.call(operation, send).await?;
    let group = directory_group(answer.group_id(), answer.display_name(), answer.external_ids(), answer.created_at());
    let group = group.filter(|group| group.id == *id);
    group.ok_or_else(|| CallError::malformed(operation, "the answer is about another group"))
}

/// Counts users, groups and permission sets again. A count that fails is no gap: the facts themselves were read.
pub(super) async fn recount(
    client: &Client,
    instance: &Instance,
    directory: &Directory,
    access: Option<&Access>,
) -> Recount {
    let store = &instance.identity_store;
    let (users, groups, permission_sets) = tokio::join!(
        count(&directory.users_end, users(client, &RECOUNT_USERS, store), |user| user.id),
        count(&directory.groups_end, groups(client, &RECOUNT_GROUPS, store), |group| group.id),
        async {
            let Some(access) = access else { return Known::Absent };
            let sets = permission_sets(client, &RECOUNT_PERMISSION_SETS, &instance.arn);
            count(&access.sets_end, sets, |set| set).await
        }
    );
    Recount { users, groups, permission_sets }
}

/// Counts what a listing has, each id once. What could not be listed whole at first is not listed again.
async fn count<T: Send, I: Ord + Send>(
    first: &Result<(), CallError>,
    listing: impl PagedOperation<Item = Option<T>>,
    id: impl Fn(T) -> I + Send + Sync,
) -> Known<u64> {
    if let Err(error) = first {
        return Known::Unknown(error.reason.clone());
    }
    let mut seen = BTreeSet::new();
    let end = listing.each_page(|page| seen.extend(page.into_iter().flatten().map(&id))).await;
    match end {
        Ok(()) => Known::Value(seen.len() as u64),
        Err(error) => Known::Unknown(error.reason),
    }
}
