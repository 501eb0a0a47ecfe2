//! A leaver's timeline: one lane per kind of event, so that labels never meet, and the SLA deadline across all of them.

use jiff::SignedDuration;
use serde::Serialize;

use super::label::{day, interval, moment};
use crate::model::{Instant, Interval, Known, Span};
use crate::reconcile::timeline::{Departure, EndTested};

const WIDTH: i64 = 760;
const LEFT: i64 = 175;
const RIGHT: i64 = 530;
const TOP: i64 = 30;
const LANE: i64 = 24;
const AXIS: i64 = 26;
/// A bar narrower than this could be taken for a point.
const NARROWEST: i64 = 4;

/// The picture.
#[derive(Debug, Default, Serialize)]
pub struct LeaverPicture {
    /// Whether there is anything to draw.
    pub drawn: bool,
    /// What it shows, in sentences.
    pub sentence: String,
    /// The view box.
    pub width: i64,
    /// Its height.
    pub height: i64,
    /// The left edge of the time axis.
    pub left: i64,
    /// The right edge.
    pub right: i64,
    /// The axis.
    pub axis_y: i64,
    /// The baseline of the axis' labels.
    pub label_y: i64,
    /// The day at the left edge.
    pub from: String,
    /// The day at the right edge.
    pub to: String,
    /// The earliest SLA deadline.
    pub deadline_x: i64,
    /// How far the latest one is from it; zero when it is exact.
    pub deadline_width: i64,
    /// Its label.
    pub deadline: String,
    /// `start` or `end`: the side on which the label has room.
    pub deadline_anchor: &'static str,
    /// The lanes, from top to bottom.
    pub lanes: Vec<Lane>,
}

/// A lane.
#[derive(Debug, Serialize)]
pub struct Lane {
    /// The baseline of its texts.
    pub y: i64,
    /// The middle of its marks.
    pub middle: i64,
    /// The top of its bars.
    pub top: i64,
    /// What it is about.
    pub label: &'static str,
    /// When, in words.
    pub time: String,
    /// What is drawn.
    pub marks: Vec<Mark>,
}

/// A point, or a bar between two bounds.
#[derive(Debug, Serialize)]
pub struct Mark {
    /// Where it begins.
    pub x: i64,
    /// How long it is; zero for a point.
    pub width: i64,
    /// Whether the time is exact.
    pub point: bool,
    /// `range`, `within`, `late` or `perhaps`.
    pub tone: &'static str,
}

/// The times of one leaver.
struct Times {
    since: Interval,
    end: Interval,
    open: bool,
    sla: Span,
    events: Vec<(&'static str, Option<Interval>, &'static str)>,
}

/// The picture of a departure; `until` is how far the data reaches.
pub(in crate::evidence::report) fn leaver(departure: &Departure<'_>, sla: Span, until: Instant) -> LeaverPicture {
    let exact = |at: Instant| Interval::exact(at, crate::model::time::Basis::Event);
    let (activity, no_activity) = match &departure.activity.last {
        Known::Value(at) => (Some(exact(*at)), ""),
        Known::Absent => (None, "none recorded"),
        Known::Unknown(_) => (None, "unknown: no log"),
    };
    let mut events = vec![
        ("Terminated in HR", departure.terminated, "no date in HR"),
        ("Disabled in IdP", departure.idp_disabled, "not observed"),
        ("Sign-in blocked", departure.blocked, "not observed"),
        ("Last grant removed", departure.removed, "not observed"),
        ("Last activity", activity, no_activity),
    ];
    events.extend(departure.returned.map(|at| ("Returned", Some(at), "")));
    let open = departure.tested == EndTested::Open;
    draw(&Times { since: departure.since, end: departure.end, open, sla, events }, until)
}

fn draw(times: &Times, until: Instant) -> LeaverPicture {
    let plus = |at: Instant, span: SignedDuration| at.timestamp().checked_add(span).map_or(at, Instant::new);
    let deadline = Interval::between(
        times.since.earliest().map(|at| plus(at, times.sla.duration())),
        times.since.latest().map(|at| plus(at, times.sla.duration())),
        times.since.basis(),
    );
    let all =
        || [&times.since, &times.end, &deadline].into_iter().chain(times.events.iter().filter_map(|e| e.1.as_ref()));
    let bounds = || all().flat_map(|at| [at.earliest(), at.latest()]).flatten();
    let (Some(first), Some(last)) = (bounds().min(), bounds().chain([until]).max()) else {
        return LeaverPicture {
            sentence: "No time is known that a timeline could show.".to_owned(),
            ..Default::default()
        };
    };
    let last = if all().all(|at| at.latest().is_some()) { bounds().max().unwrap_or(last) } else { last };
    let whole = last.since(first).as_secs().max(1);
    let x = |at: Instant| LEFT + at.since(first).as_secs().clamp(0, whole) * (RIGHT - LEFT) / whole;
    let from = |at: Option<Instant>| at.map_or(LEFT, x);
    let to = |at: Option<Instant>| at.map_or(RIGHT, x);
    let mark = |at: &Interval| match at.instant() {
        Some(at) => Mark { x: x(at), width: 0, point: true, tone: "point" },
        None => {
            let begin = from(at.earliest()).min(RIGHT - NARROWEST);
            Mark { x: begin, width: (to(at.latest()) - begin).max(NARROWEST), point: false, tone: "range" }
        }
    };
    let mut lanes: Vec<Lane> = Vec::new();
    let mut add = |label, time, marks| {
        let y = TOP + LANE * i64::try_from(lanes.len()).unwrap_or(0);
        lanes.push(Lane { y: y + 16, middle: y + 12, top: y + 7, label, time, marks });
    };
    for (label, at, absent) in &times.events {
        let time = at.as_ref().map_or_else(|| (*absent).to_owned(), interval);
        add(*label, time, at.iter().map(mark).collect());
    }
    add("Access until", lasting(times), access(times, &deadline, from, to));
    let deadline_x = from(deadline.earliest());
    let deadline_text = format!("SLA deadline {}", interval(&deadline));
    let facts: Vec<String> = lanes.iter().map(|lane| format!("{}: {}.", lane.label, lane.time)).collect();
    let axis_y = TOP + LANE * i64::try_from(lanes.len()).unwrap_or(0) + 4;
    LeaverPicture {
        drawn: true,
        sentence: format!("{} {deadline_text}.", facts.join(" ")),
        width: WIDTH,
        height: axis_y + AXIS,
        left: LEFT,
        right: RIGHT,
        axis_y,
        label_y: axis_y + 18,
        from: day(first),
        to: day(last),
        deadline_x,
        deadline_width: to(deadline.latest()) - deadline_x,
        deadline: deadline_text,
        deadline_anchor: if deadline_x > (LEFT + RIGHT) / 2 { "end" } else { "start" },
        lanes,
    }
}

/// How access went on, in words.
fn lasting(times: &Times) -> String {
    match (times.open, times.end.earliest(), times.end.latest()) {
        (true, Some(seen), _) => format!("active on {}", moment(seen)),
        (_, None, None) => "unknown".to_owned(),
        _ => interval(&times.end),
    }
}

/// Access after leaving: certain within the SLA, certain after it, and possible.
fn access(
    times: &Times,
    deadline: &Interval,
    from: impl Fn(Option<Instant>) -> i64,
    to: impl Fn(Option<Instant>) -> i64,
) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut add = |x: i64, end: i64, tone| {
        if end > x {
            marks.push(Mark { x, width: end - x, point: false, tone });
        }
    };
    let (begin, sure) = (times.since.latest(), times.end.earliest());
    let possible_from = match (begin, sure) {
        (Some(begin), Some(sure)) if sure > begin => {
            let late = deadline.latest().map_or(sure, |at| at.clamp(begin, sure));
            add(from(Some(begin)), from(Some(late)), "within");
            add(from(Some(late)), from(Some(sure)), "late");
            add(from(times.since.earliest()), from(Some(begin)), "perhaps");
            Some(sure)
        }
        _ => times.since.earliest(),
    };
    if !times.open && times.end.latest().is_none_or(|end| Some(end) > possible_from) {
        add(from(possible_from), to(times.end.latest()), "perhaps");
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::super::label::CHARACTER;
    use super::*;
    use crate::model::time::Basis;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn between(one: &str, other: &str) -> Interval {
        Interval::between(Some(at(one)), Some(at(other)), Basis::Snapshots)
    }

    fn times(end: Interval, open: bool) -> Times {
        let left = Interval::exact(at("2026-08-14T23:00:00Z"), Basis::Record);
        Times {
            since: left,
            end,
            open,
            sla: Span::hours(24),
            events: vec![
                ("Terminated in HR", Some(left), ""),
                ("Sign-in blocked", Some(between("2026-08-17T04:58:00Z", "2026-08-18T05:00:00Z")), ""),
                ("Last grant removed", None, "not observed"),
                ("Last activity", Some(Interval::by(at("2026-08-16T20:11:34Z"))), ""),
            ],
        }
    }

    #[test]
    fn everything_lies_in_the_view_box_and_in_its_own_lane() {
        let end = between("2026-08-17T04:58:00Z", "2026-08-18T05:00:00Z");
        let picture = draw(&times(end, false), at("2026-10-01T00:00:00Z"));
        assert!(picture.drawn);
        assert!(picture.lanes.windows(2).all(|pair| pair[1].y - pair[0].y == LANE), "labels of two lanes never meet");
        for lane in &picture.lanes {
            assert!(lane.y < picture.axis_y && picture.label_y < picture.height);
            let length = |text: &str| i64::try_from(text.chars().count()).unwrap() * CHARACTER;
            assert!(length(lane.label) < LEFT && RIGHT + 12 + length(&lane.time) <= WIDTH, "{}", lane.time);
            for mark in &lane.marks {
                assert!(mark.x >= LEFT && mark.x + mark.width <= RIGHT, "{mark:?}");
            }
        }
        let tones: Vec<&str> = picture.lanes.last().unwrap().marks.iter().map(|mark| mark.tone).collect();
        assert_eq!(tones, ["within", "late", "perhaps"]);
        assert!(
            picture.lanes[0].marks[0].point && !picture.lanes[1].marks[0].point && picture.lanes[2].marks.is_empty()
        );
        assert_eq!(picture.lanes[3].marks[0].x, LEFT, "without an earlier bound the bar begins at the edge");
        assert!(picture.sentence.contains("SLA deadline 15 Aug 2026, 23:00 UTC"), "{}", picture.sentence);
    }

    #[test]
    fn open_access_reaches_the_last_observation_and_no_further() {
        let end = Interval::not_before(at("2026-10-01T00:00:00Z"), Basis::Snapshots);
        let picture = draw(&times(end, true), at("2026-10-01T00:00:00Z"));
        let access = picture.lanes.last().unwrap();
        assert_eq!(access.time, "active on 1 Oct 2026, 00:00 UTC");
        assert_eq!(access.marks.iter().map(|mark| mark.x + mark.width).max(), Some(RIGHT));
        assert!(access.marks.iter().all(|mark| mark.tone != "perhaps"));
    }

    #[test]
    fn without_any_time_there_is_a_sentence() {
        let unknown = Interval::between(None, None, Basis::Unknown);
        let none = Times { since: unknown, end: unknown, open: false, sla: Span::hours(24), events: Vec::new() };
        let picture = draw(&none, at("2026-10-01T00:00:00Z"));
        assert!(!picture.drawn && !picture.sentence.is_empty() && picture.lanes.is_empty());
    }
}
