//! Records that nobody claims, and who could be behind them: only a key that both sides have tells two people apart.

use std::collections::{HashMap, HashSet};

use super::HrLink;
use super::form::unpadded;
use super::names::name_key;
use super::workers::Workers;
use crate::model::IdpUser;
use crate::reconcile::text::fold;

/// Which kinds of key one side has: an employee id, an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Has {
    id: bool,
    email: bool,
}

impl Has {
    const ALL: [Self; 4] = [
        Self { id: false, email: false },
        Self { id: false, email: true },
        Self { id: true, email: false },
        Self { id: true, email: true },
    ];

    fn shares_a_kind(self, other: Self) -> bool {
        (self.id && other.id) || (self.email && other.email)
    }
}

/// The records that no user is linked to.
pub(super) struct Leftover<'a> {
    free: HashSet<u32>,
    workers: &'a Workers,
    /// Those without a name, and all.
    nameless: HashMap<Has, Vec<u32>>,
    all: HashMap<Has, Vec<u32>>,
    /// Those with a name, by each of its words.
    by_word: HashMap<String, Vec<(Has, u32)>>,
    by_unpadded: HashMap<String, Vec<u32>>,
}

/// As many candidates as are named.
const SHOWN: usize = 8;

impl<'a> Leftover<'a> {
    pub(super) fn new<'l>(workers: &'a Workers, links: impl Iterator<Item = &'l HrLink>) -> Self {
        let linked: HashSet<u32> = links.flat_map(|link| &link.records).copied().collect();
        let mut leftover = Self {
            free: HashSet::new(),
            workers,
            nameless: HashMap::new(),
            all: HashMap::new(),
            by_word: HashMap::new(),
            by_unpadded: HashMap::new(),
        };
        for (_, worker) in workers.iter() {
            if worker.records.iter().any(|at| linked.contains(at)) {
                continue;
            }
            leftover.free.extend(&worker.records);
            let Some(&at) = worker.records.first() else { continue };
            for id in &worker.ids {
                leftover.by_unpadded.entry(unpadded(id).to_owned()).or_default().push(at);
            }
            let has = Has { id: !worker.ids.is_empty(), email: !worker.emails.is_empty() };
            leftover.all.entry(has).or_default().push(at);
            if worker.names.is_empty() {
                leftover.nameless.entry(has).or_default().push(at);
            }
            for word in worker.names.iter().flat_map(|name| name.split(' ')) {
                leftover.by_word.entry(word.to_owned()).or_default().push((has, at));
            }
        }
        leftover
    }

    /// The records that could be a user's whom no key finds; none where all are certainly somebody else's.
    ///
    /// `comparable` says whether any id and any address of the provider is found in the roster.
    pub(super) fn could_be(&self, user: &IdpUser, id: Option<&str>, comparable: (bool, bool)) -> Option<Vec<u32>> {
        let has_address = user.email.iter().chain(&user.aliases).any(|address| fold(address).is_some());
        let mine = Has { id: id.is_some() && comparable.0, email: has_address && comparable.1 };
        let name = user.display_name.as_deref().and_then(name_key);
        let mut found: Vec<u32> = Vec::new();
        if let Some(name) = &name {
            for worker in self.workers.by_name(name).iter().filter_map(|at| self.workers.get(*at)) {
                found.extend(worker.records.iter().filter(|at| self.free.contains(at)).take(SHOWN));
            }
            // A shared word is enough for a doubt.
            let named = name.split(' ').filter_map(|word| self.by_word.get(word)).flatten();
            found.extend(named.filter(|(has, _)| !mine.shares_a_kind(*has)).map(|(_, at)| *at));
        }
        let silent = if name.is_some() { &self.nameless } else { &self.all };
        for has in Has::ALL.into_iter().filter(|has| !mine.shares_a_kind(*has)) {
            found.extend(silent.get(&has).into_iter().flatten().take(SHOWN));
        }
        // One number but for leading zeros may be one number.
        let padded = id.and_then(|id| self.by_unpadded.get(unpadded(id)));
        found.extend(padded.into_iter().flatten().take(SHOWN));
        found.sort_unstable();
        found.dedup();
        found.truncate(SHOWN);
        (!found.is_empty()).then_some(found)
    }
}
