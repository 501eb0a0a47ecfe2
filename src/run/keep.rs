//! The store that the config asks for, and what goes into it.

use std::path::{Path, PathBuf};

use super::collect::{default_name, write_atomically};
use super::{Shell, explain};
use crate::config::{Config, StoreConfig};
use crate::error::Error;
use crate::snapshot::Snapshot;
use crate::store::Store;

/// The folder of the store; none when the config has no `[store]`.
///
/// # Errors
/// When the config asks for a place that this version can't keep snapshots at.
pub(crate) fn place(shell: &Shell, config: &Config) -> Result<Option<PathBuf>, Error> {
    match &config.store {
        None => Ok(None),
        Some(StoreConfig::Directory(folder)) => Ok(Some(shell.base().join(folder))),
        Some(StoreConfig::S3(url)) => Err(Error::Usage {
            message: format!("[store] names {url}, and this version keeps snapshots in a directory only"),
            hint: "give a directory, which may be copied to S3 by other means, or leave [store] out".to_owned(),
        }),
    }
}

/// The store, ready to be written to; none when the config has no `[store]`.
///
/// # Errors
/// When it can't be written to: before anything is collected for it, since a collection can take an hour.
pub(crate) fn open(shell: &Shell, config: &Config) -> Result<Option<Store>, Error> {
    place(shell, config)?.map(|root| Store::create(&root)).transpose()
}

/// Adds a fresh snapshot to the store and returns its place there. `kept_at` is where it has been written to already.
///
/// # Errors
/// When it can't be added. It is not lost then: it is written to the working folder, unless it is kept elsewhere already. When
/// that fails as well, that is said.
pub(crate) fn keep(
    shell: &Shell,
    store: &Store,
    snapshot: &Snapshot,
    kept_at: Option<&Path>,
) -> Result<PathBuf, Error> {
    match store.add(snapshot) {
        Ok(path) => {
            // What is left of others is in nobody's way; it goes when it can.
            let _ = store.clean(shell.clock.now());
            Ok(path)
        }
        Err(error) => {
            let path = kept_at.map_or_else(|| default_name(snapshot.ended_at()), Path::to_owned);
            if kept_at.is_none()
                && let Err(neither) = write_atomically(&path, snapshot.bytes())
            {
                // The store is what was asked for, so its error is the one to end with.
                shell.say(&format!("The snapshot could not be stored, and is lost: {}", explain(&neither, false)));
                return Err(error);
            }
            shell.say(&format!(
                "The snapshot could not be stored; it is at {}, for `overstay store add`",
                path.display()
            ));
            Err(error)
        }
    }
}
