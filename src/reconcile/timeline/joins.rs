//! What began in the period: identities that were made, and grants that were given.

use std::collections::HashMap;

use super::World;
use super::approved::{Approved, Index};
use super::lives::Life;
use super::past::Holding;
use crate::model::event::Action;
use crate::model::id::{GroupId, IdpGroupId, IdpName, IdpUserId, UserId};
use crate::model::time::Basis;
use crate::model::{Deadline, Elapsed, Event, Fact, Interval};
use crate::reconcile::events::last_within;
use crate::reconcile::text::fold;

/// An identity was made, or a grant was given.
#[derive(Debug)]
pub struct Joining<'a> {
    /// Whose life it is, by position.
    pub life: u32,
    /// The Identity Center user.
    pub user: &'a UserId,
    /// The grant; none for the user itself.
    pub holding: Option<Holding<'a>>,
    /// When it began.
    pub created: Interval,
    /// The event that began it.
    pub event: Option<&'a Event>,
    /// By whom, as the log or the directory's record names them.
    pub created_by: Option<String>,
    /// When the identity provider put the person into the group that gives it.
    pub asked: Option<Interval>,
    /// What the approvals say of it; of an identity nothing.
    pub approval: Approved<'a>,
    /// How long provisioning took, held against `policy.sync_sla`; none where the identity provider did not ask for it.
    pub provisioned: Option<(Elapsed, Deadline)>,
}

/// Groups of identity providers by the directory group that bears their name.
struct Counterparts<'a> {
    of_group: HashMap<&'a GroupId, Vec<(&'a IdpName, &'a IdpGroupId)>>,
}

impl<'a> Counterparts<'a> {
    fn new(world: &World<'_, 'a>) -> Self {
        let mut by_name: HashMap<String, Vec<(&'a IdpName, &'a IdpGroupId)>> = HashMap::new();
        for idp in world.ledger.snapshot().idps() {
            for group in idp.groups.iter().flatten() {
                if let Some(name) = fold(&group.name) {
                    by_name.entry(name).or_default().push((&idp.name, &group.id));
                }
            }
        }
        let mut of_group = HashMap::new();
        for track in &world.past.history.groups {
            let name = track.spells.last().and_then(|spell| fold(&spell.value));
            if let Some(groups) = name.and_then(|name| by_name.get(&name)) {
                of_group.insert(&track.key, groups.clone());
            }
        }
        Self { of_group }
    }
}

/// Everything that began in the period, in the order of the lives; `changed` are the holdings that came or went.
pub(super) fn joinings<'a>(world: &World<'_, 'a>, lives: &[Life<'a>], changed: &[Holding<'a>]) -> Vec<Joining<'a>> {
    let life_of: HashMap<&UserId, u32> =
        (0u32..).zip(lives).flat_map(|(at, life)| life.users.iter().map(move |user| (*user, at))).collect();
    let counterparts = Counterparts::new(world);
    let memberships: HashMap<(&IdpName, &IdpGroupId, &IdpUserId), Interval> = world
        .past
        .history
        .idp_memberships
        .iter()
        .filter_map(|track| {
            let first = track.spells.first()?.first;
            let (idp, group, user) = (&track.key.0, &track.key.1, &track.key.2);
            let came =
                world.past.looks.except(world.past.history.members_unknown(idp, group)).came(first, &[Fact::IdpGroups]);
            // Who was in it at the first look was put there before anything that is asked about.
            (first > world.past.looks.first_snapshot())
                .then(|| ((idp, group, user), told(world, idp, group, user, came)))
        })
        .collect();
    let end = world.period.end().min(world.ledger.as_of());
    let within = |at: &Interval| at.may_be_within(world.period.from(), end);
    let approvals = Index::new(world);
    let mut joinings = Vec::new();
    for track in &world.past.history.users {
        let Some(life) = life_of.get(&track.key) else { continue };
        let Some(first) = track.spells.first().map(|spell| spell.first) else { continue };
        let events = world.ledger.events().of_user(track.key.as_str());
        let mut created = world.past.looks.came(first, &[Fact::DirectoryUsers]);
        let event = last_within(events, &[Action::UserCreated], created);
        let record = world.ledger.users().binary_search_by(|user| user.id.cmp(&track.key)).ok();
        let record = record.and_then(|at| world.ledger.users().get(at));
        for at in event
            .map(|event| (event.at, Basis::Event))
            .into_iter()
            .chain(track.spells.iter().find_map(|spell| spell.value.created_at).map(|at| (at, Basis::Record)))
        {
            created = created.refine(Interval::exact(at.0, at.1));
        }
        if first > world.past.looks.first_snapshot() && within(&created) {
            joinings.push(Joining {
                life: *life,
                user: &track.key,
                holding: None,
                created,
                event,
                created_by: event.and_then(actor).or_else(|| record.and_then(|user| user.created_by.clone())),
                asked: None,
                approval: Approved::default(),
                provisioned: None,
            });
        }
    }
    for holding in changed.iter().filter(|holding| holding.is_new() && within(&holding.since)) {
        let Some(life) = life_of.get(holding.user) else { continue };
        let asked = lives.get(*life as usize).and_then(|life| {
            let groups =
                holding.group.and_then(|group| counterparts.of_group.get(group)).map_or(&[][..], Vec::as_slice);
            let came = groups.iter().flat_map(|(idp, group)| {
                let users = life.idp_users.iter().filter(move |(of, _)| of == idp);
                users.filter_map(|(idp, user)| memberships.get(&(*idp, *group, *user)).copied())
            });
            came.reduce(Interval::earlier)
        });
        let provisioned = asked.map(|asked| {
            let elapsed = Elapsed::between(&asked, &holding.since);
            let met = elapsed.within(world.ledger.config().policy.sync_sla);
            // What somebody kept may speak against them, and never for them.
            let kept = met == Deadline::Met && holding.since.basis() == Basis::Listing;
            (elapsed, if kept { Deadline::Undecided } else { met })
        });
        joinings.push(Joining {
            life: *life,
            user: holding.user,
            holding: Some(holding.clone()),
            created: holding.since,
            event: holding.begun_by,
            created_by: holding.begun_by.and_then(actor),
            asked,
            approval: approvals.judge(world, lives.get(*life as usize), holding),
            provisioned,
        });
    }
    joinings
}

/// Who did something, as the log names them; SCIM has no name of its own.
pub(super) fn actor(event: &Event) -> Option<String> {
    Some(event.actor.name.clone().unwrap_or_else(|| event.actor.kind.as_str().to_owned()))
}

/// When somebody came into a group of the identity provider, by its log where that tells.
fn told(world: &World<'_, '_>, idp: &IdpName, group: &IdpGroupId, user: &IdpUserId, came: Interval) -> Interval {
    let source = format!("idp:{idp}");
    let events = world.ledger.events().of_idp_user(&source, user.as_str());
    let of_group: Vec<&Event> =
        events.iter().copied().filter(|event| event.group.as_deref() == Some(group.as_str())).collect();
    match last_within(&of_group, &[Action::MemberAdded], came) {
        Some(event) => came.refine(Interval::exact(event.at, Basis::Event)),
        None => came,
    }
}
