//! What trail files tell, one after the other, from wherever they come: however long a trail is, one record is in memory at
//! a time, besides the events that are kept.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::name::{around, around_name, base};
use super::{Condenser, Converted, Record, convert};
use crate::collect::entries::{self, unwrapped};
use crate::collect::packed::{self, Outcome, Words};
use crate::model::coverage::InputFile;
use crate::model::event::Window;
use crate::model::{Event, Fact, Gap, GapKind, Instant};

/// What all files told.
pub(crate) struct Told {
    pub(crate) events: Vec<Event>,
    /// All files as one: their digest is that of the list that `sha256sum` would print.
    pub(crate) file: InputFile,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) notes: Vec<String>,
    /// Times of which something could not be read.
    pub(crate) holes: Vec<Window>,
}

/// What one file told.
pub(crate) struct One {
    shown: String,
    /// As it lies there.
    digest: String,
    bytes: u64,
    /// SHA-256 of what is in it, unpacked; none where it could not be read to its end.
    content: Option<String>,
    events: Vec<Event>,
    records: u64,
    reads: bool,
    gaps: Vec<Gap>,
    holes: Vec<Window>,
}

impl One {
    /// Whether calls that only read are among the records: a trail may record changes alone.
    pub(crate) fn has_reads(&self) -> bool {
        self.reads
    }
}

/// Where the content of a file is had.
pub(crate) enum Content<'a> {
    /// From the disk.
    File(&'a Path),
    /// From memory.
    Bytes(&'a [u8]),
}

impl Content<'_> {
    /// Reads it; `each` takes what is in it, unpacked.
    pub(super) fn read(
        &self,
        words: &Words,
        each: impl FnOnce(&mut dyn BufRead) -> Result<(), serde_json::Error>,
    ) -> Outcome {
        match self {
            Self::File(path) => packed::read(path, words, each),
            Self::Bytes(bytes) => packed::read_from(*bytes, words, each),
        }
    }
}

/// Reads one file of records.
pub(crate) fn one(shown: &str, content: &Content<'_>) -> One {
    let mut unread: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let (mut number, mut odd) = (0_u64, Vec::new());
    let (mut events, mut reads) = (Vec::new(), false);
    let mut take = |entry: Value| {
        number += 1;
        let value = unwrapped(entry);
        reads |= value.get("readOnly").and_then(Value::as_bool) == Some(true)
            && value.get("managementEvent").and_then(Value::as_bool) != Some(false);
        let time = value.get("eventTime").and_then(Value::as_str).and_then(|time| time.parse::<Instant>().ok());
        let converted = match Record::deserialize(&value) {
            Ok(record) => convert(&record, || format!("{shown}, record {number}")),
            Err(error) => Converted::Unreadable(format!("the record is not one of CloudTrail's: {error}")),
        };
        match converted {
            Converted::Event(event) => events.push(*event),
            Converted::Elsewhere => {}
            Converted::Unreadable(reason) => {
                unread.entry(reason).or_insert((number, 0)).1 += 1;
                odd.push(time);
            }
        }
    };
    let outcome = content.read(&WORDS, |reader| entries::each(reader, &mut take));
    let mut gaps = Vec::new();
    for (reason, (first, count)) in unread {
        let mut at = format!("{shown}, record {first}");
        // One gap for all records of a file that can't be read for the same reason.
        if count > 1 {
            at.push_str(&format!(" and {} more records of the file", count - 1));
        }
        let hint = "what it says is not counted, and its hour is not covered; report it if the record is genuine";
        gaps.push(gap(GapKind::Malformed, at, reason, hint));
    }
    let mut holes: Vec<Window> = odd.into_iter().map(|time| time.map_or_else(|| around_name(shown), around)).collect();
    let whole = outcome.error.is_none();
    if let Some(error) = outcome.error {
        let hint = "copy it again from the trail's bucket; the time it stands for is not covered";
        let kind = if outcome.opened { GapKind::Malformed } else { GapKind::Unreadable };
        gaps.push(gap(kind, shown.to_owned(), error, hint));
        holes.push(around_name(shown));
    }
    if whole && number == 0 {
        // CloudTrail delivers no file without a record: a copy was interrupted, or an export matched nothing.
        let hint = "copy it again from the trail's bucket; an empty file does not show that nothing happened";
        gaps.push(gap(GapKind::Malformed, shown.to_owned(), "the file holds no record".to_owned(), hint));
        holes.push(around_name(shown));
    }
    One {
        shown: shown.to_owned(),
        digest: outcome.digest,
        bytes: outcome.bytes,
        content: whole.then_some(outcome.content),
        events,
        records: number,
        reads,
        gaps,
        holes,
    }
}

/// Gathers what files tell.
#[derive(Default)]
pub(crate) struct Reading {
    events: Condenser,
    records: u64,
    bytes: u64,
    /// Digests as the files lie there, by the names that are shown.
    digests: BTreeMap<String, String>,
    /// Digests of their content, by their names without folders; none where a file could not be read.
    contents: BTreeMap<String, Option<String>>,
    gaps: Vec<Gap>,
    holes: Vec<Window>,
}

impl Reading {
    /// Takes what one file told.
    pub(crate) fn add(&mut self, one: One) {
        for event in one.events {
            self.events.add(event);
        }
        self.records += one.records;
        self.bytes += one.bytes;
        self.contents.insert(base(&one.shown).to_owned(), one.content);
        self.digests.insert(one.shown, one.digest);
        self.gaps.extend(one.gaps);
        self.holes.extend(one.holes);
    }

    /// Takes note of a file that is there and could not be had; that it could not is told elsewhere.
    pub(crate) fn add_unread(&mut self, shown: &str) {
        self.contents.insert(base(shown).to_owned(), None);
        self.holes.push(around_name(shown));
    }

    /// A stretch of which something could not be read, told elsewhere.
    pub(crate) fn add_hole(&mut self, hole: Window) {
        self.holes.push(hole);
    }

    /// A gap.
    pub(crate) fn add_gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// What is in the files, by their names without folders: SHA-256 in lower-case hex, none where one could not be read.
    pub(crate) fn contents(&self) -> &BTreeMap<String, Option<String>> {
        &self.contents
    }

    /// Everything told; `path` is what the config calls the files.
    pub(crate) fn finish(self, path: String) -> Told {
        let count = self.digests.len();
        let (events, dropped) = self.events.finish();
        let mut notes = Vec::new();
        if dropped > 0 {
            notes.push(format!(
                "of the uses of a permission set by one user on one day the first and the last are kept; {dropped} between were dropped"
            ));
        }
        let mut list = Sha256::new();
        for (shown, digest) in &self.digests {
            list.update(format!("{digest}  {shown}\n"));
        }
        Told {
            events,
            file: InputFile {
                path,
                sha256: HEXLOWER.encode(&list.finalize()),
                bytes: self.bytes,
                rows: self.records,
                read_as: format!("CloudTrail records from {count} {}", if count == 1 { "file" } else { "files" }),
                modified_at: None,
            },
            gaps: self.gaps,
            notes,
            holes: self.holes,
        }
    }
}

/// A gap of CloudTrail's.
pub(crate) fn gap(kind: GapKind, at: String, reason: String, hint: &str) -> Gap {
    Gap { fact: Fact::CloudTrail, kind, at, reason, hint: hint.to_owned() }
}

/// What is said of files that are not a trail's.
const WORDS: Words =
    Words { cut: "the file ends in the middle of a record", other: "it is not a file of CloudTrail records" };
