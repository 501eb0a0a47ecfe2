//! Snapshots kept over time: a folder or a place in S3 that is only ever added to, read by name.
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
//! files of one name have one content. Nothing is written over, and nothing is there before it is whole: `files` says what a
//! place has to offer for that, `folder` does it with files, and `bucket` with objects of S3.

mod bucket;
mod citation;
mod files;
mod folder;
mod listing;
mod marker;
mod name;
mod place;
mod prune;
mod write;

#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use self::files::Files;
use self::folder::Folder;
use self::marker::Organisation;
use crate::error::Error;
use crate::model::Instant;
use crate::snapshot::{self, Snapshot};

pub use bucket::policy;
pub use citation::Citation;
pub use files::{Hold, Lock};
pub use listing::Listing;
pub use name::Entry;
pub use place::{BucketPlace, Place};
pub use prune::Prunable;

/// Where snapshots lie within the store.
const SNAPSHOTS: &str = "snapshots/";
/// Where listings lie within the store.
const LISTINGS: &str = "listings/";

/// A store that is there. Made by [`Store::open`] and [`Store::create`].
#[derive(Debug, Clone)]
pub struct Store {
    place: Place,
    files: Arc<dyn Files>,
    organisation: Arc<OnceLock<Organisation>>,
}

impl Store {
    /// Opens a store for reading.
    ///
    /// # Errors
    /// When there is none, or a later version made it.
    pub fn open(place: &Place) -> Result<Self, Error> {
        Self::find(place)?.ok_or_else(|| Error::Usage {
            message: format!("there is no store at {place}"),
            hint: "`overstay collect` makes it with its first snapshot, where the config has [store]".to_owned(),
        })
    }

    /// Opens a store for reading; none when there is none.
    ///
    /// # Errors
    /// When the place can't be read, or a later version made the store.
    pub fn find(place: &Place) -> Result<Option<Self>, Error> {
        let store = Self::at(place)?;
        Ok(store.marker()?.then_some(store))
    }

    /// Opens a store for writing, and makes it where there is none.
    ///
    /// # Errors
    /// When the place can't be written to, or a later version made the store: before anything is collected for it, since a
    /// collection can take an hour.
    pub fn create(place: &Place) -> Result<Self, Error> {
        let store = Self::at(place)?;
        store.files.prepare()?;
        store.mark()?;
        Ok(store)
    }

    fn at(place: &Place) -> Result<Self, Error> {
        let files: Arc<dyn Files> = match place {
            Place::Folder(root) => Arc::new(Folder::new(root.clone())),
            Place::Bucket(place) => Arc::new(bucket::Bucket::connect(place)?),
        };
        Ok(Self { place: place.clone(), files, organisation: Arc::default() })
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Where a snapshot or listing of it is, for people.
    pub fn locate(&self, entry: &Entry) -> String {
        self.files.locate(entry.key())
    }

    /// How what is put into it is locked; none for a folder, where nothing can be.
    pub fn lock(&self) -> Option<Lock> {
        self.files.lock()
    }

    /// Every snapshot, the earliest first. Reads names only.
    ///
    /// # Errors
    /// When they can't be listed.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let mut entries: Vec<Entry> = self.files.list(SNAPSHOTS)?.into_iter().filter_map(Entry::of).collect();
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
        self.opened(entry, self.files.get(entry.key())?)
    }

    /// Reads snapshots in their order, one after the other; what comes from afar is fetched a little ahead.
    pub fn read_each<'a>(&'a self, entries: &'a [&'a Entry]) -> impl Iterator<Item = Result<Snapshot, Error>> + 'a {
        let keys = entries.iter().map(|entry| entry.key().to_owned()).collect();
        entries.iter().zip(self.files.get_each(keys)).map(|(entry, content)| self.opened(entry, content?))
    }

    /// The snapshot that a file holds.
    fn opened(&self, entry: &Entry, content: Option<Vec<u8>>) -> Result<Snapshot, Error> {
        let place = self.locate(entry);
        let gone = || Error::io("read", Path::new(&place), io::Error::from(io::ErrorKind::NotFound));
        let snapshot = snapshot::read(content.ok_or_else(gone)?)
            .map_err(|e| Error::Verification { message: format!("{place}: {e}"), hint: e.hint().to_owned() })?;
        if !entry.names(&snapshot) {
            return Err(Error::Verification {
                message: format!("{place} is not the snapshot that its name says"),
                hint: "files of the store are not to be renamed; give it back its name, or take it out".to_owned(),
            });
        }
        self.check_organisation(&snapshot)?;
        Ok(snapshot)
    }
}
