//! Dates and times as spreadsheets and exports write them, refusing what can be read in two ways.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::model::Instant;

/// What to do about a date that can't be read.
pub const ISO_HINT: &str = "write it year first, 2026-08-31, or with a time 2026-08-31T17:00:00Z";

/// A date or time, as precise as the cell has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// With a zone: an instant.
    Instant(Timestamp),
    /// With a time and no zone.
    Local(DateTime),
    /// A day.
    Day(Date),
}

impl Written {
    /// Reads a cell; `0000-00-00` is how some systems write an empty one.
    ///
    /// # Errors
    /// A sentence that says why the text is not a time.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.starts_with("0000-00-00") {
            return Ok(None);
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(Some(Self::Instant(instant)));
        }
        let text_of_date = year_first(text);
        // The library's civil types skip over a zone in brackets, which would change what is meant.
        let civil = (!text.contains('[')).then_some(text_of_date.as_str());
        let read = match civil {
            Some(civil) if civil.contains(':') => civil.parse().ok().map(Self::Local),
            Some(civil) if civil.bytes().all(|b| b.is_ascii_digit() || b == b'-') => civil.parse().ok().map(Self::Day),
            _ => None,
        };
        read.map(Some).ok_or_else(|| refusal(text))
    }

    /// The instant it begins in a zone: of a day, the first.
    pub fn start(self, zone: &TimeZone) -> Option<Instant> {
        match self {
            Self::Instant(instant) => Some(Instant::new(instant)),
            Self::Local(time) => first(time, zone),
            Self::Day(day) => first(day.into(), zone),
        }
    }

    /// The instant it is over in a zone: of a day, the first of the next; 9999-12-31 is how some systems write `never`.
    pub fn end(self, zone: &TimeZone) -> Option<Instant> {
        match self {
            Self::Day(day) => first(day.tomorrow().ok()?.into(), zone),
            other => other.start(zone),
        }
    }

    /// Whether it says its zone.
    pub fn has_zone(self) -> bool {
        matches!(self, Self::Instant(_))
    }
}

/// A time that a clock change skips is read as the first instant after it, one that comes twice as the earlier.
fn first(time: DateTime, zone: &TimeZone) -> Option<Instant> {
    let zoned = time.to_zoned(zone.clone()).ok()?;
    Some(Instant::new(zoned.timestamp()))
}

/// `2026/08/31` means the same as `2026-08-31` everywhere.
fn year_first(text: &str) -> String {
    match text.as_bytes() {
        [a, b, c, d, b'/', _, _, b'/', _, _, ..] if [a, b, c, d].iter().all(|b| b.is_ascii_digit()) => {
            text.replacen('/', "-", 2)
        }
        _ => text.to_owned(),
    }
}

fn refusal(text: &str) -> String {
    let numbers: Vec<&str> = text.split([' ', 'T']).next().unwrap_or_default().split(['/', '.', '-']).collect();
    let numeric = numbers.iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    match numbers.as_slice() {
        [one, two, _] if numeric && one.len() <= 2 && two.len() <= 2 => {
            format!("`{text}` does not say which number is the day and which the month")
        }
        [days] if numeric && days.len() == 5 => format!("`{text}` looks like a spreadsheet's count of days"),
        _ => format!("`{text}` is not a date or time"),
    }
}
