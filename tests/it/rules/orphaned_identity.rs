use overstay::model::finding::Severity;
use overstay::model::{Fact, IdpStatus};

use super::org::Org;
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "orphaned-identity";

fn org() -> Org {
    let org = Org::new().by_hand("a").person("b").by_hand("c").by_hand("idle");
    org.access("a", "Read", "prod").access("b", "Read", "prod").access("c", "Admin", "prod")
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Admin", "prod")
}

#[test]
fn whoever_no_provider_knows_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::High);
    assert_eq!(report.found(RULE)[1].severity, Severity::Critical, "privileged");
    clean().report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpUsers, Fact::DirectoryUsers, Fact::Assignments, Fact::Memberships]);
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks]);
}

#[test]
fn a_provider_read_in_part_accuses_nobody() {
    org().gap(Fact::IdpUsers).report().not_evaluated(RULE);
}

#[test]
fn one_known_to_the_second_provider_is_no_orphan() {
    let org = Org::new().idp("okta").by_hand("a").access("a", "Read", "prod").idp_only(1, "a");
    org.report().clean(RULE);
}

#[test]
fn declared_identities_are_no_orphans() {
    let declared = "[identities]\nservice = [{ user = \"a@*\", owner = \"o@example.org\" }]\nbreak_glass = [{ user = \"c@example.org\", owner = \"o@example.org\" }]";
    org().config(declared).report().clean(RULE);
}

#[test]
fn a_gone_counterpart_is_the_leavers_rule() {
    let org = Org::new().person("a").access("a", "Read", "prod").edit_idp("a", |user| user.status = IdpStatus::Deleted);
    org.report().clean(RULE);
}

#[test]
fn an_ambiguous_user_is_undecided() {
    let mut org = Org::new().by_hand("a").access("a", "Read", "prod").idp_only(0, "x").idp_only(0, "y");
    for user in &mut org.idps[0].users {
        user.email = Some("a@example.org".into());
    }
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn the_fingerprint_outlives_renames_and_severity() {
    let org = Org::new().by_hand("a").access("a", "Read", "prod");
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "new".into()).direct("a", "Admin", "prod"));
}
