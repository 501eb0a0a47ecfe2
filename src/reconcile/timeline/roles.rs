//! What policy allowed somebody at an earlier look, by what the identity providers said of them then.
//!
//! The entries are those of today's config; whether one had ended is judged by the look's time.

use std::collections::{HashMap, HashSet};

use super::World;
use super::lives::Life;
use super::past::Holding;
use crate::config::{AccessEntry, AccessMatch};
use crate::model::history::PastIdpUser;
use crate::model::id::{IdpGroupId, IdpName, IdpUserId};
use crate::model::time::Tri;
use crate::model::{Fact, Pattern};
use crate::reconcile::policy::gives_by_name;
use crate::reconcile::text::fold;

/// Spans of looks at which somebody was in a group that an entry names.
type Times = Vec<(String, Vec<(u32, u32)>)>;

/// Who was in the groups that entries name, and when.
pub(super) struct Roles<'a> {
    entries: &'a [AccessEntry],
    by_group: bool,
    groups: HashMap<(&'a IdpName, &'a IdpUserId), Times>,
    /// By provider and folded name, the looks at which not all members of such a group were known.
    unknown: HashMap<(&'a IdpName, String), Vec<u32>>,
}

impl<'a> Roles<'a> {
    pub(super) fn new(world: &World<'_, 'a>) -> Self {
        let entries = world.ledger.config().access.as_slice();
        let wanted: HashSet<String> =
            entries.iter().filter_map(|entry| entry.matches.group.as_deref()).filter_map(fold).collect();
        let mut names: HashMap<(&'a IdpName, &'a IdpGroupId), String> = HashMap::new();
        for idp in world.ledger.snapshot().idps() {
            for group in idp.groups.iter().flatten() {
                if let Some(name) = fold(&group.name).filter(|name| wanted.contains(name)) {
                    names.insert((&idp.name, &group.id), name);
                }
            }
        }
        let mut groups: HashMap<(&'a IdpName, &'a IdpUserId), Times> = HashMap::new();
        for track in &world.past.history.idp_memberships {
            let (idp, group, user) = (&track.key.0, &track.key.1, &track.key.2);
            if let Some(name) = names.get(&(idp, group)) {
                let times = track.spells.iter().map(|spell| (spell.first, spell.last)).collect();
                groups.entry((idp, user)).or_default().push((name.clone(), times));
            }
        }
        let mut unknown: HashMap<(&'a IdpName, String), Vec<u32>> = HashMap::new();
        for (idp, group, looks) in &world.past.history.idp_members_unknown {
            if let Some(name) = names.get(&(idp, group)) {
                unknown.entry((idp, name.clone())).or_default().extend(looks);
            }
        }
        Self { entries, by_group: !wanted.is_empty(), groups, unknown }
    }

    /// Whether policy allowed a holding to somebody at a look; perhaps, where what they were then was not read.
    pub(super) fn allowed(&self, world: &World<'_, 'a>, life: &Life<'a>, holding: &Holding<'a>, look: u32) -> Tri {
        let looks = world.past.looks;
        let needed: &[Fact] = if self.by_group { &[Fact::IdpUsers, Fact::IdpGroups] } else { &[Fact::IdpUsers] };
        let Some(at) = looks.ended(look).filter(|_| looks.is_whole(look, needed)) else { return Tri::Maybe };
        let Some(account) = world.ledger.entitlements().account(&holding.assignment.account) else { return Tri::Maybe };
        let set = world.past.set_name(&holding.assignment.permission_set);
        let then: Vec<Then<'a>> = life.idp_users.iter().filter_map(|key| self.then(world, *key, look)).collect();
        let live = self.entries.iter().filter(|entry| entry.expires.is_none_or(|end| end > at));
        let verdicts: Vec<Tri> = live
            .map(|entry| {
                let matched = then.iter().map(|then| self.matches(then, &entry.matches, look)).collect::<Vec<Tri>>();
                match (any(&matched), gives_by_name(entry, account, set)) {
                    (Tri::Yes, gives) => gives,
                    (Tri::No, _) | (_, Tri::No) => Tri::No,
                    (Tri::Maybe, _) => Tri::Maybe,
                }
            })
            .collect();
        any(&verdicts)
    }

    fn then(&self, world: &World<'_, 'a>, (idp, user): (&'a IdpName, &'a IdpUserId), look: u32) -> Option<Then<'a>> {
        let spells = &world.past.idp_user(idp, user)?.spells;
        let value = &spells.iter().find(|spell| (spell.first..=spell.last).contains(&look))?.value;
        let facts = world.ledger.snapshot().idps().iter().find(|facts| facts.name == *idp);
        let email = facts.and_then(|facts| {
            let at = facts.users.binary_search_by(|record| record.id.cmp(user)).ok()?;
            facts.users.get(at)?.email.as_deref()
        });
        Some(Then { key: (idp, user), value, email })
    }

    fn matches(&self, then: &Then<'a>, conditions: &AccessMatch, look: u32) -> Tri {
        let AccessMatch { group, department, title, user_type, person } = conditions;
        let value = then.value;
        let is = |text: &Option<String>, pattern: &Pattern| text.as_deref().is_some_and(|text| pattern.matches(text));
        let in_group = |wanted: &String| {
            let times = self.groups.get(&then.key).map_or(&[][..], Vec::as_slice);
            let of = times.iter().filter(|(name, _)| fold(wanted).as_ref() == Some(name));
            if of.flat_map(|(_, times)| times).any(|(first, last)| (*first..=*last).contains(&look)) {
                return Tri::Yes;
            }
            let unknown = fold(wanted).and_then(|name| self.unknown.get(&(then.key.0, name)));
            if unknown.is_some_and(|looks| looks.contains(&look)) { Tri::Maybe } else { Tri::No }
        };
        let others = department.as_ref().is_none_or(|pattern| is(&value.department, pattern))
            && title.as_ref().is_none_or(|pattern| is(&value.title, pattern))
            && user_type.as_ref().is_none_or(|pattern| is(&value.user_type, pattern))
            && person.as_ref().is_none_or(|pattern| {
                pattern.matches(&value.user_name) || then.email.is_some_and(|email| pattern.matches(email))
            });
        if others { group.as_ref().map_or(Tri::Yes, in_group) } else { Tri::No }
    }
}

/// The best of several verdicts.
fn any(verdicts: &[Tri]) -> Tri {
    [Tri::Yes, Tri::Maybe].into_iter().find(|verdict| verdicts.contains(verdict)).unwrap_or(Tri::No)
}

/// A user of an identity provider as a look shows it.
struct Then<'a> {
    key: (&'a IdpName, &'a IdpUserId),
    value: &'a PastIdpUser,
    /// The address of today; earlier looks keep none.
    email: Option<&'a str>,
}
