//! `deprovisioning-disabled`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::Known;
use crate::model::application::JobState;
use crate::model::finding::{Finding, Severity};

declare_rule! {
    /// ## What it checks
    /// The identity provider's job that provisions Identity Center is off, or set so that leavers stay: deletions out of
    /// scope are skipped, updating or deleting is unticked, or the mapping of the active flag is gone.
    ///
    /// ## Why it matters
    /// Everybody counts on it. When it does not take people away, disabling somebody in the identity provider leaves the
    /// Identity Center user with all its access, and no error says so.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: the control that removes access is switched on, which is what makes a sample of leavers mean anything.
    ///
    /// ## Example
    /// During a migration *Delete* was unticked under target object actions, and stayed so.
    ///
    /// ## How to fix
    /// Set the job back: create, update and delete ticked, the active flag mapped, skipping of out-of-scope deletions off,
    /// status on. Then look for the leavers it missed: `leaver-holds-access` and `orphaned-identity` name them.
    ///
    /// ## Known limits
    /// A disabled application is tested only where no other application is enabled: otherwise that one has replaced it.
    /// Only settings that the provider's interface tells are seen. An application without a provisioning job, or whose
    /// settings were not read, is undecided: something else may provision the directory.
    DeprovisioningDisabled {
        id: "deprovisioning-disabled",
        title: "Deprovisioning is disabled",
        severity: High,
        requires: [],
        covers: [ProvisioningJob],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("provisioning jobs");
    for app in cx.provisioners() {
        evaluation.population += 1;
        let Known::Value(job) = &app.application.job else {
            evaluation.undecided += 1;
            continue;
        };
        let mut reasons = Vec::new();
        if job.state == JobState::Off {
            reasons.push(match app.application.enabled {
                Known::Value(false) => "the application is disabled, and the job is off".to_owned(),
                _ => "the job is off".to_owned(),
            });
        }
        match &job.keeps_leavers {
            Known::Value(settings) => reasons.extend(settings.iter().cloned()),
            Known::Absent => {}
            Known::Unknown(_) => evaluation.undecided += u64::from(reasons.is_empty()),
        }
        if reasons.is_empty() {
            continue;
        }
        evaluation.findings.push(
            Finding::new(
                "deprovisioning-disabled",
                Severity::High,
                app.subject(),
                format!("Whoever leaves keeps their Identity Center user: {}.", reasons.join("; ")),
                app.job_evidence(job),
            )
            .and(reasons.iter().map(|reason| app.evidence(reason.clone())))
            .remedy("Set the provisioning job so that it removes leavers, switch it on, and look for whom it missed."),
        );
    }
    if evaluation.population == 0 {
        return Evaluation::moot("no identity provider has an application that signs people in to AWS");
    }
    evaluation
}
