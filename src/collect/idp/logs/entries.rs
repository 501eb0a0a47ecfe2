//! Entries out of a file, one at a time: JSON lines, a JSON list, or documents that hold a list.

use std::fmt;
use std::io::BufRead;
use std::path::Path;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use crate::collect::packed;

/// What is said of files that are not of entries.
const WORDS: packed::Words = packed::Words { cut: "it ends in the middle of an entry", other: "it is not JSON" };

/// Hands every entry of a file to `sink`, with its number from 1.
pub(super) fn each(path: &Path, sink: impl FnMut(u64, Value)) -> packed::Outcome {
    packed::read(path, &WORDS, |reader| documents(reader, sink))
}

/// Reads all documents that follow each other in a stream.
fn documents(mut reader: impl BufRead, mut sink: impl FnMut(u64, Value)) -> Result<(), serde_json::Error> {
    let mut number = 0;
    let mut count = |value: Value| {
        number += 1;
        sink(number, value);
    };
    let start = reader.fill_buf().map_err(serde_json::Error::io)?;
    if start.starts_with(&[0xef, 0xbb, 0xbf]) {
        reader.consume(3);
    }
    let start = reader.fill_buf().map_err(serde_json::Error::io)?;
    if start.trim_ascii_start().starts_with(b"[") {
        let mut json = serde_json::Deserializer::from_reader(reader);
        json.deserialize_seq(List(&mut count))?;
        return json.end();
    }
    for value in serde_json::Deserializer::from_reader(reader).into_iter::<Value>() {
        held(value?, &mut count);
    }
    Ok(())
}

/// A page of Graph (`value`), or what diagnostic settings write to a queue (`records`), holds many entries.
fn held(document: Value, sink: &mut impl FnMut(Value)) {
    let Value::Object(mut fields) = document else { return sink(document) };
    let list = ["value", "records"].iter().find_map(|name| match fields.get_mut(*name) {
        Some(Value::Array(items)) => Some(std::mem::take(items)),
        _ => None,
    });
    match list {
        Some(items) => items.into_iter().for_each(sink),
        None => sink(Value::Object(fields)),
    }
}

/// A list whose items are handed on as they come, so that a file is never held whole.
struct List<'s, F>(&'s mut F);

impl<'de, F: FnMut(Value)> Visitor<'de> for List<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element::<Value>()? {
            (self.0)(entry);
        }
        Ok(())
    }
}
