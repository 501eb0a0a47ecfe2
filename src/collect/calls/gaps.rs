//! Gaps, told once: a thousand refusals of one operation are one gap with a count.

use std::collections::BTreeMap;

use super::{CallError, Called, Pager};
use crate::model::{Fact, Gap, GapKind, Known};

/// The gaps of one run, by what they have in common.
#[derive(Debug, Default)]
pub struct Gaps {
    entries: BTreeMap<Key, Seen>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    fact: Fact,
    kind: GapKind,
    /// Empty for what is no single operation's fault: lost credentials, lost network.
    operation: String,
    reason: String,
    hint: String,
}

#[derive(Debug)]
struct Seen {
    /// The first place by its name, so that the text doesn't hang on which task was faster.
    at: String,
    count: u64,
}

impl Gaps {
    /// Records that a call failed for `subject` (which may be empty): one gap for every fact lost by it.
    pub fn add(&mut self, called: &dyn Called, subject: &str, error: &CallError) {
        for fact in called.loses() {
            self.add_fact(*fact, called, subject, error);
        }
    }

    /// Records that one fact was lost.
    pub fn add_fact(&mut self, fact: Fact, called: &dyn Called, subject: &str, error: &CallError) {
        let everywhere = matches!(error.kind, GapKind::Credentials | GapKind::Network);
        let action = called.action();
        let at = if subject.is_empty() { action.clone() } else { format!("{action} ({subject})") };
        let key = Key {
            fact,
            kind: error.kind,
            operation: if everywhere { String::new() } else { action },
            reason: error.reason.clone(),
            hint: error.hint.clone(),
        };
        self.merge(key, Seen { at, count: 1 });
    }

    /// The next page of a list, if there is one. A list that can't be read to its end is a gap.
    pub fn next_page(
        &mut self,
        called: &dyn Called,
        subject: &str,
        rest: Result<Option<Pager>, CallError>,
    ) -> Option<Pager> {
        rest.unwrap_or_else(|error| {
            self.add(called, subject, &error);
            None
        })
    }

    /// A value that was requested. One that can't be read is a gap, and unknown.
    pub fn known<T>(&mut self, called: &dyn Called, subject: &str, result: Result<T, CallError>) -> Known<T> {
        result.map_or_else(|error| self.unknown(called, subject, error), Known::Value)
    }

    /// Records that a call failed, as [`Gaps::add`] does; gives the value that is unknown without it.
    pub fn unknown<T>(&mut self, called: &dyn Called, subject: &str, error: CallError) -> Known<T> {
        self.add(called, subject, &error);
        Known::Unknown(error.reason)
    }

    /// Whether anything of `fact` was lost.
    pub fn lack(&self, fact: Fact) -> bool {
        self.entries.keys().any(|key| key.fact == fact)
    }

    /// Takes over the gaps of another branch.
    pub fn extend(&mut self, other: Self) {
        for (key, seen) in other.entries {
            self.merge(key, seen);
        }
    }

    fn merge(&mut self, key: Key, seen: Seen) {
        use std::collections::btree_map::Entry;
        match self.entries.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(seen);
            }
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                known.count += seen.count;
                if seen.at < known.at {
                    known.at = seen.at;
                }
            }
        }
    }

    /// The gaps of the facts asked for, sorted.
    pub fn into_vec(self, asked: &[Fact]) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = self
            .entries
            .into_iter()
            .filter(|(key, _)| asked.contains(&key.fact))
            .map(|(key, seen)| Gap {
                fact: key.fact,
                kind: key.kind,
                at: match seen.count {
                    1 => seen.at,
                    count => format!("{} and {} more", seen.at, count - 1),
                },
                reason: key.reason,
                hint: key.hint,
            })
            .collect();
        gaps.sort();
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Op;
    use super::*;

    const DESCRIBE: Op = Op("Describe", &[Fact::PermissionSets]);
    const POLICY: Op = Op("Policy", &[Fact::PermissionSets]);
    const LIST: Op = Op("List", &[Fact::PermissionSets, Fact::Boundaries, Fact::Assignments]);

    fn error(kind: GapKind, reason: &str) -> CallError {
        CallError { kind, reason: reason.to_owned(), hint: "do something".to_owned(), code: None }
    }

    #[test]
    fn like_gaps_are_one_with_a_count() {
        let mut gaps = Gaps::default();
        for set in ["ps-3", "ps-1", "ps-2"] {
            gaps.add(&DESCRIBE, set, &error(GapKind::Denied, "denied"));
        }
        gaps.add(&POLICY, "ps-1", &error(GapKind::Denied, "denied"));
        let told: Vec<String> = gaps.into_vec(&[Fact::PermissionSets]).into_iter().map(|gap| gap.at).collect();
        assert_eq!(told, ["svc:Describe (ps-1) and 2 more", "svc:Policy (ps-1)"]);
    }

    #[test]
    fn lost_credentials_are_one_gap_for_each_fact() {
        let mut gaps = Gaps::default();
        let expired = error(GapKind::Credentials, "expired");
        gaps.add(&LIST, "", &expired);
        gaps.add(&DESCRIBE, "ps-1", &expired);
        gaps.add(&POLICY, "ps-1", &expired);
        let asked = [Fact::PermissionSets, Fact::Assignments];
        let facts: Vec<Fact> = gaps.into_vec(&asked).into_iter().map(|gap| gap.fact).collect();
        assert_eq!(facts, asked);
    }
}
