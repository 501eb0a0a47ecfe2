//! How things went over a period: who left, who got access, who moved, what changed, each with its time.
//!
//! A time comes from a log's event, from a timestamp of the source, or from two looks between which something changed; it is
//! an interval whenever it is not exact, and what two clocks say differently is widened. A day without a look and a window
//! without a log make intervals wider, so they can turn a pass into an open question and never the other way round.
//!
//! 1. `looks` and `turns`: the arithmetic of looks, records and events.
//! 2. `past`: the history by what it is about; who held what by which path; `fleeting`: what came and went between looks.
//! 3. `lives`: whose all of that is, people who are in no source any more included.
//! 4. `departures` and `activity`: leavers; `joins`: what began; `moves`: whose role changed; `roles`: what
//!    policy allowed them then.

mod absences;
mod activity;
mod approved;
mod departures;
mod episodes;
mod fleeting;
mod joins;
mod lives;
mod looks;
mod moves;
mod past;
mod roles;
mod turns;

use std::collections::HashMap;

use super::Ledger;
use super::events::{Events, last_within};
use crate::model::event::Action;
use crate::model::finding::stable_id;
use crate::model::id::{AccountId, GroupId, PermissionSetArn, UserId};
use crate::model::time::Basis;
use crate::model::{Assignment, Event, History, Instant, Interval, Period};

pub use activity::Activity;
pub use approved::Approved;
pub use departures::{Departure, EndTested, LeftBy, hours};
pub use joins::Joining;
pub use lives::Life;
pub use moves::Move;
pub use past::Holding;

/// What timelines are derived from.
struct World<'w, 'a> {
    ledger: &'w Ledger<'a>,
    past: &'w past::Past<'a>,
    events: &'w Events<'a>,
    period: Period,
}

/// A permission set's change: which, its name, when, the looks that show the new content, and the event that tells it.
pub type RoleChange<'a> = (&'a PermissionSetArn, &'a str, Interval, (u32, u32), Option<&'a Event>);

/// What is concluded about a period.
#[derive(Debug)]
pub struct Timelines<'a> {
    lives: Vec<Life<'a>>,
    departures: Vec<Departure<'a>>,
    changed: Vec<Holding<'a>>,
    joinings: Vec<Joining<'a>>,
    moves: Vec<Move<'a>>,
    past: past::Past<'a>,
    set_events: HashMap<&'a str, Vec<&'a Event>>,
}

/// Derives the timelines; none without a period, or without the history that a period needs.
pub(super) fn build<'a>(ledger: &Ledger<'a>) -> Option<Timelines<'a>> {
    let (period, history) = (ledger.period()?, ledger.snapshot().history()?);
    let past = past::Past::new(history, episodes::Episodes::new(ledger.snapshot().events()));
    let lives = lives::assemble(ledger, &past);
    let world = World { ledger, past: &past, events: ledger.events(), period };
    let departures = departures::departures(&world, &lives);
    let changed = past.changed(ledger.events());
    let joinings = joins::joinings(&world, &lives, &changed);
    let moves = moves::moves(&world, &lives, &departures);
    let mut set_events: HashMap<&'a str, Vec<&'a Event>> = HashMap::new();
    for event in ledger.snapshot().events().iter().flat_map(|log| &log.events) {
        let changed = matches!(event.action, Action::PermissionSetChanged | Action::PermissionSetCreated);
        if let (Some(set), true) = (event.permission_set.as_deref(), changed && event.succeeded != Some(false)) {
            set_events.entry(set).or_default().push(event);
        }
    }
    Some(Timelines { lives, departures, changed, joinings, moves, past, set_events })
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

    /// A life's name for people, from the source that has one, the nearest to today first.
    pub fn name_of<'s>(&'s self, ledger: &Ledger<'a>, at: u32) -> &'s str {
        let Some(life) = self.life(at) else { return "" };
        let person = life.person.and_then(|person| ledger.people().get(person));
        let today = person.and_then(|person| {
            let users = person.users.iter().filter_map(|user| ledger.user(*user)?.display_name.as_deref());
            let records = person.idp_users.iter().filter_map(|at| ledger.idp_user(*at)?.display_name.as_deref());
            users.chain(records).next()
        });
        let records = life.records.iter().find_map(|record| record.display_name.as_deref());
        let past = || {
            let users = life.users.iter().filter_map(|user| self.past.user(user)?.spells.last());
            let idp = life.idp_users.iter().filter_map(|(idp, user)| self.past.idp_user(idp, user)?.spells.last());
            let hr = life.engagements.iter().filter_map(|track| track.spells.last());
            let names = users.filter_map(|spell| spell.value.display_name.as_deref());
            let names = names.chain(idp.filter_map(|spell| spell.value.display_name.as_deref()));
            names.chain(hr.filter_map(|spell| spell.value.display_name.as_deref())).next()
        };
        today.or(records).or_else(past).unwrap_or_else(|| self.sign_in_name(life))
    }

    /// The name a life signs in with, or whatever else tells it apart.
    pub fn sign_in_name(&self, life: &Life<'a>) -> &'a str {
        let user = life.users.iter().find_map(|user| self.past.user_name(user));
        let idp = || {
            let mut tracks =
                life.idp_users.iter().filter_map(|(idp, user)| self.past.idp_user(idp, user)?.spells.last());
            tracks.next().map(|spell| spell.value.user_name.as_str())
        };
        let record =
            || life.records.iter().find_map(|record| record.email.as_deref().or(record.employee_id.as_deref()));
        let engagement = || life.engagements.first().map(|track| track.key.as_str());
        user.or_else(idp).or_else(record).or_else(engagement).unwrap_or("?")
    }

    /// A life's numbers in HR.
    pub fn employee_ids(&self, ledger: &Ledger<'a>, life: &Life<'a>) -> Vec<String> {
        let person = life.person.and_then(|person| ledger.people().get(person));
        let idp = person.into_iter().flat_map(|person| &person.idp_users);
        let idp = idp.filter_map(|at| ledger.idp_user(*at)?.employee_id.clone());
        let hr = life.records.iter().filter_map(|record| record.employee_id.clone());
        let past = life.idp_users.iter().filter_map(|(idp, user)| self.past.idp_user(idp, user)?.spells.last());
        let mut numbers: Vec<String> =
            idp.chain(hr).chain(past.filter_map(|spell| spell.value.employee_id.clone())).collect();
        if life.records.is_empty() {
            numbers.extend(life.engagements.iter().map(|track| track.key.clone()).filter(|key| !key.contains('@')));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Everybody who left in the period; who left twice, twice.
    pub fn departures(&self) -> &[Departure<'a>] {
        &self.departures
    }

    /// Holdings that began or ended between two looks, of anybody.
    pub fn changed(&self) -> &[Holding<'a>] {
        &self.changed
    }

    /// What began in the period: identities and grants.
    pub fn joinings(&self) -> &[Joining<'a>] {
        &self.joinings
    }

    /// Permission sets whose content changed between two looks: which, its name, when, the looks that show the new content,
    /// and the event that tells it.
    pub fn role_changes(&self) -> Vec<RoleChange<'a>> {
        let mut changes = Vec::new();
        for track in &self.past.history.permission_sets {
            for pair in track.spells.windows(2) {
                let [before, after] = pair else { continue };
                let (old, new) = (&before.value.content, &after.value.content);
                // What could not be read is no other content.
                if old == new || [old, new].into_iter().any(|content| content == "unknown") {
                    continue;
                }
                let (from, to) = (self.past.looks.started(before.last), self.past.looks.ended(after.first));
                let mut at = Interval::between(from, to, Basis::Snapshots);
                let event = self.set_events.get(track.key.as_str()).and_then(|events| {
                    last_within(events, &[Action::PermissionSetChanged, Action::PermissionSetCreated], at)
                });
                if let Some(event) = event {
                    at = at.refine(Interval::exact(event.at, Basis::Event));
                }
                changes.push((&track.key, after.value.name.as_str(), at, (after.first, after.last), event));
            }
        }
        changes
    }

    /// Whose role changed in the period; one for each attribute.
    pub fn moves(&self) -> &[Move<'a>] {
        &self.moves
    }

    /// The contract's `grant_id` of a holding, whether it is still held or not.
    pub fn grant_id(&self, ledger: &Ledger<'a>, holding: &Holding<'_>) -> String {
        let Some(aws) = ledger.aws() else { return String::new() };
        let Assignment { account, permission_set, principal } = holding.assignment.as_ref();
        stable_id(
            "g_",
            &[
                aws.instance.arn.as_str(),
                holding.assignment.plane().as_str(),
                principal.kind().as_str(),
                principal.id(),
                account.as_str(),
                permission_set.as_str(),
                holding.user.as_str(),
            ],
        )
    }

    /// A holding in words: `ReadOnly on prod via GRP-AWS-Engineering`.
    pub fn describe(&self, holding: &Holding<'_>) -> String {
        let Assignment { account, permission_set, .. } = holding.assignment.as_ref();
        let set = self.set_name(permission_set).unwrap_or(permission_set.as_str());
        let account = self.account_name(account).unwrap_or(account.as_str());
        match holding.group {
            Some(group) => format!("{set} on {account} via {}", self.group_name(group).unwrap_or(group.as_str())),
            None => format!("{set} on {account} directly"),
        }
    }

    /// When a look ended.
    pub fn look(&self, at: u32) -> Option<Instant> {
        self.past.looks.ended(at)
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
