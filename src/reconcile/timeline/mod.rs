//! How things went over a period: who left, who got access, who moved, what changed, each with its time.
//!
//! A time comes from a log's event, from a timestamp of the source, or from two looks between which something changed; it is
//! an interval whenever it is not exact, and what two clocks say differently is widened. A day without a look and a window
//! without a log make intervals wider, so they can turn a pass into an open question and never the other way round.
//!
//! 1. [`looks`] and [`turns`]: the arithmetic of looks, records and events.
//! 2. [`events`] and [`past`]: the logs and the history by what they are about; who held what by which path.
//! 3. [`lives`]: whose all of that is, people who are in no source any more included.
//! 4. [`departures`] and [`activity`]: leavers.

mod activity;
mod departures;
mod events;
mod lives;
mod looks;
mod past;
mod turns;

use super::Ledger;
use crate::model::History;
use crate::model::id::{AccountId, GroupId, PermissionSetArn, UserId};

pub use activity::Activity;
pub use departures::{Departure, EndTested, LeftBy, hours};
pub use events::{covers, holes, trail_windows};
pub use lives::Life;
pub use past::Holding;

/// What is concluded about a period.
#[derive(Debug)]
pub struct Timelines<'a> {
    lives: Vec<Life<'a>>,
    departures: Vec<Departure<'a>>,
    past: past::Past<'a>,
}

/// Derives the timelines; none without a period, or without the history that a period needs.
pub(super) fn build<'a>(ledger: &Ledger<'a>) -> Option<Timelines<'a>> {
    let (period, history) = (ledger.period()?, ledger.snapshot().history()?);
    let past = past::Past::new(history);
    let events = events::Events::new(ledger.snapshot());
    let lives = lives::assemble(ledger, &past);
    let world = departures::World { ledger, past: &past, events: &events, period };
    let departures = departures::departures(&world, &lives);
    Some(Timelines { lives, departures, past })
}

impl<'a> Timelines<'a> {
    /// Everybody the period may be about.
    pub fn lives(&self) -> &[Life<'a>] {
        &self.lives
    }

    /// A life by position.
    pub fn life(&self, at: u32) -> Option<&Life<'a>> {
        self.lives.get(at as usize)
    }

    /// Everybody who left in the period; who left twice, twice.
    pub fn departures(&self) -> &[Departure<'a>] {
        &self.departures
    }

    /// The history it rests on.
    pub fn history(&self) -> &'a History {
        self.past.history
    }

    /// The last name a user had, whether it exists or not.
    pub fn user_name(&self, id: &UserId) -> Option<&'a str> {
        self.past.user_name(id)
    }

    /// The last name a group had, whether it exists or not.
    pub fn group_name(&self, id: &GroupId) -> Option<&'a str> {
        self.past.group_name(id)
    }

    /// The last name an account had.
    pub fn account_name(&self, id: &AccountId) -> Option<&'a str> {
        self.past.account_name(id)
    }

    /// The last name a permission set had.
    pub fn set_name(&self, arn: &PermissionSetArn) -> Option<&'a str> {
        self.past.set_name(arn)
    }
}
