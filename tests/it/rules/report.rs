//! What the rules said, owned, and the assertions that fixtures share.

use std::collections::BTreeMap;

use overstay::assess::{Assessment, FindingStatus};
use overstay::model::Fact;
use overstay::model::finding::{Confidence, Severity};
use overstay::rules::Verdict;

use super::org::Org;

/// A finding with what was decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) status: FindingStatus,
    pub(crate) detail: String,
    pub(crate) grants: usize,
}

/// How one rule came out.
#[derive(Debug, Clone)]
pub(crate) struct Result {
    pub(crate) verdict: Verdict,
    pub(crate) population: u64,
    pub(crate) undecided: u64,
}

#[derive(Debug)]
pub(crate) struct Report {
    findings: BTreeMap<&'static str, Vec<Found>>,
    results: BTreeMap<&'static str, Result>,
}

impl Report {
    pub(crate) fn of(assessment: &Assessment<'_>) -> Self {
        let mut findings: BTreeMap<&'static str, Vec<Found>> = BTreeMap::new();
        for assessed in assessment.findings() {
            let finding = &assessed.finding;
            assert!(!finding.evidence().is_empty() && !finding.remediation.is_empty(), "{finding:?}");
            assert!(finding.detail.ends_with('.') || finding.detail.ends_with(')'), "{}", finding.detail);
            findings.entry(finding.rule).or_default().push(Found {
                id: finding.id(),
                subject: finding.subject.name.trim_end_matches("@example.org").to_owned(),
                severity: finding.severity,
                confidence: finding.confidence,
                status: assessed.status,
                detail: finding.detail.clone(),
                grants: finding.grants.len(),
            });
        }
        for found in findings.values_mut() {
            found.sort_by(|a, b| (&a.subject, &a.id).cmp(&(&b.subject, &b.id)));
        }
        let results = assessment.results().iter().map(|result| {
            let (verdict, population, undecided) = (result.verdict.clone(), result.population, result.undecided);
            (result.rule.id, Result { verdict, population, undecided })
        });
        Self { findings, results: results.collect() }
    }

    /// A rule's findings, sorted by subject.
    pub(crate) fn found(&self, rule: &str) -> &[Found] {
        assert!(self.results.contains_key(rule), "no rule {rule}");
        self.findings.get(rule).map_or(&[], Vec::as_slice)
    }

    /// The only finding of a rule.
    pub(crate) fn only(&self, rule: &str) -> &Found {
        match self.found(rule) {
            [one] => one,
            other => panic!("{rule}: {other:#?}"),
        }
    }

    pub(crate) fn subjects(&self, rule: &str) -> Vec<&str> {
        self.found(rule).iter().map(|found| found.subject.as_str()).collect()
    }

    pub(crate) fn result(&self, rule: &str) -> &Result {
        &self.results[rule]
    }

    /// Holds that a rule saw everything, decided everything, and found nothing.
    pub(crate) fn clean(&self, rule: &str) {
        assert_eq!(self.found(rule), [], "{rule}");
        assert_eq!(self.result(rule).verdict, Verdict::Evaluated, "{rule}");
        assert_eq!(self.result(rule).undecided, 0, "{rule}");
    }

    /// Holds that a rule found nothing, whatever it could see.
    pub(crate) fn silent(&self, rule: &str) {
        assert_eq!(self.found(rule), [], "{rule}");
    }

    /// Holds that a rule was not evaluated, for a reason.
    pub(crate) fn not_evaluated(&self, rule: &str) {
        assert!(matches!(&self.result(rule).verdict, Verdict::NotEvaluated(why) if !why.is_empty()), "{rule}");
        self.silent(rule);
    }

    /// Holds that a rule's silence is not a pass.
    pub(crate) fn not_clean(&self, rule: &str) {
        let result = self.result(rule);
        let clean = result.verdict == Verdict::Evaluated && result.undecided == 0 && self.found(rule).is_empty();
        assert!(!clean, "{rule} is clean");
    }
}

/// Holds that a rule that is clean about an organisation is so no more once any of these facts is missing.
pub(crate) fn needs(rule: &str, clean: &Org, facts: &[Fact]) {
    clean.report().clean(rule);
    for fact in facts {
        clean.clone().gap(*fact).report().not_clean(rule);
        clean.clone().unasked(*fact).report().not_evaluated(rule);
    }
}

/// Holds that a rule that is clean about an organisation is so no more once a source that was asked is not whole.
pub(crate) fn needs_whole(rule: &str, clean: &Org, facts: &[Fact]) {
    clean.report().clean(rule);
    for fact in facts {
        clean.clone().gap(*fact).report().not_clean(rule);
    }
}

/// Holds that a finding keeps its id after the change.
pub(crate) fn same_id(rule: &str, before: &Org, after: &Org) {
    let ids = |org: &Org| org.report().found(rule).iter().map(|found| found.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(before), ids(after), "{rule}");
    assert!(!ids(before).is_empty(), "{rule}");
}
