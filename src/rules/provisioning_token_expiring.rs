//! `provisioning-token-expiring`.

use jiff::SignedDuration;

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::event::{Action, LogKind};
use crate::model::finding::{Evidence, Finding, Severity, Subject, SubjectKind};
use crate::model::{Event, Fact, Instant, Interval, Span};
use crate::snapshot::Coverage;

/// How long a SCIM access token lives (AWS IAM Identity Center User Guide, "Rotate an access token").
const LIFETIME: Span = Span::days(365);
/// With less time than this left it is high.
const SOON: Span = Span::days(14);

declare_rule! {
    /// ## What it checks
    /// The SCIM access token by which the identity provider provisions into Identity Center ends within
    /// `policy.token_warning`, or has ended. It lives for a year from its making. When it was made is in CloudTrail, as far
    /// back as that was read, or its end stands in the config (`aws.scim_token_expires`).
    ///
    /// Medium; high when two weeks or less are left.
    ///
    /// ## Why it matters
    /// With the token ended nobody is provisioned and, what nobody notices, nobody is disabled: everyone who leaves keeps
    /// their access.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: the mechanism that removes access works and will go on working.
    ///
    /// ## Example
    /// The newest token was made on 20 November 2025 and ends on 20 November 2026, in 51 days.
    ///
    /// ## How to fix
    /// Make a second token in Identity Center, enter it in the identity provider, test the connection, then delete the old one.
    ///
    /// ## Known limits
    /// No API lists tokens. There can be two at a time, and the log does not say which of them is used: the newest that was
    /// not deleted is judged. One that was made before the log begins is not seen, and then nothing is said.
    ProvisioningTokenExpiring {
        id: "provisioning-token-expiring",
        title: "Provisioning token expires soon",
        severity: Medium,
        requires: [],
        covers: [],
        if_asked: [CloudTrail],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let ledger = cx.ledger();
    let declared = ledger.config().aws.as_ref().and_then(|aws| aws.scim_token_expires);
    let asked = ledger.snapshot().coverage(Fact::CloudTrail) != Coverage::NotAsked;
    if declared.is_none() && !asked {
        return Evaluation::moot(
            "neither CloudTrail nor the config (aws.scim_token_expires) tells when the token was made",
        );
    }
    let mut evaluation = Evaluation::of("provisioning tokens");
    evaluation.population = 1;
    let (ends, evidence) = match (declared, newest(cx)) {
        (Some(ends), _) => {
            let says = format!("the token ends at {ends}");
            (ends, Evidence { source: "config".to_owned(), at: "aws.scim_token_expires".to_owned(), says })
        }
        (None, Some(event)) => {
            let ends = event.at.timestamp().checked_add(LIFETIME.duration()).map_or(event.at, Instant::new);
            let says = format!("a token was made at {}, and lives for a year ({})", event.at, event.id);
            (ends, Evidence { source: "aws".to_owned(), at: event.origin.clone(), says })
        }
        (None, None) => {
            evaluation.undecided = 1;
            return evaluation;
        }
    };
    let left = ends.since(cx.as_of());
    if left <= ledger.config().policy.token_warning.duration() {
        evaluation.findings.push(finding(cx, ends, left, evidence));
    }
    evaluation
}

/// The newest token that the log shows being made and does not show being deleted.
fn newest<'a>(cx: &RuleCx<'a>) -> Option<&'a Event> {
    let logs = cx.ledger().snapshot().events().iter().filter(|log| log.kind == LogKind::CloudTrail);
    let events: Vec<&Event> = logs.flat_map(|log| &log.events).filter(|event| event.succeeded != Some(false)).collect();
    let deleted = |made: &Event| {
        events.iter().any(|event| {
            event.action == Action::TokenDeleted
                && event.at >= made.at
                && event.detail.is_some()
                && event.detail == made.detail
        })
    };
    let made = events.iter().copied().filter(|event| event.action == Action::TokenCreated && !deleted(event));
    made.max_by_key(|event| event.at)
}

fn finding(cx: &RuleCx<'_>, ends: Instant, left: SignedDuration, evidence: Evidence) -> Finding {
    let days = left.as_hours() / 24;
    let detail = match days {
        _ if left.is_negative() => format!(
            "The token ended at {ends}. Nobody has been provisioned or disabled since, unless there is another one."
        ),
        0 => format!("The token ends at {ends}, in less than a day."),
        _ => format!("The token ends at {ends}, in {days} days."),
    };
    let severity = if left <= SOON.duration() { Severity::High } else { Severity::Medium };
    let (id, name) = cx.ledger().aws().map_or_else(
        || ("scim".to_owned(), "the provisioning token".to_owned()),
        |aws| (aws.instance.arn.to_string(), format!("the provisioning token of {}", aws.instance.identity_store)),
    );
    let subject = Subject { kind: SubjectKind::Instance, ids: vec![id], name, account: None, permission_set: None };
    Finding::new("provisioning-token-expiring", severity, subject, detail, evidence)
        .remedy("Make a second token, enter it in the identity provider, test the connection, and delete the old one.")
        .since(Some(Interval::exact(ends, crate::model::time::Basis::Record)))
}
