//! Which packs rest on which snapshots, so that these are not removed.

use std::io::ErrorKind;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::write::{put_new, serialised};
use super::{Entry, Store};
use crate::error::Error;

const CITATIONS: &str = "citations";

/// That a pack rests on snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The run that made the pack.
    pub run_id: String,
    /// Where the pack was written.
    pub pack: String,
    /// The digests of the snapshots, sorted.
    pub snapshots: Vec<String>,
}

impl Citation {
    /// Whether it names a stored snapshot.
    pub fn cites(&self, entry: &Entry) -> bool {
        self.snapshots.iter().any(|digest| entry.has_digest(digest))
    }
}

impl Store {
    /// Keeps a citation. The same one again changes nothing.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn cite(&self, citation: &Citation) -> Result<(), Error> {
        let bytes = serialised(citation)?;
        let name = format!("{}.json", HEXLOWER.encode(&Sha256::digest(&bytes)));
        put_new(&self.root.join(CITATIONS).join(name), &bytes).map(drop)
    }

    /// Every citation, by the names of their files.
    ///
    /// # Errors
    /// When one can't be read: what it names would not be known, and so nothing may be removed.
    pub fn citations(&self) -> Result<Vec<Citation>, Error> {
        let folder = self.root.join(CITATIONS);
        let listing = match std::fs::read_dir(&folder) {
            Ok(listing) => listing,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Error::io("list", &folder, e)),
        };
        let mut names = Vec::new();
        for found in listing {
            names.push(found.map_err(|e| Error::io("list", &folder, e))?.file_name());
        }
        names.sort();
        let mut citations = Vec::new();
        for name in names.iter().map(Path::new).filter(|name| name.extension().is_some_and(|kind| kind == "json")) {
            citations.extend(self.json(Path::new(CITATIONS).join(name))?);
        }
        Ok(citations)
    }
}
