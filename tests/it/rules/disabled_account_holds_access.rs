use overstay::assess::FindingStatus;
use overstay::model::finding::Severity;
use overstay::model::{Fact, HrStatus, IdpStatus};

use super::org::{Org, at, hr_record};
use super::report::{needs, same_id};

const RULE: &str = "disabled-account-holds-access";
const LEAVER: &str = "leaver-holds-access";

/// `a` and `c` are employed, and their accounts are disabled; `b` has an active account. All hold read access.
fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c").group("readers", &["a", "b", "c"]);
    let org = org.grouped("readers", "Read", "prod").hr("a", HrStatus::Active).hr("b", HrStatus::Active);
    org.hr("c", HrStatus::Active).gone("a", Some("2026-09-20T08:00:00Z")).gone("c", None)
}

fn clean() -> Org {
    let org = Org::new().person("b").access("b", "Admin", "prod").hr("b", HrStatus::Active);
    org.person("idle").hr("idle", HrStatus::Active).gone("idle", None)
}

#[test]
fn a_disabled_account_of_an_employed_person_is_found_and_is_no_leaver() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.result(RULE).population, 3);
    let detail = &report.found(RULE)[0].detail;
    assert!(detail.contains("disabled in entra since 2026-09-20T08:00:00Z"), "{detail}");
    assert!(detail.contains("The person is active: HR: the engagement is current"), "{detail}");
    report.clean(LEAVER);
    clean().report().clean(RULE);
}

#[test]
fn the_second_account_of_a_person_is_judged_by_itself() {
    let org = Org::new().person("a").person("adm").access("a", "Read", "prod").access("adm", "Admin", "prod");
    let org = org.edit_idp("a", |user| user.employee_id = Some("e-1".to_owned()));
    let org = org.edit_idp("adm", |user| user.employee_id = Some("e-1".to_owned()));
    let found = |gone: &str| {
        let mut record = hr_record("a", HrStatus::Active);
        record.employee_id = Some("e-1".to_owned());
        org.clone().hr_with(record).gone(gone, Some("2026-09-20T08:00:00Z")).report()
    };
    assert_eq!(found("adm").only(RULE).severity, Severity::Critical, "privileged");
    assert_eq!(found("adm").subjects(RULE), ["adm"]);
    assert_eq!(found("a").subjects(RULE), ["a"]);
}

#[test]
fn every_way_of_being_disabled_counts_and_a_leaver_is_left_to_the_other_rule() {
    for status in [IdpStatus::Suspended, IdpStatus::Disabled, IdpStatus::Deleted] {
        let org = Org::new().person("a").access("a", "Read", "prod").hr("a", HrStatus::Active);
        let report = org.edit_idp("a", |user| user.status = status).report();
        assert_eq!(report.only(RULE).severity, Severity::High, "{status:?}");
        report.clean(LEAVER);
    }
    for org in [Org::new().person("a"), Org::new().person("a").hr("a", HrStatus::Terminated)] {
        let report = org.access("a", "Read", "prod").gone("a", None).report();
        report.silent(RULE);
        assert_eq!(report.subjects(LEAVER), ["a"]);
    }
}

#[test]
fn within_the_sla_it_is_pending() {
    let org = Org::new().person("a").access("a", "Read", "prod").hr("a", HrStatus::Active);
    let found = |when| org.clone().gone("a", Some(when)).report().only(RULE).status;
    assert_eq!(found("2026-09-29T17:00:00Z"), FindingStatus::Pending);
    assert_eq!(found("2026-09-29T16:59:59Z"), FindingStatus::Open);
    // A time after the collection says nothing of when, and is never milder.
    assert_eq!(found("2030-01-01T00:00:00Z"), FindingStatus::Open);
}

#[test]
fn a_leaver_whose_return_lies_ahead_is_a_leaver() {
    let (mut first, mut second) = (hr_record("a", HrStatus::Terminated), hr_record("a", HrStatus::NotStarted));
    first.end = Some(at("2026-05-01T00:00:00Z"));
    second.start = Some(at("2027-01-01T00:00:00Z"));
    let org = Org::new().person("a").access("a", "Read", "prod").hr_with(first).hr_with(second);
    let report = org.report();
    let found = report.only(LEAVER);
    assert!(found.detail.contains("the next one starts at 2027-01-01T00:00:00Z"), "{}", found.detail);
    report.silent("access-before-start");
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpUsers, Fact::DirectoryUsers, Fact::Assignments, Fact::Memberships]);
}

#[test]
fn the_fingerprint_is_of_the_user() {
    same_id(RULE, &org(), &org().gone("a", None));
}
