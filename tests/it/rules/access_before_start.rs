use overstay::model::finding::Severity;
use overstay::model::{Fact, HrStatus, IdpStatus, Known};

use super::org::{Org, at, hr_record};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "access-before-start";

/// `a` is staged, `c` starts in October by HR, `b` is here.
fn org() -> Org {
    let mut joiner = hr_record("c", HrStatus::Active);
    joiner.start = Some(at("2026-10-05T00:00:00Z"));
    let org = Org::new().person("a").person("b").person("c").group("g", &["a", "b", "c"]).grouped("g", "Read", "prod");
    org.edit_idp("a", |user| user.status = IdpStatus::Staged).hr_with(joiner)
}

fn clean() -> Org {
    let org = Org::new().person("b").access("b", "Read", "prod").person("idle");
    org.edit_idp("idle", |user| user.status = IdpStatus::Staged)
}

#[test]
fn whoever_has_not_started_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Medium));
    clean().report().clean(RULE);
    assert_eq!(org().on("2026-10-05T00:00:00Z").report().subjects(RULE), ["a"], "started");
}

#[test]
fn the_identity_providers_start_counts_where_hr_is_silent() {
    let ahead = clean().edit_idp("b", |user| user.start = Known::Value(at("2026-11-01T00:00:00Z")));
    assert_eq!(ahead.report().subjects(RULE), ["b"]);
    ahead.hr("b", HrStatus::Active).report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpUsers, Fact::DirectoryUsers, Fact::Assignments, Fact::Memberships]);
    needs_whole(RULE, &clean().hr("b", HrStatus::Active), &[Fact::HrRecords]);
}

#[test]
fn who_may_be_somebody_else_is_undecided() {
    let mut org = Org::new().by_hand("a").access("a", "Read", "prod").idp_only(0, "x").idp_only(0, "y");
    for user in &mut org.idps[0].users {
        user.email = Some("a@example.org".into());
        user.status = IdpStatus::Staged;
    }
    assert_eq!(org.report().result(RULE).undecided, 1);
}

#[test]
fn the_fingerprint_outlives_renames() {
    same_id(RULE, &org(), &org().edit_user("a", |user| user.user_name = "a".into()));
}
