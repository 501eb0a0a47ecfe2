use overstay::model::event::{Action, LogKind};
use overstay::model::finding::Severity;
use overstay::model::{Fact, HrStatus, Known};

use super::org::{Org, address, at};
use crate::lifecycle::story::by_user;

const RULE: &str = "activity-after-leaving";

/// `a` and `c` left on 10 September, `b` is here; CloudTrail covers September.
fn org(events: &[(&str, &str)]) -> Org {
    let org = Org::new().person("a").person("b").person("c").asked(Fact::CloudTrail);
    let org = org.gone("a", Some("2026-09-10T16:00:00Z")).gone("c", Some("2026-09-10T16:00:00Z"));
    let events = events.iter().map(|(user, when)| by_user(when, Action::RoleUsed, user)).collect();
    org.events("aws", LogKind::CloudTrail, events)
}

#[test]
fn who_acted_after_leaving_is_named_before_and_after_who_did_not() {
    let uses = [("a", "2026-09-11T08:00:00Z"), ("b", "2026-09-11T08:00:00Z"), ("c", "2026-09-12T08:00:00Z")];
    let report = org(&uses).report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.result(RULE).population, 2);
    assert_eq!(report.found(RULE)[0].severity, Severity::Critical);
    assert!(report.found(RULE)[0].detail.contains("took up a role on an account at 2026-09-11T08:00:00Z"));
    assert_eq!(org(&[("a", "2026-09-10T15:59:59Z"), ("c", "2026-09-12T08:00:00Z")]).report().subjects(RULE), ["c"]);
}

#[test]
fn use_before_leaving_is_clean() {
    org(&[("a", "2026-09-10T15:00:00Z"), ("b", "2026-09-20T15:00:00Z")]).report().clean(RULE);
}

#[test]
fn a_sign_in_that_the_identity_provider_records_counts() {
    let org = Org::new().person("a").gone("a", Some("2026-09-10T16:00:00Z"));
    let signed_in = |when: &str| {
        let when = at(when);
        org.clone().edit_idp("a", |user| user.last_sign_in_at = Known::Value(when)).report()
    };
    assert_eq!(signed_in("2026-09-10T16:00:01Z").only(RULE).severity, Severity::Critical);
    signed_in("2026-09-10T15:00:00Z").clean(RULE);
}

#[test]
fn the_roster_says_when_they_left() {
    let mut record = super::org::hr_record("a", HrStatus::Terminated);
    record.end = Some(at("2026-09-10T00:00:00Z"));
    let org = Org::new().person("a").hr_with(record);
    let org = org.edit_idp("a", |user| user.last_sign_in_at = Known::Value(at("2026-09-12T00:00:00Z")));
    assert_eq!(org.report().only(RULE).subject, "a");
}

#[test]
fn what_no_source_tells_is_undecided_or_not_evaluated() {
    let unknown = Org::new().person("a").gone("a", Some("2026-09-10T16:00:00Z"));
    let unknown = unknown.edit_idp("a", |user| user.last_sign_in_at = Known::Unknown("not told".to_owned()));
    unknown.report().not_evaluated(RULE);
    // The log covers September, and they left in August.
    let before = org(&[]).gone("a", Some("2026-08-10T16:00:00Z"));
    let before = before.edit_idp("a", |user| user.last_sign_in_at = Known::Unknown("not told".to_owned()));
    assert_eq!(before.report().result(RULE).undecided, 1);
    // Nobody knows when they left.
    let undated = org(&[("a", "2026-09-11T08:00:00Z")]).gone("a", None);
    assert_eq!(undated.report().result(RULE).undecided, 1);
    org(&[]).gap(Fact::CloudTrail).report().not_clean(RULE);
    for fact in [Fact::IdpUsers, Fact::DirectoryUsers] {
        org(&[]).gap(fact).report().not_clean(RULE);
        org(&[]).unasked(fact).report().not_evaluated(RULE);
    }
}

/// `AssumeRoleWithSAML`, the calls of a role's session, and Identity Center before July 2025 name the user and give no id.
fn by_name(name: &str, when: &str) -> overstay::model::Event {
    let mut used = by_user(when, Action::RoleUsed, "nobody");
    (used.user, used.user_name) = (None, Some(name.to_owned()));
    used
}

#[test]
fn use_that_is_logged_by_name_alone_is_found() {
    let report = |org: Org, used| {
        let org = org.asked(Fact::CloudTrail).gone("a", Some("2026-09-10T16:00:00Z"));
        org.events("aws", LogKind::CloudTrail, vec![used]).report()
    };
    let name = address("a").to_uppercase();
    let late = || by_name(&name, "2026-09-11T08:00:00Z");
    assert_eq!(report(Org::new().person("a").person("b"), late()).only(RULE).subject, "a");
    report(Org::new().person("a"), by_name(&name, "2026-09-10T08:00:00Z")).clean(RULE);
    report(Org::new().person("a").person("b"), by_name(&address("b"), "2026-09-11T08:00:00Z")).clean(RULE);
    // Changes that are made with a role name the user in the session alone.
    let mut change = by_user("2026-09-11T08:00:00Z", Action::AssignmentCreated, "b");
    change.actor.name =
        Some(format!("arn:aws:sts::100000000001:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/{}", address("a")));
    assert_eq!(report(Org::new().person("a").person("b"), change).only(RULE).subject, "a");
}

#[test]
fn use_by_a_name_that_two_users_had_is_inconclusive() {
    let org = Org::new().person("a").person("b").asked(Fact::CloudTrail).gone("a", Some("2026-09-10T16:00:00Z"));
    let mut org = org.events("aws", LogKind::CloudTrail, vec![by_name(&address("a"), "2026-09-11T08:00:00Z")]);
    let name = address("a");
    org.aws.users.iter_mut().for_each(|user| user.user_name.clone_from(&name));
    let report = org.clone().report();
    assert_eq!((report.found(RULE).len(), report.result(RULE).undecided), (0, 1));
    // The other one was created after the event, so it was not them.
    let other = org.aws.users.iter_mut().find(|user| user.id == super::org::user_id("b")).unwrap();
    other.created_at = Known::Value(at("2026-09-12T00:00:00Z"));
    assert_eq!(org.report().found(RULE).len(), 1);
}
