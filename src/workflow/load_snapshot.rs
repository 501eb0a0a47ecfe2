//! The snapshot that a command works on: a saved one, or a fresh collection.

use std::path::Path;

use super::collect::gather;
use super::preflight::check_terms;
use super::shell::Shell;
use crate::config::Config;
use crate::error::Error;
use crate::evidence::bag::SNAPSHOT;
use crate::model::AsOf;
use crate::snapshot::{self, Snapshot};

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
