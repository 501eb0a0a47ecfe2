//! Instants in UTC, intervals of ignorance, and spans as config writes them.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use super::interval::{Interval, Tri};

/// An instant in UTC, with second precision when written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(Timestamp);

impl Instant {
    /// From a timestamp of the time library.
    pub fn new(timestamp: Timestamp) -> Self {
        Self(timestamp)
    }

    /// The timestamp of the time library.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// From seconds since 1970-01-01T00:00:00Z; none when out of the calendar's range.
    pub fn from_epoch_seconds(seconds: i64) -> Option<Self> {
        Timestamp::from_second(seconds).ok().map(Self)
    }

    /// The time from `earlier` to `self`; negative when `self` is the earlier one.
    pub fn since(self, earlier: Self) -> SignedDuration {
        self.0.duration_since(earlier.0)
    }

    /// Whole days from `earlier` to `self`, rounded down; zero when `self` is the earlier one.
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.since(earlier).as_secs() / 86_400).max(0)
    }

    /// The calendar date in UTC, `2026-09-30`.
    pub fn date(self) -> String {
        self.0.strftime("%Y-%m-%d").to_string()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not an RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an instant; write it as 2026-09-30T17:00:00Z")]
pub struct InstantError(String);

impl FromStr for Instant {
    type Err = InstantError;

    fn from_str(text: &str) -> Result<Self, InstantError> {
        text.parse::<Timestamp>().map(Self).map_err(|_| InstantError(text.to_owned()))
    }
}

/// The instant a run's conclusions are about. Read once at the edge (or given by `--as-of`) and passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AsOf(Instant);

impl AsOf {
    /// Makes `instant` the instant of conclusions.
    pub fn new(instant: Instant) -> Self {
        Self(instant)
    }

    /// The instant itself.
    pub fn instant(self) -> Instant {
        self.0
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How a derived time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// An audit log says so.
    Event,
    /// A timestamp of the source says so.
    Record,
    /// Seen one way in one snapshot and otherwise in the next.
    Snapshots,
    /// The same, but a bound of it rests on a listing that somebody kept, which is weaker evidence than a sealed snapshot.
    Listing,
    /// Nothing says when.
    Unknown,
}

impl Basis {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Record => "record",
            Self::Snapshots => "snapshots",
            Self::Listing => "listing",
            Self::Unknown => "unknown",
        }
    }
}

/// A length of time as config writes it: a whole number of minutes, hours, days or weeks (`40m`, `24h`, `30d`, `2w`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span {
    minutes: u32,
}

/// A text that is not a span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time; write a whole number and a unit: 40m, 24h, 30d or 2w")]
pub struct SpanError(String);

impl Span {
    /// A span of whole days.
    pub const fn days(days: u32) -> Self {
        Self { minutes: days * 1440 }
    }

    /// A span of whole hours.
    pub const fn hours(hours: u32) -> Self {
        Self { minutes: hours * 60 }
    }

    /// A span of whole minutes.
    pub const fn minutes(minutes: u32) -> Self {
        Self { minutes }
    }

    /// The span as a duration: a day is 24 hours, since all instants are UTC.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.minutes))
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let error = || SpanError(text.to_owned());
        let unit = text.chars().next_back().ok_or_else(error)?;
        let factor = match unit {
            'm' => 1,
            'h' => 60,
            'd' => 1440,
            'w' => 10_080,
            _ => return Err(error()),
        };
        let digits = text.strip_suffix(unit).unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        let number: u32 = digits.parse().map_err(|_| error())?;
        match number.checked_mul(factor) {
            Some(minutes) if minutes > 0 => Ok(Self { minutes }),
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minutes {
            m if m % 1440 == 0 && m > 1440 => write!(f, "{}d", m / 1440),
            m if m % 60 == 0 => write!(f, "{}h", m / 60),
            m => write!(f, "{m}m"),
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn spans_read_and_write_themselves() {
        for text in ["40m", "24h", "30d", "5d", "8h"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for wrong in ["", "30", "d", "-3d", "1.5h", "0d", "3 d", "99999999999d", "4000000000w", "３d"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_deadline_met_on_the_second_is_met() {
        let start = Interval::exact(at("2026-02-28T00:00:00Z"), Basis::Record);
        assert_eq!(start.older_than(Span::days(1), at("2026-03-01T00:00:00Z")), Tri::No);
        assert_eq!(start.older_than(Span::days(1), at("2026-03-01T00:00:01Z")), Tri::Yes);
    }

    #[test]
    fn a_leap_day_counts_as_a_day() {
        let start = Interval::exact(at("2028-02-28T12:00:00Z"), Basis::Record);
        assert_eq!(start.older_than(Span::days(2), at("2028-03-01T12:00:00Z")), Tri::No);
        assert_eq!(start.older_than(Span::days(1), at("2028-03-01T12:00:00Z")), Tri::Yes);
    }

    #[test]
    fn seen_once_decides_nothing_until_that_sight_is_old() {
        let seen = Interval::by(at("2026-09-30T00:00:00Z"));
        assert_eq!(seen.older_than(Span::days(30), at("2026-09-30T00:00:00Z")), Tri::Maybe);
        assert_eq!(seen.older_than(Span::days(30), at("2026-11-30T00:00:00Z")), Tri::Yes);
    }

    proptest! {
        #[test]
        fn an_exact_interval_is_never_maybe(start in 0i64..2_000_000_000, age in 0i64..100_000_000, days in 1u32..2000) {
            let start = Instant::from_epoch_seconds(start).unwrap();
            let now = Instant::from_epoch_seconds(start.timestamp().as_second() + age).unwrap();
            let verdict = Interval::exact(start, Basis::Record).older_than(Span::days(days), now);
            prop_assert_eq!(verdict == Tri::Yes, age > i64::from(days) * 86_400);
            prop_assert_ne!(verdict, Tri::Maybe);
        }

        #[test]
        fn a_wider_interval_never_decides_otherwise(start in 0i64..1_000_000, width in 0i64..1_000_000, now in 0i64..4_000_000) {
            let instant = |s| Instant::from_epoch_seconds(s).unwrap();
            let wide = Interval::between(Some(instant(start)), Some(instant(start + width)), Basis::Snapshots);
            let verdict = wide.older_than(Span::days(3), instant(now));
            for inside in [start, start + width / 2, start + width] {
                let exact = Interval::exact(instant(inside), Basis::Record).older_than(Span::days(3), instant(now));
                prop_assert!(verdict == Tri::Maybe || verdict == exact);
            }
        }
    }
}
