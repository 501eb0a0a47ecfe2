//! What a source can be read for, found out before anything is collected.

use super::table::ColumnsFound;
use crate::error::Error;
use crate::model::{Fact, Gap, GapKind, SourceRecord};

/// What looking at one source showed: a value, as a batch is.
#[derive(Debug, Clone)]
pub struct Probe {
    /// `aws`, `idp:NAME`, `hr` or `links`.
    pub source: String,
    /// What it is: `IAM Identity Center`, `csv`, ….
    pub kind: String,
    /// What it says about itself: names and values, such as the caller.
    pub told: Vec<(&'static str, String)>,
    /// What was tried, in the order of trying.
    pub checks: Vec<Check>,
    /// The facts that a collection asks it for.
    pub asked: Vec<Fact>,
    /// What a collection would not look at, in words.
    pub not_read: Vec<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// An IAM action, or a file.
    pub what: String,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// In words, one lower-case sentence; may be empty.
    pub detail: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// The facts that are incomplete because of it.
    pub loses: Vec<Fact>,
}

/// What came of trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckOutcome {
    /// It works.
    Fine,
    /// It works, and somebody should know something.
    Warning,
    /// There was nothing to try it on.
    NotTried,
    /// It does not work, and a collection would be incomplete.
    Unreadable(GapKind),
    /// The config or a file is wrong, and a collection would not begin.
    Wrong,
}

impl Check {
    /// Something that works.
    pub fn fine(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            outcome: CheckOutcome::Fine,
            detail: String::new(),
            hint: String::new(),
            loses: Vec::new(),
        }
    }

    /// Something that could not be tried.
    pub fn not_tried(what: impl Into<String>, why: &str) -> Self {
        Self { outcome: CheckOutcome::NotTried, detail: format!("not tried: {why}"), ..Self::fine(what) }
    }
}

impl Probe {
    /// A probe that has not tried anything yet.
    pub(crate) fn new(source: String, kind: &str, asked: Vec<Fact>) -> Self {
        Self {
            source,
            kind: kind.to_owned(),
            told: Vec::new(),
            checks: Vec::new(),
            asked,
            not_read: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The probe of a source that can't even be asked.
    pub(crate) fn failed(mut self, error: &Error) -> Self {
        self.checks.extend(wrong(error, &self.source, &self.asked));
        self
    }

    /// The probe of a source that is files: they were read as a collection reads them, and nothing was kept.
    pub(crate) fn of_files(
        source: String,
        asked: Vec<Fact>,
        read: Result<(SourceRecord, Vec<(String, ColumnsFound)>), Error>,
    ) -> Self {
        let probe = Self::new(source, "csv", asked);
        let (record, columns) = match read {
            Ok(read) => read,
            Err(error) => return probe.failed(&error),
        };
        let mut checks = Vec::new();
        for file in &record.files {
            let rows = if file.rows == 1 { "row" } else { "rows" };
            let mut detail = vec![format!("{} {rows}", file.rows), file.read_as.clone()];
            if let Some((_, found)) = columns.iter().find(|(path, _)| *path == file.path) {
                detail.push(found.to_string());
            }
            checks.push(Check { detail: detail.join("; "), ..Check::fine(&file.path) });
            checks.extend(bad_rows(&file.path, record.gaps.iter().filter(|gap| is_of(gap, &file.path)).collect()));
        }
        // What hangs on no file of its own, such as a group that no file describes.
        let elsewhere = |gap: &&Gap| !record.files.iter().any(|file| is_of(gap, &file.path));
        checks.extend(record.gaps.iter().filter(elsewhere).map(|gap| Check {
            what: gap.at.clone(),
            outcome: CheckOutcome::Unreadable(gap.kind),
            detail: gap.reason.clone(),
            hint: gap.hint.clone(),
            loses: vec![gap.fact],
        }));
        Self { checks, notes: record.notes, ..probe }
    }

    /// The facts that can't be read whole, each once.
    pub fn lost(&self) -> Vec<Fact> {
        facts(self.checks.iter().flat_map(|check| check.loses.iter().copied()))
    }
}

/// A gap is told by where it is, and that begins with the file.
fn is_of(gap: &Gap, path: &str) -> bool {
    gap.at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',']))
}

fn bad_rows(path: &str, gaps: Vec<&Gap>) -> Option<Check> {
    let first = gaps.first()?;
    let count = if gaps.len() == 1 { "1 row".to_owned() } else { format!("{} rows", gaps.len()) };
    Some(Check {
        what: path.to_owned(),
        outcome: CheckOutcome::Unreadable(first.kind),
        detail: format!("{count} can't be read, the first at {}: {}", first.at, first.reason),
        hint: first.hint.clone(),
        loses: facts(gaps.iter().map(|gap| gap.fact)),
    })
}

fn facts(all: impl Iterator<Item = Fact>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = all.collect();
    facts.sort_unstable();
    facts.dedup();
    facts
}

/// What stops a collection before it begins.
fn wrong(error: &Error, source: &str, asked: &[Fact]) -> Vec<Check> {
    let check = |what: &str, detail: String, hint: &str| Check {
        what: what.to_owned(),
        outcome: CheckOutcome::Wrong,
        detail,
        hint: hint.to_owned(),
        loses: asked.to_vec(),
    };
    match error {
        Error::Input(diagnostics) => diagnostics.iter().map(|d| check(&d.file, d.message.clone(), &d.help)).collect(),
        Error::Io { path, source, .. } => {
            vec![check(
                &path.display().to_string(),
                format!("{error}: {source}"),
                "let the user who runs overstay read it",
            )]
        }
        other => vec![check(source, other.to_string(), other.hint())],
    }
}
