//! What Okta does not tell, or tells askew, is said and never taken for clean.

use overstay::model::{Fact, GapKind, IdpStatus};
use serde_json::{Value, json};

use super::org::Org;
use super::run::{Brought, by_token, collect, probe, shared};
use super::site::{denied, site};
use crate::web::Times;

fn org() -> Org {
    let mut org = Org::with_aws();
    org.user("00u1", "ann", "ACTIVE");
    org.user("00u2", "bob", "DEPROVISIONED");
    org.group("00g1", "GRP-AWS", &["00u1"]);
    org.assign("00u1", Some("9067-ann"), "PROVISIONED");
    org.push("00g1", "9067-group", "ACTIVE");
    org.factor("00u1", "push");
    org.event("e1", "2026-08-01T09:00:00Z", "user.lifecycle.deactivate", "00u2");
    org
}

async fn brought(org: Org) -> Brought {
    let web = site(&shared(org), &[]).start();
    collect(&by_token(&web.url())).await
}

#[tokio::test]
async fn each_permission_that_is_missing_costs_its_own_facts_and_is_named() {
    let cases: [(&str, &[Fact], &str); 9] = [
        ("/api/v1/groups", &[Fact::IdpGroups], "okta.groups.read"),
        ("/api/v1/groups/{}/users", &[Fact::IdpGroups], "okta.groups.read"),
        (
            "/api/v1/apps",
            &[Fact::IdpApplication, Fact::ProvisioningJob, Fact::SecondFactors, Fact::ProvisioningLog],
            "okta.apps.read",
        ),
        ("/api/v1/apps/{}/users", &[Fact::IdpApplication, Fact::SecondFactors], "okta.apps.read"),
        ("/api/v1/apps/{}/groups", &[Fact::IdpApplication], "okta.apps.read"),
        ("/api/v1/apps/{}/group-push/mappings", &[Fact::IdpApplication, Fact::ProvisioningJob], "okta.groups.read"),
        ("/api/v1/policies/{}/rules", &[Fact::SecondFactors], "okta.policies.read"),
        ("/api/v1/users/{}/factors", &[Fact::SecondFactors], "okta.users.read"),
        ("/api/v1/logs", &[Fact::IdpEvents, Fact::ProvisioningLog], "okta.logs.read"),
    ];
    for (path, facts, scope) in cases {
        let web = site(&shared(org()), &[]).spoil(path, Times::Every, |_| denied()).start();
        let brought = collect(&by_token(&web.url())).await;
        let mut expected = facts.to_vec();
        expected.sort_unstable();
        assert_eq!(brought.lost(), expected, "{path}");
        for gap in brought.gaps() {
            assert_eq!(gap.kind, GapKind::Denied, "{path}");
            assert!(gap.hint.contains(scope) && gap.hint.contains("Read-only Administrator"), "{path}: {}", gap.hint);
            assert!(gap.hint.contains("without = [\""), "{}", gap.hint);
            assert!(gap.reason.contains("E0000006"), "{}", gap.reason);
        }
        assert_eq!(brought.facts().users.len(), 2, "{path}: the rest is read");

        let probe = probe(&by_token(&web.url())).await;
        assert_eq!(probe.lost(), expected, "{path}: the doctor foresees it");
    }
}

#[tokio::test]
async fn a_status_that_is_not_known_is_that_user_s_alone() {
    let mut org = org();
    org.user("00u3", "cat", "ACTIVATING");
    org.user("00u4", "dan", "HIBERNATING");
    org.members.get_mut("00g1").unwrap().push("00u4".to_owned());
    let brought = brought(org).await.whole();
    assert_eq!(brought.user("00u3").status, IdpStatus::Active, "a state between two others");
    assert_eq!(brought.user("00u4").status, IdpStatus::Unknown);
    assert!(brought.noted("1 user has a status that is not known"), "{:?}", brought.0.record.notes);
    assert!(brought.noted("dan@example.com (the status `HIBERNATING` is not known)"), "{:?}", brought.0.record.notes);
}

#[tokio::test]
async fn a_user_without_a_status_is_a_gap() {
    let mut org = org();
    org.user("00u3", "cat", "ACTIVE").as_object_mut().unwrap().remove("status");
    let brought = brought(org).await;
    let [users, sign_ins] = brought.gaps() else { panic!("{:?}", brought.gaps()) };
    assert_eq!((users.fact, sign_ins.fact), (Fact::IdpUsers, Fact::SignIns));
    assert!(users.at.contains("(00u3)") && users.reason.contains("has no status"), "{users:?}");
    let ids: Vec<&str> = brought.facts().users.iter().map(|user| user.id.as_str()).collect();
    assert_eq!(ids, ["00u1", "00u2"]);
}

#[tokio::test]
async fn a_search_that_leaves_deactivated_users_out_is_not_trusted() {
    let brought = brought(Org { unindexed: vec!["00u2".to_owned()], ..org() }).await;
    assert_eq!(brought.lost(), [Fact::IdpUsers, Fact::SignIns]);
    assert!(brought.gaps()[0].reason.contains("left deactivated users out"), "{:?}", brought.gaps());
    assert_eq!(brought.user("00u2").status, IdpStatus::Disabled, "and what the filter tells is used");
}

#[tokio::test]
async fn a_search_that_lags_behind_is_made_up_for() {
    let mut org = org();
    org.user("00u3", "cat", "DEPROVISIONED");
    org.user("00u4", "dan", "ACTIVE");
    org.group("00g2", "New joiners", &["00u4"]);
    // Gone from the index: one who was just deactivated, and one who was just made.
    let brought = brought(Org { unindexed: vec!["00u3".to_owned(), "00u4".to_owned()], ..org }).await.whole();
    assert_eq!(brought.user("00u3").status, IdpStatus::Disabled);
    assert_eq!(brought.user("00u4").status, IdpStatus::Active);
    assert!(brought.noted("1 deactivated user was taken from a filter"), "{:?}", brought.0.record.notes);
    assert!(brought.noted("1 user was read one by one"), "{:?}", brought.0.record.notes);
}

#[tokio::test]
async fn a_member_who_was_deleted_meanwhile_is_no_gap() {
    let mut org = org();
    org.assign("00uGone", Some("9067-gone"), "PROVISIONED");
    let brought = brought(org).await.whole();
    assert_eq!(brought.facts().users.len(), 2);
}

#[tokio::test]
async fn a_user_who_changes_between_pages_comes_as_they_are_now() {
    let org = shared(Org { page: Some(1), ..org() });
    let moved = std::sync::Arc::clone(&org);
    // The first page still has ann active; before the second she is suspended and sorted behind bob.
    let web = site(&org, &[])
        .spoil("/api/v1/users", Times::Nth(1), move |reply| {
            let mut org = moved.lock().unwrap();
            let mut ann = org.users.remove("00u1").unwrap();
            ann["status"] = json!("SUSPENDED");
            let bob = org.users.remove("00u2").unwrap();
            org.users.insert("0".to_owned(), bob);
            org.users.insert("1".to_owned(), ann);
            reply
        })
        .start();
    let brought = collect(&by_token(&web.url())).await;
    assert_eq!(brought.user("00u1").status, IdpStatus::Suspended);
    assert!(brought.noted("1 user changed while the pages were read"), "{:?}", brought.0.record.notes);
}

#[tokio::test]
async fn an_organisation_without_users_is_not_believed() {
    let brought = brought(Org::with_aws()).await;
    assert_eq!(brought.lost(), [Fact::IdpUsers, Fact::SignIns]);
    assert!(brought.gaps()[0].reason.contains("empty list of users"), "{:?}", brought.gaps());
}

#[tokio::test]
async fn attributes_that_are_missing_are_absent_or_unknown() {
    let mut org = org();
    org.users.insert("00u9".to_owned(), json!({"id": "00u9", "status": "ACTIVE", "profile": {"login": "bare"}}));
    org.users.insert("00u8".to_owned(), json!({"id": "00u8", "status": "ACTIVE", "profile": null}));
    let brought = brought(org).await;
    let bare = brought.user("00u9");
    assert!(bare.status_changed_at.is_unknown() && bare.last_sign_in_at.is_unknown());
    assert_eq!((&bare.email, &bare.display_name, &bare.manager), (&None, &None, &None));
    let [gap, _] = brought.gaps() else { panic!("{:?}", brought.gaps()) };
    assert!(gap.at.contains("00u8") && gap.reason.contains("no login"), "{gap:?}");
}

#[tokio::test]
async fn an_application_that_is_not_there_or_not_one_is_said() {
    let mut org = org();
    org.apps[0]["label"] = json!("AWS IAM Identity Center EU");
    let nobody = brought(org.clone()).await;
    assert_eq!(
        nobody.lost(),
        [Fact::IdpApplication, Fact::ProvisioningJob, Fact::SecondFactors, Fact::ProvisioningLog]
    );
    assert_eq!(nobody.gaps()[0].kind, GapKind::NotFound);
    assert!(nobody.gaps()[0].hint.contains("one is `AWS IAM Identity Center EU`"), "{}", nobody.gaps()[0].hint);
    assert!(nobody.user("00u1").second_factor.is_unknown());
    assert_eq!(nobody.0.events[0].events.len(), 1, "the log of people is read all the same");

    org.apps[0]["label"] = json!("AWS IAM Identity Center");
    let mut twin = org.apps[0].clone();
    twin["id"] = json!("0oaTwin");
    org.apps.push(twin);
    let two = brought(org).await;
    assert!(two.gaps()[0].reason.contains("2 applications have the label"), "{}", two.gaps()[0].reason);
    assert!(two.gaps()[0].hint.contains("0oaAWS, 0oaTwin"), "{}", two.gaps()[0].hint);
}

#[tokio::test]
async fn provisioning_that_keeps_leavers_or_fails_is_told_in_words() {
    let mut org = org();
    org.apps[0]["features"] = json!(["PUSH_NEW_USERS", "GROUP_PUSH"]);
    org.app_users.get_mut("0oaAWS").unwrap()[0]["syncState"] = json!("ERROR");
    org.pushes.get_mut("0oaAWS").unwrap()[0]["status"] = json!("ERROR");
    let brought = brought(org.clone()).await.whole();
    let job = brought.facts().application.as_ref().unwrap().job.value().unwrap().clone();
    assert_eq!(job.keeps_leavers.value().unwrap().len(), 1);
    let detail = job.detail.unwrap();
    assert!(detail.contains("pushing 1 user failed") && detail.contains("group 00g1 fails"), "{detail}");
    assert!(job.last_success_at.is_unknown());

    // An answer without the features says nothing of them.
    org.apps[0].as_object_mut().unwrap().remove("features");
    let silent = self::brought(org).await;
    assert_eq!(silent.lost(), [Fact::ProvisioningJob]);
}

#[tokio::test]
async fn pushed_groups_without_an_id_of_the_target_are_left_to_other_evidence() {
    let mut org = org();
    org.pushes.get_mut("0oaAWS").unwrap()[0]["targetGroupId"] = json!("00g9");
    let brought = brought(org).await.whole();
    assert!(brought.facts().application.as_ref().unwrap().provisioned_groups.is_empty());
    assert!(brought.noted("by its own record of them"), "{:?}", brought.0.record.notes);
}

#[tokio::test]
async fn a_log_that_breaks_off_is_covered_as_far_as_it_was_read() {
    let mut org = Org { page: Some(1), ..org() };
    org.event("e2", "2026-08-05T09:00:00Z", "user.lifecycle.suspend", "00u1");
    let web = site(&shared(org), &[]).spoil("/api/v1/logs", Times::From(2), |_| denied()).start();
    let brought = collect(&by_token(&web.url())).await;
    assert_eq!(brought.lost(), [Fact::IdpEvents, Fact::ProvisioningLog]);
    let [log] = brought.0.events.as_slice() else { panic!() };
    assert_eq!(log.events.len(), 1);
    assert_eq!(log.covered.len(), 1);
    assert_eq!(log.covered[0].to, "2026-08-01T09:00:00Z".parse().unwrap());
}

#[tokio::test]
async fn an_event_without_a_time_is_a_gap_and_one_of_no_interest_is_not() {
    let mut org = org();
    org.event("e2", "2026-08-05T09:00:00Z", "user.lifecycle.suspend", "00u1")["published"] =
        Value::from("2026-08-05T09:00:00Z");
    org.event("e3", "2026-08-06T09:00:00Z", "user.lifecycle.suspend", "00u1")["uuid"] = Value::Null;
    org.event("e4", "2026-08-07T09:00:00Z", "user.lifecycle.delete.initiated", "00u1")["uuid"] = Value::Null;
    let brought = brought(org).await;
    assert_eq!(brought.lost(), [Fact::IdpEvents, Fact::ProvisioningLog]);
    assert_eq!(brought.0.events[0].events.len(), 2);
}

#[tokio::test]
async fn the_doctor_finds_a_sound_organisation_fine_and_says_how_far_the_log_reaches() {
    let web = site(&shared(org()), &[]).start();
    let probe = probe(&by_token(&web.url())).await;
    assert_eq!(probe.lost(), []);
    assert!(probe.notes.iter().any(|note| note.contains("reaches back to 2026-07-02T13:00:00Z")), "{:?}", probe.notes);
    assert!(probe.told.iter().any(|(name, value)| *name == "application" && value.contains("0oaAWS")));
    assert!(probe.checks.len() >= 9, "{:?}", probe.checks);
    // Nobody's whole list is read for it.
    assert!(
        web.requests()
            .iter()
            .all(|asked| asked.value("limit").is_none_or(|limit| limit != "200" || asked.path == "/api/v1/apps"))
    );
}
