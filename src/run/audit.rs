//! `overstay audit`: a snapshot, fresh or saved → an evidence pack.

use std::path::{Path, PathBuf};

use super::collect::gather;
use super::{Shell, check_terms, check_writable, conclude, headline, keep, period, status};
use crate::assess::Assessment;
use crate::config::Config;
use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::bag::SNAPSHOT;
use crate::evidence::ipe::RunFacts;
use crate::exit::Status;
use crate::model::finding::Severity;
use crate::model::{AsOf, Days};
use crate::render::pack::{self, Overwrite};
use crate::snapshot::{self, Snapshot};

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
    let store = if audit.snapshot.is_none() { keep::open(shell, &config)? } else { None };
    let (snapshot, as_of) = take_snapshot(shell, &config, audit.snapshot.as_deref()).await?;
    let kept = store.map(|store| keep::keep(shell, &store, &snapshot, None));
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

/// Writes the pack, tells people the headline, and prints the pack's path.
pub(crate) fn publish(
    shell: &Shell,
    assessment: &Assessment<'_>,
    run: &RunId,
    facts: &RunFacts,
    out: &Path,
    overwrite: Overwrite,
) -> Result<(), Error> {
    pack::write(assessment, run, facts, out, overwrite)?;
    for line in headline(assessment) {
        shell.say(&line);
    }
    shell.say(&format!("Report: {}", out.join("data").join("report.html").display()));
    Shell::print(&out.display().to_string())
}

/// A saved snapshot, or a fresh one; with the instant of conclusions: the one asked for, else the saved snapshot's end or now.
pub(crate) async fn take_snapshot(
    shell: &Shell,
    config: &Config,
    saved: Option<&Path>,
) -> Result<(Snapshot, AsOf), Error> {
    match saved {
        Some(path) => {
            let snapshot = load(path)?;
            // Facts from the future mean that this machine's clock is behind; the config was valid when they were read.
            check_terms(config, shell.clock.now().max(snapshot.ended_at()))?;
            let end = AsOf::new(snapshot.ended_at());
            Ok((snapshot, shell.as_of.unwrap_or(end)))
        }
        None => {
            let snapshot = gather(shell, config).await?;
            // Conclusions are about what was read, so never about an instant before the reading was done.
            let end = AsOf::new(snapshot.ended_at());
            Ok((snapshot, shell.as_of.unwrap_or(end)))
        }
    }
}

/// Reads a saved snapshot, or the one in a pack.
///
/// # Errors
/// When the file is not there, or not a whole snapshot of a known format.
pub(crate) fn load(path: &Path) -> Result<Snapshot, Error> {
    let path = &if path.is_dir() { path.join(SNAPSHOT) } else { path.to_owned() };
    #[expect(clippy::disallowed_methods, reason = "the shell reads the snapshot file")]
    let bytes = std::fs::read(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::Usage {
            message: format!("there is no snapshot at {}", path.display()),
            hint: "make one with `overstay collect`".to_owned(),
        },
        _ => Error::io("read", path, e),
    })?;
    snapshot::read(bytes)
        .map_err(|e| Error::Verification { message: format!("{}: {e}", path.display()), hint: e.hint().to_owned() })
}

/// Reads a config's text for the bundled scenario.
pub(crate) fn parse(text: &str, name: &str) -> Result<Config, Error> {
    Config::parse(text, name).map_err(Error::Input)
}
