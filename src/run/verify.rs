//! `overstay verify`: whether a pack is what it says it is.

mod folder;
mod looks;
mod remade;
mod sealed;

use std::path::PathBuf;

use crate::error::Error;
use crate::evidence::bag::{SIGNATURE, TAG_MANIFEST};
use crate::evidence::verify::{self, Check, VerifyView};
use crate::exit::Status;
use crate::render::verify_text;
use crate::store::{Place, Store};
use crate::workflow::{Format, Shell, snapshot_store};
use folder::Folder;

/// What `verify` was request for.
#[derive(Debug, Clone)]
pub struct Verify {
    /// The pack's folder.
    pub pack: PathBuf,
    /// The store whose snapshots its history is to be held against.
    pub store: Option<Against>,
    /// The form of the result.
    pub format: Format,
}

/// Which store.
#[derive(Debug, Clone)]
pub enum Against {
    /// The one that the config names.
    Config,
    /// A copy of it in this folder.
    Folder(PathBuf),
}

/// Verifies. Whatever is wrong with the pack is told, all of it, and ends with [`Status::Verification`].
///
/// # Errors
/// When there is no pack or no store to speak of, or a file can't be read at all.
pub fn run(shell: &Shell, request: Verify) -> Result<Status, Error> {
    if shell.as_of.is_some() {
        return Err(Error::Usage {
            message: "a pack says itself as of when it concludes".to_owned(),
            hint: "leave --as-of out".to_owned(),
        });
    }
    let folder = Folder::open(&request.pack)?;
    let store = request.store.map(|against| open(shell, against)).transpose()?;
    let (mut checks, mut notes) = sealed::check(&folder)?;
    let (told, more, inputs) = remade::check(&folder)?;
    checks.extend(more);
    match (&store, &inputs) {
        (Some(store), Some(inputs)) => {
            let (check, more) = looks::check(inputs, store)?;
            checks.push(check);
            notes.extend(more);
        }
        (Some(_), None) => {
            let why = "the pack's snapshot, config and provenance do not read".to_owned();
            checks.push(Check::not_made("store", why, Vec::new()));
        }
        (None, Some(inputs)) => notes.extend(unheld(inputs)),
        (None, None) => {}
    }
    checks.push(signature(&folder));
    let digest = if folder.files().contains_key(TAG_MANIFEST) { folder.digest(TAG_MANIFEST)? } else { String::new() };
    let view = VerifyView::of(&request.pack.display().to_string(), told, digest, checks, notes);
    Shell::print_view(request.format, &view, |view, out| verify_text::write(view, out))?;
    Ok(if view.verified { Status::Clean } else { Status::Verification })
}

fn open(shell: &Shell, against: Against) -> Result<Store, Error> {
    let place = match against {
        Against::Folder(root) => Place::Folder(root),
        Against::Config => {
            let config = shell.load_config()?;
            snapshot_store::place(shell, &config)?.ok_or_else(|| Error::Usage {
                message: format!("{} has no [store]", config.file),
                hint: "name the store's folder: --store=FOLDER".to_owned(),
            })?
        }
    };
    Store::open(&place)
}

/// That a history was taken as the pack has it.
fn unheld(inputs: &remade::Inputs) -> Option<String> {
    let looks = inputs.snapshot.history()?.looks.len();
    Some(format!(
        "the history of {looks} looks was taken as the pack has it; --store holds it against the snapshots themselves"
    ))
}

/// This version signs nothing, and can't tell whether what others signed is right.
fn signature(folder: &Folder) -> Check {
    let why = if folder.files().contains_key(SIGNATURE) {
        format!("{SIGNATURE} is there, and this version does not check signatures")
    } else {
        "there is none".to_owned()
    };
    Check::not_made(verify::SIGNATURE, why, Vec::new())
}
