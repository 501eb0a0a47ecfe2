//! The sealed file: written whole, read strictly.

use std::io::{BufRead, BufReader, Read};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Body, Snapshot};

const FORMAT: &str = "overstay-snapshot";
/// Raised when an older reader would misread the body.
const MAJOR: u32 = 1;
/// Raised when a field is added that an older reader may ignore.
const MINOR: u32 = 1;
/// The longest header line.
const MAX_HEADER: u64 = 64 << 10;
/// What a file of any size may unpack to, and how many times its size beyond that: JSON shrinks far less than this.
const MAX_SMALL: u64 = 64 << 20;
const MAX_RATIO: u64 = 500;

/// zstd's default; the file is written once and read many times.
const LEVEL: i32 = 3;
/// A body larger than this is not a snapshot of ours: the largest documented organisation stays below a quarter of it.
const MAX_BODY: u64 = 8 << 30;

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    major: u32,
    minor: u32,
    written_by: String,
    sha256: String,
}

/// Why a file is not taken for a snapshot. Each says what to do in [`SnapshotError::hint`].
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Not made by `overstay collect`.
    #[error("this is not an overstay snapshot")]
    NotASnapshot,
    /// Cut short.
    #[error("the snapshot is truncated or damaged: {0}")]
    Truncated(String),
    /// Changed after sealing.
    #[error("the snapshot was altered: its body has digest {actual}, its seal says {expected}")]
    Altered {
        /// What the header says.
        expected: String,
        /// What the body has.
        actual: String,
    },
    /// Written by a later version.
    #[error("the snapshot has format {major}, written by overstay {written_by}; this version reads format {MAJOR}")]
    Newer {
        /// Its format.
        major: u32,
        /// Who wrote it.
        written_by: String,
    },
    /// The seal holds and the body still does not read.
    #[error("the snapshot's body does not read: {0}")]
    Malformed(String),
    /// Writing failed.
    #[error("the snapshot cannot be written: {0}")]
    Unwritable(String),
}

impl SnapshotError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotASnapshot => "give a file that `overstay collect` wrote, or a pack's data/snapshot.json.zst",
            Self::Truncated(_) => "copy it again from where it was made, or collect anew",
            Self::Altered { .. } | Self::Malformed(_) => "do not rely on it; take the original, or collect anew",
            Self::Newer { .. } => "use that version of overstay, or a later one",
            Self::Unwritable(_) => "this is a bug in overstay; please report it",
        }
    }
}

/// Serialises and seals a body: the file's bytes and the body's digest.
pub(super) fn write(body: &Body) -> Result<(Vec<u8>, String), SnapshotError> {
    let unwritable = |e: &dyn std::fmt::Display| SnapshotError::Unwritable(e.to_string());
    let json = serde_json::to_vec(body).map_err(|e| unwritable(&e))?;
    let digest = HEXLOWER.encode(&Sha256::digest(&json));
    let header = Header {
        format: FORMAT.to_owned(),
        major: MAJOR,
        minor: MINOR,
        written_by: env!("CARGO_PKG_VERSION").to_owned(),
        sha256: digest.clone(),
    };
    let mut plain = serde_json::to_vec(&header).map_err(|e| unwritable(&e))?;
    plain.push(b'\n');
    plain.extend_from_slice(&json);
    drop(json);
    let bytes = zstd::bulk::compress(&plain, LEVEL).map_err(|e| unwritable(&e))?;
    Ok((bytes, digest))
}

/// Reads a sealed file.
///
/// # Errors
/// When it is anything but a whole, unaltered snapshot of a format this version knows.
pub fn read(bytes: Vec<u8>) -> Result<Snapshot, SnapshotError> {
    if bytes.get(..4) != Some(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Err(SnapshotError::NotASnapshot);
    }
    let truncated = |e: std::io::Error| SnapshotError::Truncated(e.to_string());
    // The header first: a small file may unpack to gigabytes of something else.
    let mut plain = BufReader::new(zstd::stream::read::Decoder::new(bytes.as_slice()).map_err(truncated)?);
    let mut head = Vec::new();
    plain.by_ref().take(MAX_HEADER).read_until(b'\n', &mut head).map_err(truncated)?;
    let head = head.strip_suffix(b"\n").ok_or(SnapshotError::NotASnapshot)?;
    let header: Header = serde_json::from_slice(head).map_err(|_| SnapshotError::NotASnapshot)?;
    if header.format != FORMAT {
        return Err(SnapshotError::NotASnapshot);
    }
    let most = MAX_BODY.min(MAX_SMALL + bytes.len() as u64 * MAX_RATIO);
    let mut json = Vec::new();
    plain.take(most).read_to_end(&mut json).map_err(truncated)?;
    if header.major != MAJOR {
        return Err(SnapshotError::Newer { major: header.major, written_by: header.written_by });
    }
    let actual = HEXLOWER.encode(&Sha256::digest(&json));
    if actual != header.sha256 {
        return Err(SnapshotError::Altered { expected: header.sha256, actual });
    }
    let body: Body = serde_json::from_slice(&json).map_err(|e| SnapshotError::Malformed(e.to_string()))?;
    Ok(Snapshot { body, bytes, digest: actual })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Instant;

    fn body() -> Body {
        let at: Instant = "2026-09-30T17:00:00Z".parse().unwrap();
        Body {
            started_at: at,
            ended_at: at,
            sources: vec![],
            aws: None,
            idps: vec![],
            hr: None,
            links: vec![],
            approvals: vec![],
            holidays: vec![],
            events: vec![],
            history: None,
        }
    }

    fn sealed_as(edit: impl Fn(&mut Header)) -> Vec<u8> {
        let json = serde_json::to_vec(&body()).unwrap();
        let mut header = Header {
            format: FORMAT.into(),
            major: MAJOR,
            minor: MINOR,
            written_by: "9.9.9".into(),
            sha256: HEXLOWER.encode(&Sha256::digest(&json)),
        };
        edit(&mut header);
        let mut plain = serde_json::to_vec(&header).unwrap();
        plain.push(b'\n');
        plain.extend(json);
        zstd::bulk::compress(&plain, LEVEL).unwrap()
    }

    #[test]
    fn what_is_sealed_reads_back_with_the_same_bytes_and_digest() {
        let (bytes, digest) = write(&body()).unwrap();
        let snapshot = read(bytes.clone()).unwrap();
        assert_eq!(snapshot.bytes(), bytes);
        assert_eq!(snapshot.digest(), digest);
    }

    #[test]
    fn truncated_at_any_byte_is_refused() {
        let (bytes, _) = write(&body()).unwrap();
        for end in 0..bytes.len() {
            assert!(read(bytes[..end].to_vec()).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn altered_is_refused() {
        let bytes = sealed_as(|h| h.sha256 = "0".repeat(64));
        assert!(matches!(read(bytes), Err(SnapshotError::Altered { .. })));
    }

    #[test]
    fn a_newer_format_is_refused_by_name() {
        let error = read(sealed_as(|h| h.major = MAJOR + 1)).unwrap_err();
        assert!(error.to_string().contains("9.9.9"), "{error}");
    }

    #[test]
    fn a_later_minor_is_read() {
        assert!(read(sealed_as(|h| h.minor = MINOR + 1)).is_ok());
    }

    #[test]
    fn a_bomb_is_refused_at_its_first_bytes() {
        let zeros = zstd::bulk::compress(&vec![b'0'; 64 << 20], LEVEL).unwrap();
        assert!(zeros.len() < 64 << 10);
        assert!(matches!(read(zeros), Err(SnapshotError::NotASnapshot)));
    }

    #[test]
    fn anything_else_is_not_a_snapshot() {
        for bytes in [&b""[..], b"{}", b"PK\x03\x04"] {
            assert!(matches!(read(bytes.to_vec()), Err(SnapshotError::NotASnapshot)));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0u8.., 0..300)) {
            let _ = read(bytes);
        }

        #[test]
        fn a_flipped_bit_is_refused(index in 0usize..4096, bit in 0u8..8) {
            let (mut bytes, _) = write(&body()).unwrap();
            let index = index % bytes.len();
            bytes[index] ^= 1 << bit;
            // A flip in the frame header may leave the content as it was; then the digest still holds.
            if let Ok(snapshot) = read(bytes) {
                proptest::prop_assert_eq!(snapshot.digest(), write(&body()).unwrap().1);
            }
        }
    }
}
