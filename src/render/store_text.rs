//! A store's listing and state for a terminal.

use std::io::{self, Write};

use jiff::SignedDuration;

use super::plain;
use crate::evidence::stored::{ListView, StatusView, time};

/// Writes a line per snapshot: when, digest, place; then the same of listings.
///
/// # Errors
/// When `out` does.
pub fn list(view: &ListView, out: &mut dyn Write) -> io::Result<()> {
    for stored in view.snapshots.iter().chain(&view.listings) {
        writeln!(out, "{}  {}  {}", stored.ended_at, stored.digest, plain(&stored.path))?;
    }
    Ok(())
}

/// Writes how fresh a store is.
///
/// # Errors
/// When `out` does.
pub fn status(view: &StatusView, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}", plain(&view.store), if view.fresh { "fresh" } else { "too old" })?;
    match (&view.newest, view.age_seconds, &view.oldest) {
        (Some(newest), Some(age), Some(oldest)) => {
            let age = time(SignedDuration::from_secs(age));
            writeln!(out, "  newest: {newest}, {age} before {}; it may be {} old", view.as_of, view.max_age)?;
            writeln!(out, "  snapshots: {}, the first of {oldest}", view.snapshots)?;
        }
        _ => writeln!(out, "  no snapshot in it")?,
    }
    if let Some(lock) = &view.lock {
        writeln!(out, "  what is put into it: {}", plain(&lock.words()))?;
    }
    match view.gaps.as_slice() {
        [] => writeln!(out, "  no gap of more than {} in the last {}", view.max_age, view.look_back),
        gaps => {
            writeln!(out, "  gaps of more than {} in the last {}:", view.max_age, view.look_back)?;
            for gap in gaps {
                let length = time(SignedDuration::from_secs(gap.seconds));
                writeln!(out, "    {} to {}, {length}", gap.from, gap.to)?;
            }
            Ok(())
        }
    }
}
