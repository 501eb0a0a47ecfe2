//! Removing from a store: what is old, rests under no pack, and is not locked.

use super::files::Hold;
use super::{Citation, Entry, Store};
use crate::error::Error;
use crate::model::Instant;

/// What was taken before an instant, and what may become of it. Snapshots come before listings, each the earliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prunable {
    /// What nothing rests on and nothing locks.
    pub free: Vec<Entry>,
    /// What packs rest on, with the first of them.
    pub cited: Vec<(Entry, Citation)>,
    /// What nothing rests on, with what forbids to remove it.
    pub held: Vec<(Entry, Hold)>,
}

impl Store {
    /// What was taken before an instant: what may be removed, what packs rest on, and what is locked at `now`.
    ///
    /// # Errors
    /// When the store can't be listed or a citation can't be read.
    pub fn prunable(&self, before: Instant, now: Instant) -> Result<Prunable, Error> {
        let citations = self.citations()?;
        let mut found = Prunable::default();
        let mut uncited = Vec::new();
        let entries = self.entries()?.into_iter().chain(self.listings()?);
        for entry in entries.filter(|entry| entry.at() < before) {
            match citations.iter().find(|citation| citation.cites(&entry)) {
                Some(citation) => found.cited.push((entry, citation.clone())),
                None => uncited.push(entry),
            }
        }
        let keys: Vec<String> = uncited.iter().map(|entry| entry.key().to_owned()).collect();
        for (entry, hold) in uncited.into_iter().zip(self.files.holds(&keys, now)?) {
            match hold {
                Hold::Free => found.free.push(entry),
                hold => found.held.push((entry, hold)),
            }
        }
        Ok(found)
    }

    /// Removes a snapshot or listing. One that is not there any more is no error.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn remove(&self, entry: &Entry) -> Result<(), Error> {
        self.files.remove(entry.key())
    }
}
