use overstay::model::Fact;
use overstay::model::finding::Severity;

use super::org::Org;
use super::report::same_id;

const RULE: &str = "exception-unused";

fn base() -> Org {
    Org::new().person("b").direct("b", "Read", "prod").exception("direct-assignment", "{ user = \"b@example.org\" }")
}

fn org() -> Org {
    base()
        .exception("direct-assignment", "{ user = \"a@example.org\" }")
        .exception("direct-assignment", "{ user = \"c@example.org\" }")
        .exception_until("direct-assignment", "{ user = \"d@example.org\" }", "2026-08-31")
}

#[test]
fn what_covers_nothing_is_named() {
    let report = org().report();
    let subjects = report.subjects(RULE);
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects[0].contains("user a@") && subjects[1].contains("user c@"), "{subjects:?}");
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Info));
    assert_eq!(report.result(RULE).population, 3);
    base().report().clean(RULE);
    Org::new().report().clean(RULE);
}

#[test]
fn one_that_covers_a_part_covers_nothing() {
    let org = Org::new().person("b").direct("b", "Read", "prod").access("b", "Read", "management").gone("b", None);
    let org = org.exception("leaver-holds-access", "{ user = \"b@example.org\", account = \"prod\" }");
    assert_eq!(org.report().found(RULE).len(), 1);
}

#[test]
fn two_that_cover_the_same_are_both_used() {
    base().exception("direct-assignment", "{ user = \"*\", permission_set = \"Read\" }").report().clean(RULE);
}

#[test]
fn where_the_rule_did_not_see_everything_it_is_undecided() {
    for org in [org().gap(Fact::Assignments), org().unasked(Fact::Assignments)] {
        let report = org.report();
        report.silent(RULE);
        assert!(report.result(RULE).undecided >= 2);
    }
    let later = Org::new().exception("stale-access-key", "{ user = \"a@example.org\" }").report();
    later.silent(RULE);
    assert_eq!(later.result(RULE).undecided, 1, "a rule of a later version");
}

#[test]
fn the_fingerprint_outlives_time() {
    same_id(RULE, &org(), &org().on("2026-11-30T00:00:00Z"));
}
