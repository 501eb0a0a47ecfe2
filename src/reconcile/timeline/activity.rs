//! What somebody did before and after they left, and how long their last session could live.

use jiff::SignedDuration;

use super::World;
use super::lives::Life;
use super::past::Holding;
use crate::model::event::Action;
use crate::model::time::Tri;
use crate::model::{Event, Instant, Interval, Known, Span};
use crate::reconcile::events::is_use;

/// What somebody did.
#[derive(Debug)]
pub struct Activity<'a> {
    /// The last thing they are seen to have done; absent where a log that covers the time shows nothing.
    pub last: Known<Instant>,
    /// Whether they did something after they left.
    pub after_leaving: Tri,
    /// Whether they did something that may have been after they left, or not.
    pub perhaps: bool,
    /// What they did after they had certainly left, as CloudTrail and the identity provider's log have it.
    pub after: Vec<&'a Event>,
    /// A sign-in after they had certainly left, by the identity provider's record of the last one.
    pub signed_in_after: Option<Instant>,
    /// The last time before the end of access that they took up a role, or at all that they may have.
    used: Option<Instant>,
}

/// What somebody did who left at `since`, up to the end of their access, and until they came back.
pub(super) fn after<'a>(
    world: &World<'_, 'a>,
    life: &Life<'a>,
    since: &Interval,
    returned: Option<&Interval>,
    end: &Interval,
) -> Activity<'a> {
    let back = returned.and_then(Interval::earliest);
    let away = |at: Instant| back.is_none_or(|back| at < back);
    let mut uses: Vec<&'a Event> = Vec::new();
    // Uses by a name that another user may have had at that time: theirs, or not.
    let mut shared: Vec<&'a Event> = Vec::new();
    for user in &life.users {
        uses.extend(world.events.acts_of_user(user.as_str()));
        shared.extend(world.events.perhaps_acts_of_user(user.as_str()));
    }
    for (idp, user) in &life.idp_users {
        uses.extend(
            world.events.of_idp_user(&format!("idp:{idp}"), user.as_str()).iter().copied().filter(|e| is_use(e)),
        );
    }
    uses.sort_by_key(|event| (event.at, &event.id));
    let records = life.idp_users.iter().filter_map(|(idp, user)| {
        let facts = world.ledger.snapshot().idps().iter().find(|facts| facts.name == **idp)?;
        let at = facts.users.binary_search_by(|record| record.id.cmp(user)).ok()?;
        facts.users.get(at)?.last_sign_in_at.value().copied()
    });
    let record = records.max().filter(|at| away(*at));
    let after: Vec<&'a Event> = uses
        .iter()
        .copied()
        .filter(|event| since.latest().is_some_and(|gone| event.at > gone) && away(event.at))
        .collect();
    let signed_in_after = record.filter(|at| since.latest().is_some_and(|gone| *at > gone));
    let perhaps = |at: Instant| since.earliest().is_none_or(|gone| at > gone) && away(at);
    let until = end.latest().unwrap_or_else(|| world.ledger.as_of().min(world.ledger.snapshot().ended_at()));
    // Sessions outlive the end of access, so a log is needed even where access had ended before they left.
    let least = |gone: Instant| gone.timestamp().checked_add(SignedDuration::from_secs(1)).map_or(gone, Instant::new);
    let covered = since
        .earliest()
        .is_some_and(|gone| life.users.is_empty() || world.events.trail_covers(gone, until.max(least(gone))));
    let perhaps = uses.iter().chain(&shared).any(|event| perhaps(event.at)) || record.is_some_and(perhaps);
    let after_leaving = if !after.is_empty() || signed_in_after.is_some() {
        Tri::Yes
    } else if perhaps || !covered {
        Tri::Maybe
    } else {
        Tri::No
    };
    let seen = uses.iter().map(|event| event.at).filter(|at| away(*at)).chain(record).max();
    let last = match seen {
        Some(at) => Known::Value(at),
        None if covered => Known::Absent,
        None => Known::Unknown("no log covers the time".to_owned()),
    };
    let is_role_use = |event: &&&Event| event.action == Action::RoleUsed;
    let used = uses.iter().filter(is_role_use).map(|event| event.at);
    let used = used.filter(|at| end.latest().is_none_or(|end| *at <= end));
    // A role that may have been theirs may still be open, also after the end of their access.
    let used = used.chain(shared.iter().filter(is_role_use).map(|event| event.at)).max();
    Activity { last, after_leaving, perhaps, after, signed_in_after, used }
}

/// When the last session had ended at the latest.
///
/// A session of a role lives on for as long as its permission set lets it, whatever becomes of the assignment or the user. A
/// session of the portal may outlive the blocking of its user by as long as it lasts, and opens roles while it lives; once
/// no grant is left there is none to open. Where CloudTrail covers the time before the end, the last role taken up is known,
/// and bounds the sessions better.
pub(super) fn access_end(
    world: &World<'_, '_>,
    holdings: &[Holding<'_>],
    activity: &Activity<'_>,
    (blocked, removed): (Option<Instant>, Option<Instant>),
) -> Known<Instant> {
    let Some(longest) = longest_session(world, holdings) else {
        return Known::Unknown("the length of a session is not known".to_owned());
    };
    let plus = |at: Instant, span: SignedDuration| at.timestamp().checked_add(span).map_or(at, Instant::new);
    let portal = world.ledger.config().policy.portal_session.duration();
    let opens_until = match (blocked.map(|at| plus(at, portal)), removed) {
        (Some(blocked), Some(removed)) => blocked.min(removed),
        (Some(end), None) | (None, Some(end)) => end,
        (None, None) => return Known::Absent,
    };
    let end = match (blocked, removed) {
        (Some(blocked), Some(removed)) => blocked.min(removed),
        (blocked, removed) => blocked.or(removed).unwrap_or(opens_until),
    };
    let worst = plus(opens_until, longest.duration());
    let from = plus(end, -longest.duration());
    let to = opens_until.min(world.ledger.as_of());
    if !world.events.trail_covers(from, to) {
        return Known::Value(worst);
    }
    let used = activity.used.into_iter().chain(activity.after.iter().map(|event| event.at)).max();
    let last = used.map_or(end, |used| plus(used, longest.duration()));
    Known::Value(last.max(end).min(worst))
}

/// The longest session among the permission sets that were held; none when one of them is not known.
fn longest_session(world: &World<'_, '_>, holdings: &[Holding<'_>]) -> Option<Span> {
    let sets = world.ledger.entitlements().sets();
    if holdings.is_empty() {
        return Some(Span::minutes(0));
    }
    let lengths = holdings.iter().map(|holding| {
        let set = sets.iter().find(|set| set.set.arn == holding.assignment.permission_set)?;
        set.set.session.value().copied()
    });
    lengths.collect::<Option<Vec<Span>>>()?.into_iter().max()
}
