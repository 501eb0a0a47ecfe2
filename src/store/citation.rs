//! Which packs rest on which snapshots, so that these are not removed.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::files::Hold;
use super::write::serialised;
use super::{Entry, Store};
use crate::error::Error;
use crate::model::Instant;

/// Where citations lie within the store.
const CITATIONS: &str = "citations/";

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
    /// Whether it names a stored snapshot or listing.
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
        let key = format!("{CITATIONS}{}.json", HEXLOWER.encode(&Sha256::digest(&bytes)));
        self.files.put_new(&key, &bytes).map(drop)
    }

    /// Every citation, by the names of their files.
    ///
    /// # Errors
    /// When one can't be read: what it names would not be known, and so nothing may be removed.
    pub fn citations(&self) -> Result<Vec<Citation>, Error> {
        Ok(self.cited()?.into_iter().map(|(_, citation)| citation).collect())
    }

    /// Takes back the citations of a run, and says what forbids it for each that stays. None when there is none of it.
    ///
    /// # Errors
    /// When citations can't be read or removed.
    pub fn release(&self, run_id: &str, now: Instant) -> Result<Option<Vec<Hold>>, Error> {
        let mut keys: Vec<String> =
            self.cited()?.into_iter().filter(|(_, citation)| citation.run_id == run_id).map(|(key, _)| key).collect();
        if keys.is_empty() {
            return Ok(None);
        }
        let mut holds = self.files.holds(&keys, now)?;
        for (key, _) in keys.drain(..).zip(&holds).filter(|(_, hold)| **hold == Hold::Free) {
            self.files.remove(&key)?;
        }
        holds.retain(|hold| *hold != Hold::Free);
        Ok(Some(holds))
    }

    /// Every citation with its key.
    fn cited(&self) -> Result<Vec<(String, Citation)>, Error> {
        let mut keys = self.files.list(CITATIONS)?;
        keys.retain(|key| key.ends_with(".json"));
        keys.sort();
        let mut citations = Vec::new();
        for (key, content) in keys.iter().zip(self.files.get_each(keys.clone())) {
            if let Some(citation) = self.parsed(key, content?)? {
                citations.push((key.clone(), citation));
            }
        }
        Ok(citations)
    }
}
