//! Adding to a store.

use serde::Serialize;

use super::{Entry, Store};
use crate::error::Error;
use crate::snapshot::Snapshot;

impl Store {
    /// Adds a snapshot and returns its place. The same snapshot again changes nothing.
    ///
    /// # Errors
    /// When it is of another organisation, carries a history, or can't be written. Then the store is as it was.
    pub fn add(&self, snapshot: &Snapshot) -> Result<String, Error> {
        if snapshot.history().is_some() {
            return Err(Error::Usage {
                message: "a snapshot that carries a history is a pack's, and not another look".to_owned(),
                hint: "add the snapshot that `overstay collect` wrote".to_owned(),
            });
        }
        self.claim(snapshot)?;
        let key = Entry::key_of(snapshot);
        let place = self.files.locate(&key);
        if !self.files.put_new(&key, snapshot.bytes())? {
            // Time and digest agree, so the content does, unless the disk lost it.
            let entry = Entry::of(key).ok_or_else(|| Error::Internal("a stored snapshot has no name".to_owned()))?;
            self.read(&entry)?;
        }
        Ok(place)
    }

    /// Removes what writers that died have left, a day ago or longer by the place's own clock.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn clean(&self) -> Result<(), Error> {
        self.files.clean()
    }
}

/// A small file's content.
pub(super) fn serialised(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| Error::Internal(format!("JSON: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}
