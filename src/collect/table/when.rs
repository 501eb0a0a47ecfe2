//! Dates and times as spreadsheets and exports write them, refusing what can be read in two ways.

use jiff::civil::{Date, DateTime, date};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::config::DateFormat;
use crate::model::Instant;

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
        let text = plain_spaces(text);
        let text = text.as_str();
        if text.starts_with("0000-00-00") {
            return Ok(None);
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(Some(Self::Instant(instant)));
        }
        if let Some(day) = end_of_time(text).or_else(|| numbered(text)) {
            return Ok(Some(day));
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
            DateFormat::YearFirst => return Self::parse(text),
            DateFormat::Pattern(pattern) => patterned(&plain_spaces(text), pattern),
            DateFormat::Excel => excel(text),
        };
        if told.is_some() {
            return Ok(told);
        }
        // A date that the pattern does not fit may be of another pattern; only a placeholder is the same in all of them.
        let is_year_first =
            |text: &str| text.as_bytes().get(..4).is_some_and(|year| year.iter().all(u8::is_ascii_digit));
        match Self::parse(text) {
            Ok(read) if is_year_first(text) || read.is_some_and(Self::is_placeholder) => Ok(read),
            _ => Err(format!("`{text}` is neither written as {format} nor year first")),
        }
    }

    /// Whether it is a date that systems write where there is none: the ends of their calendars, and their zero.
    pub fn is_placeholder(self) -> bool {
        const LAST: [Date; 3] = [date(2099, 12, 31), date(2999, 12, 31), date(4712, 12, 31)];
        let day = match self {
            Self::Instant(instant) => instant.to_zoned(TimeZone::UTC).date(),
            Self::Local(time) => time.date(),
            Self::Day(day) => day,
        };
        day.year() == 9999 || LAST.contains(&day) || day <= date(1900, 1, 1) || day == date(1970, 1, 1)
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

/// Spaces that some systems write between a time and AM or PM (U+202F) or for alignment (U+00A0) are spaces.
fn plain_spaces(text: &str) -> String {
    text.replace(['\u{202f}', '\u{a0}'], " ")
}

/// A time on the last day that calendars have is past what an instant can hold as soon as it names a zone.
fn end_of_time(text: &str) -> Option<Written> {
    let (day, rest) = text.split_at_checked(10)?;
    let day: Date =
        if rest.is_empty() || rest.starts_with(['T', ' ']) { year_first(day).parse().ok()? } else { return None };
    (day.year() == 9999).then_some(Written::Day(day))
}

/// A date with the year last, such as 12/31/2026, where only one of the two other numbers can be the month.
fn numbered(text: &str) -> Option<Written> {
    let (day, time) = match text.split_once([' ', 'T']) {
        Some((day, time)) => (day.trim_end_matches(','), Some(time.trim())),
        None => (text, None),
    };
    let [one, two, year] = numbers(day)?;
    let day = match orders(one, two, year) {
        (Some(day), None) | (None, Some(day)) => day,
        (Some(day), Some(same)) if day == same => day,
        _ => return None,
    };
    let Some(time) = time else { return Some(Written::Day(day)) };
    let formats = ["%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];
    let read = formats.iter().find_map(|format| BrokenDownTime::parse(format, time).ok()?.to_time().ok())?;
    Some(Written::Local(day.to_datetime(read)))
}

/// The three numbers of a date with the year last.
fn numbers(day: &str) -> Option<[i16; 3]> {
    let separator = day.chars().find(|c| !c.is_ascii_digit()).filter(|c| ['/', '.', '-'].contains(c))?;
    let mut parts = day.split(separator);
    let (one, two, year) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fits = parts.next().is_none() && one.len() <= 2 && two.len() <= 2 && year.len() == 4;
    if !fits || ![one, two, year].into_iter().all(digits) {
        return None;
    }
    Some([one.parse().ok()?, two.parse().ok()?, year.parse().ok()?])
}

/// The date with the day first, and with the month first.
fn orders(one: i16, two: i16, year: i16) -> (Option<Date>, Option<Date>) {
    let date = |month: i16, day: i16| Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok();
    (date(two, one), date(one, two))
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
    let day = text.split([' ', 'T']).next().unwrap_or_default().trim_end_matches(',');
    let parts: Vec<&str> = day.split(['/', '.', '-']).collect();
    let numeric = parts.iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let two_ways = match numbers(day) {
        Some([one, two, year]) => matches!(orders(one, two, year), (Some(first), Some(second)) if first != second),
        None => matches!(parts.as_slice(), [one, two, year] if [one, two, year].iter().all(|part| part.len() <= 2)),
    };
    match parts.as_slice() {
        _ if numeric && two_ways => format!("`{text}` does not say which number is the day and which the month"),
        [days] if numeric && days.len() == 5 => format!("`{text}` looks like a spreadsheet's count of days"),
        _ => format!("`{text}` is not a date or time"),
    }
}
