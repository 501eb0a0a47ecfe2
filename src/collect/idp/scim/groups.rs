//! Groups and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use super::list::Resource;
use super::wire::Group;
use crate::collect::idp::nesting::{Listed, flatten};
use crate::model::IdpGroup;
use crate::model::id::{IdpGroupId, IdpUserId};

impl Resource for Group {
    const PATH: &'static str = "Groups";
    const ATTRIBUTES: &'static str = "displayName,members";

    fn id(&self) -> &str {
        &self.id
    }
}

/// What a list of groups comes to.
#[derive(Debug, Default)]
pub(super) struct Flat {
    pub(super) groups: Vec<IdpGroup>,
    /// Members who are no user of the list and no group.
    pub(super) strangers: BTreeSet<String>,
    /// Groups without a usable id.
    pub(super) unusable: u64,
    /// Whether any group says who is in it.
    pub(super) told: bool,
}

/// The groups with all their members; `is_user` knows the users of the list, those who can't be used included.
pub(super) fn flat(list: &BTreeMap<String, Group>, is_user: impl Fn(&str) -> bool) -> Flat {
    let mut flat = Flat::default();
    let mut listed: BTreeMap<IdpGroupId, Listed> = BTreeMap::new();
    for group in list.values() {
        let Ok(id) = group.id.parse::<IdpGroupId>() else {
            flat.unusable += 1;
            continue;
        };
        let name = group.display_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let mut one = Listed { name: name.unwrap_or(&group.id).to_owned(), ..Listed::default() };
        flat.told |= group.members.is_some();
        for member in group.members.iter().flatten() {
            let Some(value) = member.value.as_deref() else { continue };
            let says_group = member.kind.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case("group"));
            if list.contains_key(value) && (says_group || !is_user(value)) {
                one.children.extend(value.parse::<IdpGroupId>());
            } else if is_user(value) && !says_group {
                one.members.extend(value.parse::<IdpUserId>());
            } else {
                flat.strangers.insert(value.to_owned());
            }
        }
        listed.insert(id, one);
    }
    flat.groups = flatten(&listed);
    flat
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn groups(json: serde_json::Value) -> Flat {
        let list: Vec<Group> = serde_json::from_value(json).unwrap();
        let list = list.into_iter().map(|group| (group.id.clone(), group)).collect();
        flat(&list, |id| ["1", "2"].contains(&id))
    }

    #[test]
    fn members_are_users_groups_or_strangers() {
        let flat = groups(json!([
            { "id": "g1", "displayName": "Outer", "members": [
                { "value": "1", "type": "User" }, { "value": "g2", "type": "Group" }, { "value": "g3" }, { "value": "7" }
            ] },
            { "id": "g2", "members": [{ "value": "2" }, { "value": "g1", "type": "Group" }] },
            { "id": "g3", "displayName": " " }
        ]));
        let told: Vec<(&str, usize, usize)> =
            flat.groups.iter().map(|group| (group.name.as_str(), group.members.len(), group.nested.len())).collect();
        assert_eq!(told, [("Outer", 2, 1), ("g2", 2, 1), ("g3", 0, 0)]);
        assert_eq!(flat.strangers, BTreeSet::from(["7".to_owned()]));
        assert!(flat.told);
    }

    #[test]
    fn silence_about_members_is_noticed() {
        assert!(!groups(json!([{ "id": "g1" }, { "id": "g2", "members": null }])).told);
        assert!(groups(json!([{ "id": "g1" }, { "id": "g2", "members": [] }])).told);
    }
}
