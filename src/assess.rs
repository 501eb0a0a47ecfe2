//! Findings meet the operator's decisions: exceptions and configured severities.
//!
//! An exception never hides a finding; it marks it. An exception that has ended marks nothing.

use crate::model::finding::{Finding, GrantKey, Severity};
use crate::reconcile::Ledger;
use crate::rules::{Inconclusive, Outcome, RuleMeta, Verdict, is_covered};

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingStatus {
    /// Somebody has to act.
    Open,
    /// Certainly still within the time that policy allows.
    Pending,
    /// A live exception covers all of it.
    Excepted,
}

impl FindingStatus {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Excepted => "excepted",
        }
    }
}

/// A finding with what was decided about it.
#[derive(Debug)]
pub struct Assessed {
    /// The finding, its severity as configured.
    pub finding: Finding,
    /// What becomes of it.
    pub status: FindingStatus,
    /// The exception that covers it.
    pub exception: Option<String>,
}

/// A rule's outcome without its findings, which are in [`Assessment::findings`].
#[derive(Debug)]
pub struct RuleResult {
    /// The rule.
    pub rule: &'static RuleMeta,
    /// How far it can be relied on.
    pub verdict: Verdict,
    /// How many subjects it looked at.
    pub population: u64,
    /// What they are.
    pub of: &'static str,
    /// How many could not be decided.
    pub undecided: u64,
    /// Which of these, and why, where the rule states it.
    pub inconclusive: Vec<Inconclusive>,
}

/// Everything that can be said of one ledger. Made by [`assess`] and no other way.
#[derive(Debug)]
pub struct Assessment<'a> {
    ledger: &'a Ledger<'a>,
    results: Vec<RuleResult>,
    findings: Vec<Assessed>,
    /// Grants with the findings about them, sorted.
    marks: Vec<(GrantKey, u32)>,
}

/// Holds findings against exceptions and configured severities, and sorts them, the worst first.
pub fn assess<'a>(ledger: &'a Ledger<'a>, outcomes: Vec<Outcome>) -> Assessment<'a> {
    let config = ledger.config();
    let mut results = Vec::with_capacity(outcomes.len());
    let mut findings = Vec::new();
    for Outcome { rule, verdict, evaluation } in outcomes {
        results.push(RuleResult {
            rule,
            verdict,
            population: evaluation.population,
            of: evaluation.of,
            undecided: evaluation.undecided,
            inconclusive: evaluation.inconclusive,
        });
        let live = || config.exceptions.iter().filter(|e| e.rule == rule.id && e.expires > ledger.as_of());
        for mut finding in evaluation.findings {
            // A pending finding stays info: the severity that policy sets is for when its time is up.
            if let (Some(severity), false) = (config.policy.severity.get(rule.id), finding.pending) {
                finding.severity = *severity;
            }
            let exception = live().find(|exception| is_covered(ledger, exception, &finding));
            let status = match (exception, finding.pending) {
                (Some(_), _) => FindingStatus::Excepted,
                (None, true) => FindingStatus::Pending,
                (None, false) => FindingStatus::Open,
            };
            findings.push(Assessed { finding, status, exception: exception.map(|e| e.id.clone()) });
        }
    }
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut marks: Vec<(GrantKey, u32)> = (0u32..)
        .zip(&findings)
        .flat_map(|(at, assessed)| assessed.finding.grants.iter().map(move |grant| (*grant, at)))
        .collect();
    marks.sort_unstable();
    Assessment { ledger, results, findings, marks }
}

/// The worst first, then by rule, then by subject: by ids last, so that equal names have a fixed order.
fn key(assessed: &Assessed) -> (std::cmp::Reverse<Severity>, &str, &str, &[String]) {
    let Finding { severity, rule, subject, .. } = &assessed.finding;
    (std::cmp::Reverse(*severity), rule, &subject.name, &subject.ids)
}

impl<'a> Assessment<'a> {
    /// The ledger it is about.
    pub fn ledger(&self) -> &'a Ledger<'a> {
        self.ledger
    }

    /// Every rule's outcome, in the registry's order.
    pub fn results(&self) -> &[RuleResult] {
        &self.results
    }

    /// The outcome of one rule.
    pub fn result(&self, rule: &str) -> Option<&RuleResult> {
        self.results.iter().find(|result| result.rule.id == rule)
    }

    /// All findings, the worst first.
    pub fn findings(&self) -> &[Assessed] {
        &self.findings
    }

    /// The findings of one rule.
    pub fn findings_of<'s>(&'s self, rule: &'s str) -> impl Iterator<Item = &'s Assessed> {
        self.findings.iter().filter(move |assessed| assessed.finding.rule == rule)
    }

    /// The findings about a grant.
    pub fn findings_about(&self, grant: GrantKey) -> impl Iterator<Item = &Assessed> {
        let start = self.marks.partition_point(|(key, _)| *key < grant);
        let marks = self.marks.get(start..).unwrap_or_default().iter();
        marks.take_while(move |(key, _)| *key == grant).filter_map(|(_, at)| self.findings.get(*at as usize))
    }

    /// The worst severity of an open finding.
    pub fn worst_open(&self) -> Option<Severity> {
        self.findings.iter().filter(|a| a.status == FindingStatus::Open).map(|a| a.finding.severity).max()
    }
}
