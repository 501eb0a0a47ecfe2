//! Labels: cut to the room that they have, and times in words.

use crate::model::{Instant, Interval};

/// The width of an average character of a label, in units of the view box.
#[cfg(test)]
pub(super) const CHARACTER: i64 = 7;

/// A text of at most so many characters; a longer one ends with an ellipsis.
pub(super) fn fit(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_labels_are_cut_by_characters() {
        assert_eq!(fit("short", 5), "short");
        assert_eq!(fit("ééééééé", 4), "ééé…");
    }
}
