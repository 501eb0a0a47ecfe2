//! The first screen: the verdict, the numbers that matter, and what to do next.

use std::collections::BTreeMap;

use serde::Serialize;

use super::chart::{Segment, bar};
use super::findings::FindingGroup;
use crate::assess::{Assessed, Assessment, FindingStatus};
use crate::evidence::tests::{TestOutcome, TestResult};
use crate::evidence::words::{number_of, thousands};
use crate::model;
use crate::model::finding::Severity;
use crate::reconcile::{Ledger, ResolvedPrincipal};
use crate::rules::Verdict;
use crate::snapshot::Coverage;

/// A number that matters.
#[derive(Debug, Serialize)]
pub struct Number {
    /// What it counts.
    pub label: &'static str,
    /// The number; with `≥` where not all was read, and `?` where nothing was.
    pub value: String,
    /// A few words beside it, which say what the bar shows.
    pub note: String,
    /// `bad`, `good` or `plain`.
    pub tone: &'static str,
    /// The number as part of a whole.
    pub bar: Vec<Segment>,
}

/// Findings of one severity.
#[derive(Debug, Serialize)]
pub struct SeverityCount {
    /// The severity.
    pub severity: &'static str,
    /// Open.
    pub open: u64,
    /// Within the time that policy allows.
    pub pending: u64,
    /// Covered by exceptions.
    pub excepted: u64,
    /// The three, against the severity that has the most.
    pub bar: Vec<Segment>,
}

/// The leavers who hold access, and their grants: facts, whatever exceptions or the SLA make of them.
struct LeaverFacts {
    leavers: usize,
    grants: usize,
    /// Grants of findings that an exception covers.
    excepted: usize,
    /// Grants of findings within the SLA.
    pending: usize,
}

fn leaver_facts(assessment: &Assessment<'_>) -> LeaverFacts {
    let all: Vec<&Assessed> = assessment.findings_of("leaver-holds-access").collect();
    let grants = |status: Option<FindingStatus>| {
        let of_status = all.iter().filter(|assessed| status.is_none_or(|status| assessed.status == status));
        of_status.map(|assessed| assessed.finding.grants.len()).sum()
    };
    LeaverFacts {
        leavers: all.len(),
        grants: grants(None),
        excepted: grants(Some(FindingStatus::Excepted)),
        pending: grants(Some(FindingStatus::Pending)),
    }
}

impl LeaverFacts {
    /// What was decided about them, in brackets; empty where nothing was.
    fn decided(&self) -> String {
        let parts = [(self.excepted, "under exception"), (self.pending, "within the SLA")];
        let words: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", thousands(*count as u64)))
            .collect();
        if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
    }
}

/// The headline: how many tests failed.
pub(super) fn headline(tests: &[TestOutcome]) -> String {
    let failed = of_result(tests, TestResult::Fail);
    if failed > 0 {
        return format!("{failed} of {} control tests failed", tests.len());
    }
    match of_result(tests, TestResult::Pass) {
        0 => "No control test could be completed".to_owned(),
        passed => format!("No control test failed; {passed} of {} passed", tests.len()),
    }
}

fn of_result(tests: &[TestOutcome], result: TestResult) -> usize {
    tests.iter().filter(|outcome| outcome.result == result).count()
}

/// How many tests have each result.
#[derive(Debug, Serialize)]
pub struct ResultCount {
    /// The result.
    pub result: &'static str,
    /// The result in words.
    pub word: &'static str,
    /// How many tests.
    pub count: usize,
}

/// The results of these tests, the worst first, without those that no test has.
pub(super) fn result_counts<'t>(tests: impl Iterator<Item = &'t TestOutcome>) -> Vec<ResultCount> {
    let mut counts: BTreeMap<TestResult, usize> = BTreeMap::new();
    for outcome in tests {
        *counts.entry(outcome.result).or_default() += 1;
    }
    let count = |(result, count): (TestResult, usize)| {
        let word = match result {
            TestResult::Fail => "failed",
            TestResult::NotEvaluated => "not tested",
            TestResult::Indeterminate => "inconclusive",
            TestResult::Pass => "passed",
            TestResult::NoOccurrences => "without occurrences",
        };
        ResultCount { result: result.as_str(), word, count }
    };
    counts.into_iter().map(count).collect()
}

/// Something to do next.
#[derive(Debug, Serialize)]
pub struct NextStep {
    /// What, in words.
    pub what: String,
    /// The id of the part of the page that it is about.
    pub target: String,
}

/// What to do next: the worst rules with open findings, missing data, and the sign-off.
pub(super) fn next_steps(groups: &[FindingGroup], tests: &[TestOutcome], complete: bool) -> Vec<NextStep> {
    const RULES: usize = 3;
    let mut steps = Vec::new();
    if !complete {
        let what = "Restore the data sources that could not be read, and run the audit again.".to_owned();
        steps.push(NextStep { what, target: "gaps".to_owned() });
    }
    steps.extend(groups.iter().filter(|group| group.open > 0).take(RULES).map(|group| NextStep {
        what: format!("Resolve {}: {}.", number_of(group.open, &format!("{} finding", group.severity)), group.title),
        target: format!("group-{}", group.rule),
    }));
    let untested = of_result(tests, TestResult::NotEvaluated);
    if untested > 0 {
        let tests = number_of(untested, "test");
        let what = format!("Provide the data for {tests} that could not be performed, or accept the limitation.");
        steps.push(NextStep { what, target: "limits".to_owned() });
    }
    steps.push(NextStep { what: "Review and sign.".to_owned(), target: "sign-off".to_owned() });
    steps
}

/// Leavers with access, in a sentence.
pub(super) fn leavers_sentence(assessment: &Assessment<'_>) -> String {
    let facts = leaver_facts(assessment);
    match assessment.result("leaver-holds-access").map(|result| &result.verdict) {
        Some(Verdict::NotEvaluated(_)) | None => "Leavers with access: not tested".to_owned(),
        Some(Verdict::Evaluated) if facts.grants == 0 => "No leaver holds access in scope".to_owned(),
        Some(_) if facts.grants == 0 => "No leaver holds access in the data that was read".to_owned(),
        Some(_) => {
            let holds = if facts.leavers == 1 { "holds" } else { "hold" };
            let (leavers, grants) = (number_of(facts.leavers, "leaver"), number_of(facts.grants, "grant"));
            format!("{leavers} {holds} {grants}{}", facts.decided())
        }
    }
}

/// The three numbers of the first screen.
pub(super) fn numbers(assessment: &Assessment<'_>) -> Vec<Number> {
    let leavers = match assessment.result("leaver-holds-access").map(|result| &result.verdict) {
        Some(Verdict::Evaluated) => Seen::All,
        Some(Verdict::Partial(_)) if assessment.ledger().aws().is_some() => Seen::Part,
        Some(Verdict::Partial(_) | Verdict::NotEvaluated(_)) | None => Seen::Nothing,
    };
    let rules = match assessment.results().iter().any(|result| !matches!(result.verdict, Verdict::NotEvaluated(_))) {
        true if assessment.ledger().snapshot().is_complete() => Seen::All,
        true => Seen::Part,
        false => Seen::Nothing,
    };
    let facts = [model::Fact::Assignments, model::Fact::Memberships, model::Fact::DirectoryUsers];
    vec![
        stale_grants(assessment).seen(leavers),
        urgent_findings(assessment).seen(rules),
        holders(assessment.ledger()).seen(of_facts(assessment.ledger(), &facts)),
    ]
}

/// The populations behind the results: what was counted, and how much.
pub(super) fn populations(ledger: &Ledger<'_>) -> Vec<Number> {
    vec![
        assignments(ledger).seen(of_facts(ledger, &[model::Fact::Assignments])),
        accounts(ledger).seen(of_facts(ledger, &[model::Fact::Accounts])),
    ]
}

fn of_facts(ledger: &Ledger<'_>, facts: &[model::Fact]) -> Seen {
    match ledger.aws() {
        Some(_) => Seen::of(facts.iter().map(|fact| ledger.snapshot().coverage(*fact))),
        // The data source is configured, and not even the instance was found.
        None => Seen::Nothing,
    }
}

/// How much of what a number counts was seen. A zero that nobody looked for is no zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    /// Nobody looked.
    Nothing,
    /// Not all of it was read.
    Part,
    /// All of it was.
    All,
}

impl Seen {
    /// A count, as far as it is one.
    pub(super) fn counted(self, count: u64) -> String {
        match self {
            Self::All => thousands(count),
            Self::Part => format!("≥ {}", thousands(count)),
            Self::Nothing if count > 0 => format!("≥ {}", thousands(count)),
            Self::Nothing => "?".to_owned(),
        }
    }

    /// What was seen of these facts together.
    pub(super) fn of<'a>(facts: impl Iterator<Item = Coverage<'a>>) -> Self {
        let seen = facts.map(|coverage| match coverage {
            Coverage::Complete => Self::All,
            Coverage::Partial(_) => Self::Part,
            Coverage::NotAsked => Self::Nothing,
        });
        seen.min().unwrap_or(Self::Nothing)
    }
}

impl Number {
    fn seen(mut self, seen: Seen) -> Self {
        match seen {
            Seen::All => {}
            Seen::Part => {
                self.value = format!("≥ {}", self.value);
                self.note = format!("{}, in the data that was read", self.note);
            }
            Seen::Nothing => {
                self.value = "?".to_owned();
                self.note = "No data was collected".to_owned();
                self.bar = Vec::new();
            }
        }
        // Good is only what was looked for and not found.
        if seen != Seen::All && self.tone == "good" {
            self.tone = "plain";
        }
        self
    }
}

fn stale_grants(assessment: &Assessment<'_>) -> Number {
    let facts = leaver_facts(assessment);
    let stale = facts.grants as u64;
    let ledger = assessment.ledger();
    let grants: u64 = (0u32..).zip(ledger.users()).map(|(at, _)| ledger.grants().count_of_user(at) as u64).sum();
    Number {
        label: "grants held by leavers",
        value: thousands(stale),
        note: format!("{} of {} grants", leavers_sentence(assessment), thousands(grants)),
        tone: if stale > 0 { "bad" } else { "good" },
        bar: bar(&[(stale, "bad"), (grants.saturating_sub(stale), "rest")], grants),
    }
}

fn urgent_findings(assessment: &Assessment<'_>) -> Number {
    let total = assessment.findings().len() as u64;
    let open = |severity| count(assessment, severity, FindingStatus::Open);
    let parts = Severity::WORST_FIRST.map(|severity| (open(severity), severity.as_str()));
    let urgent = open(Severity::Critical) + open(Severity::High);
    let words: Vec<String> = parts
        .iter()
        .filter(|(open, _)| *open > 0)
        .map(|(open, severity)| format!("{} {severity}", thousands(*open)))
        .collect();
    let note = if words.is_empty() {
        format!("None open, of {} findings", thousands(total))
    } else {
        format!("Open: {}; {} findings in all", words.join(", "), thousands(total))
    };
    Number {
        label: "critical and high findings open",
        value: thousands(urgent),
        note,
        tone: if urgent > 0 { "bad" } else { "good" },
        bar: bar(&parts, total),
    }
}

fn holders(ledger: &Ledger<'_>) -> Number {
    let users = ledger.users().len() as u64;
    let holders = (0u32..).zip(ledger.users()).filter(|(at, _)| ledger.grants().count_of_user(*at) > 0).count() as u64;
    Number {
        label: "users with access",
        value: thousands(holders),
        note: format!("Of {} in Identity Center", thousands(users)),
        tone: "plain",
        bar: bar(&[(holders, "plain"), (users.saturating_sub(holders), "rest")], users),
    }
}

fn assignments(ledger: &Ledger<'_>) -> Number {
    let entitlements = ledger.entitlements();
    let (mut groups, mut users, mut nobody) = (0, 0, 0);
    for (at, _) in (0u32..).zip(entitlements.assignments()) {
        match entitlements.resolved(at).map(|resolved| resolved.principal) {
            Some(ResolvedPrincipal::Group(_)) => groups += 1,
            Some(ResolvedPrincipal::User(_)) => users += 1,
            Some(ResolvedPrincipal::Missing(_)) | None => nobody += 1,
        }
    }
    let total = entitlements.assignments().len() as u64;
    let mut note = format!("{} to groups, {} to users", thousands(groups), thousands(users));
    if nobody > 0 {
        note.push_str(&format!(", {} to missing principals", thousands(nobody)));
    }
    Number {
        label: "assignments",
        value: thousands(total),
        note,
        tone: "plain",
        bar: bar(&[(groups, "plain"), (users, "medium"), (nobody, "bad")], total),
    }
}

fn accounts(ledger: &Ledger<'_>) -> Number {
    let accounts = ledger.entitlements().accounts();
    let in_scope = accounts.iter().filter(|account| account.excluded.is_none()).count() as u64;
    let known = accounts.len() as u64;
    Number {
        label: "accounts in scope",
        value: thousands(in_scope),
        note: format!("of {} known", thousands(known)),
        tone: "plain",
        bar: bar(&[(in_scope, "plain"), (known.saturating_sub(in_scope), "rest")], known),
    }
}

fn count(assessment: &Assessment<'_>, severity: Severity, status: FindingStatus) -> u64 {
    let of = |assessed: &&Assessed| assessed.finding.severity == severity && assessed.status == status;
    assessment.findings().iter().filter(of).count() as u64
}

pub(super) fn severities(assessment: &Assessment<'_>) -> Vec<SeverityCount> {
    let counts = Severity::WORST_FIRST.map(|severity| {
        let of = |status| count(assessment, severity, status);
        (severity.as_str(), of(FindingStatus::Open), of(FindingStatus::Pending), of(FindingStatus::Excepted))
    });
    let most = counts.iter().map(|(_, open, pending, excepted)| open + pending + excepted).max().unwrap_or(0);
    counts
        .into_iter()
        .map(|(severity, open, pending, excepted)| SeverityCount {
            severity,
            open,
            pending,
            excepted,
            bar: bar(&[(open, severity), (pending, "pending"), (excepted, "excepted")], most),
        })
        .collect()
}
