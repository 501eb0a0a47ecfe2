//! The tables of the pack, one file each, in the order of the pack's listing.

mod assignments;
mod changes;
mod exceptions;
mod findings;
mod grants;
mod identities;
mod joiners;
mod leavers;
mod movers;
mod nonhuman;
mod permission_sets;
mod sod;

use crate::evidence::table::Table;
use crate::model::time::Tri;
use crate::model::{Instant, Known};
use crate::reconcile::{Ledger, Person};

pub(crate) use leavers::{Leaver, leavers};

/// Every table.
pub static TABLES: &[&Table] = &[
    &findings::TABLE,
    &assignments::TABLE,
    &grants::TABLE,
    &identities::TABLE,
    &permission_sets::TABLE,
    &leavers::TABLE,
    &joiners::TABLE,
    &movers::TABLE,
    &grants::PRIVILEGED,
    &nonhuman::TABLE,
    &sod::TABLE,
    &exceptions::TABLE,
    &changes::TABLE,
];

/// What is not known is written as this word; an empty cell means that the column does not apply.
const UNKNOWN: &str = "unknown";

fn unknown() -> String {
    UNKNOWN.to_owned()
}

/// A known value as text, absence as empty, ignorance as the word.
fn known<T: ToString>(value: &Known<T>) -> String {
    match value {
        Known::Value(value) => value.to_string(),
        Known::Absent => String::new(),
        Known::Unknown(_) => unknown(),
    }
}

fn instant(at: Option<Instant>) -> String {
    at.map_or_else(unknown, |at| at.to_string())
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn tri(verdict: Tri) -> String {
    match verdict {
        Tri::Yes => "yes".to_owned(),
        Tri::No => "no".to_owned(),
        Tri::Maybe => unknown(),
    }
}

/// A list inside a cell: sorted, without duplicates, joined with `;`.
fn list(items: impl IntoIterator<Item = impl Into<String>>) -> String {
    let mut items: Vec<String> = items.into_iter().map(Into::into).collect();
    items.sort_unstable();
    items.dedup();
    items.join(";")
}

/// How the person's accounts are linked to HR.
fn hr_link(ledger: &Ledger<'_>, person: &Person) -> String {
    list(person.idp_users.iter().filter_map(|at| ledger.links().hr_of(*at)).map(|link| link.basis.as_str()))
}

/// Why it is not known which HR records are the person's, where that matters.
fn hr_link_notes(person: &Person) -> String {
    person.open_hr_doubt().map_or_else(String::new, |doubt| doubt.reason.clone())
}
