//! `overstay explain`: why somebody has access.

use std::path::PathBuf;

use super::audit::take_snapshot;
use super::check::Format;
use super::{Shell, conclude};
use crate::error::Error;
use crate::evidence::explain::{explain, near};
use crate::exit::Status;
use crate::render::explain_text;

/// What `explain` was asked for.
#[derive(Debug, Clone)]
pub struct Explain {
    /// A user name, address or id.
    pub who: String,
    /// An account, by id or name.
    pub account: Option<String>,
    /// A saved snapshot, or a pack, instead of a collection.
    pub snapshot: Option<PathBuf>,
    /// The form of the result.
    pub format: Format,
}

/// Explains.
///
/// # Errors
/// As the config and the snapshot demand, and when nobody answers to the name.
pub async fn run(shell: &Shell, asked: Explain) -> Result<Status, Error> {
    let config = shell.load_config()?;
    let (snapshot, as_of) = take_snapshot(shell, &config, asked.snapshot.as_deref()).await?;
    conclude(&snapshot, &config, as_of, None, |assessment| {
        let view = explain(assessment, &asked.who, asked.account.as_deref());
        if view.users.is_empty() {
            let hint = near(assessment, &asked.who).map_or_else(
                || "give a user name, an email address, an id or an employee id".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Error::Usage {
                message: format!("nobody in Identity Center answers to `{}`", asked.who),
                hint,
            });
        }
        match asked.format {
            Format::Json => Shell::print_json(&view)?,
            Format::Text => {
                let mut text = Vec::new();
                explain_text::write(&view, &mut text).map_err(|e| Error::Internal(format!("text: {e}")))?;
                Shell::print_bytes(&text)?;
            }
        }
        Ok(if snapshot.is_complete() { Status::Clean } else { Status::Incomplete })
    })
}
