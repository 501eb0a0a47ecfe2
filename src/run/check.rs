//! `overstay check`: the scheduled report.

use std::path::PathBuf;

use super::audit::take_snapshot;
use super::{Shell, conclude, keep, status};
use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::check::{Profile, check};
use crate::evidence::warnings::warnings;
use crate::exit::Status;
use crate::model::finding::Severity;
use crate::render::check_text;

/// The form of a check's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
}

/// What `check` was asked for.
#[derive(Debug, Clone)]
pub struct Check {
    /// A saved snapshot instead of a collection.
    pub snapshot: Option<PathBuf>,
    /// The severity from which open findings fail the run.
    pub fail_on: Severity,
    /// The form of the result.
    pub format: Format,
    /// How much may be said.
    pub profile: Profile,
}

/// Checks.
///
/// # Errors
/// As the config and the snapshot demand.
pub async fn run(shell: &Shell, asked: Check) -> Result<Status, Error> {
    let config = shell.load_config()?;
    let store = if asked.snapshot.is_none() { keep::open(shell, &config)? } else { None };
    let (snapshot, as_of) = take_snapshot(shell, &config, asked.snapshot.as_deref()).await?;
    let kept = store.map(|store| keep::keep(shell, &store, &snapshot, None));
    shell.say_sources(&snapshot);
    let run = RunId::new(snapshot.digest(), &config.text, as_of, None);
    conclude(&snapshot, &config, as_of, None, |assessment| {
        for warning in warnings(assessment.ledger()) {
            shell.say(&format!("warning: {warning}"));
        }
        let view = check(assessment, &run, asked.profile);
        match asked.format {
            Format::Json => Shell::print_json(&view)?,
            Format::Text => {
                let mut text = Vec::new();
                check_text::write(&view, &mut text).map_err(|e| Error::Internal(format!("text: {e}")))?;
                Shell::print_bytes(&text)?;
            }
        }
        // What the check says is worth saying even if the snapshot could not be stored.
        kept.transpose()?;
        Ok(status(assessment, Some(asked.fail_on)))
    })
}
