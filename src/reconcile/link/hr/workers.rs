//! The roster's records, joined into workers by evidence that can't be of two people.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::form::{IdForm, id_key, unpadded};
use super::names::{are_alike, name_key};
use crate::model::HrRecord;
use crate::reconcile::sets::Sets;
use crate::reconcile::text::fold;

/// What one record identifies itself by.
struct Keys {
    id: Option<String>,
    email: Option<String>,
    name: Option<String>,
}

impl Keys {
    fn of(record: &HrRecord) -> Self {
        Self {
            id: record.employee_id.as_deref().and_then(id_key),
            email: record.email.as_deref().and_then(fold),
            name: record.display_name.as_deref().and_then(name_key),
        }
    }
}

type Field = fn(&Keys) -> Option<&str>;

/// One human in the roster, with all engagements.
#[derive(Default)]
pub(super) struct Worker {
    /// Positions of the records.
    pub(super) records: Vec<u32>,
    /// Keys of the ids, emails and names.
    pub(super) ids: BTreeSet<String>,
    pub(super) emails: BTreeSet<String>,
    pub(super) names: BTreeSet<String>,
}

impl Worker {
    /// Whether a name or account name can be this worker's by the names and addresses that the roster gives.
    pub(super) fn is_like(&self, name: &str) -> bool {
        self.names.iter().chain(&self.emails).any(|mine| are_alike(mine, name))
    }
}

type Index = HashMap<String, Vec<u32>>;

/// As many workers as are kept of one key: a value that so many share identifies none of them.
const MANY: usize = 16;

/// Workers, and where each key leads.
pub(super) struct Workers {
    workers: Vec<Worker>,
    id: Index,
    unpadded: Index,
    email: Index,
    name: Index,
}

impl Workers {
    /// Joins records that are one worker's: the id agrees with the email or the name; or email and name agree, and one
    /// engagement follows the other; or the only key they have agrees and nothing else differs.
    pub(super) fn new(records: &[HrRecord]) -> Self {
        let keys: Vec<Keys> = records.iter().map(Keys::of).collect();
        let mut sets = Sets::new(u32::try_from(records.len()).unwrap_or(u32::MAX));
        let mut pairs: HashMap<(u8, &str, &str), u32> = HashMap::new();
        let mut by_both: BTreeMap<(&str, &str), Vec<u32>> = BTreeMap::new();
        let mut by_id: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut by_email: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let keys_of = |at: u32| keys.get(at as usize);
        for (at, keys) in (0u32..).zip(&keys) {
            let (id, email, name) = (keys.id.as_deref(), keys.email.as_deref(), keys.name.as_deref());
            for (kind, pair) in [(0, id.zip(email)), (1, id.zip(name))] {
                let Some((one, other)) = pair else { continue };
                let first = *pairs.entry((kind, one, other)).or_insert(at);
                // One number and one address under two names that share no word may be two people.
                let theirs = keys_of(first).and_then(|keys| keys.name.as_deref());
                if theirs.zip(name).is_none_or(|(theirs, name)| share_a_word(theirs, name)) {
                    sets.join(first, at);
                }
            }
            if let Some(pair) = email.zip(name) {
                by_both.entry(pair).or_default().push(at);
            }
            if let Some(id) = id {
                by_id.entry(id).or_default().push(at);
            }
            if let Some(email) = email {
                by_email.entry(email).or_default().push(at);
            }
        }
        let at_most_one = |group: &[u32], of: Field| {
            let mut values = group.iter().filter_map(|at| keys_of(*at)).filter_map(of);
            let first = values.next();
            values.all(|value| Some(value) == first)
        };
        let (email, name): (Field, Field) = (|keys| keys.email.as_deref(), |keys| keys.name.as_deref());
        let unopposed = by_id.values().filter(|group| at_most_one(group, email) && at_most_one(group, name));
        // Where the roster has no ids, an address is the only id there is.
        let nameless = by_email.values().filter(|group| {
            group.iter().filter_map(|at| keys_of(*at)).all(|keys| keys.id.is_none()) && at_most_one(group, name)
        });
        for group in unopposed.chain(nameless) {
            for pair in group.windows(2) {
                if let [a, b] = pair {
                    sets.join(*a, *b);
                }
            }
        }
        // Under two numbers, one name and address are one person where one engagement follows the other.
        for group in by_both.values_mut() {
            group.sort_by_key(|at| records.get(*at as usize).map(|record| (record.start, record.end)));
            for pair in group.windows(2) {
                let [before, after] = pair else { continue };
                let numbers = (keys_of(*before).map(|keys| &keys.id), keys_of(*after).map(|keys| &keys.id));
                let two = matches!(numbers, (Some(Some(one)), Some(Some(other))) if one != other);
                let end = records.get(*before as usize).and_then(|record| record.end);
                let start = records.get(*after as usize).and_then(|record| record.start);
                if !two || end.zip(start).is_some_and(|(end, start)| end <= start) {
                    sets.join(*before, *after);
                }
            }
        }
        let mut all = Self {
            workers: Vec::new(),
            id: Index::new(),
            unpadded: Index::new(),
            email: Index::new(),
            name: Index::new(),
        };
        let mut by_root: HashMap<u32, u32> = HashMap::new();
        for (at, keys) in (0u32..).zip(&keys) {
            let next = u32::try_from(all.workers.len()).unwrap_or(u32::MAX);
            let worker = *by_root.entry(sets.root(at)).or_insert(next);
            if worker == next {
                all.workers.push(Worker::default());
            }
            all.add(worker, at, keys);
        }
        for workers in
            [&mut all.id, &mut all.unpadded, &mut all.email, &mut all.name].into_iter().flat_map(Index::values_mut)
        {
            workers.sort_unstable();
            workers.dedup();
            workers.truncate(MANY);
        }
        all
    }

    fn add(&mut self, at: u32, record: u32, keys: &Keys) {
        let Some(worker) = self.workers.get_mut(at as usize) else { return };
        worker.records.push(record);
        let put = |index: &mut Index, key: &str| {
            index.entry(key.to_owned()).or_default().push(at);
        };
        if let Some(id) = &keys.id {
            put(&mut self.id, id);
            put(&mut self.unpadded, unpadded(id));
            worker.ids.insert(id.clone());
        }
        if let Some(email) = &keys.email {
            put(&mut self.email, email);
            worker.emails.insert(email.clone());
        }
        if let Some(name) = &keys.name {
            put(&mut self.name, name);
            worker.names.insert(name.clone());
        }
    }

    pub(super) fn get(&self, at: u32) -> Option<&Worker> {
        self.workers.get(at as usize)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Worker)> {
        (0u32..).zip(&self.workers)
    }

    /// All employee ids.
    pub(super) fn ids(&self) -> HashSet<&str> {
        self.id.keys().map(String::as_str).collect()
    }

    pub(super) fn by_id(&self, form: IdForm, key: &str) -> &[u32] {
        let index = match form {
            IdForm::Exact => &self.id,
            IdForm::WithoutLeadingZeros => &self.unpadded,
        };
        index.get(form.of(key)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn by_email(&self, key: &str) -> &[u32] {
        self.email.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn by_name(&self, key: &str) -> &[u32] {
        self.name.get(key).map_or(&[], Vec::as_slice)
    }

    /// Workers who may be this one under another number: they share an address, and no name says that they are others.
    pub(super) fn namesakes(&self, at: u32) -> Vec<u32> {
        let Some(worker) = self.get(at) else { return Vec::new() };
        let sharing = worker.emails.iter().flat_map(|email| self.by_email(email)).copied();
        let mut found: Vec<u32> = sharing
            .filter(|other| *other != at)
            .filter(|other| {
                self.get(*other).is_some_and(|other| {
                    worker.names.is_empty()
                        || other.names.is_empty()
                        || other.names.iter().any(|name| worker.names.iter().any(|mine| share_a_word(name, mine)))
                })
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn share_a_word(one: &str, other: &str) -> bool {
    one.split(' ').any(|word| other.split(' ').any(|theirs| theirs == word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::HrStatus;

    fn record(id: &str, email: &str, name: &str) -> HrRecord {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        HrRecord {
            employee_id: text(id),
            email: text(email),
            display_name: text(name),
            status: HrStatus::Active,
            start: None,
            end: None,
            department: None,
            title: None,
            manager: None,
            worker_type: None,
            origin: String::new(),
        }
    }

    fn workers(records: &[(&str, &str, &str)]) -> Vec<Vec<u32>> {
        let records: Vec<HrRecord> = records.iter().map(|(id, email, name)| record(id, email, name)).collect();
        joined(&records)
    }

    fn joined(records: &[HrRecord]) -> Vec<Vec<u32>> {
        Workers::new(records).workers.into_iter().map(|worker| worker.records).collect()
    }

    #[test]
    fn two_agreeing_keys_join_and_one_alone_does_not() {
        assert_eq!(workers(&[("1", "ann@x", "Ann Lee"), ("1", "ann@x", "Ann Duarte")]), [[0, 1]]);
        assert_eq!(workers(&[("1", "a@x", "Lee, Ann"), ("1", "b@x", "Ann Lee")]), [[0, 1]]);
        assert_eq!(workers(&[("1001", "ann@x", "Ann"), ("1001", "bob@x", "Bob")]), [[0], [1]]);
        assert_eq!(workers(&[("1", "ann@x", "Ann"), ("2", "ann@x", "Anna")]), [[0], [1]]);
        assert_eq!(workers(&[("1", "ann@x", ""), ("2", "ann@x", "")]), [[0], [1]]);
        assert_eq!(workers(&[("1", "ann@x", "Ann"), ("1", "ann@x", "Bob")]), [[0], [1]]);
        assert_eq!(workers(&[("0", "ann@x", "Ann"), ("0", "bob@x", "Bob")]), [[0], [1]]);
    }

    #[test]
    fn two_numbers_are_one_person_where_one_engagement_follows_the_other() {
        let at = |text: &str| Some(text.parse().unwrap());
        let mut records = [record("C77", "ann@x", "Ann"), record("E12", "ann@x", "Ann")];
        assert_eq!(joined(&records), [[0], [1]], "nothing says that they follow each other");
        (records[0].end, records[1].start) = (at("2026-06-01T00:00:00Z"), at("2026-06-01T00:00:00Z"));
        assert_eq!(joined(&records), [[0, 1]]);
        records[1].start = at("2026-05-01T00:00:00Z");
        assert_eq!(joined(&records), [[0], [1]], "two at a time");
        records[1] = record("", "ann@x", "Ann");
        assert_eq!(joined(&records), [[0, 1]]);
    }

    #[test]
    fn a_key_that_nothing_opposes_joins() {
        assert_eq!(workers(&[("1", "", ""), ("1", "", "")]), [[0, 1]]);
        assert_eq!(workers(&[("1", "ann@x", ""), ("1", "", "Ann")]), [[0, 1]]);
        assert_eq!(workers(&[("", "ann@x", ""), ("", "ann@x", "Ann")]), [[0, 1]]);
        // The record in the middle must not make one person of the two beside it.
        assert_eq!(workers(&[("1", "ann@x", "Ann"), ("1", "", ""), ("1", "bob@x", "Bob")]), [[0], [1], [2]]);
    }
}
