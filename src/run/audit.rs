//! `overstay audit`: a snapshot, fresh or saved → an evidence pack.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::ipe::RunFacts;
use crate::exit::Status;
use crate::model::Days;
use crate::model::finding::Severity;
use crate::render::pack::{self, Overwrite};
use crate::workflow::{Shell, check_writable, conclude, period, publish, snapshot_store, status, take_snapshot};

/// What `audit` was asked for.
#[derive(Debug, Clone)]
pub struct Audit {
    /// A saved snapshot instead of a collection.
    pub snapshot: Option<PathBuf>,
    /// The days it is about.
    pub period: Option<Days>,
    /// Where the pack goes.
    pub out: Option<PathBuf>,
    /// Whether a pack in the way is replaced.
    pub force: bool,
    /// The severity from which open findings fail the run.
    pub fail_on: Option<Severity>,
}

/// Audits.
///
/// # Errors
/// As the config, the snapshot and the place demand.
pub async fn run(shell: &Shell, audit: Audit) -> Result<Status, Error> {
    let config = shell.load_config()?;
    let period = audit.period.map(|days| period::of(days, &config)).transpose()?;
    let overwrite = if audit.force { Overwrite::Replace } else { Overwrite::Refuse };
    if let Some(out) = &audit.out {
        pack::check_place(out, overwrite)?;
    }
    check_writable(audit.out.as_deref().unwrap_or(Path::new("reports/pack")))?;
    let started_at = shell.clock.now();
    let store = if audit.snapshot.is_none() { snapshot_store::open(shell, &config)? } else { None };
    let (snapshot, as_of) = take_snapshot(shell, &config, audit.snapshot.as_deref()).await?;
    let kept = store.map(|store| snapshot_store::add(shell, &store, &snapshot, None));
    let (snapshot, rests_on) = match period {
        Some(period) => period::with_history(shell, &config, snapshot, period)?,
        None => (snapshot, None),
    };
    let facts = RunFacts { started_at, command: "audit".to_owned() };
    let run = RunId::new(snapshot.digest(), &config.text, as_of, period);
    let out = audit
        .out
        .unwrap_or_else(|| PathBuf::from("reports").join(format!("{}-{}", as_of.instant().date(), run.as_str())));
    pack::check_place(&out, overwrite)?;
    shell.say_sources(&snapshot);
    conclude(&snapshot, &config, as_of, period, |assessment| {
        publish(shell, assessment, &run, &facts, &out, overwrite)?;
        if let Some(store) = rests_on {
            period::cite(&store, &snapshot, &run, &out)?;
        }
        // The pack is worth having even if the snapshot could not be stored.
        kept.transpose()?;
        Ok(status(assessment, audit.fail_on))
    })
}
