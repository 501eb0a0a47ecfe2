use overstay::model::finding::Severity;
use overstay::model::{Fact, Known, Membership};

use super::org::{Org, group_id, user_id};
use super::report::{needs, same_id};

const RULE: &str = "empty-group-assignment";

fn org() -> Org {
    let org = Org::new().person("p").group("a", &[]).group("b", &["p"]).group("c", &[]).group("idle", &[]);
    org.grouped("a", "Read", "prod").grouped("b", "Read", "prod").grouped("c", "Admin", "prod")
}

fn clean() -> Org {
    Org::new().person("p").group("b", &["p"]).grouped("b", "Admin", "prod").group("idle", &[])
}

#[test]
fn groups_with_access_and_nobody_in_them_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Low);
    assert_eq!(report.found(RULE)[1].severity, Severity::Medium, "privileged");
    clean().report().clean(RULE);
}

#[test]
fn a_member_whom_the_list_lacks_is_a_member() {
    let mut org = Org::new().group("a", &[]).grouped("a", "Read", "prod");
    org.aws.memberships.push(Membership {
        group: group_id("a"),
        user: user_id("unlisted"),
        created_at: Known::Absent,
        created_by: None,
    });
    org.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::Memberships, Fact::DirectoryGroups, Fact::Assignments, Fact::PermissionSets]);
    org().gap(Fact::Memberships).report().not_evaluated(RULE);
}

#[test]
fn the_fingerprint_outlives_renames_and_severity() {
    let org = Org::new().group("a", &[]).grouped("a", "Read", "prod");
    same_id(RULE, &org, &org.clone().edit_group("a", |group| group.name = "new".into()).grouped("a", "Admin", "prod"));
}
