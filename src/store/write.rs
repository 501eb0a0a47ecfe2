//! Adding to a store and removing from it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::{Citation, Entry, Prunable, SNAPSHOTS, Store};
use crate::error::Error;
use crate::model::Instant;
use crate::snapshot::Snapshot;

/// What files are called until they are whole.
const TEMPORARY: (&str, &str) = (".overstay-", ".tmp");
/// A file that has been in the making for longer than this is left of a writer that died.
const ABANDONED: Duration = Duration::from_hours(24);

impl Store {
    /// Makes folders and marker, and finds out whether anything can be written at all: a collection can take an hour.
    pub(super) fn prepare(&self) -> Result<(), Error> {
        let snapshots = self.root.join(SNAPSHOTS);
        fs::create_dir_all(&snapshots).map_err(|e| Error::io("create", &snapshots, e))?;
        self.mark()?;
        temporary(&snapshots).map(drop).map_err(|e| Error::io("write to", &snapshots, e))
    }

    /// Adds a snapshot and returns its place. The same snapshot again changes nothing.
    ///
    /// # Errors
    /// When it is of another organisation, carries a history, or can't be written. Then the store is as it was.
    pub fn add(&self, snapshot: &Snapshot) -> Result<PathBuf, Error> {
        if snapshot.history().is_some() {
            return Err(Error::Usage {
                message: "a snapshot that carries a history is a pack's, and not another look".to_owned(),
                hint: "add the snapshot that `overstay collect` wrote".to_owned(),
            });
        }
        self.claim(snapshot)?;
        let path = self.root.join(SNAPSHOTS).join(Entry::place(snapshot));
        if !put_new(&path, snapshot.bytes())? {
            // Time and digest agree, so the content does, unless the disk lost it.
            let entry = Entry::of(&path).ok_or_else(|| Error::Internal("a stored snapshot has no name".to_owned()))?;
            self.read(&entry)?;
        }
        Ok(path)
    }

    /// Removes what writers that died have left. `now` is compared with the files' own times.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn clean(&self, now: Instant) -> Result<(), Error> {
        self.walk(SNAPSHOTS, |path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1) && is_abandoned(&path, now) {
                // It may be gone already, and if it can't be removed it still does no harm.
                let _ = fs::remove_file(&path);
            }
        })
    }

    /// What was taken before an instant: what may be removed, and what packs rest on.
    ///
    /// # Errors
    /// When a folder or a citation can't be read.
    pub fn prunable(&self, before: Instant) -> Result<Prunable, Error> {
        let citations = self.citations()?;
        let mut found = Prunable::default();
        for entry in self.entries()?.into_iter().filter(|entry| entry.at() < before) {
            let cited = citations.iter().find(|citation: &&Citation| citation.cites(&entry)).cloned();
            match cited {
                Some(citation) => found.cited.push((entry, citation)),
                None => found.free.push(entry),
            }
        }
        Ok(found)
    }

    /// Removes snapshots.
    ///
    /// # Errors
    /// When one can't be removed; those before it are gone then.
    pub fn remove(&self, entries: &[Entry]) -> Result<(), Error> {
        for entry in entries {
            match fs::remove_file(entry.path()) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(Error::io("remove", entry.path(), e)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Writes a file that is not there yet, whole or not at all. False when there is one of that name.
pub(super) fn put_new(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let write = || -> io::Result<bool> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        if path.exists() {
            return Ok(false);
        }
        let mut file = temporary(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Ok(_) => {}
            Err(e) if e.error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            Err(e) => return Err(e.error),
        }
        // The name survives a power cut once its folder is on disk, and a new folder's once the one above is. Not every
        // system can do that to folders; the file itself is safe already.
        for folder in folder.ancestors().take(3) {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(true)
    };
    write().map_err(|e| Error::io("write", path, e))
}

/// A small file's content.
pub(super) fn serialised(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| Error::Internal(format!("JSON: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(TEMPORARY.0).suffix(TEMPORARY.1).tempfile_in(folder)
}

fn is_abandoned(path: &Path, now: Instant) -> bool {
    let touched = fs::metadata(path).and_then(|facts| facts.modified());
    let now = std::time::SystemTime::from(now.timestamp());
    touched.is_ok_and(|touched| now.duration_since(touched).is_ok_and(|age| age > ABANDONED))
}
