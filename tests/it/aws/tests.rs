//! The server tells what AWS tells, as the real SDK reads it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_ssoadmin::error::ProvideErrorMetadata;
use aws_sdk_ssoadmin::types::{PrincipalType, ProvisioningStatus, RegionScope};

use super::fake::world::World;
use super::fake::world::samples::{GONE_GROUP, GONE_USER, Size};
use super::fake::{FakeAws, Outcome, Setup};
use super::sdk::Sdk;

pub(super) fn parts(server: &FakeAws) -> (Sdk, String, String) {
    let instance = server.world().instance.clone().unwrap();
    (Sdk::new(&server.url(), "us-east-1"), instance.arn, instance.identity_store)
}

#[tokio::test]
async fn every_assignment_is_found_by_permission_set_and_account() {
    let server = FakeAws::start_with(World::untidy(), Setup { page_limit: Some(2), ..Setup::default() });
    let (sdk, arn, _) = parts(&server);
    let sets: Vec<String> = sdk
        .sso
        .list_permission_sets()
        .instance_arn(&arn)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .unwrap();
    assert_eq!(sets.len(), server.world().permission_sets.len());
    let mut found = BTreeSet::new();
    for set in &sets {
        let accounts: Vec<String> = sdk
            .sso
            .list_accounts_for_provisioned_permission_set()
            .instance_arn(&arn)
            .permission_set_arn(set)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .unwrap();
        for account in accounts {
            let rows: Vec<_> = sdk
                .sso
                .list_account_assignments()
                .instance_arn(&arn)
                .permission_set_arn(set)
                .account_id(&account)
                .into_paginator()
                .items()
                .send()
                .collect::<Result<_, _>>()
                .await
                .unwrap();
            for row in rows {
                let kind = row.principal_type.unwrap().as_str().to_owned();
                found.insert((
                    row.account_id.unwrap(),
                    row.permission_set_arn.unwrap(),
                    kind,
                    row.principal_id.unwrap(),
                ));
            }
        }
    }
    let expected: BTreeSet<_> =
        server.world().assignment_rows().into_iter().map(|(a, set, kind, id, _)| (a, set, kind, id)).collect();
    assert_eq!(found, expected);
    assert!(found.iter().any(|row| row.3 == GONE_USER) && found.iter().any(|row| row.3 == GONE_GROUP));
    let items: usize = server
        .requests_of("sso:ListAccountAssignments")
        .iter()
        .map(|request| match request.outcome {
            Outcome::Answered { items } => items.unwrap(),
            _ => panic!("{request:?}"),
        })
        .sum();
    assert_eq!(items, expected.len());
}

#[tokio::test]
async fn a_users_rows_include_those_of_its_groups() {
    let server = FakeAws::start(World::tidy());
    let (sdk, arn, _) = parts(&server);
    let ada = server.world().users[0].id.clone();
    let rows = sdk
        .sso
        .list_account_assignments_for_principal()
        .instance_arn(&arn)
        .principal_id(&ada)
        .principal_type(PrincipalType::User)
        .send()
        .await
        .unwrap();
    let kinds: Vec<&str> =
        rows.account_assignments().iter().map(|row| row.principal_type.as_ref().unwrap().as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "USER").count(), 2);
    assert_eq!(kinds.iter().filter(|kind| **kind == "GROUP").count(), 3);
    let grants = server.world().grant_rows();
    assert_eq!(grants.iter().filter(|grant| grant.0 == ada).count(), kinds.len());
    let gone = sdk
        .sso
        .list_account_assignments_for_principal()
        .instance_arn(&arn)
        .principal_id(GONE_USER)
        .principal_type(PrincipalType::User)
        .send()
        .await
        .unwrap_err();
    assert_eq!(gone.code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn permission_sets_are_described_with_their_policies() {
    let server = FakeAws::start(World::untidy());
    let (sdk, arn, _) = parts(&server);
    let custom = server.world().permission_sets[2].arn.clone();
    let described =
        sdk.sso.describe_permission_set().instance_arn(&arn).permission_set_arn(&custom).send().await.unwrap();
    assert_eq!(described.permission_set().unwrap().session_duration(), Some("PT12H"));
    let managed = sdk
        .sso
        .list_managed_policies_in_permission_set()
        .instance_arn(&arn)
        .permission_set_arn(&custom)
        .send()
        .await
        .unwrap();
    assert_eq!(managed.attached_managed_policies().len(), 3);
    let customer = sdk
        .sso
        .list_customer_managed_policy_references_in_permission_set()
        .instance_arn(&arn)
        .permission_set_arn(&custom)
        .send()
        .await
        .unwrap();
    assert_eq!(customer.customer_managed_policy_references()[1].path(), Some("/team/web/"));
    let inline = sdk
        .sso
        .get_inline_policy_for_permission_set()
        .instance_arn(&arn)
        .permission_set_arn(&custom)
        .send()
        .await
        .unwrap();
    assert!(inline.inline_policy().unwrap().contains("iam:*"));
    let boundary = |set: &str| {
        sdk.sso.get_permissions_boundary_for_permission_set().instance_arn(&arn).permission_set_arn(set).send()
    };
    let bounded = boundary(&custom).await.unwrap().permissions_boundary.unwrap();
    assert_eq!(bounded.customer_managed_policy_reference.unwrap().name, "workforce-boundary");
    let none = boundary(&server.world().permission_sets[0].arn).await.unwrap_err();
    assert!(none.into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn deployments_are_told_by_their_status_and_by_account() {
    let server = FakeAws::start(World::untidy());
    let (sdk, arn, _) = parts(&server);
    let dev = server.world().accounts[2].id.clone();
    let read = server.world().permission_sets[1].arn.clone();
    let old = sdk
        .sso
        .list_accounts_for_provisioned_permission_set()
        .instance_arn(&arn)
        .permission_set_arn(&read)
        .provisioning_status(ProvisioningStatus::LatestPermissionSetNotProvisioned)
        .send()
        .await
        .unwrap();
    assert_eq!(old.account_ids(), std::slice::from_ref(&dev));
    let latest = sdk
        .sso
        .list_permission_sets_provisioned_to_account()
        .instance_arn(&arn)
        .account_id(&dev)
        .provisioning_status(ProvisioningStatus::LatestPermissionSetProvisioned)
        .send()
        .await
        .unwrap();
    assert_eq!(latest.permission_sets().len(), 3);
}

#[tokio::test]
async fn sso_admin_answers_in_the_primary_region_only() {
    let mut world = World::tidy();
    world.instance.as_mut().unwrap().primary_region = "eu-west-1".into();
    world.instance.as_mut().unwrap().regions = vec!["eu-west-1".into(), "us-east-1".into()];
    let server = FakeAws::start(world);
    let (sdk, arn, store) = parts(&server);
    let elsewhere = Sdk::new(&server.url(), "ap-south-1");
    let here = elsewhere.sso.list_instances().send().await.unwrap();
    assert!(here.instances().is_empty());
    let all = elsewhere.sso.list_instances().region_scope(RegionScope::AllRegions).send().await.unwrap();
    assert_eq!(all.instances()[0].primary_region(), Some("eu-west-1"));
    assert_eq!(all.instances()[0].regions().len(), 2);
    let refused = elsewhere.sso.list_permission_sets().instance_arn(&arn).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ResourceNotFoundException"));
    let refused = sdk.sso.list_permission_sets().instance_arn(&arn).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ValidationException"));
    assert!(sdk.identity_store.list_users().identity_store_id(&store).send().await.is_ok());
    let primary = Sdk::new(&server.url(), "eu-west-1");
    assert_eq!(primary.sso.list_permission_sets().instance_arn(&arn).send().await.unwrap().permission_sets().len(), 2);
    assert_eq!(server.requests().last().unwrap().region, "eu-west-1");
}

#[tokio::test]
async fn all_of_sso_admin_shares_one_bucket() {
    let setup = Setup { throttle: Some((1.0, 3.0)), ..Setup::default() };
    let server = FakeAws::start_with(World::tidy(), setup);
    let (sdk, arn, store) = parts(&server);
    for _ in 0..2 {
        sdk.sso.list_permission_sets().instance_arn(&arn).send().await.unwrap();
    }
    sdk.sso.list_instances().send().await.unwrap();
    let over = sdk.sso.list_permission_sets().instance_arn(&arn).send().await.unwrap_err();
    assert_eq!(over.code(), Some("ThrottlingException"));
    assert_eq!(over.raw_response().unwrap().status().as_u16(), 400);
    for _ in 0..3 {
        sdk.identity_store.list_users().identity_store_id(&store).send().await.unwrap();
        sdk.identity_store.list_groups().identity_store_id(&store).send().await.unwrap();
    }
    assert!(sdk.identity_store.list_users().identity_store_id(&store).send().await.is_err());
    assert_eq!(server.throttles(), 2);
    assert!(Setup::throttled().throttle == Some((20.0, 20.0)));
}

#[tokio::test]
async fn latency_is_added_to_every_answer() {
    let latency = Duration::from_millis(30);
    let server = FakeAws::start_with(World::tidy(), Setup { latency, ..Setup::default() });
    let (sdk, ..) = parts(&server);
    let before = Instant::now();
    sdk.sso.list_instances().send().await.unwrap();
    assert!(before.elapsed() >= latency);
    assert!(server.requests()[0].at >= before);
}

#[tokio::test]
async fn what_aws_does_not_know_is_seen() {
    let server = FakeAws::start(World::tidy());
    let (sdk, arn, store) = parts(&server);
    let unknown = sdk.sso.describe_instance().instance_arn(&arn).send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("UnknownOperationException"));
    assert!(sdk.identity_store.get_user_id().identity_store_id(&store).send().await.is_err());
    let anomalies = server.take_anomalies();
    assert_eq!(anomalies[0], "sso:DescribeInstance: no such operation here");
    assert_eq!(anomalies.len(), 2);
}

#[test]
fn generated_worlds_have_the_size_asked_for_and_cost_what_the_formula_says() {
    let world = World::sized(Size::SMALL);
    assert_eq!(world.assignment_rows().len(), 400);
    assert_eq!(world.accounts.len(), 30);
    assert!(!world.dangling().is_empty());
    let least = world.least_calls();
    assert_eq!(least["sso:ListAccountAssignments"], 154);
    assert_eq!(least["sso:ListAccountsForProvisionedPermissionSet"], 15);
    assert_eq!(least["identitystore:ListUsers"], 2);
    assert_eq!(least["organizations:ListAccounts"], 2);
    assert_eq!(World::sized(Size::MEDIUM).least_calls()["sso:ListAccountAssignments"], 1_699);
}
