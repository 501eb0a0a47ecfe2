use overstay::model::facts::PrincipalLookup;
use overstay::model::finding::Severity;
use overstay::model::{Fact, Known, Principal};

use super::org::{Org, group_id, user_id};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "dangling-assignment";

fn org() -> Org {
    let org = Org::new().direct("a", "Read", "prod").person("b").access("b", "Read", "prod");
    org.grouped("c", "Admin", "prod").grouped("c", "Read", "prod")
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Admin", "prod").direct("b", "Read", "prod")
}

fn lookup(mut org: Org, principal: Principal, exists: Known<bool>) -> Org {
    org.aws.lookups.push(PrincipalLookup { principal, exists });
    org
}

#[test]
fn each_missing_principal_is_named_once() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["missing group g-c", "missing user u-a"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::High, "one of the two is privileged");
    assert_eq!(report.found(RULE)[1].severity, Severity::Medium);
    clean().report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::DirectoryUsers, Fact::DirectoryGroups, Fact::Assignments]);
    needs_whole(RULE, &clean(), &[Fact::PermissionSets]);
}

#[test]
fn missing_from_half_a_list_is_undecided_and_asked_for_by_id_is_not() {
    let half = Org::new().direct("a", "Read", "prod").gap(Fact::DirectoryUsers);
    let report = half.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
    let asked = lookup(half, Principal::User(user_id("a")), Known::Value(false));
    assert_eq!(asked.report().subjects(RULE), ["missing user u-a"]);
    let groups = Org::new().direct("a", "Read", "prod").gap(Fact::DirectoryGroups);
    assert_eq!(groups.report().subjects(RULE), ["missing user u-a"], "the other list is whole");
}

#[test]
fn one_that_exists_after_all_or_may_exist_is_undecided() {
    for exists in [Known::Value(true), Known::Unknown("denied".to_owned())] {
        let org = lookup(Org::new().grouped("c", "Read", "prod"), Principal::Group(group_id("c")), exists);
        let report = org.report();
        report.silent(RULE);
        assert_eq!(report.result(RULE).undecided, 1);
    }
}

#[test]
fn an_excluded_account_is_out_of_scope() {
    let exclude = "[scope]\nexclude_accounts = [{ account = \"prod\", reason = \"none\", approved_by = \"ciso\" }]";
    org().config(exclude).report().clean(RULE);
}

#[test]
fn the_fingerprint_outlives_further_assignments() {
    let org = Org::new().direct("a", "Read", "prod");
    same_id(RULE, &org, &org.clone().direct("a", "Admin", "management"));
}
