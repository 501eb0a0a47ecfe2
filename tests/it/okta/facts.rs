//! Everything that Okta tells arrives, page by page.

use overstay::model::application::{JobState, SecondFactorDemand};
use overstay::model::event::{Action, ActorKind};
use overstay::model::person::SecondFactor;
use overstay::model::{Fact, IdpStatus, Known};
use serde_json::{Value, json};

use super::org::{Org, app_rule};
use super::run::{by_token, collect, noon, shared};
use super::site::{TOKEN, site};

/// Five people in five states, two groups, an application that provisions two of them.
fn org() -> Org {
    let mut org = Org::with_aws();
    org.user("00u1", "ann.active", "ACTIVE")["profile"]["employeeNumber"] = json!("E1");
    org.user("00u2", "bob.gone", "DEPROVISIONED")["statusChanged"] = json!("2026-08-01T09:00:00.000Z");
    org.user("00u3", "cat.paused", "SUSPENDED");
    org.user("00u4", "dan.locked", "LOCKED_OUT")["lastLogin"] = Value::Null;
    org.user("00u5", "eve.new", "STAGED")["statusChanged"] = Value::Null;
    org.group("00g1", "GRP-AWS-Engineering", &["00u1", "00u3", "00u4"]);
    org.group("00g2", "Everyone", &["00u1", "00u3", "00u4", "00u5"]);
    org.group("00g3", "Nobody", &[]);
    org.assign("00u1", Some("9067-ann"), "PROVISIONED");
    org.assign("00u4", Some("9067-dan"), "ACTIVE");
    org.assign("00u5", None, "STAGED");
    org.assign("00u2", None, "DEPROVISIONED");
    org.push("00g1", "9067-group", "ACTIVE");
    org.factor("00u1", "webauthn");
    org.factor("00u4", "sms");
    org.event("e1", "2026-08-01T09:00:00.000Z", "user.lifecycle.deactivate", "00u2");
    org.event("e2", "2026-08-01T09:00:05.000Z", "user.session.start", "00u1");
    org.event("e3", "2026-08-02T09:00:00.000Z", "group.user_membership.add", "00u4")["target"]
        .as_array_mut()
        .unwrap()
        .push(json!({"id": "00g1", "type": "UserGroup", "displayName": "GRP-AWS-Engineering"}));
    org.event("e4", "2026-08-03T09:00:00.000Z", "application.user_membership.add", "00u4")["target"]
        .as_array_mut()
        .unwrap()
        .push(json!({"id": "0oaAWS", "type": "AppInstance"}));
    org.event("e5", "2026-08-03T10:00:00.000Z", "application.user_membership.add", "00u4")["target"]
        .as_array_mut()
        .unwrap()
        .push(json!({"id": "0oaOther", "type": "AppInstance"}));
    org.event("old", "2026-06-01T09:00:00.000Z", "user.lifecycle.suspend", "00u3");
    org
}

#[tokio::test]
async fn people_arrive_with_their_state_and_its_time() {
    let web = site(&shared(Org { page: Some(2), ..org() }), &[]).start();
    let brought = collect(&by_token(&web.url())).await.whole();
    let states: Vec<(&str, IdpStatus)> =
        brought.facts().users.iter().map(|user| (user.id.as_str(), user.status)).collect();
    assert_eq!(
        states,
        [
            ("00u1", IdpStatus::Active),
            ("00u2", IdpStatus::Disabled),
            ("00u3", IdpStatus::Suspended),
            ("00u4", IdpStatus::Active),
            ("00u5", IdpStatus::Staged),
        ]
    );
    assert_eq!(brought.user("00u2").status_changed_at, Known::Value("2026-08-01T09:00:00Z".parse().unwrap()));
    assert_eq!(brought.user("00u5").status_changed_at, Known::Absent);
    assert_eq!(brought.user("00u4").last_sign_in_at, Known::Absent, "never signed in");
    assert_eq!(brought.user("00u1").employee_id.as_deref(), Some("E1"));
    assert_eq!(brought.user("00u1").user_name, "ann.active@example.com");
    // Three pages, and the filter's one.
    let asked = web.requests_of("/api/v1/users");
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|asked| asked.header("authorization") == Some(&format!("SSWS {TOKEN}"))));
    assert!(asked.iter().all(|asked| asked.header("content-type").unwrap().contains("omitCredentials")));
    assert!(web.requests().iter().all(|asked| asked.method == "GET"));
}

#[tokio::test]
async fn groups_arrive_with_their_members() {
    let web = site(&shared(Org { page: Some(2), ..org() }), &[]).start();
    let brought = collect(&by_token(&web.url())).await.whole();
    let groups = brought.facts().groups.as_ref().unwrap();
    let told: Vec<(&str, usize)> = groups.iter().map(|group| (group.name.as_str(), group.members.len())).collect();
    assert_eq!(told, [("GRP-AWS-Engineering", 3), ("Everyone", 4), ("Nobody", 0)]);
    assert!(groups.iter().all(|group| group.nested.is_empty()));
    assert!(groups[0].has_directly(&"00u4".parse().unwrap()));
}

#[tokio::test]
async fn the_application_tells_whose_identity_center_user_is_whose() {
    let web = site(&shared(Org { page: Some(1), ..org() }), &[]).start();
    let brought = collect(&by_token(&web.url())).await.whole();
    let application = brought.facts().application.as_ref().unwrap();
    assert_eq!((application.id.as_str(), application.name.as_str()), ("0oaAWS", "AWS IAM Identity Center"));
    assert_eq!(application.enabled, Known::Value(true));
    let users: Vec<&str> = application.users.iter().map(|id| id.as_str()).collect();
    assert_eq!(users, ["00u1", "00u4", "00u5"], "an assignment that ended is none");
    let targets: Vec<(&str, &str)> =
        application.provisioned_users.iter().map(|made| (made.user.as_str(), made.target.as_str())).collect();
    assert_eq!(targets, [("00u1", "9067-ann"), ("00u4", "9067-dan")]);
    assert_eq!(application.provisioned_groups[0].target, "9067-group");
    let job = application.job.value().unwrap();
    assert_eq!((job.state, &job.keeps_leavers), (JobState::Running, &Known::Value(Vec::new())));
    assert_eq!(
        application.second_factor,
        Known::Value(SecondFactorDemand::Everyone("policy `Any two factors` of the application".to_owned()))
    );
}

#[tokio::test]
async fn factors_are_asked_of_those_who_sign_in_to_aws_and_of_nobody_else() {
    let web = site(&shared(org()), &[]).start();
    let brought = collect(&by_token(&web.url())).await.whole();
    assert_eq!(brought.user("00u1").second_factor, Known::Value(SecondFactor::Strong));
    assert_eq!(brought.user("00u4").second_factor, Known::Value(SecondFactor::Phone));
    assert_eq!(brought.user("00u5").second_factor, Known::Absent);
    assert!(brought.user("00u3").second_factor.is_unknown());
    assert_eq!(web.requests_of("/api/v1/users/{}/factors").len(), 3);
}

#[tokio::test]
async fn sessions_are_asked_about_where_the_applications_policy_lets_some_in() {
    let mut org = org();
    org.rules.get_mut("rstAWS").unwrap().insert(0, app_rule("Office", "1FA"));
    let org = shared(org);
    let web = site(&org, &[]).start();
    let demand = |brought: &super::run::Brought| brought.facts().application.as_ref().unwrap().second_factor.clone();
    let brought = collect(&by_token(&web.url())).await.whole();
    let some = SecondFactorDemand::Some(vec!["policy `Any two factors`, rule `Catch-all Rule`".to_owned()]);
    assert_eq!(demand(&brought), Known::Value(some));
    org.lock().unwrap().rules.get_mut("00pSession").unwrap()[0]["actions"]["signon"]["requireFactor"] = json!(true);
    let brought = collect(&by_token(&web.url())).await.whole();
    assert!(matches!(demand(&brought), Known::Value(SecondFactorDemand::Everyone(by)) if by.contains("for sessions")));
    // Classic Engine links no policy.
    org.lock().unwrap().apps[0]["_links"] = json!({});
    org.lock().unwrap().rules.get_mut("00pSession").unwrap()[0]["actions"]["signon"]["requireFactor"] = json!(false);
    let brought = collect(&by_token(&web.url())).await.whole();
    assert!(demand(&brought).is_unknown());
}

#[tokio::test]
async fn a_log_whose_links_never_end_ends_with_its_first_empty_page() {
    let web = site(&shared(Org { endless_log: true, ..org() }), &[]).start();
    let brought = collect(&by_token(&web.url())).await.whole();
    let [log] = brought.0.events.as_slice() else { panic!("{:?}", brought.0.events) };
    assert_eq!((log.events.len(), log.covered.len()), (3, 1));
    assert_eq!(web.requests_of("/api/v1/logs").len(), 2);
}

#[tokio::test]
async fn an_application_that_is_inactive_provisions_nobody() {
    for features in [true, false] {
        let mut org = org();
        org.apps[0]["status"] = json!("INACTIVE");
        if !features {
            org.apps[0].as_object_mut().unwrap().remove("features");
        }
        let web = site(&shared(org), &[]).start();
        let brought = collect(&by_token(&web.url())).await.whole();
        let application = brought.facts().application.as_ref().unwrap();
        assert_eq!(application.enabled, Known::Value(false));
        assert_eq!(application.job.value().unwrap().state, JobState::Off);
        assert!(brought.noted("the application is INACTIVE: nobody signs in or is provisioned through it"));
    }
}

#[tokio::test]
async fn the_log_is_read_as_far_back_as_it_is_kept() {
    let web = site(&shared(Org { page: Some(1), ..org() }), &[]).start();
    let brought = collect(&by_token(&web.url())).await.whole();
    let [log] = brought.0.events.as_slice() else { panic!("{:?}", brought.0.events) };
    let [covered] = log.covered.as_slice() else { panic!("{:?}", log.covered) };
    assert_eq!(covered.to, noon());
    assert_eq!(covered.from, "2026-07-02T13:00:00Z".parse().unwrap());
    let told: Vec<(&str, Action)> = log.events.iter().map(|event| (event.id.as_str(), event.action)).collect();
    assert_eq!(
        told,
        [("e1", Action::UserDisabled), ("e3", Action::MemberAdded), ("e4", Action::ApplicationAssigned)],
        "of other applications and of signing in nothing is kept"
    );
    assert_eq!(log.events[0].user.as_deref(), Some("00u2"));
    assert_eq!(log.events[0].actor.kind, ActorKind::Administrator);
    assert_eq!(log.events[1].group.as_deref(), Some("00g1"));
    for asked in web.requests_of("/api/v1/logs") {
        assert!(asked.value("since").is_some() && asked.value("until").is_some(), "an open end never ends");
    }
    assert!(brought.noted("from 2026-07-02T13:00:00Z"), "{:?}", brought.0.record.notes);
}

#[tokio::test]
async fn what_is_left_out_is_not_asked_for_and_said() {
    let web = site(&shared(org()), &[]).start();
    let without = "without = [\"groups\", \"sign-ins\", \"provisioning\", \"second-factors\", \"events\"]\n";
    let brought = collect(&(by_token(&web.url()) + without)).await.whole();
    let paths: std::collections::BTreeSet<String> = web.requests().into_iter().map(|asked| asked.path).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    assert_eq!(paths, ["/api/v1/apps", "/api/v1/apps/0oaAWS/groups", "/api/v1/apps/0oaAWS/users", "/api/v1/users"]);
    assert_eq!(brought.0.record.asked, [Fact::IdpUsers, Fact::IdpApplication]);
    let lacking: Vec<Fact> = brought.0.record.not_offered.iter().map(|lack| lack.fact).collect();
    assert_eq!(
        lacking,
        [
            Fact::IdpGroups,
            Fact::SignIns,
            Fact::ProvisioningJob,
            Fact::SecondFactors,
            Fact::IdpEvents,
            Fact::ProvisioningLog
        ]
    );
    assert_eq!(brought.facts().groups, None);
    assert!(brought.user("00u1").last_sign_in_at.is_unknown());
    assert!(brought.facts().application.as_ref().unwrap().job.is_unknown());
    assert!(brought.0.events.is_empty());
}

#[tokio::test]
async fn without_an_application_people_groups_and_their_log_are_read() {
    let web = site(&shared(org()), &[]).start();
    let keys = by_token(&web.url()).replace("application", "#");
    let brought = collect(&keys).await.whole();
    assert_eq!(brought.0.record.asked, [Fact::IdpUsers, Fact::IdpGroups, Fact::SignIns, Fact::IdpEvents]);
    let reasons = brought.0.record.not_offered.iter().map(|lack| lack.reason.as_str());
    assert!(reasons.clone().all(|reason| reason == "no `application` is named"), "{:?}", reasons.collect::<Vec<_>>());
    assert_eq!(brought.facts().application, None);
    assert!(web.requests_of("/api/v1/apps").is_empty());
    assert_eq!(brought.0.events[0].events.len(), 2);
}

#[tokio::test]
async fn names_of_any_script_and_length_arrive_unharmed() {
    let mut org = Org::with_aws();
    let long = "Ł".repeat(4000);
    let user = org.user("00u1", "zoë", "ACTIVE");
    user["profile"] =
        json!({"login": "ẑoë@example.com", "displayName": long, "title": "工程师 🛠", "department": "=1+1"});
    org.group("00g1", "Gruppe „Ü“ \u{202e}abc", &["00u1"]);
    org.assign("00u1", None, "ACTIVE");
    let web = site(&shared(org), &[]).start();
    let brought = collect(&by_token(&web.url())).await.whole();
    let user = brought.user("00u1");
    assert_eq!(user.user_name, "ẑoë@example.com");
    assert_eq!(user.display_name.as_deref(), Some(long.as_str()));
    assert_eq!(user.title.as_deref(), Some("工程师 🛠"));
    assert_eq!((user.email.as_deref(), user.employee_id.as_deref()), (None, None));
    assert_eq!(brought.facts().groups.as_ref().unwrap()[0].name, "Gruppe „Ü“ \u{202e}abc");
}

#[tokio::test]
async fn the_application_is_found_by_id_and_by_label_in_any_case() {
    let mut org = org();
    let mut other = org.apps[0].clone();
    other["id"] = json!("0oaTest");
    other["label"] = json!("AWS IAM Identity Center (test)");
    other["status"] = json!("INACTIVE");
    org.apps.insert(0, other);
    let org = shared(org);
    let web = site(&org, &[]).start();
    let id = |keys: String| async move {
        let brought = collect(&keys).await.whole();
        let application = brought.facts().application.clone().unwrap();
        (application.id, application.enabled)
    };
    let keys = by_token(&web.url());
    assert_eq!(id(keys.clone()).await.0, "0oaAWS");
    assert_eq!(id(keys.replace("AWS IAM", "aws iam")).await.0, "0oaAWS");
    assert_eq!(
        id(keys.replace("AWS IAM Identity Center", "0oaTest")).await,
        ("0oaTest".to_owned(), Known::Value(false))
    );
}
