use overstay::model::finding::Severity;
use overstay::model::{Activation, Fact};

use super::org::Org;
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "standing-privileged-access";

fn policy(person: &str, set: &str, expires: Option<&str>) -> String {
    let expires = expires.map_or_else(String::new, |day| format!("expires = {day}"));
    format!(
        "[[access]]\nmatch = {{ person = \"{person}@*\" }}\npermission_set = \"{set}\"\naccounts = [\"prod\"]\n{expires}"
    )
}

/// `a` and `c` hold privilege without end, `b` until the year's, `d` only reads.
fn org() -> Org {
    let mut org = Org::new();
    for name in ["a", "b", "c"] {
        let end = (name == "b").then_some("2026-12-31");
        org = org.person(name).access(name, "Admin", "prod").config(&policy(name, "Admin", end));
    }
    org.person("d").access("d", "Read", "prod").config(&policy("d", "Read", None))
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Admin", "prod").config(&policy("b", "Admin", Some("2026-12-31")))
}

#[test]
fn privilege_without_an_end_is_named_where_others_have_one() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Medium));
    clean().report().clean(RULE);
}

#[test]
fn where_nothing_is_time_bound_nothing_is_said() {
    Org::new()
        .person("a")
        .access("a", "Admin", "prod")
        .config(&policy("a", "Admin", None))
        .report()
        .not_evaluated(RULE);
}

#[test]
fn what_no_entry_allows_is_another_rules() {
    let report = clean().person("x").direct("x", "Admin", "prod").report();
    report.clean(RULE);
    assert_eq!(report.subjects("access-outside-policy"), ["x"]);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(
        RULE,
        &clean(),
        &[Fact::IdpUsers, Fact::IdpGroups, Fact::PermissionSets, Fact::Assignments, Fact::Memberships],
    );
}

#[test]
fn the_fingerprint_outlives_paths() {
    same_id(RULE, &org(), &org().direct("a", "Admin", "prod"));
}

#[test]
fn what_was_given_for_a_time_is_not_standing() {
    let (from, until) = ("2026-09-30T12:00:00Z", Some("2026-09-30T20:00:00Z"));
    let mut org = clean();
    for name in ["x", "y", "z"] {
        org = org.person(name).config(&policy(name, "Admin", None)).approval(name, ("Admin", "prod"), from, until);
    }
    // `x` holds it by hand, `y` in a group since, `z` in a group from before.
    let org = org.direct("x", "Admin", "prod").access("y", "Admin", "prod").access("z", "Admin", "prod");
    let org = org.member_since("y-Admin-prod", "y", "2026-09-30T12:00:05Z");
    let org = org.member_since("z-Admin-prod", "z", "2026-01-01T00:00:00Z");
    assert_eq!(org.report().subjects(RULE), ["z"]);
    assert_eq!(org.approvals_read().direct("z", "Admin", "prod").report().only(RULE).grants, 1, "the older path");
}

#[test]
fn an_approval_without_an_end_or_past_it_bounds_nothing() {
    let org = clean().person("x").config(&policy("x", "Admin", None)).direct("x", "Admin", "prod");
    org.clone().approval("x", ("Admin", "prod"), "2026-09-30T12:00:00Z", None).report().only(RULE);
    org.approval("x", ("Admin", "prod"), "2026-09-01T00:00:00Z", Some("2026-09-02T00:00:00Z")).report().only(RULE);
}

/// `user` is in the group of `holder` for a time only.
fn activated(mut org: Org, holder: &str, user: &str, from: &str, until: &str) -> Org {
    let user = org.idps[0].users.iter().find(|one| one.user_name.starts_with(&format!("{user}@"))).unwrap().id.clone();
    let name = format!("{holder}-Admin-prod");
    let group = org.idps[0].groups.iter().flatten().find(|group| group.name == name).unwrap().id.clone();
    let origin = "GET assignmentScheduleInstances, page 1".to_owned();
    let activation =
        Activation { group, user, from: Some(from.parse().unwrap()), until: until.parse().unwrap(), origin };
    org.idps[0].activations.push(activation);
    org
}

#[test]
fn a_membership_that_ends_by_itself_is_not_standing() {
    let today = ("2026-09-30T08:00:00Z", "2026-09-30T20:00:00Z");
    let yesterday = ("2026-09-29T08:00:00Z", "2026-09-29T20:00:00Z");
    let tomorrow = ("2026-10-01T08:00:00Z", "2026-10-01T20:00:00Z");
    let mut org = clean().asked(Fact::Activations);
    for name in ["v", "w", "x", "y", "z"] {
        org = org.person(name).access(name, "Admin", "prod").config(&policy(name, "Admin", None));
    }
    // `v` and `x` are in their groups today, `w` was, `y` will be, and of `z` nothing is told but for another's group.
    for (name, (from, until)) in [("x", today), ("w", yesterday), ("v", yesterday), ("v", today), ("y", tomorrow)] {
        org = activated(org, name, name, from, until);
    }
    let org = activated(org, "x", "z", today.0, today.1);
    assert_eq!(org.report().subjects(RULE), ["w", "y", "z"]);
    // The same privilege by hand has no end.
    let found = org.clone().direct("x", "Admin", "prod").report();
    assert_eq!(found.subjects(RULE), ["w", "x", "y", "z"]);
    // Where the provider could not be asked, nobody is said to be clean.
    needs_whole(RULE, &clean().asked(Fact::Activations), &[Fact::Activations]);
}
