//! `sync-stalled`.

use super::cx::{App, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::application::{JobState, ProvisioningJob};
use crate::model::event::LogKind;
use crate::model::finding::{Evidence, Finding, Severity};
use crate::model::time::Basis;
use crate::model::{Instant, Interval, Known, Span};

/// A change may miss so many provisioning intervals before it is called stuck: a cycle runs long, another is retried.
const INTERVALS: u32 = 3;

declare_rule! {
    /// ## What it checks
    /// Provisioning does not run: the identity provider holds the job in quarantine, or something that it has to pass on
    /// changed after its last success and has waited for longer than three times `policy.sync_sla`.
    ///
    /// ## Why it matters
    /// Joiners wait, which somebody notices; leavers stay, which nobody does.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: access follows the identity provider within the time that policy sets.
    ///
    /// ## Example
    /// The SCIM token ran out on 3 September. The job went into quarantine, and eleven people who were disabled since are
    /// still enabled in Identity Center.
    ///
    /// ## How to fix
    /// Read the reason beside the job: an expired token is made anew in Identity Center and put into the provider; then
    /// restart the job and let it run a full cycle.
    ///
    /// ## Known limits
    /// What has to be passed on is a change of somebody or of a group assigned to the application, in the provider's log or
    /// by the time a status changed. The last success is the job's, or the log's where that is later. A job whose last success is old while no change is known is undecided. A job that is off is
    /// reported by `deprovisioning-disabled`.
    SyncStalled {
        id: "sync-stalled",
        title: "Provisioning job stalled",
        severity: High,
        requires: [],
        covers: [ProvisioningJob],
        if_asked: [ProvisioningLog],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("applications that provision Identity Center");
    let sla = cx.ledger().config().policy.sync_sla;
    let until = cx.ledger().known_until();
    let mut off = Vec::new();
    for app in cx.provisioners() {
        let job = app.application.job.value();
        if job.is_some_and(|job| job.state == JobState::Off) {
            off.push(format!("provisioning of {} in {} is off", app.application.name, app.facts.name));
            continue;
        }
        evaluation.population += 1;
        if let Some(job) = job.filter(|job| job.state == JobState::Quarantined) {
            evaluation.findings.push(quarantined(app, job));
            continue;
        }
        let Some((success, evidence)) = last_success(cx, app, job) else {
            evaluation.undecided += 1;
            continue;
        };
        match cx.first_change(app, success) {
            Some((changed, change)) if is_late(changed, until, sla) => {
                let finding = Finding::new(
                    "sync-stalled",
                    Severity::High,
                    app.subject(),
                    format!(
                        "Provisioning last succeeded at {success}. What changed at {changed} has waited {} since; \
                         policy.sync_sla is {sla}.",
                        hours(until, changed)
                    ),
                    evidence,
                );
                let finding = finding.and([change]).and(job.map(|job| app.job_evidence(job)));
                evaluation.findings.push(
                    finding
                        .since(Some(Interval::exact(changed, Basis::Record)))
                        .remedy("Find out why the job does not run, restart it, and let it run a full cycle."),
                );
            }
            Some(_) => {}
            // Nothing is known to wait; without a recent success, neither is it known that nothing does.
            None => evaluation.undecided += u64::from(is_late(success, until, sla)),
        }
    }
    if !off.is_empty() && evaluation.population == 0 {
        return Evaluation::moot(&format!("{}; `deprovisioning-disabled` reports it", off.join(" and ")));
    }
    if evaluation.population == 0 {
        return Evaluation::moot("no identity provider has an application that provisions Identity Center");
    }
    evaluation
}

fn is_late(at: Instant, until: Instant, sla: Span) -> bool {
    until.since(at) > sla.duration().saturating_mul(INTERVALS.cast_signed())
}

fn hours(until: Instant, at: Instant) -> String {
    format!("{:.1} hours", until.since(at).as_secs_f64() / 3600.0)
}

/// When provisioning last succeeded, by the job or by its log, whichever is later.
fn last_success(cx: &RuleCx<'_>, app: App<'_>, job: Option<&ProvisioningJob>) -> Option<(Instant, Evidence)> {
    let by_job = job.and_then(|job| Some((*job.last_success_at.value()?, app.job_evidence(job))));
    let done = cx.provisioning_of(app.idp).filter(|(_, event)| event.succeeded == Some(true));
    let by_log = done.max_by_key(|(_, event)| event.at);
    let by_log = by_log.map(|(kind, event)| (event.at, cx.event_evidence(app.idp, kind, event)));
    // A log of the provisioner itself that shows no success says there was none since its beginning.
    let own = |kind: LogKind| matches!(kind, LogKind::EntraProvisioning);
    let silent = || {
        let windows = cx.logs_of(app.idp).filter(|log| own(log.kind)).flat_map(|log| &log.covered);
        let window = windows.max_by_key(|window| window.to)?;
        let says = format!("no success between {} and {}", window.from, window.to);
        Some((window.from, app.evidence(says)))
    };
    by_job.into_iter().chain(by_log).max_by_key(|(at, _)| *at).or_else(|| {
        let asked = job.is_none_or(|job| job.last_success_at != Known::Absent);
        silent().filter(|_| asked)
    })
}

fn quarantined(app: App<'_>, job: &ProvisioningJob) -> Finding {
    let why = job.detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}"));
    let last = match &job.last_success_at {
        Known::Value(at) => format!("It last succeeded at {at}"),
        Known::Absent => "It never succeeded".to_owned(),
        Known::Unknown(_) => "When it last succeeded is not known".to_owned(),
    };
    Finding::new(
        "sync-stalled",
        Severity::High,
        app.subject(),
        format!("The provisioning job is in quarantine{why}. {last}."),
        app.job_evidence(job),
    )
    .since(job.last_success_at.value().map(|at| Interval::exact(*at, Basis::Record)))
    .remedy("Put right what the quarantine's reason names, often an expired SCIM token, and restart the job.")
}
