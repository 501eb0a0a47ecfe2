use overstay::model::Fact;
use overstay::model::finding::Severity;

use super::org::{Org, address};
use super::report::{needs, same_id};

const RULE: &str = "identity-mismatch";

fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c");
    let org = org.edit_user("a", |user| user.user_name = address("a.maiden"));
    org.edit_user("c", |user| user.email = Some(address("c.old")))
}

fn clean() -> Org {
    Org::new().person("b").edit_user("b", |user| user.user_name = "B@EXAMPLE.org".into())
}

#[test]
fn names_that_differ_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a.maiden", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Low));
    clean().report().clean(RULE);
}

#[test]
fn aliases_and_guests_addresses_are_names_too() {
    let alias = org().edit_idp("a", |user| user.aliases.push(address("A.Maiden")));
    assert_eq!(alias.report().subjects(RULE), ["c"]);
    let guest = Org::new().person("g").edit_idp("g", |user| {
        user.user_name = "g_example.org#EXT#@corp.onmicrosoft.com".into();
        user.email = None;
    });
    guest.report().clean(RULE);
}

#[test]
fn a_name_of_somebody_else_and_people_who_are_gone_are_left_to_their_rules() {
    let reused = Org::new().person("a").idp_only(0, "x").edit_user("a", |user| user.user_name = address("x"));
    let report = reused.report();
    report.clean(RULE);
    assert_eq!(report.found("reused-identity").len(), 1);
    org().gone("a", None).gone("c", None).report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpUsers, Fact::DirectoryUsers]);
}

#[test]
fn the_fingerprint_outlives_another_rename() {
    let again = org().edit_user("a", |user| user.user_name = address("a.other"));
    same_id(RULE, &org(), &again);
}
