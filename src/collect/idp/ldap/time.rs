//! Times as LDAP directories write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use crate::model::Instant;

/// Seconds from 1601-01-01, where Windows counts from, to 1970-01-01.
const SINCE_1601: i64 = 11_644_473_600;

/// A time of Active Directory, in steps of 100 ns since 1601 (MS-DTYP, `FILETIME`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileTime {
    /// 0, the largest number, and whatever lies behind the calendar.
    Never,
    /// Then.
    At(Instant),
}

/// Reads `accountExpires`: 0 and 0x7FFFFFFFFFFFFFFF mean never (MS-ADA1, `accountExpires`). None if it is no such time.
pub(super) fn file_time(number: i64) -> Option<FileTime> {
    match number {
        ..=-1 => None,
        0 => Some(FileTime::Never),
        _ => Some(Instant::from_epoch_seconds(number / 10_000_000 - SINCE_1601).map_or(FileTime::Never, FileTime::At)),
    }
}

/// Whole seconds since 1601, as replication metadata has them (MS-DRSR, `DSTIME`).
pub(super) fn seconds_since_1601(seconds: u64) -> Option<Instant> {
    Instant::from_epoch_seconds(i64::try_from(seconds).ok()?.checked_sub(SINCE_1601)?)
}

/// The close of a day that is counted from 1970-01-01, as `shadowExpire` counts (RFC 2307; `shadow(5)`). None if there is
/// no such day.
pub(super) fn close_of_day(days: i64) -> Option<Instant> {
    Instant::from_epoch_seconds(days.checked_add(1)?.checked_mul(86_400)?)
}

/// Reads a `GeneralizedTime` (RFC 4517, 3.3.13): `20260930170000Z`; minutes, seconds and a fraction may be missing, and the
/// zone may be an offset. None if it is not one.
pub(super) fn generalized(text: &str) -> Option<Instant> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits)?;
    let at = |from: usize, to: usize| number.get(from..to)?.parse::<i16>().ok();
    let small = |from, to| i8::try_from(at(from, to)?).ok();
    let (minute, second) = match digits {
        10 => (0, 0),
        12 => (small(10, 12)?, 0),
        14 => (small(10, 12)?, small(12, 14)?),
        _ => return None,
    };
    let date = Date::new(at(0, 4)?, small(4, 6)?, small(6, 8)?).ok()?;
    let hour = small(8, 10)?;
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..=60).contains(&second) {
        return None;
    }
    // A leap second is the end of its minute.
    let time: DateTime = date.at(hour, minute, 0, 0);
    let time = time.checked_add(jiff::SignedDuration::from_secs(i64::from(second))).ok()?;
    let zone = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() {
                return None;
            }
            zone
        }
        None => rest,
    };
    let zoned = time.to_zoned(TimeZone::fixed(offset(zone)?)).ok()?;
    Some(Instant::new(zoned.timestamp()))
}

/// `Z`, `+0200` or `-05`.
fn offset(zone: &str) -> Option<Offset> {
    if zone == "Z" {
        return Some(Offset::UTC);
    }
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let number = zone.get(1..)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match number.len() {
        2 => (number.parse::<i32>().ok()?, 0),
        4 => (number.get(..2)?.parse().ok()?, number.get(2..)?.parse::<i32>().ok()?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> Option<String> {
        generalized(text).map(|at| at.to_string())
    }

    #[test]
    fn file_times_are_read() {
        assert_eq!(file_time(0), Some(FileTime::Never));
        assert_eq!(file_time(i64::MAX), Some(FileTime::Never));
        assert_eq!(file_time(-1), None);
        assert_eq!(file_time(116_444_736_000_000_000), Some(FileTime::At("1970-01-01T00:00:00Z".parse().unwrap())));
        assert_eq!(file_time(134_040_960_009_999_999), Some(FileTime::At("2025-10-05T00:00:00Z".parse().unwrap())));
    }

    #[test]
    fn days_close_at_their_end() {
        assert_eq!(close_of_day(0).unwrap().to_string(), "1970-01-02T00:00:00Z");
        assert_eq!(close_of_day(20_361).unwrap().to_string(), "2025-10-01T00:00:00Z");
        assert_eq!(close_of_day(i64::MAX), None);
    }

    #[test]
    fn generalized_times_are_read() {
        for (text, instant) in [
            ("20260930170000Z", "2026-09-30T17:00:00Z"),
            ("20260930170000.0Z", "2026-09-30T17:00:00Z"),
            ("202609301700Z", "2026-09-30T17:00:00Z"),
            ("2026093017Z", "2026-09-30T17:00:00Z"),
            ("20260930190000,25+0200", "2026-09-30T17:00:00Z"),
            ("2026093012-05", "2026-09-30T17:00:00Z"),
            ("20161231235960Z", "2017-01-01T00:00:00Z"),
        ] {
            assert_eq!(told(text).as_deref(), Some(instant), "{text}");
        }
        for wrong in [
            "",
            "Z",
            "20260930170000",
            "20261330170000Z",
            "2026093024Z",
            "00000101006000",
            "202609301760Z",
            "20260930176000Z",
            "20260930170000.Z",
            "20260930170000+2",
            "é",
        ] {
            assert_eq!(told(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_number_is_too_much(number: i64, seconds: u64) {
            prop_assert_eq!(file_time(number).is_none(), number < 0);
            let _ = seconds_since_1601(seconds);
            let _ = close_of_day(number);
        }

        #[test]
        fn no_text_is_too_much(text in "[0-9]{0,16}[.,Z+-]?\\PC{0,4}") {
            let _ = generalized(&text);
        }

        #[test]
        fn a_time_that_is_written_is_read(seconds in 0i64..4_000_000_000) {
            let at = Instant::from_epoch_seconds(seconds).unwrap();
            let written = at.timestamp().strftime("%Y%m%d%H%M%SZ").to_string();
            prop_assert_eq!(generalized(&written), Some(at));
            let file_time_of = (seconds + SINCE_1601) * 10_000_000;
            prop_assert_eq!(file_time(file_time_of), Some(FileTime::At(at)));
            prop_assert_eq!(seconds_since_1601(u64::try_from(seconds + SINCE_1601).unwrap()), Some(at));
        }
    }
}
