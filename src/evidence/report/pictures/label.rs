//! Labels of pictures: times in words.

use crate::model::{Instant, Interval};

/// The width of an average character of a label, in units of the view box.
#[cfg(test)]
pub(super) const CHARACTER: i64 = 7;

/// `30 Sep 2026`.
pub(super) fn day(at: Instant) -> String {
    at.timestamp().strftime("%-d %b %Y").to_string()
}

/// `30 Sep 2026, 17:00 UTC`.
pub(super) fn moment(at: Instant) -> String {
    at.timestamp().strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// An interval, short enough to stand beside its mark.
pub(super) fn interval(at: &Interval) -> String {
    let short = |at: Instant| at.timestamp().strftime("%-d %b %H:%M").to_string();
    match (at.earliest(), at.latest()) {
        (Some(earliest), Some(latest)) if earliest == latest => moment(latest),
        (Some(earliest), Some(latest)) => format!("{} – {} UTC", short(earliest), short(latest)),
        (Some(earliest), None) => format!("after {}", moment(earliest)),
        (None, Some(latest)) => format!("by {}", moment(latest)),
        (None, None) => "time unknown".to_owned(),
    }
}
