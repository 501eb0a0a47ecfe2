//! CloudTrail's own proof of what it delivered: with log file validation on, a digest file an hour, for hours without events
//! too, names every file delivered in it with its SHA-256, and the digest before it with its own.
//!
//! The fields are those of the AWS CloudTrail user guide, "CloudTrail digest file structure": times are those of delivery, and
//! digests are of unpacked content. An unbroken chain whose files are all there, and are what they were, is a log without a
//! hole. Digests are signed with keys that AWS publishes ("Custom implementations of CloudTrail log file integrity validation");
//! where the keys and the signatures, which are metadata of the objects in S3, are not at hand, whoever may write to the
//! bucket could have forged a chain.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER_PERMISSIVE;
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs::default_provider;
use serde::Deserialize;

use super::DELAY;
use super::name::{around_name, base, stamp};
use super::reading::{Content, gap};
use crate::collect::packed::Words;
use crate::model::event::Window;
use crate::model::windows::join;
use crate::model::{Gap, GapKind, Instant};

/// One digest file.
#[derive(Debug)]
pub(crate) struct Digest {
    shown: String,
    /// Account, Region and trail, as its name begins.
    series: String,
    /// Backfills name what their hours' digests left out, and continue nothing.
    is_backfill: bool,
    from: Instant,
    to: Instant,
    /// The digest before it: name and SHA-256.
    previous: Option<(String, String)>,
    /// The files it names, without folders, with their SHA-256.
    files: Vec<(String, String)>,
    /// Files that were delivered to another bucket, as happens when a trail gets a new one.
    elsewhere: Vec<String>,
    /// SHA-256 of its own content, and of the file as it lies there.
    own: [String; 2],
    /// What is signed: its end, its place, its content and the signature before.
    signed: String,
    /// The key that signed it.
    fingerprint: Option<String>,
    signature: Option<String>,
}

/// The public keys of CloudTrail in one Region: DER of PKCS #1, by fingerprint.
pub(crate) type Keys = BTreeMap<String, Vec<u8>>;

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signature {
    /// CloudTrail made it.
    Good,
    /// Somebody else did.
    Bad,
    /// Without the key or the signature nobody can say.
    Unknown,
}

impl Digest {
    fn signature(&self, keys: &Keys) -> Signature {
        let key = self.fingerprint.as_ref().and_then(|fingerprint| keys.get(fingerprint));
        let (Some(key), Some(signature)) = (key, &self.signature) else { return Signature::Unknown };
        let Ok(signature) = HEXLOWER_PERMISSIVE.decode(signature.as_bytes()) else { return Signature::Bad };
        let known = default_provider().signature_verification_algorithms.mapping;
        let mut rsa = known.iter().filter(|(scheme, _)| *scheme == SignatureScheme::RSA_PKCS1_SHA256);
        let good = rsa.any(|(_, algorithms)| {
            algorithms.iter().any(|one| one.verify_signature(key, self.signed.as_bytes(), &signature).is_ok())
        });
        if good { Signature::Good } else { Signature::Bad }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    digest_start_time: String,
    digest_end_time: String,
    digest_s3_bucket: Option<String>,
    digest_s3_object: Option<String>,
    digest_public_key_fingerprint: Option<String>,
    previous_digest_signature: Option<String>,
    previous_digest_s3_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_hash_algorithm: Option<String>,
    log_files: Vec<LogFile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogFile {
    s3_bucket: Option<String>,
    s3_object: String,
    hash_value: String,
    hash_algorithm: Option<String>,
}

/// The only way in which CloudTrail digests files so far.
const ALGORITHM: &str = "SHA-256";

/// What is said of files that are not digests.
const WORDS: Words = Words { cut: "the file ends too early", other: "it is not a digest file of CloudTrail" };

/// Reads a digest file; its signature is no part of it.
///
/// # Errors
/// When it is none, ends too early or has another file's name.
pub(crate) fn read(shown: &str, content: &Content<'_>, signature: Option<String>) -> Result<Digest, Gap> {
    let mut document = None;
    let outcome = content.read(&WORDS, |reader| {
        document = Some(serde_json::from_reader::<_, Document>(reader)?);
        Ok(())
    });
    let wrong = |kind, reason: String| {
        let hint = "copy it again from the trail's bucket; what its hour holds can't be checked without it";
        gap(kind, shown.to_owned(), reason, hint)
    };
    if let Some(error) = outcome.error {
        let kind = if outcome.opened { GapKind::Malformed } else { GapKind::Unreadable };
        return Err(wrong(kind, error));
    }
    let time = |text: &str| text.parse::<Instant>().ok();
    let span = document.as_ref().and_then(|told| time(&told.digest_start_time).zip(time(&told.digest_end_time)));
    let (Some(document), Some((from, to))) = (document, span) else {
        return Err(wrong(GapKind::Malformed, "the digest does not tell from when to when it is".to_owned()));
    };
    let other = {
        let algorithms = document.log_files.iter().map(|file| &file.hash_algorithm);
        let mut algorithms = algorithms.chain([&document.previous_digest_hash_algorithm]).flatten();
        algorithms.find(|algorithm| *algorithm != ALGORITHM).cloned()
    };
    if let Some(other) = other {
        let reason = format!("the digest is made with {other}, and this program knows {ALGORITHM}");
        return Err(wrong(GapKind::Malformed, reason));
    }
    let object = document.digest_s3_object.unwrap_or_default();
    if !object.is_empty() && base(&object) != base(shown) {
        let reason = format!("the digest was delivered as {}, and its file has another name", base(&object));
        return Err(wrong(GapKind::Malformed, reason));
    }
    let bucket = document.digest_s3_bucket;
    let signed = format!(
        "{}\n{}/{object}\n{}\n{}",
        document.digest_end_time,
        bucket.as_deref().unwrap_or_default(),
        outcome.content,
        document.previous_digest_signature.as_deref().unwrap_or("null")
    );
    let (files, elsewhere): (Vec<_>, Vec<_>) =
        document.log_files.into_iter().partition(|file| file.s3_bucket.is_none() || file.s3_bucket == bucket);
    let name = base(shown).split('.').next().unwrap_or_default();
    let is_backfill = name.ends_with("_backfill");
    let name = name.trim_end_matches("_backfill");
    Ok(Digest {
        shown: shown.to_owned(),
        series: name.rsplit_once('_').map_or(name, |(series, _)| series).to_owned(),
        is_backfill,
        from,
        to,
        previous: document
            .previous_digest_s3_object
            .zip(document.previous_digest_hash_value)
            .map(|(object, hash)| (base(&object).to_owned(), hash.to_ascii_lowercase())),
        files: files
            .into_iter()
            .map(|file| (base(&file.s3_object).to_owned(), file.hash_value.to_ascii_lowercase()))
            .collect(),
        elsewhere: elsewhere.into_iter().map(|file| base(&file.s3_object).to_owned()).collect(),
        own: [outcome.content, outcome.digest],
        signed,
        fingerprint: document.digest_public_key_fingerprint,
        signature,
    })
}

/// What digests say of the files that were read.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// Stretches of which an unbroken chain names everything that was delivered; holes are not cut out yet.
    pub(crate) proven: Vec<Window>,
    /// Around files that are missing or altered.
    pub(crate) holes: Vec<Window>,
    pub(crate) gaps: Vec<Gap>,
    /// How many files are what a digest says.
    pub(crate) matched: usize,
    /// How many digests CloudTrail is known to have signed.
    pub(crate) verified: usize,
}

/// Holds digests against the files: `contents` has the SHA-256 of each by its name, or none for one that is there and could not
/// be read. Files delivered within `span` have to be there, unless the files are a copy that may be `partial`: then only
/// those of accounts and Regions of which there are any.
pub(crate) fn check(
    digests: Vec<Digest>,
    contents: &BTreeMap<String, Option<String>>,
    span: Option<Window>,
    partial: bool,
    keys: &Keys,
) -> Checked {
    let mut checked = Checked::default();
    let mut series: BTreeMap<String, Vec<Digest>> = BTreeMap::new();
    for digest in digests {
        match digest.signature(keys) {
            Signature::Good => checked.verified += 1,
            Signature::Bad => {
                let reason = "the digest file does not bear the signature that CloudTrail gave it".to_owned();
                let hint = "find out who changed it and restore it; the time it stands for is not covered";
                checked.gaps.push(gap(GapKind::Malformed, digest.shown, reason, hint));
                checked.holes.push(Window { from: digest.from, to: digest.to });
                continue;
            }
            Signature::Unknown => {}
        }
        series.entry(digest.series.clone()).or_default().push(digest);
    }
    let copied: BTreeSet<&str> = contents.keys().map(|name| stem(name)).collect();
    let expected = |name: &str| {
        span.zip(stamp(name)).is_some_and(|(span, at)| span.from <= at && at < span.to)
            && (!partial || copied.contains(stem(name)))
    };
    let mut matched = BTreeSet::new();
    for mut chain in series.into_values() {
        chain.sort_by(|a, b| (a.to, &a.shown).cmp(&(b.to, &b.shown)));
        let (mut missing, mut altered) = (Named::default(), Named::default());
        for digest in &chain {
            for (name, hash) in &digest.files {
                match contents.get(name) {
                    None if expected(name) => missing.add(name, digest),
                    Some(Some(content)) if content != hash => altered.add(name, digest),
                    Some(Some(_)) => {
                        matched.insert(name.clone());
                    }
                    None | Some(None) => {}
                }
            }
        }
        let unseen = chain.iter().flat_map(|digest| &digest.elsewhere).filter(|name| !contents.contains_key(*name));
        checked.holes.extend(unseen.map(|name| around_name(name)));
        let hint = "find out who or what removed it and restore it, or read from a later day on if files are kept for a time only; \
                    the time it stands for is not covered";
        checked.gaps.extend(missing.gap(
            GapKind::NotFound,
            "CloudTrail delivered the file, and it is not there any more",
            hint,
        ));
        let hint = "find out who changed it and restore it; the time it stands for is not covered";
        checked.gaps.extend(altered.gap(GapKind::Malformed, "the file is not what CloudTrail delivered", hint));
        checked.holes.extend(missing.holes);
        checked.holes.extend(altered.holes);
        chain.retain(|digest| !digest.is_backfill);
        checked.link(&chain);
    }
    checked.matched = matched.len();
    checked.proven = join(std::mem::take(&mut checked.proven));
    checked
}

impl Checked {
    /// Follows one chain, sorted.
    fn link(&mut self, chain: &[Digest]) {
        let mut stretch: Option<Window> = None;
        let mut before: Option<&Digest> = None;
        for digest in chain {
            let named = before.zip(digest.previous.as_ref()).filter(|(before, (name, _))| base(&before.shown) == name);
            let kept = named.is_some_and(|(before, (_, hash))| before.own.contains(hash));
            if let Some((before, _)) = named.filter(|_| !kept) {
                let reason =
                    "the digest file is not what CloudTrail delivered: the one after it has another SHA-256 of it";
                let hint = "find out who changed it and restore it; the time it stands for is not covered";
                self.gaps.push(gap(GapKind::Malformed, before.shown.clone(), reason.to_owned(), hint));
                self.holes.push(Window { from: before.from, to: before.to });
            }
            match stretch.as_mut().filter(|stretch| kept && digest.from <= stretch.to) {
                Some(stretch) => stretch.to = stretch.to.max(digest.to),
                None => {
                    self.proven.extend(stretch.and_then(shortened));
                    stretch = Some(Window { from: digest.from, to: digest.to });
                }
            }
            before = Some(digest);
        }
        self.proven.extend(stretch.and_then(shortened));
    }
}

/// What happened shortly before the end may be delivered after it.
fn shortened(stretch: Window) -> Option<Window> {
    let to = stretch.to.timestamp().checked_sub(DELAY).ok()?;
    Some(Window { to: Instant::new(to), ..stretch }).filter(|window| window.from < window.to)
}

/// Files that the digests of one chain name, and that are not as they should be.
#[derive(Default)]
struct Named<'a> {
    first: Option<(&'a str, &'a Digest)>,
    names: BTreeSet<&'a str>,
    holes: Vec<Window>,
}

impl<'a> Named<'a> {
    fn add(&mut self, name: &'a str, digest: &'a Digest) {
        if self.names.insert(name) {
            self.first.get_or_insert((name, digest));
            self.holes.push(around_name(name));
        }
    }

    fn gap(&self, kind: GapKind, reason: &str, hint: &str) -> Option<Gap> {
        let (name, digest) = self.first?;
        let at = match self.names.len() {
            1 => name.to_owned(),
            count => format!("{name} and {} more", count - 1),
        };
        Some(gap(kind, at, format!("{reason} (digest file {})", digest.shown), hint))
    }
}

/// Account and Region in the name of a file of records, `111122223333_CloudTrail_us-east-1`.
fn stem(name: &str) -> &str {
    name.match_indices('_').nth(2).map_or(name, |(at, _)| name.get(..at).unwrap_or(name))
}

#[cfg(test)]
#[path = "digest_tests.rs"]
mod tests;
