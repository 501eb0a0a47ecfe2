//! What the doctor finds out.

use overstay::collect::{CheckOutcome, Probe};
use overstay::config::Part;
use overstay::model::{Fact, GapKind};
use serde_json::json;

use super::world::World;
use super::{Collecting, TOKEN_PATH, config, site};
use crate::web::{Reply, Tokens};

fn probe(world: World, without: &[Part]) -> Probe {
    let web = site(world, &Tokens::new()).start();
    Collecting::new(config(&web, without)).probe()
}

fn outcomes(probe: &Probe, outcome: fn(CheckOutcome) -> bool) -> Vec<&str> {
    probe.checks.iter().filter(|check| outcome(check.outcome)).map(|check| check.what.as_str()).collect()
}

#[test]
fn a_tenant_that_answers_is_fine_and_tells_how_far_its_log_reaches() {
    let probe = probe(World::small(), &[]);
    assert_eq!(outcomes(&probe, |outcome| outcome != CheckOutcome::Fine), [""; 0], "{:#?}", probe.checks);
    assert_eq!(probe.checks.len(), 17);
    assert!(probe.told.contains(&("tenant", "tenant".to_owned())));
    assert!(probe.notes[0].starts_with("the audit log reaches back to 2026-09-02T00:00:00Z"), "{:?}", probe.notes);
    assert!(probe.lost().is_empty());
}

#[test]
fn a_missing_permission_is_named_with_what_it_costs() {
    let mut world = World::small();
    world.withheld = vec!["User-LifeCycleInfo.Read.All", "Synchronization.Read.All"];
    let probe = probe(world, &[Part::SignIns, Part::SecondFactors, Part::Events]);
    let denied = outcomes(&probe, |outcome| outcome == CheckOutcome::Unreadable(GapKind::Denied));
    assert_eq!(
        denied,
        ["GET /v1.0/users (employeeLeaveDateTime)", "GET /v1.0/servicePrincipals/{id}/synchronization/jobs"]
    );
    assert_eq!(probe.lost(), [Fact::ProvisioningJob, Fact::EmploymentDates]);
    let check = probe.checks.iter().find(|check| check.loses == [Fact::EmploymentDates]).unwrap();
    assert!(check.hint.contains("User-LifeCycleInfo.Read.All") && check.hint.contains("without = [\"dates\"]"));
    assert_eq!(probe.not_read.len(), 4, "{:?}", probe.not_read);
}

#[test]
fn a_missing_licence_is_a_warning() {
    let mut world = World::small();
    world.premium = false;
    let probe = probe(world, &[Part::Events, Part::Application]);
    assert_eq!(outcomes(&probe, |outcome| outcome == CheckOutcome::Warning).len(), 2);
    assert!(probe.lost().is_empty() && !probe.asked.contains(&Fact::SignIns));
}

#[test]
fn refused_credentials_are_told_once() {
    let refusal = json!({"error": "invalid_client", "error_description": "AADSTS7000222: The secret has expired."});
    let web = site(World::small(), &Tokens::new().refusing(Reply::status(401, refusal))).start();
    let probe = Collecting::new(config(&web, &[])).probe();
    assert_eq!(probe.checks.len(), 1);
    assert_eq!(probe.checks[0].outcome, CheckOutcome::Unreadable(GapKind::Credentials));
    assert!(probe.checks[0].detail.contains("AADSTS7000222"), "{}", probe.checks[0].detail);
    assert_eq!(probe.lost().len(), 10);
    assert_eq!(web.requests_of(TOKEN_PATH).len(), 1);
}

#[test]
fn an_application_that_is_not_there_costs_what_hangs_on_it() {
    let mut world = World::small();
    world.principals.clear();
    let probe = probe(world, &[Part::SignIns, Part::SecondFactors, Part::Events]);
    assert_eq!(probe.lost(), [Fact::IdpApplication, Fact::ProvisioningJob, Fact::Activations]);
    assert_eq!(outcomes(&probe, |outcome| outcome == CheckOutcome::NotTried).len(), 5);
}
