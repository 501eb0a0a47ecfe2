//! Getting in: credentials, roles, Regions, instances, the network.

use std::net::TcpListener;
use std::time::Duration;

use crate::aws::fake::FakeAws;
use crate::aws::fake::world::World;
use crate::support::Overstay;

#[test]
fn without_credentials_nothing_is_asked() {
    let server = FakeAws::start(World::tidy());
    let run = Overstay::against(&server).without_credentials().within(Duration::from_secs(60)).audit();
    run.assert_incomplete();
    assert!(run.gaps().iter().all(|gap| gap.kind == "credentials"), "{:#?}", run.gaps());
    assert!(!run.gaps().is_empty());
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_network_that_is_gone_ends_the_run() {
    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let overstay = Overstay::at(&format!("http://{closed}"), &World::tidy());
    let run = overstay.within(Duration::from_secs(120)).audit();
    run.assert_incomplete();
    assert!(!run.gaps().is_empty());
    assert!(run.gaps().iter().all(|gap| gap.kind == "network"), "{:#?}", run.gaps());
}

#[test]
fn the_primary_region_is_found_and_read() {
    let mut world = World::untidy();
    let instance = world.instance.as_mut().unwrap();
    instance.primary_region = "eu-west-1".into();
    instance.regions = vec!["eu-west-1".into(), "eu-central-1".into()];
    let server = FakeAws::start(world);
    for region in ["\"eu-central-1\"", "\"ap-south-1\"", "\"eu-west-1\""] {
        let run = Overstay::against(&server).aws("region", region).audit();
        run.assert_complete();
        assert_eq!(run.assignments(), server.world().assignment_rows(), "from {region}");
    }
    let requests = server.requests_of("sso:ListAccountAssignments");
    assert!(requests.iter().all(|request| request.region == "eu-west-1"));
}

#[test]
fn no_instance_is_a_gap() {
    let server = FakeAws::start(World { instance: None, ..World::tidy() });
    let run = Overstay::against(&server).audit();
    run.assert_incomplete();
    assert!(
        run.gaps().iter().any(|gap| gap.kind == "not_found" && gap.at.contains("ListInstances")),
        "{:#?}",
        run.gaps()
    );
}

#[test]
fn an_account_outside_an_organization_is_a_gap() {
    let server = FakeAws::start(World { in_organization: false, ..World::tidy() });
    let run = Overstay::against(&server).audit();
    run.assert_incomplete();
    assert!(run.gaps().iter().any(|gap| gap.fact == "accounts"), "{:#?}", run.gaps());
    assert_eq!(run.assignments(), server.world().assignment_rows());
}

#[test]
fn a_role_is_assumed_first() {
    let server = FakeAws::start(World::tidy());
    let role = "\"arn:aws:iam::100000000000:role/Audit\"";
    let run = Overstay::against(&server).aws("role_arn", role).audit();
    run.assert_complete();
    assert_eq!(server.requests_of("sts:AssumeRole").len(), 1);
    assert_eq!(server.requests()[0].operation, "sts:AssumeRole");
    assert_eq!(run.assignments(), server.world().assignment_rows());
}
