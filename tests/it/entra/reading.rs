//! What a tenant that answers is read as.

use overstay::config::Part;
use overstay::model::application::{ExternalIdSource, JobState, SecondFactorDemand};
use overstay::model::event::{Action, LogKind};
use overstay::model::{Fact, IdKey, IdpStatus, Instant, Known, SecondFactor};
use serde_json::{Value, json};

use super::world::{self, APP, World, guid};
use super::{Collecting, Told, collect, config, site, twisted};
use crate::web::{Asked, Tokens};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn read(world: World) -> Told {
    collect(&site(world, &Tokens::new()).start())
}

#[test]
fn a_tenant_is_read_whole() {
    let web = site(World::small(), &Tokens::new()).start();
    let told = Collecting::new(config(&web, &[])).collect();
    told.is_whole();
    assert_eq!(told.not_offered(), [""; 0]);
    assert_eq!(told.batch.record.asked.len(), 10);

    let user = told.user("user1@example.com");
    assert_eq!(user.aliases, ["alias1@example.com"]);
    assert_eq!(user.keys, [(IdKey::MailNickname, "user1".to_owned())]);
    assert_eq!((user.employee_id.as_deref(), user.user_type.as_deref()), (Some("E1"), Some("Member")));
    assert_eq!((&user.start, &user.end), (&Known::Value(at("2020-01-31T00:00:00Z")), &Known::Absent));
    assert_eq!(user.last_sign_in_at, Known::Value(at("2026-09-28T08:00:00Z")));
    assert_eq!(user.second_factor, Known::Value(SecondFactor::Strong));
    assert_eq!(user.origin, "GET /v1.0/users, page 1");
    let disabled = told.user("user2@example.com");
    assert_eq!(disabled.status, IdpStatus::Disabled);
    assert_eq!(disabled.status_changed_at.value().unwrap().to_string(), "2026-09-25T10:00:00Z");
    assert_eq!(disabled.second_factor, Known::Unknown("not in the report on registrations".to_owned()));
    assert_eq!(told.user("user3@example.com").manager.as_deref(), Some("user1@example.com"));
    assert_eq!(told.user("user3@example.com").second_factor, Known::Value(SecondFactor::Phone));
    assert_eq!(told.user("user4@example.com").second_factor, Known::Absent);
    let deleted = told.user("user9@example.com");
    assert_eq!(deleted.status, IdpStatus::Deleted);
    assert_eq!(deleted.status_changed_at, Known::Value(at("2026-09-20T12:00:00Z")));

    let groups = told.facts.groups.as_deref().unwrap();
    let admins = &groups[0];
    assert_eq!(admins.name, "GRP-AWS-Admins");
    assert!(admins.has_directly(&guid(1, 1).parse().unwrap()));
    assert!(admins.has(&guid(1, 3).parse().unwrap()) && !admins.has_directly(&guid(1, 3).parse().unwrap()));
    assert_eq!((groups[1].members.len(), groups[2].members.len()), (2, 0));

    let application = told.facts.application.as_ref().unwrap();
    assert_eq!((application.id.as_str(), &application.assignment_required), (APP, &Known::Value(true)));
    assert_eq!(application.users[0].as_str(), guid(1, 4));
    assert_eq!(application.groups[0].as_str(), guid(2, 1));
    assert_eq!(application.provisioned_users[0].target, "idc-user-4");
    assert_eq!(application.provisioned_groups[0].target, "idc-group-1");
    assert_eq!(application.external_id, Known::Value(ExternalIdSource::Key(IdKey::MailNickname)));
    let Known::Value(job) = &application.job else { panic!("{:?}", application.job) };
    assert_eq!((job.state, &job.keeps_leavers), (JobState::Running, &Known::Value(Vec::new())));
    assert_eq!(job.last_success_at, Known::Value(at("2026-09-30T11:10:00Z")));
    let demand = SecondFactorDemand::Some(vec!["MFA for all: without 1 user".to_owned()]);
    assert_eq!(application.second_factor, Known::Value(demand));

    let log = |kind: LogKind| told.batch.events.iter().find(|log| log.kind == kind).unwrap();
    let audits = log(LogKind::EntraAudit);
    let events: Vec<_> = audits.events.iter().map(|e| (e.action, e.user.clone().unwrap())).collect();
    assert_eq!(events, [(Action::UserDisabled, guid(1, 2))]);
    // The log's first entry, whatever it is about, and a quarter of an hour before it was read.
    assert_eq!(audits.covered[0].from, at("2026-09-02T00:00:00Z"));
    assert_eq!(audits.covered[0].to, at("2026-09-30T11:45:00Z"));
    let provisioning = log(LogKind::EntraProvisioning);
    assert_eq!((provisioning.events.len(), provisioning.source.as_str()), (2, "idp:entra"));

    // What is not needed is neither asked for nor kept.
    let kept = serde_json::to_string(&told.facts).unwrap() + &serde_json::to_string(&told.batch.events).unwrap();
    for personal in ["+44 20", "Private Road", "private1@example.net", "192.0.2.1"] {
        assert!(!kept.contains(personal), "{personal}");
    }
    for asked in web.requests() {
        assert!(asked.method == "GET" || asked.path == super::TOKEN_PATH, "{} {}", asked.method, asked.path);
        if let Some(select) = asked.value("$select") {
            for personal in ["mobilePhone", "streetAddress", "otherMails", "birthday"] {
                assert!(!select.contains(personal), "{select}");
            }
        }
    }
}

/// What makes somebody a member or an owner of a group, up to an instant or for good.
fn schedule(group: usize, principal: &str, access: &str, until: Option<&str>) -> Value {
    let kind = if until.is_some() { "activated" } else { "assigned" };
    json!({
        "id": format!("{}_{access}_{}", guid(2, group), guid(11, 1)), "groupId": guid(2, group), "principalId": principal,
        "accessId": access, "assignmentType": kind, "memberType": "direct", "startDateTime": "2026-09-30T08:00:00Z",
        "endDateTime": until, "assignmentScheduleId": guid(11, 1),
    })
}

#[test]
fn memberships_that_end_are_told_from_those_that_do_not() {
    let mut world = World::small();
    let until = Some("2026-09-30T16:00:00Z");
    world.page = 2;
    world.schedules = vec![
        schedule(1, &guid(1, 3), "member", until),
        schedule(1, &guid(1, 1), "member", until),
        schedule(1, &guid(1, 1), "member", None),
        schedule(1, &guid(1, 4), "owner", until),
        schedule(1, &guid(1, 2), "member", None),
        schedule(1, &guid(2, 2), "member", until),
        // Not assigned to the application.
        schedule(2, &guid(1, 2), "member", until),
    ];
    let told = read(world);
    told.is_whole();
    let [only] = told.facts.activations.as_slice() else { panic!("{:?}", told.facts.activations) };
    assert_eq!((only.group.as_str(), only.user.as_str()), (guid(2, 1).as_str(), guid(1, 3).as_str()));
    assert_eq!((only.from, only.until), (Some(at("2026-09-30T08:00:00Z")), at("2026-09-30T16:00:00Z")));
    let operation = "GET /v1.0/identityGovernance/privilegedAccess/group/assignmentScheduleInstances";
    assert_eq!(only.origin, format!("{operation}, page 1"));
    assert_eq!(told.counts(operation, "")[..3], [3, 3, 6]);
}

#[test]
fn lists_go_on_over_many_pages() {
    let mut world = World::large(25, 30, 3);
    world.page = 2;
    let told = read(world);
    told.is_whole();
    assert_eq!(told.facts.users.len(), 25);
    assert_eq!(told.counts("GET /v1.0/users", "")[1..3], [13, 25]);
    let groups = told.facts.groups.as_deref().unwrap();
    assert_eq!(groups.len(), 30);
    assert!(groups.iter().all(|group| group.members.len() == 3 && group.nested.is_empty()));
    assert_eq!(told.counts("GET /v1.0/groups/{id}/members", "")[..3], [60, 60, 90]);
    assert_eq!(told.user("user24@example.com").origin, "GET /v1.0/users, page 13");
}

#[test]
fn a_page_may_be_empty_and_not_the_last() {
    let mut world = World::small();
    world.page = 2;
    let hollow = |asked: &Asked, body: &mut Value| {
        if asked.path == "/v1.0/users" && asked.value("$skiptoken").is_none() {
            body["value"] = json!([]);
        }
    };
    let web = twisted(world, &Tokens::new(), hollow).start();
    let told =
        Collecting::new(config(&web, &[super::SLOW.as_slice(), &[Part::Dates, Part::Deleted]].concat())).collect();
    told.is_whole();
    assert_eq!(told.names(), ["user3@example.com", "user4@example.com"]);
}

#[test]
fn long_and_foreign_names_stay_as_they_are() {
    let mut world = World::small();
    let long = "ſtraße-".repeat(40);
    world.users[0]["displayName"] = json!("李 小龍 \u{202e}Ada\u{1f680} O'Brien");
    world.users[0]["userPrincipalName"] = json!("ada_fabrikam.com#EXT#@example.onmicrosoft.com");
    world.users[0]["userType"] = json!("Guest");
    world.users[1]["displayName"] = json!(long);
    world.users[1]["userPrincipalName"] = json!(format!("{long}@example.com"));
    world.groups[1]["displayName"] = json!("Инженеры / 工程 \"quoted\"");
    let told = read(world);
    told.is_whole();
    let guest = told.user("ada_fabrikam.com#EXT#@example.onmicrosoft.com");
    assert_eq!(guest.display_name.as_deref(), Some("李 小龍 \u{202e}Ada\u{1f680} O'Brien"));
    assert_eq!(guest.user_type.as_deref(), Some("Guest"));
    assert_eq!(told.user(&format!("{long}@example.com")).display_name.as_deref(), Some(long.as_str()));
    assert_eq!(told.facts.groups.as_deref().unwrap()[1].name, "Инженеры / 工程 \"quoted\"");
}

#[test]
fn attributes_may_be_missing() {
    let mut world = World::small();
    world.users[0] = json!({"id": guid(1, 1), "userPrincipalName": "bare@example.com", "accountEnabled": true});
    world.groups[0] = json!({"id": guid(2, 1)});
    world.principals[0] = json!({"id": APP, "displayName": "AWS IAM Identity Center"});
    let told = read(world);
    told.is_whole();
    let user = told.user("bare@example.com");
    assert_eq!((&user.email, &user.display_name, &user.employee_id, &user.manager), (&None, &None, &None, &None));
    assert_eq!((&user.start, user.keys.len(), user.aliases.len()), (&Known::Absent, 0, 0));
    assert_eq!(told.facts.groups.as_deref().unwrap()[0].name, guid(2, 1));
    assert!(told.facts.application.as_ref().unwrap().assignment_required.is_unknown());
}

#[test]
fn what_identifies_a_user_may_not_be_missing() {
    let mut world = World::small();
    world.users[0]["accountEnabled"] = json!(null);
    world.users[1]["accountEnabled"] = json!(null);
    world.users[2]["userPrincipalName"] = json!("");
    let told = read(world);
    assert_eq!(told.names(), ["user4@example.com", "user9@example.com"]);
    let gaps = told.gaps().join("\n");
    assert!(gaps.contains("2 records can't be used: they do not say whether they are switched on"), "{gaps}");
    assert!(gaps.contains("a record can't be used: such records have no usable userPrincipalName"), "{gaps}");
}

#[test]
fn who_changed_between_pages_counts_once() {
    let mut world = World::small();
    let mut renamed = world.users[0].clone();
    renamed["department"] = json!("Sales");
    world.users.push(renamed);
    world.page = 2;
    let told = read(world);
    told.is_whole();
    assert_eq!(told.facts.users.len(), 5);
    assert_eq!(told.user("user1@example.com").department.as_deref(), Some("Sales"));
    assert!(
        told.batch.record.notes.iter().any(|note| note.starts_with("1 user came twice")),
        "{:?}",
        told.batch.record.notes
    );
}

#[test]
fn who_was_deleted_while_users_were_read_counts_as_deleted() {
    let mut world = World::small();
    let mut deleted = world::user(1);
    deleted["deletedDateTime"] = json!("2026-09-30T11:59:00Z");
    world.deleted.push(deleted);
    let told = read(world);
    told.is_whole();
    assert_eq!(told.user("user1@example.com").status, IdpStatus::Deleted);
    assert!(told.batch.record.notes.iter().any(|note| note.starts_with("1 users were deleted while")));
}

#[test]
fn nobody_is_said_to_be_disabled_since_a_time_the_log_does_not_tell() {
    let mut world = World::small();
    world.audits.truncate(1);
    let web = site(world, &Tokens::new()).start();
    let without = [Part::SignIns, Part::SecondFactors, Part::Application];
    let told = Collecting::new(config(&web, &without)).collect();
    told.is_whole();
    let since = &told.user("user2@example.com").status_changed_at;
    assert_eq!(*since, Known::Unknown("not since 2026-09-02T00:00:00Z, where the audit log begins".to_owned()));
    let bound = told.user("user2@example.com").status_unchanged_since;
    assert_eq!(bound, Some(at("2026-09-02T00:00:00Z")), "disabled at least since then");
    let none = collect(&site(World::small(), &Tokens::new()).start());
    let since = &none.user("user2@example.com").status_changed_at;
    assert_eq!(*since, Known::Unknown("the audit log was not read".to_owned()));
    assert!(none.not_offered().contains(&format!("{}: left out by without = [\"events\"]", Fact::IdpEvents)));
}
