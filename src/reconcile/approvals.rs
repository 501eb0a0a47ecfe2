//! Which approvals stand behind a grant.

use std::collections::{HashMap, HashSet};

use super::text::fold;
use super::{AccountView, Ledger};
use crate::model::finding::GrantKey;
use crate::model::id::AccountId;
use crate::model::{Approval, Instant, Span};

/// The approvals, by who may hold what. A name that several people or accounts bear is nobody's.
#[derive(Debug, Default)]
pub struct Approvals<'a> {
    /// Per directory user: the account, and the approval.
    of_user: HashMap<u32, Vec<(&'a AccountId, &'a Approval)>>,
    unmatched: Vec<&'a Approval>,
    /// Of those, the ones whose user is known, and whose account is not.
    accountless: Vec<&'a Approval>,
    /// The others with the directory users they are about.
    matched: Vec<(Vec<u32>, &'a AccountId, &'a Approval)>,
}

/// Approvals that stand behind no grant, for one reason.
#[derive(Debug)]
pub struct Idle<'a> {
    /// The reason, as what such approvals do: `name a user …`.
    pub why: &'static str,
    /// A word for it.
    pub word: &'static str,
    /// The approvals, in the order of their file.
    pub approvals: Vec<&'a Approval>,
}

impl<'a> Approvals<'a> {
    /// Finds the users and accounts that the snapshot's approvals name: users by id, user name or address, at AWS or at an
    /// identity provider; accounts by id or name.
    pub fn new(ledger: &Ledger<'a>) -> Self {
        let approvals = ledger.snapshot().approvals();
        if approvals.is_empty() {
            return Self::default();
        }
        let people = names_of_people(ledger);
        let accounts = names_of_accounts(ledger);
        let mut found = Self::default();
        for approval in approvals {
            let one = |names: &HashMap<String, Vec<u32>>, name: &str| match fold(name).and_then(|key| names.get(&key)) {
                Some(several) => match several.as_slice() {
                    [one] => Some(*one),
                    _ => None,
                },
                None => None,
            };
            let person = one(&people, &approval.user);
            let person = person.and_then(|at| ledger.people().iter().nth(at as usize));
            let account = one(&accounts, &approval.account);
            let account = account.and_then(|at| ledger.entitlements().accounts().get(at as usize));
            match (person, account) {
                (Some(person), Some(account)) if !person.users.is_empty() => {
                    found.matched.push((person.users.clone(), account.id, approval));
                    for user in &person.users {
                        found.of_user.entry(*user).or_default().push((account.id, approval));
                    }
                }
                (person, _) => {
                    found.unmatched.push(approval);
                    found.accountless.extend(person.filter(|person| !person.users.is_empty()).map(|_| approval));
                }
            }
        }
        found
    }

    /// The approvals whose user or account is not known, or not for certain.
    pub fn unmatched(&self) -> &[&'a Approval] {
        &self.unmatched
    }

    /// The approvals that stand behind no grant, by the first reason there is. What has ended, or is still to begin, need not.
    /// None where AWS was not read, so that there are no grants at all.
    pub fn idle(&self, ledger: &Ledger<'a>) -> Vec<Idle<'a>> {
        if ledger.aws().is_none() {
            return Vec::new();
        }
        let accountless: HashSet<&str> = self.accountless.iter().map(|approval| approval.origin.as_str()).collect();
        let strangers = self.unmatched.iter().filter(|approval| !accountless.contains(approval.origin.as_str()));
        let sets = ledger.entitlements().sets();
        let known: HashSet<String> =
            sets.iter().flat_map(|set| [fold(set.set.label()), fold(set.set.arn.as_str())]).flatten().collect();
        let (mut nameless, mut unheld) = (Vec::new(), Vec::new());
        let now = ledger.known_until();
        for (users, account, approval) in &self.matched {
            if fold(&approval.permission_set).is_none_or(|set| !known.contains(&set)) {
                nameless.push(*approval);
            } else if approval.covers(now) && !is_held(ledger, (users, account), approval) {
                unheld.push(*approval);
            }
        }
        let all = [
            ("user", "name a user that no source knows for certain, or that Identity Center does not have", {
                strangers.copied().collect()
            }),
            ("account", "name an account that is not known for certain", self.accountless.clone()),
            ("permission_set", "name a permission set that there is not", nameless),
            ("grant", "approve access that is not held", unheld),
        ];
        let all = all.into_iter().map(|(word, why, approvals)| Idle { why, word, approvals });
        all.filter(|idle| !idle.approvals.is_empty()).collect()
    }

    /// The approvals of what a grant gives its holder, in the order of their file.
    pub fn of<'s>(&'s self, ledger: &'s Ledger<'_>, grant: GrantKey) -> impl Iterator<Item = &'a Approval> + 's {
        let record = ledger.entitlements().assignments().get(grant.assignment as usize);
        let name = ledger.set_of(grant).and_then(|set| set.set.name.value()).and_then(|name| fold(name));
        let all = self.of_user.get(&grant.user).map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(move |(account, approval)| {
            let record = record.filter(|record| record.account == **account)?;
            let set = approval.permission_set.as_str();
            let same = set == record.permission_set.as_str() || (name.is_some() && fold(set) == name);
            same.then_some(*approval)
        })
    }

    /// The approval that says most of a grant: one that held while it was looked, the longest; else what ended last.
    pub fn best(&self, ledger: &Ledger<'_>, grant: GrantKey) -> Option<&'a Approval> {
        let fitting = self.of(ledger, grant).filter(|approval| is_for(ledger, grant, approval));
        fitting.max_by_key(|approval| (held_when_looked(ledger, approval), approval.until.is_none(), approval.until))
    }

    /// The approval by which a grant is held for a time: one with an end that had not come when it was looked.
    pub fn for_a_time(&self, ledger: &Ledger<'_>, grant: GrantKey) -> Option<&'a Approval> {
        let bound = |approval: &&Approval| approval.until.is_some() && held_when_looked(ledger, approval);
        self.of(ledger, grant).find(|approval| bound(approval) && is_for(ledger, grant, approval))
    }

    /// The approval that a grant has outlived, if nothing else approves it: the one that ended last, before it was looked.
    ///
    /// A direct assignment is what tools for temporary access make. A membership may be older than the request and rest on
    /// something else, so it counts only when it is known to have been made while the approval held.
    pub fn outlived(&self, ledger: &Ledger<'_>, grant: GrantKey) -> Option<&'a Approval> {
        let at = ledger.as_of().min(ledger.snapshot().started_at());
        let over = |approval: &Approval| approval.until.is_some_and(|until| until <= at);
        if !self.of(ledger, grant).all(over) {
            return None;
        }
        let last = self.of(ledger, grant).max_by_key(|approval| approval.until)?;
        let grant = ledger.grant(grant)?;
        if grant.group.is_none() {
            return Some(last);
        }
        let made = *grant.membership?.created_at.value()?;
        let begun = last.begins().is_some_and(|begin| made_after(made, begin));
        (begun && last.until.is_some_and(|until| made < until)).then_some(last)
    }
}

/// Whether one of the users holds what an approval names.
fn is_held(ledger: &Ledger<'_>, (users, account): (&[u32], &AccountId), approval: &Approval) -> bool {
    let set = fold(&approval.permission_set);
    let same = |grant: &GrantKey| {
        let at_account = ledger.grant(*grant).is_some_and(|grant| grant.assignment.account == *account);
        let names = ledger.set_of(*grant).map(|found| [fold(found.set.label()), fold(found.set.arn.as_str())]);
        at_account && names.is_some_and(|names| names.contains(&set))
    };
    users.iter().any(|user| ledger.grants().of_user(*user).iter().any(same))
}

/// Whether an approval held at some time of the collection, which is when the grant was seen.
fn held_when_looked(ledger: &Ledger<'_>, approval: &Approval) -> bool {
    let snapshot = ledger.snapshot();
    approval.covers(snapshot.started_at()) || approval.covers(snapshot.ended_at())
}

/// Whether a grant may rest on an approval: one for a time does not explain a membership that was there before it.
fn is_for(ledger: &Ledger<'_>, grant: GrantKey, approval: &Approval) -> bool {
    let made = ledger.grant(grant).and_then(|grant| grant.membership?.created_at.value().copied());
    match (approval.until, made, approval.begins()) {
        (Some(_), Some(made), Some(begin)) => made_after(made, begin),
        _ => true,
    }
}

/// Tools give access first and note it then, by a clock of their own.
const NOTED_LATE: Span = Span::minutes(10);

fn made_after(made: Instant, begin: Instant) -> bool {
    begin.since(made) <= NOTED_LATE.duration()
}

fn note(names: &mut HashMap<String, Vec<u32>>, name: Option<String>, position: u32) {
    if let Some(name) = name {
        let positions = names.entry(name).or_default();
        if !positions.contains(&position) {
            positions.push(position);
        }
    }
}

fn names_of_people(ledger: &Ledger<'_>) -> HashMap<String, Vec<u32>> {
    let mut names = HashMap::new();
    for (at, person) in (0u32..).zip(ledger.people().iter()) {
        for user in person.users.iter().filter_map(|at| ledger.user(*at)) {
            note(&mut names, fold(user.id.as_str()), at);
            note(&mut names, fold(&user.user_name), at);
            note(&mut names, user.email.as_deref().and_then(fold), at);
        }
        for user in person.idp_users.iter().filter_map(|at| ledger.idp_user(*at)) {
            note(&mut names, fold(user.id.as_str()), at);
            note(&mut names, fold(&user.user_name), at);
            for address in user.email.iter().chain(&user.aliases) {
                note(&mut names, fold(address), at);
            }
        }
    }
    names
}

fn names_of_accounts(ledger: &Ledger<'_>) -> HashMap<String, Vec<u32>> {
    let mut names = HashMap::new();
    for (at, account) in (0u32..).zip(ledger.entitlements().accounts()) {
        note(&mut names, fold(account.id.as_str()), at);
        note(&mut names, fold(AccountView::name(account)), at);
    }
    names
}
