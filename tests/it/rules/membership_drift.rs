use overstay::model::finding::{Confidence, Severity};
use overstay::model::{Fact, IdpStatus};

use super::org::{Org, group_id};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "membership-drift";

/// Identity Center has `a`, `b` and `c` in the group, the identity provider only `b`.
fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c").idp_group("eng", &["b"]);
    org.directory_group("eng", &["a", "b", "c"]).grouped("eng", "Read", "prod")
}

fn clean() -> Org {
    Org::new().person("a").person("b").group("eng", &["b", "a"]).grouped("eng", "Read", "prod")
}

#[test]
fn members_the_provider_does_not_know_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::High && found.grants == 1));
    assert_eq!(report.found(RULE)[0].confidence, Confidence::Medium, "the groups correspond by name only");
    clean().report().clean(RULE);
}

#[test]
fn a_group_whose_members_are_not_known_accuses_nobody() {
    let mut org = org();
    org.idps[0].groups.as_mut().unwrap()[0].members_unknown = Some("hidden membership".to_owned());
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 2, "b is listed as a member, a and c may be");
}

#[test]
fn it_is_low_where_nothing_hangs_on_it() {
    let org = Org::new().person("a").idp_group("eng", &[]).directory_group("eng", &["a"]);
    assert_eq!(org.report().only(RULE).severity, Severity::Low);
}

#[test]
fn a_renamed_group_corresponds_by_its_id() {
    let org = clean().edit_group("eng", |group| group.name = "old name".into());
    org.report().clean(RULE);
}

#[test]
fn an_unmanaged_group_and_one_of_many_counterparts_accuse_nobody() {
    let unmanaged = Org::new().person("a").directory_group("x", &["a"]).grouped("x", "Read", "prod");
    unmanaged.report().clean(RULE);
    let mut twice = Org::new().person("a").idp_group("eng", &[]).directory_group("eng", &["a"]);
    let mut second = twice.idps[0].groups.as_ref().unwrap()[0].clone();
    second.id = "0c-other".parse().unwrap();
    twice.idps[0].groups.as_mut().unwrap().push(second);
    let report = twice.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn gone_orphaned_and_declared_people_are_left_to_their_rules() {
    let org = org().gone("a", None).edit_idp("c", |user| user.status = IdpStatus::Deleted);
    org.report().clean(RULE);
    let orphan = clean().by_hand("o").by_hand("bg");
    let mut orphan = orphan.config("[identities]\nbreak_glass = [{ user = \"bg@*\", owner = \"o@example.org\" }]");
    for name in ["o", "bg"] {
        let mut membership = orphan.aws.memberships[0].clone();
        membership.user = super::org::user_id(name);
        membership.group = group_id("eng");
        orphan.aws.memberships.push(membership);
    }
    orphan.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(
        RULE,
        &clean(),
        &[Fact::IdpUsers, Fact::IdpGroups, Fact::Memberships, Fact::DirectoryUsers, Fact::DirectoryGroups],
    );
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks]);
}

#[test]
fn the_fingerprint_outlives_renames_and_severity() {
    let org = Org::new().person("a").idp_group("eng", &[]).directory_group("eng", &["a"]);
    same_id(
        RULE,
        &org,
        &org.clone().grouped("eng", "Admin", "prod").edit_user("a", |user| user.user_name = "a".into()),
    );
}

#[test]
fn a_member_through_another_group_counts_where_provisioning_passes_that_on() {
    let mut org = clean();
    org.idps[0].groups.as_mut().unwrap()[0].nested = vec![super::org::idp_id("b")];
    org.report().clean(RULE);
    org.idps[0].kind = "entra".into();
    let report = org.report();
    assert_eq!(report.subjects(RULE), ["b"]);
    assert!(report.only(RULE).detail.contains("only through another group"), "{}", report.only(RULE).detail);
}
