//! Imports a listing from before there was a store.

use std::path::Path;

use crate::error::Error;
use crate::exit::Status;
use crate::store::{Listing, Store};
use crate::workflow::Shell;

pub(super) fn import(shell: &Shell, store: &Store, file: &Path) -> Result<Status, Error> {
    let usage = |message: String, hint: &str| Error::Usage { message, hint: hint.to_owned() };
    let Some(as_of) = shell.as_of.map(|as_of| as_of.instant()) else {
        let message = "a listing does not say when it was so".to_owned();
        return Err(usage(message, "say it with --as-of, such as --as-of 2026-06-30T17:00:00Z"));
    };
    if as_of > shell.clock.now() {
        return Err(usage(format!("{as_of} is still to come"), "give the instant at which the listing was made"));
    }
    #[expect(clippy::disallowed_methods, reason = "the shell reads the listing")]
    let bytes = std::fs::read(file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => usage(format!("there is no file {}", file.display()), "check the name"),
        _ => Error::io("read", file, e),
    })?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let listing = Listing::parse(&name, &bytes, as_of)?;
    let place = store.import(&listing)?;
    shell.say(&format!("{} grants as of {as_of}: evidence that somebody kept, and labelled so", listing.len()));
    Shell::print(&place)?;
    Ok(Status::Clean)
}
