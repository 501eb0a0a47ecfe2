//! Differences of access: Identity Center's directory, accounts, permission sets, assignments, and the grants they make.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Differences, Fields, Found, Kind, differences};
use super::{ChangeView, ItemView, item, lines};
use crate::model::id::{AccountId, GroupId, PermissionSetArn, UserId};
use crate::model::permission_set::Boundary;
use crate::model::{
    Account, Assignment, AwsFacts, DirectoryGroup, DirectoryUser, Fact, Membership, PermissionSet, Principal,
    UserStatus,
};
use crate::snapshot::Snapshot;

const USERS: Kind = Kind { kind: "users", title: "Identity Center users", facts: &[Fact::DirectoryUsers] };
const GROUPS: Kind = Kind { kind: "groups", title: "Identity Center groups", facts: &[Fact::DirectoryGroups] };
const MEMBERSHIPS: Kind =
    Kind { kind: "memberships", title: "Identity Center group memberships", facts: &[Fact::Memberships] };
const ACCOUNTS: Kind = Kind { kind: "accounts", title: "accounts", facts: &[Fact::Accounts] };
const SETS: Kind = Kind { kind: "permission_sets", title: "permission sets", facts: &[Fact::PermissionSets] };
const ASSIGNMENTS: Kind = Kind { kind: "assignments", title: "account assignments", facts: &[Fact::Assignments] };
const GRANTS: Kind = Kind { kind: "grants", title: "grants", facts: &[Fact::Assignments, Fact::Memberships] };

/// Compares what AWS told.
pub(super) fn access(found: &mut Found, before: &Snapshot, after: &Snapshot) {
    if let (Some(was), Some(is)) = (before.aws(), after.aws()) {
        let names = Names::of(was, is);
        directory(found, &names, (before, was), (after, is));
        entitlements(found, &names, (before, was), (after, is));
        return;
    }
    // Without the instance nothing of AWS was read; which of the two lacks it is told for every kind.
    for kind in [USERS, GROUPS, MEMBERSHIPS, ACCOUNTS, SETS, ASSIGNMENTS, GRANTS] {
        if found.compares(kind, before, after) {
            found.take(kind, before, after, Differences::default());
        }
    }
}

/// What ids of AWS are called, by the later snapshot where both know them.
struct Names<'a> {
    users: BTreeMap<&'a UserId, &'a str>,
    groups: BTreeMap<&'a GroupId, &'a str>,
    sets: BTreeMap<&'a PermissionSetArn, &'a str>,
    accounts: BTreeMap<&'a AccountId, &'a str>,
}

impl<'a> Names<'a> {
    fn of(was: &'a AwsFacts, is: &'a AwsFacts) -> Self {
        let both = || [was, is].into_iter();
        Self {
            users: both().flat_map(|aws| &aws.users).map(|user| (&user.id, user.user_name.as_str())).collect(),
            groups: both().flat_map(|aws| &aws.groups).map(|group| (&group.id, group.name.as_str())).collect(),
            sets: both().flat_map(|aws| &aws.permission_sets).map(|set| (&set.arn, set.label())).collect(),
            accounts: both()
                .flat_map(|aws| &aws.accounts)
                .map(|account| (&account.id, account.name.as_str()))
                .collect(),
        }
    }

    fn user<'b>(&self, id: &'b UserId) -> &'b str
    where
        'a: 'b,
    {
        self.users.get(id).copied().unwrap_or(id.as_str())
    }

    fn group<'b>(&self, id: &'b GroupId) -> &'b str
    where
        'a: 'b,
    {
        self.groups.get(id).copied().unwrap_or(id.as_str())
    }

    fn entitlement(&self, assignment: &Assignment) -> String {
        let set = self.sets.get(&assignment.permission_set).copied().unwrap_or(assignment.permission_set.as_str());
        let account = self.accounts.get(&assignment.account).copied().unwrap_or(assignment.account.as_str());
        format!("{set} on {account}")
    }

    fn assignment(&self, assignment: &Assignment) -> ItemView {
        let Assignment { account, permission_set, principal } = assignment;
        let who = match principal {
            Principal::User(user) => self.user(user).to_owned(),
            Principal::Group(group) => format!("group {}", self.group(group)),
        };
        item(
            &format!("{account}/{permission_set}/{}", principal.id()),
            &format!("{who}: {}", self.entitlement(assignment)),
        )
    }
}

/// A snapshot with what AWS told it.
type Side<'a> = (&'a Snapshot, &'a AwsFacts);

fn directory(found: &mut Found, names: &Names<'_>, (before, was): Side<'_>, (after, is): Side<'_>) {
    if found.compares(USERS, before, after) {
        let item = |user: &DirectoryUser| item(user.id.as_str(), &user.user_name);
        let ids = |user: &DirectoryUser| {
            let ids: Vec<String> = user.external_ids.iter().map(|id| format!("{} {}", id.issuer, id.id)).collect();
            (!ids.is_empty()).then(|| ids.join("; "))
        };
        let change = |was: &DirectoryUser, is: &DirectoryUser| {
            Fields::default()
                .text("user name", Some(&was.user_name), Some(&is.user_name))
                .text("name", was.display_name.as_deref(), is.display_name.as_deref())
                .text("email", was.email.as_deref(), is.email.as_deref())
                .known("status", &was.status, &is.status, |status: &UserStatus| status.as_str().to_owned())
                .text("external ids", ids(was).as_deref(), ids(is).as_deref())
                .of(item(is))
        };
        let all = differences(&was.users, &is.users, |user| &user.id, item, change);
        found.take(USERS, before, after, all);
    }
    if found.compares(GROUPS, before, after) {
        let item = |group: &DirectoryGroup| item(group.id.as_str(), &group.name);
        let change = |was: &DirectoryGroup, is: &DirectoryGroup| {
            Fields::default().text("name", Some(&was.name), Some(&is.name)).of(item(is))
        };
        let all = differences(&was.groups, &is.groups, |group| &group.id, item, change);
        found.take(GROUPS, before, after, all);
    }
    if found.compares(MEMBERSHIPS, before, after) {
        let item = |membership: &Membership| {
            let Membership { group, user, .. } = membership;
            item(&format!("{group}/{user}"), &format!("{} in {}", names.user(user), names.group(group)))
        };
        let (was, is) = (&was.memberships, &is.memberships);
        let all = differences(was, is, |member| (&member.group, &member.user), item, |_, _| None);
        found.take(MEMBERSHIPS, before, after, all);
    }
}

fn entitlements(found: &mut Found, names: &Names<'_>, (before, was): Side<'_>, (after, is): Side<'_>) {
    if found.compares(ACCOUNTS, before, after) {
        let item = |account: &Account| item(account.id.as_str(), &account.name);
        let change = |was: &Account, is: &Account| {
            Fields::default()
                .text("name", Some(&was.name), Some(&is.name))
                .known("state", &was.state, &is.state, |state| state.as_str().to_owned())
                .known("organizational unit", &was.path, &is.path, Clone::clone)
                .of(item(is))
        };
        let all = differences(&was.accounts, &is.accounts, |account| &account.id, item, change);
        found.take(ACCOUNTS, before, after, all);
    }
    if found.compares(SETS, before, after) {
        let item = |set: &PermissionSet| item(set.arn.as_str(), set.label());
        let change = |was: &PermissionSet, is: &PermissionSet| permission_set(was, is, item(is));
        let all = differences(&was.permission_sets, &is.permission_sets, |set| &set.arn, item, change);
        found.take(SETS, before, after, all);
    }
    if found.compares(ASSIGNMENTS, before, after) {
        let item = |assignment: &Assignment| names.assignment(assignment);
        let all = differences(&was.assignments, &is.assignments, |one| one, item, |_, _| None);
        found.take(ASSIGNMENTS, before, after, all);
    }
    if found.compares(GRANTS, before, after) {
        let (gained, lost) = (grants_beyond(is, was), grants_beyond(was, is));
        let view = |grants: BTreeSet<(&UserId, &Assignment)>| {
            let view = |(user, assignment): (&UserId, &Assignment)| {
                let via = match &assignment.principal {
                    Principal::User(_) => "assigned directly".to_owned(),
                    Principal::Group(group) => format!("through {}", names.group(group)),
                };
                item(
                    &format!(
                        "{user}/{}/{}/{}",
                        assignment.account,
                        assignment.permission_set,
                        assignment.principal.id()
                    ),
                    &format!("{}: {}, {via}", names.user(user), names.entitlement(assignment)),
                )
            };
            grants.into_iter().map(view).collect()
        };
        let differences = Differences { added: view(gained), removed: view(lost), changed: Vec::new() };
        found.take(GRANTS, before, after, differences);
    }
}

/// The grants of one side that the other lacks. Only what differs is expanded: all grants can be a thousand times as many.
fn grants_beyond<'a>(here: &'a AwsFacts, there: &AwsFacts) -> BTreeSet<(&'a UserId, &'a Assignment)> {
    let assigned: BTreeSet<&Assignment> = there.assignments.iter().collect();
    let members: BTreeSet<(&GroupId, &UserId)> = there.memberships.iter().map(|m| (&m.group, &m.user)).collect();
    let mut by_group: BTreeMap<&GroupId, (Vec<&'a UserId>, Vec<&'a Assignment>)> = BTreeMap::new();
    for membership in &here.memberships {
        by_group.entry(&membership.group).or_default().0.push(&membership.user);
    }
    for assignment in &here.assignments {
        if let Principal::Group(group) = &assignment.principal {
            by_group.entry(group).or_default().1.push(assignment);
        }
    }
    let mut beyond = BTreeSet::new();
    for assignment in here.assignments.iter().filter(|assignment| !assigned.contains(assignment)) {
        match &assignment.principal {
            Principal::User(user) => {
                beyond.insert((user, assignment));
            }
            Principal::Group(group) => {
                let users = by_group.get(group).map_or(&[][..], |(users, _)| users);
                beyond.extend(users.iter().map(|user| (*user, assignment)));
            }
        }
    }
    for membership in here.memberships.iter().filter(|member| !members.contains(&(&member.group, &member.user))) {
        let assignments = by_group.get(&membership.group).map_or(&[][..], |(_, assignments)| assignments);
        beyond.extend(assignments.iter().map(|assignment| (&membership.user, *assignment)));
    }
    beyond
}

fn permission_set(was: &PermissionSet, is: &PermissionSet, item: ItemView) -> Option<ChangeView> {
    let names = |mut names: Vec<String>| {
        names.sort();
        names.join("; ")
    };
    let fields = Fields::default()
        .known("name", &was.name, &is.name, Clone::clone)
        .known("description", &was.description, &is.description, Clone::clone)
        .known("session", &was.session, &is.session, ToString::to_string)
        .known("AWS managed policies", &was.managed, &is.managed, |list| {
            names(list.iter().map(|policy| policy.name.clone()).collect())
        })
        .known("customer managed policies", &was.customer, &is.customer, |list| {
            names(list.iter().map(|policy| format!("{}{}", policy.path, policy.name)).collect())
        })
        .known("boundary", &was.boundary, &is.boundary, |boundary| match boundary {
            Boundary::Managed(arn) => arn.clone(),
            Boundary::Customer(policy) => format!("{}{}", policy.path, policy.name),
        });
    let policy = if was.inline.is_unknown() || is.inline.is_unknown() {
        Vec::new()
    } else {
        lines::policy(was.inline.value().map(String::as_str), is.inline.value().map(String::as_str))
    };
    fields.with_policy(item, policy)
}
