//! What `overstay store` says of a store.

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Instant, Span};

/// The version of both JSON forms: new keys raise the second number, anything else the first.
const VERSION: &str = "1.1";

/// The snapshots of a store.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ListView {
    /// `overstay-store-list`.
    pub format: &'static str,
    /// The format's version.
    pub version: &'static str,
    /// Where the store is.
    pub store: String,
    /// The snapshots, the earliest first.
    pub snapshots: Vec<StoredView>,
    /// The listings from before there was a store, the earliest first.
    pub listings: Vec<StoredView>,
}

/// A stored snapshot or listing, as its name tells.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StoredView {
    /// When reading ended; of a listing, when it was so.
    pub ended_at: String,
    /// The first 16 characters of its digest.
    pub digest: String,
    /// Where it is.
    pub path: String,
}

impl ListView {
    /// The view of what is in a store.
    pub fn of(store: &str, snapshots: Vec<StoredView>, listings: Vec<StoredView>) -> Self {
        Self { format: "overstay-store-list", version: VERSION, store: store.to_owned(), snapshots, listings }
    }
}

/// How fresh a store is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StatusView {
    /// `overstay-store-status`.
    pub format: &'static str,
    /// The format's version.
    pub version: &'static str,
    /// Where the store is.
    pub store: String,
    /// When it was looked.
    pub as_of: String,
    /// How old the newest snapshot may be.
    pub max_age: String,
    /// Whether it is not older than that.
    pub fresh: bool,
    /// How many snapshots there are.
    pub snapshots: usize,
    /// When reading the first one ended.
    pub oldest: Option<String>,
    /// When reading the newest one ended.
    pub newest: Option<String>,
    /// How long before `as_of` that was, in whole seconds.
    pub age_seconds: Option<i64>,
    /// How far back it was looked for gaps.
    pub look_back: String,
    /// Times without a snapshot that are longer than `max_age` and ended within that.
    pub gaps: Vec<GapView>,
    /// How a bucket locks what is put into it; absent for a folder.
    pub lock: Option<LockView>,
}

/// How a bucket locks what is put into it (S3 Object Lock).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LockView {
    /// `locked`, `no_default` (Object Lock is on, and locks nothing by itself), `off` or `unknown`.
    pub state: &'static str,
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub mode: Option<String>,
    /// For how many days.
    pub days: Option<i32>,
    /// For how many years.
    pub years: Option<i32>,
    /// Why it is unknown.
    pub reason: Option<String>,
}

impl LockView {
    /// A view of nothing but a state.
    pub fn new(state: &'static str) -> Self {
        Self { state, mode: None, days: None, years: None, reason: None }
    }

    /// In words, after what is put into the store.
    pub fn words(&self) -> String {
        match self.state {
            "locked" => {
                let mode = self.mode.as_deref().unwrap_or_default();
                let time = match (self.days, self.years) {
                    (Some(1), _) => "1 day".to_owned(),
                    (Some(days), _) => format!("{days} days"),
                    (None, Some(1)) => "1 year".to_owned(),
                    (None, Some(years)) => format!("{years} years"),
                    (None, None) => "an unknown time".to_owned(),
                };
                format!("Object Lock keeps it for {time} ({mode})")
            }
            "no_default" => {
                "Object Lock is on, and keeps nothing by itself: the bucket has no default retention".to_owned()
            }
            "off" => "not locked; whoever may delete objects may remove it".to_owned(),
            _ => format!("whether it is locked is not known: {}", self.reason.as_deref().unwrap_or_default()),
        }
    }
}

/// A time without a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GapView {
    /// The snapshot before it.
    pub from: String,
    /// The snapshot after it.
    pub to: String,
    /// How long it was, in whole seconds.
    pub seconds: i64,
}

impl StatusView {
    /// The view of a store whose snapshots ended at `times`, which are sorted.
    pub fn of(store: &str, times: &[Instant], now: Instant, max_age: Span, look_back: Span) -> Self {
        let newest = times.last().copied();
        let age = newest.map(|newest| now.since(newest));
        let recent = |at: Instant| now.since(at) <= look_back.duration();
        let gaps = pairs(times).filter(|(from, to)| recent(*to) && to.since(*from) > max_age.duration());
        let gap = |(from, to): (Instant, Instant)| GapView {
            from: from.to_string(),
            to: to.to_string(),
            seconds: to.since(from).as_secs(),
        };
        Self {
            format: "overstay-store-status",
            version: VERSION,
            store: store.to_owned(),
            as_of: now.to_string(),
            max_age: max_age.to_string(),
            fresh: age.is_some_and(|age| age <= max_age.duration()),
            snapshots: times.len(),
            oldest: times.first().map(Instant::to_string),
            newest: newest.map(|newest| newest.to_string()),
            age_seconds: age.map(|age| age.as_secs()),
            look_back: look_back.to_string(),
            gaps: gaps.map(gap).collect(),
            lock: None,
        }
    }
}

fn pairs(times: &[Instant]) -> impl Iterator<Item = (Instant, Instant)> {
    times.iter().copied().zip(times.iter().copied().skip(1))
}

/// The longest time between two of `times`, which are sorted; the first of equals.
pub fn longest_gap(times: &[Instant]) -> Option<(Instant, Instant)> {
    pairs(times).reduce(|longest, pair| if pair.1.since(pair.0) > longest.1.since(longest.0) { pair } else { longest })
}

/// A length of time for people: minutes below two hours, hours below three days, then days; rounded down.
pub fn time(length: SignedDuration) -> String {
    let minutes = length.as_mins();
    let (hours, days) = (minutes / 60, minutes / 1440);
    match () {
        () if hours < 2 => format!("{minutes} min"),
        () if days < 3 => format!("{hours} h"),
        () => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Instant {
        Instant::from_epoch_seconds(1_790_000_000 + hour * 3600).unwrap()
    }

    fn status(hours: &[i64], now: i64) -> StatusView {
        let times: Vec<Instant> = hours.iter().copied().map(at).collect();
        StatusView::of("s", &times, at(now), Span::hours(26), Span::days(90))
    }

    #[test]
    fn fresh_to_the_second_and_no_longer() {
        assert!(status(&[0, 24], 24 + 26).fresh);
        assert!(!status(&[0, 24], 24 + 27).fresh);
        let never = status(&[], 0);
        assert!(!never.fresh && never.newest.is_none());
    }

    #[test]
    fn a_missing_day_is_a_gap_until_it_is_long_past() {
        let told = status(&[0, 24, 72, 96], 96);
        assert_eq!(told.gaps, [GapView { from: at(24).to_string(), to: at(72).to_string(), seconds: 48 * 3600 }]);
        assert_eq!(status(&[0, 24, 72, 96], 72 + 90 * 24 + 1).gaps, []);
        // What is not there yet is the newest one's age, and no gap.
        assert_eq!(status(&[0, 24], 500).gaps, []);
    }

    #[test]
    fn the_longest_time_between_looks_is_found() {
        let times = |hours: &[i64]| hours.iter().copied().map(at).collect::<Vec<_>>();
        assert_eq!(longest_gap(&times(&[0, 24, 72, 96, 144])), Some((at(24), at(72))));
        assert_eq!(longest_gap(&times(&[0])), None);
    }

    #[test]
    fn times_are_told_in_their_measure() {
        let told: Vec<String> = [90, 120, 4319, 4320].map(|minutes| time(SignedDuration::from_mins(minutes))).into();
        assert_eq!(told, ["90 min", "2 h", "71 h", "3 days"]);
    }
}
