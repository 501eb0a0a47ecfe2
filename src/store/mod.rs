//! Snapshots kept over time: a folder that is only ever added to, read by name.
//!
//! ```text
//! store.json                                                    the format of the store
//! organisation.json                                             whose snapshots these are, once one has told
//! snapshots/2026/09/20260930T170000Z-0123456789abcdef.snapshot.json.zst
//! listings/20260630T170000Z-0123456789abcdef.listing.json       what somebody kept from before there was a store
//! citations/…json                                               which packs rest on which snapshots
//! ```
//!
//! A snapshot's name says when reading ended, to the second, and begins its digest, so a listing needs no file opened, and two
//! files of one name have one content. Nothing is written over: files are made under another name beside their place, brought
//! to disk, and given their name only if nobody else has it. What is left of a writer that died is not a snapshot by its name.

mod citation;
mod listing;
mod marker;
mod name;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::model::Instant;
use crate::snapshot::{self, Snapshot};

pub use citation::Citation;
pub use listing::Listing;
pub use name::Entry;

/// Where snapshots lie within the store.
const SNAPSHOTS: &str = "snapshots";

/// A store that is there. Made by [`Store::open`] and [`Store::create`].
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// What a store keeps of the snapshots it is asked to remove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prunable {
    /// What nothing rests on, the earliest first.
    pub free: Vec<Entry>,
    /// What packs rest on, with the first of them.
    pub cited: Vec<(Entry, Citation)>,
}

impl Store {
    /// Opens a store for reading.
    ///
    /// # Errors
    /// When there is none, or a later version made it.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let store = Self { root: root.to_owned() };
        if store.marker()? {
            return Ok(store);
        }
        Err(Error::Usage {
            message: format!("there is no store at {}", root.display()),
            hint: "`overstay collect` makes it with its first snapshot, where the config has [store]".to_owned(),
        })
    }

    /// Opens a store for writing, and makes it where there is none.
    ///
    /// # Errors
    /// When the place can't be written to, or a later version made the store.
    pub fn create(root: &Path) -> Result<Self, Error> {
        let store = Self { root: root.to_owned() };
        store.prepare()?;
        Ok(store)
    }

    /// The store's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every snapshot, the earliest first. Reads names only.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        self.walk(SNAPSHOTS, |path| entries.extend(Entry::of(&path)))?;
        entries.sort();
        Ok(entries)
    }

    /// The snapshots that a history from `from` to `end` rests on: the last one before, those within, and the first one after.
    pub fn window(entries: &[Entry], from: Instant, end: Instant) -> &[Entry] {
        let first = entries.partition_point(|entry| entry.at() < from).saturating_sub(1);
        let last = entries.partition_point(|entry| entry.at() < end);
        entries.get(first..entries.len().min(last + 1)).unwrap_or_default()
    }

    /// Reads a snapshot.
    ///
    /// # Errors
    /// When it is not there any more, damaged, not what its name says, or of another organisation.
    pub fn read(&self, entry: &Entry) -> Result<Snapshot, Error> {
        let path = entry.path();
        #[expect(clippy::disallowed_methods, reason = "the store reads its snapshots")]
        let bytes = std::fs::read(path).map_err(|e| Error::io("read", path, e))?;
        let snapshot = snapshot::read(bytes).map_err(|e| Error::Verification {
            message: format!("{}: {e}", path.display()),
            hint: e.hint().to_owned(),
        })?;
        if !entry.names(&snapshot) {
            return Err(Error::Verification {
                message: format!("{} is not the snapshot that its name says", path.display()),
                hint: "files of the store are not to be renamed; give it back its name, or take it out".to_owned(),
            });
        }
        self.check_organisation(&snapshot)?;
        Ok(snapshot)
    }

    /// Calls `each` with every file below a folder of the store.
    fn walk(&self, folder: &str, mut each: impl FnMut(PathBuf)) -> Result<(), Error> {
        let mut folders = vec![self.root.join(folder)];
        while let Some(folder) = folders.pop() {
            let listing = match std::fs::read_dir(&folder) {
                Ok(listing) => listing,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                Err(e) => return Err(Error::io("list", &folder, e)),
            };
            for found in listing {
                let found = found.map_err(|e| Error::io("list", &folder, e))?;
                if found.file_type().map_err(|e| Error::io("list", &folder, e))?.is_dir() {
                    folders.push(found.path());
                } else {
                    each(found.path());
                }
            }
        }
        Ok(())
    }
}
