//! Leavers of the period who still had access, at each stored snapshot.

use std::collections::BTreeMap;

use serde::Serialize;

use super::label::{day, moment};
use crate::model::{Instant, Interval, Period};
use crate::reconcile::Timelines;

const WIDTH: i64 = 720;
const LEFT: i64 = 40;
const RIGHT: i64 = 708;
const TOP: i64 = 14;
const BASE: i64 = 154;
const HEIGHT: i64 = 182;
const WIDEST: i64 = 14;

/// The picture.
#[derive(Debug, Default, Serialize)]
pub struct TrendPicture {
    /// Whether there is anything to draw.
    pub drawn: bool,
    /// What it shows, in sentences.
    pub sentence: String,
    /// The view box.
    pub width: i64,
    /// Its height.
    pub height: i64,
    /// The left edge of the axis.
    pub left: i64,
    /// The right edge.
    pub right: i64,
    /// The top.
    pub top: i64,
    /// The line of zero.
    pub base: i64,
    /// The baseline of the dates.
    pub label_y: i64,
    /// The highest count.
    pub most: i64,
    /// The day of the first snapshot.
    pub from: String,
    /// The day of the last one.
    pub to: String,
    /// A bar for each snapshot, the earliest first.
    pub points: Vec<Point>,
}

/// A snapshot.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Where its bar begins.
    pub x: i64,
    /// How wide it is.
    pub width: i64,
    /// The top of the certain part.
    pub y: i64,
    /// The height of the certain part.
    pub height: i64,
    /// The top of the possible part.
    pub perhaps_y: i64,
    /// The height of the possible part.
    pub perhaps: i64,
}

/// One leaver: since when, until when access lasted, and when the person returned.
struct Leaver {
    since: Interval,
    end: Interval,
    returned: Option<Interval>,
}

/// The picture of a period.
pub(in crate::evidence::report) fn trend(timelines: &Timelines<'_>, period: Period) -> TrendPicture {
    let looks = timelines.history().looks.iter().filter(|look| !look.listing && look.ended_at > period.from());
    let looks: Vec<(Instant, Instant)> = looks.map(|look| (look.started_at, look.ended_at)).collect();
    let departures = timelines.departures().iter();
    let leavers: Vec<Leaver> =
        departures.map(|left| Leaver { since: left.since, end: left.end, returned: left.returned }).collect();
    draw(&looks, &leavers)
}

/// How many certainly had access at a snapshot after leaving, and how many more may have had.
fn counts((started, ended): (Instant, Instant), leavers: &[Leaver]) -> (i64, i64) {
    let (mut sure, mut perhaps) = (0, 0);
    for leaver in leavers {
        let back = leaver.returned.and_then(|at| at.latest()).is_some_and(|at| at <= started);
        let not_left = leaver.since.earliest().is_some_and(|at| at > ended);
        let over = leaver.end.latest().is_some_and(|at| at <= started);
        if back || not_left || over {
            continue;
        }
        let left = leaver.since.latest().is_some_and(|at| at <= started);
        let still = leaver.end.earliest().is_some_and(|at| at >= started);
        let away = leaver.returned.is_none_or(|at| at.earliest().is_some_and(|at| at > ended));
        if left && still && away { sure += 1 } else { perhaps += 1 }
    }
    (sure, perhaps)
}

fn draw(looks: &[(Instant, Instant)], leavers: &[Leaver]) -> TrendPicture {
    let none = |sentence: &str| TrendPicture { sentence: sentence.to_owned(), ..Default::default() };
    if leavers.is_empty() {
        return none("No leaver was found in the review period, so there is no trend to show.");
    }
    let (Some((first, _)), Some((last, _)), true) = (looks.first(), looks.last(), looks.len() > 1) else {
        return none("A trend needs at least two snapshots of the review period.");
    };
    let counted: Vec<(Instant, (i64, i64))> = looks.iter().map(|look| (look.0, counts(*look, leavers))).collect();
    let most = counted.iter().map(|(_, (sure, perhaps))| sure + perhaps).max().unwrap_or(0).max(1);
    let whole = last.since(*first).as_secs().max(1);
    let slots = i64::try_from(looks.len()).unwrap_or(RIGHT);
    let width = ((RIGHT - LEFT) / slots - 1).clamp(2, WIDEST);
    let scale = |count: i64| count * (BASE - TOP) / most;
    // Of snapshots that would cover each other the last is drawn.
    let mut slotted: BTreeMap<i64, Point> = BTreeMap::new();
    for (at, (sure, perhaps)) in &counted {
        let x = LEFT + at.since(*first).as_secs() * (RIGHT - LEFT - width) / whole;
        let (height, total) = (scale(*sure), scale(sure + perhaps));
        let slot = (x - LEFT) / (width + 1).min((RIGHT - LEFT) / slots.min(RIGHT - LEFT)).max(1);
        slotted.insert(
            slot,
            Point { x, width, y: BASE - height, height, perhaps_y: BASE - total, perhaps: total - height },
        );
    }
    let of = |at: Option<&(Instant, (i64, i64))>| {
        at.map_or_else(String::new, |(at, (sure, perhaps))| {
            let more = if *perhaps > 0 { format!(", and possibly {perhaps} more") } else { String::new() };
            format!(" On {}: {sure}{more}.", moment(*at))
        })
    };
    let peak = counted.iter().max_by_key(|(at, (sure, perhaps))| (sure + perhaps, std::cmp::Reverse(*at)));
    TrendPicture {
        drawn: true,
        sentence: format!(
            "Leavers of the review period who still had access, in {} snapshots.{} Highest:{}{}",
            looks.len(),
            of(counted.first()),
            of(peak),
            of(counted.last())
        ),
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        right: RIGHT,
        top: TOP,
        base: BASE,
        label_y: BASE + 18,
        most,
        from: day(*first),
        to: day(*last),
        points: slotted.into_values().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Basis;

    fn at(hour: i64) -> Instant {
        Instant::from_epoch_seconds(1_780_000_000 + hour * 3_600).unwrap()
    }

    fn leaver(since: i64, end: (Option<i64>, Option<i64>)) -> Leaver {
        let end = Interval::between(end.0.map(at), end.1.map(at), Basis::Snapshots);
        Leaver { since: Interval::exact(at(since), Basis::Record), end, returned: None }
    }

    #[test]
    fn only_what_is_certain_is_counted_as_certain() {
        let leavers = [leaver(10, (Some(30), Some(50)))];
        let count = |hour| counts((at(hour), at(hour)), &leavers);
        assert_eq!(count(5), (0, 0), "not left yet");
        assert_eq!(count(20), (1, 0));
        assert_eq!(count(40), (0, 1), "removed at some time between the bounds");
        assert_eq!(count(60), (0, 0));
        assert_eq!(counts((at(60), at(60)), &[leaver(10, (None, None))]), (0, 1), "unknown is not zero");
    }

    #[test]
    fn bars_are_in_order_and_in_the_view_box() {
        for days in [2, 92, 3_000] {
            let looks: Vec<(Instant, Instant)> = (0..days).map(|day| (at(day * 24), at(day * 24 + 1))).collect();
            let picture = draw(&looks, &[leaver(1, (Some(40), Some(60))), leaver(30, (Some(days * 24), None))]);
            assert!(picture.drawn && picture.points.windows(2).all(|pair| pair[0].x < pair[1].x), "{days}");
            for point in &picture.points {
                assert!(point.x >= LEFT && point.x + point.width <= RIGHT && point.perhaps_y >= TOP, "{point:?}");
                assert!(point.y + point.height == BASE && point.perhaps_y + point.perhaps == point.y);
            }
        }
    }

    #[test]
    fn without_leavers_or_snapshots_there_is_a_sentence() {
        let looks = [(at(0), at(1)), (at(24), at(25))];
        for picture in [draw(&looks, &[]), draw(&[], &[leaver(1, (None, None))])] {
            assert!(!picture.drawn && !picture.sentence.is_empty() && picture.points.is_empty());
        }
    }
}
