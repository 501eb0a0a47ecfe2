//! Since when somebody is gone by each source, cannot sign in and holds nothing, from what looks saw and logs told.

use super::World;
use super::lives::Life;
use super::looks::Looks;
use super::past::{HOLDING, Holding};
use super::turns::{Knowledge, Span, both, spans, turns};
use crate::model::event::Action;
use crate::model::history::{PastEngagement, PastIdpUser, PastUser, Spell};
use crate::model::id::IdpName;
use crate::model::interval::CLOCK_SKEW;
use crate::model::time::Basis;
use crate::model::{Event, Fact, HrStatus, IdpStatus, Instant, Interval, Known, UserStatus};

/// An engagement's time.
struct Engaged {
    from: Option<Instant>,
    left: Option<Interval>,
}

/// When somebody was in no engagement any more. One that follows on the heels of another is no leaving.
pub(super) fn hr_absences(world: &World<'_, '_>, life: &Life<'_>) -> Vec<Span> {
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
pub(super) fn idp_absences(world: &World<'_, '_>, life: &Life<'_>) -> Vec<Span> {
    let mut all: Option<Vec<Span>> = None;
    // Where it is known which provider signs people in to AWS, the others do not keep anybody here.
    let signs_in = |idp: &IdpName| {
        let facts = world.ledger.snapshot().idps().iter().find(|facts| facts.name == *idp);
        let application = facts.and_then(|facts| facts.application.as_ref());
        application.is_some_and(|application| application.enabled != Known::Value(false))
    };
    let some = life.idp_users.iter().any(|(idp, _)| signs_in(idp));
    for (idp, user) in life.idp_users.iter().filter(|(idp, _)| !some || signs_in(idp)) {
        let gone = |value: &PastIdpUser| {
            (!value.unclear && value.status != IdpStatus::Unknown).then(|| value.status.is_gone())
        };
        let source = format!("idp:{idp}");
        let mut known = match world.past.idp_user(idp, user) {
            // Not there any more is deleted; not there yet is nothing.
            Some(track) => {
                let mut known = sights_where_known(world.past.looks, &track.spells, Fact::IdpUsers, gone, Some(true));
                // What their record said of the time, while there was one.
                known.extend(track.spells.iter().filter_map(|spell| {
                    let (at, so) = (spell.value.status_changed_at?, gone(&spell.value)?);
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
        if let Some((at_the_latest, record)) = today.filter(|(_, record)| record.contradiction.is_none()) {
            let so = record.status.is_gone();
            known.extend(match (&record.status_changed_at, &record.status_unchanged_since) {
                (Known::Value(at), _) if !at_the_latest => {
                    Some(Knowledge::Turned { at: *at, so, basis: Basis::Record, event: None })
                }
                (Known::Value(at), _) | (_, Some(at)) => {
                    Some(Knowledge::Seen { from: *at, to: *at, so, listing: false })
                }
                (_, None) => None,
            });
        }
        for event in world.events.of_idp_user(&source, user.as_str()) {
            known.extend(turned(event));
        }
        // A time after the collection is an error and no evidence of when.
        let collected = world.ledger.snapshot().ended_at();
        known.retain(|known| !matches!(known, Knowledge::Turned { at, .. } if at.since(collected) > CLOCK_SKEW));
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
pub(super) fn blocked(world: &World<'_, '_>, life: &Life<'_>) -> Vec<Span> {
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
pub(super) fn nothing_held(world: &World<'_, '_>, life: &Life<'_>, holdings: &[Holding<'_>]) -> Vec<Span> {
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
