//! `overstay diff`: what is different between two snapshots.

use std::path::Path;

use crate::error::Error;
use crate::evidence::diff::diff;
use crate::exit::Status;
use crate::render::diff_text;
use crate::workflow::{Format, Shell, load};

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
    Shell::print_view(format, &view, |view, out| diff_text::write(view, out))?;
    Ok(Status::Clean)
}
