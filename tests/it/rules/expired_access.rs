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

/// `a` holds by hand what was approved for a day; `b` was approved anew; `c` is in a group from before; `d` since then.
fn approved() -> Org {
    let (day, end) = ("2026-09-01T00:00:00Z", Some("2026-09-02T00:00:00Z"));
    let mut org = Org::new();
    for name in ["a", "b", "c", "d"] {
        org = org.person(name).approval(name, ("Read", "prod"), day, end);
    }
    org = org.approval("b", ("Read", "prod"), "2026-09-30T00:00:00Z", Some("2026-10-01T00:00:00Z"));
    org = org.direct("a", "Read", "prod").direct("b", "Read", "prod");
    org = org.access("c", "Read", "prod").member_since("c-Read-prod", "c", "2026-08-01T00:00:00Z");
    org.access("d", "Read", "prod").member_since("d-Read-prod", "d", "2026-08-31T23:59:30Z")
}

#[test]
fn what_outlives_its_approval_is_named_and_nothing_that_may_rest_on_something_else() {
    let report = approved().report();
    assert_eq!(report.subjects(RULE), ["a", "d"]);
    let found = report.found(RULE);
    assert!(found.iter().all(|found| found.confidence == overstay::model::finding::Confidence::Medium));
    assert!(found[0].detail.contains("its approval REQ-a ended at 2026-09-02T00:00:00Z."), "{}", found[0].detail);
}

#[test]
fn an_entry_that_allows_it_needs_no_approval() {
    let live = "[[access]]\nmatch = { person = \"*\" }\npermission_set = \"Read\"\naccounts = [\"*\"]";
    approved().config(live).report().clean(RULE);
}

#[test]
fn a_lost_row_may_be_the_renewal() {
    let report = approved().gap(Fact::Approvals).report();
    assert!(report.subjects(RULE).is_empty());
    report.not_clean(RULE);
}

#[test]
fn approvals_without_an_end_say_nothing_of_one() {
    let org = Org::new().person("a").direct("a", "Read", "prod");
    org.approval("a", ("Read", "prod"), "2026-09-01T00:00:00Z", None).report().not_evaluated(RULE);
}
