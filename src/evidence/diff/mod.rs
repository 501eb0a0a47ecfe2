//! What differs between two snapshots: people, directory, entitlements and grants.
//!
//! Nothing is called added or removed on the word of a snapshot that did not read the fact whole: what a side does not show
//! is then counted, with the reason, and not listed. A value that one side could not read is not a change.

mod access;
mod compare;
mod lines;
mod people;

use schemars::JsonSchema;
use serde::Serialize;

use crate::snapshot::Snapshot;
use compare::Found;

/// The version of the JSON form: new keys raise the second number, anything else the first.
const VERSION: &str = "1.0";

/// The differences between two snapshots.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DiffView {
    /// `overstay-diff`.
    pub format: &'static str,
    /// The format's version.
    pub version: &'static str,
    /// The first snapshot.
    pub before: SideView,
    /// The second snapshot.
    pub after: SideView,
    /// Kinds of things that were compared, those without a difference included.
    pub sections: Vec<SectionView>,
    /// What could not be compared, or only in one direction.
    pub limits: Vec<LimitView>,
}

/// One of the two snapshots.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SideView {
    /// When reading ended.
    pub ended_at: String,
    /// SHA-256 of the snapshot's body.
    pub digest: String,
}

/// The differences of one kind of thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SectionView {
    /// `hr`, `idp_users`, `idp_groups`, `idp_memberships`, `users`, `groups`, `memberships`, `accounts`, `permission_sets`,
    /// `assignments` or `grants`.
    pub kind: &'static str,
    /// The kind in words.
    pub title: &'static str,
    /// What is only in the second snapshot, by name.
    pub added: Vec<ItemView>,
    /// What is only in the first snapshot, by name.
    pub removed: Vec<ItemView>,
    /// What is in both, and not the same.
    pub changed: Vec<ChangeView>,
}

/// A thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ItemView {
    /// Its name.
    pub name: String,
    /// Its id, which tells it from others of its kind.
    pub id: String,
}

/// A thing that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeView {
    /// Its name, as the second snapshot has it.
    pub name: String,
    /// Its id.
    pub id: String,
    /// What changed about it.
    pub fields: Vec<FieldView>,
    /// For permission sets: the inline policy, line by line, each with `-`, `+` or a space before it; `…` stands for lines
    /// that are the same.
    pub policy: Vec<String>,
}

/// A value that changed. Absent means that there was none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldView {
    /// Which.
    pub field: &'static str,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// What a comparison could not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LimitView {
    /// The kind, as in the sections.
    pub kind: &'static str,
    /// The kind in words.
    pub title: &'static str,
    /// The snapshot that does not tell: `before` or `after`.
    pub side: &'static str,
    /// Why.
    pub reason: String,
    /// Things that only the other snapshot shows and that were therefore not listed.
    pub withheld: usize,
}

impl DiffView {
    /// Whether nothing that was compared differs.
    pub fn is_same(&self) -> bool {
        self.sections.iter().all(SectionView::is_same)
    }
}

impl SectionView {
    /// Whether nothing of this kind differs.
    pub fn is_same(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// Compares two snapshots.
pub fn diff(before: &Snapshot, after: &Snapshot) -> DiffView {
    let side = |snapshot: &Snapshot| SideView {
        ended_at: snapshot.ended_at().to_string(),
        digest: snapshot.digest().to_owned(),
    };
    let mut found = Found::default();
    people::people(&mut found, before, after);
    people::providers(&mut found, before, after);
    access::access(&mut found, before, after);
    let Found { sections, limits } = found;
    DiffView { format: "overstay-diff", version: VERSION, before: side(before), after: side(after), sections, limits }
}

fn item(id: &str, name: &str) -> ItemView {
    ItemView { name: name.to_owned(), id: id.to_owned() }
}
