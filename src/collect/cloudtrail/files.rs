//! Trail files on disk, streamed: however long a trail is, one record is in memory at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::records;
use super::{Condenser, Converted, Record, convert};
use crate::collect::packed;
use crate::collect::table::plain_error;
use crate::error::Error;
use crate::model::coverage::InputFile;
use crate::model::event::Window;
use crate::model::{Event, Fact, Gap, GapKind, Instant};

/// What the files told.
pub(super) struct Told {
    pub(super) events: Vec<Event>,
    /// All files as one: their digest is that of the list that `sha256sum` would print.
    pub(super) file: InputFile,
    pub(super) gaps: Vec<Gap>,
    pub(super) notes: Vec<String>,
    /// Times of which something could not be read.
    pub(super) holes: Vec<Window>,
}

/// The files that a pattern means, sorted. `**` stands for any depth of folders.
///
/// # Errors
/// When the pattern is none, or nothing matches.
pub(super) fn matching(base: &Path, pattern: &str) -> Result<Vec<PathBuf>, Error> {
    let full = base.join(pattern);
    let wrong = |message: String, help: &str| plain_error(pattern, message, help.to_owned());
    let text = full.to_str().ok_or_else(|| wrong(format!("`{pattern}` is not UTF-8"), "rename the folder"))?;
    let found = glob::glob(text)
        .map_err(|error| wrong(format!("`{pattern}` is not a pattern: {}", error.msg), "write trail/**/*.json.gz"))?;
    let mut paths = Vec::new();
    for path in found {
        let path = path.map_err(|error| {
            let folder = error.path().to_owned();
            Error::io("read", &folder, error.into())
        })?;
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        let message = format!("no file matches `{pattern}`");
        return Err(wrong(message, "paths are relative to the config file; `**` stands for any depth of folders"));
    }
    Ok(paths)
}

/// Reads the files.
pub(super) fn read(base: &Path, pattern: &str, paths: &[PathBuf]) -> Told {
    let mut reading = Reading::default();
    let mut list = Sha256::new();
    let mut bytes = 0;
    for path in paths {
        let shown = path.strip_prefix(base).unwrap_or(path).display().to_string();
        let (digest, size) = reading.file(path, &shown);
        list.update(format!("{digest}  {shown}\n"));
        bytes += size;
    }
    let (events, dropped) = reading.events.finish();
    let mut notes = Vec::new();
    if dropped > 0 {
        notes.push(format!(
            "of the uses of a permission set by one user on one day the first and the last are kept; {dropped} between were dropped"
        ));
    }
    let count = paths.len();
    Told {
        events,
        file: InputFile {
            path: pattern.to_owned(),
            sha256: HEXLOWER.encode(&list.finalize()),
            bytes,
            rows: reading.records,
            read_as: format!("CloudTrail records from {count} {}", if count == 1 { "file" } else { "files" }),
        },
        gaps: reading.gaps.into_iter().map(|(gap, count)| more(gap, count)).collect(),
        notes,
        holes: reading.holes,
    }
}

/// One gap for all records of a file that can't be read for the same reason.
fn more(gap: Gap, count: u64) -> Gap {
    if count < 2 { gap } else { Gap { at: format!("{} and {} more records of the file", gap.at, count - 1), ..gap } }
}

#[derive(Default)]
struct Reading {
    events: Condenser,
    records: u64,
    gaps: Vec<(Gap, u64)>,
    holes: Vec<Window>,
}

impl Reading {
    /// Reads one file; gives the digest of its bytes and their number.
    fn file(&mut self, path: &Path, shown: &str) -> (String, u64) {
        let mut unread: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let (mut number, mut holes) = (0_u64, Vec::new());
        let mut taken = Vec::new();
        let mut take = |value: Value| {
            number += 1;
            let time = value.get("eventTime").and_then(Value::as_str).and_then(|time| time.parse::<Instant>().ok());
            let converted = match Record::deserialize(&value) {
                Ok(record) => convert(&record, || format!("{shown}, record {number}")),
                Err(error) => Converted::Unreadable(format!("the record is not one of CloudTrail's: {error}")),
            };
            match converted {
                Converted::Event(event) => taken.push(*event),
                Converted::Elsewhere => {}
                Converted::Unreadable(reason) => {
                    unread.entry(reason).or_insert((number, 0)).1 += 1;
                    holes.push(time);
                }
            }
        };
        let outcome = packed::read(path, &WORDS, |reader| records::each(reader, &mut take));
        for event in taken {
            self.events.add(event);
        }
        self.records += number;
        for (reason, (first, count)) in unread {
            let at = format!("{shown}, record {first}");
            let hint = "what it says is not counted, and its hour is not covered; report it if the record is genuine";
            self.gaps.push((gap(GapKind::Malformed, at, reason, hint), count));
        }
        for time in holes {
            self.holes.push(time.map_or_else(|| around_name(shown), around));
        }
        if let Some(error) = outcome.error {
            let hint = "copy it again from the trail's bucket; the time it stands for is not covered";
            let kind = if outcome.opened { GapKind::Malformed } else { GapKind::Unreadable };
            self.gaps.push((gap(kind, shown.to_owned(), error, hint), 1));
            self.holes.push(around_name(shown));
        }
        (outcome.digest, outcome.bytes)
    }
}

fn gap(kind: GapKind, at: String, reason: String, hint: &str) -> Gap {
    Gap { fact: Fact::CloudTrail, kind, at, reason, hint: hint.to_owned() }
}

/// The hour before and the hour after an instant.
fn around(at: Instant) -> Window {
    let shift = |hours| {
        let moved = at.timestamp().checked_add(SignedDuration::from_hours(hours));
        moved.map_or(at, Instant::new)
    };
    Window { from: shift(-1), to: shift(1) }
}

/// The time that a trail file's name tells: `111122223333_CloudTrail_us-east-1_20260701T0005Z_x.json.gz` is delivered
/// within about a quarter of an hour of what it holds. A name that tells none may stand for any time.
fn around_name(path: &str) -> Window {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stamp = name.split('_').find_map(|part| DateTime::strptime("%Y%m%dT%H%MZ", part).ok());
    let at = stamp.and_then(|stamp| stamp.to_zoned(TimeZone::UTC).ok()).map(|at| Instant::new(at.timestamp()));
    at.map_or_else(
        || Window { from: Instant::new(jiff::Timestamp::MIN), to: Instant::new(jiff::Timestamp::MAX) },
        around,
    )
}

/// What is said of files that are not a trail's.
const WORDS: packed::Words =
    packed::Words { cut: "the file ends in the middle of a record", other: "it is not a file of CloudTrail records" };

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
