use overstay::model::event::{Action, LogKind};
use overstay::model::finding::Severity;
use overstay::model::{Event, Fact, IdpUser, Known};

use super::org::{Org, at, event, idp_user, user_id};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "dormant-access";

fn signed_in(org: Org, name: &str, when: &str) -> Org {
    org.edit_idp(name, |user| user.last_sign_in_at = Known::Value(at(when)))
}

fn clean() -> Org {
    let org = Org::new().asked(Fact::SignIns).person("b").access("b", "Admin", "prod");
    signed_in(org, "b", "2026-09-29T00:00:00Z")
}

/// `a` and `c` have not signed in since spring, `b` has.
fn org() -> Org {
    let org = clean().person("a").person("c").access("a", "Read", "prod").access("c", "Admin", "prod");
    signed_in(signed_in(org, "a", "2026-04-01T00:00:00Z"), "c", "2026-04-01T00:00:00Z")
}

#[test]
fn whoever_does_not_sign_in_any_more_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Medium);
    assert_eq!(report.found(RULE)[1].severity, Severity::High, "privileged");
    clean().report().clean(RULE);
}

#[test]
fn the_threshold_is_the_configs() {
    org().config("[policy]\ndormant_after = \"365d\"").report().clean(RULE);
    assert_eq!(clean().config("[policy]\ndormant_after = \"1d\"").report().subjects(RULE), ["b"]);
    // Met on the second.
    signed_in(clean(), "b", "2026-07-02T17:00:00Z").report().clean(RULE);
    assert_eq!(signed_in(clean(), "b", "2026-07-02T16:59:59Z").report().subjects(RULE), ["b"]);
}

#[test]
fn never_is_long_only_for_a_user_who_is_old() {
    let never = |org: Org| org.edit_idp("b", |user| user.last_sign_in_at = Known::Absent);
    assert!(never(clean()).report().only(RULE).detail.starts_with("Never signed in"));
    never(clean())
        .edit_user("b", |user| user.created_at = Known::Value(at("2026-09-01T00:00:00Z")))
        .report()
        .clean(RULE);
    let report = never(clean()).edit_user("b", |user| user.created_at = Known::Unknown("hidden".into())).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn of_several_records_the_latest_counts_and_one_that_does_not_tell_leaves_doubt() {
    let two = |edit: fn(&mut IdpUser)| {
        let mut org = signed_in(clean(), "b", "2026-01-01T00:00:00Z").idp("okta");
        let mut other = idp_user("b");
        edit(&mut other);
        org.idps[1].users.push(other);
        org.report()
    };
    two(|user| user.last_sign_in_at = Known::Value(at("2026-09-01T00:00:00Z"))).clean(RULE);
    let unknown = two(|user| user.last_sign_in_at = Known::Unknown("not collected".into()));
    unknown.silent(RULE);
    assert_eq!(unknown.result(RULE).undecided, 1);
    assert_eq!(two(|_| {}).subjects(RULE), ["b"], "never signed in at the second");
}

#[test]
fn a_use_in_the_log_is_a_sign_of_life() {
    let mut used: Event = event("2026-09-20T00:00:00Z", Action::RoleUsed);
    used.user = Some(user_id("a").to_string());
    let org = org().events("aws", LogKind::CloudTrail, vec![used]);
    assert_eq!(org.report().subjects(RULE), ["c"]);
}

#[test]
fn what_is_concluded_later_than_it_was_read_is_not_older_for_that() {
    clean().on("2027-06-01T00:00:00Z").report().clean(RULE);
}

#[test]
fn gone_orphaned_and_declared_people_are_left_to_their_rules() {
    let org = org().gone("a", None).by_hand("o").access("o", "Read", "prod");
    let org = org.config("[identities]\nbreak_glass = [{ user = \"c@*\", owner = \"o@example.org\" }]");
    org.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::SignIns, Fact::IdpUsers, Fact::Assignments, Fact::Memberships, Fact::DirectoryUsers]);
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks]);
}

#[test]
fn the_fingerprint_outlives_severity() {
    same_id(RULE, &org(), &org().direct("a", "Admin", "prod"));
}
