//! Whose role changed in the period, and what they kept from before.

use std::collections::HashMap;

use super::World;
use super::departures::Departure;
use super::lives::Life;
use super::past::Holding;
use super::roles::Roles;
use crate::config::AccessEntry;
use crate::model::event::Action;
use crate::model::history::{PastEngagement, PastIdpUser, Spell};
use crate::model::id::{IdpGroupId, IdpName, IdpUserId};
use crate::model::time::{Basis, Tri};
use crate::model::{Deadline, Elapsed, Event, Fact, Instant, Interval};
use crate::reconcile::Person;
use crate::reconcile::events::last_within;
use crate::reconcile::policy::{Policy, gives_by_name, is_live};
use crate::reconcile::text::fold;

/// Something about a person's role changed.
#[derive(Debug)]
pub struct Move<'a> {
    /// Whose life it is, by position.
    pub life: u32,
    /// `department`, `title`, `manager`, `type` or `group`.
    pub attribute: &'static str,
    /// What it was; empty for a group that was joined.
    pub old: String,
    /// What it became; empty for a group that was left.
    pub new: String,
    /// When.
    pub changed: Interval,
    /// The log event that says so.
    pub event: Option<&'a Event>,
    /// The first look that shows the new state, by position; none where none could.
    pub shown: Option<u32>,
    /// What was held before and is held still.
    pub carried_over: Vec<Holding<'a>>,
    /// What was held before and is not any more.
    pub removed: Vec<Holding<'a>>,
    /// Of what was carried over: what policy does not allow the new role, and has had its time.
    pub overdue: Vec<Holding<'a>>,
    /// The longest time that something lasted which the new role does not allow, where it is bounded.
    pub elapsed: Option<Elapsed>,
    /// Held against `policy.mover_sla`; none where no policy says what the new role allows, and for who left with it.
    pub result: Option<Deadline>,
    /// What the result rests on, where it is less than snapshots and logs, in sentences.
    pub notes: Vec<String>,
}

/// A change before it is held against what the person has.
#[derive(Clone)]
struct Changed<'a> {
    attribute: &'static str,
    old: String,
    new: String,
    /// The last look that shows the old state.
    before: u32,
    /// The first look that shows the new one.
    shown: Option<u32>,
    /// When it changed.
    at: Interval,
    event: Option<&'a Event>,
}

/// Everybody's moves, in the order of the lives.
pub(super) fn moves<'a>(world: &World<'_, 'a>, lives: &[Life<'a>], departures: &[Departure<'a>]) -> Vec<Move<'a>> {
    let judge = Judge { policy: Policy::new(world.ledger), roles: Roles::new(world) };
    let groups = Mapped::new(world);
    let end = world.period.end().min(world.ledger.as_of());
    let mut moves = Vec::new();
    for (at, life) in (0u32..).zip(lives) {
        let mut changes = by_roster(world, life);
        for change in by_idp(world, life) {
            // The roster is where the identity provider has it from, and says it first.
            let known = changes
                .iter()
                .any(|known| known.attribute == change.attribute && fold(&known.new) == fold(&change.new));
            if !known {
                changes.push(change);
            }
        }
        changes.extend(groups.of(life));
        changes.retain(|change| change.at.may_be_within(world.period.from(), end));
        if changes.is_empty() {
            continue;
        }
        let holdings: Vec<Holding<'a>> =
            life.users.iter().flat_map(|user| world.past.holdings(user, world.events)).collect();
        let person = life.person.and_then(|person| world.ledger.people().get(person));
        let left = departures.iter().filter(|departure| departure.life == at);
        let left: Vec<&Departure<'a>> = left.collect();
        // The last role is today's, which is known better than an earlier one.
        let last = changes.iter().map(|change| change.before).max();
        for change in changes {
            let role = if left.iter().any(|departure| is_of_leaving(&change, departure)) {
                Role::Gone
            } else if Some(change.before) == last && left.is_empty() {
                Role::Today
            } else {
                Role::Then
            };
            moves.push(moved(world, &judge, (at, life, person), change, &holdings, role));
        }
    }
    moves
}

/// What roles are held against.
struct Judge<'a> {
    policy: Policy<'a>,
    roles: Roles<'a>,
}

/// Which role a change led to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The one of today.
    Today,
    /// One that another change ended, or leaving.
    Then,
    /// None: they had left, or were leaving.
    Gone,
}

/// Whether a change came with leaving, or while somebody was gone.
fn is_of_leaving(change: &Changed<'_>, departure: &Departure<'_>) -> bool {
    let before = change.at.latest().zip(departure.since.earliest()).is_some_and(|(changed, left)| changed < left);
    let back = departure.returned.and_then(|back| back.latest());
    let after = back.zip(change.at.earliest()).is_some_and(|(back, changed)| changed >= back);
    !before && !after
}

fn moved<'a>(
    world: &World<'_, 'a>,
    Judge { policy, roles }: &Judge<'a>,
    (at, life, person): (u32, &Life<'a>, Option<&Person>),
    change: Changed<'a>,
    holdings: &[Holding<'a>],
    role: Role,
) -> Move<'a> {
    let sla = world.ledger.config().policy.mover_sla;
    let before: Vec<&Holding<'a>> = holdings.iter().filter(|holding| holding.held_at(change.before)).collect();
    let last = world.past.looks.last();
    let seen = world.ledger.snapshot().ended_at().min(world.ledger.as_of());
    let entries = person.map(|person| policy.matching(world.ledger, person)).unwrap_or_default();
    let unread = person.is_none_or(|person| policy.needs_unread_groups(world.ledger, person));
    let today = |holding: &Holding<'a>| allowed(world, &entries, holding, unread);
    // The role they came into, and the one they had when their time was up: another change may lie between.
    let due = change.at.latest().and_then(|at| at.timestamp().checked_add(sla.duration()).ok()).map(Instant::new);
    let due = due.and_then(|due| world.past.looks.iter().find(|(_, look)| look.started_at >= due));
    let times = [change.shown.unwrap_or(last), due.map_or(last, |(at, _)| at)];
    let then = |holding: &Holding<'a>| {
        let verdicts = times.map(|look| roles.allowed(world, life, holding, look));
        [Tri::Yes, Tri::Maybe].into_iter().find(|verdict| verdicts.contains(verdict)).unwrap_or(Tri::No)
    };
    let (mut carried_over, mut removed, mut overdue) = (Vec::new(), Vec::new(), Vec::new());
    let mut elapsed: Option<Elapsed> = None;
    let mut worst = Deadline::Met;
    let mut judged = true;
    let mut listed = false;
    for holding in before {
        let held = holding.held_at(last);
        let end = holding.until.unwrap_or_else(|| Interval::not_before(seen, Basis::Snapshots));
        if held {
            carried_over.push(holding.clone())
        } else {
            removed.push(holding.clone())
        }
        let took = Elapsed::between(&change.at, &end);
        let deadline = took.within(sla);
        if deadline == Deadline::Met {
            elapsed = Some(longer(elapsed, took));
            continue;
        }
        if world.ledger.config().access.is_empty() || role == Role::Gone {
            judged = false;
            continue;
        }
        match if role == Role::Today { today(holding) } else { then(holding) } {
            Tri::Yes => continue,
            Tri::Maybe => worst = worst.min(Deadline::Undecided),
            Tri::No => {
                listed |= deadline == Deadline::Missed && end.basis() == Basis::Listing;
                worst = worst.min(deadline);
                if held && deadline == Deadline::Missed && today(holding) == Tri::No {
                    overdue.push(holding.clone());
                }
            }
        }
        elapsed = Some(longer(elapsed, took));
    }
    let Changed { attribute, old, new, before: _, shown, at: changed, event } = change;
    let result = (role != Role::Gone && (judged || worst == Deadline::Missed)).then_some(worst);
    let mut notes = Vec::new();
    if role == Role::Gone {
        notes.push("They had left by then, or were leaving: see leavers.csv.".to_owned());
    }
    if listed {
        notes.push(
            "That something was still held rests on a listing that somebody kept, not on a sealed snapshot.".to_owned(),
        );
    }
    Move {
        life: at,
        attribute,
        old,
        new,
        changed,
        event,
        shown,
        carried_over,
        removed,
        overdue,
        elapsed,
        result,
        notes,
    }
}

/// The longer of two times; one without a bound is the longest.
fn longer(one: Option<Elapsed>, other: Elapsed) -> Elapsed {
    let Some(one) = one else { return other };
    Elapsed { least: one.least.max(other.least), most: one.most.zip(other.most).map(|(one, other)| one.max(other)) }
}

/// Whether an entry of the person's role gives what is held; perhaps, where the role or a name was not read.
fn allowed(world: &World<'_, '_>, entries: &[&AccessEntry], holding: &Holding<'_>, doubtful: bool) -> Tri {
    let Some(account) = world.ledger.entitlements().account(&holding.assignment.account) else { return Tri::Maybe };
    let set = world.past.set_name(&holding.assignment.permission_set);
    let live = entries.iter().filter(|entry| is_live(world.ledger, entry));
    let verdicts: Vec<Tri> = live.map(|entry| gives_by_name(entry, account, set)).collect();
    if doubtful {
        Tri::Maybe
    } else {
        [Tri::Yes, Tri::Maybe].into_iter().find(|verdict| verdicts.contains(verdict)).unwrap_or(Tri::No)
    }
}

/// An attribute's name, and how it is read.
type Attribute<V> = (&'static str, fn(&V) -> Option<&str>);

/// Changes between the spells of a thing, attribute by attribute.
fn between<'a, V>(world: &World<'_, 'a>, spells: &[Spell<V>], attributes: &[Attribute<V>]) -> Vec<Changed<'a>> {
    let mut changes = Vec::new();
    for pair in spells.windows(2) {
        let [before, after] = pair else { continue };
        for (attribute, of) in attributes {
            let (old, new) = (of(&before.value), of(&after.value));
            if old.and_then(fold) != new.and_then(fold) {
                changes.push(Changed {
                    attribute,
                    old: old.unwrap_or_default().to_owned(),
                    new: new.unwrap_or_default().to_owned(),
                    before: before.last,
                    shown: Some(after.first),
                    at: Interval::between(
                        world.past.looks.started(before.last),
                        world.past.looks.ended(after.first),
                        Basis::Snapshots,
                    ),
                    event: None,
                });
            }
        }
    }
    changes
}

fn by_roster<'a>(world: &World<'_, 'a>, life: &Life<'a>) -> Vec<Changed<'a>> {
    let attributes: [Attribute<PastEngagement>; 4] = [
        ("department", |value| value.department.as_deref()),
        ("title", |value| value.title.as_deref()),
        ("manager", |value| value.manager.as_deref()),
        ("type", |value| value.worker_type.as_deref()),
    ];
    life.engagements.iter().flat_map(|track| between(world, &track.spells, &attributes)).collect()
}

fn by_idp<'a>(world: &World<'_, 'a>, life: &Life<'a>) -> Vec<Changed<'a>> {
    let attributes: [Attribute<PastIdpUser>; 4] = [
        ("department", |value| value.department.as_deref()),
        ("title", |value| value.title.as_deref()),
        ("manager", |value| value.manager.as_deref()),
        ("type", |value| value.user_type.as_deref()),
    ];
    let mut changes = Vec::new();
    for (idp, user) in &life.idp_users {
        let Some(track) = world.past.idp_user(idp, user) else { continue };
        let source = format!("idp:{idp}");
        let events = world.events.of_idp_user(&source, user.as_str());
        for mut change in between(world, &track.spells, &attributes) {
            // The log names the attribute by its own name, so the words only have to be alike.
            let about: Vec<&'a Event> = events
                .iter()
                .copied()
                .filter(|event| {
                    event.detail.as_deref().is_some_and(|detail| detail.to_lowercase().contains(change.attribute))
                })
                .collect();
            if let Some(event) = last_within(&about, &[Action::UserChanged], change.at) {
                change.at = change.at.refine(Interval::exact(event.at, Basis::Event));
                change.event = Some(event);
            }
            changes.push(change);
        }
    }
    changes
}

/// Who came into, or went from, groups that give access: by policy, or by bearing the name of a directory group.
struct Mapped<'a> {
    changes: HashMap<(&'a IdpName, &'a IdpUserId), Vec<Changed<'a>>>,
}

impl<'a> Mapped<'a> {
    fn new(world: &World<'_, 'a>) -> Self {
        let mut names: HashMap<(&'a IdpName, &'a IdpGroupId), &'a str> = HashMap::new();
        for idp in world.ledger.snapshot().idps() {
            for group in idp.groups.iter().flatten() {
                names.insert((&idp.name, &group.id), &group.name);
            }
        }
        let mapped: std::collections::HashSet<String> = {
            let policy = world.ledger.config().access.iter().filter_map(|entry| entry.matches.group.as_deref());
            let directory =
                world.past.history.groups.iter().filter_map(|track| Some(track.spells.last()?.value.as_str()));
            policy.chain(directory).filter_map(fold).collect()
        };
        let mut index = Self { changes: HashMap::new() };
        for track in &world.past.history.idp_memberships {
            let (idp, group, user) = (&track.key.0, &track.key.1, &track.key.2);
            let Some(name) = names.get(&(idp, group)).copied() else { continue };
            let looks = world.past.looks.except(world.past.history.members_unknown(idp, group));
            if !fold(name).is_some_and(|name| mapped.contains(&name)) {
                continue;
            }
            let source = format!("idp:{idp}");
            let mut note = |joined: bool, (before, shown): (u32, Option<u32>), at: Interval, action: Action| {
                let events = world.events.of_idp_user(&source, user.as_str());
                let of_group: Vec<&'a Event> =
                    events.iter().copied().filter(|event| event.group.as_deref() == Some(group.as_str())).collect();
                let event = last_within(&of_group, &[action], at);
                // Where neither a look nor the log shows that they left, the members are merely not known since.
                if shown.is_none() && event.is_none() {
                    return;
                }
                let at = event.map_or(at, |event| at.refine(Interval::exact(event.at, Basis::Event)));
                let (name, none) = (name.to_owned(), String::new());
                let (old, new) = if joined { (none, name) } else { (name, none) };
                let change = Changed { attribute: "group", old, new, before, shown, at, event };
                index.changes.entry((idp, user)).or_default().push(change);
            };
            for stretch in looks.presence(&track.spells, Fact::IdpGroups) {
                // Somebody who was not there before joined as a newcomer, and moved from nowhere.
                let newcomer = world
                    .past
                    .idp_user(idp, user)
                    .and_then(|user| user.spells.first())
                    .is_none_or(|spell| spell.first >= stretch.first);
                if let (Some(before), false) = (looks.whole_before(stretch.first, &[Fact::IdpGroups]), newcomer) {
                    let came = looks.came(stretch.first, &[Fact::IdpGroups]);
                    note(true, (before, Some(stretch.first)), came, Action::MemberAdded);
                }
                if let Some(went) = looks.went(stretch.last, &[Fact::IdpGroups]) {
                    let shown = looks.whole_after(stretch.last, &[Fact::IdpGroups]);
                    note(false, (stretch.last, shown), went, Action::MemberRemoved);
                }
            }
        }
        index
    }

    fn of(&self, life: &Life<'a>) -> Vec<Changed<'a>> {
        life.idp_users.iter().filter_map(|key| self.changes.get(key)).flatten().cloned().collect()
    }
}
