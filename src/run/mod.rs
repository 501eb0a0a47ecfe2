//! One file per subcommand: the only place that composes the stages.

pub mod audit;
pub mod check;
pub mod collect;
pub mod completions;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod init;
mod keep;
pub mod man;
mod period;
mod proof;
pub mod rules;
pub mod schema;
pub mod store;
pub mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::assess::{Assessed, Assessment, FindingStatus, assess};
use crate::collect::{Clock, Progress};
use crate::config::Config;
use crate::diagnostic;
use crate::error::Error;
use crate::evidence::report::{idle_approvals, not_tested};
use crate::evidence::warnings::warnings;
use crate::evidence::words::{thousands, times};
use crate::exit::Status;
use crate::model::finding::Severity;
use crate::model::{AsOf, Instant, OperationRecord, Period};
use crate::reconcile::{Ledger, reconcile};
use crate::render::plain;
use crate::rules::{Verdict, evaluate};
use crate::snapshot::Snapshot;

/// What the command line and `main` decided for every subcommand.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The clock.
    pub clock: Clock,
    /// The config's path.
    pub config: PathBuf,
    /// The instant of conclusions, if given.
    pub as_of: Option<AsOf>,
    /// Whether the network may be used.
    pub offline: bool,
    /// Whether to say no more than errors and results.
    pub quiet: bool,
    /// Whether to say what each source was asked.
    pub verbose: bool,
    /// Where progress is told.
    pub progress: Progress,
}

impl Shell {
    /// Writes a line for people, to standard error.
    pub(crate) fn say(&self, line: &str) {
        if !self.quiet {
            // Names come from directories and files: none of them may steer the terminal, or begin a line of its own.
            let line = plain(line);
            // Nobody listens any more: not a reason to stop.
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }

    /// Says what each source was asked and how it answered, if that was wished for.
    pub(crate) fn say_sources(&self, snapshot: &Snapshot) {
        if !self.verbose {
            return;
        }
        for record in snapshot.sources() {
            self.say(&format!("{} ({})", record.source, record.kind));
            for operation in &record.operations {
                let OperationRecord { operation, requests, items, retries, throttles, failures, .. } = operation;
                self.say(&format!(
                    "  {operation}: {requests} requests, {items} items, {retries} sent again, {throttles} throttled, {failures} failed"
                ));
            }
            for file in &record.files {
                self.say(&format!("  {}: {} rows, {}", file.path, file.rows, file.read_as));
            }
            for note in &record.notes {
                self.say(&format!("  {note}"));
            }
        }
    }

    /// Writes a line of result, to standard output.
    ///
    /// # Errors
    /// When standard output fails otherwise than by being closed.
    pub(crate) fn print(line: &str) -> Result<(), Error> {
        match writeln!(anstream::stdout(), "{line}") {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("write", Path::new("standard output"), e)),
            _ => Ok(()),
        }
    }

    /// Writes a result for programs, to standard output.
    ///
    /// # Errors
    /// As [`Shell::print`], and when the value does not serialise, which would be a bug.
    pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Error> {
        Self::print(&serde_json::to_string_pretty(value).map_err(|e| Error::Internal(format!("JSON: {e}")))?)
    }

    /// Writes a whole result, to standard output; the stream drops colours where they don't belong.
    ///
    /// # Errors
    /// When standard output fails otherwise than by being closed.
    pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Error> {
        let mut stdout = anstream::stdout();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("write", Path::new("standard output"), e)),
            _ => Ok(()),
        }
    }

    /// Reads the config.
    ///
    /// # Errors
    /// When it is not there, or anything in it is wrong.
    pub(crate) fn load_config(&self) -> Result<Config, Error> {
        let name = self.config.display().to_string();
        #[expect(clippy::disallowed_methods, reason = "the shell reads the config file")]
        let text = std::fs::read_to_string(&self.config).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Error::Usage {
                message: format!("there is no config at {name}"),
                hint: "write one with `overstay init`, or name one with --config".to_owned(),
            },
            io::ErrorKind::InvalidData => {
                Error::Usage { message: format!("{name} is not UTF-8 text"), hint: "save it as UTF-8".to_owned() }
            }
            _ => Error::io("read", &self.config, e),
        })?;
        let config = Config::parse(&text, &name).map_err(Error::Input)?;
        let reserved = config.reserved_keys();
        if !reserved.is_empty() {
            self.say(&format!("note: this version does nothing with {} of the config", reserved.join(", ")));
        }
        Ok(config)
    }

    /// The folder that the config's relative paths start from.
    pub(crate) fn base(&self) -> PathBuf {
        self.config.parent().map_or_else(PathBuf::new, Path::to_owned)
    }
}

/// Refuses a config that sets something aside for more than a year from `now`.
///
/// Against the clock and not `--as-of`: a config that was valid once stays valid for every rehearsal and replay.
pub(crate) fn check_terms(config: &Config, now: Instant) -> Result<(), Error> {
    let late = config.check_at(now);
    if late.is_empty() { Ok(()) } else { Err(Error::Input(late)) }
}

/// Refuses a place that can't be written to before anything is collected for it: a collection can take an hour.
pub(crate) fn check_writable(path: &Path) -> Result<(), Error> {
    // The folder that is there already; making the rest of the path can wait until there is something to put in it.
    let there = path.ancestors().skip(1).find(|folder| folder.exists()).unwrap_or(Path::new("."));
    tempfile::NamedTempFile::new_in(there).map(drop).map_err(|e| Error::io("write to", there, e))
}

/// Runs every pure stage on a snapshot and hands the assessment on.
pub(crate) fn conclude<T>(
    snapshot: &Snapshot,
    config: &Config,
    as_of: AsOf,
    period: Option<Period>,
    then: impl FnOnce(&Assessment<'_>) -> T,
) -> T {
    let ledger: Ledger<'_> = reconcile(snapshot, config, as_of, period);
    let outcomes = evaluate(&ledger);
    then(&assess(&ledger, outcomes))
}

/// How a run ends: incomplete wins over findings, findings count only at a threshold.
pub(crate) fn status(assessment: &Assessment<'_>, fail_on: Option<Severity>) -> Status {
    let at_or_above = |threshold| assessment.worst_open().is_some_and(|worst| worst >= threshold);
    if !assessment.ledger().snapshot().is_complete() {
        Status::Incomplete
    } else if fail_on.is_some_and(at_or_above) {
        Status::Findings
    } else {
        Status::Clean
    }
}

/// The headline of an assessment, for people.
pub(crate) fn headline(assessment: &Assessment<'_>) -> Vec<String> {
    const NAMED: usize = 20;
    let snapshot = assessment.ledger().snapshot();
    let mut lines = unread(snapshot);
    lines.extend(warnings(assessment.ledger()).into_iter().map(|warning| format!("warning: {warning}")));
    lines.extend(idle_approvals(assessment.ledger()).into_iter().map(|idle| format!("note: {idle}")));
    let open: Vec<_> = assessment.findings().iter().filter(|a| a.status == FindingStatus::Open).collect();
    if open.is_empty() {
        let whole = assessment.results().iter().all(|result| result.verdict == Verdict::Evaluated);
        lines.push(if whole { "No open findings." } else { "No open findings in what could be evaluated." }.to_owned());
    }
    let mut by_rule: Vec<_> = assessment
        .results()
        .iter()
        .filter_map(|result| {
            // What an exception covers is a fact all the same: it is counted, and marked.
            let counts = |a: &&Assessed| matches!(a.status, FindingStatus::Open | FindingStatus::Excepted);
            let of_rule: Vec<_> = assessment.findings_of(result.rule.id).filter(counts).collect();
            let worst = of_rule.iter().map(|a| a.finding.severity).max()?;
            Some((worst, result, of_rule))
        })
        .collect();
    // The worst first; rules of equal severity keep the registry's order.
    by_rule.sort_by_key(|(worst, ..)| std::cmp::Reverse(*worst));
    for (worst, result, of_rule) in by_rule {
        let grants: usize = of_rule.iter().map(|a| a.finding.grants.len()).sum();
        let about = if grants > 0 {
            format!(", {} {}", thousands(grants as u64), if grants == 1 { "grant" } else { "grants" })
        } else {
            String::new()
        };
        let excepted = of_rule.iter().filter(|a| a.status == FindingStatus::Excepted).count();
        let excepted = if excepted > 0 { format!("; {excepted} under exception") } else { String::new() };
        lines.push(format!(
            "{:>8}  {} ({}{about}{excepted})",
            worst.as_str(),
            result.rule.title,
            thousands(of_rule.len() as u64)
        ));
        if worst >= Severity::High {
            // Whoever has several findings is named once.
            let mut named = BTreeSet::new();
            let mut names: Vec<&str> = of_rule.iter().map(|a| a.finding.subject.name.as_str()).collect();
            names.retain(|name| named.insert(*name));
            let more = names.len().saturating_sub(NAMED);
            names.truncate(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            lines.push(format!("          {}{more}", names.join(", ")));
        }
    }
    lines.extend(not_tested_lines(assessment));
    lines.iter().map(|line| times(line)).collect()
}

/// How many rules were not tested, and the reasons that concern the most of them.
fn not_tested_lines(assessment: &Assessment<'_>) -> Vec<String> {
    const REASONS: usize = 2;
    let mut reasons = not_tested(assessment);
    let rules: usize = reasons.iter().map(|(_, rules)| rules.len()).sum();
    let all = assessment.results().len();
    if !assessment.ledger().snapshot().is_complete() {
        // What could not be read stands above already, and is most of the reasons.
        let line = format!("Not tested: {rules} of {all} rules; the report lists the reasons");
        return if rules > 0 { vec![line] } else { Vec::new() };
    }
    // Stable: reasons that concern equally many rules keep the registry's order.
    reasons.sort_by_key(|(_, rules)| std::cmp::Reverse(rules.len()));
    if rules == 0 {
        return Vec::new();
    }
    let shown: Vec<String> =
        reasons.iter().take(REASONS).map(|(why, rules)| format!("{} {why}", rules.len())).collect();
    let mut lines = vec![format!("Not tested: {rules} of {all} rules: {}", shown.join("; "))];
    let rest = reasons.get(REASONS..).unwrap_or_default();
    if !rest.is_empty() {
        let others: usize = rest.iter().map(|(_, rules)| rules.len()).sum();
        let reasons = if rest.len() == 1 { "reason" } else { "reasons" };
        lines.push(format!("            {others} rules for {} more {reasons}, listed in the report", rest.len()));
    }
    lines
}

/// What could not be read, for people: each reason once, with what it cost and what to do.
pub(crate) fn unread(snapshot: &Snapshot) -> Vec<String> {
    const REASONS: usize = 8;
    const PLACES: usize = 6;
    let mut by_reason: BTreeMap<(&str, &str, &str), BTreeSet<&str>> = BTreeMap::new();
    for (source, gap) in snapshot.gaps() {
        // One place may cost several facts; it is named once.
        by_reason.entry((source, &gap.reason, &gap.hint)).or_default().insert(&gap.at);
    }
    if by_reason.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["INCOMPLETE: not everything that was asked for could be read".to_owned()];
    for ((source, reason, hint), places) in by_reason.iter().take(REASONS) {
        lines.push(format!("  {source}: {reason}"));
        let more = places.len().saturating_sub(PLACES);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let shown: Vec<&str> = places.iter().take(PLACES).copied().collect();
        lines.push(format!("    not read: {}{more}", shown.join("; ")));
        if !hint.is_empty() {
            lines.push(format!("    {hint}"));
        }
    }
    if by_reason.len() > REASONS {
        lines.push(format!("  and {} more reasons; ipe.json has them all", by_reason.len() - REASONS));
    }
    lines
}

/// Says what went wrong, where, and what to do. `color` is whether standard error shows colours.
pub fn explain(error: &Error, color: bool) -> String {
    let text = match error {
        Error::Input(diagnostics) => return diagnostic::render_all(diagnostics, color),
        Error::Io { source, .. } => format!("error: {error}: {source}"),
        other => format!("error: {other}"),
    };
    match error.hint() {
        "" => text,
        hint => format!("{text}\n  help: {hint}"),
    }
}
