//! Faults that stay: exit 3, INCOMPLETE on the first page, and a gap that says what, where and why.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::aws::fake::faults::{Effect, Fault, When};
use crate::aws::fake::world::World;
use crate::aws::fake::{FakeAws, Setup};
use crate::support::{Overstay, Run};

fn run_with(fault: Fault) -> (FakeAws, Run) {
    let server = FakeAws::start_with(World::untidy(), Setup::fault(fault));
    let run = Overstay::against(&server).audit();
    (server, run)
}

/// The fault hits the assignments of one permission set on one account; every other row is in the pack.
fn loses_one_pair(effect: Effect, kinds: &[&str]) {
    let world = World::untidy();
    let (set, account) = (world.permission_sets[2].arn.clone(), world.accounts[2].id.clone());
    let body = |request: &serde_json::Value| request["AccountId"] == account.as_str();
    let fault = Fault::new("sso:ListAccountAssignments", When::Every, effect).containing(&set);
    let server = FakeAws::start_with(world, Setup::fault(fault));
    let run = Overstay::against(&server).audit();
    run.assert_gap("assignments", kinds, "ListAccountAssignments");
    assert!(run.gaps().iter().all(|gap| gap.fact == "assignments"), "{:#?}", run.gaps());
    let rest: BTreeSet<_> = server.world().assignment_rows().into_iter().filter(|row| row.1 != set).collect();
    assert_eq!(run.assignments(), rest);
    assert!(server.requests_of("sso:ListAccountAssignments").iter().any(|request| body(&request.body)));
    assert_eq!(run.operations("requests"), server.counts());
    assert!(run.operations("failures")["sso:ListAccountAssignments"] > 0);
}

#[test]
fn access_denied() {
    loses_one_pair(Effect::Refuse("AccessDeniedException"), &["denied"]);
}

#[test]
fn the_kms_key_denied() {
    loses_one_pair(Effect::DeniedByKms, &["kms"]);
    let (_, run) = run_with(Fault::new("identitystore:ListUsers", When::Every, Effect::DeniedByKms));
    run.assert_gap("directory_users", &["kms"], "ListUsers");
}

#[test]
fn server_errors_without_end() {
    loses_one_pair(Effect::ErrorJson(500), &["server"]);
    loses_one_pair(Effect::ErrorHtml(503), &["server"]);
}

#[test]
fn connections_reset_without_end() {
    loses_one_pair(Effect::Reset, &["network"]);
}

#[test]
fn answers_always_broken() {
    loses_one_pair(Effect::Truncated, &["malformed", "network"]);
    loses_one_pair(Effect::HalfJson, &["malformed"]);
    loses_one_pair(Effect::EmptyBody, &["malformed"]);
}

#[test]
fn throttled_without_end() {
    loses_one_pair(Effect::Refuse("ThrottlingException"), &["throttled"]);
}

#[test]
fn every_operation_that_is_denied_leaves_its_own_gap() {
    for (operation, fact) in [
        ("organizations:ListAccounts", "accounts"),
        ("identitystore:ListUsers", "directory_users"),
        ("identitystore:ListGroups", "directory_groups"),
        ("identitystore:ListGroupMemberships", "memberships"),
        ("sso:ListPermissionSets", "permission_sets"),
        ("sso:DescribePermissionSet", "permission_sets"),
        ("sso:ListManagedPoliciesInPermissionSet", "permission_sets"),
        ("sso:ListCustomerManagedPolicyReferencesInPermissionSet", "permission_sets"),
        ("sso:GetInlinePolicyForPermissionSet", "permission_sets"),
        ("sso:GetPermissionsBoundaryForPermissionSet", "boundaries"),
        ("sso:ListAccountsForProvisionedPermissionSet", "assignments"),
        ("sso:ListAccountAssignments", "assignments"),
    ] {
        let (_, run) = run_with(Fault::new(operation, When::Every, Effect::Refuse("AccessDeniedException")));
        run.assert_gap(fact, &["denied"], operation.split_once(':').unwrap().1);
    }
}

#[test]
fn a_look_up_that_is_denied_leaves_the_principal_unknown() {
    let fault = Fault::new("identitystore:DescribeUser", When::Every, Effect::Refuse("AccessDeniedException"));
    let (_, run) = run_with(fault);
    run.assert_incomplete();
    assert!(run.gaps().iter().any(|gap| gap.kind == "denied" && gap.at.contains("DescribeUser")), "{:?}", run.gaps());
    assert_eq!(run.assignments().iter().filter(|row| row.4 == "unknown").count(), 2);
}

#[test]
fn credentials_that_expire_midway_are_told_once() {
    let fault = Fault::new("*", When::From(20), Effect::Refuse("ExpiredTokenException"));
    let server = FakeAws::start_with(World::untidy(), Setup::fault(fault));
    let run = Overstay::against(&server).within(Duration::from_secs(60)).audit();
    run.assert_incomplete();
    assert!(run.gaps().iter().any(|gap| gap.kind == "credentials"), "{:#?}", run.gaps());
    let told = run.stderr.lines().filter(|line| line.contains("expired")).count();
    assert!((1..=2).contains(&told), "told {told} times:\n{}", run.stderr);
    let asked = server.requests().len();
    assert!(asked < 90, "{asked} requests, though none can succeed");
}
