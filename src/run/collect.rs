//! `overstay collect`: sources → a sealed snapshot.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::exit::Status;
use crate::workflow::snapshot_store::{self, default_name};
use crate::workflow::{Shell, check_writable, gather, refuse_existing, unread, write_atomically};

/// Collects and writes the snapshot.
///
/// # Errors
/// As the config and the files demand.
pub async fn run(shell: &Shell, out: Option<PathBuf>, force: bool) -> Result<Status, Error> {
    let config = shell.load_config()?;
    if let Some(out) = out.as_deref() {
        refuse_existing(out, force)?;
    }
    let store = snapshot_store::open(shell, &config)?;
    if out.is_some() || store.is_none() {
        check_writable(out.as_deref().unwrap_or(Path::new("overstay.snapshot.json.zst")))?;
    }
    let snapshot = gather(shell, &config).await?;
    let file = match (out, &store) {
        (Some(out), _) => Some(out),
        (None, None) => Some(default_name(snapshot.ended_at())),
        (None, Some(_)) => None,
    };
    if let Some(file) = &file {
        refuse_existing(file, force)?;
        write_atomically(file, snapshot.bytes())?;
    }
    let stored = store.map(|store| snapshot_store::add(shell, &store, &snapshot, file.as_deref())).transpose()?;
    shell.say_sources(&snapshot);
    for line in unread(&snapshot) {
        shell.say(&line);
    }
    shell.say(&format!(
        "{} snapshot, digest {}",
        if snapshot.is_complete() { "A complete" } else { "An incomplete" },
        snapshot.digest()
    ));
    if let Some(place) = file.map(|file| file.display().to_string()).or(stored) {
        Shell::print(&place)?;
    }
    Ok(if snapshot.is_complete() { Status::Clean } else { Status::Incomplete })
}
