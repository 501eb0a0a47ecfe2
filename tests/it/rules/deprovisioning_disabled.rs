use overstay::model::application::{JobState, ProvisioningJob};
use overstay::model::{Fact, Known};

use super::org::{Org, at};
use super::report::{needs, same_id};

const RULE: &str = "deprovisioning-disabled";

pub(super) fn job(state: JobState, keeps: Known<Vec<String>>) -> Known<ProvisioningJob> {
    Known::Value(ProvisioningJob {
        state,
        last_success_at: Known::Value(at("2026-09-30T16:30:00Z")),
        detail: None,
        keeps_leavers: keeps,
    })
}

fn with(org: Org, idp: usize, state: JobState, keeps: Known<Vec<String>>) -> Org {
    org.application(idp, |app| {
        app.id = format!("app-{idp}");
        app.job = job(state, keeps);
    })
}

fn clean() -> Org {
    with(Org::new().asked(Fact::ProvisioningJob), 0, JobState::Running, Known::Value(Vec::new()))
}

/// Of three providers the outer two keep leavers.
fn org() -> Org {
    let org = Org::new().asked(Fact::ProvisioningJob).idp("middle").idp("other");
    let org = with(org, 0, JobState::Running, Known::Value(vec!["Delete is unticked".into()]));
    let org = with(org, 1, JobState::Running, Known::Value(Vec::new()));
    with(org, 2, JobState::Off, Known::Unknown("not read".into()))
}

#[test]
fn jobs_that_keep_leavers_are_named_with_the_reason() {
    let report = org().report();
    assert_eq!(report.subjects(RULE).len(), 2);
    let details: Vec<&str> = report.found(RULE).iter().map(|found| found.detail.as_str()).collect();
    assert!(details[0].contains("Delete is unticked") && details[1].contains("the job is off"), "{details:?}");
    assert_eq!(report.result(RULE).undecided, 0, "a job that is off needs no settings");
    clean().report().clean(RULE);
}

#[test]
fn settings_that_were_not_read_and_no_job_at_all_are_undecided() {
    for edit in [job(JobState::Running, Known::Unknown("no permission".into())), Known::Absent] {
        let report = clean().application(0, |app| app.job = edit).report();
        report.silent(RULE);
        assert_eq!(report.result(RULE).undecided, 1);
    }
}

#[test]
fn an_application_that_is_switched_off_provisions_nobody() {
    let org = with(clean().idp("old"), 1, JobState::Off, Known::Value(Vec::new()));
    org.application(1, |app| app.enabled = Known::Value(false)).report().clean(RULE);
}

#[test]
fn where_no_application_is_enabled_nobody_is_deprovisioned() {
    let org = with(clean(), 0, JobState::Off, Known::Value(Vec::new()));
    let org = org.application(0, |app| app.enabled = Known::Value(false));
    let report = org.report();
    let detail = &report.only(RULE).detail;
    assert!(detail.contains("the application is disabled, and the job is off"), "{detail}");
    report.not_evaluated("sync-stalled");
    // A job may go on though nobody can sign in any more.
    with(org, 0, JobState::Running, Known::Value(Vec::new())).report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::ProvisioningJob]);
    Org::new().asked(Fact::ProvisioningJob).report().not_evaluated(RULE);
}

#[test]
fn the_fingerprint_outlives_the_reason() {
    same_id(RULE, &org(), &with(org(), 0, JobState::Off, Known::Value(Vec::new())));
}
