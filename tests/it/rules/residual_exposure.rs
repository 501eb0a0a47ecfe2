use overstay::model::event::{Action, LogKind};
use overstay::model::finding::Severity;
use overstay::model::{Fact, Known};

use super::org::{Org, at};
use super::report::{needs, needs_whole};
use crate::lifecycle::story::scim;

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
