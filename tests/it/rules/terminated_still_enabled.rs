use overstay::model::finding::Severity;
use overstay::model::{Fact, HrStatus, IdpStatus};

use super::org::{Org, hr_record};
use super::report::{needs, same_id};

const RULE: &str = "terminated-still-enabled";

fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c");
    org.hr("a", HrStatus::Terminated).hr("b", HrStatus::Active).hr("c", HrStatus::Terminated)
}

fn clean() -> Org {
    let org = Org::new().person("b").person("left").gone("left", None);
    org.hr("b", HrStatus::Active).hr("left", HrStatus::Terminated)
}

#[test]
fn whoever_hr_ended_and_can_sign_in_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::High));
    assert_eq!(report.result(RULE).population, 3);
}

#[test]
fn it_is_critical_with_access() {
    let report = org().access("a", "Read", "prod").report();
    assert_eq!(report.found(RULE)[0].severity, Severity::Critical);
    assert_eq!(report.found(RULE)[1].severity, Severity::High);
}

#[test]
fn disabled_staged_and_current_people_are_clean() {
    clean().report().clean(RULE);
    let staged = clean().edit_idp("left", |user| user.status = IdpStatus::Staged);
    staged.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::HrRecords, Fact::IdpUsers]);
}

#[test]
fn a_roster_of_current_workers_proves_nothing_about_leavers() {
    clean().hr_lists_active_only().report().not_clean(RULE);
    assert_eq!(
        org().hr_lists_active_only().report().subjects(RULE),
        ["a", "c"],
        "an end date that has passed still tells"
    );
}

#[test]
fn an_address_of_two_employees_accuses_nobody_and_clears_nobody() {
    let record = |id: &str, status| {
        let mut record = hr_record("a", status);
        record.employee_id = Some(id.into());
        record
    };
    let org = Org::new().person("a").hr_with(record("1", HrStatus::Terminated)).hr_with(record("2", HrStatus::Active));
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn a_second_enabled_record_is_named_where_the_first_is_disabled() {
    let mut org = Org::new().idp("okta").person("a").idp_only(1, "a").gone("a", None).hr("a", HrStatus::Terminated);
    org.idps[1].users[0].status = IdpStatus::Active;
    let report = org.report();
    assert!(report.only(RULE).detail.contains("still active in okta"), "{}", report.only(RULE).detail);
}

#[test]
fn the_fingerprint_outlives_renames() {
    let org = Org::new().person("a").hr("a", HrStatus::Terminated);
    same_id(
        RULE,
        &org,
        &org.clone().edit_idp("a", |user| user.user_name = "renamed".into()).access("a", "Admin", "prod"),
    );
}
