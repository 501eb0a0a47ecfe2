//! The period an audit is about: whole days, with the instants they begin and end at.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::time::Instant;

/// Whole days as the command line writes them, `2026-07-01..2026-09-30`; both days belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    first: Date,
    last: Date,
}

/// A text that is not a range of days.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DaysError {
    /// Not two dates with `..` between them.
    #[error("`{0}` is not a period; write its first and its last day: 2026-07-01..2026-09-30")]
    Form(String),
    /// A date that the calendar does not have.
    #[error("`{0}` is not a day of the calendar; write a day as 2026-07-01")]
    Day(String),
    /// The last day comes before the first.
    #[error("the period ends on {last}, before it begins on {first}")]
    Backwards {
        /// The day it begins on.
        first: Date,
        /// The day it ends on.
        last: Date,
    },
}

impl FromStr for Days {
    type Err = DaysError;

    fn from_str(text: &str) -> Result<Self, DaysError> {
        let (first, last) = text.split_once("..").ok_or_else(|| DaysError::Form(text.to_owned()))?;
        let (first, last) = (day(first)?, day(last)?);
        if last < first { Err(DaysError::Backwards { first, last }) } else { Ok(Self { first, last }) }
    }
}

/// A day in the one spelling that is unambiguous and sorts.
fn day(text: &str) -> Result<Date, DaysError> {
    let shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let day = if shape { text.parse().ok() } else { None };
    day.ok_or_else(|| DaysError::Day(text.to_owned()))
}

/// A period: days of a zone, and the instants that bound them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    days: Days,
    from: Instant,
    end: Instant,
}

impl Period {
    /// The days in a zone; none when they leave the calendar.
    pub fn new(days: Days, zone: &TimeZone) -> Option<Self> {
        let start = |day: Date| day.to_zoned(zone.clone()).ok().map(|zoned| Instant::new(zoned.timestamp()));
        Some(Self { days, from: start(days.first)?, end: start(days.last.tomorrow().ok()?)? })
    }

    /// The first day.
    pub fn first_day(self) -> Date {
        self.days.first
    }

    /// The last day, which still belongs to it.
    pub fn last_day(self) -> Date {
        self.days.last
    }

    /// Its first instant.
    pub fn from(self) -> Instant {
        self.from
    }

    /// The first instant after it.
    pub fn end(self) -> Instant {
        self.end
    }

    /// Whether an instant lies in it.
    pub fn contains(self, at: Instant) -> bool {
        self.from <= at && at < self.end
    }
}

/// As the command line writes it. Of the same config, equal texts are equal periods: the zone stands in the config.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.days.first, self.days.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str, zone: &str) -> Period {
        Period::new(text.parse().unwrap(), &TimeZone::get(zone).unwrap()).unwrap()
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn both_days_belong_to_it() {
        let quarter = period("2026-07-01..2026-09-30", "UTC");
        assert_eq!((quarter.from(), quarter.end()), (at("2026-07-01T00:00:00Z"), at("2026-10-01T00:00:00Z")));
        assert!(quarter.contains(at("2026-07-01T00:00:00Z")) && quarter.contains(at("2026-09-30T23:59:59Z")));
        assert!(!quarter.contains(at("2026-06-30T23:59:59Z")) && !quarter.contains(at("2026-10-01T00:00:00Z")));
        assert_eq!(quarter.to_string(), "2026-07-01..2026-09-30");
    }

    #[test]
    fn days_begin_when_the_zone_says_so() {
        let quarter = period("2026-07-01..2026-12-31", "Europe/London");
        assert_eq!((quarter.from(), quarter.end()), (at("2026-06-30T23:00:00Z"), at("2027-01-01T00:00:00Z")));
        // The clocks of Santiago go from 23:59 to 01:00 on this day: it begins at one o'clock.
        assert_eq!(period("2026-09-06..2026-09-06", "America/Santiago").from(), at("2026-09-06T04:00:00Z"));
    }

    #[test]
    fn a_leap_day_is_a_day() {
        let day = period("2028-02-29..2028-02-29", "UTC");
        assert_eq!((day.from(), day.end()), (at("2028-02-29T00:00:00Z"), at("2028-03-01T00:00:00Z")));
        assert_eq!("2027-02-29..2027-03-01".parse::<Days>(), Err(DaysError::Day("2027-02-29".to_owned())));
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for wrong in ["", "2026-07-01", "2026-07-01-2026-09-30", "2026-Q3", "..", "2026-07-01..", "20260701..20260930"]
        {
            assert!(wrong.parse::<Days>().is_err(), "{wrong}");
        }
        assert!(matches!("2026-09-30..2026-07-01".parse::<Days>(), Err(DaysError::Backwards { .. })));
        assert_eq!(Period::new("9999-12-31..9999-12-31".parse().unwrap(), &TimeZone::UTC), None);
    }
}
