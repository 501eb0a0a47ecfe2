use overstay::model::event::{Action, LogKind};
use overstay::model::finding::Severity;
use overstay::model::{Fact, Known};

use super::org::{Org, at, user_id};
use super::report::{needs, needs_whole};
use crate::lifecycle::story::{Story, scim};

const RULE: &str = "residual-exposure";

/// `a` and `c` left and were blocked at that time; `b` was blocked long ago. The portal lasts eight hours, a role one.
fn org(blocked: &str) -> Org {
    let mut org = Org::new().person("a").person("b").person("c").group("readers", &["a", "b", "c"]);
    org = org.grouped("readers", "Read", "prod").asked(Fact::CloudTrail);
    for name in ["a", "b", "c"] {
        org = org.gone(name, Some("2026-09-30T07:00:00Z")).disabled_in_aws(name);
    }
    let events = vec![
        scim(blocked, Action::UserDisabled, "a"),
        scim("2026-09-10T08:00:00Z", Action::UserDisabled, "b"),
        scim(blocked, Action::UserDisabled, "c"),
    ];
    org.events("aws", LogKind::CloudTrail, events)
}

#[test]
fn whose_sessions_may_live_is_named_before_and_after_whose_cannot() {
    // The fixtures' now is 17:00: nine hours after 08:00.
    let report = org("2026-09-30T08:00:01Z").report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.result(RULE).population, 3);
    let found = &report.found(RULE)[0];
    assert_eq!((found.severity, found.grants), (Severity::High, 1));
    assert!(found.detail.contains("may live until 2026-09-30T17:00:01Z"), "{}", found.detail);
}

#[test]
fn when_the_last_session_must_have_ended_it_is_clean() {
    org("2026-09-30T08:00:00Z").report().clean(RULE);
}

#[test]
fn the_portals_session_is_the_operators() {
    let longer = org("2026-09-30T08:00:00Z").config("[policy]\nportal_session = \"12h\"");
    assert_eq!(longer.report().subjects(RULE), ["a", "c"]);
}

#[test]
fn the_last_change_of_the_record_bounds_the_time() {
    let changed = |when: Known<_>| {
        let org = Org::new().person("a").access("a", "Read", "prod").gone("a", Some("2026-09-20T00:00:00Z"));
        org.disabled_in_aws("a").edit_user("a", |user| user.updated_at = when)
    };
    changed(Known::Value(at("2026-09-29T00:00:00Z"))).report().clean(RULE);
    for open in [Known::Value(at("2026-09-30T16:00:00Z")), Known::Absent] {
        assert_eq!(changed(open).report().result(RULE).undecided, 1);
    }
}

#[test]
fn missing_facts_are_never_clean() {
    let clean = org("2026-09-30T08:00:00Z");
    let facts = [Fact::IdpUsers, Fact::DirectoryUsers, Fact::Assignments, Fact::Memberships, Fact::PermissionSets];
    needs(RULE, &clean, &facts);
    needs_whole(RULE, &clean, &[Fact::CloudTrail]);
}

/// `a` is out of the directory and of the identity provider, and what is left of `a` are sessions.
fn deleted(mut org: Org) -> Org {
    org.idps[0].users.retain(|user| user.user_name != "a@example.org");
    org.idps[0].groups.iter_mut().flatten().for_each(|group| group.members.retain(|member| member.as_str() != "0b-a"));
    org.aws.users.retain(|user| user.id != user_id("a"));
    org.aws.memberships.retain(|membership| membership.user != user_id("a"));
    org
}

/// `a` could read in prod, and was deleted on the last day of the period; looks are at 20:00.
fn story() -> Story {
    let org = Org::new().person("a").person("b").group("readers", &["a", "b"]).grouped("readers", "Read", "prod");
    Story::new(org).then("2026-09-30T12:00:00Z", deleted)
}

#[test]
fn who_was_deleted_is_seen_by_the_periods_looks_and_by_the_log() {
    // A portal of twenty hours and a role of one outlive the deletion; a portal of eight hours does not, by the log.
    let config = |story: Story, hours: u32| {
        story.then("2026-09-30T13:00:00Z", |org| org.config(&format!("[policy]\nportal_session = \"{hours}h\"")))
    };
    let told = |at: &str| vec![scim(at, Action::UserDeleted, "a")];
    let open = config(story().trail(told("2026-09-30T12:00:00Z")), 8).tell().report;
    let found = open.only(RULE);
    assert_eq!((found.subject.as_str(), found.grants), ("a", 0));
    assert!(found.detail.contains("was deleted") && found.detail.contains("2026-09-30T21:00:00Z"), "{}", found.detail);
    config(story().trail(told("2026-09-30T12:00:00Z")), 6).tell().report.clean(RULE);
    // Between two looks a day apart the window may have closed, or not.
    assert_eq!(config(story(), 8).tell().report.result(RULE).undecided, 1);
    assert_eq!(config(story(), 24).tell().report.subjects(RULE), ["a"]);
}

#[test]
fn without_a_period_the_log_tells_of_the_deletion_and_the_provisioner_of_whom() {
    let org = |when: &str| {
        let org = Org::new().person("b").access("b", "Read", "prod").asked(Fact::CloudTrail);
        org.events("aws", LogKind::CloudTrail, vec![scim(when, Action::UserDeleted, "x")])
    };
    // The fixtures' now is 17:00, and the window lasts nine hours.
    assert_eq!(org("2026-09-30T12:00:00Z").report().result(RULE).undecided, 1, "nobody knows who that was");
    org("2026-09-30T07:00:00Z").report().clean(RULE);
    let linked = |org: Org| org.idp_only(0, "x").provisioned("x", "x");
    let gone = linked(org("2026-09-30T12:00:00Z")).gone("x", Some("2026-09-30T11:00:00Z")).report();
    assert_eq!(gone.subjects(RULE), ["u-x"], "{:?}", gone.result(RULE));
    // Deleted, and still employed: no leaver.
    linked(org("2026-09-30T12:00:00Z")).report().clean(RULE);
}
