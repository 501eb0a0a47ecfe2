//! Which identity provider group an Identity Center group stands for.

use std::collections::HashMap;

use super::text::fold;
use super::{Ledger, Person};
use crate::model::finding::{Confidence, GrantKey};
use crate::model::{Activation, DirectoryGroup, IdpGroup};

/// What an Identity Center group corresponds to.
#[derive(Debug, Clone, Copy)]
pub enum Counterpart<'a> {
    /// One group of one provider, and how sure that is: found by an id, or only by its name.
    One(u32, &'a IdpGroup, Confidence),
    /// More than one group could be meant.
    Several,
    /// None of the groups that were read.
    None,
}

/// Provider groups by the Identity Center group that the provisioner made for them, by id and by name, all folded.
#[derive(Debug)]
pub struct Counterparts<'a> {
    target: HashMap<String, Vec<(u32, &'a IdpGroup)>>,
    id: HashMap<String, Vec<(u32, &'a IdpGroup)>>,
    name: HashMap<String, Vec<(u32, &'a IdpGroup)>>,
}

impl<'a> Counterparts<'a> {
    /// The groups of all providers.
    pub fn new(ledger: &Ledger<'a>) -> Self {
        let mut index = Self { target: HashMap::new(), id: HashMap::new(), name: HashMap::new() };
        for (idp, facts) in (0u32..).zip(ledger.snapshot().idps()) {
            for group in facts.groups.iter().flatten() {
                let keys = [(&mut index.id, fold(group.id.as_str())), (&mut index.name, fold(&group.name))];
                for (map, key) in keys {
                    if let Some(key) = key {
                        map.entry(key).or_default().push((idp, group));
                    }
                }
            }
            for made in facts.application.iter().flat_map(|application| &application.provisioned_groups) {
                let groups = facts.groups.as_deref().unwrap_or_default();
                let group = groups.binary_search_by(|group| group.id.cmp(&made.group)).ok();
                if let (Some(key), Some(group)) = (fold(&made.target), group.and_then(|at| groups.get(at))) {
                    index.target.entry(key).or_default().push((idp, group));
                }
            }
        }
        index
    }

    /// The provider's group that an Identity Center group stands for: by the provisioner's own record, else by external id,
    /// else by name.
    pub fn of(&self, group: &DirectoryGroup) -> Counterpart<'a> {
        let known = |map: &HashMap<String, Vec<(u32, &'a IdpGroup)>>, key: &str| {
            fold(key).and_then(|key| map.get(&key)).cloned().unwrap_or_default()
        };
        let made = known(&self.target, group.id.as_str());
        let by_id = || group.external_ids.iter().flat_map(|external| known(&self.id, &external.id)).collect();
        let (found, sure) = match [made, by_id()].into_iter().find(|found: &Vec<_>| !found.is_empty()) {
            Some(found) => (found, Confidence::High),
            None => (known(&self.name, &group.name), Confidence::Medium),
        };
        match found.as_slice() {
            [] => Counterpart::None,
            [(idp, group)] => Counterpart::One(*idp, group, sure),
            _ => Counterpart::Several,
        }
    }

    /// What makes a grant one for a time: it comes by a group whose counterpart the person was in for a time only, when it
    /// was looked. Of several the one that ends last.
    pub fn activation(&self, ledger: &Ledger<'a>, person: &Person, grant: GrantKey) -> Option<&'a Activation> {
        let group = ledger.grant(grant)?.group?;
        let Counterpart::One(idp, group, _) = self.of(group) else { return None };
        let snapshot = ledger.snapshot();
        let facts = snapshot.idps().get(idp as usize)?;
        let records = person.idp_users.iter().filter(|(provider, _)| *provider == idp);
        let users = records.filter_map(|at| ledger.idp_user(*at));
        let all = users.flat_map(|user| facts.activations_of(&group.id, &user.id));
        all.filter(|one| one.held(snapshot.started_at(), snapshot.ended_at())).max_by_key(|one| one.until)
    }
}
