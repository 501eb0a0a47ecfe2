use overstay::model::event::{Action, LogKind, Window};
use overstay::model::{Event, Fact, Known};
use overstay::rules::Verdict;

use super::org::{NOW, Org, at, event, group_id, set_arn, user_id};
use super::report::{needs, same_id};

const RULE: &str = "never-used-access";

fn used(user: &str, set: &str, account: &str) -> Event {
    let mut used = event("2026-09-20T00:00:00Z", Action::RoleUsed);
    used.id = format!("{user} {set}");
    used.user = Some(user_id(user).to_string());
    (used.account, used.permission_set) = (Some(account.to_owned()), Some(set.to_owned()));
    used
}

/// Everybody joined in March, and the log reaches back to January.
fn logged(org: Org, events: Vec<Event>) -> Org {
    let mut org = org.asked(Fact::CloudTrail).events("aws", LogKind::CloudTrail, events);
    org.events[0].covered = vec![Window { from: at("2026-01-01T00:00:00Z"), to: at(NOW) }];
    for membership in &mut org.aws.memberships {
        membership.created_at = Known::Value(at("2026-03-01T00:00:00Z"));
    }
    org
}

const PROD: &str = "100000000001";

fn clean() -> Org {
    logged(Org::new().person("b").access("b", "Admin", "prod"), vec![used("b", "ADMIN", PROD)])
}

/// `a` and `c` use nothing; `b` does.
fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c");
    let org = org.access("a", "Read", "prod").access("b", "Admin", "prod").access("c", "Admin", "prod");
    logged(org, vec![used("b", "Admin", PROD)])
}

#[test]
fn what_nobody_used_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE)[0].detail.contains("Held since 2026-03-01"), "{}", report.found(RULE)[0].detail);
    clean().report().clean(RULE);
}

#[test]
fn use_is_of_one_permission_set_on_one_account() {
    let org = |set: &str, account: &str| {
        logged(Org::new().person("b").access("b", "Admin", "prod"), vec![used("b", set, account)])
    };
    assert_eq!(org("Read", PROD).report().subjects(RULE), ["b"]);
    assert_eq!(org("Admin", "100000000000").report().subjects(RULE), ["b"]);
    let mut failed = clean();
    failed.events[0].events[0].succeeded = Some(false);
    assert_eq!(failed.report().subjects(RULE), ["b"], "what was refused is no use");
}

#[test]
fn what_is_young_is_not_unused() {
    let mut org = org();
    for membership in &mut org.aws.memberships {
        membership.created_at = Known::Value(at("2026-09-01T00:00:00Z"));
    }
    org.report().clean(RULE);
    // The membership is old, and the assignment is not.
    let mut assigned = event("2026-09-10T00:00:00Z", Action::AssignmentCreated);
    assigned.group = Some(group_id("a-Read-prod").to_string());
    (assigned.account, assigned.permission_set) = (Some(PROD.to_owned()), Some(set_arn("Read").to_string()));
    let org = logged(Org::new().person("a").access("a", "Read", "prod"), vec![assigned]);
    org.report().clean(RULE);
}

#[test]
fn a_log_that_does_not_cover_the_whole_life_says_nothing() {
    let undecided = |org: Org| {
        let report = org.report();
        report.silent(RULE);
        report.result(RULE).undecided
    };
    let mut late = org();
    late.events[0].covered[0].from = at("2026-04-01T00:00:00Z");
    assert_eq!(undecided(late), 2);
    let mut ended = org();
    ended.events[0].covered[0].to = at("2026-09-28T00:00:00Z");
    assert_eq!(undecided(ended), 2);
    let mut holed = org();
    holed.events[0].covered = [("2026-01-01", "2026-06-01"), ("2026-06-02", "2026-09-30")]
        .map(|(from, to)| Window { from: at(&format!("{from}T00:00:00Z")), to: at(&format!("{to}T17:00:00Z")) })
        .to_vec();
    assert_eq!(undecided(holed), 2);
    assert_eq!(undecided(logged(Org::new().person("a").direct("a", "Read", "prod"), Vec::new())), 1, "no date");
}

#[test]
fn a_direct_assignment_that_the_log_saw_made_is_judged() {
    let mut assigned = event("2026-02-01T00:00:00Z", Action::AssignmentCreated);
    assigned.user = Some(user_id("a").to_string());
    (assigned.account, assigned.permission_set) = (Some(PROD.to_owned()), Some(set_arn("Read").to_string()));
    let org = logged(Org::new().person("a").direct("a", "Read", "prod"), vec![assigned]);
    assert!(org.report().only(RULE).detail.contains("2026-02-01"));
}

#[test]
fn a_use_that_cannot_be_ascribed_may_be_anybodys() {
    let mut nameless = used("a", "Read", PROD);
    nameless.user = None;
    let org = logged(Org::new().person("a").access("a", "Read", "prod"), vec![nameless.clone()]);
    let report = org.report();
    report.silent(RULE);
    assert!(matches!(&report.result(RULE).verdict, Verdict::Partial(why) if why[0].contains("1 uses")));
    nameless.user_name = Some("A@example.org".into());
    logged(Org::new().person("a").access("a", "Read", "prod"), vec![nameless.clone()]).report().clean(RULE);
    let mut vague = nameless;
    (vague.user, vague.permission_set) = (Some(user_id("a").to_string()), None);
    let org = logged(Org::new().person("a").access("a", "Read", "prod"), vec![vague]);
    assert_eq!(org.report().result(RULE).undecided, 1);
}

#[test]
fn gone_and_declared_people_are_left_to_their_rules() {
    let org = org().gone("a", None);
    let org = org.config("[identities]\nbreak_glass = [{ user = \"c@*\", owner = \"o@example.org\" }]");
    org.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::CloudTrail, Fact::Assignments, Fact::Memberships, Fact::DirectoryUsers]);
}

#[test]
fn the_fingerprint_outlives_the_path() {
    same_id(
        RULE,
        &org(),
        &logged(org().group("second", &["a"]).grouped("second", "Read", "prod"), vec![used("b", "Admin", PROD)]),
    );
}
