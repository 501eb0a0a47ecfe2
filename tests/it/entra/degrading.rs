//! Each part that is refused, not licensed or left out costs itself and nothing else.

use overstay::config::Part;
use overstay::model::{Fact, GapKind, Known};

use super::world::World;
use super::{Collecting, TOKEN_PATH, Told, config, site};
use crate::web::Tokens;

fn withheld(permission: &'static str, without: &[Part]) -> Told {
    let mut world = World::small();
    world.withheld.push(permission);
    let web = site(world, &Tokens::new()).start();
    Collecting::new(config(&web, without)).collect()
}

/// The facts that were lost, each with its hint.
fn lost(told: &Told) -> Vec<(Fact, &str)> {
    assert!(told.batch.record.gaps.iter().all(|gap| gap.kind == GapKind::Denied), "{:?}", told.gaps());
    told.batch.record.gaps.iter().map(|gap| (gap.fact, gap.hint.as_str())).collect()
}

const LOGS: [Part; 3] = [Part::SignIns, Part::SecondFactors, Part::Events];

#[test]
fn a_refused_permission_costs_its_own_fact() {
    for (permission, fact, part) in [
        ("User-LifeCycleInfo.Read.All", Fact::EmploymentDates, "dates"),
        ("GroupMember.Read.All", Fact::IdpGroups, "groups"),
        ("Synchronization.Read.All", Fact::ProvisioningJob, "provisioning"),
        ("PrivilegedAssignmentSchedule.Read.AzureADGroup", Fact::Activations, "activations"),
    ] {
        let told = withheld(permission, &LOGS);
        let hint = format!("grant it the application permission {permission}, or leave it out: without = [\"{part}\"]");
        assert_eq!(lost(&told), [(fact, hint.as_str())]);
        assert_eq!(told.facts.users.len(), 5);
        assert!(told.facts.application.is_some());
    }
    let told = withheld("deletedItems", &LOGS);
    assert_eq!(told.facts.users.len(), 4);
    assert!(lost(&told)[0].1.contains("without = [\"deleted\"]"));
    let told = withheld("Application.Read.All", &LOGS);
    let facts: Vec<Fact> = lost(&told).into_iter().map(|(fact, _)| fact).collect();
    assert_eq!(facts, [Fact::IdpApplication, Fact::ProvisioningJob, Fact::Activations]);
    assert!(
        lost(&told)[0].1.contains("Application.Read.All") && lost(&told)[0].1.contains("without = [\"application\"]")
    );
}

#[test]
fn without_users_nothing_is_known_of_anybody() {
    let told = withheld("User.Read.All", &LOGS);
    assert!(lost(&told).iter().any(|(fact, hint)| *fact == Fact::IdpUsers && hint.contains("User.Read.All")));
    assert!(told.facts.users.is_empty() && told.facts.groups.is_some());
}

#[test]
fn refused_policies_leave_the_demand_unknown() {
    let told = withheld("Policy.Read.All", &[Part::SignIns, Part::Events, Part::Dates]);
    assert_eq!(lost(&told).len(), 1);
    assert_eq!(lost(&told)[0].0, Fact::SecondFactors);
    assert!(
        lost(&told)[0].1.contains("Policy.Read.All") && lost(&told)[0].1.contains("without = [\"second-factors\"]")
    );
    assert!(told.facts.application.as_ref().unwrap().second_factor.is_unknown());
    assert!(!told.user("user1@example.com").second_factor.is_unknown());
}

#[test]
fn refused_logs_leave_dates_unknown() {
    let told = withheld("AuditLog.Read.All", &[]);
    let facts: Vec<Fact> = lost(&told).into_iter().map(|(fact, _)| fact).collect();
    assert_eq!(facts, [Fact::SecondFactors, Fact::SignIns, Fact::IdpEvents, Fact::ProvisioningLog]);
    assert!(lost(&told).iter().all(|(_, hint)| hint.contains("AuditLog.Read.All") && hint.contains("without = [")));
    let user = told.user("user2@example.com");
    assert!(user.status_changed_at.is_unknown() && user.last_sign_in_at.is_unknown());
    assert!(told.batch.events.iter().all(|log| log.covered.is_empty() && log.events.is_empty()));
    assert_eq!(told.user("user1@example.com").start.value().unwrap().date(), "2020-01-31");
}

#[test]
fn a_tenant_without_the_licence_is_not_incomplete() {
    let mut world = World::small();
    world.premium = false;
    let web = site(world, &Tokens::new()).start();
    let told = Collecting::new(config(&web, &[Part::Events])).collect();
    told.is_whole();
    let reasons = told.not_offered();
    for fact in [Fact::SignIns, Fact::SecondFactors] {
        assert!(reasons.contains(&format!("{fact}: the tenant has no Entra ID P1 or P2 licence, which this takes")));
        assert!(!told.batch.record.asked.contains(&fact));
    }
    let governed = "the tenant has no Entra ID P2 or Entra ID Governance licence, which this takes";
    assert!(reasons.contains(&format!("{}: {governed}", Fact::Activations)), "{reasons:?}");
    assert!(!told.batch.record.asked.contains(&Fact::Activations));
    assert!(matches!(&told.user("user1@example.com").last_sign_in_at, Known::Unknown(why) if why.contains("licence")));
}

#[test]
fn what_is_left_out_is_not_asked_for() {
    let every: Vec<Part> = Part::ALL.iter().map(|(_, part)| *part).collect();
    let web = site(World::small(), &Tokens::new()).start();
    let told = Collecting::new(config(&web, &every)).collect();
    told.is_whole();
    assert_eq!(told.batch.record.asked, [Fact::IdpUsers]);
    assert_eq!(told.not_offered().len(), 9);
    assert!(told.facts.groups.is_none() && told.facts.application.is_none() && told.batch.events.is_empty());
    assert_eq!(told.facts.users.len(), 4);
    let paths: Vec<String> = web.requests().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, [TOKEN_PATH, "/v1.0/users"]);
    assert!(!web.requests()[1].value("$select").unwrap().contains("HireDate"));
}

#[test]
fn an_application_that_is_not_named_is_not_asked_for() {
    let web = site(World::small(), &Tokens::new()).start();
    let mut config = config(&web, &LOGS);
    config.application = None;
    let told = Collecting::new(config).collect();
    told.is_whole();
    let reasons = told.not_offered();
    assert!(reasons.contains(&format!("{}: the config names no `application`", Fact::IdpApplication)), "{reasons:?}");
    assert!(web.requests().iter().all(|asked| !asked.path.contains("servicePrincipals")));
}
