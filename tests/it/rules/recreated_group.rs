use overstay::model::Fact;

use super::org::{Org, group_id, set_arn};
use crate::lifecycle::story::Story;

const RULE: &str = "recreated-group";

fn org() -> Org {
    let org = Org::new().person("a").group("first", &["a"]).group("kept", &["a"]).group("last", &["a"]);
    org.grouped("first", "Read", "prod").grouped("kept", "Read", "prod").grouped("last", "Admin", "prod")
}

/// Groups of these names are deleted and made again with new ids.
fn made_again(org: Org, names: &[&str]) -> Org {
    names.iter().fold(org, |mut org, name| {
        org.aws.memberships.retain(|membership| membership.group != group_id(name));
        org.edit_group(name, |group| group.id = format!("g2-{name}").parse().unwrap())
    })
}

#[test]
fn groups_that_were_made_again_are_named_before_and_after_one_that_was_not() {
    let story = Story::new(org()).then("2026-08-10T12:00:00Z", |org| made_again(org, &["first", "last"]));
    let report = story.tell().report;
    assert_eq!(report.subjects(RULE), ["first", "last"]);
    assert!(report.found(RULE)[0].detail.starts_with("first was deleted and made again as g2-first."), "{report:?}");
    let dangling = report.found("dangling-assignment");
    assert!(dangling[0].detail.contains("which was called first in an earlier snapshot"), "{dangling:?}");
}

#[test]
fn what_was_deleted_for_good_or_cleaned_up_is_clean() {
    Story::new(org()).tell().report.clean(RULE);
    let deleted = Story::new(org()).then("2026-08-10T12:00:00Z", |mut org| {
        org.aws.groups.retain(|group| group.id != group_id("first"));
        org
    });
    deleted.tell().report.clean(RULE);
    let cleaned = Story::new(org()).then("2026-08-10T12:00:00Z", |org| {
        let mut org = made_again(org, &["first"]);
        org.aws.assignments.retain(|assignment| assignment.permission_set != set_arn("Read"));
        org
    });
    cleaned.tell().report.clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    org().report().not_evaluated(RULE);
    for fact in [Fact::Assignments, Fact::DirectoryGroups] {
        Story::new(org()).then("2026-09-30T00:00:00Z", |org| org.gap(fact)).tell().report.not_clean(RULE);
    }
}
