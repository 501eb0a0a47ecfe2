use overstay::assess::FindingStatus;
use overstay::model::Fact;
use overstay::model::finding::Severity;

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "direct-assignment";

fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c").direct("a", "Read", "prod").access("b", "Read", "prod");
    org.direct("c", "Admin", "prod").direct("missing", "Admin", "prod")
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Admin", "prod")
}

#[test]
fn each_direct_assignment_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Low);
    assert_eq!(report.found(RULE)[1].severity, Severity::Medium, "privileged");
    assert_eq!(report.result(RULE).population, 3);
    clean().report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::Assignments, Fact::DirectoryUsers, Fact::PermissionSets]);
}

#[test]
fn an_excluded_account_is_out_of_scope() {
    let exclude = "[scope]\nexclude_accounts = [{ account = \"prod\", reason = \"none\", approved_by = \"ciso\" }]";
    org().config(exclude).report().clean(RULE);
}

#[test]
fn an_exception_covers_one_of_two() {
    let report =
        org().exception(RULE, "{ user = \"c@example.org\", account = \"prod\", permission_set = \"Admin\" }").report();
    let status: Vec<_> = report.found(RULE).iter().map(|found| found.status).collect();
    assert_eq!(status, [FindingStatus::Open, FindingStatus::Excepted]);
}

#[test]
fn the_fingerprint_outlives_renames_and_severity() {
    let org = Org::new().person("a").direct("a", "Read", "prod");
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "new".into()));
    same_id(RULE, &org, &org.clone().config("[policy]\nprivileged = [\"Read\"]"));
}
