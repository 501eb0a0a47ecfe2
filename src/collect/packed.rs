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
    /// SHA-256 of what is in it, unpacked; likewise, and of no worth where there is an error.
    pub(super) content: String,
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
    match File::open(path) {
        Ok(file) => read_from(file, words, each),
        Err(error) => {
            let error = Some(format!("it can't be read: {error}"));
            Outcome { digest: String::new(), content: String::new(), bytes: 0, opened: false, error }
        }
    }
}

/// Reads what is no file of this machine, likewise.
pub(super) fn read_from(
    file: impl Read,
    words: &Words,
    each: impl FnOnce(&mut dyn BufRead) -> Result<(), serde_json::Error>,
) -> Outcome {
    let mut hashing = Hashing::new(file);
    let mut content = None;
    let read = {
        let mut plain = BufReader::new(&mut hashing);
        match plain.fill_buf().map(|start| start.starts_with(&[0x1f, 0x8b])) {
            Ok(true) => {
                let mut unpacked = Hashing::new(MultiGzDecoder::new(plain));
                let read = each(&mut BufReader::new(&mut unpacked));
                let read = read.and_then(|()| unpacked.rest().map_err(serde_json::Error::io));
                content = Some(unpacked.finish());
                read
            }
            Ok(false) => each(&mut plain),
            Err(error) => Err(serde_json::Error::io(error)),
        }
    };
    // What a broken file still holds belongs to its digest.
    let rest = hashing.rest().err();
    let error = read.err().map(|error| describe(&error, words));
    let error = error.or_else(|| rest.map(|error| format!("it can't be read: {error}")));
    let bytes = hashing.bytes;
    let digest = hashing.finish();
    Outcome { content: content.unwrap_or_else(|| digest.clone()), digest, bytes, opened: true, error }
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
struct Hashing<R> {
    inner: R,
    digest: Sha256,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, digest: Sha256::new(), bytes: 0 }
    }

    /// Reads what nobody asked for.
    fn rest(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(drop)
    }

    fn finish(self) -> String {
        HEXLOWER.encode(&self.digest.finalize())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }
}
