use overstay::model::event::{Action, LogKind};
use overstay::model::finding::Severity;
use overstay::model::{Event, Fact};

use super::org::Org;
use super::report::needs_whole;
use crate::lifecycle::story::by_admin;

const RULE: &str = "provisioning-token-expiring";

fn token(when: &str, action: Action, id: &str) -> Event {
    Event { detail: Some(id.to_owned()), ..by_admin(when, action) }
}

fn org(events: Vec<Event>) -> Org {
    Org::new().asked(Fact::CloudTrail).events("aws", LogKind::CloudTrail, events)
}

fn made(when: &str) -> Org {
    org(vec![token(when, Action::TokenCreated, "t1")])
}

#[test]
fn a_token_that_ends_soon_is_found_and_one_that_does_not_is_not() {
    let soon = made("2025-12-01T00:00:00Z").report();
    assert_eq!(soon.only(RULE).severity, Severity::Medium);
    assert!(soon.only(RULE).detail.contains("ends at 2026-12-01T00:00:00Z, in 61 days"), "{}", soon.only(RULE).detail);
    assert_eq!(made("2025-10-10T00:00:00Z").report().only(RULE).severity, Severity::High, "ten days are left");
    let over = made("2025-09-20T00:00:00Z").report();
    assert!(
        over.only(RULE).detail.starts_with("The token ended at 2026-09-20T00:00:00Z."),
        "{}",
        over.only(RULE).detail
    );
    made("2026-03-01T00:00:00Z").report().clean(RULE);
}

#[test]
fn the_newest_that_is_not_deleted_is_judged() {
    let old = token("2025-10-01T00:00:00Z", Action::TokenCreated, "t1");
    let new = token("2026-06-01T00:00:00Z", Action::TokenCreated, "t2");
    org(vec![old.clone(), new.clone()]).report().clean(RULE);
    org(vec![new.clone(), old.clone()]).report().clean(RULE);
    let deleted = token("2026-07-01T00:00:00Z", Action::TokenDeleted, "t2");
    assert_eq!(org(vec![old, new, deleted]).report().found(RULE).len(), 1);
}

#[test]
fn the_config_says_it_where_no_log_does() {
    let aws = |day: &str| Org::new().config(&format!("[aws]\nregion = \"eu-west-1\"\nscim_token_expires = {day}"));
    assert_eq!(aws("2026-10-05").report().only(RULE).severity, Severity::High);
    aws("2027-03-31").report().clean(RULE);
}

#[test]
fn what_nobody_tells_is_never_clean() {
    Org::new().report().not_evaluated(RULE);
    assert_eq!(org(Vec::new()).report().result(RULE).undecided, 1);
    needs_whole(RULE, &made("2026-03-01T00:00:00Z"), &[Fact::CloudTrail]);
}
