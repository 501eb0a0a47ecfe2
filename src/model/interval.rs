//! Times that are known within bounds, and what they say of a deadline.
//!
//! Nothing here guesses: a bound that is not known is absent, and a deadline is met or missed only where every instant
//! within the bounds says so.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::time::{Basis, Instant, Span};

/// Two clocks that differ by no more than this may be telling the same instant (five minutes is the skew that RFC 4120,
/// section 8.2, recommends to accept).
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// When something happened: not before `earliest`, not after `latest`; a missing bound is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    earliest: Option<Instant>,
    latest: Option<Instant>,
    basis: Basis,
}

impl Interval {
    /// Exactly then, by a timestamp of the source or a log.
    pub fn exact(at: Instant, basis: Basis) -> Self {
        Self { earliest: Some(at), latest: Some(at), basis }
    }

    /// Some time up to `latest`: the state was seen then, nothing says since when.
    pub fn by(latest: Instant) -> Self {
        Self { earliest: None, latest: Some(latest), basis: Basis::Unknown }
    }

    /// Some time from `earliest` on, if ever: at that instant it had not happened yet.
    pub fn not_before(earliest: Instant, basis: Basis) -> Self {
        Self { earliest: Some(earliest), latest: None, basis }
    }

    /// Between two bounds, whichever of them is the earlier.
    pub fn between(one: Option<Instant>, other: Option<Instant>, basis: Basis) -> Self {
        let (earliest, latest) = match (one, other) {
            (Some(one), Some(other)) => (Some(one.min(other)), Some(one.max(other))),
            bounds => bounds,
        };
        Self { earliest, latest, basis }
    }

    /// Not before this, if known.
    pub fn earliest(&self) -> Option<Instant> {
        self.earliest
    }

    /// Not after this, if known.
    pub fn latest(&self) -> Option<Instant> {
        self.latest
    }

    /// How it is known.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// The instant itself, where there is only one it can be.
    pub fn instant(&self) -> Option<Instant> {
        self.latest.filter(|latest| self.earliest == Some(*latest))
    }

    /// Whether it may have been at `at`.
    pub fn may_be(&self, at: Instant) -> bool {
        self.earliest.is_none_or(|earliest| earliest <= at) && self.latest.is_none_or(|latest| at <= latest)
    }

    /// Whether it may have been from `from` on and before `end`.
    pub fn may_be_within(&self, from: Instant, end: Instant) -> bool {
        self.earliest.is_none_or(|earliest| earliest < end) && self.latest.is_none_or(|latest| latest >= from)
    }

    /// Two statements about the same instant as one: where both can be right. An event is better evidence than a record, and
    /// a record than looks, so the better basis names the result.
    ///
    /// Where they exclude each other, two clocks differ or one source is wrong, and nobody can say which: then it lies
    /// anywhere between the two, which decides less and never more.
    #[must_use]
    pub fn refine(self, other: Self) -> Self {
        let basis = self.basis.min(other.basis);
        let earliest = self.earliest.max(other.earliest);
        let latest = match (self.latest, other.latest) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        match (earliest, latest) {
            (Some(earliest), Some(latest)) if earliest > latest => self.hull(other),
            _ => Self { earliest, latest, basis },
        }
    }

    /// Everything from the first bound to the last of both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        let earliest = self.earliest.zip(other.earliest).map(|(one, other)| one.min(other));
        let latest = self.latest.zip(other.latest).map(|(one, other)| one.max(other));
        // Both statements bound it, so it is no better known than by a listing where one of them is that.
        let listed = [self.basis, other.basis].contains(&Basis::Listing);
        let basis = if listed { Basis::Listing } else { self.basis.min(other.basis) };
        Self { earliest, latest, basis }
    }

    /// When the later of two things had happened: each needs its own instant, so both bounds are the later ones.
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        // A bound that is not known may lie anywhere, so it is no bound of both unless the other one surpasses it.
        let earliest = self.earliest.max(other.earliest);
        let latest = self.latest.zip(other.latest).map(|(one, other)| one.max(other));
        let decides = if other.latest.is_none() || (self.latest.is_some() && other.latest > self.latest) {
            other.basis
        } else {
            self.basis
        };
        Self { earliest, latest, basis: decides }
    }

    /// When the earlier of two things had happened.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        let earliest = self.earliest.zip(other.earliest).map(|(one, other)| one.min(other));
        let (latest, basis) = match (self.latest, other.latest) {
            (Some(one), Some(two)) if two < one => (Some(two), other.basis),
            (Some(one), _) => (Some(one), self.basis),
            (None, latest) => (latest, other.basis),
        };
        Self { earliest, latest, basis }
    }

    /// Whether more than `span` has certainly, certainly not, or perhaps passed at `at`.
    ///
    /// A span is passed when strictly more time than it has gone by, so a deadline met on the second is met.
    pub fn older_than(&self, span: Span, at: Instant) -> Tri {
        let passed = |start: Instant| at.since(start) > span.duration();
        match (self.earliest.map(passed), self.latest.map(passed)) {
            // Even counted from the latest possible start, too long.
            (_, Some(true)) => Tri::Yes,
            // Even counted from the earliest possible start, not yet.
            (Some(false), _) => Tri::No,
            _ => Tri::Maybe,
        }
    }
}

/// A truth value with room for ignorance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tri {
    /// Certainly.
    Yes,
    /// Certainly not.
    No,
    /// What is known does not decide it.
    Maybe,
}

/// How much time went by between two instants that are known within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed {
    /// At least this much, and never less than nothing: what ended before it began to count took no time.
    pub least: SignedDuration,
    /// At most this much; absent where there is no bound.
    pub most: Option<SignedDuration>,
}

impl Elapsed {
    /// From `start` to `end`.
    pub fn between(start: &Interval, end: &Interval) -> Self {
        let span = |from: Option<Instant>, to: Option<Instant>| {
            from.zip(to).map(|(from, to)| to.since(from).max(SignedDuration::ZERO))
        };
        Self {
            least: span(start.latest, end.earliest).unwrap_or(SignedDuration::ZERO),
            most: span(start.earliest, end.latest),
        }
    }

    /// Holds it against a deadline: met only if even the longest time is within it, missed only if even the shortest is not.
    pub fn within(&self, span: Span) -> Deadline {
        if self.least > span.duration() {
            Deadline::Missed
        } else if self.most.is_some_and(|most| most <= span.duration()) {
            Deadline::Met
        } else {
            Deadline::Undecided
        }
    }
}

/// What became of a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deadline {
    /// Certainly missed.
    Missed,
    /// What is known does not decide it.
    Undecided,
    /// Certainly met.
    Met,
}

impl Deadline {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missed => "fail",
            Self::Undecided => "indeterminate",
            Self::Met => "pass",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Instant {
        Instant::from_epoch_seconds(second).unwrap()
    }

    fn known(earliest: i64, latest: i64, basis: Basis) -> Interval {
        Interval::between(Some(at(earliest)), Some(at(latest)), basis)
    }

    /// Bounds that may be missing, in either order.
    fn intervals() -> impl Strategy<Value = Interval> {
        let bound = || proptest::option::weighted(0.8, 0i64..400_000);
        (bound(), bound()).prop_map(|(a, b)| Interval::between(a.map(at), b.map(at), Basis::Snapshots))
    }

    #[test]
    fn an_event_within_looks_is_the_instant() {
        let looks = known(0, 86_400, Basis::Snapshots);
        let event = Interval::exact(at(1_200), Basis::Event);
        assert_eq!(looks.refine(event), event);
        assert_eq!(event.refine(looks), event);
        assert_eq!(event.instant(), Some(at(1_200)));
        assert_eq!(looks.instant(), None);
    }

    #[test]
    fn clocks_that_differ_widen_and_never_decide() {
        let looks = known(0, 1_000, Basis::Snapshots);
        let event = Interval::exact(at(1_030), Basis::Event);
        assert_eq!(looks.refine(event), known(0, 1_030, Basis::Event));
    }

    #[test]
    fn what_contradicts_a_listing_rests_on_the_listing() {
        let listing = known(0, 1_000, Basis::Listing);
        assert_eq!(listing.refine(Interval::exact(at(1_030), Basis::Event)).basis(), Basis::Listing);
        assert_eq!(listing.refine(Interval::exact(at(900), Basis::Event)), Interval::exact(at(900), Basis::Event));
    }

    #[test]
    fn a_state_seen_later_bounds_nothing_below() {
        let unknown = Interval::by(at(500));
        assert_eq!(Elapsed::between(&unknown, &Interval::exact(at(600), Basis::Event)).most, None);
        let open = Interval::not_before(at(90_000), Basis::Snapshots);
        let start = Interval::exact(at(0), Basis::Record);
        assert_eq!(Elapsed::between(&start, &open).within(Span::days(1)), Deadline::Missed);
        assert_eq!(Elapsed::between(&start, &open).within(Span::days(2)), Deadline::Undecided);
    }

    #[test]
    fn what_ended_before_it_counted_took_no_time() {
        let elapsed = Elapsed::between(&Interval::exact(at(900), Basis::Record), &known(0, 600, Basis::Snapshots));
        assert_eq!(elapsed, Elapsed { least: SignedDuration::ZERO, most: Some(SignedDuration::ZERO) });
        assert_eq!(elapsed.within(Span::minutes(1)), Deadline::Met);
    }

    proptest! {
        #[test]
        fn bounds_stand_in_order(a in proptest::option::of(0i64..100), b in proptest::option::of(0i64..100)) {
            let interval = Interval::between(a.map(at), b.map(at), Basis::Snapshots);
            if let (Some(earliest), Some(latest)) = (interval.earliest(), interval.latest()) {
                prop_assert!(earliest <= latest);
            }
        }

        #[test]
        fn what_both_allow_stays_allowed(one in intervals(), two in intervals(), truth in 0i64..400_000) {
            prop_assert_eq!(one.refine(two), two.refine(one));
            if one.may_be(at(truth)) && two.may_be(at(truth)) {
                prop_assert!(one.refine(two).may_be(at(truth)));
            }
            // Whichever of two sources is right, the interval that spans both has the truth.
            if one.may_be(at(truth)) || two.may_be(at(truth)) {
                prop_assert!(one.hull(two).may_be(at(truth)));
            }
        }

        #[test]
        fn the_later_and_the_earlier_of_two_hold_them(one in intervals(), two in intervals(), a in 0i64..400_000, b in 0i64..400_000) {
            if one.may_be(at(a)) && two.may_be(at(b)) {
                prop_assert!(one.later(two).may_be(at(a.max(b))));
                prop_assert!(one.earlier(two).may_be(at(a.min(b))));
            }
        }

        #[test]
        fn a_deadline_is_decided_only_where_every_truth_agrees(start in intervals(), end in intervals(), a in 0i64..400_000, b in 0i64..400_000, hours in 1u32..100) {
            let sla = Span::hours(hours);
            let verdict = Elapsed::between(&start, &end).within(sla);
            if start.may_be(at(a)) && end.may_be(at(b)) {
                let met = at(b).since(at(a)) <= sla.duration();
                prop_assert!(verdict == Deadline::Undecided || (verdict == Deadline::Met) == met);
            }
        }

        #[test]
        fn exact_times_always_decide(a in 0i64..400_000, b in 0i64..400_000, hours in 1u32..100) {
            let (start, end) = (Interval::exact(at(a), Basis::Event), Interval::exact(at(b), Basis::Record));
            prop_assert_ne!(Elapsed::between(&start, &end).within(Span::hours(hours)), Deadline::Undecided);
        }

        #[test]
        fn wider_bounds_never_decide_otherwise(start in 0i64..200_000, end in 0i64..200_000, wider in 0i64..200_000, hours in 1u32..60) {
            let sla = Span::hours(hours);
            let exact = Elapsed::between(&Interval::exact(at(start), Basis::Event), &Interval::exact(at(end), Basis::Event));
            let wide = Elapsed::between(&Interval::exact(at(start), Basis::Event), &known(end, end + wider, Basis::Snapshots));
            let verdict = wide.within(sla);
            prop_assert!(verdict == Deadline::Undecided || verdict == exact.within(sla));
        }
    }
}
