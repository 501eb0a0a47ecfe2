//! What exceptions and configured severities do to findings, whatever the rule.

use overstay::assess::FindingStatus;
use overstay::model::finding::Severity;

use super::org::Org;

const RULE: &str = "leaver-holds-access";

fn org() -> Org {
    let org = Org::new().person("a").access("a", "Read", "prod").access("a", "Read", "management");
    org.gone("a", Some("2026-09-20T08:00:00Z"))
}

fn status(org: &Org) -> FindingStatus {
    org.report().only(RULE).status
}

#[test]
fn an_exception_marks_what_it_covers() {
    assert_eq!(status(&org()), FindingStatus::Open);
    assert_eq!(status(&org().exception(RULE, "{ user = \"a@example.org\" }")), FindingStatus::Excepted);
    assert_eq!(
        status(&org().exception(RULE, "{ user = \"A@EXAMPLE.*\", permission_set = \"re*\" }")),
        FindingStatus::Excepted
    );
}

#[test]
fn one_that_covers_a_part_covers_nothing() {
    assert_eq!(status(&org().exception(RULE, "{ user = \"a@example.org\", account = \"prod\" }")), FindingStatus::Open);
    let both = org()
        .exception(RULE, "{ user = \"a@example.org\", account = \"prod\" }")
        .exception(RULE, "{ user = \"a@example.org\", account = \"management\" }");
    assert_eq!(status(&both), FindingStatus::Open, "two halves are two decisions, not one about the whole");
}

#[test]
fn one_for_another_rule_or_person_covers_nothing() {
    assert_eq!(status(&org().exception("direct-assignment", "{ user = \"a@example.org\" }")), FindingStatus::Open);
    assert_eq!(status(&org().exception(RULE, "{ user = \"b@example.org\" }")), FindingStatus::Open);
}

#[test]
fn one_that_ended_covers_nothing() {
    assert_eq!(status(&org().exception_until(RULE, "{ user = \"*\" }", "2026-09-29")), FindingStatus::Open);
    assert_eq!(
        status(&org().exception_until(RULE, "{ user = \"*\" }", "2026-09-30")),
        FindingStatus::Excepted,
        "to the close of the day"
    );
}

#[test]
fn the_policys_severity_wins_except_over_pending() {
    let low = "[policy]\nseverity = { leaver-holds-access = \"low\" }";
    assert_eq!(org().config(low).report().only(RULE).severity, Severity::Low);
    let pending = Org::new().person("a").access("a", "Admin", "prod").gone("a", Some("2026-09-30T16:00:00Z"));
    let critical = "[policy]\nseverity = { leaver-holds-access = \"critical\" }";
    assert_eq!(pending.config(critical).report().only(RULE).severity, Severity::Info);
}

#[test]
fn a_finding_about_a_permission_set_is_excepted_by_its_name() {
    let org = Org::new().set("Idle", "ReadOnlyAccess");
    let rule = "unassigned-permission-set";
    let open = |org: &Org| org.report().found(rule).iter().filter(|f| f.status == FindingStatus::Open).count();
    let all = open(&org);
    assert_eq!(open(&org.clone().exception(rule, "{ permission_set = \"Idle\" }")), all - 1);
    assert_eq!(open(&org.clone().exception(rule, "{ permission_set = \"Idle\", account = \"prod\" }")), all);
    assert_eq!(open(&org.exception(rule, "{ user = \"a@example.org\", permission_set = \"Idle\" }")), all);
}

#[test]
fn a_finding_about_assignments_that_nobody_holds_is_excepted_by_each_of_them() {
    let rule = "dangling-assignment";
    let org = Org::new().direct("nobody", "Read", "prod").direct("nobody", "Read", "management");
    let status = |org: &Org| org.report().only(rule).status;
    assert_eq!(status(&org), FindingStatus::Open);
    assert_eq!(status(&org.clone().exception(rule, "{ account = \"prod\" }")), FindingStatus::Open);
    assert_eq!(status(&org.clone().exception(rule, "{ permission_set = \"Read\" }")), FindingStatus::Excepted);
    assert_eq!(status(&org.exception(rule, "{ user = \"*u-nobody\" }")), FindingStatus::Excepted);
}
