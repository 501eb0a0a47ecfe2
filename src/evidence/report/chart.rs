//! Bars, measured here so that a renderer only draws them.

use serde::Serialize;

/// The length of a whole bar. A thousandth is finer than any screen shows it.
const WHOLE: u64 = 1_000;
/// What is there is seen, however little of the whole it is.
const LEAST: u64 = 8;

/// A part of a bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// Where it begins, in thousandths.
    pub x: u64,
    /// How long it is, in thousandths.
    pub width: u64,
    /// The word that picks its colour.
    pub tone: &'static str,
}

/// Parts of a whole, one after the other. Parts that overlap in what they count are cut off at the end of the bar.
pub(super) fn bar(parts: &[(u64, &'static str)], total: u64) -> Vec<Segment> {
    let mut x = 0;
    let mut segments = Vec::new();
    for (count, tone) in parts.iter().filter(|(count, _)| *count > 0) {
        let exact = u128::from(*count) * u128::from(WHOLE) / u128::from(total.max(1));
        let width = u64::try_from(exact).unwrap_or(WHOLE).max(LEAST).min(WHOLE.saturating_sub(x));
        segments.push(Segment { x, width, tone });
        x += width;
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_never_leave_the_bar() {
        let segments = bar(&[(1, "bad"), (0, "none"), (99_999, "plain")], 100_000);
        assert_eq!(
            segments,
            [Segment { x: 0, width: 8, tone: "bad" }, Segment { x: 8, width: 992, tone: "plain" }],
            "one in a hundred thousand is still seen"
        );
        assert_eq!(bar(&[(5, "bad"), (5, "plain")], 3).iter().map(|s| s.width).sum::<u64>(), 1_000);
        assert!(bar(&[(0, "bad")], 0).is_empty());
    }
}
