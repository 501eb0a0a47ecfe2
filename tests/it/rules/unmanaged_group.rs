use overstay::model::Fact;
use overstay::model::finding::Severity;

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "unmanaged-group";

fn org() -> Org {
    let org = Org::new().person("p").directory_group("a", &["p"]).group("b", &["p"]).directory_group("c", &[]);
    let org = org.directory_group("idle", &["p"]);
    org.grouped("a", "Read", "prod").grouped("b", "Read", "prod").grouped("c", "Admin", "prod")
}

fn clean() -> Org {
    Org::new().person("p").group("b", &["p"]).grouped("b", "Read", "prod").directory_group("idle", &["p"])
}

#[test]
fn groups_with_access_that_no_provider_has_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Medium));
    clean().report().clean(RULE);
}

#[test]
fn a_name_or_an_id_is_enough() {
    let by_name =
        Org::new().person("p").idp_group("b", &["p"]).directory_group("b", &["p"]).grouped("b", "Read", "prod");
    by_name.edit_group("b", |group| group.name = "B".into()).report().clean(RULE);
    clean().edit_group("b", |group| group.name = "renamed".into()).report().clean(RULE);
}

#[test]
fn a_provider_whose_groups_were_not_asked_for_may_have_it() {
    let mut org = org().idp("okta");
    org.idps[1].groups = None;
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 2);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpGroups, Fact::DirectoryGroups, Fact::Assignments]);
    org().gap(Fact::IdpGroups).report().not_evaluated(RULE);
}

#[test]
fn the_fingerprint_outlives_renames() {
    let org = Org::new().directory_group("a", &[]).grouped("a", "Read", "prod");
    same_id(RULE, &org, &org.clone().edit_group("a", |group| group.name = "new".into()));
}
