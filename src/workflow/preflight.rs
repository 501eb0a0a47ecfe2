//! What is checked before anything is collected: a collection can take an hour.

use std::path::Path;

use crate::config::Config;
use crate::error::Error;
use crate::model::Instant;

/// Refuses a config that sets something aside for more than a year from `now`.
///
/// Against the clock and not `--as-of`: a config that was valid once stays valid for every rehearsal and replay.
pub(crate) fn check_terms(config: &Config, now: Instant) -> Result<(), Error> {
    let late = config.check_at(now);
    if late.is_empty() { Ok(()) } else { Err(Error::Input(late)) }
}

/// Refuses a place that can't be written to before anything is collected for it: a collection can take an hour.
pub(crate) fn check_writable(path: &Path) -> Result<(), Error> {
    // The folder that is there already; making the rest of the path can wait until there is something to put in it.
    let there = path.ancestors().skip(1).find(|folder| folder.exists()).unwrap_or(Path::new("."));
    tempfile::NamedTempFile::new_in(there).map(drop).map_err(|e| Error::io("write to", there, e))
}

/// Refuses to replace a file without `--force`.
pub(crate) fn refuse_existing(path: &Path, force: bool) -> Result<(), Error> {
    if path.exists() && !force { Err(Error::OutputExists(path.to_owned())) } else { Ok(()) }
}
