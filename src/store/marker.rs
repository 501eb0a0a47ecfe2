//! What marks a place as a store, and whose store it is. Each is a file that is written once.

use serde::{Deserialize, Serialize};

use super::Store;
use super::write::serialised;
use crate::error::Error;
use crate::snapshot::Snapshot;

const FORMAT: &str = "overstay-store";
/// Raised when an older version would misread or spoil the store.
const MAJOR: u32 = 1;
const MARKER: &str = "store.json";
const ORGANISATION: &str = "organisation.json";

#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    format: String,
    major: u32,
    made_by: String,
}

/// Whose snapshots a store has: an Identity Center instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Organisation {
    instance: String,
    identity_store: String,
}

impl Organisation {
    /// Whose snapshot it is; none when it does not have AWS's facts.
    fn of(snapshot: &Snapshot) -> Option<Self> {
        let instance = &snapshot.aws()?.instance;
        Some(Self { instance: instance.arn.to_string(), identity_store: instance.identity_store.to_string() })
    }
}

impl Store {
    /// Whether there is a store that this version knows.
    pub(super) fn marker(&self) -> Result<bool, Error> {
        let Some(marker) = self.json::<Marker>(MARKER)? else { return Ok(false) };
        if marker.format == FORMAT && marker.major == MAJOR {
            return Ok(true);
        }
        Err(Error::Usage {
            message: format!(
                "the store at {} has format {} {}, made by overstay {}; this version knows {FORMAT} {MAJOR}",
                self.place(),
                marker.format,
                marker.major,
                marker.made_by
            ),
            hint: "use that version of overstay, or a later one, or give another url under [store]".to_owned(),
        })
    }

    /// Marks the place as a store, if it is not one. That it is asked for even so shows whether a bucket may be written to.
    pub(super) fn mark(&self) -> Result<(), Error> {
        let marker = Marker { format: FORMAT.to_owned(), major: MAJOR, made_by: env!("CARGO_PKG_VERSION").to_owned() };
        self.files.put_new(MARKER, &serialised(&marker)?)?;
        // Another writer was first, perhaps a later version.
        self.marker().map(drop)
    }

    /// Refuses the snapshot of another organisation.
    pub(super) fn check_organisation(&self, snapshot: &Snapshot) -> Result<(), Error> {
        let Some(theirs) = Organisation::of(snapshot) else { return Ok(()) };
        let Some(ours) = self.organisation()? else { return Ok(()) };
        if theirs == *ours {
            return Ok(());
        }
        Err(Error::Usage {
            message: format!(
                "the store at {} is of the Identity Center instance {} ({}), and the snapshot of {} ({})",
                self.place(),
                ours.instance,
                ours.identity_store,
                theirs.instance,
                theirs.identity_store
            ),
            hint: "give every organisation a store of its own: another url under [store]".to_owned(),
        })
    }

    /// Whose store it is; none while it is nobody's. That is written once, and so read once.
    fn organisation(&self) -> Result<Option<&Organisation>, Error> {
        if self.organisation.get().is_none()
            && let Some(found) = self.json(ORGANISATION)?
        {
            return Ok(Some(self.organisation.get_or_init(|| found)));
        }
        Ok(self.organisation.get())
    }

    /// Makes the store that of the snapshot's organisation, if it is nobody's yet, and refuses the snapshot of another.
    pub(super) fn claim(&self, snapshot: &Snapshot) -> Result<(), Error> {
        if let Some(organisation) = Organisation::of(snapshot) {
            // Of two writers with different snapshots one comes second, and is refused below.
            self.files.put_new(ORGANISATION, &serialised(&organisation)?)?;
        }
        self.check_organisation(snapshot)
    }

    /// Reads a small file of the store; none when it is not there.
    pub(super) fn json<T: for<'de> Deserialize<'de>>(&self, key: &str) -> Result<Option<T>, Error> {
        self.parsed(key, self.files.get(key)?)
    }

    /// What a small file of the store says.
    pub(super) fn parsed<T: for<'de> Deserialize<'de>>(
        &self,
        key: &str,
        content: Option<Vec<u8>>,
    ) -> Result<Option<T>, Error> {
        let Some(bytes) = content else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|e| Error::Verification {
            message: format!("{} does not read: {e}", self.files.locate(key)),
            hint: "it was written by overstay and changed since; restore it from a backup".to_owned(),
        })
    }
}
