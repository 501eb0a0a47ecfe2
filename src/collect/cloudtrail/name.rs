//! What the name of a file in a trail's bucket tells, wherever the file lies now.
//!
//! CloudTrail writes `111122223333_CloudTrail_us-east-1_20260701T0005Z_x.json.gz`, and beside it, in folders of their own,
//! digests of what it delivered (`111122223333_CloudTrail-Digest_us-east-1_trail_us-east-1_20260701T001000Z.json.gz`), insights
//! and aggregates (AWS CloudTrail user guide, "Finding your CloudTrail log files" and "CloudTrail digest file structure").
//! Other services log to the same buckets, under `AWSLogs/111122223333/SERVICE/`.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::Instant;
use crate::model::event::Window;

/// What a file is, by its name and folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Records of events, or anything that a person may have named so.
    Records,
    /// Which files were delivered in an hour, with their digests.
    Digest,
    /// Something else of CloudTrail or of another service.
    Other,
}

/// What a file is.
pub(crate) fn kind(path: &str) -> Kind {
    match base(path).split('_').nth(1) {
        Some("CloudTrail-Digest") => return Kind::Digest,
        Some(word) if word.starts_with("CloudTrail-") => return Kind::Other,
        _ => {}
    }
    let mut folders = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
    if folders.any(|folder| folder == "AWSLogs") {
        let mut below = folders.skip_while(|folder| is_organization(folder));
        if below.next().is_some_and(is_account) {
            return match below.next() {
                None | Some("CloudTrail") => Kind::Records,
                Some("CloudTrail-Digest") => Kind::Digest,
                Some(_) => Kind::Other,
            };
        }
    }
    Kind::Records
}

/// The file's name without its folders.
pub(crate) fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Whether a folder is named after an account.
pub(crate) fn is_account(folder: &str) -> bool {
    folder.len() == 12 && folder.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a folder is named after an organization (`o-` and 10 to 32 letters and digits; AWS Organizations API, `Organization.Id`).
pub(crate) fn is_organization(folder: &str) -> bool {
    folder.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// When a file was delivered, by its name: to the minute for records, to the second for digests.
pub(crate) fn stamp(path: &str) -> Option<Instant> {
    let name = base(path);
    let name = name.split('.').next().unwrap_or(name);
    let time = |part: &str| {
        let formats = ["%Y%m%dT%H%MZ", "%Y%m%dT%H%M%SZ"];
        formats.iter().find_map(|format| DateTime::strptime(format, part).ok())
    };
    let at = name.split('_').find_map(time)?.to_zoned(TimeZone::UTC).ok()?;
    Some(Instant::new(at.timestamp()))
}

/// The hour before and the hour after an instant.
pub(crate) fn around(at: Instant) -> Window {
    let shift = |hours| {
        let moved = at.timestamp().checked_add(SignedDuration::from_hours(hours));
        moved.map_or(at, Instant::new)
    };
    Window { from: shift(-1), to: shift(1) }
}

/// The time that a file stands for: records are delivered within about a quarter of an hour. A name that tells no time may
/// stand for any.
pub(crate) fn around_name(path: &str) -> Window {
    stamp(path).map_or_else(
        || Window { from: Instant::new(jiff::Timestamp::MIN), to: Instant::new(jiff::Timestamp::MAX) },
        around,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beside_the_records_is_told_apart() {
        let account = "AWSLogs/111122223333";
        let trail = "111122223333_CloudTrail_us-east-1_20260701T0005Z_x.json.gz";
        let digest = "111122223333_CloudTrail-Digest_us-east-1_a_b_us-east-1_20260701T001000Z.json.gz";
        for (path, expected) in [
            (format!("{account}/CloudTrail/us-east-1/2026/07/01/{trail}"), Kind::Records),
            (format!("x/{account}/CloudTrail-Digest/us-east-1/2026/07/01/{digest}"), Kind::Digest),
            (digest.to_owned(), Kind::Digest),
            (trail.to_owned(), Kind::Records),
            ("111122223333_CloudTrail-Insight_us-east-1_20260701T0005Z_x.json.gz".to_owned(), Kind::Other),
            (format!("{account}/CloudTrail-Insight/us-east-1/2026/07/01/x.json.gz"), Kind::Other),
            ("AWSLogs/o-abcdefghij/111122223333/Config/us-east-1/x.json.gz".to_owned(), Kind::Other),
            ("AWSLogs/o-abcdefghij/111122223333/CloudTrail/us-east-1/x.json.gz".to_owned(), Kind::Records),
            ("trail/a.json".to_owned(), Kind::Records),
            ("AWSLogs/a.json".to_owned(), Kind::Records),
        ] {
            assert_eq!(kind(&path), expected, "{path}");
        }
    }

    #[test]
    fn names_tell_when_they_were_delivered() {
        let told = |name: &str| stamp(name).map(|at| at.to_string());
        assert_eq!(told("a/1_CloudTrail_us-east-1_20260701T0005Z_x.json.gz").unwrap(), "2026-07-01T00:05:00Z");
        let digest = "1_CloudTrail-Digest_us-east-1_t_us-east-1_20260701T001002Z.json.gz";
        assert_eq!(told(digest).unwrap(), "2026-07-01T00:10:02Z");
        assert_eq!(told("a.json"), None);
    }
}
