//! Who left in the period, when their access ended, and whether that was in time.

use std::cmp::Reverse;

use jiff::SignedDuration;

use super::activity::{self, Activity};
use super::lives::Life;
use super::looks::Looks;
use super::past::{HOLDING, Holding, Past};
use super::turns::{Knowledge, Span, both, spans, turns};
use crate::model::event::Action;
use crate::model::history::{PastEngagement, PastIdpUser, PastUser, Spell};
use crate::model::id::IdpName;
use crate::model::time::Basis;
use crate::model::{Deadline, Elapsed, Event, Fact, HrStatus, Instant, Interval, Known, Period, UserStatus};
use crate::reconcile::events::Events;
use crate::reconcile::{Ledger, Strength};
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

/// What departures are derived from.
pub(super) struct World<'w, 'a> {
    pub(super) ledger: &'w Ledger<'a>,
    pub(super) past: &'w Past<'a>,
    pub(super) events: &'w Events<'a>,
    pub(super) period: Period,
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

/// An engagement's time.
struct Engaged {
    from: Option<Instant>,
    left: Option<Interval>,
}

/// When somebody was in no engagement any more. One that follows on the heels of another is no leaving.
fn hr_absences(world: &World<'_, '_>, life: &Life<'_>) -> Vec<Span> {
    let now = world.ledger.as_of();
    let looks = world.past.looks;
    let mut engaged: Vec<Engaged> = Vec::new();
    for record in &life.records {
        let left = match (record.end, record.status) {
            (Some(end), _) => (end <= now).then(|| Interval::exact(end, Basis::Record)),
            (None, HrStatus::Terminated) => Some(undated_end(world, life)),
            (None, _) => None,
        };
        engaged.push(Engaged { from: record.start, left });
    }
    let lists_leavers = world.ledger.snapshot().hr().is_none_or(|hr| hr.lists_leavers);
    for track in &life.engagements {
        for stretch in looks.presence(&track.spells, Fact::HrRecords) {
            let Some(value) = track.spells.iter().rev().find(|spell| spell.last <= stretch.last).map(|s| &s.value)
            else {
                continue;
            };
            // Today's roster was judged above; what was in an earlier one counts where it vanished without an end.
            let Some(went) = looks.went(stretch.last, &[Fact::HrRecords]) else { continue };
            let dated = value.end.filter(|end| *end <= now).map(|end| Interval::exact(end, Basis::Record));
            let known = life.records.iter().any(|record| record.end.is_some() && record.end == value.end);
            if known || (dated.is_none() && lists_leavers) {
                continue;
            }
            let from = value.start.or_else(|| looks.came(stretch.first, &[Fact::HrRecords]).latest());
            engaged.push(Engaged { from, left: Some(dated.unwrap_or(went)) });
        }
    }
    let mut spans = Vec::new();
    for one in &engaged {
        let Some(left) = one.left else { continue };
        let Some(latest) = left.latest() else { continue };
        let begins = |other: &Engaged| other.from.unwrap_or(latest);
        let goes_on = engaged.iter().any(|other| {
            let longer = other.left.is_none_or(|end| end.latest().is_none_or(|end| end > latest));
            longer && begins(other) <= latest
        });
        if !goes_on {
            let next =
                engaged.iter().filter_map(|other| other.from).filter(|from| *from > latest && *from <= now).min();
            let until = next.map(|from| Interval::exact(from, Basis::Record));
            spans.push(Span { since: left, until, events: Vec::new(), skewed: false });
        }
    }
    spans.sort_by_key(|span| (span.since.latest(), span.since.earliest()));
    spans.dedup();
    spans
}

/// When the roster began to say terminated, where it gives no date: between two looks.
fn undated_end(world: &World<'_, '_>, life: &Life<'_>) -> Interval {
    let ended = |value: &PastEngagement| value.status == HrStatus::Terminated;
    let known =
        life.engagements.iter().flat_map(|track| sights(world.past.looks, &track.spells, Fact::HrRecords, ended, None));
    let spans = spans(turns(known.collect()));
    spans.last().map_or_else(|| Interval::by(world.ledger.snapshot().ended_at()), |span| span.since)
}

/// Sights of a state at the first and the last look of each spell, and of its absence where that means something.
fn sights<'a, V>(
    looks: Looks<'_>,
    spells: &[Spell<V>],
    fact: Fact,
    so: impl Fn(&V) -> bool,
    absent: Option<bool>,
) -> Vec<Knowledge<'a>> {
    sights_where_known(looks, spells, fact, |value| Some(so(value)), absent)
}

fn sights_where_known<'a, V>(
    looks: Looks<'_>,
    spells: &[Spell<V>],
    fact: Fact,
    so: impl Fn(&V) -> Option<bool>,
    absent: Option<bool>,
) -> Vec<Knowledge<'a>> {
    let mut known = Vec::new();
    let mut see = |look: u32, so: Option<bool>| {
        known.extend(looks.get(look).map(|look| match so {
            Some(so) => Knowledge::seen(look, so),
            None => Knowledge::Unclear { to: look.ended_at },
        }));
    };
    for spell in spells {
        let so = so(&spell.value);
        see(spell.first, so);
        see(spell.last, so);
    }
    if let Some(absent) = absent {
        let stretches = looks.presence(spells, fact);
        for (at, stretch) in stretches.iter().enumerate() {
            let next = stretches.get(at + 1).map_or(looks.last().saturating_add(1), |next| next.first);
            // The first and the last look at which it was seen not to be there.
            if let Some(first) = looks.whole_after(stretch.last, &[fact]).filter(|look| *look < next) {
                see(first, Some(absent));
                if let Some(last) = looks.whole_before(next, &[fact]) {
                    see(last, Some(absent));
                }
            }
        }
    }
    known
}

/// When every record of the identity providers was out of use.
fn idp_absences(world: &World<'_, '_>, life: &Life<'_>) -> Vec<Span> {
    let mut all: Option<Vec<Span>> = None;
    // Where it is known which provider signs people in to AWS, the others do not keep anybody here.
    let signs_in = |idp: &IdpName| {
        let facts = world.ledger.snapshot().idps().iter().find(|facts| facts.name == *idp);
        let application = facts.and_then(|facts| facts.application.as_ref());
        application.is_some_and(|application| application.enabled != Known::Value(false))
    };
    let some = life.idp_users.iter().any(|(idp, _)| signs_in(idp));
    for (idp, user) in life.idp_users.iter().filter(|(idp, _)| !some || signs_in(idp)) {
        let gone = |value: &PastIdpUser| value.status.is_gone();
        let source = format!("idp:{idp}");
        let mut known = match world.past.idp_user(idp, user) {
            // Not there any more is deleted; not there yet is nothing.
            Some(track) => {
                let mut known = sights(world.past.looks, &track.spells, Fact::IdpUsers, gone, Some(true));
                // What their record said of the time, while there was one.
                known.extend(track.spells.iter().filter_map(|spell| {
                    let (at, so) = (spell.value.status_changed_at?, gone(&spell.value));
                    Some(Knowledge::Turned { at, so, basis: Basis::Record, event: None })
                }));
                known
            }
            None => Vec::new(),
        };
        let facts = world.ledger.snapshot().idps().iter().find(|facts| facts.name == **idp);
        let today = facts.and_then(|facts| {
            let at = facts.users.binary_search_by(|record| record.id.cmp(user)).ok()?;
            Some((facts.status_times_are_latest(), facts.users.get(at)?))
        });
        if let Some((at_the_latest, record)) = today
            && let Known::Value(at) = record.status_changed_at
        {
            let so = record.status.is_gone();
            known.push(if at_the_latest {
                Knowledge::Seen { from: at, to: at, so, listing: false }
            } else {
                Knowledge::Turned { at, so, basis: Basis::Record, event: None }
            });
        }
        for event in world.events.of_idp_user(&source, user.as_str()) {
            known.extend(turned(event));
        }
        let spans = spans(turns(known));
        all = Some(match all {
            None => spans,
            Some(before) => both(&before, &spans),
        });
    }
    all.unwrap_or_default()
}

/// What an event says of whether a user is out of use.
fn turned<'a>(event: &'a Event) -> Option<Knowledge<'a>> {
    let so = match event.action {
        Action::UserDisabled | Action::UserDeleted => true,
        Action::UserEnabled | Action::UserCreated => false,
        _ => return None,
    };
    Some(Knowledge::Turned { at: event.at, so, basis: Basis::Event, event: Some(&event.id) })
}

/// When no Identity Center user of a life could sign in.
fn blocked(world: &World<'_, '_>, life: &Life<'_>) -> Vec<Span> {
    let looks = world.past.looks;
    let mut all: Option<Vec<Span>> = None;
    for user in &life.users {
        let disabled = |value: &PastUser| value.status.value().map(|status| *status == UserStatus::Disabled);
        let mut known = world.past.user(user).map_or_else(Vec::new, |track| {
            let mut known = sights_where_known(looks, &track.spells, Fact::DirectoryUsers, disabled, Some(true));
            // Before it was made nobody could sign in with it: not from the first look on that could have shown it.
            let made = track.spells.first().map_or(0, |spell| spell.first);
            let before = (0..made).find(|look| looks.is_whole(*look, &[Fact::DirectoryUsers]));
            let before = before.into_iter().chain(looks.whole_before(made, &[Fact::DirectoryUsers]));
            known.extend(before.filter_map(|look| looks.get(look)).map(|look| Knowledge::seen(look, true)));
            known
        });
        known.extend(world.events.of_user(user.as_str()).iter().filter_map(|event| turned(event)));
        if let [_] = life.users.as_slice() {
            // The provisioner's own log says what it did to the only user there is.
            for (idp, idp_user) in &life.idp_users {
                let source = format!("idp:{idp}");
                let of = world.events.of_idp_user(&source, idp_user.as_str());
                known.extend(of.iter().filter(|event| event.action == Action::Deprovisioned).map(|event| {
                    Knowledge::Turned { at: event.at, so: true, basis: Basis::Event, event: Some(&event.id) }
                }));
            }
        }
        let spans = spans(turns(known));
        all = Some(match all {
            None => spans,
            Some(before) => both(&before, &spans),
        });
    }
    all.unwrap_or_else(|| never_there(looks, &[Fact::DirectoryUsers]))
}

/// For somebody without an Identity Center user: nothing was there at every look that could have shown it.
fn never_there(looks: Looks<'_>, facts: &[Fact]) -> Vec<Span> {
    let known = looks.iter().filter(|(at, _)| looks.is_whole(*at, facts));
    spans(turns(known.map(|(_, look)| Knowledge::seen(look, true)).collect()))
}

/// When nothing was held by any path.
fn nothing_held(world: &World<'_, '_>, life: &Life<'_>, holdings: &[Holding<'_>]) -> Vec<Span> {
    let looks = world.past.looks;
    if life.users.is_empty() {
        return never_there(looks, &HOLDING);
    }
    let mut known = Vec::new();
    let mut before: Option<u32> = None;
    for (at, look) in looks.iter() {
        let seen = |so| Knowledge::seen(look, so);
        if holdings.iter().any(|holding| holding.held_at(at)) {
            known.push(seen(false));
            before = Some(at);
        } else if looks.is_whole(at, &HOLDING) {
            known.extend(before.take().and_then(|before| told(holdings, before)));
            known.push(seen(true));
        }
    }
    spans(turns(known))
}

/// The event that ended the last of what was held at a look, where every end of it was told.
fn told<'a>(holdings: &[Holding<'a>], look: u32) -> Option<Knowledge<'a>> {
    let held = holdings.iter().filter(|holding| holding.held_at(look));
    let events: Option<Vec<&'a Event>> = held.map(|holding| holding.ended_by).collect();
    let last = events?.into_iter().max_by_key(|event| event.at)?;
    Some(Knowledge::Turned { at: last.at, so: true, basis: Basis::Event, event: Some(&last.id) })
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
        (None, Some(returned)) => (EndTested::Returned, returned),
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
