//! Which `[[access]]` entries today's assignments imply.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::id::AccountId;
use crate::model::{AwsFacts, Principal};
use crate::reconcile::text::fold;
use crate::snapshot::Snapshot;

/// What today's assignments imply, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Proposal {
    /// Entries that hold: the identity provider knows the group.
    pub(super) entries: Vec<Entry>,
    /// What groups hold beside that, with why no entry can say so.
    pub(super) unwritten: Vec<(Entry, String)>,
    /// What users hold directly.
    pub(super) direct: Vec<Entry>,
}

/// Somebody has a permission set on accounts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// A group's or user's name, or its id where it has no name.
    pub(super) who: String,
    pub(super) permission_set: String,
    /// Names, or ids where a name would not do.
    pub(super) accounts: BTreeSet<String>,
}

/// Whether it is a user, the folded name, the permission set.
type Key = (bool, String, String);
/// The name, the accounts, and why no entry can say so.
type Held = (String, BTreeSet<String>, Option<String>);

pub(super) fn propose(snapshot: &Snapshot) -> Proposal {
    let Some(aws) = snapshot.aws() else { return Proposal::default() };
    let accounts = account_words(aws);
    let sets: BTreeMap<&str, &String> =
        aws.permission_sets.iter().filter_map(|set| Some((set.arn.as_str(), set.name.value()?))).collect();
    let groups: BTreeMap<&str, &str> = aws.groups.iter().map(|g| (g.id.as_str(), g.name.as_str())).collect();
    let users: BTreeMap<&str, &str> = aws.users.iter().map(|u| (u.id.as_str(), u.user_name.as_str())).collect();
    let known = Known::of(snapshot);

    // Groups that differ by no more than case are one to the policy.
    let mut held: BTreeMap<Key, Held> = BTreeMap::new();
    for assignment in &aws.assignments {
        let account = accounts.get(&assignment.account).cloned().unwrap_or_else(|| assignment.account.to_string());
        let arn = assignment.permission_set.as_str();
        let set = sets.get(arn).map_or(arn, |name| name.as_str());
        let set_obstacle = if !sets.contains_key(arn) {
            Some("the permission set's name could not be read")
        } else if set.trim().is_empty() || set.contains(['*', '?']) {
            Some("the permission set's name would be read as a pattern")
        } else {
            None
        };
        let (is_user, id) = match &assignment.principal {
            Principal::User(id) => (true, id.as_str()),
            Principal::Group(id) => (false, id.as_str()),
        };
        let name = if is_user { users.get(id) } else { groups.get(id) };
        let (who, obstacle) = match name {
            None => (id.to_owned(), Some("the directory does not list it".to_owned())),
            Some(name) if is_user => ((*name).to_owned(), None),
            Some(name) => match known.group(name) {
                Ok(name) => (name, set_obstacle.map(str::to_owned)),
                Err(why) => ((*name).to_owned(), Some(why.to_owned())),
            },
        };
        let key = (is_user, fold(&who).unwrap_or_else(|| who.clone()), set.to_owned());
        let (_, places, _) = held.entry(key).or_insert_with(|| (who, BTreeSet::new(), obstacle));
        places.insert(account);
    }
    let mut proposal = Proposal::default();
    for ((is_user, _, permission_set), (who, accounts, obstacle)) in held {
        let entry = Entry { who, permission_set, accounts };
        match obstacle {
            _ if is_user => proposal.direct.push(entry),
            Some(why) => proposal.unwritten.push((entry, why)),
            None => proposal.entries.push(entry),
        }
    }
    proposal
}

/// The groups of the identity providers, by folded name; none if no groups were read.
struct Known(Option<BTreeMap<String, String>>);

impl Known {
    fn of(snapshot: &Snapshot) -> Self {
        let mut names: Option<BTreeMap<String, String>> = None;
        for group in snapshot.idps().iter().filter_map(|idp| idp.groups.as_ref()).flatten() {
            if let Some(key) = fold(&group.name) {
                names.get_or_insert_default().entry(key).or_insert_with(|| group.name.clone());
            }
        }
        Self(names)
    }

    /// The group as its identity provider writes it.
    fn group(&self, name: &str) -> Result<String, &'static str> {
        let Some(names) = &self.0 else { return Err("no groups of an identity provider were read") };
        let found =
            fold(name).and_then(|key| names.get(&key)).ok_or("no identity provider has a group of that name")?;
        if found.contains('*') {
            return Err("a group's name with `*` in it would be taken for a pattern");
        }
        Ok(found.clone())
    }
}

/// How the config can call each account: by its name where that means this account only, else by its id.
fn account_words(aws: &AwsFacts) -> BTreeMap<AccountId, String> {
    let mut bearers: BTreeMap<String, u32> = BTreeMap::new();
    for account in &aws.accounts {
        *bearers.entry(account.name.to_lowercase()).or_default() += 1;
    }
    let usable = |name: &str| {
        !name.trim().is_empty()
            && !name.contains(['*', '?'])
            && !name.starts_with("ou:")
            && !name.bytes().all(|byte| byte.is_ascii_digit())
            && bearers.get(&name.to_lowercase()) == Some(&1)
    };
    aws.accounts
        .iter()
        .map(|account| {
            let word = if usable(&account.name) { account.name.clone() } else { account.id.to_string() };
            (account.id.clone(), word)
        })
        .collect()
}
