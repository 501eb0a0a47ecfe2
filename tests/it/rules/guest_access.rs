use overstay::model::finding::Severity;
use overstay::model::{Fact, IdpUser};

use super::org::{Org, address};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "guest-access";

fn guest(user: &mut IdpUser) {
    user.user_type = Some("Guest".into());
}

fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c");
    let org = org.access("a", "Read", "prod").access("b", "Admin", "prod").access("c", "Admin", "prod");
    org.edit_idp("a", guest).edit_idp("c", |user| {
        user.user_type = None;
        user.user_name = "c_partner.example#EXT#@corp.onmicrosoft.com".into();
    })
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Read", "prod").person("idle").edit_idp("idle", guest)
}

#[test]
fn guests_nobody_answers_for_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Medium);
    assert_eq!(report.found(RULE)[1].severity, Severity::High, "privileged");
    clean().report().clean(RULE);
}

#[test]
fn a_sponsor_who_is_here_answers_and_one_who_is_gone_does_not() {
    let sponsored = |name: &str| {
        let name = address(name);
        org().edit_idp("a", |user| user.manager = Some(name.clone())).edit_idp("c", |user| user.manager = Some(name))
    };
    sponsored("b").report().clean(RULE);
    sponsored("nobody-knows").report().clean(RULE);
    let gone = sponsored("b").gone("b", None).report();
    assert_eq!(gone.subjects(RULE), ["a", "c"]);
    assert!(gone.found(RULE)[0].detail.contains("the sponsor b@example.org is gone"));
}

#[test]
fn an_entry_that_allows_it_answers() {
    let policy = "[[access]]\nmatch = { group = \"a-Read-prod\" }\npermission_set = \"Read\"\naccounts = [\"prod\"]";
    assert_eq!(org().config(policy).report().subjects(RULE), ["c"]);
    let partial = org().config(policy).gap(Fact::IdpGroups).report();
    partial.silent(RULE);
    assert_eq!(partial.result(RULE).undecided, 1);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::IdpUsers, Fact::Assignments, Fact::Memberships, Fact::DirectoryUsers]);
    needs_whole(RULE, &clean(), &[Fact::IdpGroups, Fact::DeclaredLinks]);
}

#[test]
fn the_fingerprint_outlives_severity() {
    same_id(RULE, &org(), &org().direct("a", "Admin", "prod"));
}
