use overstay::model::event::LogKind;
use overstay::model::finding::Severity;
use overstay::model::{Fact, HrStatus};

use super::org::{Org, hr_record};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "no-hr-record";

fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c").person("idle");
    let org = org.access("a", "Read", "prod").access("b", "Read", "prod").access("c", "Admin", "prod");
    org.hr("b", HrStatus::Active)
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Read", "prod").hr("b", HrStatus::Active)
}

#[test]
fn whoever_hr_does_not_know_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Medium);
    assert_eq!(report.found(RULE)[1].severity, Severity::High, "privileged");
    clean().report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::HrRecords, Fact::IdpUsers, Fact::Assignments, Fact::Memberships]);
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks]);
    org().gap(Fact::HrRecords).report().not_evaluated(RULE);
}

#[test]
fn guests_are_not_hrs_and_contractors_only_if_the_roster_has_any() {
    let kind = |word: &str| org().edit_idp("c", |user| user.user_type = Some(word.into()));
    assert_eq!(kind("Guest").report().subjects(RULE), ["a"]);
    assert_eq!(kind("Contractor").report().subjects(RULE), ["a"]);
    let mut contractor = hr_record("b2", HrStatus::Active);
    contractor.worker_type = Some("Contractor".into());
    assert_eq!(kind("Contractor").hr_with(contractor).report().subjects(RULE), ["a", "c"]);
}

#[test]
fn whoever_vanished_from_a_roster_of_current_workers_is_named() {
    assert_eq!(org().hr_lists_active_only().report().subjects(RULE), ["a", "c"]);
}

#[test]
fn leavers_and_declared_identities_are_left_to_their_rules() {
    let declared = "[identities]\nservice = [{ user = \"c@*\", owner = \"o@example.org\" }]";
    org().gone("a", None).config(declared).report().clean(RULE);
}

#[test]
fn an_id_beside_an_address_of_another_id_is_a_contradiction_and_no_absence() {
    let numbered = |name: &str, id: &str| {
        let mut record = hr_record(name, HrStatus::Active);
        record.employee_id = Some(id.into());
        record
    };
    let org = Org::new().person("a").access("a", "Read", "prod").hr_with(numbered("a", "1"));
    org.clone().report().clean(RULE);
    org.clone().edit_idp("a", |user| user.employee_id = Some("1".into())).report().clean(RULE);
    // Others show that both sources number people alike.
    let mut org = org.edit_idp("a", |user| user.employee_id = Some("2".into()));
    for (name, id) in [("b", "3"), ("c", "4")] {
        org = org.person(name).edit_idp(name, |user| user.employee_id = Some(id.into())).hr_with(numbered(name, id));
    }
    org.clone().report().clean(RULE);
    assert_eq!(org.clone().report().found("identity-mismatch").len(), 1, "the same name and address, another number");
    let report = org.edit_idp("a", |user| user.display_name = Some("z".into())).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
    assert!(report.only("identity-mismatch").detail.contains("roster.csv, a"));
}

#[test]
fn an_unlinked_roster_is_one_limitation() {
    let mut org = Org::new();
    for (at, name) in ["a", "b", "c"].into_iter().enumerate() {
        org = org.person(name).access(name, "Read", "prod");
        org = org.edit_idp(name, |user| user.employee_id = Some(format!("badge-{at}")));
        let mut record = hr_record(name, HrStatus::Terminated);
        (record.employee_id, record.email) = (Some(format!("70{at}")), None);
        org = org.hr_with(record);
    }
    let report = org.report();
    for rule in [RULE, "leaver-holds-access", "terminated-still-enabled", "residual-exposure"] {
        report.silent(rule);
        assert_eq!(report.result(rule).undecided, 3, "{rule}");
    }
    // Three workers left whose users are not known, and three users may be theirs: no activity of any of them can be ruled out.
    let logged = org.asked(Fact::CloudTrail).events("aws", LogKind::CloudTrail, Vec::new()).report();
    logged.silent("activity-after-leaving");
    logged.not_clean("activity-after-leaving");
    assert_eq!(logged.result("activity-after-leaving").undecided, 3 + 3);
}

#[test]
fn an_address_of_two_employees_leaves_it_undecided() {
    let record = |id: &str| {
        let mut record = hr_record("a", HrStatus::Active);
        record.employee_id = Some(id.into());
        record
    };
    let report = Org::new().person("a").access("a", "Read", "prod").hr_with(record("1")).hr_with(record("2")).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn the_fingerprint_outlives_renames_and_severity() {
    let org = Org::new().person("a").access("a", "Read", "prod").hr("b", HrStatus::Active);
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "new".into()).direct("a", "Admin", "prod"));
}
