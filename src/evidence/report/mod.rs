//! What `report.html` shows. Every value is text or a number, ready to be escaped and printed.

mod chart;
mod cover;
mod findings;
mod lifecycle;
mod limits;
mod people;
mod pictures;
mod populations;
mod provenance;
mod results;
mod rules;
mod scope;

use serde::Serialize;

use super::RunId;
use super::decisions::{Decision, decisions};
use super::tests::TestOutcome;
use super::warnings::warnings;
use crate::assess::Assessment;

pub use chart::Segment;
pub use cover::{NextStep, Number, ResultCount, SeverityCount};
pub use findings::{EvidenceView, FindingGroup, FindingView, PathView};
pub use lifecycle::{LeaverTimeline, LifecycleTest, LifecycleView, Step};
pub use limits::{LimitGroup, idle_approvals, limits, not_tested};
pub use people::{FindingLine, PersonView};
pub use pictures::{Bucket, Lane, LeaverPicture, Mark, Point, RemovalPicture, Stack, TrendPicture};
pub use populations::{AccountRow, ExceptionView, LeaverView, PermissionSetView};
pub use provenance::{FileView, GapView, InputView, OperationView, SourceView};
pub use results::{ControlView, TestView, TieOutView};
pub use rules::{RuleView, Section, Span};
pub use scope::{Exclusion, Fact, Reading};

/// More findings than this are not shown in the report; it says so, and `findings.csv` has them all.
const FINDINGS_SHOWN: usize = 500;
/// They take no more bytes of the page than this, whatever the lengths of names.
const FINDINGS_BYTES: usize = 1_400_000;
/// The same for leavers, accounts and permission sets.
const ROWS_SHOWN: usize = 200;

/// And more decisions of the operator than this.
const DECISIONS_SHOWN: usize = 60;

/// The report.
#[derive(Debug, Serialize)]
pub struct ReportView {
    /// The organisation's name.
    pub organization: String,
    /// `COMPLETE` or `INCOMPLETE`.
    pub status: &'static str,
    /// Whether everything asked for was read.
    pub complete: bool,
    /// The run.
    pub run_id: String,
    /// The tool's version.
    pub version: &'static str,
    /// The instant of conclusions.
    pub as_of: String,
    /// Its date.
    pub as_of_date: String,
    /// When collecting began.
    pub collected_from: String,
    /// When it ended.
    pub collected_to: String,
    /// The snapshot's digest.
    pub snapshot_digest: String,
    /// The config's digest.
    pub config_digest: String,
    /// The headline: how many control tests failed.
    pub headline: String,
    /// Leavers with access, in a sentence.
    pub leavers_sentence: String,
    /// Results of all tests, counted.
    pub result_counts: Vec<ResultCount>,
    /// Assignments in accounts out of scope.
    pub out_of_scope: u64,
    /// What to do next.
    pub next_steps: Vec<NextStep>,
    /// Populations behind the results.
    pub populations: Vec<Number>,
    /// What a reader has to know before any number.
    pub warnings: Vec<String>,
    /// Decisions that shape the report, with what each covers.
    pub decisions: Vec<Decision>,
    /// Facts of the scope, label and value.
    pub scope: Vec<Fact>,
    /// Accounts left out.
    pub exclusions: Vec<Exclusion>,
    /// What was asked, and whether all of it was read.
    pub readings: Vec<Reading>,
    /// The numbers that matter.
    pub numbers: Vec<Number>,
    /// Findings per severity, the worst first.
    pub severities: Vec<SeverityCount>,
    /// Results per control.
    pub controls: Vec<ControlView>,
    /// Results per test.
    pub tests: Vec<TestView>,
    /// Counts that must agree.
    pub tie_outs: Vec<TieOutView>,
    /// What could not be read.
    pub gaps: Vec<GapView>,
    /// How much of that is shown.
    pub gaps_cap: Cap,
    /// Limitations, by reason.
    pub limits: Vec<LimitGroup>,
    /// The sources.
    pub sources: Vec<SourceView>,
    /// Findings by rule, the worst first.
    pub groups: Vec<FindingGroup>,
    /// How many of the findings are shown.
    pub findings_cap: Cap,
    /// Pages of the people with the worst findings.
    pub people: Vec<PersonView>,
    /// How the period went; empty where no period was asked for.
    pub lifecycle: Vec<LifecycleView>,
    /// Everyone who is gone, those who still hold access first.
    pub leavers: Vec<LeaverView>,
    /// How many of them are shown.
    pub leavers_cap: Cap,
    /// The distribution of the time to removal.
    pub removal: RemovalPicture,
    /// Permission sets.
    pub permission_sets: Vec<PermissionSetView>,
    /// How many of them are shown.
    pub permission_sets_cap: Cap,
    /// Accounts.
    pub accounts: Vec<AccountRow>,
    /// How many of them are shown.
    pub accounts_cap: Cap,
    /// Exceptions.
    pub exceptions: Vec<ExceptionView>,
    /// How many of them are shown.
    pub exceptions_cap: Cap,
    /// How many of the decisions are not shown.
    pub decisions_rest: usize,
    /// The thresholds tested against.
    pub thresholds: Vec<Fact>,
    /// The rules, with their pages.
    pub rules: Vec<RuleView>,
    /// The other files of the pack.
    pub files: Vec<FileView>,
}

/// How much of a population the report shows, and where the rest is, so that nothing looks silently cut.
#[derive(Debug, Serialize)]
pub struct Cap {
    /// Shown.
    pub shown: usize,
    /// In all.
    pub total: usize,
    /// Whether some are not shown.
    pub cut: bool,
    /// The file that has them all.
    pub file: &'static str,
    /// Its digest; empty when the pack has no such file.
    pub sha256: String,
}

impl Cap {
    fn new(shown: usize, total: usize, file: &'static str, files: &[FileView]) -> Self {
        let sha256 = files.iter().find(|view| view.name == file).map(|view| view.sha256.clone()).unwrap_or_default();
        Self { shown, total, cut: shown < total, file, sha256 }
    }
}

/// Composes the report.
pub fn report(assessment: &Assessment<'_>, tests: &[TestOutcome], run: &RunId, files: Vec<FileView>) -> ReportView {
    let ledger = assessment.ledger();
    let snapshot = ledger.snapshot();
    let complete = snapshot.is_complete();
    let groups = findings::groups(assessment, FINDINGS_SHOWN, FINDINGS_BYTES);
    let shown = groups.iter().map(|group| group.findings.len()).sum();
    let findings_cap = Cap::new(shown, assessment.findings().len(), "findings.csv", &files);
    let capped = |total: usize, file| Cap::new(total.min(ROWS_SHOWN), total, file, &files);
    let mut leavers = populations::leavers(ledger);
    let leavers_cap = capped(leavers.len(), "leavers.csv");
    leavers.truncate(ROWS_SHOWN);
    let mut permission_sets = populations::permission_sets(ledger);
    let permission_sets_cap = capped(permission_sets.len(), "permission_sets.csv");
    permission_sets.truncate(ROWS_SHOWN);
    let mut accounts = populations::accounts(ledger);
    let accounts_cap = capped(accounts.len(), "snapshot.json.zst");
    accounts.truncate(ROWS_SHOWN);
    let mut gaps = provenance::gaps(ledger);
    let gaps_cap = capped(gaps.len(), "ipe.json");
    gaps.truncate(ROWS_SHOWN);
    let mut exceptions = populations::exceptions(assessment);
    let exceptions_cap = capped(exceptions.len(), "exceptions.csv");
    exceptions.truncate(ROWS_SHOWN);
    let mut decisions = decisions(assessment);
    let decisions_rest = decisions.len().saturating_sub(DECISIONS_SHOWN);
    decisions.truncate(DECISIONS_SHOWN);
    ReportView {
        organization: ledger.config().organization.clone().unwrap_or_else(|| "This organisation".to_owned()),
        status: if complete { "COMPLETE" } else { "INCOMPLETE" },
        complete,
        run_id: run.as_str().to_owned(),
        version: env!("CARGO_PKG_VERSION"),
        as_of: ledger.as_of().to_string(),
        as_of_date: ledger.as_of().date(),
        collected_from: snapshot.started_at().to_string(),
        collected_to: snapshot.ended_at().to_string(),
        snapshot_digest: snapshot.digest().to_owned(),
        config_digest: run.config_digest().to_owned(),
        headline: cover::headline(tests),
        leavers_sentence: cover::leavers_sentence(assessment),
        result_counts: cover::result_counts(tests.iter()),
        out_of_scope: ledger.entitlements().excluded().count() as u64,
        next_steps: cover::next_steps(&groups, tests, complete),
        populations: cover::populations(ledger),
        warnings: warnings(ledger),
        decisions,
        decisions_rest,
        scope: scope::scope(ledger),
        exclusions: scope::exclusions(ledger),
        readings: scope::readings(ledger),
        numbers: cover::numbers(assessment),
        severities: cover::severities(assessment),
        controls: results::controls(tests),
        tests: results::matrix(tests),
        tie_outs: ledger.tie_outs().iter().map(results::tie_out).collect(),
        gaps,
        gaps_cap,
        limits: limits::limit_groups(assessment),
        sources: provenance::sources(ledger),
        groups,
        findings_cap,
        people: people::people(assessment),
        lifecycle: lifecycle::lifecycle(ledger).into_iter().collect(),
        leavers,
        leavers_cap,
        removal: pictures::removal(ledger),
        permission_sets,
        permission_sets_cap,
        accounts,
        accounts_cap,
        exceptions,
        exceptions_cap,
        thresholds: provenance::thresholds(ledger),
        rules: rules::rules(assessment),
        files,
    }
}
