//! Results per control and test, and the counts that must agree.

use serde::Serialize;

use super::chart::{Segment, bar};
use super::cover::{ResultCount, result_counts};
use crate::evidence::tests::{TestOutcome, TestResult};
use crate::evidence::words::{clip, thousands};
use crate::model::Known;
use crate::model::control::Control;
use crate::reconcile::TieOut;

/// A control with its tests.
#[derive(Debug, Serialize)]
pub struct ControlView {
    /// `CC6.2`.
    pub id: &'static str,
    /// What it asks, in our words.
    pub title: &'static str,
    /// The worst result of its tests: pass, fail, indeterminate or not_evaluated.
    pub result: &'static str,
    /// The result in words.
    pub word: &'static str,
    /// How many of its tests have each result.
    pub counts: Vec<ResultCount>,
}

/// A test's outcome.
#[derive(Debug, Serialize)]
pub struct TestView {
    /// Its id.
    pub id: &'static str,
    /// The statement tested.
    pub title: &'static str,
    /// For each control in their order, whether the test supports it.
    pub supports: Vec<bool>,
    /// pass, fail, indeterminate or not_evaluated.
    pub result: &'static str,
    /// The result in words.
    pub word: &'static str,
    /// How many subjects.
    pub population: u64,
    /// Whether anybody looked at all: the numbers of a test that could not begin are no zeros.
    pub looked_at: bool,
    /// What they are.
    pub of: &'static str,
    /// Open findings.
    pub failures: u64,
    /// Within the time that policy allows.
    pub pending: u64,
    /// Covered by exceptions.
    pub excepted: u64,
    /// Not decided.
    pub undecided: u64,
    /// Failures, pending, excepted and undecided as parts of the population.
    pub bar: Vec<Segment>,
    /// Why not evaluated, or only in part.
    pub reasons: Vec<String>,
    /// The rules that decide it.
    pub rules: &'static [&'static str],
}

/// Two counts of the same thing.
#[derive(Debug, Serialize)]
pub struct TieOutView {
    /// What is counted.
    pub what: &'static str,
    /// One way.
    pub expected: String,
    /// The other way.
    pub actual: String,
    /// `agrees`, `differs` or `unknown`.
    pub result: &'static str,
    /// Why, or how.
    pub explanation: String,
}

/// More reasons than this are in `ipe.json`.
const REASONS: usize = 4;
/// A longer reason is clipped.
const LENGTH: usize = 400;

/// The result as people say it.
fn word(result: TestResult) -> &'static str {
    match result {
        TestResult::Fail => "Fail",
        TestResult::NotEvaluated => "Not tested",
        TestResult::Indeterminate => "Inconclusive",
        TestResult::Pass => "Pass",
        TestResult::NoOccurrences => "No occurrences",
    }
}

pub(super) fn controls(tests: &[TestOutcome]) -> Vec<ControlView> {
    Control::ALL
        .into_iter()
        .map(|control| {
            let of_control = || tests.iter().filter(|outcome| outcome.test.controls.contains(&control));
            // Results are declared the worst first.
            let worst = of_control().map(|outcome| outcome.result).min().unwrap_or(TestResult::NotEvaluated);
            ControlView {
                id: control.as_str(),
                title: control.title(),
                result: worst.as_str(),
                word: word(worst),
                counts: result_counts(of_control()),
            }
        })
        .collect()
}

/// The matrix: a row for each test, with the controls that it supports.
pub(super) fn matrix(tests: &[TestOutcome]) -> Vec<TestView> {
    tests.iter().map(test).collect()
}

fn test(outcome: &TestOutcome) -> TestView {
    let TestOutcome { failures, pending, excepted, undecided, .. } = *outcome;
    let parts = [(failures, "bad"), (pending, "pending"), (excepted, "excepted"), (undecided, "undecided")];
    // A test of several rules can fail more subjects than its first rule looked at.
    let seen: u64 = parts.iter().map(|(count, _)| count).sum();
    TestView {
        id: outcome.test.id,
        title: outcome.test.title,
        supports: Control::ALL.iter().map(|control| outcome.test.controls.contains(control)).collect(),
        result: outcome.result.as_str(),
        word: word(outcome.result),
        population: outcome.population.0,
        looked_at: outcome.result != TestResult::NotEvaluated || outcome.population.0 > 0,
        of: outcome.population.1,
        failures,
        pending,
        excepted,
        undecided,
        bar: bar(&parts, outcome.population.0.max(seen)),
        reasons: outcome
            .reasons
            .iter()
            .chain(&outcome.inconclusive)
            .take(REASONS)
            .map(|why| clip(why, LENGTH))
            .collect(),
        rules: outcome.test.rules,
    }
}

pub(super) fn tie_out(out: &TieOut) -> TieOutView {
    let number = |known: &Known<u64>| match known {
        Known::Value(number) => thousands(*number),
        Known::Absent => String::new(),
        Known::Unknown(_) => "unknown".to_owned(),
    };
    TieOutView {
        what: out.what,
        expected: number(&out.expected),
        actual: number(&out.actual),
        result: match out.agrees() {
            Some(true) => "agrees",
            Some(false) => "differs",
            None => "unknown",
        },
        explanation: out.explanation.clone(),
    }
}
