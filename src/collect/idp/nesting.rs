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
    /// Why its own list of members is not known, where it is not.
    pub(super) members_unknown: Option<String>,
}

/// Why the members of a group are not known that was listed, and not found when its members were requested.
pub(super) const VANISHED: &str = "the group was listed and not found when its members were requested: it was deleted in \
                                   between, or may not be read";

/// The groups with all their members, however they contain each other. A child that is not listed adds
/// nobody. Where the members of a child are not known, neither are those of the groups that it is in.
pub(super) fn flatten(groups: &BTreeMap<IdpGroupId, Listed>) -> Vec<IdpGroup> {
    groups
        .iter()
        .map(|(id, group)| {
            let mut seen = BTreeSet::from([id]);
            let mut open: Vec<&IdpGroupId> = group.children.iter().filter(|child| seen.insert(child)).collect();
            let mut nested: BTreeSet<&IdpUserId> = BTreeSet::new();
            let mut members_unknown = group.members_unknown.clone();
            while let Some(child) = open.pop() {
                let Some(inner) = groups.get(child) else { continue };
                nested.extend(inner.members.iter().filter(|member| !group.members.contains(*member)));
                if let (None, Some(why)) = (&members_unknown, &inner.members_unknown) {
                    members_unknown =
                        Some(format!("it contains the group {}, whose members are not known: {why}", inner.name));
                }
                open.extend(inner.children.iter().filter(|child| seen.insert(child)));
            }
            let mut members: Vec<IdpUserId> = group.members.iter().chain(nested.iter().copied()).cloned().collect();
            members.sort_unstable();
            let nested = nested.into_iter().cloned().collect();
            IdpGroup { id: id.clone(), name: group.name.clone(), members, nested, members_unknown }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Known;

    fn group(name: &str, members: &[&str], children: &[&str]) -> (IdpGroupId, Listed) {
        let listed = Listed {
            name: name.to_uppercase(),
            members: members.iter().map(|id| id.parse().unwrap()).collect(),
            children: children.iter().map(|id| id.parse().unwrap()).collect(),
            members_unknown: None,
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

    #[test]
    fn unknown_members_of_a_child_make_those_of_its_parents_unknown() {
        let mut groups = BTreeMap::from([group("a", &["1"], &["b"]), group("b", &[], &[]), group("c", &["1"], &[])]);
        groups.get_mut(&"b".parse().unwrap()).unwrap().members_unknown = Some("hidden".to_owned());
        let flat = flatten(&groups);
        let unknown: Vec<bool> = flat.iter().map(|group| group.members_unknown.is_some()).collect();
        assert_eq!(unknown, [true, true, false]);
        let (in_it, other) = ("1".parse().unwrap(), "2".parse().unwrap());
        assert_eq!(flat[0].membership(&in_it), Known::Value(true));
        assert!(flat[0].membership(&other).is_unknown(), "who is not listed may be a member");
        assert_eq!(flat[2].membership(&other), Known::Value(false));
    }
}
