use overstay::model::event::{Action, LogKind};
use overstay::model::finding::Severity;
use overstay::model::{Event, Fact, IdpStatus};

use super::org::{Org, event, idp_id};
use super::report::{needs, same_id};

const RULE: &str = "sync-error";

fn entry(day: u32, action: Action, user: &str, succeeded: bool) -> Event {
    let mut entry = event(&format!("2026-09-{day:02}T00:00:00Z"), action);
    entry.id = format!("{day} {user}");
    entry.user = Some(idp_id(user).to_string());
    entry.succeeded = Some(succeeded);
    entry.detail = (!succeeded).then(|| "the name is taken".to_owned());
    entry
}

fn logged(org: Org, events: Vec<Event>) -> Org {
    org.asked(Fact::ProvisioningLog).events("idp:entra", LogKind::EntraProvisioning, events)
}

fn people() -> Org {
    Org::new().person("a").person("b").person("c").access("c", "Admin", "prod").gone("c", None)
}

fn clean() -> Org {
    logged(people(), vec![entry(1, Action::Provisioned, "b", true)])
}

/// Making `a` failed, disabling `c` failed; `b` went well.
fn org() -> Org {
    let events = vec![
        entry(1, Action::Provisioned, "a", false),
        entry(2, Action::Provisioned, "b", true),
        entry(3, Action::Deprovisioned, "c", false),
        entry(4, Action::Deprovisioned, "c", false),
    ];
    logged(people(), events)
}

#[test]
fn what_failed_and_was_not_put_right_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    let [a, c] = report.found(RULE) else { panic!() };
    assert_eq!((a.severity, c.severity), (Severity::Medium, Severity::High));
    assert!(
        c.detail.contains("failed 2 times since 2026-09-03") && c.detail.contains("the name is taken"),
        "{}",
        c.detail
    );
    assert_eq!((a.grants, c.grants), (0, 1));
    clean().report().clean(RULE);
}

#[test]
fn a_later_success_puts_it_right_and_an_earlier_one_does_not() {
    let story = |events| logged(people(), events).report();
    let failed = || entry(5, Action::Provisioned, "a", false);
    story(vec![failed(), entry(6, Action::Provisioned, "a", true)]).clean(RULE);
    assert_eq!(story(vec![entry(4, Action::Provisioned, "a", true), failed()]).subjects(RULE), ["a"]);
    assert_eq!(story(vec![failed(), entry(6, Action::Provisioned, "b", true)]).subjects(RULE), ["a"]);
}

#[test]
fn a_failed_removal_is_put_right_by_a_removal() {
    let failed = || entry(5, Action::Deprovisioned, "c", false);
    let updated = logged(people(), vec![failed(), entry(6, Action::Provisioned, "c", true)]);
    assert_eq!(updated.report().only(RULE).severity, Severity::High, "an update removes nobody");
    logged(people(), vec![failed(), entry(6, Action::Deprovisioned, "c", true)]).report().clean(RULE);
    let back = logged(people(), vec![failed()]).edit_idp("c", |user| user.status = IdpStatus::Active);
    back.report().clean(RULE);
    // Here, and without the application: still to be removed.
    let unassigned = back.application(0, |app| app.users = vec![idp_id("a")]);
    assert_eq!(unassigned.report().subjects(RULE), ["c"]);
    // Assigned by a group, which the application lists instead of its members.
    let grouped = unassigned.application(0, |app| app.groups = vec!["0c-c-Admin-prod".parse().unwrap()]);
    grouped.report().clean(RULE);
}

#[test]
fn groups_and_users_that_are_not_there_any_more_are_named_by_the_log() {
    let mut group = entry(5, Action::Provisioned, "x", false);
    (group.user, group.group, group.group_name) = (None, Some("0c-eng".into()), Some("eng".into()));
    assert_eq!(logged(people(), vec![group]).report().subjects(RULE), ["eng"]);
    let mut user = entry(5, Action::Deprovisioned, "x", false);
    user.user_name = Some("x@example.org".into());
    assert_eq!(logged(people(), vec![user]).report().subjects(RULE), ["x"]);
}

#[test]
fn an_entry_without_an_end_or_a_subject_is_undecided() {
    let mut endless = entry(5, Action::Provisioned, "a", false);
    endless.succeeded = None;
    let mut of_nobody = entry(5, Action::Provisioned, "a", false);
    of_nobody.user = None;
    for event in [endless, of_nobody] {
        let report = logged(people(), vec![event]).report();
        report.silent(RULE);
        assert_eq!(report.result(RULE).undecided, 1);
    }
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::ProvisioningLog]);
}

#[test]
fn the_fingerprint_outlives_more_failures() {
    let mut more = org();
    more.events[0].events.push(entry(9, Action::Provisioned, "a", false));
    same_id(RULE, &org(), &more);
}
