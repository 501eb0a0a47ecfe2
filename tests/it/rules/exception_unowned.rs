use overstay::model::finding::Severity;
use overstay::model::{Fact, HrStatus};

use super::org::Org;
use super::report::same_id;

const RULE: &str = "exception-unowned";

fn exception(subject: &str, approver: &str, expires: &str) -> String {
    format!(
        "[[exception]]\nrule = \"direct-assignment\"\nsubject = {{ user = \"{subject}\" }}\nreason = \"r\"\napproved_by = \"{approver}\"\nexpires = {expires}"
    )
}

fn base() -> Org {
    Org::new().person("here").person("left").person("a").gone("left", None)
}

fn org() -> Org {
    base()
        .config(&exception("a@example.org", "LEFT@example.org", "2026-12-31"))
        .config(&exception("b@example.org", "here@example.org", "2026-12-31"))
        .config(&exception("here@example.org", "here@example.org", "2026-12-31"))
        .config(&exception("z@example.org", "left@example.org", "2026-08-31"))
}

fn clean() -> Org {
    base().config(&exception("*@example.org", "here@example.org", "2026-12-31"))
}

#[test]
fn approvers_who_are_gone_or_the_subject_are_named() {
    let report = org().report();
    let subjects = report.subjects(RULE);
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(
        subjects[0].contains("user a@example.org") && subjects[1].contains("user here@example.org"),
        "{subjects:?}"
    );
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Medium));
    assert_eq!(report.result(RULE).population, 3, "the one that ended is not in force");
    clean().report().clean(RULE);
}

#[test]
fn another_name_of_the_approver_is_the_approver() {
    let org = base().edit_idp("here", |user| user.aliases.push("boss@example.org".into()));
    let org = org.config(&exception("here@example.org", "boss@example.org", "2026-12-31"));
    assert_eq!(org.report().found(RULE).len(), 1);
}

#[test]
fn hr_knows_leavers_whom_the_provider_deleted() {
    let org = clean().config(&exception("a@example.org", "old@example.org", "2026-12-31"));
    assert_eq!(org.report().result(RULE).undecided, 1);
    assert_eq!(org.hr("old", HrStatus::Terminated).report().found(RULE).len(), 1);
}

#[test]
fn missing_facts_are_never_clean() {
    clean().gap(Fact::IdpUsers).report().not_clean(RULE);
    clean().hr("a", HrStatus::Active).gap(Fact::HrRecords).report().not_clean(RULE);
    let mut nobody = clean().unasked(Fact::IdpUsers);
    nobody.idps.clear();
    nobody.aws.users.clear();
    nobody.report().not_clean(RULE);
}

#[test]
fn the_fingerprint_outlives_time() {
    same_id(RULE, &org(), &org().on("2026-11-30T00:00:00Z"));
}
