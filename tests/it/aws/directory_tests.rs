//! The directory, the organization and STS, as the real SDK reads them.

use aws_sdk_identitystore::types::UserStatus;
use aws_sdk_ssoadmin::error::ProvideErrorMetadata;

use super::fake::FakeAws;
use super::fake::world::World;
use super::fake::world::samples::{GONE_GROUP, GONE_USER, Size};
use super::tests::parts;

#[tokio::test]
async fn the_directory_is_told_in_pages() {
    let server = FakeAws::start(World::sized(Size::SMALL));
    let (sdk, _, store) = parts(&server);
    let users: Vec<_> = sdk
        .identity_store
        .list_users()
        .identity_store_id(&store)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .unwrap();
    assert_eq!(users.len(), 200);
    assert_eq!(server.counts()["identitystore:ListUsers"], 2);
    assert_eq!(users[0].user_status(), Some(&UserStatus::Enabled));
    assert_eq!(users[0].external_ids()[0].id(), "00u00000001");
    assert_eq!(users[0].created_at().unwrap().secs(), 1_700_000_000);
    assert_eq!(users[0].emails()[0].value(), Some("user0@example.com"));
    let groups = sdk.identity_store.list_groups().identity_store_id(&store).max_results(7).send().await.unwrap();
    assert_eq!(groups.groups().len(), 7);
    let group = groups.groups()[0].group_id();
    let members: Vec<_> = sdk
        .identity_store
        .list_group_memberships()
        .identity_store_id(&store)
        .group_id(group)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .unwrap();
    let told: Vec<&String> = members.iter().map(|m| m.member_id().unwrap().as_user_id().unwrap()).collect();
    assert_eq!(told, server.world().members[group].iter().collect::<Vec<_>>());
    let gone =
        sdk.identity_store.describe_user().identity_store_id(&store).user_id(GONE_USER).send().await.unwrap_err();
    assert!(gone.into_service_error().is_resource_not_found_exception());
    let gone =
        sdk.identity_store.describe_group().identity_store_id(&store).group_id(GONE_GROUP).send().await.unwrap_err();
    assert!(gone.into_service_error().is_resource_not_found_exception());
    let here = sdk.identity_store.describe_user().identity_store_id(&store).user_id(users[1].user_id()).send().await;
    assert_eq!(here.unwrap().user_name(), Some("user1@example.com"));
    let here = sdk.identity_store.describe_group().identity_store_id(&store).group_id(group).send().await;
    assert_eq!(here.unwrap().display_name(), Some("group-0"));
}

#[tokio::test]
async fn a_token_is_good_for_its_own_list_only() {
    let server = FakeAws::start(World::sized(Size::SMALL));
    let (sdk, _, store) = parts(&server);
    let users = sdk.identity_store.list_users().identity_store_id(&store).send().await.unwrap();
    let token = users.next_token().unwrap();
    let wrong = sdk.identity_store.list_groups().identity_store_id(&store).next_token(token).send().await.unwrap_err();
    assert_eq!(wrong.code(), Some("ValidationException"));
}

#[tokio::test]
async fn the_organization_lists_twenty_accounts_a_page() {
    let mut world = World::untidy();
    for n in 0..30 {
        world.account(&format!("more-{n}"), "ACTIVE");
    }
    let server = FakeAws::start(world);
    let (sdk, ..) = parts(&server);
    let accounts: Vec<_> = sdk
        .organizations
        .list_accounts()
        .into_paginator()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .unwrap()
        .into_iter()
        .flat_map(|page| page.accounts.unwrap_or_default())
        .collect();
    assert_eq!(accounts.len(), 35, "all but the one that left");
    assert_eq!(server.counts()["organizations:ListAccounts"], 2);
    let closed = accounts.iter().find(|account| account.name() == Some("older-lab")).unwrap();
    assert_eq!(closed.state().unwrap().as_str(), "CLOSED");
    assert!(closed.paths()[0].starts_with("o-fake000000/r-fake/ou-workloads/"));
    let admins = sdk.organizations.list_delegated_administrators().send().await.unwrap();
    assert_eq!(admins.delegated_administrators()[0].name(), Some("dev-web"));
    let described = sdk.organizations.describe_organization().send().await.unwrap();
    assert_eq!(described.organization().unwrap().master_account_id(), Some("100000000000"));
}

#[tokio::test]
async fn sts_speaks_xml() {
    let server = FakeAws::start(World::tidy());
    let (sdk, ..) = parts(&server);
    let me = sdk.sts.get_caller_identity().send().await.unwrap();
    assert_eq!(me.arn(), Some("arn:aws:iam::100000000000:user/auditor"));
    let role = "arn:aws:iam::100000000000:role/Audit";
    let assumed = sdk.sts.assume_role().role_arn(role).role_session_name("test").send().await.unwrap();
    assert_eq!(assumed.credentials().unwrap().access_key_id(), "ASIAFAKE000000000001");
    assert_eq!(server.requests()[1].body["RoleArn"], role);
}
