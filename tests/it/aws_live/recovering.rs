//! Faults that pass: the run is complete, and says what it took.

use std::time::Duration;

use crate::aws::fake::faults::{Effect, Fault, When};
use crate::aws::fake::world::World;
use crate::aws::fake::{FakeAws, Setup};
use crate::support::Overstay;

/// The fault hits the first request of the operation, and in another run the second.
fn recovers(operation: &str, effect: Effect) {
    for when in [When::First(1), When::Nth(2)] {
        let server = FakeAws::start_with(World::untidy(), Setup::fault(Fault::new(operation, when, effect.clone())));
        let run = Overstay::against(&server).audit();
        run.assert_complete();
        assert_eq!(run.assignments(), server.world().assignment_rows());
        assert_eq!(run.grants(), server.world().grant_rows());
        assert_eq!(run.operations("requests"), server.counts());
        let late = matches!(effect, Effect::Slow(_));
        let hit = server.requests_of(operation).len() > 1;
        let retried = run.operations("retries").get(operation).copied().unwrap_or(0);
        assert_eq!(retried, u64::from(hit && !late), "{operation}, {when:?}");
    }
}

#[test]
fn a_reset_connection() {
    recovers("sso:ListAccountAssignments", Effect::Reset);
    recovers("identitystore:ListGroupMemberships", Effect::Reset);
}

#[test]
fn a_server_error_in_json() {
    recovers("sso:ListAccountsForProvisionedPermissionSet", Effect::ErrorJson(500));
    recovers("sso:DescribePermissionSet", Effect::ErrorJson(503));
}

#[test]
fn a_server_error_in_html() {
    recovers("sso:GetPermissionsBoundaryForPermissionSet", Effect::ErrorHtml(502));
    recovers("identitystore:ListGroupMemberships", Effect::ErrorHtml(503));
}

#[test]
fn an_answer_cut_short() {
    recovers("sso:ListAccountAssignments", Effect::Truncated);
    recovers("sso:ListManagedPoliciesInPermissionSet", Effect::Truncated);
}

#[test]
fn an_empty_answer_is_not_an_empty_list() {
    recovers("sso:ListAccountAssignments", Effect::EmptyBody);
    recovers("sso:ListAccountsForProvisionedPermissionSet", Effect::EmptyBody);
    recovers("identitystore:ListGroupMemberships", Effect::EmptyBody);
}

#[test]
fn half_of_an_answer() {
    recovers("sso:ListAccountAssignments", Effect::HalfJson);
    recovers("sso:GetInlinePolicyForPermissionSet", Effect::HalfJson);
}

#[test]
fn a_throttled_request() {
    recovers("sso:ListAccountAssignments", Effect::Refuse("ThrottlingException"));
    recovers("identitystore:ListGroupMemberships", Effect::Refuse("ThrottlingException"));
}

#[test]
fn a_late_answer() {
    recovers("sso:ListAccountAssignments", Effect::Slow(Duration::from_millis(800)));
}

#[test]
fn lists_that_all_hangs_on() {
    for operation in
        ["sso:ListInstances", "sso:ListPermissionSets", "identitystore:ListUsers", "identitystore:ListGroups"]
    {
        for effect in [Effect::Reset, Effect::EmptyBody, Effect::ErrorJson(500)] {
            let server =
                FakeAws::start_with(World::untidy(), Setup::fault(Fault::new(operation, When::First(1), effect)));
            let run = Overstay::against(&server).audit();
            run.assert_complete();
            assert_eq!(run.assignments(), server.world().assignment_rows(), "{operation}");
        }
    }
    for effect in [Effect::Reset, Effect::EmptyBody, Effect::ErrorHtml(503), Effect::Refuse("TooManyRequestsException")]
    {
        let fault = Fault::new("organizations:ListAccounts", When::First(1), effect);
        let server = FakeAws::start_with(World::untidy(), Setup::fault(fault));
        Overstay::against(&server).audit().assert_complete();
    }
}

#[test]
#[ignore = "waits for the client's read timeout"]
fn an_answer_that_never_comes() {
    recovers("sso:ListAccountAssignments", Effect::Hang);
}
