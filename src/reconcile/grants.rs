//! Who holds what, by which path.
//!
//! Memberships and assignments stay as sorted position lists; a grant is a pair of positions and is made only when asked
//! for, since an organisation has many more grants than records.

use std::collections::HashMap;

use super::Ledger;
use super::entitlements::{AccountView, Entitlements, ResolvedPrincipal, SetView};
use crate::model::finding::{GrantKey, stable_id};
use crate::model::{Assignment, DirectoryGroup, DirectoryUser, Membership};
use crate::snapshot::Snapshot;

/// A list of positions per row, all in one allocation.
#[derive(Debug, Default)]
struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// From pairs of row and item; items keep the order of the pairs.
    fn new(rows: usize, pairs: &[(u32, u32)]) -> Self {
        let mut starts = vec![0u32; rows + 1];
        for (row, _) in pairs {
            if let Some(slot) = starts.get_mut(*row as usize + 1) {
                *slot += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut items = vec![0u32; pairs.len()];
        for (row, item) in pairs {
            if let Some(at) = next.get_mut(*row as usize) {
                if let Some(slot) = items.get_mut(*at as usize) {
                    *slot = *item;
                }
                *at += 1;
            }
        }
        Self { starts, items }
    }

    fn row(&self, row: u32) -> &[u32] {
        let bound = |at: usize| self.starts.get(at).map(|start| *start as usize);
        match (bound(row as usize), bound(row as usize + 1)) {
            (Some(start), Some(end)) => self.items.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Grants as position lists.
#[derive(Debug, Default)]
pub struct Grants {
    groups_of_user: Lists,
    members_of_group: Lists,
    direct_of_user: Lists,
    of_group: Lists,
    membership_at: HashMap<(u32, u32), u32>,
    strangers: u64,
}

/// A grant with everything it touches.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// Its positions.
    pub key: GrantKey,
    /// The directory user.
    pub user: &'a DirectoryUser,
    /// AWS's record.
    pub assignment: &'a Assignment,
    /// The group it comes by; none when direct.
    pub group: Option<&'a DirectoryGroup>,
    /// The membership it comes by.
    pub membership: Option<&'a Membership>,
}

/// Indexes memberships and assignments.
pub fn index(snapshot: &Snapshot, entitlements: &Entitlements<'_>) -> Grants {
    let Some(aws) = snapshot.aws() else {
        return Grants::default();
    };
    let user_at: HashMap<_, u32> = (0u32..).zip(&aws.users).map(|(at, user)| (&user.id, at)).collect();
    let group_at: HashMap<_, u32> = (0u32..).zip(&aws.groups).map(|(at, group)| (&group.id, at)).collect();
    let mut members = Vec::with_capacity(aws.memberships.len());
    let mut membership_at = HashMap::with_capacity(aws.memberships.len());
    let mut strangers = 0;
    for (at, membership) in (0u32..).zip(&aws.memberships) {
        match (group_at.get(&membership.group), user_at.get(&membership.user)) {
            (Some(group), Some(user)) => {
                members.push((*group, *user));
                membership_at.insert((*group, *user), at);
            }
            _ => strangers += 1,
        }
    }
    let groups: Vec<(u32, u32)> = members.iter().map(|(group, user)| (*user, *group)).collect();
    let mut direct = Vec::new();
    let mut by_group = Vec::new();
    for at in 0..u32::try_from(entitlements.assignments().len()).unwrap_or(u32::MAX) {
        if entitlements.is_excluded(at) {
            continue;
        }
        match entitlements.resolved(at).map(|resolved| resolved.principal) {
            Some(ResolvedPrincipal::User(user)) => direct.push((user, at)),
            Some(ResolvedPrincipal::Group(group)) => by_group.push((group, at)),
            Some(ResolvedPrincipal::Missing(_)) | None => {}
        }
    }
    Grants {
        groups_of_user: Lists::new(aws.users.len(), &groups),
        members_of_group: Lists::new(aws.groups.len(), &members),
        direct_of_user: Lists::new(aws.users.len(), &direct),
        of_group: Lists::new(aws.groups.len(), &by_group),
        membership_at,
        strangers,
    }
}

impl Grants {
    /// A user's grants, sorted by account, permission set and group.
    ///
    /// Assignments are sorted by account, permission set and principal, so sorting positions sorts the grants.
    pub fn of_user(&self, user: u32) -> Vec<GrantKey> {
        let by_groups = self.groups_of_user.row(user).iter().flat_map(|group| self.of_group.row(*group));
        let mut assignments: Vec<u32> = self.direct_of_user.row(user).iter().chain(by_groups).copied().collect();
        assignments.sort_unstable();
        assignments.into_iter().map(|assignment| GrantKey { user, assignment }).collect()
    }

    /// How many grants a user has.
    pub fn count_of_user(&self, user: u32) -> usize {
        let by_groups: usize = self.groups_of_user.row(user).iter().map(|group| self.of_group.row(*group).len()).sum();
        self.direct_of_user.row(user).len() + by_groups
    }

    /// A group's members, by position.
    pub fn members(&self, group: u32) -> &[u32] {
        self.members_of_group.row(group)
    }

    /// A group's assignments, by position.
    pub fn of_group(&self, group: u32) -> &[u32] {
        self.of_group.row(group)
    }

    /// A user's groups, by position.
    pub fn groups(&self, user: u32) -> &[u32] {
        self.groups_of_user.row(user)
    }

    /// Memberships whose group or user the listing lacks.
    pub fn stranger_memberships(&self) -> u64 {
        self.strangers
    }
}

impl<'a> Ledger<'a> {
    /// A grant with everything it touches.
    pub fn grant(&self, key: GrantKey) -> Option<Grant<'a>> {
        let assignment = self.entitlements().assignments().get(key.assignment as usize)?;
        let user = self.user(key.user)?;
        let (group, membership) = match self.entitlements().resolved(key.assignment)?.principal {
            ResolvedPrincipal::Group(group) => {
                let at = self.grants().membership_at.get(&(group, key.user)).copied();
                let membership = at.and_then(|at| self.aws()?.memberships.get(at as usize));
                (self.groups().get(group as usize), membership)
            }
            ResolvedPrincipal::User(_) | ResolvedPrincipal::Missing(_) => (None, None),
        };
        Some(Grant { key, user, assignment, group, membership })
    }

    /// All grants of a person, over all their directory users.
    pub fn grants_of_person(&self, person: &super::Person) -> Vec<GrantKey> {
        person.users.iter().flat_map(|user| self.grants().of_user(*user)).collect()
    }

    /// A grant's account.
    pub fn account_of(&self, key: GrantKey) -> Option<&AccountView<'a>> {
        self.entitlements().account_of(key.assignment)
    }

    /// A grant's permission set, where it was listed.
    pub fn set_of(&self, key: GrantKey) -> Option<&SetView<'a>> {
        self.entitlements().set_of(key.assignment)
    }

    /// The contract's `grant_id`: a digest over instance, plane, principal, account, entitlement and user.
    pub fn grant_id(&self, key: GrantKey) -> String {
        let (Some(aws), Some(grant)) = (self.aws(), self.grant(key)) else {
            return String::new();
        };
        let Assignment { account, permission_set, principal } = grant.assignment;
        stable_id(
            "g_",
            &[
                aws.instance.arn.as_str(),
                grant.assignment.plane().as_str(),
                principal.kind().as_str(),
                principal.id(),
                account.as_str(),
                permission_set.as_str(),
                grant.user.id.as_str(),
            ],
        )
    }

    /// The `assignment_id`: the same without the user.
    pub fn assignment_id(&self, assignment: u32) -> String {
        let (Some(aws), Some(record)) = (self.aws(), self.entitlements().assignments().get(assignment as usize)) else {
            return String::new();
        };
        let Assignment { account, permission_set, principal } = record;
        stable_id(
            "a_",
            &[
                aws.instance.arn.as_str(),
                record.plane().as_str(),
                principal.kind().as_str(),
                principal.id(),
                account.as_str(),
                permission_set.as_str(),
            ],
        )
    }

    /// A grant's path in words: `IDSentinel-ReadOnly on dev (111122223333) via GRP-AWS-Engineering`.
    pub fn describe_grant(&self, key: GrantKey) -> String {
        let set = self.entitlements().set_label(key.assignment);
        let account = self.account_of(key);
        let name = account.map_or("?", AccountView::name);
        let id = account.map_or("", |account| account.id.as_str());
        let place = if name == id { id.to_owned() } else { format!("{name} ({id})") };
        match self.grant(key).and_then(|grant| grant.group) {
            Some(group) => format!("{set} on {place} via {}", group.name),
            None => format!("{set} on {place} directly"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn lists_hold_what_was_put_in(pairs in proptest::collection::vec((0u32..20, 0u32..1000), 0..200)) {
            let lists = Lists::new(20, &pairs);
            for row in 0..20 {
                let expected: Vec<u32> = pairs.iter().filter(|(r, _)| *r == row).map(|(_, item)| *item).collect();
                proptest::prop_assert_eq!(lists.row(row), expected.as_slice());
            }
            proptest::prop_assert!(lists.row(20).is_empty());
        }
    }
}
