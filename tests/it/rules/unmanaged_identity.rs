use overstay::model::finding::Severity;
use overstay::model::{ExternalId, Fact};

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "unmanaged-identity";

/// `a` and `c` were made by hand beside what provisioning made; the identity provider knows both.
fn org() -> Org {
    let org = Org::new().by_hand("a").person("b").by_hand("c").person("d").person("e").person("f").person("g");
    org.idp_only(0, "a").idp_only(0, "c").access("c", "Admin", "prod").access("b", "Admin", "prod")
}

fn clean() -> Org {
    Org::new().person("b").person("d").access("b", "Admin", "prod")
}

#[test]
fn what_was_made_by_hand_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Medium);
    assert_eq!(report.found(RULE)[1].severity, Severity::High, "privileged");
    clean().report().clean(RULE);
}

#[test]
fn an_earlier_tenants_id_is_not_this_ones() {
    let org = clean().person("z").edit_user("z", |user| {
        user.external_ids = vec![ExternalId { issuer: "https://scim.example/tenant-0".into(), id: "0b-z".into() }];
    });
    let report = org.report();
    assert!(report.only(RULE).detail.contains("tenant-0"), "{}", report.only(RULE).detail);
}

#[test]
fn a_group_made_by_hand_is_reported_by_one_rule() {
    let by_name = clean().idp_group("g", &["b"]).directory_group("g", &["b"]).grouped("g", "Read", "prod");
    assert_eq!(by_name.report().subjects(RULE), ["g"]);
    let nowhere = clean().directory_group("g", &["b"]).grouped("g", "Read", "prod");
    nowhere.report().clean(RULE);
    assert_eq!(nowhere.report().subjects("unmanaged-group"), ["g"]);
    assert_eq!(nowhere.unasked(Fact::IdpGroups).report().subjects(RULE), ["g"], "where that one can't say");
}

#[test]
fn orphans_with_access_and_declared_identities_are_left_to_their_rules() {
    let org = clean().by_hand("o").access("o", "Read", "prod").by_hand("bg");
    let org = org
        .person("x")
        .person("y")
        .config("[identities]\nbreak_glass = [{ user = \"bg@*\", owner = \"b@example.org\" }]");
    let report = org.report();
    report.clean(RULE);
    assert_eq!(report.subjects("orphaned-identity"), ["o"]);
}

#[test]
fn where_nothing_provisions_nothing_is_said() {
    Org::new().by_hand("a").by_hand("b").person("c").report().not_evaluated(RULE);
    Org::new().report().not_evaluated(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::DirectoryUsers, Fact::DirectoryGroups, Fact::Assignments, Fact::Memberships]);
}

#[test]
fn the_fingerprint_outlives_renames_and_severity() {
    same_id(RULE, &org(), &org().direct("a", "Admin", "prod").edit_user("a", |user| user.display_name = None));
}
