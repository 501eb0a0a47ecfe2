use overstay::assess::FindingStatus;
use overstay::model::finding::Severity;
use overstay::model::{Fact, HrStatus, IdpStatus};

use super::org::{Org, at, hr_record, idp_user};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "disabled-account-holds-access";
const LEAVER: &str = "leaver-holds-access";

/// `a` and `c` are suspended while HR says that they are employed, as `b` is.
fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c").group("readers", &["a", "b", "c"]);
    let org = org.grouped("readers", "Read", "prod").gone("a", Some("2026-09-20T08:00:00Z")).gone("c", None);
    ["a", "b", "c"].into_iter().fold(org, |org, name| org.hr(name, HrStatus::Active))
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Admin", "prod").hr("b", HrStatus::Active)
}

#[test]
fn whoever_hr_employs_is_no_leaver_and_the_account_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.result(RULE).population, 3);
    report.silent(LEAVER);
    let [a, _] = report.found(RULE) else { panic!() };
    assert!(a.detail.contains("HR: employed"), "{}", a.detail);
    assert!(a.detail.contains("a@example.org in entra is disabled"), "{}", a.detail);
}

#[test]
fn active_accounts_and_leavers_are_clean() {
    clean().report().clean(RULE);
    let left = clean().person("a").access("a", "Read", "prod").gone("a", None);
    let report = left.report();
    report.silent(RULE);
    assert_eq!(report.subjects(LEAVER), ["a"]);
}

#[test]
fn an_admin_account_keeps_the_person_active_and_not_the_disabled_account() {
    let org = Org::new().person("a").person("a-adm").access("a", "Read", "prod").access("a-adm", "Admin", "prod");
    let both = |name: &str, org: Org| org.edit_idp(name, |user| user.employee_id = Some("1".into()));
    let mut record = hr_record("a", HrStatus::Active);
    record.employee_id = Some("1".into());
    let org = both("a-adm", both("a", org)).hr_with(record).gone("a", None);
    assert_eq!(org.report().subjects(RULE), ["a"]);
    org.report().silent(LEAVER);
}

#[test]
fn of_two_providers_the_strongest_rung_decides_and_equal_ones_decide_nothing() {
    let mut org = Org::new().idp("okta").person("a").access("a", "Read", "prod").gone("a", None);
    let mut other = idp_user("a");
    org.idps[1].users.push(other.clone());
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
    other.id = "okta-a".parse().unwrap();
    org.idps[1].users[0] = other;
    assert_eq!(org.report().subjects(RULE), ["a"]);
}

#[test]
fn severity_and_the_sla_are_those_of_leavers() {
    let org = |since| Org::new().person("a").access("a", "Read", "prod").hr("a", HrStatus::Active).gone("a", since);
    assert_eq!(org(Some("2026-09-20T08:00:00Z")).report().only(RULE).severity, Severity::High);
    assert_eq!(org(Some("2026-08-20T08:00:00Z")).report().only(RULE).severity, Severity::Critical);
    assert_eq!(org(Some("2026-08-20T08:00:00Z")).disabled_in_aws("a").report().only(RULE).severity, Severity::Medium);
    assert_eq!(org(Some("2026-09-30T08:00:00Z")).report().only(RULE).status, FindingStatus::Pending);
    let future = org(Some("2030-01-01T00:00:00Z")).report();
    assert_eq!(future.only(RULE).status, FindingStatus::Open, "a time after the collection is no evidence");
    let suspended = org(None).edit_idp("a", |user| user.status = IdpStatus::Suspended);
    assert_eq!(suspended.report().subjects(RULE), ["a"]);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpUsers, Fact::DirectoryUsers, Fact::Assignments, Fact::Memberships]);
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks, Fact::HrRecords]);
}

#[test]
fn the_fingerprint_outlives_renames() {
    let org = Org::new().person("a").access("a", "Read", "prod").hr("a", HrStatus::Active).gone("a", None);
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "renamed@example.org".into()));
}

/// A log that was read completely and does not show the change bounds the time, for this rule as for leavers.
#[test]
fn a_log_that_does_not_show_the_change_bounds_its_time() {
    let org = Org::new().person("a").access("a", "Read", "prod").hr("a", HrStatus::Active).gone("a", None);
    assert_eq!(org.report().only(RULE).severity, Severity::High);
    let org = org.edit_idp("a", |user| user.status_unchanged_since = Some(at("2026-08-01T00:00:00Z")));
    assert_eq!(org.report().only(RULE).severity, Severity::Critical, "longer than policy.stale_after");
}
