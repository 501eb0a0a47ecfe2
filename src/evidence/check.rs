//! What `overstay check` says: findings by whom they are about, and in the aggregate profile counts alone.

use schemars::JsonSchema;
use serde::Serialize;

use super::RunId;
use super::tests::outcomes;
use crate::assess::{Assessed, Assessment, FindingStatus};
use crate::model::finding::{Severity, SubjectKind};

/// How much a check may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Names and reasons.
    Internal,
    /// Counts and rule ids only, for logs that many can read.
    Aggregate,
}

/// The result of a check. Its JSON form is versioned: fields are added, never renamed or removed within a major version.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckView {
    /// `overstay-check`.
    pub format: &'static str,
    /// The format's version.
    pub version: &'static str,
    /// The run.
    pub run_id: String,
    /// `COMPLETE` or `INCOMPLETE`.
    pub status: &'static str,
    /// The instant of conclusions.
    pub as_of: String,
    /// SHA-256 of the snapshot's body.
    pub snapshot_digest: String,
    /// Findings per severity, the worst first.
    pub severities: Vec<SeverityCount>,
    /// Findings per rule, in the registry's order.
    pub rules: Vec<RuleCount>,
    /// The control tests.
    pub tests: Vec<TestLine>,
    /// What could not be read: the fact and how often; in the internal profile also where and why.
    pub gaps: Vec<GapLine>,
    /// Findings by whom they are about, the worst first; empty in the aggregate profile.
    pub subjects: Vec<SubjectView>,
}

/// Findings of one severity.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeverityCount {
    /// The severity.
    pub severity: &'static str,
    /// Findings open.
    pub open: usize,
    /// Findings within the time that policy allows.
    pub pending: usize,
    /// Findings that exceptions cover.
    pub excepted: usize,
}

/// Findings of one rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleCount {
    /// The rule.
    pub rule: &'static str,
    /// `evaluated`, `partial` or `not_evaluated`.
    pub outcome: &'static str,
    /// Subjects it looked at.
    pub population: u64,
    /// Subjects it could not decide.
    pub undecided: u64,
    /// Findings open.
    pub open: usize,
    /// Findings pending.
    pub pending: usize,
    /// Findings excepted.
    pub excepted: usize,
}

/// A control test.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TestLine {
    /// The test.
    pub test: &'static str,
    /// The statement tested.
    pub title: &'static str,
    /// Clauses it supports.
    pub controls: Vec<&'static str>,
    /// pass, fail, indeterminate or not_evaluated.
    pub result: &'static str,
}

/// Something that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GapLine {
    /// The source.
    pub source: String,
    /// The fact that is incomplete.
    pub fact: &'static str,
    /// Operation, or file and row; empty in the aggregate profile.
    pub at: String,
    /// What happened; empty in the aggregate profile.
    pub reason: String,
    /// What to do; empty in the aggregate profile.
    pub hint: String,
}

/// Everything found about one user, group or thing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SubjectView {
    /// Its name.
    pub name: String,
    /// Its name for people, where it has one.
    pub display_name: String,
    /// The worst severity among its open findings, else among all.
    pub severity: &'static str,
    /// The findings, the worst first.
    pub findings: Vec<CheckFinding>,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckFinding {
    /// Its id.
    pub id: String,
    /// The rule.
    pub rule: &'static str,
    /// Its severity.
    pub severity: &'static str,
    /// How sure it is.
    pub confidence: &'static str,
    /// open, pending or excepted.
    pub status: &'static str,
    /// The statement.
    pub detail: String,
    /// The paths it is about, in words.
    pub paths: Vec<String>,
    /// Since when, at the latest; empty where nothing says.
    pub since: String,
    /// What to do.
    pub remediation: String,
}

/// Composes the view.
pub fn check(assessment: &Assessment<'_>, run: &RunId, profile: Profile) -> CheckView {
    let ledger = assessment.ledger();
    let snapshot = ledger.snapshot();
    let internal = profile == Profile::Internal;
    let told = |text: &str| if internal { text.to_owned() } else { String::new() };
    CheckView {
        format: "overstay-check",
        version: "1.0",
        run_id: run.as_str().to_owned(),
        status: if snapshot.is_complete() { "COMPLETE" } else { "INCOMPLETE" },
        as_of: ledger.as_of().to_string(),
        snapshot_digest: snapshot.digest().to_owned(),
        severities: Severity::WORST_FIRST
            .into_iter()
            .map(|severity| {
                let count = |status| {
                    let all = assessment.findings().iter();
                    all.filter(|a| a.finding.severity == severity && a.status == status).count()
                };
                SeverityCount {
                    severity: severity.as_str(),
                    open: count(FindingStatus::Open),
                    pending: count(FindingStatus::Pending),
                    excepted: count(FindingStatus::Excepted),
                }
            })
            .collect(),
        rules: assessment
            .results()
            .iter()
            .map(|result| {
                let count = |status| assessment.findings_of(result.rule.id).filter(|a| a.status == status).count();
                RuleCount {
                    rule: result.rule.id,
                    outcome: result.verdict.as_str(),
                    population: result.population,
                    undecided: result.undecided,
                    open: count(FindingStatus::Open),
                    pending: count(FindingStatus::Pending),
                    excepted: count(FindingStatus::Excepted),
                }
            })
            .collect(),
        tests: outcomes(assessment)
            .iter()
            .map(|outcome| TestLine {
                test: outcome.test.id,
                title: outcome.test.title,
                controls: outcome.test.controls.iter().map(|control| control.as_str()).collect(),
                result: outcome.result.as_str(),
            })
            .collect(),
        gaps: snapshot
            .gaps()
            .map(|(source, gap)| GapLine {
                // A source may bear a name of the operator's choosing, and it is no person's.
                source: source.to_owned(),
                fact: gap.fact.describe(),
                at: told(&gap.at),
                reason: told(&gap.reason),
                hint: told(&gap.hint),
            })
            .collect(),
        subjects: if internal { subjects(assessment) } else { Vec::new() },
    }
}

/// Findings by whom they are about. Findings come the worst first, so a subject's first open one is its worst.
fn subjects(assessment: &Assessment<'_>) -> Vec<SubjectView> {
    let mut views: Vec<(Severity, SubjectView)> = Vec::new();
    let mut at: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for assessed in assessment.findings() {
        let name = assessed.finding.subject.name.as_str();
        let position = *at.entry(name).or_insert_with(|| {
            let view = SubjectView {
                name: name.to_owned(),
                display_name: display_name(assessment, assessed),
                severity: assessed.finding.severity.as_str(),
                findings: Vec::new(),
            };
            views.push((assessed.finding.severity, view));
            views.len() - 1
        });
        if let Some((_, view)) = views.get_mut(position) {
            view.findings.push(finding(assessment, assessed));
        }
    }
    views.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.name.cmp(&y.name)));
    views.into_iter().map(|(_, view)| view).collect()
}

fn display_name(assessment: &Assessment<'_>, assessed: &Assessed) -> String {
    let about_user = matches!(
        assessed.finding.subject.kind,
        SubjectKind::User | SubjectKind::Entitlement | SubjectKind::Assignment | SubjectKind::IdpUser
    );
    let user =
        assessed.finding.grants.first().filter(|_| about_user).and_then(|grant| assessment.ledger().user(grant.user));
    user.filter(|user| user.user_name == assessed.finding.subject.name)
        .and_then(|user| user.display_name.clone())
        .unwrap_or_default()
}

fn finding(assessment: &Assessment<'_>, assessed: &Assessed) -> CheckFinding {
    let finding = &assessed.finding;
    CheckFinding {
        id: finding.id(),
        rule: finding.rule,
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        status: assessed.status.as_str(),
        detail: finding.detail.clone(),
        paths: finding.grants.iter().map(|grant| assessment.ledger().describe_grant(*grant)).collect(),
        since: finding.since.and_then(|since| since.latest()).map_or_else(String::new, |at| at.to_string()),
        remediation: finding.remediation.clone(),
    }
}
