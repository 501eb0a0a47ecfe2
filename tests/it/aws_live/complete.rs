//! Runs in which nothing goes wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::aws::fake::world::World;
use crate::aws::fake::world::samples::{GONE_GROUP, GONE_USER, Size};
use crate::aws::fake::{FakeAws, Outcome, Request, Setup};
use crate::support::Overstay;

/// Lists that are counted a second time at the end of a run.
const COUNTED_AGAIN: [&str; 3] = ["identitystore:ListUsers", "identitystore:ListGroups", "sso:ListPermissionSets"];
const ACCOUNTS_OF: &str = "sso:ListAccountsForProvisionedPermissionSet";

/// Whether a request only asks where an old version is deployed.
fn asks_for_outdated(request: &Request) -> bool {
    request.body["ProvisioningStatus"] == "LATEST_PERMISSION_SET_NOT_PROVISIONED"
}

/// Every operation within 5 % of the least, the documented extras apart.
fn assert_least_calls(server: &FakeAws) {
    let least = server.world().least_calls();
    let outdated = server.requests().iter().filter(|request| asks_for_outdated(request)).count() as u64;
    assert!(outdated <= least[ACCOUNTS_OF], "{outdated} requests for outdated deployments");
    let mut counts = server.counts();
    *counts.entry(ACCOUNTS_OF.to_owned()).or_default() -= outdated;
    let mut total = 0;
    for (operation, count) in &counts {
        let least = *least.get(operation.as_str()).unwrap_or_else(|| panic!("{count} requests of {operation}"));
        let again = if COUNTED_AGAIN.contains(&operation.as_str()) { least } else { 0 };
        assert!(*count >= least, "{operation}: {count} requests, {least} needed");
        let most = (least * 105).div_ceil(100) + again;
        assert!(*count <= most, "{operation}: {count} requests, {least} needed, {again} to count again");
        total += count - again.min(count - least);
    }
    for operation in least.keys().filter(|operation| least[*operation] > 0) {
        assert!(counts.contains_key(*operation), "{operation} wasn't asked");
    }
    let needed: u64 = least.values().sum();
    assert!(total * 100 <= needed * 105, "{total} requests, {needed} needed: {counts:#?}");
}

/// The pack's own account of its requests is the server's.
fn assert_counts_are_told(server: &FakeAws, told: &BTreeMap<String, u64>) {
    assert_eq!(told, &server.counts());
}

#[test]
fn an_untidy_organisation_is_told_whole() {
    let server = FakeAws::start(World::untidy());
    let run = Overstay::against(&server).audit();
    run.assert_complete();
    assert_eq!(run.assignments(), server.world().assignment_rows());
    assert_eq!(run.grants(), server.world().grant_rows());
    assert_counts_are_told(&server, &run.operations("requests"));
    assert_least_calls(&server);
}

#[test]
fn principals_that_are_gone_are_looked_up_once() {
    let server = FakeAws::start(World::untidy());
    let run = Overstay::against(&server).audit();
    run.assert_complete();
    let users = server.requests_of("identitystore:DescribeUser");
    assert_eq!(users.iter().map(|request| &request.body["UserId"]).collect::<Vec<_>>(), [GONE_USER]);
    let groups = server.requests_of("identitystore:DescribeGroup");
    assert_eq!(groups.iter().map(|request| &request.body["GroupId"]).collect::<Vec<_>>(), [GONE_GROUP]);
    assert_eq!(run.assignments().iter().filter(|row| row.4 == "missing").count(), 3);
}

#[test]
fn a_user_that_only_the_look_up_finds_is_not_missing() {
    let mut world = World::tidy();
    let late = world.user("late");
    world.last_user().listed = false;
    let (set, account) = (world.permission_sets[0].arn.clone(), world.accounts[1].id.clone());
    world.assign_user(&late, &set, &account);
    let server = FakeAws::start(world);
    let run = Overstay::against(&server).audit();
    let row = run.assignments().into_iter().find(|row| row.3 == late).unwrap();
    assert_ne!(row.4, "missing");
    assert_eq!(server.requests_of("identitystore:DescribeUser").len(), 1);
}

#[test]
fn a_user_whose_status_is_not_told_is_not_disabled() {
    let mut world = World::tidy();
    world.last_user().enabled = None;
    let user = world.last_user().id.clone();
    let server = FakeAws::start(world);
    let run = Overstay::against(&server).audit();
    let row = run.assignments().into_iter().find(|row| row.3 == user).unwrap();
    assert!(["present", "unknown"].contains(&row.4.as_str()), "{row:?}");
}

#[test]
fn accounts_are_read_without_the_retired_status() {
    let server = FakeAws::start(World { tells_status: false, ..World::untidy() });
    let run = Overstay::against(&server).audit();
    run.assert_complete();
    assert_eq!(run.assignments(), server.world().assignment_rows());
}

#[test]
fn counts_in_the_pack_are_those_of_the_server() {
    let server = FakeAws::start(World::sized(Size::SMALL));
    let run = Overstay::against(&server).audit();
    run.assert_complete();
    assert_eq!(run.assignments(), server.world().assignment_rows());
    assert_eq!(run.grants(), server.world().grant_rows());
    assert_counts_are_told(&server, &run.operations("requests"));
    let mut items = BTreeMap::<String, u64>::new();
    for request in server.requests() {
        if let Outcome::Answered { items: Some(count) } = request.outcome {
            *items.entry(request.operation).or_default() += count as u64;
        }
    }
    items.retain(|_, count| *count > 0);
    let mut told = run.operations("items");
    told.retain(|operation, _| operation.contains(":List"));
    assert_eq!(told, items);
    assert_eq!(run.operations("retries"), BTreeMap::new());
    assert_eq!(run.operations("failures"), BTreeMap::new());
    assert_least_calls(&server);
}

#[test]
fn under_awss_own_limit_nothing_is_lost_and_next_to_nothing_throttled() {
    let setup = Setup { latency: Duration::from_millis(20), ..Setup::throttled() };
    let server = FakeAws::start_with(World::sized(Size::SMALL), setup);
    let run = Overstay::against(&server).aws("requests_per_second", "18").audit();
    run.assert_complete();
    assert_eq!(run.assignments(), server.world().assignment_rows());
    assert!(server.throttles() <= 2, "{} of {} throttled", server.throttles(), server.requests().len());
    assert_eq!(run.operations("throttles").values().sum::<u64>(), server.throttles() as u64);
    assert_least_calls(&server);
    let paced = server.requests().iter().filter(|request| request.operation.starts_with("sso:")).count();
    let least = Duration::from_secs_f64(paced as f64 / 18.0);
    assert!(run.elapsed <= least.mul_f64(1.3) + Duration::from_secs(3), "{:?}, {least:?} needed", run.elapsed);
}

#[test]
fn the_exhaustive_enumeration_finds_the_same() {
    let server = FakeAws::start(World::tidy());
    let run = Overstay::against(&server).aws("enumeration", "\"exhaustive\"").audit();
    run.assert_complete();
    assert_eq!(run.assignments(), server.world().assignment_rows());
    assert_eq!(run.grants(), server.world().grant_rows());
    let counts = server.counts();
    assert_eq!(counts["sso:ListAccountAssignments"], 3 * 2, "accounts × permission sets");
    assert_eq!(counts["sso:ListAccountAssignmentsForPrincipal"], 3 + 2, "users + groups");
    assert_counts_are_told(&server, &run.operations("requests"));
}

#[test]
fn a_snapshot_is_audited_without_aws() {
    let server = FakeAws::start(World::untidy());
    let (collected, overstay) = Overstay::against(&server).run(&["collect", "--out", "today.snapshot"]);
    assert_eq!(collected.code, Some(0), "{}", collected.stderr);
    let asked = server.requests().len();
    let (run, _) = overstay.run(&["audit", "--snapshot", "today.snapshot", "--out", "pack"]);
    run.assert_complete();
    assert_eq!(run.assignments(), server.world().assignment_rows());
    assert_eq!(server.requests().len(), asked, "a snapshot needs no request");
}
