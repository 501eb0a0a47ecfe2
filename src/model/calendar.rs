//! Business time: what passes on days that are neither weekend nor holiday.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use super::time::{Instant, Span};

/// A day off that is no weekend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// File and row.
    pub origin: String,
}

/// Days are counted from here to [`LAST`]: no engagement that matters lies outside.
const FIRST: Date = date(1970, 1, 1);
/// The last day that is counted.
const LAST: Date = date(2099, 12, 31);

/// The days that count, in one zone.
///
/// Business time is whole days: all of a day from midnight to midnight in the zone counts, or none of it. A day on which
/// the clocks change has its true length of 23 or 25 hours. A deadline of `24h` in business time, begun on a Friday at
/// 15:00, is met on Monday until 15:00.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    /// Per day from [`FIRST`] on: its first instant, and the business time before it. The last entry is the end of the count.
    days: Vec<(Instant, SignedDuration)>,
}

impl Calendar {
    /// A calendar; none when there is no zone of that name. `weekend` has English names of days.
    pub fn new<'h>(zone: &str, weekend: &[String], holidays: impl IntoIterator<Item = &'h Holiday>) -> Option<Self> {
        let zone = TimeZoneDatabase::bundled().get(zone).ok()?;
        let off: BTreeSet<Date> = holidays.into_iter().map(|holiday| holiday.date).collect();
        let is_off = |day: Date| off.contains(&day) || weekend.iter().any(|name| name == name_of(day.weekday()));
        let begin = |day: Date| day.to_zoned(zone.clone()).ok().map(|begin| Instant::new(begin.timestamp()));
        let mut days = Vec::new();
        let (mut day, mut start, mut sum) = (FIRST, begin(FIRST)?, SignedDuration::ZERO);
        loop {
            days.push((start, sum));
            if day > LAST {
                return Some(Self { zone, days });
            }
            let next = day.tomorrow().ok()?;
            let end = begin(next)?;
            if !is_off(day) {
                sum += end.since(start);
            }
            (day, start) = (next, end);
        }
    }

    /// The business time from `from` to `to`, negative when `to` is the earlier one; none outside of the years counted.
    pub fn between(&self, from: Instant, to: Instant) -> Option<SignedDuration> {
        Some(self.until(to)? - self.until(from)?)
    }

    /// When `span` of business time has passed since `from`; none outside of the years counted.
    pub fn after(&self, from: Instant, span: Span) -> Option<Instant> {
        let wanted = self.until(from)? + span.duration();
        // The first day with as much before it: the time is up on the day before.
        let next = self.days.partition_point(|(_, before)| *before < wanted);
        self.days.get(next)?;
        let (start, before) = self.days.get(next.checked_sub(1)?)?;
        start.timestamp().checked_add(wanted - *before).ok().map(Instant::new)
    }

    /// The business time since the count began.
    fn until(&self, at: Instant) -> Option<SignedDuration> {
        let day = at.timestamp().to_zoned(self.zone.clone()).date();
        let index = usize::try_from(FIRST.until(day).ok()?.get_days()).ok()?;
        let ((start, before), (_, after)) = (self.days.get(index)?, self.days.get(index + 1)?);
        // Where the clocks were set back over midnight a date comes twice; it is counted once.
        Some((*before + at.since(*start)).clamp(*before, *after))
    }
}

fn name_of(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn calendar(zone: &str, weekend: &[&str], holidays: &[&str]) -> Calendar {
        let weekend: Vec<String> = weekend.iter().map(|day| (*day).to_owned()).collect();
        let holidays: Vec<Holiday> = holidays
            .iter()
            .map(|day| Holiday { date: day.parse().unwrap(), name: None, origin: String::new() })
            .collect();
        Calendar::new(zone, &weekend, &holidays).unwrap()
    }

    fn hours(calendar: &Calendar, from: &str, to: &str) -> f64 {
        calendar.between(at(from), at(to)).unwrap().as_secs_f64() / 3600.0
    }

    static LONDON: LazyLock<Calendar> = LazyLock::new(|| {
        calendar("Europe/London", &["saturday", "sunday"], &["2026-12-25", "2026-12-28", "2024-02-29"])
    });

    #[test]
    fn nothing_passes_on_weekends_and_holidays() {
        // 2026-09-25 is a Friday.
        assert_eq!(hours(&LONDON, "2026-09-25T14:00:00Z", "2026-09-28T14:00:00Z"), 24.0);
        assert_eq!(hours(&LONDON, "2026-09-25T23:00:00Z", "2026-09-27T23:00:00Z"), 0.0);
        assert_eq!(hours(&LONDON, "2026-09-28T14:00:00Z", "2026-09-25T14:00:00Z"), -24.0);
        // Christmas Day on a Friday, Boxing Day made up for on Monday.
        assert_eq!(hours(&LONDON, "2026-12-24T12:00:00Z", "2026-12-29T12:00:00Z"), 24.0);
        assert_eq!(hours(&LONDON, "2024-02-28T00:00:00Z", "2024-03-01T00:00:00Z"), 24.0, "a leap day off");
        assert_eq!(hours(&LONDON, "2023-02-28T00:00:00Z", "2023-03-01T00:00:00Z"), 24.0);
        assert_eq!(hours(&LONDON, "2028-02-28T00:00:00Z", "2028-03-01T00:00:00Z"), 48.0, "and one at work");
    }

    #[test]
    fn days_on_which_clocks_change_have_their_true_length() {
        // Israel changes on a Friday and a Sunday, where the week begins on Sunday.
        let israel = calendar("Asia/Jerusalem", &["friday", "saturday"], &[]);
        assert_eq!(hours(&israel, "2026-10-24T21:00:00Z", "2026-10-25T22:00:00Z"), 25.0);
        let nowhere = calendar("Europe/London", &[], &[]);
        assert_eq!(hours(&nowhere, "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"), 23.0);
        // Midnight itself is skipped in spring.
        let beirut = calendar("Asia/Beirut", &["saturday"], &[]);
        assert_eq!(hours(&beirut, "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"), 23.0);
        // Samoa had no 30 December 2011, a Friday.
        let samoa = calendar("Pacific/Apia", &["saturday", "sunday"], &[]);
        assert_eq!(hours(&samoa, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z"), 24.0, "Thursday, and then Saturday");
    }

    #[test]
    fn deadlines_skip_what_does_not_count() {
        let after = |from: &str, hours| LONDON.after(at(from), Span::hours(hours)).unwrap();
        assert_eq!(after("2026-09-25T14:00:00Z", 24), at("2026-09-28T14:00:00Z"));
        assert_eq!(after("2026-09-26T10:00:00Z", 1), at("2026-09-28T00:00:00Z"), "an hour into Monday there");
        assert_eq!(after("2026-09-24T23:00:00Z", 24), at("2026-09-25T23:00:00Z"), "met at the close of Friday");
        assert_eq!(LONDON.after(at("2099-12-31T12:00:00Z"), Span::days(9)), None);
        assert_eq!(LONDON.between(at("1969-12-01T00:00:00Z"), at("2026-01-01T00:00:00Z")), None);
        assert!(Calendar::new("Mars/Phobos", &[], []).is_none());
    }

    fn instants() -> impl Strategy<Value = Instant> {
        // 1971 to 2098.
        (31_536_000i64..4_039_000_000).prop_map(|seconds| Instant::from_epoch_seconds(seconds).unwrap())
    }

    proptest! {
        #[test]
        fn stretches_add_up(mut three in prop::array::uniform3(instants())) {
            three.sort_unstable();
            let [a, b, c] = three;
            let parts = LONDON.between(a, b).unwrap() + LONDON.between(b, c).unwrap();
            prop_assert_eq!(parts, LONDON.between(a, c).unwrap());
        }

        #[test]
        fn it_never_runs_backwards_or_faster_than_time(a in instants(), seconds in 0i64..10_000_000) {
            let b = Instant::new(a.timestamp() + SignedDuration::from_secs(seconds));
            let passed = LONDON.between(a, b).unwrap();
            prop_assert!(passed >= SignedDuration::ZERO && passed <= b.since(a));
        }

        #[test]
        fn without_days_off_it_is_time(a in instants(), b in instants()) {
            static ALWAYS: LazyLock<Calendar> = LazyLock::new(|| calendar("America/New_York", &[], &[]));
            prop_assert_eq!(ALWAYS.between(a, b).unwrap(), b.since(a));
        }

        #[test]
        fn a_deadline_is_the_first_instant_at_which_its_time_has_passed(a in instants(), minutes in 1u32..100_000) {
            let span = Span::minutes(minutes);
            let due = LONDON.after(a, span).unwrap();
            prop_assert_eq!(LONDON.between(a, due).unwrap(), span.duration());
            let before = Instant::new(due.timestamp() - SignedDuration::from_secs(1));
            prop_assert!(LONDON.between(a, before).unwrap() < span.duration());
        }

        #[test]
        fn a_weekend_is_nothing(week in 0i64..6000, a in 0i64..172_800, b in 0i64..172_800) {
            let utc = &*UTC;
            // 1970-01-03 was a Saturday.
            let saturday = 172_800 + week * 604_800;
            let instant = |seconds| Instant::from_epoch_seconds(saturday + seconds).unwrap();
            prop_assert!(utc.between(instant(a), instant(b)).unwrap().is_zero());
        }
    }

    static UTC: LazyLock<Calendar> = LazyLock::new(|| calendar("UTC", &["saturday", "sunday"], &[]));
}
