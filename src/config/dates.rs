//! How a file writes its dates, where it does not write them year first.

use std::fmt;

use jiff::Zoned;
use jiff::civil::{DateTime, datetime};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

/// How a file writes its dates. Year first (`2026-08-31`) is always understood besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DateFormat {
    /// Year first only; what could be read in two ways is refused.
    #[default]
    YearFirst,
    /// A pattern of `strftime`, such as `%d/%m/%Y`; checked.
    Pattern(String),
    /// Days since the end of 1899, as Excel keeps dates.
    Excel,
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::YearFirst => f.write_str("year first"),
            Self::Pattern(pattern) => f.write_str(pattern),
            Self::Excel => f.write_str("Excel's count of days"),
        }
    }
}

/// Two times that no pattern can confuse: every number of them is another one.
const SAMPLES: [DateTime; 2] = [datetime(2026, 8, 31, 14, 5, 9, 0), datetime(2011, 2, 3, 4, 56, 7, 0)];

/// Why a pattern says too little or too much; a pattern is right if it reads back what it writes.
pub(super) fn why_wrong(pattern: &str) -> Option<String> {
    for sample in SAMPLES {
        let Ok(zoned) = sample.to_zoned(TimeZone::UTC) else { continue };
        let written = match BrokenDownTime::from(&zoned as &Zoned).to_string(pattern) {
            Ok(written) => written,
            Err(error) => return Some(error.to_string()),
        };
        let read = match BrokenDownTime::parse(pattern, &written) {
            Ok(read) => read,
            Err(error) => return Some(error.to_string()),
        };
        if read.to_date().ok() != Some(sample.date()) {
            return Some("it does not give day, month and year".to_owned());
        }
        // A half-written hour is worse than none: `%I` without `%p` is morning or evening.
        let hour_lost = read.hour().is_some() && read.to_datetime().ok().map(|time| time.hour()) != Some(sample.hour());
        if hour_lost {
            return Some("it gives an hour and does not say whether of the morning or the evening".to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_to_give_the_whole_date() {
        for right in
            ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d-%b-%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%Y%m%d"]
        {
            assert_eq!(why_wrong(right), None, "{right}");
        }
        for wrong in ["", "%d/%m", "%m/%Y", "d/m/Y", "%d/%d/%Y", "%d/%m/%Y %I:%M", "%!", "%"] {
            assert!(why_wrong(wrong).is_some(), "{wrong}");
        }
    }
}
