//! What can be held: accounts with their class, permission sets with their tier, assignments resolved to both.

use std::collections::HashMap;

use crate::config::{AccountExclusion, AccountKey, AccountPattern, Config};
use crate::model::id::AccountId;
use crate::model::permission_set::Tier;
use crate::model::time::Tri;
use crate::model::{
    Account, AccountClass, AccountState, AsOf, Assignment, Known, PermissionSet, Principal, PrincipalKind,
};
use crate::snapshot::Snapshot;

/// An account as the rest of the program sees it.
#[derive(Debug, Clone)]
pub struct AccountView<'a> {
    /// Its id.
    pub id: &'a AccountId,
    /// What Organizations says of it; none when only assignments mention it.
    pub listed: Option<&'a Account>,
    /// What it is for.
    pub class: AccountClass,
    /// The decision that leaves it out of scope, if one does.
    pub excluded: Option<&'a AccountExclusion>,
}

impl AccountView<'_> {
    /// Its name, or its id where no name is known.
    pub fn name(&self) -> &str {
        self.listed.map_or(self.id.as_str(), |account| account.name.as_str())
    }

    /// Its state, where known.
    pub fn state(&self) -> Option<AccountState> {
        self.listed.and_then(|account| account.state.value().copied())
    }

    /// Whether a pattern of the config takes it in; perhaps, when it hangs on a path or name that is not known.
    pub fn matches(&self, pattern: &AccountPattern) -> Tri {
        let yes_or = |matched, otherwise| if matched { Tri::Yes } else { otherwise };
        match &pattern.by {
            AccountKey::Account(pattern) => {
                let nameless = if self.listed.is_some() { Tri::No } else { Tri::Maybe };
                // A pattern of digits names ids, and an id is always known.
                let nameless = if pattern.as_str().bytes().all(|b| b.is_ascii_digit()) { Tri::No } else { nameless };
                yes_or(pattern.matches(self.id.as_str()) || pattern.matches(self.name()), nameless)
            }
            AccountKey::OrganizationalUnit(pattern) => {
                // The account's own name ends the path, so that `Workloads/*` takes in what lies directly in Workloads.
                match self.listed.map(|account| &account.path) {
                    Some(Known::Value(path)) => yes_or(pattern.matches(&format!("{path}/{}", self.name())), Tri::No),
                    Some(Known::Absent) => Tri::No,
                    Some(Known::Unknown(_)) | None => Tri::Maybe,
                }
            }
        }
    }
}

/// A permission set as the rest of the program sees it.
#[derive(Debug, Clone)]
pub struct SetView<'a> {
    /// What AWS says of it.
    pub set: &'a PermissionSet,
    /// How much it lets its holder do.
    pub tier: Tier,
    /// Why that tier, in words.
    pub tier_reason: String,
    /// The pattern of `policy.privileged` that names it.
    pub named: Option<&'a str>,
}

/// Whom an assignment is given to, by position; missing when the directory does not have the principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResolvedPrincipal {
    /// A directory user.
    User(u32),
    /// A directory group.
    Group(u32),
    /// Not in the directory.
    Missing(PrincipalKind),
}

/// An assignment with its account, permission set and principal by position.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedAssignment {
    /// The account's position in [`Entitlements::accounts`].
    pub account: u32,
    /// The permission set's position in [`Entitlements::sets`]; none when it was not listed.
    pub set: Option<u32>,
    /// To whom.
    pub principal: ResolvedPrincipal,
}

/// Accounts, permission sets and assignments.
#[derive(Debug, Default)]
pub struct Entitlements<'a> {
    assignments: &'a [Assignment],
    accounts: Vec<AccountView<'a>>,
    sets: Vec<SetView<'a>>,
    resolved: Vec<ResolvedAssignment>,
}

/// Whether something is privileged, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Privilege {
    /// It is, because of this.
    Yes(String),
    /// It is not.
    No,
    /// A policy decides whose content was not judged.
    Unknown(String),
}

impl Privilege {
    /// Whether it is certainly privileged.
    pub fn is_yes(&self) -> bool {
        matches!(self, Self::Yes(_))
    }
}

impl<'a> Entitlements<'a> {
    /// Accounts, listed by Organizations or named by assignments, sorted by id.
    pub fn accounts(&self) -> &[AccountView<'a>] {
        &self.accounts
    }

    /// The account of an id.
    pub fn account(&self, id: &AccountId) -> Option<&AccountView<'a>> {
        self.accounts.binary_search_by(|account| account.id.cmp(id)).ok().and_then(|at| self.accounts.get(at))
    }

    /// Permission sets, sorted by ARN.
    pub fn sets(&self) -> &[SetView<'a>] {
        &self.sets
    }

    /// AWS's assignments, by position.
    pub fn assignments(&self) -> &'a [Assignment] {
        self.assignments
    }

    /// An assignment with what it resolves to.
    pub fn resolved(&self, position: u32) -> Option<ResolvedAssignment> {
        self.resolved.get(position as usize).copied()
    }

    /// An assignment's account.
    pub fn account_of(&self, assignment: u32) -> Option<&AccountView<'a>> {
        self.resolved(assignment).and_then(|resolved| self.accounts.get(resolved.account as usize))
    }

    /// An assignment's permission set, where it was listed.
    pub fn set_of(&self, assignment: u32) -> Option<&SetView<'a>> {
        self.resolved(assignment).and_then(|resolved| self.sets.get(resolved.set? as usize))
    }

    /// The permission set's name on an assignment, or its ARN.
    pub fn set_label(&self, assignment: u32) -> &str {
        let arn = self.assignments.get(assignment as usize).map_or("", |a| a.permission_set.as_str());
        self.set_of(assignment).map_or(arn, |set| set.set.label())
    }

    /// Whether the assignment's account is left out of the audit.
    pub fn is_excluded(&self, assignment: u32) -> bool {
        self.account_of(assignment).is_some_and(|account| account.excluded.is_some())
    }

    /// The decision that leaves it out of the audit, of every assignment that one does.
    pub fn excluded(&self) -> impl Iterator<Item = &'a AccountExclusion> {
        (0u32..).zip(self.assignments).filter_map(|(at, _)| self.account_of(at)?.excluded)
    }

    /// Whether holding this assignment is privileged, and why.
    pub fn privilege(&self, assignment: u32) -> Privilege {
        let Some(set) = self.set_of(assignment) else {
            return Privilege::Unknown("the permission set was not listed".to_owned());
        };
        if let Some(pattern) = set.named {
            return Privilege::Yes(format!("policy.privileged names `{pattern}`"));
        }
        if matches!(set.tier, Tier::Admin | Tier::Power) {
            return Privilege::Yes(format!("tier {}: {}", set.tier.as_str(), set.tier_reason));
        }
        let class = self.account_of(assignment).map_or(AccountClass::Workload, |account| account.class);
        match set.tier {
            Tier::Write if class.is_sensitive() => {
                Privilege::Yes(format!("more than read access to a {} account", class.as_str()))
            }
            Tier::Unknown => Privilege::Unknown(set.tier_reason.clone()),
            _ => Privilege::No,
        }
    }
}

/// Resolves accounts, permission sets and assignments.
pub fn resolve<'a>(snapshot: &'a Snapshot, config: &'a Config, as_of: AsOf) -> Entitlements<'a> {
    let Some(aws) = snapshot.aws() else {
        return Entitlements::default();
    };
    let mut ids: Vec<(&AccountId, Option<&Account>)> =
        aws.accounts.iter().map(|account| (&account.id, Some(account))).collect();
    let known: HashMap<&AccountId, ()> = ids.iter().map(|(id, _)| (*id, ())).collect();
    let mut unlisted: Vec<&AccountId> = aws
        .assignments
        .iter()
        .map(|a| &a.account)
        .chain(aws.provisioned.iter().map(|p| &p.account))
        .filter(|id| !known.contains_key(id))
        .collect();
    unlisted.sort_unstable();
    unlisted.dedup();
    ids.extend(unlisted.into_iter().map(|id| (id, None)));
    ids.sort_unstable_by_key(|(id, _)| *id);

    let accounts: Vec<AccountView<'a>> = ids
        .into_iter()
        .map(|(id, listed)| {
            let mut view = AccountView { id, listed, class: AccountClass::Workload, excluded: None };
            view.class = class(&view, snapshot, config);
            view.excluded = config.scope.exclude_accounts.iter().find(|entry| {
                let live = entry.expires.is_none_or(|end| end > as_of.instant());
                // What may or may not be excluded stays in scope: leaving it out would be the silent error.
                live && view.matches(&entry.account) == Tri::Yes
            });
            view
        })
        .collect();
    let sets: Vec<SetView<'a>> = aws
        .permission_sets
        .iter()
        .map(|set| {
            let (tier, tier_reason) = tier(set);
            let named = set.name.value().and_then(|name| config.policy.privileged.iter().find(|p| p.matches(name)));
            SetView { set, tier, tier_reason, named: named.map(crate::model::Pattern::as_str) }
        })
        .collect();

    let account_at: HashMap<&AccountId, u32> = (0u32..).zip(&accounts).map(|(at, view)| (view.id, at)).collect();
    let set_at: HashMap<_, u32> = (0u32..).zip(&sets).map(|(at, view)| (&view.set.arn, at)).collect();
    let user_at: HashMap<_, u32> = (0u32..).zip(&aws.users).map(|(at, user)| (&user.id, at)).collect();
    let group_at: HashMap<_, u32> = (0u32..).zip(&aws.groups).map(|(at, group)| (&group.id, at)).collect();
    let resolved = aws
        .assignments
        .iter()
        .map(|assignment| {
            let found = match &assignment.principal {
                Principal::User(id) => user_at.get(id).map(|at| ResolvedPrincipal::User(*at)),
                Principal::Group(id) => group_at.get(id).map(|at| ResolvedPrincipal::Group(*at)),
            };
            ResolvedAssignment {
                account: account_at.get(&assignment.account).copied().unwrap_or(u32::MAX),
                set: set_at.get(&assignment.permission_set).copied(),
                principal: found.unwrap_or(ResolvedPrincipal::Missing(assignment.principal.kind())),
            }
        })
        .collect();
    Entitlements { assignments: &aws.assignments, accounts, sets, resolved }
}

fn class(view: &AccountView<'_>, snapshot: &Snapshot, config: &Config) -> AccountClass {
    let Some(aws) = snapshot.aws() else {
        return AccountClass::Workload;
    };
    if aws.management_account.value() == Some(view.id) {
        AccountClass::Management
    } else if config.security_accounts.iter().any(|p| p.matches(view.id.as_str()) || p.matches(view.name())) {
        AccountClass::Security
    } else if aws.delegated_admins.value().is_some_and(|admins| admins.contains(view.id)) {
        AccountClass::DelegatedAdmin
    } else {
        AccountClass::Workload
    }
}

/// AWS managed policies that give everything, or access itself (AWS managed policy reference).
const ADMIN: [&str; 4] =
    ["AdministratorAccess", "IAMFullAccess", "AWSSSOMasterAccountAdministrator", "AWSOrganizationsFullAccess"];
/// AWS managed policies that give nearly everything.
const POWER: [&str; 4] = ["PowerUserAccess", "SystemAdministrator", "NetworkAdministrator", "DatabaseAdministrator"];
/// AWS managed policies that only read, besides those that say so in their name.
const READ: [&str; 2] = ["ViewOnlyAccess", "SecurityAudit"];

/// The tier of a permission set from what is attached to it.
///
/// AWS managed policies are judged by name. A customer managed policy lives in each account and is not read here, and an
/// inline policy is only seen to be `*` on `*` or not: then the tier is unknown unless something else already makes it admin.
fn tier(set: &PermissionSet) -> (Tier, String) {
    let mut tier = Tier::None;
    let mut reason = "no policy attached".to_owned();
    let mut raise = |new: Tier, why: String| {
        if new > tier {
            tier = new;
            reason = why;
        }
    };
    let mut unread: Option<String> = None;
    match &set.managed {
        Known::Value(policies) => {
            for policy in policies {
                raise(managed_tier(&policy.name), format!("AWS managed policy {}", policy.name));
            }
        }
        Known::Absent => {}
        Known::Unknown(why) => unread = Some(format!("managed policies unknown: {why}")),
    }
    match &set.inline {
        Known::Value(text) => match inline_allows_everything(text) {
            Some(true) => raise(Tier::Admin, "inline policy allows * on *".to_owned()),
            Some(false) => unread = Some("an inline policy is attached and its content was not judged".to_owned()),
            None => unread = Some("the inline policy is not a policy document".to_owned()),
        },
        Known::Absent => {}
        Known::Unknown(why) => unread = Some(format!("inline policy unknown: {why}")),
    }
    match &set.customer {
        Known::Value(policies) if !policies.is_empty() => {
            unread = Some("a customer managed policy is attached, which lives in each account".to_owned());
        }
        Known::Value(_) | Known::Absent => {}
        Known::Unknown(why) => unread = Some(format!("customer managed policies unknown: {why}")),
    }
    match unread {
        Some(why) if tier < Tier::Power => (Tier::Unknown, why),
        _ => (tier, reason),
    }
}

fn managed_tier(name: &str) -> Tier {
    if ADMIN.contains(&name) {
        Tier::Admin
    } else if POWER.contains(&name) {
        Tier::Power
    } else if READ.contains(&name) || name.contains("ReadOnly") {
        Tier::Read
    } else {
        Tier::Write
    }
}

/// Whether a statement allows every action on every resource, unconditionally; none when the text is not a policy document.
fn inline_allows_everything(text: &str) -> Option<bool> {
    let policy: serde_json::Value = serde_json::from_str(text).ok()?;
    let statements = match policy.get("Statement")? {
        serde_json::Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    let has_star = |value: Option<&serde_json::Value>| match value {
        Some(serde_json::Value::String(one)) => one == "*" || one == "*:*",
        Some(serde_json::Value::Array(many)) => many.iter().any(|one| one == "*" || one == "*:*"),
        _ => false,
    };
    Some(statements.iter().any(|statement| {
        statement.get("Effect").and_then(serde_json::Value::as_str) == Some("Allow")
            && has_star(statement.get("Action"))
            && has_star(statement.get("Resource"))
            && statement.get("Condition").is_none()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::permission_set::{CustomerPolicy, ManagedPolicy};

    fn set(managed: &[&str], inline: Option<&str>, customer: &[&str]) -> PermissionSet {
        PermissionSet {
            arn: "arn:aws:sso:::permissionSet/ssoins-1/ps-1".parse().unwrap(),
            name: Known::Value("x".into()),
            description: Known::Absent,
            created_at: Known::Absent,
            session: Known::Absent,
            managed: Known::Value(
                managed
                    .iter()
                    .map(|n| ManagedPolicy { arn: format!("arn:aws:iam::aws:policy/{n}"), name: (*n).into() })
                    .collect(),
            ),
            customer: Known::Value(
                customer.iter().map(|n| CustomerPolicy { path: "/".into(), name: (*n).into() }).collect(),
            ),
            inline: Known::read(inline.map(str::to_owned)),
            boundary: Known::Absent,
        }
    }

    #[test]
    fn tiers_follow_what_is_attached() {
        let everything = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let some = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let cases: [(PermissionSet, Tier); 9] = [
            (set(&[], None, &[]), Tier::None),
            (set(&["ReadOnlyAccess"], None, &[]), Tier::Read),
            (set(&["AmazonS3ReadOnlyAccess", "SecurityAudit"], None, &[]), Tier::Read),
            (set(&["AmazonS3FullAccess", "ReadOnlyAccess"], None, &[]), Tier::Write),
            (set(&["PowerUserAccess"], None, &[]), Tier::Power),
            (set(&["ReadOnlyAccess", "AdministratorAccess"], Some(some), &[]), Tier::Admin),
            (set(&["ReadOnlyAccess"], Some(everything), &[]), Tier::Admin),
            (set(&["ReadOnlyAccess"], Some(some), &[]), Tier::Unknown),
            (set(&[], None, &["deploy"]), Tier::Unknown),
        ];
        for (set, expected) in cases {
            assert_eq!(tier(&set).0, expected, "{set:?}");
        }
    }

    #[test]
    fn a_denied_policy_list_is_not_no_policy() {
        let mut denied = set(&[], None, &[]);
        denied.managed = Known::Unknown("denied".into());
        assert_eq!(tier(&denied).0, Tier::Unknown);
    }
}
