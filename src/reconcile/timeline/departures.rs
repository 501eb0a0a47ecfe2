//! Who left in the period, when their access ended, and whether that was in time.

use std::cmp::Reverse;

use jiff::SignedDuration;

use super::World;
use super::absences::{blocked, hr_absences, idp_absences, nothing_held};
use super::activity::{self, Activity};
use super::lives::Life;
use super::past::{HOLDING, Holding};
use super::turns::{Span, both};
use crate::model::history::{PastUser, Spell};
use crate::model::time::Basis;
use crate::model::{Deadline, Elapsed, Fact, Instant, Interval, Known, UserStatus};
use crate::reconcile::Strength;
use crate::snapshot::Coverage;

/// Which source says that somebody left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftBy {
    /// The roster.
    Hr,
    /// The identity providers.
    Idp,
}

impl LeftBy {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hr => "hr",
            Self::Idp => "idp",
        }
    }
}

/// What ended access, or that nothing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndTested {
    /// Identity Center lets them sign in no more.
    Blocked,
    /// The last grant was removed.
    Removed,
    /// They came back before either.
    Returned,
    /// Neither happened up to the last look.
    Open,
}

impl EndTested {
    /// The words used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "sign-in blocked",
            Self::Removed | Self::Open => "grants removed",
            Self::Returned => "returned",
        }
    }
}

/// Somebody left.
#[derive(Debug)]
pub struct Departure<'a> {
    /// Whose life it is, by position.
    pub life: u32,
    /// Which source says so.
    pub source: LeftBy,
    /// Since when they are gone: by the first of the reasons.
    pub since: Interval,
    /// The end of their engagement; none where no roster says that it ended.
    pub terminated: Option<Interval>,
    /// When every identity provider record was out of use; none while one is in use.
    pub idp_disabled: Option<Interval>,
    /// When they came back.
    pub returned: Option<Interval>,
    /// When Identity Center let them sign in no more; none while it does.
    pub blocked: Option<Interval>,
    /// When the last grant was removed; none while one is held.
    pub removed: Option<Interval>,
    /// When their access had ended, or was last seen not to have.
    pub end: Interval,
    /// Which end that is.
    pub tested: EndTested,
    /// How long access outlived them.
    pub elapsed: Elapsed,
    /// Held against `policy.leaver_sla`.
    pub result: Deadline,
    /// What they did, and whether after leaving.
    pub activity: Activity<'a>,
    /// When the last session had ended at the latest; none while access goes on, unknown without session lengths.
    pub access_end: Known<Instant>,
    /// What they hold at the last look.
    pub held: Vec<Holding<'a>>,
    /// Whether the last look could see all of that.
    pub held_whole: bool,
    /// The log events it rests on, sorted.
    pub events: Vec<String>,
    /// Why it is undecided, or less certain than it looks, in sentences.
    pub notes: Vec<String>,
}

/// Everybody's departures, in the order of the lives.
pub(super) fn departures<'a>(world: &World<'_, 'a>, lives: &[Life<'a>]) -> Vec<Departure<'a>> {
    let mut all = Vec::new();
    for (at, life) in (0u32..).zip(lives) {
        let hr = hr_absences(world, life);
        let idp = idp_absences(world, life);
        for (source, span, disabled) in episodes(hr, idp) {
            // Who left at the close of a day left on that day, the last one of the period included.
            let end = world.period.end().min(world.ledger.as_of());
            let begun = span.since.latest().is_none_or(|latest| latest > world.period.from());
            if begun && span.since.earliest().is_none_or(|earliest| earliest <= end) {
                all.push(departure(world, (at, life), source, &span, disabled.as_ref()));
            }
        }
    }
    all
}

/// Absences by the roster, with what the identity providers say of each; then those that only they know of.
fn episodes(hr: Vec<Span>, idp: Vec<Span>) -> Vec<(LeftBy, Span, Option<Span>)> {
    let mut left: Vec<Span> = idp;
    let mut episodes = Vec::new();
    for absence in hr {
        let at =
            left.iter().position(|other| !both(std::slice::from_ref(&absence), std::slice::from_ref(other)).is_empty());
        let disabled = at.map(|at| left.remove(at));
        // A second one within the same absence is part of it.
        left.retain(|other| both(std::slice::from_ref(&absence), std::slice::from_ref(other)).is_empty());
        episodes.push((LeftBy::Hr, absence, disabled));
    }
    episodes.extend(left.into_iter().map(|span| (LeftBy::Idp, span.clone(), Some(span))));
    episodes.sort_by_key(|(_, span, _)| (span.since.latest(), span.since.earliest()));
    episodes
}

/// The end of access within an absence: the one that still holds, or for somebody who came back the first one.
fn ending<'s>(spans: &'s [Span], since: &Interval, returned: Option<&Interval>) -> Option<&'s Span> {
    let Some(returned) = returned else {
        return spans.last().filter(|span| span.until.is_none());
    };
    spans.iter().find(|span| {
        let over =
            span.until.and_then(|until| until.latest()).zip(since.earliest()).is_some_and(|(end, gone)| end <= gone);
        let later = span.since.earliest().zip(returned.latest()).is_some_and(|(begin, back)| begin >= back);
        !over && !later
    })
}

/// Access of somebody who was last seen not to be blocked and to hold something at the last look, or at an earlier one where
/// those after it could not have seen whether they are there or what they hold.
fn open_end(world: &World<'_, '_>, life: &Life<'_>, holdings: &[Holding<'_>]) -> Interval {
    let there = life.users.iter().filter_map(|user| {
        let spells = &world.past.user(user)?.spells;
        let let_in = |spell: &&Spell<PastUser>| spell.value.status != Known::Value(UserStatus::Disabled);
        spells.iter().rfind(let_in).map(|spell| spell.last)
    });
    let held = holdings.iter().filter_map(|holding| holding.seen().map(|(_, last)| last));
    let both = there.max().zip(held.max()).map(|(there, held)| there.min(held));
    match both.and_then(|look| Some((look, world.past.looks.get(look)?))) {
        Some((last, _)) if last == world.past.looks.last() => {
            let seen = world.ledger.snapshot().ended_at().min(world.ledger.as_of());
            Interval::not_before(seen, Basis::Snapshots)
        }
        Some((_, look)) => {
            Interval::not_before(look.started_at, if look.listing { Basis::Listing } else { Basis::Snapshots })
        }
        None => Interval::between(None, None, Basis::Unknown),
    }
}

/// Until when access was open of somebody who came back. Between the last look that saw it open and the return it may have
/// been removed and granted again, unless a record of its beginning shows that it lasted throughout.
fn open_until(
    world: &World<'_, '_>,
    life: &Life<'_>,
    holdings: &[Holding<'_>],
    since: &Interval,
    returned: Interval,
) -> Interval {
    let made_before = |made: Option<Instant>| made.is_some_and(|made| Some(made) <= since.earliest());
    let seen_after =
        |look: u32| world.past.looks.get(look).is_some_and(|look| Some(look.started_at) >= returned.latest());
    let recorded = |holding: &Holding<'_>| {
        let theirs = world.past.memberships_of(holding.user).filter(|track| Some(&track.key.0) == holding.group);
        let mut spells = theirs.flat_map(|track| &track.spells);
        spells.any(|spell| made_before(spell.value) && seen_after(spell.last) && holding.held_at(spell.last))
    };
    if holdings.iter().any(recorded) {
        return returned;
    }
    let enabled = |look: u32| {
        let spells = life.users.iter().filter_map(|user| world.past.user(user)).flat_map(|track| &track.spells);
        let mut at = spells.filter(|spell| (spell.first..=spell.last).contains(&look));
        at.any(|spell| spell.value.status != Known::Value(UserStatus::Disabled))
    };
    let held = |look: u32| holdings.iter().any(|holding| holding.held_at(look));
    let open = world.past.looks.iter().filter(|(at, look)| {
        Some(look.started_at) <= returned.earliest().or(returned.latest()) && enabled(*at) && held(*at)
    });
    let last = open.map(|(_, look)| look.started_at).max().max(since.earliest());
    Interval::between(last, returned.latest(), Basis::Snapshots)
}

fn departure<'a>(
    world: &World<'_, 'a>,
    (at, life): (u32, &Life<'a>),
    source: LeftBy,
    absence: &Span,
    disabled: Option<&Span>,
) -> Departure<'a> {
    let holdings: Vec<Holding<'a>> =
        life.users.iter().flat_map(|user| world.past.holdings(user, world.events)).collect();
    // Gone since the first of the reasons: an account that was disabled before the last day was of no use since then.
    let since = disabled.map_or(absence.since, |disabled| absence.since.earlier(disabled.since));
    let returned = absence.until;
    let (blocked_spans, removed_spans) = (blocked(world, life), nothing_held(world, life, &holdings));
    let blocked = ending(&blocked_spans, &since, returned.as_ref());
    let removed = ending(&removed_spans, &since, returned.as_ref());
    let sla = world.ledger.config().policy.leaver_sla;
    let ends = [(EndTested::Removed, removed), (EndTested::Blocked, blocked)];
    let first = ends.into_iter().filter_map(|(tested, span)| Some((tested, span?))).min_by_key(|(_, span)| {
        // Either ends access, so the one that may have been in time decides, and of two such the first. Without a later
        // bound it is the last to be relied on.
        let result = Elapsed::between(&since, &span.since).within(sla);
        (Reverse(result), span.since.latest().is_none(), span.since.latest())
    });
    let (tested, end) = match (first, returned) {
        (Some((tested, span)), _) => (tested, span.since),
        (None, Some(returned)) => (EndTested::Returned, open_until(world, life, &holdings, &since, returned)),
        (None, None) => (EndTested::Open, open_end(world, life, &holdings)),
    };
    let elapsed = Elapsed::between(&since, &end);
    let mut notes = Vec::new();
    let mut result = elapsed.within(sla);
    if let Some(why) = doubt(world, life, source) {
        notes.push(why);
        result = Deadline::Undecided;
    }
    let used = [Some(absence), disabled, blocked, removed];
    if used.iter().flatten().any(|span| span.skewed) {
        notes.push(
            "Two clocks disagree about one of these times by less than five minutes; both are within the bounds."
                .to_owned(),
        );
    }
    if end.basis() == Basis::Listing {
        notes.push(
            "That access was still there rests on a listing that somebody kept, not on a sealed snapshot.".to_owned(),
        );
    }
    if tested == EndTested::Removed && given_again(&holdings, &end, blocked) {
        notes.push("Access was given again for a while after it had ended: see changes.csv.".to_owned());
        result = result.min(Deadline::Undecided);
    }
    let mut events: Vec<String> = used.into_iter().flatten().flat_map(|span| span.events.iter().cloned()).collect();
    let activity = activity::after(world, life, &since, returned.as_ref(), &end);
    events.extend(activity.after.iter().map(|event| event.id.clone()));
    events.sort_unstable();
    events.dedup();
    let last = world.past.looks.last();
    let access_end = match tested {
        EndTested::Open | EndTested::Returned => Known::Absent,
        EndTested::Blocked | EndTested::Removed => activity::access_end(
            world,
            &holdings,
            &activity,
            (blocked.and_then(|span| span.since.latest()), removed.and_then(|span| span.since.latest())),
        ),
    };
    Departure {
        life: at,
        source,
        since,
        terminated: (source == LeftBy::Hr).then_some(absence.since),
        idp_disabled: disabled.map(|span| span.since),
        returned,
        blocked: blocked.map(|span| span.since),
        removed: removed.map(|span| span.since),
        end,
        tested,
        elapsed,
        result,
        activity,
        access_end,
        held: holdings.into_iter().filter(|holding| holding.held_at(last)).collect(),
        held_whole: world.past.looks.is_whole(last, &HOLDING),
        events,
        notes,
    }
}

/// Whether something was held between two later looks, by the log, and nothing kept them from signing in then.
fn given_again(holdings: &[Holding<'_>], end: &Interval, blocked: Option<&Span>) -> bool {
    let blocked = blocked.and_then(|span| span.since.latest());
    let later = |holding: &&Holding<'_>| holding.seen().is_none() && holding.since.earliest() > end.latest();
    let again = holdings.iter().filter(later).filter_map(|holding| holding.since.earliest());
    again.into_iter().any(|at| blocked.is_none_or(|blocked| at < blocked))
}

/// Why it is not certain that this person left, or that what is shown is theirs.
fn doubt(world: &World<'_, '_>, life: &Life<'_>, source: LeftBy) -> Option<String> {
    let snapshot = world.ledger.snapshot();
    let partial = |fact| matches!(snapshot.coverage(fact), Coverage::Partial(_));
    let person = life.person.and_then(|at| world.ledger.people().get(at));
    if person.is_some_and(|person| person.ambiguous) {
        return Some("More than one identity provider record could be theirs.".to_owned());
    }
    let contradiction = || life.records.iter().find_map(|record| record.contradiction(snapshot.ended_at()));
    if let (LeftBy::Hr, Some(why)) = (source, contradiction()) {
        return Some(format!("HR contradicts itself: {why}."));
    }
    if source == LeftBy::Hr && partial(Fact::HrRecords) {
        return Some("The roster was not read whole, so a later engagement may be missing.".to_owned());
    }
    let weak = life.weak || person.is_some_and(|person| person.strength == Some(Strength::Weak));
    if weak && (partial(Fact::IdpUsers) || partial(Fact::DirectoryUsers)) {
        return Some("Their records are linked by name, and not all records were read.".to_owned());
    }
    None
}

/// Hours with one decimal.
pub fn hours(time: SignedDuration) -> String {
    format!("{:.1}", time.as_secs_f64() / 3600.0)
}
