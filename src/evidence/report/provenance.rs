//! Where everything comes from: sources, operations, files, thresholds, and what could not be read.

use serde::Serialize;

use super::scope::Fact;
use crate::evidence::words::clip;
use crate::reconcile::Ledger;

/// A longer text is clipped; `ipe.json` has all of it.
const LENGTH: usize = 600;
/// More input files of a source than this are in `ipe.json`.
const FILES_SHOWN: usize = 50;

/// Something that could not be read.
#[derive(Debug, Serialize)]
pub struct GapView {
    /// The source.
    pub source: String,
    /// The fact that is incomplete.
    pub fact: &'static str,
    /// Operation, or file and row.
    pub at: String,
    /// What happened.
    pub reason: String,
    /// What to do.
    pub hint: String,
}

/// An operation.
#[derive(Debug, Serialize)]
pub struct OperationView {
    /// Its name.
    pub operation: String,
    /// Requests sent.
    pub requests: u64,
    /// Items received.
    pub items: u64,
    /// Requests sent again.
    pub retries: u64,
    /// Calls that failed for good.
    pub failures: u64,
}

/// A source.
#[derive(Debug, Serialize)]
pub struct SourceView {
    /// Its name.
    pub source: String,
    /// What it is.
    pub kind: String,
    /// Whether all of it was read.
    pub complete: bool,
    /// When reading began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: String,
    /// Requests sent.
    pub requests: u64,
    /// Operations: name, requests, items, failures.
    pub operations: Vec<OperationView>,
    /// Files: path, rows, digest.
    pub files: Vec<InputView>,
    /// Files that are not shown.
    pub files_rest: usize,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// An input file.
#[derive(Debug, Serialize)]
pub struct InputView {
    /// Its path.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// How it was understood.
    pub read_as: String,
    /// Its digest.
    pub sha256: String,
}

/// Another file of the pack.
#[derive(Debug, Serialize)]
pub struct FileView {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: &'static str,
    /// Rows, or nothing.
    pub rows: String,
    /// Its digest.
    pub sha256: String,
}

pub(super) fn gaps(ledger: &Ledger<'_>) -> Vec<GapView> {
    let gaps = ledger.snapshot().gaps();
    gaps.map(|(source, gap)| GapView {
        source: source.to_owned(),
        fact: gap.fact.describe(),
        at: clip(&gap.at, LENGTH),
        reason: clip(&gap.reason, LENGTH),
        hint: clip(&gap.hint, LENGTH),
    })
    .collect()
}

pub(super) fn sources(ledger: &Ledger<'_>) -> Vec<SourceView> {
    let mut mapped: Vec<(String, String)> = Vec::new();
    for mapping in ledger.links().mappings() {
        let idp = ledger.idp_name(mapping.idp);
        let note = format!(
            "External ids of {} are this provider's `{}`: {}.",
            mapping.issuer,
            mapping.attribute.as_str(),
            mapping.basis()
        );
        mapped.push((format!("idp:{idp}"), note));
    }
    for quality in ledger.links().hr_quality() {
        let idp = ledger.idp_name(quality.idp);
        mapped.push((format!("idp:{idp}"), quality.describe()));
    }
    if let Some(moved) = ledger.tenancy().moved() {
        let note = format!(
            "Of {} users with external ids, {} are found by no id that was read, {} of them by name or address.",
            moved.of,
            moved.users.len(),
            moved.by_name
        );
        mapped.push(("aws".to_owned(), note));
    }
    ledger
        .snapshot()
        .sources()
        .iter()
        .map(|record| SourceView {
            source: record.source.clone(),
            kind: record.kind.clone(),
            complete: record.gaps.is_empty(),
            started_at: record.started_at.to_string(),
            ended_at: record.ended_at.to_string(),
            requests: record.operations.iter().map(|operation| operation.requests).sum(),
            operations: record
                .operations
                .iter()
                .map(|operation| OperationView {
                    operation: operation.operation.clone(),
                    requests: operation.requests,
                    items: operation.items,
                    retries: operation.retries,
                    failures: operation.failures,
                })
                .collect(),
            files: record
                .files
                .iter()
                .take(FILES_SHOWN)
                .map(|file| InputView {
                    path: file.path.clone(),
                    rows: file.rows,
                    read_as: file.read_as.clone(),
                    sha256: file.sha256.clone(),
                })
                .collect(),
            files_rest: record.files.len().saturating_sub(FILES_SHOWN),
            notes: record
                .notes
                .iter()
                .cloned()
                .chain(mapped.iter().filter(|(source, _)| *source == record.source).map(|(_, note)| note.clone()))
                .take(FILES_SHOWN)
                .map(|note| clip(&note, LENGTH))
                .collect(),
        })
        .collect()
}

pub(super) fn thresholds(ledger: &Ledger<'_>) -> Vec<Fact> {
    let policy = &ledger.config().policy;
    [
        ("Leavers' access is removed within (policy.leaver_sla)", policy.leaver_sla),
        ("A leaver's access is critical after (policy.stale_after)", policy.stale_after),
        ("Provisioning is completed within (policy.sync_sla)", policy.sync_sla),
        ("A user is dormant after (policy.dormant_after)", policy.dormant_after),
        ("Longest role session (policy.max_session)", policy.max_session),
        ("Longest privileged role session (policy.max_privileged_session)", policy.max_privileged_session),
    ]
    .into_iter()
    .map(|(label, span)| Fact { label, value: span.to_string() })
    .collect()
}
