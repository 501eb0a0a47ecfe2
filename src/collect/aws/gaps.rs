//! Gaps, told once: a thousand refusals of one operation are one gap with a count.

use std::collections::BTreeMap;

use super::error::CallError;
use super::operation::Operation;
use crate::model::{Fact, Gap, GapKind};

/// The gaps of one run, by what they have in common.
#[derive(Debug, Default)]
pub(super) struct Gaps {
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
    /// Records that `operation` failed for `subject` (which may be empty): one gap for every fact lost by it.
    pub(super) fn add(&mut self, operation: &Operation, subject: &str, error: &CallError) {
        for fact in operation.loses {
            self.add_fact(*fact, operation, subject, error);
        }
    }

    /// Records that one fact was lost.
    pub(super) fn add_fact(&mut self, fact: Fact, operation: &Operation, subject: &str, error: &CallError) {
        let everywhere = matches!(error.kind, GapKind::Credentials | GapKind::Network);
        let action = operation.action();
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

    /// Whether anything of `fact` was lost.
    pub(super) fn lack(&self, fact: Fact) -> bool {
        self.entries.keys().any(|key| key.fact == fact)
    }

    /// Takes over the gaps of another branch.
    pub(super) fn extend(&mut self, other: Self) {
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
    pub(super) fn into_vec(self, asked: &[Fact]) -> Vec<Gap> {
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
    use super::super::operation::{ALL, DESCRIBE_PERMISSION_SET, GET_INLINE_POLICY, LIST_PERMISSION_SETS};
    use super::*;

    fn error(kind: GapKind, reason: &str) -> CallError {
        CallError { kind, reason: reason.to_owned(), hint: "do something".to_owned(), code: None }
    }

    #[test]
    fn like_gaps_are_one_with_a_count() {
        let mut gaps = Gaps::default();
        for set in ["ps-3", "ps-1", "ps-2"] {
            gaps.add(&DESCRIBE_PERMISSION_SET, set, &error(GapKind::Denied, "denied"));
        }
        gaps.add(&GET_INLINE_POLICY, "ps-1", &error(GapKind::Denied, "denied"));
        let told: Vec<String> = gaps.into_vec(ALL).into_iter().map(|gap| gap.at).collect();
        assert_eq!(told, ["sso:DescribePermissionSet (ps-1) and 2 more", "sso:GetInlinePolicyForPermissionSet (ps-1)"]);
    }

    #[test]
    fn lost_credentials_are_one_gap_for_each_fact() {
        let mut gaps = Gaps::default();
        let expired = error(GapKind::Credentials, "expired");
        gaps.add(&LIST_PERMISSION_SETS, "", &expired);
        gaps.add(&DESCRIBE_PERMISSION_SET, "ps-1", &expired);
        gaps.add(&GET_INLINE_POLICY, "ps-1", &expired);
        let asked = [Fact::PermissionSets, Fact::Assignments];
        let facts: Vec<Fact> = gaps.into_vec(&asked).into_iter().map(|gap| gap.fact).collect();
        assert_eq!(facts, asked);
    }
}
