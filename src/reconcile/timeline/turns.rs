//! Something that is so or is not, and when it turned: from what looks saw, what records say, and what logs tell.
//!
//! A look is a stretch of time in which the state was seen once; an event or a record is an instant at which it turned.
//! They come from different clocks, so a look and an event that are closer than [`CLOCK_SKEW`] may be in the wrong order.

use crate::model::history::Look;
use crate::model::interval::CLOCK_SKEW;
use crate::model::time::Basis;
use crate::model::{Instant, Interval};

/// One thing known about the state.
#[derive(Debug, Clone, Copy)]
pub(super) enum Knowledge<'a> {
    /// It was so, or not, at some instant of a look.
    Seen {
        /// When the look began.
        from: Instant,
        /// When it ended.
        to: Instant,
        /// Whether it was so.
        so: bool,
        /// Whether the look is a listing that somebody kept.
        listing: bool,
    },
    /// A look at which nobody could tell whether it was so. It takes back what looks said and not what was told.
    Unclear {
        /// When the look ended.
        to: Instant,
    },
    /// It turned at this instant.
    Turned {
        /// When.
        at: Instant,
        /// Whether it was so from then on.
        so: bool,
        /// How that is known.
        basis: Basis,
        /// The log event that says so.
        event: Option<&'a str>,
    },
}

impl Knowledge<'_> {
    /// What a look saw.
    pub(super) fn seen(look: &Look, so: bool) -> Self {
        Self::Seen { from: look.started_at, to: look.ended_at, so, listing: look.listing }
    }

    fn at(&self) -> Instant {
        match self {
            Self::Seen { to, .. } | Self::Unclear { to } => *to,
            Self::Turned { at, .. } => *at,
        }
    }
}

/// A turn of the state. The first one is the first that is known of it, and bounded by nothing before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    /// Whether it is so from then on.
    pub(super) so: bool,
    /// When.
    pub(super) at: Interval,
    /// Log events that say so.
    pub(super) events: Vec<String>,
    /// Whether two clocks disagreed about it.
    pub(super) skewed: bool,
}

/// A stretch of time in which something was so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// From when on.
    pub(super) since: Interval,
    /// Until when; none while it is so.
    pub(super) until: Option<Interval>,
    /// Log events that say when it began.
    pub(super) events: Vec<String>,
    /// Whether two clocks disagreed about its beginning.
    pub(super) skewed: bool,
}

/// The turns, the earliest first.
pub(super) fn turns(mut knowledge: Vec<Knowledge<'_>>) -> Vec<Turn> {
    // Of two at the same instant what turned comes first, so that a look that ends then shows the result.
    knowledge.sort_by_key(|known| (known.at(), !matches!(known, Knowledge::Turned { .. })));
    let events: Vec<(Instant, bool)> = knowledge
        .iter()
        .filter_map(|known| match known {
            Knowledge::Turned { at, so, .. } => Some((*at, *so)),
            Knowledge::Seen { .. } | Knowledge::Unclear { .. } => None,
        })
        .collect();
    let mut turns: Vec<Turn> = Vec::new();
    // The last instant at which the present state was certain.
    let mut certain: Option<Instant> = None;
    // Whether a listing says so.
    let mut listed = false;
    // A look that saw the outcome of an event before the event's own clock says it happened.
    let mut ahead: Option<Instant> = None;
    for known in knowledge {
        let state = turns.last().map(|turn| turn.so);
        match known {
            Knowledge::Seen { from, so, listing, .. } if state == Some(so) => (certain, listed) = (Some(from), listing),
            Knowledge::Seen { from, to, so, listing } => {
                let near = |at: Instant| to.since(at) >= -CLOCK_SKEW && at.since(from) >= -CLOCK_SKEW;
                let explained = events.iter().find(|(at, turned)| near(*at) && (*turned == so || *at <= to));
                match explained {
                    Some((at, _)) if state.is_some() => {
                        if *at > to {
                            ahead = Some(to);
                        }
                    }
                    _ => {
                        let basis = match state {
                            None => Basis::Unknown,
                            Some(_) if listed || listing => Basis::Listing,
                            Some(_) => Basis::Snapshots,
                        };
                        let at = Interval::between(certain, Some(to), basis);
                        turns.push(Turn { so, at, events: Vec::new(), skewed: false });
                        (certain, listed) = (Some(from), listing);
                    }
                }
            }
            Knowledge::Unclear { to } => {
                let seen = turns.last().is_none_or(|turn| turn.so && turn.at.basis() >= Basis::Snapshots);
                if seen {
                    let at = Interval::between(certain.take(), Some(to), Basis::Unknown);
                    turns.push(Turn { so: false, at, events: Vec::new(), skewed: false });
                }
            }
            Knowledge::Turned { at, so, basis, event } => {
                let events: Vec<String> = event.map(str::to_owned).into_iter().collect();
                let exact = Interval::exact(at, basis);
                match turns.last_mut() {
                    Some(turn) if turn.so == so => confirm(turn, exact, events),
                    _ => {
                        let before = ahead.take().filter(|_| state.is_some());
                        let interval = before.map_or(exact, |seen| Interval::between(Some(seen), Some(at), basis));
                        turns.push(Turn { so, at: interval, events, skewed: before.is_some() });
                    }
                }
                (certain, listed) = (Some(at), false);
            }
        }
    }
    turns
}

/// A second source about a turn that is known: the same one, if the clocks allow it; else the state was repeated.
fn confirm(turn: &mut Turn, exact: Interval, events: Vec<String>) {
    let Some((at, latest)) = exact.latest().zip(turn.at.latest()) else { return };
    if turn.at.basis() == Basis::Unknown && at <= latest {
        turn.at = exact;
        turn.events = events;
    } else if at.since(latest) <= CLOCK_SKEW && turn.at.basis() <= Basis::Record {
        turn.skewed |= at != latest;
        turn.at = turn.at.hull(exact);
        turn.events.extend(events);
    }
}

/// The stretches in which it was so.
pub(super) fn spans(turns: Vec<Turn>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for turn in turns {
        if turn.so {
            spans.push(Span { since: turn.at, until: None, events: turn.events, skewed: turn.skewed });
        } else if let Some(open) = spans.last_mut() {
            open.until = Some(turn.at);
        }
    }
    spans
}

/// The stretches in which both were so.
pub(super) fn both(one: &[Span], other: &[Span]) -> Vec<Span> {
    let mut spans = Vec::new();
    for a in one {
        for b in other {
            let since = a.since.later(b.since);
            let until = match (a.until, b.until) {
                (Some(a), Some(b)) => Some(a.earlier(b)),
                (a, b) => a.or(b),
            };
            let empty =
                until.and_then(|until| until.latest()).zip(since.earliest()).is_some_and(|(end, start)| end <= start);
            if !empty {
                let mut events: Vec<String> = a.events.iter().chain(&b.events).cloned().collect();
                events.sort_unstable();
                events.dedup();
                spans.push(Span { since, until, events, skewed: a.skewed || b.skewed });
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600;

    fn at(second: i64) -> Instant {
        Instant::from_epoch_seconds(second).unwrap()
    }

    /// A look of ten minutes that begins then.
    fn seen(from: i64, so: bool) -> Knowledge<'static> {
        Knowledge::Seen { from: at(from), to: at(from + 600), so, listing: false }
    }

    fn event(second: i64, so: bool, id: &'static str) -> Knowledge<'static> {
        Knowledge::Turned { at: at(second), so, basis: Basis::Event, event: Some(id) }
    }

    fn record(second: i64, so: bool) -> Knowledge<'static> {
        Knowledge::Turned { at: at(second), so, basis: Basis::Record, event: None }
    }

    /// The bounds of each turn in seconds.
    fn bounds(knowledge: Vec<Knowledge<'_>>) -> Vec<(bool, Option<i64>, Option<i64>, Basis)> {
        let second = |at: Option<Instant>| at.map(|at| at.timestamp().as_second());
        turns(knowledge)
            .into_iter()
            .map(|turn| (turn.so, second(turn.at.earliest()), second(turn.at.latest()), turn.at.basis()))
            .collect()
    }

    #[test]
    fn looks_alone_bound_a_turn() {
        let known = vec![seen(0, false), seen(24 * HOUR, false), seen(48 * HOUR, true)];
        let expected = (true, Some(24 * HOUR), Some(48 * HOUR + 600), Basis::Snapshots);
        assert_eq!(bounds(known), [(false, None, Some(600), Basis::Unknown), expected]);
    }

    #[test]
    fn a_turn_that_a_listing_bounds_rests_on_it() {
        let listed = |second, so| Knowledge::Seen { from: at(second), to: at(second), so, listing: true };
        let basis = |known| bounds(known)[1].3;
        let after = vec![seen(0, false), listed(24 * HOUR, false), seen(48 * HOUR, true)];
        assert_eq!(bounds(after.clone())[1], (true, Some(24 * HOUR), Some(48 * HOUR + 600), Basis::Listing));
        let seen_again = [after, vec![seen(30 * HOUR, false)]].concat();
        assert_eq!(basis(seen_again), Basis::Snapshots, "a snapshot after the listing is the bound");
        assert_eq!(basis(vec![seen(0, false), listed(24 * HOUR, true), seen(48 * HOUR, true)]), Basis::Listing);
    }

    #[test]
    fn an_event_between_looks_is_the_turn() {
        let known = vec![seen(0, false), event(5 * HOUR, true, "e1"), seen(24 * HOUR, true)];
        let turns = turns(known);
        assert_eq!(turns[1].at, Interval::exact(at(5 * HOUR), Basis::Event));
        assert_eq!((turns[1].events.as_slice(), turns[1].skewed), (&["e1".to_owned()][..], false));
    }

    #[test]
    fn an_event_during_a_look_contradicts_neither_sight() {
        for so in [false, true] {
            let known =
                vec![seen(0, false), event(24 * HOUR + 300, true, "e1"), seen(24 * HOUR, so), seen(48 * HOUR, true)];
            assert_eq!(bounds(known)[1..], [(true, Some(24 * HOUR + 300), Some(24 * HOUR + 300), Basis::Event)]);
        }
    }

    #[test]
    fn a_clock_that_is_behind_widens_the_turn_and_is_told() {
        let known = vec![seen(0, false), seen(24 * HOUR, true), event(24 * HOUR + 660, true, "e1")];
        let turns = turns(known);
        assert_eq!(turns[1].at, Interval::between(Some(at(24 * HOUR + 600)), Some(at(24 * HOUR + 660)), Basis::Event));
        assert!(turns[1].skewed);
    }

    #[test]
    fn an_event_and_a_record_of_the_same_turn_are_one() {
        let known =
            vec![seen(0, false), record(5 * HOUR, true), event(5 * HOUR + 2, true, "e1"), seen(24 * HOUR, true)];
        assert_eq!(bounds(known)[1..], [(true, Some(5 * HOUR), Some(5 * HOUR + 2), Basis::Event)]);
    }

    #[test]
    fn who_leaves_and_returns_and_leaves_has_two_spans() {
        let known = vec![
            seen(0, false),
            event(5 * HOUR, true, "e1"),
            event(30 * HOUR, false, "e2"),
            seen(48 * HOUR, false),
            seen(72 * HOUR, true),
        ];
        let spans = spans(turns(known));
        assert_eq!(spans.len(), 2);
        assert_eq!(spans[0].until.unwrap().instant(), Some(at(30 * HOUR)));
        assert_eq!((spans[1].since.earliest(), spans[1].until), (Some(at(48 * HOUR)), None));
    }

    #[test]
    fn a_state_seen_first_and_then_dated_by_its_record_has_that_date() {
        let known = vec![seen(10 * HOUR, true), record(2 * HOUR, true)];
        assert_eq!(bounds(known), [(true, Some(2 * HOUR), Some(2 * HOUR), Basis::Record)]);
    }

    #[test]
    fn a_look_that_could_not_tell_takes_back_what_looks_said_and_no_event() {
        let unclear = |from: i64| Knowledge::Unclear { to: at(from + 600) };
        let known = vec![seen(0, true), unclear(24 * HOUR), unclear(48 * HOUR), seen(72 * HOUR, true)];
        let open = (false, Some(0), Some(24 * HOUR + 600), Basis::Unknown);
        // It may have been so again as soon as the first of them.
        let again = (true, None, Some(72 * HOUR + 600), Basis::Snapshots);
        assert_eq!(bounds(known), [(true, None, Some(600), Basis::Unknown), open, again]);
        let told = vec![seen(0, false), event(5 * HOUR, true, "e1"), unclear(24 * HOUR), unclear(48 * HOUR)];
        assert_eq!(bounds(told)[1..], [(true, Some(5 * HOUR), Some(5 * HOUR), Basis::Event)]);
        let later = vec![unclear(0), event(5 * HOUR, true, "e1")];
        assert_eq!(bounds(later)[1..], [(true, Some(5 * HOUR), Some(5 * HOUR), Basis::Event)]);
    }

    #[test]
    fn both_is_the_meeting_of_two() {
        let one = spans(turns(vec![event(HOUR, true, "a"), event(9 * HOUR, false, "b")]));
        let other = spans(turns(vec![event(3 * HOUR, true, "c")]));
        let both = both(&one, &other);
        assert_eq!(both.len(), 1);
        assert_eq!(both[0].since.instant(), Some(at(3 * HOUR)));
        assert_eq!(both[0].until.unwrap().instant(), Some(at(9 * HOUR)));
        assert!(super::both(&one, &spans(turns(vec![event(9 * HOUR, true, "d")]))).is_empty());
    }

    proptest! {
        /// Against a truth that turns at whole days, seen by looks and told by some events: no turn excludes the truth.
        #[test]
        fn the_truth_is_within_the_bounds(
            flips in proptest::collection::btree_set(1i64..40, 0..5),
            looks in proptest::collection::btree_set(0i64..41, 1..12),
            told in proptest::collection::vec(any::<bool>(), 5),
        ) {
            // The state at an hour: it turns in the middle of a day, and is looked at when a day begins.
            let day = 24 * HOUR;
            let so = |second: i64| flips.iter().filter(|flip| **flip * day + day / 2 <= second).count() % 2 == 1;
            let mut known: Vec<Knowledge<'_>> = looks.iter().map(|look| seen(look * day, so(look * day))).collect();
            let complete = flips.iter().zip(&told).all(|(_, told)| *told);
            for (flip, _) in flips.iter().zip(&told).filter(|(_, told)| **told) {
                known.push(event(flip * day + day / 2, so(flip * day + day / 2), "e"));
            }
            let turns = turns(known);
            for pair in turns.windows(2) {
                prop_assert_ne!(pair[0].so, pair[1].so);
            }
            // With every event told, every turn after the first is one of the truth's.
            for turn in turns.iter().skip(1) {
                let found = flips.iter().any(|flip| turn.at.may_be(at(flip * day + day / 2)) && so(flip * day + day / 2) == turn.so);
                prop_assert!(found, "{turn:?} of {flips:?}");
            }
            if complete {
                prop_assert!(turns.len() <= flips.len() + 1);
            }
        }
    }
}
