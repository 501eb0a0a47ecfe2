use overstay::model::application::JobState;
use overstay::model::event::{Action, LogKind};
use overstay::model::{Event, Fact, Known};
use overstay::rules::Verdict;

use super::deprovisioning_disabled::job;
use super::org::{Org, at, event, idp_id};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "sync-stalled";

/// A job that last succeeded then, for the application that `b` holds.
fn succeeded(org: Org, idp: usize, when: &str) -> Org {
    org.application(idp, |app| {
        app.id = format!("app-{idp}");
        app.users = vec![idp_id("b")];
        app.job = job(JobState::Running, Known::Value(Vec::new()));
        if let Known::Value(job) = &mut app.job {
            job.last_success_at = Known::Value(at(when));
        }
    })
}

fn clean() -> Org {
    succeeded(Org::new().asked(Fact::ProvisioningJob).person("b"), 0, "2026-09-30T16:30:00Z")
}

fn changed(when: &str, user: &str) -> Event {
    let mut changed = event(when, Action::UserDisabled);
    changed.user = Some(idp_id(user).to_string());
    changed
}

fn quarantined(org: Org, idp: usize) -> Org {
    org.application(idp, |app| {
        app.id = format!("app-{idp}");
        app.job = job(JobState::Quarantined, Known::Value(Vec::new()));
        if let Known::Value(job) = &mut app.job {
            job.detail = Some("the token has expired".into());
        }
    })
}

/// Of three providers' jobs the outer two stand still.
fn org() -> Org {
    let org = quarantined(clean().idp("middle").idp("other"), 0);
    quarantined(succeeded(org, 1, "2026-09-30T16:30:00Z"), 2)
}

#[test]
fn a_job_in_quarantine_is_named_with_the_reason() {
    let report = org().report();
    assert_eq!(report.subjects(RULE).len(), 2);
    assert!(report.found(RULE)[0].detail.contains("quarantine: the token has expired"));
    clean().report().clean(RULE);
}

#[test]
fn a_change_that_has_waited_too_long_is_a_stall() {
    let waited = |when: &str| {
        succeeded(clean(), 0, "2026-09-30T10:00:00Z").events("idp:entra", LogKind::EntraAudit, vec![changed(when, "b")])
    };
    let report = waited("2026-09-30T12:00:00Z").report();
    assert!(report.only(RULE).detail.contains("has waited 5.0 hours"), "{}", report.only(RULE).detail);
    waited("2026-09-30T15:30:00Z").report().clean(RULE);
    waited("2026-09-30T09:00:00Z").config("[policy]\nsync_sla = \"4h\"").report().clean(RULE);
    assert_eq!(waited("2026-09-30T15:30:00Z").config("[policy]\nsync_sla = \"20m\"").report().found(RULE).len(), 1);
}

#[test]
fn a_status_that_changed_since_is_a_change() {
    let org = succeeded(clean(), 0, "2026-09-29T00:00:00Z").gone("b", Some("2026-09-29T12:00:00Z"));
    assert_eq!(org.report().found(RULE).len(), 1);
}

#[test]
fn whoever_is_assigned_by_a_group_is_waited_for_as_well() {
    let org = succeeded(clean().idp_group("all", &["b"]), 0, "2026-09-29T00:00:00Z");
    let org = org.gone("b", Some("2026-09-29T12:00:00Z")).application(0, |app| app.users.clear());
    org.report().silent(RULE);
    let org = org.application(0, |app| app.groups = vec!["0c-all".parse().unwrap()]);
    assert_eq!(org.report().found(RULE).len(), 1);
    let mut nested = org.clone();
    nested.idps[0].kind = "entra".into();
    nested.idps[0].groups.as_mut().unwrap()[0].nested = vec![idp_id("b")];
    nested.report().silent(RULE);
    // Where nobody needs to be assigned, everybody is.
    let open = nested.application(0, |app| app.assignment_required = Known::Value(false));
    assert_eq!(open.report().found(RULE).len(), 1);
}

#[test]
fn what_is_not_passed_on_waits_for_nothing() {
    let log = vec![changed("2026-09-29T00:00:00Z", "stranger")];
    let org = succeeded(clean(), 0, "2026-09-28T00:00:00Z").events("idp:entra", LogKind::EntraAudit, log);
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1, "nor is it known that the job runs");
}

#[test]
fn the_log_of_the_provisioner_tells_as_well() {
    let mut done = event("2026-09-30T16:00:00Z", Action::Provisioned);
    done.succeeded = Some(true);
    let org = |events| {
        let org = Org::new()
            .asked(Fact::ProvisioningJob)
            .asked(Fact::ProvisioningLog)
            .person("b")
            .application(0, |app| app.users = vec![idp_id("b")]);
        org.events("idp:entra", LogKind::EntraProvisioning, events)
    };
    org(vec![done]).report().clean(RULE);
    let silent = org(Vec::new()).gone("b", Some("2026-09-20T00:00:00Z"));
    assert_eq!(silent.report().found(RULE).len(), 1, "no success in a month, and a change to pass on");
}

#[test]
fn a_job_that_is_off_is_left_to_its_rule() {
    let org = clean().application(0, |app| app.job = job(JobState::Off, Known::Value(Vec::new())));
    let report = org.report();
    report.not_evaluated(RULE);
    assert_eq!(report.found("deprovisioning-disabled").len(), 1);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::ProvisioningJob]);
    needs_whole(RULE, &clean().asked(Fact::ProvisioningLog), &[Fact::ProvisioningLog]);
    let unasked = clean().unasked(Fact::ProvisioningJob).not_offered(Fact::ProvisioningJob, "left out in the config");
    unasked.report().not_evaluated(RULE);
    let report = unasked.report();
    let Verdict::NotEvaluated(why) = &report.result(RULE).verdict else { panic!() };
    assert!(why[0].contains("left out in the config"), "{why:?}");
    Org::new().asked(Fact::ProvisioningJob).report().not_evaluated(RULE);
}

#[test]
fn the_fingerprint_outlives_the_reason() {
    let waits = succeeded(clean(), 0, "2026-09-29T00:00:00Z").gone("b", Some("2026-09-29T12:00:00Z"));
    same_id(RULE, &waits, &quarantined(clean(), 0));
}
