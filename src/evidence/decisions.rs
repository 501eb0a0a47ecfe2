//! Decisions of the operator that shape a report: what was accepted, left out, weighed otherwise or declared. Facts are counted
//! without them; here each stands with what it covers.

use serde::Serialize;

use super::counted;
use crate::assess::Assessment;
use crate::config::{AccountExclusion, Config, DeclaredIdentity, PolicyConfig};
use crate::model::Span;
use crate::model::exception::Exception;
use crate::model::finding::Severity;
use crate::reconcile::people::is_named;

/// A decision in the config.
#[derive(Debug, Serialize)]
pub struct Decision {
    /// `exception`, `scope`, `severity`, `threshold` or `declared identity`.
    pub kind: &'static str,
    /// What was decided, in words.
    pub decision: String,
    /// The reason and the approver, where the config has them.
    pub basis: String,
    /// What it covers in this run.
    pub covers: String,
}

/// Every decision that shapes the report, in the order of the config's sections.
pub fn decisions(assessment: &Assessment<'_>) -> Vec<Decision> {
    let config = assessment.ledger().config();
    let mut decisions = exclusions(assessment);
    decisions.extend(declared(assessment, config));
    decisions.extend(thresholds(&config.policy));
    decisions.extend(severities(assessment, &config.policy));
    decisions.extend(exceptions(assessment));
    decisions
}

fn exclusions(assessment: &Assessment<'_>) -> Vec<Decision> {
    let ledger = assessment.ledger();
    let entitlements = ledger.entitlements();
    let of_exclusion = |exclusion: &AccountExclusion| {
        // The entry itself, and not its reason: two entries may give the same one.
        let is_it = |other: &&AccountExclusion| std::ptr::eq(*other, exclusion);
        let accounts = entitlements.accounts().iter().filter_map(|account| account.excluded).filter(is_it).count();
        let assignments = entitlements.excluded().filter(is_it).count();
        Decision {
            kind: "scope",
            decision: format!("accounts {} are out of scope", exclusion.account.as_str()),
            basis: format!("{}; approved by {}", exclusion.reason, exclusion.approved_by),
            covers: format!("{}, {}", counted(accounts, "account"), counted(assignments, "assignment")),
        }
    };
    ledger.config().scope.exclude_accounts.iter().map(of_exclusion).collect()
}

fn declared(assessment: &Assessment<'_>, config: &Config) -> Vec<Decision> {
    let ledger = assessment.ledger();
    let covers =
        |entry: &DeclaredIdentity| counted(ledger.users().iter().filter(|user| is_named(entry, user)).count(), "user");
    let all =
        [("service account", &config.identities.service), ("break-glass account", &config.identities.break_glass)];
    all.into_iter()
        .flat_map(|(kind, entries)| entries.iter().map(move |entry| (kind, entry)))
        .map(|(kind, entry)| Decision {
            kind: "declared identity",
            decision: format!("{} is a {kind}", entry.user),
            basis: format!("owner {}", entry.owner),
            covers: covers(entry),
        })
        .collect()
}

fn thresholds(policy: &PolicyConfig) -> Vec<Decision> {
    let usual = PolicyConfig::of(policy.preset);
    let pairs: [(&str, Span, Span); 11] = [
        ("leaver_sla", policy.leaver_sla, usual.leaver_sla),
        ("mover_sla", policy.mover_sla, usual.mover_sla),
        ("sync_sla", policy.sync_sla, usual.sync_sla),
        ("token_warning", policy.token_warning, usual.token_warning),
        ("portal_session", policy.portal_session, usual.portal_session),
        ("stale_after", policy.stale_after, usual.stale_after),
        ("dormant_after", policy.dormant_after, usual.dormant_after),
        ("max_source_age", policy.max_source_age, usual.max_source_age),
        ("max_session", policy.max_session, usual.max_session),
        ("max_privileged_session", policy.max_privileged_session, usual.max_privileged_session),
        ("key_max_age", policy.key_max_age, usual.key_max_age),
    ];
    let changed = pairs.into_iter().filter(|(_, now, usual)| now != usual);
    changed
        .map(|(key, now, usual)| Decision {
            kind: "threshold",
            decision: format!("policy.{key} is {now}, and {usual} by default"),
            basis: String::new(),
            covers: "all findings that depend on it".to_owned(),
        })
        .collect()
}

fn severities(assessment: &Assessment<'_>, policy: &PolicyConfig) -> Vec<Decision> {
    let of_rule = |(rule, severity): (&&'static str, &Severity)| Decision {
        kind: "severity",
        decision: format!("findings of {rule} have the severity {}", severity.as_str()),
        basis: String::new(),
        covers: counted(assessment.findings_of(rule).count(), "finding"),
    };
    policy.severity.iter().map(of_rule).collect()
}

fn exceptions(assessment: &Assessment<'_>) -> Vec<Decision> {
    let of_exception = |exception: &Exception| {
        let scope = &exception.scope;
        let covered = || assessment.findings().iter().filter(|a| a.exception.as_deref() == Some(exception.id.as_str()));
        let grants: usize = covered().map(|assessed| assessed.finding.grants.len()).sum();
        let broad = if scope.user.is_any() { "; it names no user" } else { "" };
        Decision {
            kind: "exception",
            decision: format!(
                "{}: user {}, account {}, permission set {}, until {}{broad}",
                exception.rule, scope.user, scope.account, scope.permission_set, exception.expires
            ),
            basis: format!("{}; approved by {}", exception.reason, exception.approved_by),
            covers: format!("{}, {}", counted(covered().count(), "finding"), counted(grants, "grant")),
        }
    };
    assessment.ledger().config().exceptions.iter().map(of_exception).collect()
}
