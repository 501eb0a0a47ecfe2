//! Files of JSON, packed with gzip or not, read as a stream and digested on the way.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use data_encoding::HEXLOWER;
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

/// How reading one file went.
pub(super) struct Outcome {
    /// SHA-256 of the file as it lies there, packed or not; lower-case hex, empty if it could not be opened.
    pub(super) digest: String,
    /// Its size as it lies there.
    pub(super) bytes: u64,
    /// Whether it could be opened at all.
    pub(super) opened: bool,
    /// Why it could not be read to its end.
    pub(super) error: Option<String>,
}

/// What is said of content that is not what it should be.
pub(super) struct Words {
    /// Of a file that ends too early.
    pub(super) cut: &'static str,
    /// Of a file of something else.
    pub(super) other: &'static str,
}

/// Reads a file; `each` takes what is in it, unpacked.
pub(super) fn read(
    path: &Path,
    words: &Words,
    each: impl FnOnce(&mut dyn BufRead) -> Result<(), serde_json::Error>,
) -> Outcome {
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
            Ok(true) => each(&mut BufReader::new(MultiGzDecoder::new(plain))),
            Ok(false) => each(&mut plain),
            Err(error) => Err(serde_json::Error::io(error)),
        }
    };
    // What a broken file still holds belongs to its digest.
    let rest = io::copy(&mut hashing, &mut io::sink()).err();
    let error = read.err().map(|error| describe(&error, words));
    let error = error.or_else(|| rest.map(|error| format!("it can't be read: {error}")));
    Outcome { digest: HEXLOWER.encode(&hashing.digest.finalize()), bytes: hashing.bytes, opened: true, error }
}

fn describe(error: &serde_json::Error, words: &Words) -> String {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Io if error.io_error_kind() == Some(io::ErrorKind::UnexpectedEof) => {
            return "the packed file ends before its end".to_owned();
        }
        Category::Io => "it can't be unpacked or read",
        Category::Eof => words.cut,
        Category::Syntax | Category::Data => words.other,
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
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
