use overstay::model::finding::Severity;
use overstay::model::{Fact, HrStatus};

use super::org::Org;
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "unowned-service-identity";

fn declare(name: &str, owner: &str) -> String {
    format!("{{ user = \"{name}@*\", owner = \"{owner}@example.org\" }}")
}

fn with(org: Org, services: &[String], break_glass: &[String]) -> Org {
    org.config(&format!(
        "[identities]\nservice = [{}]\nbreak_glass = [{}]",
        services.join(", "),
        break_glass.join(", ")
    ))
}

fn base() -> Org {
    Org::new().person("here").person("left").by_hand("a").by_hand("b").by_hand("c").gone("left", None)
}

fn org() -> Org {
    with(base(), &[declare("a", "left"), declare("b", "here")], &[declare("c", "left")])
}

fn clean() -> Org {
    with(base(), &[declare("a", "here"), declare("b", "here")], &[declare("c", "here")])
}

#[test]
fn identities_whose_owner_is_gone_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::High));
    assert_eq!(report.result(RULE).population, 3);
    clean().report().clean(RULE);
    assert_eq!(clean().hr("here", HrStatus::Terminated).report().subjects(RULE), ["a", "b", "c"]);
}

#[test]
fn an_owner_whom_nobody_knows_is_undecided() {
    let report = with(base(), &[declare("a", "team")], &[]).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn a_service_with_access_that_nobody_declared_is_named() {
    let service = |org: Org| org.edit_idp("svc", |user| user.user_type = Some("Service".into()));
    let org = service(clean().person("svc"));
    org.report().clean(RULE);
    assert_eq!(org.access("svc", "Read", "prod").report().subjects(RULE), ["svc"]);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpUsers, Fact::DirectoryUsers]);
    needs_whole(RULE, &clean().hr("here", HrStatus::Active), &[Fact::HrRecords]);
}

#[test]
fn the_fingerprint_outlives_another_owner() {
    let other =
        with(base().person("x").gone("x", None), &[declare("a", "x"), declare("b", "here")], &[declare("c", "x")]);
    same_id(RULE, &org(), &other);
}
