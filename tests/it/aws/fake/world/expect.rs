//! What a correct audit of the world says, and what it costs at least.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Principal, User, World};

/// A row of assignments.csv: account, permission set, principal type, principal, principal state.
pub(crate) type AssignmentRow = (String, String, String, String, String);
/// A row of grants.csv: user, `direct` or `group`, group, account, permission set.
pub(crate) type GrantRow = (String, String, String, String, String);

impl World {
    /// The rows of assignments.csv.
    pub(crate) fn assignment_rows(&self) -> BTreeSet<AssignmentRow> {
        let dangling = self.dangling();
        let users: HashMap<&str, &User> = self.users.iter().map(|user| (user.id.as_str(), user)).collect();
        let state = |principal: &Principal| match users.get(principal.id()) {
            _ if dangling.contains(principal) => "missing",
            Some(user) if user.enabled == Some(false) => "disabled",
            _ => "present",
        };
        let rows = self
            .assignments
            .iter()
            .flat_map(|((set, account), principals)| principals.iter().map(move |principal| (set, account, principal)));
        rows.map(|(set, account, principal)| {
            let (kind, id) = (principal.kind().to_owned(), principal.id().to_owned());
            (account.clone(), set.clone(), kind, id, state(principal).to_owned())
        })
        .collect()
    }

    /// The rows of grants.csv: one for each path from a listed user to an account and permission set.
    pub(crate) fn grant_rows(&self) -> BTreeSet<GrantRow> {
        let listed: BTreeSet<&str> =
            self.users.iter().filter(|user| user.listed).map(|user| user.id.as_str()).collect();
        let mut rows = BTreeSet::new();
        for ((set, account), principals) in &self.assignments {
            for principal in principals {
                let (via, group, holders) = match principal {
                    Principal::User(user) => ("direct", "", std::slice::from_ref(user)),
                    Principal::Group(group) => {
                        ("group", group.as_str(), self.members.get(group).map_or(&[][..], Vec::as_slice))
                    }
                };
                for holder in holders.iter().filter(|holder| listed.contains(holder.as_str())) {
                    rows.insert((holder.clone(), via.into(), group.into(), account.clone(), set.clone()));
                }
            }
        }
        rows
    }

    /// The least requests by which the world can be read: permission set by permission set, group by group, each list
    /// once.
    pub(crate) fn least_calls(&self) -> BTreeMap<&'static str, u64> {
        let pages = |items: usize, size: usize| items.div_ceil(size).max(1) as u64;
        let sets = self.permission_sets.len() as u64;
        let provisioned = |set: &str| self.provisioned.get(set).map_or(0, BTreeMap::len);
        let accounts_of = self.permission_sets.iter().map(|set| pages(provisioned(&set.arn), 100)).sum();
        let pairs =
            self.provisioned.iter().flat_map(|(set, accounts)| accounts.keys().map(move |account| (set, account)));
        let rows = |(set, account): (&String, &String)| {
            self.assignments.get(&(set.clone(), account.clone())).map_or(0, Vec::len)
        };
        let members = |id: &str| self.members.get(id).map_or(0, Vec::len);
        let dangling = self.dangling();
        let gone_users = dangling.iter().filter(|gone| gone.kind() == "USER").count() as u64;
        let listed_users = self.users.iter().filter(|user| user.listed).count();
        let listed_accounts = self.accounts.iter().filter(|account| account.listed).count();
        let units: BTreeSet<&str> = self.accounts.iter().filter(|a| a.listed).map(|account| account.path).collect();
        BTreeMap::from([
            ("sts:GetCallerIdentity", 1),
            ("organizations:DescribeOrganizationalUnit", units.len() as u64),
            ("organizations:DescribeOrganization", 1),
            ("organizations:ListAccounts", pages(listed_accounts, 20)),
            ("organizations:ListDelegatedAdministrators", 1),
            ("sso:ListInstances", 1),
            ("sso:ListPermissionSets", pages(self.permission_sets.len(), 100)),
            ("sso:DescribePermissionSet", sets),
            ("sso:ListManagedPoliciesInPermissionSet", sets),
            ("sso:ListCustomerManagedPolicyReferencesInPermissionSet", sets),
            ("sso:GetInlinePolicyForPermissionSet", sets),
            ("sso:GetPermissionsBoundaryForPermissionSet", sets),
            ("sso:ListAccountsForProvisionedPermissionSet", accounts_of),
            ("sso:ListAccountAssignments", pairs.map(|pair| pages(rows(pair), 100)).sum()),
            ("identitystore:ListUsers", pages(listed_users, 100)),
            ("identitystore:ListGroups", pages(self.groups.len(), 100)),
            (
                "identitystore:ListGroupMemberships",
                self.groups.iter().map(|group| pages(members(&group.id), 100)).sum(),
            ),
            ("identitystore:DescribeUser", gone_users),
            ("identitystore:DescribeGroup", dangling.len() as u64 - gone_users),
        ])
    }
}
