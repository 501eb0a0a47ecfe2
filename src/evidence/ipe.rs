//! `ipe.json`: where the information came from and how complete it is (information produced by the entity).

use serde::Deserialize;
use serde_json::{Value, json};

use super::RunId;
use super::bag::IPE;
use super::tests::TestOutcome;
use super::verify::{Defect, Told};
use crate::assess::Assessment;
use crate::model::{AsOf, Days, Instant, Known};
use crate::reconcile::{Approvals, HrLinkQuality, Ledger, TieOut};

/// What changes from run to run, told by the shell.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// When the run began.
    pub started_at: Instant,
    /// The command, in words.
    pub command: String,
}

/// A file of the pack with what was written to it.
#[derive(Debug, Clone)]
pub struct FileFacts {
    /// Its name in `data/`.
    pub name: String,
    /// SHA-256.
    pub sha256: String,
    /// Rows, for tables.
    pub rows: Option<u64>,
    /// Cells that began with a formula character.
    pub neutralised: Option<u64>,
}

/// The provenance of a run.
pub fn ipe(
    assessment: &Assessment<'_>,
    tests: &[TestOutcome],
    run: &RunId,
    facts: &RunFacts,
    files: &[FileFacts],
) -> Value {
    let ledger = assessment.ledger();
    let snapshot = ledger.snapshot();
    let sources: Vec<Value> = snapshot
        .sources()
        .iter()
        .map(|record| {
            json!({
                "source": record.source,
                "kind": record.kind,
                "started_at": record.started_at.to_string(),
                "ended_at": record.ended_at.to_string(),
                "complete": record.gaps.is_empty(),
                "asked": record.asked,
                "operations": record.operations.iter().map(|operation| json!({
                    "operation": operation.operation,
                    "parameters": operation.parameters,
                    "requests": operation.requests,
                    "pages": operation.pages,
                    "items": operation.items,
                    "retries": operation.retries,
                    "throttles": operation.throttles,
                    "failures": operation.failures,
                    "first_at": operation.first_at.to_string(),
                    "last_at": operation.last_at.to_string(),
                })).collect::<Vec<_>>(),
                "files": record.files,
                "gaps": record.gaps,
                "not_offered": record.not_offered,
                "notes": record.notes,
            })
        })
        .collect();
    let mappings: Vec<Value> = ledger
        .links()
        .mappings()
        .iter()
        .map(|mapping| {
            let idp = ledger.idp_name(mapping.idp);
            json!({
                "issuer": mapping.issuer,
                "idp": idp,
                "attribute": mapping.attribute.as_str(),
                "basis": if mapping.from_schema { "schema" } else { "inferred" },
                "matched": mapping.matched,
                "of": mapping.total,
            })
        })
        .collect();
    let hr_links: Vec<Value> = ledger.links().hr_quality().iter().map(|quality| hr_links(ledger, quality)).collect();
    let mut ipe = json!({
        "schema_version": super::table::SCHEMA_VERSION,
        "status": if snapshot.is_complete() { "COMPLETE" } else { "INCOMPLETE" },
        "run_id": run.as_str(),
        "tool": { "name": "overstay", "version": env!("CARGO_PKG_VERSION") },
        "run": { "started_at": facts.started_at.to_string(), "command": facts.command },
        // To the fraction of a second: with a rounded instant the pack could not be made again.
        "as_of": ledger.as_of().timestamp().to_string(),
        "snapshot": {
            "digest": snapshot.digest(),
            "started_at": snapshot.started_at().to_string(),
            "ended_at": snapshot.ended_at().to_string(),
        },
        "config": { "digest": run.config_digest() },
        "organization": ledger.config().organization,
        "aws": ledger.aws().map(|aws| json!({
            "instance": aws.instance.arn,
            "identity_store": aws.instance.identity_store,
            "region": aws.instance.region,
            "caller": aws.caller,
            "management_account": aws.management_account,
            "planes": aws.planes,
        })),
        "sources": sources,
        "external_id_mappings": mappings,
        "hr_links": hr_links,
        "tests": tests.iter().map(|outcome| json!({
            "test": outcome.test.id,
            "result": outcome.result.as_str(),
            "population": outcome.population.0,
            "of": outcome.population.1,
            "failures": outcome.failures,
            "pending": outcome.pending,
            "excepted": outcome.excepted,
            "undecided": outcome.undecided,
            "reasons": outcome.reasons,
            "inconclusive": outcome.inconclusive,
        })).collect::<Vec<_>>(),
        "rules": assessment.results().iter().map(rule).collect::<Vec<_>>(),
        "tie_outs": ledger.tie_outs().iter().map(tie_out).collect::<Vec<_>>(),
        "exclusions": ledger.config().scope.exclude_accounts.iter().map(|exclusion| json!({
            "account": exclusion.account.as_str(),
            "reason": exclusion.reason,
            "approved_by": exclusion.approved_by,
            "expires": exclusion.expires.map(|end| end.to_string()),
        })).collect::<Vec<_>>(),
        "approvals": approvals(ledger),
        "warnings": super::warnings::warnings(assessment.ledger()),
        "decisions": super::decisions::decisions(assessment),
        "limits": super::report::limits(assessment),
        "files": files.iter().map(|file| json!({
            "file": file.name,
            "sha256": file.sha256,
            "rows": file.rows,
            "neutralised_cells": file.neutralised,
        })).collect::<Vec<_>>(),
    });
    if let (Some(period), Some(ipe)) = (ledger.period(), ipe.as_object_mut()) {
        let bounds = json!({
            "days": period.to_string(),
            "from": period.from().to_string(),
            "end": period.end().to_string(),
        });
        ipe.insert("period".to_owned(), bounds);
    }
    ipe
}

/// How well one identity provider is linked to HR: the form of the ids by vote, and users by rung or doubt.
fn hr_links(ledger: &Ledger<'_>, quality: &HrLinkQuality) -> Value {
    let idp = ledger.idp_name(quality.idp);
    let mut value = json!({
        "idp": idp,
        "employee_id_form": quality.vote.form.as_str(),
        "ids_matched": quality.vote.matched,
        "ids": quality.vote.total,
        "linked": !quality.unlinked,
    });
    if let Some(value) = value.as_object_mut() {
        value.extend(quality.counted().map(|(word, count)| (word.to_owned(), json!(count))));
    }
    value
}

/// How many approvals were read, and those that stand behind no grant, with the first few of each kind.
fn approvals(ledger: &Ledger<'_>) -> Value {
    const SHOWN: usize = 10;
    let idle = Approvals::new(ledger).idle(ledger);
    json!({
        "read": ledger.snapshot().approvals().len(),
        "without_grant": idle.iter().map(|idle| json!({
            "what": idle.word,
            "count": idle.approvals.len(),
            "first": idle.approvals.iter().take(SHOWN).map(|approval| json!({
                "reference": approval.reference,
                "origin": approval.origin,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

/// What an `ipe.json` tells of its run, which nothing else in the pack does: with it the pack can be made again.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The run's id.
    pub run_id: String,
    /// The version that made the pack.
    pub made_by: String,
    /// The instant of conclusions.
    pub as_of: AsOf,
    /// The period's days.
    pub days: Option<Days>,
    /// What changes from run to run.
    pub facts: RunFacts,
}

/// As it is written.
#[derive(Deserialize)]
struct Written {
    run_id: String,
    tool: Tool,
    run: Run,
    as_of: AsOf,
    #[serde(default)]
    period: Option<Bounds>,
}

#[derive(Deserialize)]
struct Tool {
    version: String,
}

#[derive(Deserialize)]
struct Run {
    started_at: Instant,
    command: String,
}

#[derive(Deserialize)]
struct Bounds {
    days: String,
}

impl Recorded {
    /// Reads an `ipe.json`.
    ///
    /// # Errors
    /// Where it does not tell what is needed.
    pub fn read(bytes: &[u8]) -> Result<Self, Defect> {
        let Written { run_id, tool, run: Run { started_at, command }, as_of, period } = serde_json::from_slice(bytes)
            .map_err(|e| Defect {
            file: IPE.to_owned(),
            line: Some(e.line() as u64),
            column: Some(e.column() as u64),
            what: format!("does not read: {e}"),
        })?;
        let days = period
            .map(|period| period.days.parse())
            .transpose()
            .map_err(|e| Defect::of(IPE, format!("does not read: {e}")))?;
        Ok(Self { run_id, made_by: tool.version, as_of, days, facts: RunFacts { started_at, command } })
    }

    /// What an `ipe.json` tells, of whatever version: what it does not tell is empty.
    pub fn told(bytes: &[u8]) -> Told {
        let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        Told {
            run_id: text("/run_id").unwrap_or_default(),
            as_of: text("/as_of").unwrap_or_default(),
            period: text("/period/days"),
            made_by: text("/tool/version").unwrap_or_default(),
        }
    }
}

fn rule(result: &crate::assess::RuleResult) -> Value {
    json!({
        "rule": result.rule.id,
        "outcome": result.verdict.as_str(),
        "population": result.population,
        "of": result.of,
        "undecided": result.undecided,
        "reasons": result.verdict.reasons(),
    })
}

fn tie_out(out: &TieOut) -> Value {
    let number = |known: &Known<u64>| match known {
        Known::Value(number) => json!(number),
        Known::Absent => Value::Null,
        Known::Unknown(_) => json!("unknown"),
    };
    let difference = match (&out.expected, &out.actual) {
        (Known::Value(expected), Known::Value(actual)) => json!(i128::from(*actual) - i128::from(*expected)),
        _ => json!("unknown"),
    };
    json!({
        "what": out.what,
        "expected": number(&out.expected),
        "actual": number(&out.actual),
        "difference": difference,
        "explanation": out.explanation,
    })
}
