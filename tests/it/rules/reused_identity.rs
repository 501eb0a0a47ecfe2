use overstay::model::finding::{Confidence, Severity};
use overstay::model::{ExternalId, Fact};

use super::org::{ISSUER, Org, address, directory_user};
use super::report::{needs, same_id};

const RULE: &str = "reused-identity";

/// The names of `a` and `c` now belong to `a2` and `c2`; `b` is himself.
fn org() -> Org {
    let mut org = Org::new().person("a").person("b").person("c");
    for (old, new) in [("a", "a2"), ("c", "c2")] {
        org = org.edit_idp(old, |user| {
            user.user_name = format!("{old}.left@example.org");
            user.email = None;
        });
        org = org.idp_only(0, new).edit_idp(new, |user| {
            user.user_name = address(old);
            user.email = Some(address(old));
        });
    }
    org.access("a", "Admin", "prod")
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Read", "prod")
}

#[test]
fn an_id_of_one_and_a_name_of_another_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::High));
    clean().report().clean(RULE);
}

#[test]
fn it_is_critical_when_the_owner_of_the_id_is_gone_and_access_is_held() {
    let report = org().gone("a", None).gone("c", None).report();
    assert_eq!(report.found(RULE)[0].severity, Severity::Critical);
    assert_eq!(report.found(RULE)[1].severity, Severity::High, "holds nothing");
    assert_eq!(report.subjects("leaver-holds-access"), ["a"], "the access is judged as the id's owner's");
}

#[test]
fn a_name_that_leads_to_several_others_is_reused_all_the_same() {
    let org = org().idp_only(0, "a3").edit_idp("a3", |user| {
        user.user_name = address("a");
        user.email = Some(address("a"));
    });
    let report = org.report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE)[0].detail.contains("or another record"), "{}", report.found(RULE)[0].detail);
}

#[test]
fn an_id_of_nobody_under_a_name_of_somebody_is_named_with_doubt() {
    let mut org = Org::new().person("a").person("b").idp_only(0, "x");
    let mut left = directory_user("x");
    left.external_ids.push(ExternalId { issuer: ISSUER.into(), id: "0b-long-gone".into() });
    org.aws.users.push(left);
    let report = org.report();
    assert_eq!(report.only(RULE).confidence, Confidence::Low);
    assert_eq!(report.subjects(RULE), ["x"]);
}

#[test]
fn ids_of_another_tenant_are_foreign_and_not_stale() {
    let mut org = Org::new().person("a");
    for name in ["x", "y", "z"] {
        org = org.idp_only(0, name);
        let mut user = directory_user(name);
        user.external_ids.push(ExternalId { issuer: ISSUER.into(), id: format!("old-tenant-{name}") });
        org.aws.users.push(user);
    }
    org.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::DirectoryUsers, Fact::IdpUsers]);
}

#[test]
fn the_fingerprint_outlives_severity() {
    same_id(RULE, &org(), &org().gone("a", None));
}
