//! Entries out of a file, one at a time: JSON lines, a JSON list, or documents that hold a list.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use data_encoding::HEXLOWER;
use flate2::bufread::MultiGzDecoder;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How reading one file went.
pub(super) struct Outcome {
    /// SHA-256 of the file as it lies there, packed or not.
    pub(super) digest: String,
    pub(super) bytes: u64,
    /// Whether it could be opened at all.
    pub(super) opened: bool,
    /// Why it could not be read to its end.
    pub(super) error: Option<String>,
}

/// Hands every entry of a file to `sink`, with its number from 1.
pub(super) fn each(path: &Path, sink: impl FnMut(u64, Value)) -> Outcome {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => {
            let error = Some(format!("it can't be read: {error}"));
            return Outcome { digest: String::new(), bytes: 0, opened: false, error };
        }
    };
    let mut hashing = Hashing { inner: file, digest: Sha256::new(), bytes: 0 };
    let read = {
        let mut plain = BufReader::new(&mut hashing);
        match plain.fill_buf().map(|start| start.starts_with(&[0x1f, 0x8b])) {
            Ok(true) => documents(BufReader::new(MultiGzDecoder::new(plain)), sink),
            Ok(false) => documents(plain, sink),
            Err(error) => Err(serde_json::Error::io(error)),
        }
    };
    // What a broken file still holds belongs to its digest.
    let rest = io::copy(&mut hashing, &mut io::sink()).err();
    let error = read.err().map(|error| describe(&error));
    let error = error.or_else(|| rest.map(|error| format!("it can't be read: {error}")));
    Outcome { digest: HEXLOWER.encode(&hashing.digest.finalize()), bytes: hashing.bytes, opened: true, error }
}

fn describe(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Io if error.io_error_kind() == Some(io::ErrorKind::UnexpectedEof) => {
            return "the packed file ends before its end".to_owned();
        }
        Category::Io => "it can't be unpacked or read",
        Category::Eof => "it ends in the middle of an entry",
        Category::Syntax | Category::Data => "it is not JSON",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
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

/// A reader that digests what passes through it.
struct Hashing {
    inner: File,
    digest: Sha256,
    bytes: u64,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }
}
