//! `overstay check`: the scheduled report.

use std::path::PathBuf;

use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::check::{Profile, check};
use crate::evidence::warnings::warnings;
use crate::exit::Status;
use crate::model::finding::Severity;
use crate::render::check_text;
use crate::workflow::{Format, Shell, conclude, snapshot_store, status, take_snapshot};

/// What `check` was request for.
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
pub async fn run(shell: &Shell, request: Check) -> Result<Status, Error> {
    let config = shell.load_config()?;
    let store = if request.snapshot.is_none() { snapshot_store::open(shell, &config)? } else { None };
    let (snapshot, as_of) = take_snapshot(shell, &config, request.snapshot.as_deref()).await?;
    let kept = store.map(|store| snapshot_store::add(shell, &store, &snapshot, None));
    shell.say_sources(&snapshot);
    let run = RunId::new(snapshot.digest(), &config.text, as_of, None);
    conclude(&snapshot, &config, as_of, None, |assessment| {
        for warning in warnings(assessment.ledger()) {
            shell.say(&format!("warning: {warning}"));
        }
        let view = check(assessment, &run, request.profile);
        Shell::print_view(request.format, &view, |view, out| check_text::write(view, out))?;
        // What the check says is worth saying even if the snapshot could not be stored.
        kept.transpose()?;
        Ok(status(assessment, Some(request.fail_on)))
    })
}
