//! Comparing two lists of things, and knowing what the comparison is worth.

use std::collections::BTreeMap;

use super::{ChangeView, FieldView, ItemView, LimitView, SectionView};
use crate::model::{Fact, Known};
use crate::snapshot::{Coverage, Snapshot};

/// What was found, and what could not be said.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) sections: Vec<SectionView>,
    pub(super) limits: Vec<LimitView>,
}

/// A kind of thing with the facts that tell of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) facts: &'static [Fact],
}

/// How two lists differ.
#[derive(Debug, Default)]
pub(super) struct Differences {
    pub(super) added: Vec<ItemView>,
    pub(super) removed: Vec<ItemView>,
    pub(super) changed: Vec<ChangeView>,
}

/// Compares things by key. `change` says what is different about one that is not equal; none when nothing that counts is.
pub(super) fn differences<'a, K: Ord, T: PartialEq + 'a>(
    before: impl IntoIterator<Item = &'a T>,
    after: impl IntoIterator<Item = &'a T>,
    key: impl Fn(&'a T) -> K,
    item: impl Fn(&T) -> ItemView,
    change: impl Fn(&T, &T) -> Option<ChangeView>,
) -> Differences {
    let mut both: BTreeMap<K, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for thing in before {
        both.entry(key(thing)).or_default().0 = Some(thing);
    }
    for thing in after {
        both.entry(key(thing)).or_default().1 = Some(thing);
    }
    let mut found = Differences::default();
    for sides in both.into_values() {
        match sides {
            (Some(was), Some(is)) if was != is => found.changed.extend(change(was, is)),
            (Some(was), None) => found.removed.push(item(was)),
            (None, Some(is)) => found.added.push(item(is)),
            _ => {}
        }
    }
    found
}

/// How a snapshot read the facts of a kind.
enum Reading {
    Whole,
    Part(String),
    NotAsked,
}

fn reading(snapshot: &Snapshot, facts: &[Fact]) -> Reading {
    const PLACES: usize = 3;
    let mut places = Vec::new();
    for fact in facts {
        match snapshot.coverage(*fact) {
            Coverage::Complete => {}
            Coverage::NotAsked => return Reading::NotAsked,
            Coverage::Partial(gaps) => {
                places.extend(gaps.iter().map(|(source, gap)| format!("{source}: {}: {}", gap.at, gap.reason)));
            }
        }
    }
    if places.is_empty() {
        return Reading::Whole;
    }
    let more = places.len().saturating_sub(PLACES);
    places.truncate(PLACES);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Reading::Part(format!("not read whole: {}{more}", places.join("; ")))
}

impl Found {
    /// Whether a kind can be compared at all. Where only one of the snapshots was asked for it, that is a limit.
    pub(super) fn compares(&mut self, kind: Kind, before: &Snapshot, after: &Snapshot) -> bool {
        let asked = |snapshot| !matches!(reading(snapshot, kind.facts), Reading::NotAsked);
        match (asked(before), asked(after)) {
            (true, true) => return true,
            (false, true) => self.limit(kind, "before", "not asked for".to_owned(), 0),
            (true, false) => self.limit(kind, "after", "not asked for".to_owned(), 0),
            (false, false) => {}
        }
        false
    }

    /// Takes in how a kind differs: without what rests on a snapshot that did not read it whole.
    pub(super) fn take(&mut self, kind: Kind, before: &Snapshot, after: &Snapshot, mut found: Differences) {
        if let Reading::Part(reason) = reading(before, kind.facts) {
            self.limit(kind, "before", reason, std::mem::take(&mut found.added).len());
        }
        if let Reading::Part(reason) = reading(after, kind.facts) {
            self.limit(kind, "after", reason, std::mem::take(&mut found.removed).len());
        }
        let Differences { mut added, mut removed, mut changed } = found;
        added.sort();
        removed.sort();
        changed.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        self.sections.push(SectionView { kind: kind.kind, title: kind.title, added, removed, changed });
    }

    /// Notes what can't be said.
    pub(super) fn limit(&mut self, kind: Kind, side: &'static str, reason: String, withheld: usize) {
        self.limits.push(LimitView { kind: kind.kind, title: kind.title, side, reason, withheld });
    }
}

/// The values of a thing on both sides, and which of them changed.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<FieldView>);

impl Fields {
    /// Compares a value that may not be known; not known on a side is no change.
    pub(super) fn known<T>(
        mut self,
        field: &'static str,
        was: &Known<T>,
        is: &Known<T>,
        word: impl Fn(&T) -> String,
    ) -> Self {
        if !was.is_unknown() && !is.is_unknown() {
            let (before, after) = (was.value().map(&word), is.value().map(&word));
            if before != after {
                self.0.push(FieldView { field, before, after });
            }
        }
        self
    }

    /// Compares a text that may be missing.
    pub(super) fn text(mut self, field: &'static str, was: Option<&str>, is: Option<&str>) -> Self {
        if was != is {
            self.0.push(FieldView { field, before: was.map(str::to_owned), after: is.map(str::to_owned) });
        }
        self
    }

    /// The change; none when nothing compared is different.
    pub(super) fn of(self, item: ItemView) -> Option<ChangeView> {
        self.with_policy(item, Vec::new())
    }

    /// The change of a permission set.
    pub(super) fn with_policy(self, item: ItemView, policy: Vec<String>) -> Option<ChangeView> {
        let ItemView { name, id } = item;
        (!self.0.is_empty() || !policy.is_empty()).then_some(ChangeView { name, id, fields: self.0, policy })
    }
}
