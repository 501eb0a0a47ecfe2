//! `long-session`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity};
use crate::model::{Known, Tier};

declare_rule! {
    /// ## What it checks
    /// A permission set's session lasts longer than `policy.max_session`, or than `policy.max_privileged_session` when the
    /// set is privileged by its content or by `policy.privileged`. Medium when privileged.
    ///
    /// ## Why it matters
    /// A session outlives the removal of access: whoever left, or stole the credentials, works on until it ends.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: how long access can outlive its removal, at most.
    ///
    /// ## Example
    /// `Admin` has sessions of twelve hours; policy allows four.
    ///
    /// ## How to fix
    /// Lower the permission set's session duration and provision it again.
    ///
    /// ## Known limits
    /// The portal's own session is a setting that no API tells. Where a policy decides whose content was not judged, a
    /// session between the two limits is undecided.
    LongSession {
        id: "long-session",
        title: "Session duration above the limit",
        severity: Low,
        requires: [],
        covers: [PermissionSets],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let policy = &cx.ledger().config().policy;
    let mut evaluation = Evaluation::of("permission sets");
    for view in cx.ledger().entitlements().sets() {
        evaluation.population += 1;
        let session = match &view.set.session {
            Known::Value(session) => *session,
            // AWS's default is an hour, which no policy forbids.
            Known::Absent => continue,
            Known::Unknown(_) => {
                evaluation.undecided += 1;
                continue;
            }
        };
        let privileged = view.named.is_some() || matches!(view.tier, Tier::Admin | Tier::Power);
        let (limit, key, severity) = if privileged && policy.max_privileged_session < policy.max_session {
            (policy.max_privileged_session, "max_privileged_session", Severity::Medium)
        } else if privileged {
            (policy.max_session, "max_session", Severity::Medium)
        } else {
            (policy.max_session, "max_session", Severity::Low)
        };
        if session <= limit {
            let maybe = !privileged && view.tier == Tier::Unknown && session > policy.max_privileged_session;
            evaluation.undecided += u64::from(maybe);
            continue;
        }
        let why = if privileged { ", and the set is privileged" } else { "" };
        evaluation.findings.push(
            Finding::new(
                "long-session",
                severity,
                RuleCx::set_subject(view.set),
                format!("Sessions last {session}; policy.{key} is {limit}{why}."),
                Evidence {
                    source: "aws".to_owned(),
                    at: "sso:DescribePermissionSet".to_owned(),
                    says: format!("the session duration of {} is {session}", view.set.label()),
                },
            )
            .remedy("Lower the session duration and provision the permission set again."),
        );
    }
    evaluation
}
