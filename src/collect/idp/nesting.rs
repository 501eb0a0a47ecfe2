//! Groups within groups: who is a member at the end, and who only through another group.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::IdpGroup;
use crate::model::id::{IdpGroupId, IdpUserId};

/// A group as its provider lists it.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Its name.
    pub(super) name: String,
    /// Users who are in it by its own list.
    pub(super) members: BTreeSet<IdpUserId>,
    /// Groups that are in it by its own list.
    pub(super) children: BTreeSet<IdpGroupId>,
}

/// The groups with all their members, however they contain each other. A child that is not listed adds nobody.
pub(super) fn flatten(groups: &BTreeMap<IdpGroupId, Listed>) -> Vec<IdpGroup> {
    groups
        .iter()
        .map(|(id, group)| {
            let mut seen = BTreeSet::from([id]);
            let mut open: Vec<&IdpGroupId> = group.children.iter().filter(|child| seen.insert(child)).collect();
            let mut nested: BTreeSet<&IdpUserId> = BTreeSet::new();
            while let Some(child) = open.pop() {
                let Some(inner) = groups.get(child) else { continue };
                nested.extend(inner.members.iter().filter(|member| !group.members.contains(*member)));
                open.extend(inner.children.iter().filter(|child| seen.insert(child)));
            }
            let mut members: Vec<IdpUserId> = group.members.iter().chain(nested.iter().copied()).cloned().collect();
            members.sort_unstable();
            let nested = nested.into_iter().cloned().collect();
            IdpGroup { id: id.clone(), name: group.name.clone(), members, nested }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, members: &[&str], children: &[&str]) -> (IdpGroupId, Listed) {
        let listed = Listed {
            name: name.to_uppercase(),
            members: members.iter().map(|id| id.parse().unwrap()).collect(),
            children: children.iter().map(|id| id.parse().unwrap()).collect(),
        };
        (name.parse().unwrap(), listed)
    }

    fn ids(ids: &[IdpUserId]) -> Vec<&str> {
        ids.iter().map(IdpUserId::as_str).collect()
    }

    #[test]
    fn a_ring_of_groups_ends_and_a_missing_child_adds_nobody() {
        let groups = BTreeMap::from([
            group("a", &["1", "2"], &["lost", "b"]),
            group("b", &["2", "3"], &["c"]),
            group("c", &["4"], &["a", "c"]),
        ]);
        let flat = flatten(&groups);
        for group in &flat {
            assert_eq!(ids(&group.members), ["1", "2", "3", "4"], "{}", group.name);
        }
        assert_eq!(
            flat.iter().map(|group| ids(&group.nested)).collect::<Vec<_>>(),
            [vec!["3", "4"], vec!["1", "4"], vec!["1", "2", "3"]]
        );
    }
}
