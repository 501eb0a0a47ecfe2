use overstay::model::finding::Severity;
use overstay::model::{Fact, Known};

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "unassigned-permission-set";

fn org() -> Org {
    Org::new().set("Mid", "ReadOnlyAccess").person("p").access("p", "Mid", "prod")
}

fn clean() -> Org {
    Org::new().person("p").access("p", "Admin", "prod").access("p", "Read", "prod")
}

#[test]
fn sets_that_nobody_has_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["Admin", "Read"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Info));
    clean().report().clean(RULE);
}

#[test]
fn assigned_in_an_excluded_account_is_assigned() {
    let exclude = "[scope]\nexclude_accounts = [{ account = \"prod\", reason = \"none\", approved_by = \"ciso\" }]";
    clean().config(exclude).report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::Assignments, Fact::PermissionSets]);
    org().gap(Fact::Assignments).report().not_evaluated(RULE);
}

#[test]
fn the_fingerprint_outlives_renames() {
    same_id(RULE, &org(), &org().edit_set("Read", |set| set.name = Known::Value("New".into())));
}
