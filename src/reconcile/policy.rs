//! What the `[[access]]` entries allow a person, as the identity provider describes them.

use std::collections::HashMap;

use super::text::fold;
use super::{AccountView, Ledger, Person};
use crate::config::{AccessEntry, AccessMatch, EntitlementPattern};
use crate::model::finding::GrantKey;
use crate::model::time::Tri;
use crate::model::{IdpGroup, Known};

/// The entries, with the groups they name resolved to members.
#[derive(Debug)]
pub struct Policy<'a> {
    entries: &'a [AccessEntry],
    /// Folded group name → per provider, the groups.
    groups: HashMap<String, Vec<(u32, &'a IdpGroup)>>,
}

impl<'a> Policy<'a> {
    /// Resolves the entries of the ledger's config.
    pub fn new(ledger: &Ledger<'a>) -> Self {
        let mut groups: HashMap<String, Vec<(u32, &IdpGroup)>> = HashMap::new();
        for (idp, facts) in (0u32..).zip(ledger.snapshot().idps()) {
            for group in facts.groups.iter().flatten() {
                if let Some(key) = fold(&group.name) {
                    groups.entry(key).or_default().push((idp, group));
                }
            }
        }
        Self { entries: &ledger.config().access, groups }
    }

    /// The entries that match a person.
    pub fn matching(&self, ledger: &Ledger<'_>, person: &Person) -> Vec<&'a AccessEntry> {
        self.entries.iter().filter(|entry| self.matches(ledger, person, &entry.matches) == Tri::Yes).collect()
    }

    /// Whether some entry asks for a group while the groups of a provider that knows the person were not asked for, or for
    /// one whose members are not all known and which the person may be in.
    pub fn needs_unread_groups(&self, ledger: &Ledger<'_>, person: &Person) -> bool {
        let unread = |idp: u32| ledger.snapshot().idps().get(idp as usize).is_some_and(|facts| facts.groups.is_none());
        self.entries.iter().any(|entry| entry.matches.group.is_some())
            && person.idp_users.iter().any(|(idp, _)| unread(*idp))
            || self.entries.iter().any(|entry| self.matches(ledger, person, &entry.matches) == Tri::Maybe)
    }

    fn matches(&self, ledger: &Ledger<'_>, person: &Person, conditions: &AccessMatch) -> Tri {
        let AccessMatch { group, department, title, user_type, person: name } = conditions;
        let users = || person.idp_users.iter().filter_map(|at| ledger.idp_user(*at));
        let in_group = |wanted: &String| {
            let named = fold(wanted).and_then(|key| self.groups.get(&key)).map_or(&[][..], Vec::as_slice);
            let of = |at: &(u32, u32)| {
                let (of, user) = (at.0, ledger.idp_user(*at)?);
                let groups = named.iter().filter(move |(idp, _)| *idp == of);
                Some(groups.map(|(_, group)| group.membership(&user.id)))
            };
            let verdicts: Vec<Known<bool>> = person.idp_users.iter().filter_map(of).flatten().collect();
            if verdicts.contains(&Known::Value(true)) {
                Tri::Yes
            } else if verdicts.iter().any(Known::is_unknown) {
                Tri::Maybe
            } else {
                Tri::No
            }
        };
        let others = department
            .as_ref()
            .is_none_or(|p| users().any(|u| u.department.as_deref().is_some_and(|v| p.matches(v))))
            && title.as_ref().is_none_or(|p| users().any(|u| u.title.as_deref().is_some_and(|v| p.matches(v))))
            && user_type.as_ref().is_none_or(|p| users().any(|u| u.user_type.as_deref().is_some_and(|v| p.matches(v))))
            && name.as_ref().is_none_or(|p| {
                users().any(|u| p.matches(&u.user_name) || u.email.as_deref().is_some_and(|email| p.matches(email)))
            });
        if others { group.as_ref().map_or(Tri::Yes, in_group) } else { Tri::No }
    }

    /// The first of `entries` that certainly allows a grant at the ledger's instant.
    pub fn allowing<'e>(
        &self,
        ledger: &Ledger<'_>,
        entries: &[&'e AccessEntry],
        grant: GrantKey,
    ) -> Option<&'e AccessEntry> {
        entries.iter().copied().find(|entry| is_live(ledger, entry) && gives(ledger, entry, grant) == Tri::Yes)
    }

    /// Whether one of `entries` may allow a grant, which hangs on an account's name or path that is not known.
    pub fn may_allow(&self, ledger: &Ledger<'_>, entries: &[&AccessEntry], grant: GrantKey) -> bool {
        entries.iter().any(|entry| is_live(ledger, entry) && gives(ledger, entry, grant) == Tri::Maybe)
    }

    /// All of `entries` that certainly allow a grant at the ledger's instant.
    pub fn all_allowing<'e>(
        &self,
        ledger: &Ledger<'_>,
        entries: &[&'e AccessEntry],
        grant: GrantKey,
    ) -> Vec<&'e AccessEntry> {
        let allows = |entry: &&AccessEntry| is_live(ledger, entry) && gives(ledger, entry, grant) == Tri::Yes;
        entries.iter().copied().filter(allows).collect()
    }

    /// The one of `entries` that would certainly allow a grant and ended last.
    pub fn ended<'e>(
        &self,
        ledger: &Ledger<'_>,
        entries: &[&'e AccessEntry],
        grant: GrantKey,
    ) -> Option<&'e AccessEntry> {
        let ended = |entry: &&AccessEntry| !is_live(ledger, entry) && gives(ledger, entry, grant) == Tri::Yes;
        entries.iter().copied().filter(ended).max_by_key(|entry| (entry.expires, entry.number))
    }
}

/// Whether an entry holds at the ledger's instant.
pub fn is_live(ledger: &Ledger<'_>, entry: &AccessEntry) -> bool {
    entry.expires.is_none_or(|end| end > ledger.as_of())
}

/// Whether an entry gives what a grant gives, to whomever.
///
/// Perhaps, when that hangs on a name that was not read: without Organizations an account has an id and no name, and an
/// entry for `prod` may or may not mean it; a permission set that was not listed or described has no name either.
pub fn gives(ledger: &Ledger<'_>, entry: &AccessEntry, grant: GrantKey) -> Tri {
    let Some(account) = ledger.account_of(grant) else { return Tri::Maybe };
    let name = ledger.set_of(grant).and_then(|set| set.set.name.value());
    gives_by_name(entry, account, name.map(String::as_str))
}

/// Whether an entry gives a permission set of that name on an account.
pub fn gives_by_name(entry: &AccessEntry, account: &AccountView<'_>, set: Option<&str>) -> Tri {
    let set = match set {
        Some(name) if entry.permission_set.matches(name) => Tri::Yes,
        Some(_) => return Tri::No,
        None if entry.permission_set.is_any() => Tri::Yes,
        None => Tri::Maybe,
    };
    let on: Vec<Tri> = entry.accounts.iter().map(|pattern| account.matches(pattern)).collect();
    let account = [Tri::Yes, Tri::Maybe].into_iter().find(|verdict| on.contains(verdict)).unwrap_or(Tri::No);
    match (set, account) {
        (_, Tri::No) => Tri::No,
        (Tri::Yes, account) => account,
        _ => Tri::Maybe,
    }
}

/// Whether an assignment is on a side of a separation-of-duties pair.
pub fn fits(ledger: &Ledger<'_>, side: &EntitlementPattern, assignment: u32) -> bool {
    let entitlements = ledger.entitlements();
    side.permission_set.matches(entitlements.set_label(assignment))
        && side.account.as_ref().is_none_or(|pattern| {
            let account = entitlements.account_of(assignment);
            account.is_some_and(|a| pattern.matches(a.id.as_str()) || pattern.matches(a.name()))
        })
}
