//! The names of stored snapshots: when, and which.

use super::{LISTINGS, SNAPSHOTS};
use crate::model::Instant;
use crate::snapshot::Snapshot;

/// What follows time and digest.
const SUFFIX: &str = ".snapshot.json.zst";
/// The same of a listing.
const LISTING: &str = ".listing.json";
/// How much of the digest is in a name: enough that no two snapshots of one second share it.
const DIGEST: usize = 16;

/// A stored snapshot or listing, as its name tells. Ordered by time, then digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    at: Instant,
    digest: String,
    key: String,
}

impl Entry {
    /// The snapshot that a file is by its name; none when it is something else.
    pub(super) fn of(key: String) -> Option<Self> {
        Self::named(key, SUFFIX)
    }

    /// The listing that a file is by its name.
    pub(super) fn of_listing(key: String) -> Option<Self> {
        Self::named(key, LISTING)
    }

    fn named(key: String, suffix: &str) -> Option<Self> {
        let stem = file_name(&key).strip_suffix(suffix)?;
        let (time, digest) = stem.split_once('-')?;
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if digest.len() != DIGEST || !digest.bytes().all(hex) {
            return None;
        }
        Some(Self { at: instant(time)?, digest: digest.to_owned(), key })
    }

    /// The key of a snapshot.
    pub(super) fn key_of(snapshot: &Snapshot) -> String {
        let month = snapshot.ended_at().timestamp().strftime("%Y/%m");
        format!("{SNAPSHOTS}{month}/{}", name(snapshot.ended_at(), snapshot.digest(), SUFFIX))
    }

    /// The key of a listing.
    pub(super) fn key_of_listing(as_of: Instant, digest: &str) -> String {
        format!("{LISTINGS}{}", name(as_of, digest, LISTING))
    }

    /// When reading ended, to the second.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The beginning of its digest.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Its key: where it is within the store.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether it is a listing that was imported.
    pub fn is_listing(&self) -> bool {
        self.key.ends_with(LISTING)
    }

    /// Whether a digest, which may be given whole, is this snapshot's.
    pub fn has_digest(&self, digest: &str) -> bool {
        digest.starts_with(&self.digest)
    }

    /// Whether the name is this snapshot's.
    pub(super) fn names(&self, snapshot: &Snapshot) -> bool {
        file_name(&Self::key_of(snapshot)) == file_name(&self.key)
    }
}

fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or_default()
}

fn name(at: Instant, digest: &str, suffix: &str) -> String {
    let digest = digest.get(..DIGEST).unwrap_or(digest);
    format!("{}-{digest}{suffix}", at.timestamp().strftime("%Y%m%dT%H%M%SZ"))
}

/// Reads `20260930T170000Z`.
fn instant(text: &str) -> Option<Instant> {
    let shape = text.len() == 16
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let (date, time) = ([part(0..4), part(4..6), part(6..8)], [part(9..11), part(11..13), part(13..15)]);
    format!("{}T{}Z", date.join("-"), time.join(":")).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_time_and_digest() {
        let entry = Entry::of("a/20260930T170005Z-0123456789abcdef.snapshot.json.zst".to_owned()).unwrap();
        assert_eq!(entry.at(), "2026-09-30T17:00:05Z".parse().unwrap());
        assert!(entry.has_digest(&"0123456789abcdef".repeat(4)) && !entry.has_digest(&"1123456789abcdef".repeat(4)));
    }

    #[test]
    fn anything_else_is_no_snapshot() {
        for name in [
            "",
            ".overstay-x.tmp",
            "20260930T170005Z-0123456789abcdef.snapshot.json.zst.tmp",
            "20260930T170005Z-0123456789abcde.snapshot.json.zst",
            "20260930T170005Z-0123456789ABCDEF.snapshot.json.zst",
            "20261330T170005Z-0123456789abcdef.snapshot.json.zst",
            "20260930 170005Z-0123456789abcdef.snapshot.json.zst",
            "2026093éT17005Z-0123456789abcdef.snapshot.json.zst",
            "overstay-20260930T170005Z.snapshot.json.zst",
        ] {
            assert_eq!(Entry::of(name.to_owned()), None, "{name}");
        }
    }
}
