use overstay::model::Fact;
use overstay::model::finding::Severity;

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "expired-access";

fn policy(group: &str, expires: &str) -> String {
    format!(
        "[[access]]\nmatch = {{ group = \"{group}\" }}\npermission_set = \"Read\"\naccounts = [\"prod\"]\nexpires = {expires}"
    )
}

/// The access of `a` and `c` ended, that of `b` did not.
fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c").access("b", "Read", "prod");
    let org = org.group("old", &["a", "c"]).grouped("old", "Read", "prod");
    org.config(&policy("old", "2026-06-30")).config(&policy("b-Read-prod", "2026-12-31"))
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Read", "prod").config(&policy("b-Read-prod", "2026-09-30"))
}

#[test]
fn what_is_held_past_its_end_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::High));
    assert_eq!(report.subjects("access-outside-policy"), ["a", "c"], "allowed once is not allowed");
    clean().report().clean(RULE);
}

#[test]
fn an_entry_lasts_to_the_close_of_its_day() {
    assert_eq!(clean().on("2026-10-01T00:00:00Z").report().subjects(RULE), ["b"]);
}

#[test]
fn another_live_entry_makes_it_right() {
    let live = "[[access]]\nmatch = { person = \"*\" }\npermission_set = \"Read\"\naccounts = [\"*\"]";
    org().config(live).report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(
        RULE,
        &clean(),
        &[Fact::IdpUsers, Fact::IdpGroups, Fact::PermissionSets, Fact::Assignments, Fact::Memberships],
    );
    Org::new().report().not_evaluated(RULE);
}

#[test]
fn the_fingerprint_outlives_time_and_paths() {
    same_id(RULE, &org(), &org().on("2026-11-30T00:00:00Z").direct("a", "Read", "prod"));
}
