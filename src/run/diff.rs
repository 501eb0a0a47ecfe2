//! `overstay diff`: what is different between two snapshots.

use std::path::Path;

use super::Shell;
use super::audit::load;
use super::check::Format;
use crate::error::Error;
use crate::evidence::diff::diff;
use crate::exit::Status;
use crate::render::diff_text;

/// Compares two snapshots, or those of two packs. Whatever differs, it ends well: what a difference means is for `check`.
///
/// # Errors
/// When one does not read, or they are of two organisations.
pub fn run(before: &Path, after: &Path, format: Format) -> Result<Status, Error> {
    let (was, is) = (load(before)?, load(after)?);
    if let (Some(ours), Some(theirs)) = (was.aws(), is.aws())
        && ours.instance.arn != theirs.instance.arn
    {
        return Err(Error::Usage {
            message: format!(
                "{} is of the Identity Center instance {}, and {} of {}",
                before.display(),
                ours.instance.arn,
                after.display(),
                theirs.instance.arn
            ),
            hint: "give two snapshots of one organisation".to_owned(),
        });
    }
    let view = diff(&was, &is);
    match format {
        Format::Json => Shell::print_json(&view)?,
        Format::Text => {
            let mut text = Vec::new();
            diff_text::write(&view, &mut text).map_err(|e| Error::Internal(format!("text: {e}")))?;
            Shell::print_bytes(&text)?;
        }
    }
    Ok(Status::Clean)
}
