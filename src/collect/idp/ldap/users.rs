//! The users that a directory told of, and by which names other entries refer to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::dn::Dn;
use super::entry::Entry;
use crate::model::id::IdpUserId;
use crate::model::{Fact, Gap, GapKind, IdpStatus, IdpUser};

/// Why an entry can't be used as a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unusable {
    /// What is wrong with it, in lower case.
    pub(super) reason: &'static str,
    /// What to do about it.
    pub(super) hint: &'static str,
}

/// Users by their ids.
#[derive(Debug, Default)]
pub(super) struct Users {
    list: BTreeMap<IdpUserId, IdpUser>,
    by_dn: HashMap<String, IdpUserId>,
    /// By the name that `memberUid` knows them by; none where two have it.
    by_uid: HashMap<String, Option<IdpUserId>>,
    /// By the number of their primary group.
    primary: BTreeMap<u32, BTreeSet<IdpUserId>>,
    /// The names of their managers' entries.
    managers: Vec<(IdpUserId, String)>,
    /// Entries that can't be used: where the first is, and how many.
    unusable: BTreeMap<Unusable, (String, u64)>,
}

impl Users {
    /// Takes a user, and gives whether they are new. An entry is told twice when it moves between two pages.
    pub(super) fn add(&mut self, entry: &Entry, user: Result<IdpUser, Unusable>) -> bool {
        let user = match user {
            Ok(user) => user,
            Err(why) => {
                let (_, count) = self.unusable.entry(why).or_insert_with(|| (entry.dn.clone(), 0));
                *count += 1;
                return *count == 1;
            }
        };
        if self.list.contains_key(&user.id) {
            return false;
        }
        let id = user.id.clone();
        self.by_dn.insert(Dn::of(&entry.dn).into_key(), id.clone());
        if let Some(manager) = entry.text("manager") {
            self.managers.push((id.clone(), manager));
        }
        self.list.insert(id, user);
        true
    }

    /// Remembers the number of a user's primary group.
    pub(super) fn in_primary_group(&mut self, user: &IdpUserId, group: u32) {
        self.primary.entry(group).or_default().insert(user.clone());
    }

    /// Remembers the name by which `memberUid` knows a user.
    pub(super) fn known_as(&mut self, user: &IdpUserId, uid: &str) {
        let place = self.by_uid.entry(uid.to_owned()).or_insert_with(|| Some(user.clone()));
        if place.as_ref() != Some(user) {
            *place = None;
        }
    }

    /// The user with this distinguished name.
    pub(super) fn at(&self, dn: &str) -> Option<&IdpUserId> {
        self.by_dn.get(dn)
    }

    /// The user whom `memberUid` calls so.
    pub(super) fn called(&self, uid: &str) -> Option<&IdpUserId> {
        self.by_uid.get(uid)?.as_ref()
    }

    /// The members of the primary group with this number.
    pub(super) fn primary_members(&self, group: u32) -> impl Iterator<Item = &IdpUserId> {
        self.primary.get(&group).into_iter().flatten()
    }

    /// A user, to be told more of.
    pub(super) fn get_mut(&mut self, id: &IdpUserId) -> Option<&mut IdpUser> {
        self.list.get_mut(id)
    }

    /// Whether anybody is switched off.
    pub(super) fn any_disabled(&self) -> bool {
        self.list.values().any(|user| user.status == IdpStatus::Disabled)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The gaps of entries that can't be used.
    pub(super) fn gaps(&self, operation: &str) -> Vec<Gap> {
        let gap = |(why, (first, count)): (&Unusable, &(String, u64))| Gap {
            fact: Fact::IdpUsers,
            kind: GapKind::Malformed,
            at: match count {
                1 => format!("{operation} ({first})"),
                count => format!("{operation} ({first} and {} more)", count - 1),
            },
            reason: why.reason.to_owned(),
            hint: why.hint.to_owned(),
        };
        self.unusable.iter().map(gap).collect()
    }

    /// The users, sorted by id, with their managers' user names where those are users as well.
    pub(super) fn into_list(mut self) -> Vec<IdpUser> {
        for (user, manager) in std::mem::take(&mut self.managers) {
            let of_manager = self.by_dn.get(&Dn::of(&manager).into_key());
            let name = of_manager.and_then(|id| self.list.get(id)).map(|found| found.user_name.clone());
            if let Some(user) = self.list.get_mut(&user) {
                user.manager = Some(name.unwrap_or(manager));
            }
        }
        self.list.into_values().collect()
    }
}

/// A name to sign in with: short, and without control characters.
pub(super) fn sign_in_name(name: Option<String>) -> Result<String, Unusable> {
    name.filter(|name| name.len() <= 2048).ok_or(Unusable {
        reason: "a user has no name to sign in with, or who reads may not see it",
        hint: "give the entry a user name, or let the user of bind_dn read it",
    })
}

/// An id made of text that the directory sent.
pub(super) fn id<T: std::str::FromStr>(text: Option<String>) -> Result<T, Unusable> {
    text.and_then(|text| text.parse().ok()).ok_or(Unusable {
        reason: "an entry has no id that stays when it is renamed, or who reads may not see it",
        hint: "let the user of bind_dn read objectGUID, entryUUID or nsUniqueId",
    })
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    fn user(id: &str, name: &str) -> Result<IdpUser, Unusable> {
        Ok(IdpUser::new(id.parse().unwrap(), name.to_owned(), IdpStatus::Active, "test".to_owned()))
    }

    #[test]
    fn managers_are_named_as_users_where_they_are_users() {
        let mut users = Users::default();
        assert!(users.add(&entry("cn=a,o=x", &[("manager", b"CN=B, O=X")]), user("1", "ann")));
        assert!(users.add(&entry("cn=b,o=x", &[("manager", b"cn=gone,o=x")]), user("2", "bob")));
        assert!(!users.add(&entry("cn=moved,o=x", &[]), user("2", "bob")));
        let list = users.into_list();
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].manager.as_deref(), Some("bob"));
        assert_eq!(list[1].manager.as_deref(), Some("cn=gone,o=x"));
    }

    #[test]
    fn unusable_entries_are_one_gap_for_each_reason() {
        let mut users = Users::default();
        for dn in ["cn=a", "cn=b", "cn=c"] {
            users.add(&entry(dn, &[]), Err(sign_in_name(None).unwrap_err()));
        }
        users.add(&entry("cn=d", &[]), Err(id::<IdpUserId>(Some("\u{7}".to_owned())).unwrap_err()));
        let gaps = users.gaps("ldap:users");
        let told: Vec<&str> = gaps.iter().map(|gap| gap.at.as_str()).collect();
        assert_eq!(told, ["ldap:users (cn=a and 2 more)", "ldap:users (cn=d)"]);
    }

    #[test]
    fn a_name_of_two_is_nobodys() {
        let mut users = Users::default();
        let (one, two): (IdpUserId, IdpUserId) = ("1".parse().unwrap(), "2".parse().unwrap());
        users.known_as(&one, "ann");
        users.known_as(&one, "ann");
        users.known_as(&two, "bob");
        assert_eq!(users.called("ann"), Some(&one));
        users.known_as(&two, "ann");
        users.known_as(&one, "ann");
        assert_eq!(users.called("ann"), None);
        assert_eq!(users.called("bob"), Some(&two));
    }
}
