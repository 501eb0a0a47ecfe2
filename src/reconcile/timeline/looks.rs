//! What a series of looks says about when something came and went.
//!
//! A look that did not read a fact whole shows what is there and never what is not, so only looks that did bound an absence.

use crate::model::history::{Look, Spell};
use crate::model::time::Basis;
use crate::model::{Fact, Instant, Interval};

/// The looks of a history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looks<'a> {
    looks: &'a [Look],
    /// Looks, by position, that show no absence of the thing in question, whatever they read whole.
    except: &'a [u32],
}

/// Looks from the first to the last at which something was there, and nothing between them says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Stretch {
    /// The looks that both have.
    pub(super) fn meet(self, other: Self) -> Option<Self> {
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then_some(Self { first, last })
    }
}

impl<'a> Looks<'a> {
    pub(super) fn new(looks: &'a [Look]) -> Self {
        Self { looks, except: &[] }
    }

    /// The same looks, of which `except` show no absence.
    pub(super) fn except(self, except: &'a [u32]) -> Self {
        Self { except, ..self }
    }

    /// Every look with its position.
    pub(super) fn iter(self) -> impl Iterator<Item = (u32, &'a Look)> {
        (0u32..).zip(self.looks)
    }

    /// The position of the last look.
    pub(super) fn last(self) -> u32 {
        u32::try_from(self.looks.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    pub(super) fn get(self, at: u32) -> Option<&'a Look> {
        self.looks.get(at as usize)
    }

    pub(super) fn started(self, at: u32) -> Option<Instant> {
        self.get(at).map(|look| look.started_at)
    }

    pub(super) fn ended(self, at: u32) -> Option<Instant> {
        self.get(at).map(|look| look.ended_at)
    }

    /// Whether a look read all of these facts whole.
    pub(super) fn is_whole(self, at: u32, facts: &[Fact]) -> bool {
        !self.except.contains(&at)
            && self.get(at).is_some_and(|look| facts.iter().all(|fact| look.whole.contains(fact)))
    }

    /// The last look before `at` that read the facts whole.
    pub(super) fn whole_before(self, at: u32, facts: &[Fact]) -> Option<u32> {
        (0..at).rev().find(|look| self.is_whole(*look, facts))
    }

    /// The first look after `at` that read the facts whole.
    pub(super) fn whole_after(self, at: u32, facts: &[Fact]) -> Option<u32> {
        (at.saturating_add(1)..=self.last()).find(|look| self.is_whole(*look, facts))
    }

    /// The stretches in which something was there, whatever else changed about it.
    pub(super) fn presence<V>(self, spells: &[Spell<V>], fact: Fact) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        for spell in spells {
            match stretches.last_mut() {
                // No look between the two could have seen that it was not there.
                Some(open) if self.whole_after(open.last, &[fact]).is_none_or(|look| look >= spell.first) => {
                    open.last = spell.last;
                }
                _ => stretches.push(Stretch { first: spell.first, last: spell.last }),
            }
        }
        stretches
    }

    /// The position of the first snapshot: what is there by then began before anything that looks could show.
    pub(super) fn first_snapshot(self) -> u32 {
        self.iter().find(|(_, look)| !look.listing).map_or(0, |(at, _)| at)
    }

    /// How a time is known that this look bounds by showing something.
    pub(super) fn basis(self, at: u32) -> Basis {
        if self.get(at).is_some_and(|look| look.listing) { Basis::Listing } else { Basis::Snapshots }
    }

    /// When something came that is there from the look `first` on: after the last look that shows its absence.
    pub(super) fn came(self, first: u32, facts: &[Fact]) -> Interval {
        let before = self.whole_before(first, facts).and_then(|look| self.started(look));
        Interval::between(before, self.ended(first), self.basis(first))
    }

    /// When something went that is there up to the look `last`: before the first look that shows its absence. None while it
    /// is there at the last of all looks; without a later bound when no later look could have seen its absence.
    pub(super) fn went(self, last: u32, facts: &[Fact]) -> Option<Interval> {
        if last >= self.last() {
            return None;
        }
        let after = self.whole_after(last, facts).and_then(|look| self.ended(look));
        Some(Interval::between(self.started(last), after, self.basis(last)))
    }
}

/// Dates of looks for tests: one a day at noon, an hour long, with these facts whole.
#[cfg(test)]
pub(super) fn daily(days: u32, whole: &[Fact]) -> Vec<Look> {
    let noon = 1_751_371_200; // 2025-07-01T12:00:00Z
    (0..days)
        .map(|day| {
            let start = Instant::from_epoch_seconds(noon + i64::from(day) * 86_400).unwrap();
            let end = Instant::from_epoch_seconds(noon + i64::from(day) * 86_400 + 3_600).unwrap();
            let (digest, mut whole) = (format!("{day:064}"), whole.to_vec());
            whole.sort_unstable();
            Look { started_at: start, ended_at: end, digest, whole, listing: false }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACT: Fact = Fact::DirectoryUsers;

    fn spell(first: u32, last: u32) -> Spell<()> {
        Spell { first, last, value: () }
    }

    #[test]
    fn what_came_between_two_looks_came_between_them() {
        let looks = daily(5, &[FACT]);
        let looks = Looks::new(&looks);
        let came = looks.came(2, &[FACT]);
        assert_eq!((came.earliest(), came.latest()), (looks.started(1), looks.ended(2)));
        assert_eq!(looks.came(0, &[FACT]).earliest(), None, "what is there at the first look is of unknown age");
        let went = looks.went(2, &[FACT]).unwrap();
        assert_eq!((went.earliest(), went.latest()), (looks.started(2), looks.ended(3)));
        assert_eq!(looks.went(4, &[FACT]), None);
    }

    #[test]
    fn a_look_that_is_not_whole_bounds_nothing() {
        let mut looks = daily(5, &[FACT]);
        looks[1].whole.clear();
        looks[3].whole.clear();
        looks[4].whole.clear();
        let looks = Looks::new(&looks);
        assert_eq!(looks.came(2, &[FACT]).earliest(), looks.started(0));
        let went = looks.went(2, &[FACT]).unwrap();
        assert_eq!((went.earliest(), went.latest()), (looks.started(2), None));
    }

    #[test]
    fn a_listing_bounds_by_what_it_shows_and_is_named() {
        let mut looks = daily(5, &[FACT]);
        (looks[1].listing, looks[3].listing) = (true, true);
        looks[1].whole.clear();
        looks[3].whole.clear();
        let looks = Looks::new(&looks);
        let came = looks.came(1, &[FACT]);
        assert_eq!((came.earliest(), came.latest(), came.basis()), (looks.started(0), looks.ended(1), Basis::Listing));
        let went = looks.went(3, &[FACT]).unwrap();
        assert_eq!((went.earliest(), went.latest(), went.basis()), (looks.started(3), looks.ended(4), Basis::Listing));
        // What it lacks is not absent, so it is no bound of that.
        let came = looks.came(2, &[FACT]);
        assert_eq!((came.earliest(), came.basis()), (looks.started(0), Basis::Snapshots));
        assert_eq!(looks.first_snapshot(), 0);
    }

    #[test]
    fn a_change_of_value_is_no_absence() {
        let looks = daily(8, &[FACT]);
        let looks = Looks::new(&looks);
        let stretches = looks.presence(&[spell(0, 2), spell(3, 4), spell(6, 7)], FACT);
        assert_eq!(stretches, [Stretch { first: 0, last: 4 }, Stretch { first: 6, last: 7 }]);
    }
}
