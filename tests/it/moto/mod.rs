//! The program against moto: a server that others wrote, as a witness to the wire formats.
//!
//! moto's deployment lists don't follow assignments, so everything is asked for (`enumeration = "exhaustive"`).

pub(crate) mod server;
mod trail;

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_identitystore::types::{Email, MemberId};
use aws_sdk_organizations::types::OrganizationFeatureSet;
use aws_sdk_ssoadmin::types::{PrincipalType, TargetType};

use crate::aws::fake::world::{Account, Group, PermissionSet, Principal, User, World};
use crate::aws::sdk::Sdk;
use crate::support::Overstay;
use server::Moto;

/// The world as moto has it: its own ids, and nothing yet.
pub(crate) async fn empty(sdk: &Sdk) -> World {
    let instances = sdk.sso.list_instances().send().await.unwrap();
    let told = &instances.instances()[0];
    let mut world = World::default();
    let instance = world.instance.as_mut().unwrap();
    instance.arn = told.instance_arn().unwrap().to_owned();
    instance.identity_store = told.identity_store_id().unwrap().to_owned();
    let created =
        sdk.organizations.create_organization().feature_set(OrganizationFeatureSet::All).send().await.unwrap();
    world.management = created.organization().unwrap().master_account_id().unwrap().to_owned();
    world.accounts[0].id.clone_from(&world.management);
    world
}

pub(crate) async fn account(sdk: &Sdk, world: &mut World, name: &str) -> String {
    let email = format!("{name}@example.com");
    let created = sdk.organizations.create_account().account_name(name).email(email).send().await.unwrap();
    let id = created.create_account_status().unwrap().account_id().unwrap().to_owned();
    world.accounts.push(Account { id: id.clone(), name: name.into(), state: "ACTIVE", path: "", listed: true });
    id
}

pub(crate) async fn permission_set(sdk: &Sdk, world: &mut World, name: &str) -> String {
    let instance = world.instance.as_ref().unwrap().arn.clone();
    let created = sdk
        .sso
        .create_permission_set()
        .instance_arn(&instance)
        .name(name)
        .session_duration("PT2H")
        .send()
        .await
        .unwrap();
    let arn = created.permission_set().unwrap().permission_set_arn().unwrap().to_owned();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
    let put = sdk.sso.put_inline_policy_to_permission_set().instance_arn(&instance).permission_set_arn(&arn);
    put.inline_policy(policy).send().await.unwrap();
    world.permission_sets.push(PermissionSet {
        arn: arn.clone(),
        name: name.into(),
        description: String::new(),
        session: "PT2H".into(),
        managed: Vec::new(),
        customer: Vec::new(),
        inline: policy.into(),
        boundary: None,
    });
    arn
}

pub(crate) async fn user(sdk: &Sdk, world: &mut World, name: &str) -> String {
    let store = &world.instance.as_ref().unwrap().identity_store;
    let (user_name, email) = (format!("{name}@example.com"), format!("{name}@example.com"));
    let created = sdk
        .identity_store
        .create_user()
        .identity_store_id(store)
        .user_name(&user_name)
        .display_name(name)
        .name(aws_sdk_identitystore::types::Name::builder().given_name(name).family_name("Example").build())
        .emails(Email::builder().value(&email).r#type("work").primary(true).build())
        .send()
        .await
        .unwrap();
    let id = created.user_id().to_owned();
    world.users.push(User {
        id: id.clone(),
        user_name,
        display_name: name.into(),
        email,
        enabled: None,
        external_ids: Vec::new(),
        listed: true,
    });
    id
}

pub(crate) async fn group(sdk: &Sdk, world: &mut World, name: &str, members: &[String]) -> String {
    let store = world.instance.as_ref().unwrap().identity_store.clone();
    let created = sdk.identity_store.create_group().identity_store_id(&store).display_name(name).send().await.unwrap();
    let id = created.group_id().to_owned();
    for member in members {
        let add = sdk.identity_store.create_group_membership().identity_store_id(&store).group_id(&id);
        add.member_id(MemberId::UserId(member.clone())).send().await.unwrap();
    }
    world.groups.push(Group { id: id.clone(), name: name.into(), external_ids: Vec::new() });
    world.members.insert(id.clone(), members.to_vec());
    id
}

/// Assigns in moto, and in the world unless it is there already.
pub(crate) async fn assign(sdk: &Sdk, world: &mut World, principal: Principal, set: &str, account: &str) {
    let kind = match principal {
        Principal::User(_) => PrincipalType::User,
        Principal::Group(_) => PrincipalType::Group,
    };
    let create = sdk.sso.create_account_assignment().instance_arn(&world.instance.as_ref().unwrap().arn);
    let create = create.target_type(TargetType::AwsAccount).target_id(account).permission_set_arn(set);
    create.principal_type(kind).principal_id(principal.id()).send().await.unwrap();
    world.assign(principal, set, account);
}

/// 130 users, so that lists have two pages; groups large and small; assignments of users and groups, 120 of them in
/// one place.
async fn populate(sdk: &Sdk) -> World {
    let mut world = empty(sdk).await;
    let prod = account(sdk, &mut world, "prod").await;
    let dev = account(sdk, &mut world, "dev").await;
    let admin = permission_set(sdk, &mut world, "Admin").await;
    let read = permission_set(sdk, &mut world, "ReadOnly").await;
    let mut users = Vec::new();
    for n in 0..130 {
        users.push(user(sdk, &mut world, &format!("user{n}")).await);
    }
    let everyone = group(sdk, &mut world, "everyone", &users).await;
    let admins = group(sdk, &mut world, "admins", &users[..3]).await;
    let management = world.management.clone();
    for (principal, set, place) in [
        (Principal::Group(everyone.clone()), &read, &dev),
        (Principal::Group(admins.clone()), &admin, &dev),
        (Principal::Group(admins), &admin, &prod),
        (Principal::Group(everyone), &read, &management),
        (Principal::User(users[0].clone()), &admin, &prod),
        (Principal::User("dddddddd-0000-4000-8000-000000000009".into()), &read, &prod),
    ] {
        assign(sdk, &mut world, principal, set, place).await;
    }
    for user in &users[..120] {
        assign(sdk, &mut world, Principal::User(user.clone()), &read, &dev).await;
    }
    world
}

#[test]
fn what_was_made_in_moto_is_in_the_pack() {
    let moto = Moto::start();
    let sdk = Sdk::new(&moto.url(), "us-east-1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(populate(&sdk));
    let run = Overstay::at(&moto.url(), &world).aws("enumeration", "\"exhaustive\"").audit();
    // moto answers nothing but the question after permissions boundaries, and that with a page of HTML.
    run.assert_gap("boundaries", &["server"], "GetPermissionsBoundaryForPermissionSet");
    assert!(run.gaps().iter().all(|gap| gap.fact == "boundaries"), "{:#?}", run.gaps());
    let stateless = |rows: BTreeSet<(String, String, String, String, String)>| -> BTreeSet<_> {
        rows.into_iter().map(|(account, set, kind, id, _)| (account, set, kind, id)).collect()
    };
    assert_eq!(stateless(run.assignments()), stateless(world.assignment_rows()));
    let missing: Vec<_> = run.assignments().into_iter().filter(|row| row.4 == "missing").collect();
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(run.grants(), world.grant_rows());
}

#[test]
fn a_pager_of_motos_that_goes_round_ends_the_run() {
    let moto = Moto::start();
    let sdk = Sdk::new(&moto.url(), "us-east-1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(async {
        let mut world = empty(&sdk).await;
        let set = permission_set(&sdk, &mut world, "ReadOnly").await;
        let place = world.management.clone();
        // The second page would begin with a copy of the first row, which moto's token can't tell from the first.
        let ids = (0..100).chain(0..3).map(|n| format!("dddddddd-0000-4000-8000-{n:012}"));
        for id in ids {
            assign(&sdk, &mut world, Principal::User(id), &set, &place).await;
        }
        let mut token = None;
        for _ in 0..5 {
            let list = sdk.sso.list_account_assignments().instance_arn(&world.instance.as_ref().unwrap().arn);
            let page = list.permission_set_arn(&set).account_id(&place).set_next_token(token).send().await.unwrap();
            token = page.next_token;
            assert!(token.is_some(), "103 rows have two pages, but moto's pager goes round");
        }
        world
    });
    let overstay = Overstay::at(&moto.url(), &world).aws("enumeration", "\"exhaustive\"");
    let run = overstay.within(Duration::from_secs(120)).audit();
    run.assert_gap("assignments", &["malformed"], "ListAccountAssignments");
}

/// Only that the helpers above and moto agree, without the program.
#[test]
fn moto_tells_what_was_made() {
    let moto = Moto::start();
    let sdk = Sdk::new(&moto.url(), "us-east-1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = populate(&sdk).await;
        let instance = world.instance.as_ref().unwrap();
        let listed = sdk
            .sso
            .list_account_assignments()
            .instance_arn(&instance.arn)
            .permission_set_arn(&world.permission_sets[1].arn)
            .account_id(&world.accounts[2].id)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .unwrap();
        assert_eq!(listed.len(), 121);
        let users = sdk
            .identity_store
            .list_users()
            .identity_store_id(&instance.identity_store)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .unwrap();
        assert_eq!(users.len(), 130);
    });
}
