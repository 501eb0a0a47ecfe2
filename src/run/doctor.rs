//! `overstay doctor`: what each source can be read for, what is missing, and what that costs.

mod evidence_window;
mod outlook;
mod permissions;
mod probe;
mod view;

use crate::error::Error;
use crate::exit::Status;
use crate::render::doctor_text;
use crate::workflow::{Format, Shell, check_terms};

/// What `doctor` is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// What can be read.
    Reach,
    /// The IAM policy.
    Policy,
    /// The permissions at identity providers.
    Scopes,
}

/// Looks at every source, or prints the IAM policy or the permissions at identity providers.
///
/// # Errors
/// When the config is not there or wrong, or standard output fails.
pub async fn run(shell: &Shell, show: Show, format: Format) -> Result<Status, Error> {
    match show {
        Show::Reach => {}
        Show::Policy => {
            let config = if shell.config.exists() { Some(shell.load_config()?) } else { None };
            Shell::print(permissions::iam(config.as_ref()).trim_end())?;
            return Ok(Status::Clean);
        }
        Show::Scopes => {
            permissions::print_scopes()?;
            return Ok(Status::Clean);
        }
    }
    let config = shell.load_config()?;
    check_terms(&config, shell.clock.now())?;
    let probes = probe::probe(shell, &config).await?;
    shell.progress.finish();
    let view = view::view(shell, &config, &probes);
    match format {
        Format::Text => Shell::print(doctor_text::text(&view).trim_end())?,
        Format::Json => Shell::print_json(&view)?,
    }
    Ok(probe::status(&probes))
}
