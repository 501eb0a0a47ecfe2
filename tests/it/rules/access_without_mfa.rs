use overstay::model::application::SecondFactorDemand;
use overstay::model::finding::Severity;
use overstay::model::person::SecondFactor;
use overstay::model::{Fact, IdpStatus, Known};
use overstay::rules::Verdict;

use super::org::{Org, idp_user};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "access-without-mfa";

fn with(org: Org, name: &str, factor: Known<SecondFactor>) -> Org {
    org.edit_idp(name, |user| user.second_factor = factor)
}

fn clean() -> Org {
    let org = Org::new().asked(Fact::SecondFactors).person("b").access("b", "Admin", "prod");
    with(org, "b", Known::Value(SecondFactor::Strong))
}

/// `a` and `c` have registered nothing, `b` has.
fn org() -> Org {
    let org = clean().person("a").person("c").access("a", "Read", "prod").access("c", "Admin", "prod");
    with(with(org, "a", Known::Absent), "c", Known::Absent)
}

#[test]
fn whoever_has_registered_nothing_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Medium);
    assert_eq!(report.found(RULE)[1].severity, Severity::High, "privileged");
    clean().report().clean(RULE);
}

#[test]
fn a_phone_alone_is_noted() {
    let phone = Known::Value(SecondFactor::Phone);
    let report = with(with(org(), "a", phone.clone()), "c", phone).report();
    let severities: Vec<Severity> = report.found(RULE).iter().map(|found| found.severity).collect();
    assert_eq!(severities, [Severity::Low, Severity::Medium]);
    assert!(report.found(RULE)[0].detail.contains("only a phone number"), "{}", report.found(RULE)[0].detail);
}

#[test]
fn what_is_asked_for_stands_beside_what_is_registered() {
    let says = |demand: Known<SecondFactorDemand>, words: &str| {
        let report = org().application(0, |app| app.second_factor = demand).report();
        assert!(report.found(RULE)[0].detail.contains(words), "{}", report.found(RULE)[0].detail);
    };
    says(Known::Value(SecondFactorDemand::Everyone("policy MFA".into())), "from everyone, by policy MFA");
    says(Known::Value(SecondFactorDemand::Some(vec!["admins".into()])), "from some people only, by admins");
    says(Known::Value(SecondFactorDemand::Nobody), "No policy takes one");
    says(Known::Unknown("no permission".into()), "is not known: no permission");
    assert!(org().report().found(RULE)[0].detail.contains("is not known"));
}

#[test]
fn whose_factors_are_not_known_is_undecided() {
    let report = with(clean(), "b", Known::Unknown("not asked".into())).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
    // A second provider without such details signs the person in as well.
    let mut two = clean().idp("export");
    two.idps[1].users.push(idp_user("b"));
    assert_eq!(two.report().result(RULE).undecided, 1);
    // Unless it is known that the first one does.
    two.application(0, |_| {}).report().clean(RULE);
}

#[test]
fn a_record_that_cannot_sign_in_needs_nothing() {
    let mut two = clean().idp("okta");
    let mut gone = idp_user("b");
    (gone.status, gone.second_factor) = (IdpStatus::Disabled, Known::Absent);
    two.idps[1].users.push(gone);
    two.report().clean(RULE);
}

#[test]
fn gone_orphaned_and_declared_people_are_left_to_their_rules() {
    let org = org().gone("a", None).by_hand("o").access("o", "Read", "prod");
    let org = org.config("[identities]\nbreak_glass = [{ user = \"c@*\", owner = \"o@example.org\" }]");
    org.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(
        RULE,
        &clean(),
        &[Fact::SecondFactors, Fact::IdpUsers, Fact::Assignments, Fact::Memberships, Fact::DirectoryUsers],
    );
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks]);
}

#[test]
fn why_no_source_tells_is_said() {
    let reason = |org: Org| match &org.report().result(RULE).verdict {
        Verdict::NotEvaluated(why) => why[0].clone(),
        other => panic!("{other:?}"),
    };
    let unlicensed = org().not_offered(Fact::SecondFactors, "needs Entra ID P1");
    let expected = "no source tells registered second factors (idp:entra: needs Entra ID P1)";
    assert_eq!(reason(unlicensed.clone()), expected, "asked, and the source does not have it");
    assert_eq!(reason(unlicensed.unasked(Fact::SecondFactors)), expected);
}

#[test]
fn the_fingerprint_outlives_severity() {
    same_id(RULE, &org(), &org().direct("a", "Admin", "prod"));
}
