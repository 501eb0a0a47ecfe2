//! The pack's check of itself: rows, test results and counts that contradict each other are an internal error.
//!
//! One question is often answered from two places: a use of access from the grants and from the leavers, a failure from a
//! rule and from its population. The check reads every row as it is written, and holds the answers against each other.

use std::collections::BTreeMap;
use std::fmt;

use super::report::ReportView;
use super::table::Table;
use super::tests::{TestOutcome, TestResult};
use crate::model::Instant;
use crate::model::finding::Severity;
use crate::rules;

/// Two statements of one pack that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    one: String,
    other: String,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pack would contradict itself: {}, but {}; nothing was written", self.one, self.other)
    }
}

/// The tables whose rows have a result, with the test that a failed row keeps from passing.
const RESULTS: [(&str, &str); 3] =
    [("leavers.csv", "leavers-in-time"), ("joiners.csv", "joiners-approved"), ("movers.csv", "movers-adjusted")];

/// A leaver of whom a log shows no activity after termination.
#[derive(Debug)]
struct SilentLeaver {
    row: String,
    users: Vec<String>,
    since: Instant,
}

/// What was written, as far as statements can be held against it.
#[derive(Debug, Default)]
pub struct SelfCheck {
    rows: BTreeMap<&'static str, u64>,
    /// The last use of access, by user, with its row.
    used: BTreeMap<String, (Instant, String)>,
    silent: Vec<SilentLeaver>,
    /// The first failed row, by table.
    failed: BTreeMap<&'static str, String>,
    /// Findings by rule and status.
    findings: BTreeMap<(String, String), u64>,
    /// Findings by severity and status.
    severities: BTreeMap<(String, String), u64>,
    privileged: u64,
    in_period: bool,
}

impl SelfCheck {
    /// A check of a pack for a review period, or of one without.
    pub fn new(in_period: bool) -> Self {
        Self { in_period, ..Self::default() }
    }

    /// Reads a row that is written to a table.
    pub fn row(&mut self, table: &Table, cells: &[&str]) {
        *self.rows.entry(table.file).or_default() += 1;
        let cell = |name: &str| {
            let at = table.columns.iter().position(|column| column.name == name);
            at.and_then(|at| cells.get(at)).copied().unwrap_or_default()
        };
        match table.file {
            "findings.csv" => {
                let status = cell("status").to_owned();
                *self.findings.entry((cell("rule").to_owned(), status.clone())).or_default() += 1;
                *self.severities.entry((cell("severity").to_owned(), status)).or_default() += 1;
            }
            "grants.csv" => {
                self.privileged += u64::from(cell("privileged") == "yes");
                if let Ok(at) = cell("last_used_at").parse::<Instant>() {
                    let row = format!("grants.csv has the grant {} used at {at}", cell("grant_id"));
                    let last = self.used.entry(cell("user_id").to_owned()).or_insert_with(|| (at, row.clone()));
                    if at > last.0 {
                        *last = (at, row);
                    }
                }
            }
            // Whoever returned may use access again, and only the last use is known.
            "leavers.csv" if cell("activity_after") == "no" && cell("returned_at").is_empty() => {
                if let Ok(since) = cell("gone_latest").parse::<Instant>() {
                    let row = format!(
                        "leavers.csv has {} ({}) terminated or disabled since {since}, with no activity after it",
                        cell("person"),
                        cell("user_id")
                    );
                    let users = cell("user_id").split(';').map(str::to_owned).collect();
                    self.silent.push(SilentLeaver { row, users, since });
                }
            }
            _ => {}
        }
        if cell("result") == "fail" && RESULTS.iter().any(|(file, _)| *file == table.file) {
            let user = cell("user_id");
            let row = format!("{} has a failed row for {} ({user})", table.file, cell("person"));
            self.failed.entry(table.file).or_insert(row);
        }
    }

    /// Holds everything written against the tests' results and the report.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn conclude(&self, tests: &[TestOutcome], report: &ReportView) -> Result<(), Contradiction> {
        self.leavers()?;
        self.tests(tests)?;
        self.counts(report)
    }

    /// No grant of a silent leaver was used after termination.
    fn leavers(&self) -> Result<(), Contradiction> {
        for SilentLeaver { row, users, since } in &self.silent {
            let mut used = users.iter().filter_map(|user| self.used.get(user));
            if let Some((_, grant)) = used.find(|(at, _)| at > since) {
                return Err(Contradiction { one: row.clone(), other: grant.clone() });
            }
        }
        Ok(())
    }

    /// Tests count the findings that are listed, and none passes while a row of its population failed.
    fn tests(&self, tests: &[TestOutcome]) -> Result<(), Contradiction> {
        for outcome in tests {
            let id = outcome.test.id;
            let decides = |rule: &&&str| rules::find(rule).is_some_and(|rule| rule.meta().severity > Severity::Info);
            let listed = |status: &str| -> u64 {
                let deciding = outcome.test.rules.iter().filter(decides);
                deciding.filter_map(|rule| self.findings.get(&((*rule).to_owned(), status.to_owned()))).sum()
            };
            let counts = [("open", outcome.failures), ("pending", outcome.pending), ("excepted", outcome.excepted)];
            for (status, count) in counts {
                equal(format!("test {id}"), count, format!("findings.csv, {status}"), listed(status))?;
            }
            let passes = matches!(outcome.result, TestResult::Pass | TestResult::NoOccurrences);
            // An exception accepts failures, and leaves the rows as they are.
            if !passes || outcome.excepted > 0 {
                continue;
            }
            for (file, test) in RESULTS {
                let test = if test == "leavers-in-time" && !self.in_period { "leavers-removed" } else { test };
                if let Some(row) = self.failed.get(file).filter(|_| test == id) {
                    let one = format!("test {id} has the result {}", outcome.result.as_str());
                    return Err(Contradiction { one, other: row.clone() });
                }
            }
        }
        Ok(())
    }

    /// The report counts what the tables list.
    fn counts(&self, report: &ReportView) -> Result<(), Contradiction> {
        let rows = |file: &str| self.rows.get(file).copied().unwrap_or_default();
        let totals = [
            ("findings", report.findings_cap.total, "findings.csv"),
            ("leavers", report.leavers_cap.total, "leavers.csv"),
            ("permission sets", report.permission_sets_cap.total, "permission_sets.csv"),
            ("exceptions", report.exceptions.len(), "exceptions.csv"),
        ];
        for (what, count, file) in totals {
            equal(format!("report.html, {what}"), count as u64, file.to_owned(), rows(file))?;
        }
        for severity in &report.severities {
            let listed = |status: &str| {
                let key = (severity.severity.to_owned(), status.to_owned());
                self.severities.get(&key).copied().unwrap_or_default()
            };
            let counts = [("open", severity.open), ("pending", severity.pending), ("excepted", severity.excepted)];
            for (status, count) in counts {
                let what = format!("{} {status}", severity.severity);
                equal(format!("report.html, {what}"), count, format!("findings.csv, {what}"), listed(status))?;
            }
        }
        let (one, other) = ("privileged.csv".to_owned(), "grants.csv, privileged".to_owned());
        equal(one, rows("privileged.csv"), other, self.privileged)
    }
}

fn equal(one: String, count: u64, other: String, listed: u64) -> Result<(), Contradiction> {
    if count == listed {
        return Ok(());
    }
    Err(Contradiction { one: format!("{one} counts {count}"), other: format!("{other} has {listed}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::tables::TABLES;
    use crate::evidence::tests::TESTS;

    /// Rows of a table, by the cells that matter.
    fn write(check: &mut SelfCheck, file: &str, given: &[(&str, &str)]) {
        let table = TABLES.iter().find(|table| table.file == file).unwrap();
        for (name, _) in given {
            assert!(table.columns.iter().any(|column| column.name == *name), "{file} has {name}");
        }
        let cell = |name: &str| given.iter().find(|(given, _)| *given == name).map_or("", |(_, cell)| *cell);
        let cells: Vec<&str> = table.columns.iter().map(|column| cell(column.name)).collect();
        check.row(table, &cells);
    }

    fn outcome(id: &str, result: TestResult, failures: u64, excepted: u64) -> TestOutcome {
        TestOutcome {
            test: TESTS.iter().find(|test| test.id == id).unwrap(),
            result,
            population: (1, "people"),
            failures,
            pending: 0,
            excepted,
            undecided: 0,
            reasons: Vec::new(),
            inconclusive: Vec::new(),
        }
    }

    fn used(used: &str, returned: &str, after: &str) -> SelfCheck {
        let mut check = SelfCheck::new(true);
        write(&mut check, "grants.csv", &[("grant_id", "g_1"), ("user_id", "u1"), ("last_used_at", "unknown")]);
        write(&mut check, "grants.csv", &[("grant_id", "g_2"), ("user_id", "u2"), ("last_used_at", used)]);
        let leaver = [
            ("person", "Ann"),
            ("user_id", "u1;u2"),
            ("activity_after", after),
            ("gone_latest", "2026-09-01T00:00:00Z"),
            ("returned_at", returned),
        ];
        write(&mut check, "leavers.csv", &leaver);
        check
    }

    #[test]
    fn a_use_after_termination_contradicts_no_activity() {
        let error = used("2026-09-02T00:00:00Z", "", "no").leavers().unwrap_err().to_string();
        assert!(error.contains("Ann (u1;u2)") && error.contains("g_2 used at 2026-09-02"), "{error}");
        used("2026-09-01T00:00:00Z", "", "no").leavers().unwrap();
        used("2026-09-02T00:00:00Z", "", "yes").leavers().unwrap();
        used("2026-09-02T00:00:00Z", "2026-09-01T12:00:00Z", "no").leavers().unwrap();
    }

    #[test]
    fn no_test_passes_while_a_row_of_its_population_failed() {
        let cases = [
            ("leavers.csv", "leavers-in-time", true),
            ("leavers.csv", "leavers-removed", false),
            ("movers.csv", "movers-adjusted", true),
            ("joiners.csv", "joiners-approved", true),
        ];
        for (file, test, in_period) in cases {
            let mut check = SelfCheck::new(in_period);
            write(&mut check, file, &[("result", "pass"), ("person", "Bob")]);
            check.tests(&[outcome(test, TestResult::Pass, 0, 0)]).unwrap();
            write(&mut check, file, &[("result", "fail"), ("person", "Ann"), ("user_id", "u1")]);
            for result in [TestResult::Pass, TestResult::NoOccurrences] {
                let error = check.tests(&[outcome(test, result, 0, 0)]).unwrap_err().to_string();
                assert!(error.contains(test) && error.contains(file) && error.contains("Ann (u1)"), "{error}");
            }
            check.tests(&[outcome(test, TestResult::NotEvaluated, 0, 0)]).unwrap();
        }
    }

    #[test]
    fn a_test_counts_the_findings_that_are_listed() {
        let mut check = SelfCheck::new(false);
        let finding = [("rule", "leaver-holds-access"), ("status", "open"), ("severity", "high")];
        write(&mut check, "findings.csv", &finding);
        check.tests(&[outcome("leavers-removed", TestResult::Fail, 1, 0)]).unwrap();
        let error = check.tests(&[outcome("leavers-removed", TestResult::Fail, 2, 0)]).unwrap_err().to_string();
        assert!(error.contains("leavers-removed counts 2") && error.contains("findings.csv, open has 1"), "{error}");
        check.tests(&[outcome("leavers-removed", TestResult::Pass, 0, 0)]).unwrap_err();
    }
}
