use overstay::model::Fact;
use overstay::model::finding::Severity;

use super::org::Org;
use crate::lifecycle::story::Story;

const RULE: &str = "leaver-sla-breach";

/// `a`, `b` and `c` may read; who is named is switched off on 10 August, `a` and `c` in Identity Center as well, but late.
fn story(gone: &[&str]) -> Story {
    let org = Org::new().person("a").person("b").person("c").group("readers", &["a", "b", "c"]);
    let mut story = Story::new(org.grouped("readers", "Read", "prod"));
    for name in gone {
        story = story.then("2026-08-10T16:00:00Z", |org| org.gone(name, Some("2026-08-10T16:00:00Z")));
        let blocked = if *name == "b" { "2026-08-10T17:00:00Z" } else { "2026-08-20T17:00:00Z" };
        story = story.then(blocked, |org| org.disabled_in_aws(name));
    }
    story
}

#[test]
fn who_was_late_is_named_before_and_after_who_was_in_time() {
    let report = story(&["b"]).then("2026-08-11T00:00:00Z", |org| org).tell().report;
    report.clean(RULE);
    let mut both = story(&["a"]);
    both = both.then("2026-08-25T16:00:00Z", |org| org.gone("b", Some("2026-08-25T16:00:00Z")));
    both = both.then("2026-08-25T17:00:00Z", |org| org.disabled_in_aws("b"));
    both = both.then("2026-09-01T16:00:00Z", |org| org.gone("c", Some("2026-09-01T16:00:00Z")));
    let report = both.tell().report;
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.result(RULE).population, 3);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::High));
}

#[test]
fn without_a_period_it_is_not_evaluated() {
    Org::new().person("a").gone("a", None).report().not_evaluated(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    for fact in [Fact::IdpUsers, Fact::DirectoryUsers, Fact::Memberships, Fact::Assignments, Fact::DirectoryGroups] {
        story(&["b"]).then("2026-09-30T00:00:00Z", |org| org.gap(fact)).tell().report.not_clean(RULE);
    }
}
