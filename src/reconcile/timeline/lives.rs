//! Whom a period is about: the people of today's sources, and those whom only earlier looks show.
//!
//! Somebody who is in no source any more is joined to what is left of them: by the id that the provisioner recorded, by the
//! number in HR, and last by a name that nobody else bears or bore. Else they stay on their own.

use std::collections::HashMap;

use super::past::Past;
use crate::model::history::{PastEngagement, Track};
use crate::model::id::{IdpName, IdpUserId, UserId};
use crate::model::{EventLog, HrRecord};
use crate::reconcile::events::Events;
use crate::reconcile::link::id_key;
use crate::reconcile::text::fold;
use crate::reconcile::{Ledger, Strength};

/// Everything that is one person's, then and now.
#[derive(Debug, Default)]
pub struct Life<'a> {
    /// The person of today's sources, by position; none for somebody whom only the past shows.
    pub person: Option<u32>,
    /// Identity Center users.
    pub users: Vec<&'a UserId>,
    /// Users of identity providers.
    pub idp_users: Vec<(&'a IdpName, &'a IdpUserId)>,
    /// The roster's records of today.
    pub records: Vec<&'a HrRecord>,
    /// Their engagements in the rosters of all looks.
    pub engagements: Vec<&'a Track<String, PastEngagement>>,
    /// Whether some of it hangs together by a name alone.
    pub weak: bool,
}

/// Lives by what identifies them; an identifier of two lives is nobody's.
#[derive(Default)]
struct Keys {
    employee: HashMap<String, Option<usize>>,
    name: HashMap<String, Option<usize>>,
}

fn claim(keys: &mut HashMap<String, Option<usize>>, key: Option<&str>, life: usize) {
    if let Some(key) = key.and_then(fold) {
        let owner = keys.entry(key).or_insert(Some(life));
        if *owner != Some(life) {
            *owner = None;
        }
    }
}

/// A number in HR, unless it is a placeholder, which identifies nobody.
fn number(text: Option<&str>) -> Option<&str> {
    text.filter(|text| id_key(text).is_some())
}

fn owner(keys: &HashMap<String, Option<usize>>, key: Option<&str>) -> Option<usize> {
    key.and_then(fold).and_then(|key| keys.get(&key).copied().flatten())
}

/// Everybody.
pub(super) fn assemble<'a>(ledger: &Ledger<'a>, past: &Past<'a>) -> Vec<Life<'a>> {
    let mut lives: Vec<Life<'a>> = Vec::new();
    let mut keys = Keys::default();
    let mut user_at: HashMap<&'a UserId, usize> = HashMap::new();
    let mut idp_at: HashMap<(&'a IdpName, &'a IdpUserId), usize> = HashMap::new();
    for (position, person) in (0u32..).zip(ledger.people().iter()) {
        let at = lives.len();
        let mut life =
            Life { person: Some(position), weak: person.strength == Some(Strength::Weak), ..Life::default() };
        for user in person.users.iter().filter_map(|user| ledger.user(*user)) {
            life.users.push(&user.id);
            user_at.insert(&user.id, at);
            claim(&mut keys.name, Some(&user.user_name), at);
        }
        for (idp, user) in &person.idp_users {
            let (Some(facts), Some(user)) =
                (ledger.snapshot().idps().get(*idp as usize), ledger.idp_user((*idp, *user)))
            else {
                continue;
            };
            life.idp_users.push((&facts.name, &user.id));
            idp_at.insert((&facts.name, &user.id), at);
            claim(&mut keys.name, Some(&user.user_name), at);
            claim(&mut keys.name, user.email.as_deref(), at);
            claim(&mut keys.employee, number(user.employee_id.as_deref()), at);
        }
        for record in person.hr_records.iter().filter_map(|at| ledger.snapshot().hr()?.records.get(*at as usize)) {
            life.records.push(record);
            claim(&mut keys.employee, number(record.employee_id.as_deref()), at);
            claim(&mut keys.name, record.email.as_deref(), at);
        }
        lives.push(life);
    }
    for track in &past.history.idp_users {
        if idp_at.contains_key(&(&track.key.0, &track.key.1)) {
            continue;
        }
        let Some(last) = track.spells.last().map(|spell| &spell.value) else { continue };
        let strong = owner(&keys.employee, last.employee_id.as_deref());
        let at = strong.or_else(|| owner(&keys.name, Some(&last.user_name)));
        let at = join(&mut lives, at, strong.is_some());
        if let Some(life) = lives.get_mut(at) {
            life.idp_users.push((&track.key.0, &track.key.1));
        }
        idp_at.insert((&track.key.0, &track.key.1), at);
        claim(&mut keys.name, Some(&last.user_name), at);
        claim(&mut keys.employee, number(last.employee_id.as_deref()), at);
    }
    let targets = targets(ledger.snapshot().events(), &idp_at);
    for track in past.history.users.iter().filter(|track| !user_at.contains_key(&track.key)) {
        let strong = targets.get(track.key.as_str()).copied();
        let name = track.spells.last().map(|spell| spell.value.user_name.as_str());
        let at = join(&mut lives, strong.or_else(|| owner(&keys.name, name)), strong.is_some());
        if let Some(life) = lives.get_mut(at) {
            life.users.push(&track.key);
        }
    }
    for track in &past.history.engagements {
        let email = track.spells.last().and_then(|spell| spell.value.email.as_deref());
        let strong = owner(&keys.employee, Some(&track.key));
        let at = join(
            &mut lives,
            strong.or_else(|| owner(&keys.name, Some(&track.key))).or_else(|| owner(&keys.name, email)),
            true,
        );
        if let Some(life) = lives.get_mut(at) {
            life.engagements.push(track);
        }
    }
    lives
}

/// The life at a position, or a new one.
fn join(lives: &mut Vec<Life<'_>>, at: Option<usize>, strong: bool) -> usize {
    if let Some(at) = at {
        if let Some(life) = lives.get_mut(at) {
            life.weak |= !strong;
        }
        return at;
    }
    lives.push(Life::default());
    lives.len() - 1
}

/// Identity Center users by id, with the life of the identity provider's user that provisioners' logs say they were made of.
fn targets<'a>(logs: &'a [EventLog], idp_at: &HashMap<(&'a IdpName, &'a IdpUserId), usize>) -> HashMap<&'a str, usize> {
    let by_text: HashMap<(String, &str), usize> =
        idp_at.iter().map(|((idp, user), at)| ((format!("idp:{idp}"), user.as_str()), *at)).collect();
    let mut targets = HashMap::new();
    for log in logs {
        for event in log.events.iter().filter(|event| Events::is_provisioning(event)) {
            let (Some(user), Some(target)) = (event.user.as_deref(), event.detail.as_deref()) else { continue };
            if let Some(at) = by_text.get(&(log.source.clone(), user)) {
                targets.insert(target, *at);
            }
        }
    }
    targets
}
