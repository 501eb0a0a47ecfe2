//! Linked records are one person.

use std::collections::HashMap;

use super::link::{HrBasis, LinkOutcome, Links};
use super::person::{HrDoubt, Person, PersonKind};
use super::sets::Sets;
use super::standing;
use super::text::fold;
use crate::config::{Config, DeclaredIdentity};
use crate::model::DirectoryUser;
use crate::snapshot::Snapshot;

/// All people.
#[derive(Debug, Default)]
pub struct People {
    people: Vec<Person>,
    by_user: Vec<u32>,
    by_idp_user: Vec<Vec<u32>>,
}

impl People {
    /// Everyone.
    pub fn iter(&self) -> impl Iterator<Item = &Person> {
        self.people.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// A person by position, in the order of [`People::iter`].
    pub fn get(&self, position: u32) -> Option<&Person> {
        self.people.get(position as usize)
    }

    /// The person behind a directory user.
    pub fn of_user(&self, user: u32) -> Option<&Person> {
        self.by_user.get(user as usize).and_then(|position| self.people.get(*position as usize))
    }

    /// The person behind an IdP user.
    pub fn of_idp_user(&self, (idp, user): (u32, u32)) -> Option<&Person> {
        let position = self.by_idp_user.get(idp as usize).and_then(|users| users.get(user as usize))?;
        self.people.get(*position as usize)
    }
}

/// Assembles people from links, and says where each stands.
pub fn assemble(snapshot: &Snapshot, config: &Config, links: &Links, sources: &standing::Sources<'_>) -> People {
    let users: &[DirectoryUser] = snapshot.aws().map_or(&[], |aws| &aws.users);
    let user_count = count(users.len());
    // Every record is a node: directory users first, then each provider's users, then HR records.
    let mut starts = Vec::new();
    let mut next = user_count;
    for idp in snapshot.idps() {
        starts.push(next);
        next = next.saturating_add(count(idp.users.len()));
    }
    let hr_start = next;
    let hr_count = snapshot.hr().map_or(0, |hr| count(hr.records.len()));
    let node = |(idp, user): (u32, u32)| starts.get(idp as usize).map_or(user, |start| start + user);
    let mut sets = Sets::new(hr_start.saturating_add(hr_count));
    for user in 0..user_count {
        for link in links.linked(user) {
            for record in std::iter::once(&link.user).chain(&link.also) {
                sets.join(user, node((link.idp, *record)));
            }
        }
    }
    for (idp, facts) in (0u32..).zip(snapshot.idps()) {
        for user in 0..count(facts.users.len()) {
            for record in links.hr_of((idp, user)).into_iter().flat_map(|link| &link.records) {
                sets.join(node((idp, user)), hr_start + record);
            }
        }
    }
    let mut people = People { people: Vec::new(), by_user: Vec::new(), by_idp_user: Vec::new() };
    let mut by_root: HashMap<u32, u32> = HashMap::new();
    let mut place = |people: &mut Vec<Person>, root: u32| {
        *by_root.entry(root).or_insert_with(|| {
            people.push(Person {
                users: Vec::new(),
                idp_users: Vec::new(),
                hr_records: Vec::new(),
                hr_doubt: None,
                kind: PersonKind::Unknown,
                strength: None,
                ambiguous: false,
                standing: standing::undecided(),
            });
            count(people.len()) - 1
        })
    };
    for user in 0..user_count {
        let position = place(&mut people.people, sets.root(user));
        people.by_user.push(position);
        if let Some(person) = people.people.get_mut(position as usize) {
            person.users.push(user);
            person.ambiguous |=
                links.of_user(user).iter().any(|outcome| matches!(outcome, LinkOutcome::Ambiguous { .. }));
            for link in links.linked(user) {
                person.strength = Some(person.strength.map_or(link.strength, |weakest| weakest.min(link.strength)));
            }
        }
    }
    for (idp, facts) in (0u32..).zip(snapshot.idps()) {
        let mut positions = Vec::with_capacity(facts.users.len());
        for user in 0..count(facts.users.len()) {
            let position = place(&mut people.people, sets.root(node((idp, user))));
            positions.push(position);
            if let Some(person) = people.people.get_mut(position as usize) {
                person.idp_users.push((idp, user));
            }
        }
        people.by_idp_user.push(positions);
    }
    for record in 0..hr_count {
        let position = place(&mut people.people, sets.root(hr_start + record));
        if let Some(person) = people.people.get_mut(position as usize) {
            person.hr_records.push(record);
        }
    }
    for person in &mut people.people {
        person.hr_doubt = hr_doubt(person, snapshot, links);
        person.kind = kind(person, users, snapshot, config);
        person.standing = standing::derive(person, sources);
    }
    people
}

/// The first link to HR that leaves something open, the gravest first.
///
/// A link of one account that could be to records which another account of the person is linked to leaves nothing open.
fn hr_doubt(person: &Person, snapshot: &Snapshot, links: &Links) -> Option<HrDoubt> {
    let is_theirs = |at: &u32| person.hr_records.contains(at);
    let doubts = person.idp_users.iter().filter_map(|at| {
        let link = links.hr_of(*at)?;
        let open = match link.basis {
            HrBasis::Contradicted => true,
            HrBasis::Ambiguous => !link.candidates.iter().any(is_theirs),
            HrBasis::Possible | HrBasis::NotCompared => person.hr_records.is_empty(),
            HrBasis::Declared | HrBasis::EmployeeId | HrBasis::Email => !link.candidates.iter().all(is_theirs),
            HrBasis::Unmatched => false,
        };
        open.then_some((*at, link))
    });
    let gravity = |basis: HrBasis| match basis {
        HrBasis::Contradicted => 0,
        HrBasis::Ambiguous => 1,
        HrBasis::Declared | HrBasis::EmployeeId | HrBasis::Email => 2,
        HrBasis::Possible | HrBasis::NotCompared | HrBasis::Unmatched => 3,
    };
    let ((idp, user), link) = doubts.min_by_key(|(_, link)| gravity(link.basis))?;
    let facts = snapshot.idps().get(idp as usize)?;
    let name = &facts.users.get(user as usize)?.user_name;
    let why = link.reason.as_deref().unwrap_or("the roster is not linked to this identity provider");
    let reason = format!("HR is inconclusive for {name} in {}: {why}", facts.name);
    Some(HrDoubt { basis: link.basis, candidates: link.candidates.clone(), reason })
}

/// Positions are 32 bits wide: four thousand million records are beyond any organisation.
fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Whether a declared identity names a directory user, by user name or email.
pub fn is_named(entry: &DeclaredIdentity, user: &DirectoryUser) -> bool {
    let names = std::iter::once(user.user_name.as_str()).chain(user.email.as_deref());
    names.filter_map(fold).any(|name| entry.user.matches(&name))
}

fn kind(person: &Person, users: &[DirectoryUser], snapshot: &Snapshot, config: &Config) -> PersonKind {
    let directory = || person.users.iter().filter_map(|position| users.get(*position as usize));
    let declared = |list: &[DeclaredIdentity]| {
        list.iter().find(|entry| directory().any(|user| is_named(entry, user))).map(|entry| entry.owner.clone())
    };
    if let Some(owner) = declared(&config.identities.break_glass) {
        return PersonKind::BreakGlass(owner);
    }
    if let Some(owner) = declared(&config.identities.service) {
        return PersonKind::Service(owner);
    }
    let says_service = person
        .idp_users
        .iter()
        .filter_map(|(idp, user)| snapshot.idps().get(*idp as usize)?.users.get(*user as usize)?.user_type.as_deref())
        .any(|word| word.eq_ignore_ascii_case("service"));
    if says_service || (person.idp_users.is_empty() && person.hr_records.is_empty()) {
        PersonKind::Unknown
    } else {
        PersonKind::Human
    }
}
