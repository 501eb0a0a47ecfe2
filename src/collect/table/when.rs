//! Dates and times as spreadsheets and exports write them, refusing what can be read in two ways.

use jiff::civil::{Date, DateTime, date};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::config::DateFormat;
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

    /// Reads a cell of a file that writes its dates in its own way. Year first is understood besides.
    ///
    /// # Errors
    /// A sentence that says why the text is not a time.
    pub fn parse_as(text: &str, format: &DateFormat) -> Result<Option<Self>, String> {
        let told = match format {
            DateFormat::YearFirst => None,
            DateFormat::Pattern(pattern) => patterned(text, pattern),
            DateFormat::Excel => excel(text),
        };
        match told {
            Some(written) => Ok(Some(written)),
            None => Self::parse(text).map_err(|why| match format {
                DateFormat::YearFirst => why,
                format => format!("`{text}` is neither written as {format} nor year first"),
            }),
        }
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

fn patterned(text: &str, pattern: &str) -> Option<Written> {
    let read = BrokenDownTime::parse(pattern, text).ok()?;
    if read.offset().is_some() {
        return read.to_timestamp().ok().map(Written::Instant);
    }
    let written = match read.hour() {
        Some(_) => Written::Local(read.to_datetime().ok()?),
        None => Written::Day(read.to_date().ok()?),
    };
    Some(written)
}

/// Excel counts days from 1900-01-01 as the first, and counts a 29 February 1900 that was none as the sixtieth; a fraction
/// is the time of day (ECMA-376, 18.17.4.1). What comes before March 1900 is nobody's engagement.
fn excel(text: &str) -> Option<Written> {
    const DAY_AFTER_THE_FALSE_ONE: i64 = 61;
    let (days, fraction) = text.split_once('.').map_or((text, None), |(days, fraction)| (days, Some(fraction)));
    let digits = |text: &str| !text.is_empty() && text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(days) || days.len() > 7 || !fraction.is_none_or(digits) {
        return None;
    }
    let days: i64 = days.parse().ok().filter(|days| *days >= DAY_AFTER_THE_FALSE_ONE)?;
    let day = date(1899, 12, 30).checked_add(Span::new().try_days(days).ok()?).ok()?;
    let fraction: f64 = fraction.map_or(Ok(0.0), |digits| format!("0.{digits}").parse()).ok()?;
    // The fraction is binary and the time was meant to the second.
    let time = SignedDuration::from_secs_f64((fraction * 86_400.0).round());
    if time.is_zero() {
        return Some(Written::Day(day));
    }
    day.to_datetime(jiff::civil::Time::midnight()).checked_add(time).ok().map(Written::Local)
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
