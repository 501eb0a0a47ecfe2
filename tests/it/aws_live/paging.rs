//! Pages of every kind are put together without loss; a pager that goes round ends with an error.

use std::time::Duration;

use crate::aws::fake::faults::{Effect, Fault, When};
use crate::aws::fake::world::World;
use crate::aws::fake::world::samples::Size;
use crate::aws::fake::{FakeAws, Setup};
use crate::support::Overstay;

#[test]
fn short_and_empty_pages_lose_nothing() {
    for effect in [Effect::ShortPages(1), Effect::EmptyPages] {
        let setup = Setup { page_limit: Some(3), ..Setup::fault(Fault::new("*", When::Every, effect)) };
        let server = FakeAws::start_with(World::untidy(), setup);
        let run = Overstay::against(&server).audit();
        run.assert_complete();
        assert_eq!(run.assignments(), server.world().assignment_rows());
        assert_eq!(run.grants(), server.world().grant_rows());
    }
}

#[test]
fn many_pages_lose_nothing() {
    let setup = Setup { page_limit: Some(7), ..Setup::default() };
    let server = FakeAws::start_with(World::sized(Size::SMALL), setup);
    let run = Overstay::against(&server).audit();
    run.assert_complete();
    assert_eq!(run.assignments(), server.world().assignment_rows());
    assert_eq!(run.grants(), server.world().grant_rows());
}

/// The list goes round; the run ends soon, says so, and has not asked for ever.
fn goes_round(operation: &str, fact: &str, effect: Effect) {
    let setup = Setup { page_limit: Some(2), ..Setup::fault(Fault::new(operation, When::Every, effect)) };
    let server = FakeAws::start_with(World::untidy(), setup);
    let run = Overstay::against(&server).within(Duration::from_secs(60)).audit();
    run.assert_gap(fact, &["malformed"], operation.split_once(':').unwrap().1);
    let asked = server.requests_of(operation).len();
    assert!(asked < 200, "{asked} requests of {operation}");
}

#[test]
fn a_token_that_is_repeated() {
    goes_round("identitystore:ListUsers", "directory_users", Effect::RepeatToken);
    goes_round("sso:ListAccountAssignments", "assignments", Effect::RepeatToken);
    goes_round("sso:ListPermissionSets", "permission_sets", Effect::RepeatToken);
    goes_round("organizations:ListAccounts", "accounts", Effect::RepeatToken);
}

#[test]
fn tokens_that_lead_back_to_the_start() {
    goes_round("identitystore:ListUsers", "directory_users", Effect::TokenLoop);
    goes_round("sso:ListAccountAssignments", "assignments", Effect::TokenLoop);
    goes_round("identitystore:ListGroupMemberships", "memberships", Effect::TokenLoop);
    goes_round("sso:ListAccountsForProvisionedPermissionSet", "assignments", Effect::TokenLoop);
}
