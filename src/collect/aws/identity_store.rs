//! The identity store: users, groups, and who is in which group.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_identitystore::types;

use super::convert::{Interner, id, instant, text};
use super::operation::{LIST_GROUPS, LIST_MEMBERSHIPS, LIST_USERS, Operation};
use super::paged::{PagedOperation, paged};
use super::session::Client;
use crate::collect::calls::{CallError, Crew, Gaps, Job, Page, Pager};
use crate::model::id::{GroupId, IdentityStoreId, UserId};
use crate::model::{DirectoryGroup, DirectoryUser, ExternalId, Known, Membership, UserStatus};

/// What the identity store told.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) users: BTreeMap<UserId, DirectoryUser>,
    /// Why there may be more users.
    pub(super) users_end: Result<(), CallError>,
    pub(super) groups: BTreeMap<GroupId, DirectoryGroup>,
    /// Why there may be more groups.
    pub(super) groups_end: Result<(), CallError>,
    pub(super) memberships: Vec<Membership>,
    pub(super) gaps: Gaps,
    pub(super) notes: Vec<String>,
}

/// Reads the identity store. Users are the longest chain of pages, so nothing waits for them, nor they for anything.
pub(super) async fn read(client: &Arc<Client>, store: &IdentityStoreId) -> Directory {
    let (users, groups) = tokio::join!(read_users(client, store), read_groups(client, store));
    let (users, users_end) = users;
    let mut directory = groups;
    if let Err(error) = &users_end {
        directory.gaps.add(&LIST_USERS, "", error);
    }
    directory.users = users;
    directory.users_end = users_end;
    directory
}

async fn read_users(
    client: &Client,
    store: &IdentityStoreId,
) -> (BTreeMap<UserId, DirectoryUser>, Result<(), CallError>) {
    let mut listed = BTreeMap::new();
    let mut nameless = false;
    let each = |page: Vec<Option<DirectoryUser>>| {
        for user in page {
            match user {
                Some(user) => {
                    listed.insert(user.id.clone(), user);
                }
                None => nameless = true,
            }
        }
    };
    let end = users(client, &LIST_USERS, store).each_page(each).await;
    (listed, whole(&LIST_USERS, end, nameless))
}

/// A row without an id is a row lost.
fn whole(operation: &Operation, end: Result<(), CallError>, nameless: bool) -> Result<(), CallError> {
    end?;
    if nameless {
        return Err(CallError::malformed(operation, "the service gave a row without an id"));
    }
    Ok(())
}

/// The users. `operation` is the first listing or the second count.
pub(super) fn users<'c>(
    client: &'c Client,
    operation: &'c Operation,
    store: &'c IdentityStoreId,
) -> impl PagedOperation<Item = Option<DirectoryUser>> {
    paged(
        client,
        operation,
        |size, token| {
            let request = client.store.list_users().identity_store_id(store.as_str());
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| (answer.users.iter().map(user).collect(), answer.next_token),
    )
}

/// The groups. `operation` is the first listing or the second count.
pub(super) fn groups<'c>(
    client: &'c Client,
    operation: &'c Operation,
    store: &'c IdentityStoreId,
) -> impl PagedOperation<Item = Option<DirectoryGroup>> {
    paged(
        client,
        operation,
        |size, token| {
            let request = client.store.list_groups().identity_store_id(store.as_str());
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| (answer.groups.iter().map(group).collect(), answer.next_token),
    )
}

/// The members of a group.
fn members<'c>(
    client: &'c Client,
    store: &'c IdentityStoreId,
    group: &'c GroupId,
) -> impl PagedOperation<Item = types::GroupMembership> {
    paged(
        client,
        &LIST_MEMBERSHIPS,
        |size, token| {
            let request = client.store.list_group_memberships().identity_store_id(store.as_str());
            request.group_id(group.as_str()).set_max_results(size).set_next_token(token).send()
        },
        |answer| (answer.group_memberships, answer.next_token),
    )
}

enum GroupJob {
    Groups(IdentityStoreId, Pager),
    Members(IdentityStoreId, GroupId, Pager),
}

enum GroupOutcome {
    Groups(Page<Option<DirectoryGroup>>),
    Members(GroupId, Page<types::GroupMembership>),
}

impl Job for GroupJob {
    type Team = Client;
    type Outcome = GroupOutcome;

    async fn run(self, client: Arc<Client>) -> GroupOutcome {
        match self {
            Self::Groups(store, pager) => GroupOutcome::Groups(groups(&client, &LIST_GROUPS, &store).page(pager).await),
            Self::Members(store, group, pager) => {
                let page = members(&client, &store, &group).page(pager).await;
                GroupOutcome::Members(group, page)
            }
        }
    }
}

async fn read_groups(client: &Arc<Client>, store: &IdentityStoreId) -> Directory {
    let mut crew = Crew::new(client);
    crew.add(GroupJob::Groups(store.clone(), Pager::default()));
    gather(crew, store).await
}

/// The members of groups that turned up after the listing.
pub(super) async fn members_of(client: &Arc<Client>, store: &IdentityStoreId, groups: &[GroupId]) -> Directory {
    let mut crew = Crew::new(client);
    for group in groups {
        crew.add(GroupJob::Members(store.clone(), group.clone(), Pager::default()));
    }
    gather(crew, store).await
}

/// Works until nothing is left: each page of groups brings a job per group, each page of members perhaps another page.
async fn gather(mut crew: Crew<GroupJob>, store: &IdentityStoreId) -> Directory {
    let mut directory = Directory {
        users: BTreeMap::new(),
        users_end: Ok(()),
        groups: BTreeMap::new(),
        groups_end: Ok(()),
        memberships: Vec::new(),
        gaps: Gaps::default(),
        notes: Vec::new(),
    };
    let mut users = Interner::<UserId>::default();
    let mut gone = 0_u64;
    while let Some(outcome) = crew.next().await {
        match outcome {
            GroupOutcome::Groups(page) => {
                let nameless = page.items.iter().any(Option::is_none);
                match page.rest {
                    Ok(Some(pager)) => crew.add_first(GroupJob::Groups(store.clone(), pager)),
                    end => directory.groups_end = end.map(drop),
                }
                if nameless && directory.groups_end.is_ok() {
                    directory.groups_end = whole(&LIST_GROUPS, Ok(()), true);
                }
                for group in page.items.into_iter().flatten() {
                    let id = group.id.clone();
                    if directory.groups.insert(id.clone(), group).is_none() {
                        crew.add(GroupJob::Members(store.clone(), id, Pager::default()));
                    }
                }
            }
            GroupOutcome::Members(group, page) => {
                for row in &page.items {
                    match membership(&group, row, &mut users) {
                        Some(membership) => directory.memberships.push(membership),
                        None => {
                            let error = CallError::malformed(&LIST_MEMBERSHIPS, "a member that is not a user");
                            directory.gaps.add(&LIST_MEMBERSHIPS, group.as_str(), &error);
                        }
                    }
                }
                match page.rest {
                    Ok(Some(pager)) => crew.add(GroupJob::Members(store.clone(), group, pager)),
                    Ok(None) => {}
                    // The group was deleted after its page came: it is no group any more, and nothing was missed.
                    Err(error) if error.is_not_found() => {
                        directory.memberships.retain(|membership| membership.group != group);
                        if directory.groups.remove(&group).is_some() {
                            gone += 1;
                        }
                    }
                    Err(error) => directory.gaps.add(&LIST_MEMBERSHIPS, group.as_str(), &error),
                }
            }
        }
    }
    if let Err(error) = &directory.groups_end {
        directory.gaps.add(&LIST_GROUPS, "", error);
    }
    if gone > 0 {
        directory.notes.push(format!("{gone} groups were deleted while they were read and are left out"));
    }
    directory
}

/// A user as `ListUsers` gives it. Only what is needed is taken.
fn user(user: &types::User) -> Option<DirectoryUser> {
    let fields = UserFields {
        id: user.user_id(),
        user_name: user.user_name(),
        display_name: user.display_name(),
        emails: user.emails(),
        status: user.user_status(),
        external_ids: user.external_ids(),
        created_at: user.created_at(),
        created_by: user.created_by(),
        updated_at: user.updated_at(),
    };
    fields.user()
}

/// What `ListUsers` and `DescribeUser` have in common.
pub(super) struct UserFields<'a> {
    pub(super) id: &'a str,
    pub(super) user_name: Option<&'a str>,
    pub(super) display_name: Option<&'a str>,
    pub(super) emails: &'a [types::Email],
    pub(super) status: Option<&'a types::UserStatus>,
    pub(super) external_ids: &'a [types::ExternalId],
    pub(super) created_at: Option<&'a aws_smithy_types::DateTime>,
    pub(super) created_by: Option<&'a str>,
    pub(super) updated_at: Option<&'a aws_smithy_types::DateTime>,
}

impl UserFields<'_> {
    pub(super) fn user(&self) -> Option<DirectoryUser> {
        let id: UserId = id(Some(self.id))?;
        let status = match self.status {
            Some(types::UserStatus::Enabled) => Known::Value(UserStatus::Enabled),
            Some(types::UserStatus::Disabled) => Known::Value(UserStatus::Disabled),
            Some(other) => Known::Unknown(format!("AWS told the unknown UserStatus {}", other.as_str())),
            None => Known::Unknown("AWS told no UserStatus".to_owned()),
        };
        let primary = self.emails.iter().find(|email| email.primary()).or(self.emails.first());
        Some(DirectoryUser {
            user_name: text(self.user_name).unwrap_or(id.as_str()).to_owned(),
            display_name: text(self.display_name).map(str::to_owned),
            email: text(primary.and_then(|email| email.value())).map(str::to_owned),
            status,
            external_ids: external_ids(self.external_ids),
            created_at: instant(self.created_at),
            created_by: text(self.created_by).map(str::to_owned),
            updated_at: instant(self.updated_at),
            id,
        })
    }
}

fn group(group: &types::Group) -> Option<DirectoryGroup> {
    directory_group(group.group_id(), group.display_name(), group.external_ids(), group.created_at())
}

/// A group as `ListGroups` and `DescribeGroup` give it.
pub(super) fn directory_group(
    group: &str,
    name: Option<&str>,
    external: &[types::ExternalId],
    created_at: Option<&aws_smithy_types::DateTime>,
) -> Option<DirectoryGroup> {
    let id: GroupId = id(Some(group))?;
    Some(DirectoryGroup {
        name: text(name).unwrap_or(id.as_str()).to_owned(),
        external_ids: external_ids(external),
        created_at: instant(created_at),
        id,
    })
}

fn external_ids(told: &[types::ExternalId]) -> Vec<ExternalId> {
    let mut ids: Vec<ExternalId> = told
        .iter()
        .filter(|external| !external.id().is_empty())
        .map(|external| ExternalId { issuer: external.issuer().to_owned(), id: external.id().to_owned() })
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

fn membership(group: &GroupId, row: &types::GroupMembership, users: &mut Interner<UserId>) -> Option<Membership> {
    let member = row.member_id().and_then(|member| member.as_user_id().ok());
    Some(Membership {
        group: group.clone(),
        user: users.id(member.map(String::as_str))?,
        created_at: instant(row.created_at()),
        created_by: text(row.created_by()).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_is_not_known() {
        let bare = types::User::builder()
            .identity_store_id("d-1")
            .user_id("u-1")
            .user_name("anna")
            .user_arn("")
            .revision("")
            .build()
            .unwrap();
        let anna = user(&bare).unwrap();
        assert_eq!(anna.user_name, "anna");
        assert!(anna.status.is_unknown());
        assert!(anna.created_at.is_unknown());
        assert!(anna.external_ids.is_empty());
    }

    #[test]
    fn the_primary_address_is_taken() {
        let email = |value: &str, primary| types::Email::builder().value(value).primary(primary).build();
        let two = types::User::builder()
            .identity_store_id("d-1")
            .user_id("u-1")
            .user_arn("")
            .revision("")
            .emails(email("old@example.com", false))
            .emails(email("anna@example.com", true))
            .user_status(types::UserStatus::Disabled)
            .build()
            .unwrap();
        let anna = user(&two).unwrap();
        assert_eq!(anna.email.as_deref(), Some("anna@example.com"));
        assert_eq!(anna.status, Known::Value(UserStatus::Disabled));
    }

    #[test]
    fn a_member_of_another_kind_is_no_membership() {
        let row = types::GroupMembership::builder()
            .identity_store_id("d-1")
            .membership_id("m-1")
            .membership_arn("")
            .build()
            .unwrap();
        assert!(membership(&"g-1".parse().unwrap(), &row, &mut Interner::default()).is_none());
    }
}
