//! How long access outlived leavers, as a distribution with the SLA as a line between two of its columns.

use serde::Serialize;

use crate::evidence::tables;
use crate::model::Span;
use crate::reconcile::Ledger;

const WIDTH: i64 = 720;
const LEFT: i64 = 12;
const RIGHT: i64 = 708;
const BASE: i64 = 184;
const HEIGHT: i64 = 214;
/// The upper ends of the columns, in minutes; the SLA is added to them.
const EDGES: [i64; 7] = [60, 480, 1_440, 4_320, 10_080, 43_200, 129_600];

/// The picture.
#[derive(Debug, Default, Serialize)]
pub struct RemovalPicture {
    /// Whether there is anything to draw.
    pub drawn: bool,
    /// What it shows, in sentences.
    pub sentence: String,
    /// The view box.
    pub width: i64,
    /// Its height.
    pub height: i64,
    /// The left edge.
    pub left: i64,
    /// The right edge.
    pub right: i64,
    /// The line of zero.
    pub base: i64,
    /// The baseline of the columns' labels.
    pub label_y: i64,
    /// Where the SLA lies.
    pub sla_x: i64,
    /// Its label.
    pub sla: String,
    /// `start` or `end`: the side on which the label has room.
    pub sla_anchor: &'static str,
    /// The columns, the shortest times first.
    pub buckets: Vec<Bucket>,
    /// Leavers of whom no time is known.
    pub unknown: usize,
}

/// A column.
#[derive(Debug, Serialize)]
pub struct Bucket {
    /// The middle, for its label.
    pub middle: i64,
    /// Its label.
    pub label: String,
    /// How many.
    pub count: usize,
    /// The baseline of that number.
    pub count_y: i64,
    /// Its parts, from the bottom up.
    pub stacks: Vec<Stack>,
}

/// A part of a column.
#[derive(Debug, Serialize)]
pub struct Stack {
    /// Where it begins.
    pub x: i64,
    /// How wide it is.
    pub width: i64,
    /// Its top.
    pub y: i64,
    /// Its height.
    pub height: i64,
    /// `known`, `most` (this long at most) or `least` (this long at least).
    pub tone: &'static str,
}

/// A leaver's time in minutes, within bounds.
struct Time {
    least: Option<i64>,
    most: Option<i64>,
    result: &'static str,
}

/// The picture of all leavers that `leavers.csv` lists.
pub(in crate::evidence::report) fn removal(ledger: &Ledger<'_>) -> RemovalPicture {
    let times: Vec<Time> = tables::leavers(ledger)
        .into_iter()
        .map(|leaver| Time {
            least: minutes(&leaver.row.elapsed_hours_min),
            most: minutes(&leaver.row.elapsed_hours_max),
            result: leaver.result,
        })
        .collect();
    draw(&times, ledger.config().policy.leaver_sla)
}

/// The minutes of a cell that holds hours with one decimal, or the word unknown.
fn minutes(cell: &str) -> Option<i64> {
    let (hours, tenths) = cell.split_once('.').unwrap_or((cell, "0"));
    Some(hours.parse::<i64>().ok()? * 60 + tenths.parse::<i64>().ok()? * 6)
}

fn words(minutes: i64) -> String {
    match minutes {
        m if m % 1_440 == 0 && m > 1_440 => format!("{} d", m / 1_440),
        m if m % 60 == 0 => format!("{} h", m / 60),
        m => format!("{m} min"),
    }
}

fn draw(times: &[Time], sla: Span) -> RemovalPicture {
    if times.is_empty() {
        let sentence = "No leaver was found, so there is no time to removal to show.".to_owned();
        return RemovalPicture { sentence, ..Default::default() };
    }
    let sla = sla.duration().as_mins();
    let mut edges: Vec<i64> = EDGES.into_iter().chain([sla]).collect();
    edges.sort_unstable();
    edges.dedup();
    let columns = edges.len() + 1;
    let within = edges.iter().position(|edge| *edge == sla).unwrap_or(0);
    let mut counts = vec![[0usize; 3]; columns];
    let mut unknown = 0;
    let column = |minutes: i64| edges.partition_point(|edge| *edge < minutes);
    for time in times {
        let (at, kind) = match (time.least, time.most) {
            (Some(least), Some(most)) if column(least) == column(most) => (column(most), 0),
            (_, Some(most)) => (column(most), 1),
            (Some(least), None) => (column(least), 2),
            (None, None) => {
                unknown += 1;
                continue;
            }
        };
        // Times are rounded, and the result is not.
        let at = match time.result {
            "fail" => at.max(within + 1),
            "pass" => at.min(within),
            _ => at,
        };
        if let Some(count) = counts.get_mut(at).and_then(|kinds| kinds.get_mut(kind)) {
            *count += 1;
        }
    }
    let most = counts.iter().map(|kinds| kinds.iter().sum::<usize>()).max().unwrap_or(0).max(1);
    let step = (RIGHT - LEFT) / i64::try_from(columns).unwrap_or(1);
    let mut buckets = Vec::new();
    for (at, kinds) in (0i64..).zip(&counts) {
        let x = LEFT + at * step;
        let scale = |count: usize| i64::try_from(count * 120 / most).unwrap_or(0);
        let (mut below, mut stacks) = (0, Vec::new());
        for (count, tone) in kinds.iter().zip(["known", "most", "least"]).filter(|(count, _)| **count > 0) {
            let bottom = BASE - scale(below);
            below += count;
            let y = (BASE - scale(below)).min(bottom - 2);
            stacks.push(Stack { x: x + 10, width: step - 20, y, height: bottom - y, tone });
        }
        let edge = usize::try_from(at).ok().and_then(|at| edges.get(at));
        let label = match (edge, edges.last()) {
            (Some(edge), _) => format!("≤ {}", words(*edge)),
            (None, Some(last)) => format!("> {}", words(*last)),
            (None, None) => String::new(),
        };
        let top = stacks.last().map_or(BASE, |stack| stack.y);
        buckets.push(Bucket { middle: x + step / 2, label, count: below, count_y: top - 6, stacks });
    }
    let sla_x = LEFT + step * i64::try_from(within + 1).unwrap_or(1);
    let parts: Vec<String> =
        buckets.iter().filter(|b| b.count > 0).map(|b| format!("{}: {}", b.label, b.count)).collect();
    let [known, longest, shortest] = counts.iter().fold([0; 3], |[a, b, c], [x, y, z]| [a + x, b + y, c + z]);
    RemovalPicture {
        drawn: true,
        sentence: format!(
            "Time from termination to the end of access, of {} leavers, SLA {}. {}. {known} exact or within one column, \
             {longest} counted at the longest possible time, {shortest} at the shortest because no end is known, {unknown} \
             without any time.",
            times.len(),
            words(sla),
            parts.join(", "),
        ),
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        right: LEFT + step * i64::try_from(columns).unwrap_or(1),
        base: BASE,
        label_y: BASE + 18,
        sla_x,
        sla: format!("SLA {}", words(sla)),
        sla_anchor: if sla_x > (LEFT + RIGHT) / 2 { "end" } else { "start" },
        buckets,
        unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::label::CHARACTER;
    use super::*;

    const TOP: i64 = 44;

    fn time(least: &str, most: &str, result: &'static str) -> Time {
        Time { least: minutes(least), most: minutes(most), result }
    }

    #[test]
    fn every_leaver_is_counted_once_and_on_the_right_side_of_the_sla() {
        let times = [
            time("2.0", "2.5", "pass"),
            time("0.0", "30.0", "indeterminate"),
            time("900.0", "unknown", "fail"),
            time("24.0", "24.0", "fail"),
            time("unknown", "unknown", "not_evaluated"),
        ];
        for sla in [Span::minutes(40), Span::hours(24), Span::days(400)] {
            let picture = draw(&times, sla);
            assert_eq!(picture.buckets.iter().map(|bucket| bucket.count).sum::<usize>() + picture.unknown, times.len());
        }
        let picture = draw(&times, Span::hours(24));
        let beyond: Vec<(&str, usize)> =
            picture.buckets.iter().filter(|b| b.count > 0).map(|b| (b.label.as_str(), b.count)).collect();
        assert_eq!(beyond, [("≤ 8 h", 1), ("≤ 3 d", 2), ("≤ 90 d", 1)], "a rounded failure stays a failure");
        let tones = |label: &str| -> Vec<&str> {
            picture.buckets.iter().filter(|b| b.label == label).flat_map(|b| b.stacks.iter().map(|s| s.tone)).collect()
        };
        assert_eq!((tones("≤ 8 h"), tones("≤ 90 d")), (vec!["known"], vec!["least"]));
    }

    #[test]
    fn columns_and_labels_lie_in_the_view_box_and_apart() {
        let times: Vec<Time> =
            (0..500).map(|_| time("2.0", "2.0", "pass")).chain([time("99.0", "99.0", "fail")]).collect();
        for sla in [Span::minutes(41), Span::hours(24), Span::days(365)] {
            let picture = draw(&times, sla);
            for bucket in &picture.buckets {
                assert!(bucket.count_y > TOP - 16 && bucket.middle < WIDTH);
                assert!(bucket.stacks.iter().all(|s| s.x >= LEFT && s.x + s.width <= RIGHT && s.height >= 2));
            }
            for pair in picture.buckets.windows(2) {
                let half = |b: &Bucket| i64::try_from(b.label.chars().count()).unwrap() * CHARACTER / 2;
                assert!(pair[0].middle + half(&pair[0]) < pair[1].middle - half(&pair[1]), "{sla}: labels apart");
            }
        }
    }

    #[test]
    fn without_leavers_there_is_a_sentence() {
        let picture = draw(&[], Span::hours(24));
        assert!(!picture.drawn && !picture.sentence.is_empty() && picture.buckets.is_empty());
    }
}
