use overstay::model::Fact;
use overstay::model::finding::Severity;

use super::org::{ISSUER, Org, directory_user, idp_id};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "duplicate-identity";

/// A second user of the same person, with access of its own.
fn second(mut org: Org, name: &str) -> Org {
    let mut user = directory_user(&format!("{name}-2"));
    user.external_ids = vec![overstay::model::ExternalId { issuer: ISSUER.into(), id: idp_id(name).to_string() }];
    org.aws.users.push(user);
    org.direct(&format!("{name}-2"), "Read", "prod")
}

fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c").group("g", &["a", "b", "c"]).grouped("g", "Read", "prod");
    second(second(org, "a"), "c")
}

fn clean() -> Org {
    Org::new().person("a").person("b").access("a", "Read", "prod").access("b", "Read", "prod")
}

#[test]
fn people_with_two_users_are_named_once() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Medium && found.grants == 2));
    assert_eq!(report.result(RULE).population, 3);
    clean().report().clean(RULE);
}

#[test]
fn two_records_with_one_employee_id_are_one_person() {
    let mut record = super::org::hr_record("a", overstay::model::HrStatus::Active);
    record.employee_id = Some("7".into());
    let number = |user: &mut overstay::model::IdpUser| user.employee_id = Some("7".into());
    let org = clean().edit_idp("a", number).edit_idp("b", number).hr_with(record);
    org.clone().report().silent(RULE);
    let second = org.edit_idp("b", |user| user.display_name = Some("a".into()));
    assert_eq!(second.report().subjects(RULE), ["a"], "the roster's name, so a second account");
}

#[test]
fn disabled_or_empty_seconds_and_gone_people_are_clean() {
    org().disabled_in_aws("a-2").disabled_in_aws("c").report().clean(RULE);
    org().gone("a", None).gone("c", None).report().clean(RULE);
    let mut idle = clean();
    idle.aws.users.push(directory_user("a-3"));
    idle.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpUsers, Fact::DirectoryUsers, Fact::Assignments, Fact::Memberships]);
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks]);
}

#[test]
fn two_users_that_claim_one_record_are_undecided() {
    let org = Org::new().by_hand("a").by_hand("b").idp_only(0, "x").access("a", "Read", "prod");
    let shared = |user: &mut overstay::model::DirectoryUser| user.email = Some("x@example.org".into());
    let report = org.edit_user("a", shared).edit_user("b", shared).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn the_fingerprint_outlives_renames() {
    same_id(RULE, &org(), &org().edit_user("a-2", |user| user.user_name = "new".into()));
}
