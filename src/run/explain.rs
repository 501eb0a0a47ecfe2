//! `overstay explain`: why somebody has access.

use std::path::PathBuf;

use crate::error::Error;
use crate::evidence::explain::{explain, near};
use crate::exit::Status;
use crate::render::explain_text;
use crate::workflow::{Format, Shell, conclude, take_snapshot};

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
pub async fn run(shell: &Shell, request: Explain) -> Result<Status, Error> {
    let config = shell.load_config()?;
    let (snapshot, as_of) = take_snapshot(shell, &config, request.snapshot.as_deref()).await?;
    conclude(&snapshot, &config, as_of, None, |assessment| {
        let view = explain(assessment, &request.who, request.account.as_deref());
        if view.users.is_empty() {
            let hint = near(assessment, &request.who).map_or_else(
                || "give a user name, an email address, an id or an employee id".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Error::Usage {
                message: format!("nobody in Identity Center answers to `{}`", request.who),
                hint,
            });
        }
        Shell::print_view(request.format, &view, |view, out| explain_text::write(view, out))?;
        Ok(if snapshot.is_complete() { Status::Clean } else { Status::Incomplete })
    })
}
