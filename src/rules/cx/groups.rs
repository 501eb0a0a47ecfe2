//! Which identity provider group an Identity Center group stands for.

use std::collections::HashMap;

use super::RuleCx;
use crate::model::finding::{Confidence, Evidence, GrantKey, Subject, SubjectKind};
use crate::model::{DirectoryGroup, IdpGroup};
use crate::reconcile::Person;
use crate::reconcile::text::fold;

/// What an Identity Center group corresponds to.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules) enum Counterpart<'a> {
    /// One group of one provider, and how sure that is: found by an id, or only by its name.
    One(u32, &'a IdpGroup, Confidence),
    /// More than one group could be meant.
    Several,
    /// None of the groups that were read.
    None,
}

/// Provider groups by the Identity Center group that the provisioner made for them, by id and by name, all folded.
#[derive(Debug, Default)]
pub(super) struct GroupIndex<'a> {
    target: HashMap<String, Vec<(u32, &'a IdpGroup)>>,
    id: HashMap<String, Vec<(u32, &'a IdpGroup)>>,
    name: HashMap<String, Vec<(u32, &'a IdpGroup)>>,
}

impl<'a> RuleCx<'a> {
    fn group_index(&self) -> &GroupIndex<'a> {
        self.groups.get_or_init(|| {
            let mut index = GroupIndex::default();
            for (idp, facts) in (0u32..).zip(self.ledger().snapshot().idps()) {
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
        })
    }

    /// The provider's group that an Identity Center group stands for: by the provisioner's own record, else by external id,
    /// else by name.
    pub(in crate::rules) fn counterpart(&self, group: &DirectoryGroup) -> Counterpart<'a> {
        let index = self.group_index();
        let known = |map: &HashMap<String, Vec<(u32, &'a IdpGroup)>>, key: &str| {
            fold(key).and_then(|key| map.get(&key)).cloned().unwrap_or_default()
        };
        let made = known(&index.target, group.id.as_str());
        let by_id = || group.external_ids.iter().flat_map(|external| known(&index.id, &external.id)).collect();
        let (found, sure) = match [made, by_id()].into_iter().find(|found: &Vec<_>| !found.is_empty()) {
            Some(found) => (found, Confidence::High),
            None => (known(&index.name, &group.name), Confidence::Medium),
        };
        match found.as_slice() {
            [] => Counterpart::None,
            [(idp, group)] => Counterpart::One(*idp, group, sure),
            _ => Counterpart::Several,
        }
    }

    /// Whether a grant comes by a group whose counterpart the person was in for a time only, when it was looked.
    pub(in crate::rules) fn is_activated(&self, person: &Person, grant: GrantKey) -> bool {
        let Some(group) = self.ledger().grant(grant).and_then(|grant| grant.group) else { return false };
        let Counterpart::One(idp, group, _) = self.counterpart(group) else { return false };
        let snapshot = self.ledger().snapshot();
        let Some(facts) = snapshot.idps().get(idp as usize) else { return false };
        let records = person.idp_users.iter().filter(|(provider, _)| *provider == idp);
        let mut users = records.filter_map(|at| self.ledger().idp_user(*at));
        users.any(|user| {
            let mut activations = facts.activations_of(&group.id, &user.id);
            activations.any(|one| one.held(snapshot.started_at(), snapshot.ended_at()))
        })
    }

    /// Whether the groups of some provider were not asked for, so that a group may be its.
    pub(in crate::rules) fn has_unread_groups(&self) -> bool {
        self.ledger().snapshot().idps().iter().any(|facts| facts.groups.is_none())
    }

    /// Directory groups that have assignments in scope, by position.
    pub(in crate::rules) fn groups_with_access(&self) -> impl Iterator<Item = (u32, &'a DirectoryGroup, &'a [u32])> {
        let grants = self.ledger().grants();
        let all = (0u32..).zip(self.ledger().groups()).map(|(at, group)| (at, group, grants.of_group(at)));
        all.filter(|(_, _, assignments)| !assignments.is_empty())
    }

    /// A directory group as subject.
    pub(in crate::rules) fn group_subject(group: &DirectoryGroup) -> Subject {
        Subject {
            kind: SubjectKind::Group,
            ids: vec![group.id.to_string()],
            name: group.name.clone(),
            account: None,
            permission_set: None,
        }
    }

    /// The directory's record of a group.
    pub(in crate::rules) fn group_evidence(group: &DirectoryGroup) -> Evidence {
        let ids: Vec<&str> = group.external_ids.iter().map(|external| external.id.as_str()).collect();
        let ids = if ids.is_empty() { "no external id".to_owned() } else { format!("external id {}", ids.join(", ")) };
        Evidence {
            source: "aws".to_owned(),
            at: "identitystore:ListGroups".to_owned(),
            says: format!("group {} ({}) has {ids}", group.name, group.id),
        }
    }
}
