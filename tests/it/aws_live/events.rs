//! CloudTrail: the event history by API, and trail files.
#![expect(clippy::disallowed_methods, reason = "tests write trail files and read snapshots")]

use overstay::model::event::{Action, EventLog};
use overstay::model::{Fact, GapKind};
use overstay::snapshot::{Coverage, Snapshot};
use serde_json::{Value, json};

use crate::aws::fake::faults::{Effect, Fault, When};
use crate::aws::fake::world::World;
use crate::aws::fake::{FakeAws, Setup};
use crate::support::Overstay;

fn record(id: usize, name: &str, time: &str, more: &Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11", "eventID": format!("event-{id:04}"), "eventName": name, "eventTime": time,
        "eventSource": "sso.amazonaws.com", "userIdentity": {"type": "Root", "arn": "arn:aws:iam::100000000000:root"},
    });
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

fn used(id: usize, time: &str) -> Value {
    record(
        id,
        "GetRoleCredentials",
        time,
        &json!({
            "userIdentity": {"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}},
            "serviceEventDetails": {"account_id": "100000000001", "role_name": "ReadOnly"},
        }),
    )
}

/// Collects, and reads the snapshot.
fn collected(overstay: Overstay) -> (Snapshot, i32) {
    let (run, overstay) = overstay.run(&["collect", "--out", "today.snapshot"]);
    let bytes =
        std::fs::read(overstay.path("today.snapshot")).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    (overstay::snapshot::read(bytes).unwrap(), run.code.unwrap())
}

fn only_log(snapshot: &Snapshot) -> &EventLog {
    match snapshot.events() {
        [log] => log,
        other => panic!("{} logs", other.len()),
    }
}

#[test]
fn the_event_history_is_read_by_name_to_its_last_page_and_no_faster_than_it_may() {
    let mut world = World::tidy();
    // Three pages of uses on one day, and an assignment.
    world.trail = (0..120).map(|n| used(n, &format!("2026-11-02T{:02}:{:02}:00Z", n / 60, n % 60))).collect();
    world.trail.push(record(
        500,
        "CreateAccountAssignment",
        "2026-11-03T00:00:00Z",
        &json!({"requestParameters": {
            "targetId": "100000000001", "permissionSetArn": "arn:aws:sso:::permissionSet/a/b",
            "principalType": "USER", "principalId": "u-1",
        }}),
    ));
    // Other services have events of the same name.
    world.trail.push(record(600, "CreateUser", "2026-11-03T00:00:00Z", &json!({"eventSource": "iam.amazonaws.com"})));
    let server = FakeAws::start(world);
    let (snapshot, code) = collected(Overstay::against(&server).aws("cloudtrail", "{ lookup = true }"));
    assert_eq!((code, snapshot.is_complete()), (0, true));
    let log = only_log(&snapshot);
    let kept: Vec<_> = log.events.iter().map(|event| (event.id.as_str(), event.action)).collect();
    assert_eq!(
        kept,
        [("event-0000", Action::RoleUsed), ("event-0119", Action::RoleUsed), ("event-0500", Action::AssignmentCreated),]
    );
    assert_eq!(log.covered.len(), 1);
    let requests = server.requests_of("cloudtrail:LookupEvents");
    assert_eq!(requests.iter().filter(|request| request.body["NextToken"].is_string()).count(), 2);
    for pair in requests.windows(4) {
        let apart = pair[3].at - pair[0].at;
        assert!(apart.as_millis() >= 1_000, "four requests within {apart:?}");
    }
}

#[test]
fn a_denied_event_history_is_a_gap_that_names_the_action() {
    let refuse = Fault::new("cloudtrail:LookupEvents", When::Every, Effect::Refuse("AccessDeniedException"));
    let server = FakeAws::start_with(World::tidy(), Setup::fault(refuse));
    let (snapshot, code) = collected(Overstay::against(&server).aws("cloudtrail", "{ lookup = true }"));
    assert_eq!(code, 3);
    assert!(only_log(&snapshot).covered.is_empty(), "silence says nothing");
    let Coverage::Partial(gaps) = snapshot.coverage(Fact::CloudTrail) else { panic!() };
    assert!(
        gaps.iter().all(|(_, gap)| gap.kind == GapKind::Denied && gap.hint.contains("cloudtrail:LookupEvents")),
        "{gaps:?}"
    );
    assert_eq!(snapshot.coverage(Fact::Assignments), Coverage::Complete, "nothing else is lost by it");
    assert!(server.requests_of("cloudtrail:LookupEvents").len() <= 3, "it is not asked thirty times");
}

#[test]
fn trail_files_are_read_with_the_time_they_are_said_to_cover() {
    let server = FakeAws::start(World::tidy());
    let files = "{ files = \"trail/**/*.json*\", covers = \"2026-11-01..2026-11-07\" }";
    let overstay = Overstay::against(&server).aws("cloudtrail", files);
    std::fs::create_dir_all(overstay.path("trail/2026")).unwrap();
    let text = json!({"Records": [used(1, "2026-11-02T09:00:00Z")]}).to_string();
    std::fs::write(overstay.path("trail/2026/a.json"), text).unwrap();
    let (snapshot, code) = collected(overstay);
    assert_eq!(code, 0);
    let log = only_log(&snapshot);
    assert_eq!((log.source.as_str(), log.events.len()), ("cloudtrail", 1));
    assert_eq!(log.covered[0].from.to_string(), "2026-11-01T00:00:00Z");
    assert!(server.requests_of("cloudtrail:LookupEvents").is_empty());
}
