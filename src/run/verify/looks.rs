//! Whether the history that a pack carries is what the snapshots and listings that it cites show.

use std::collections::BTreeSet;

use super::remade::Inputs;
use crate::error::Error;
use crate::evidence::bag::SNAPSHOT;
use crate::evidence::verify::{Check, Defect};
use crate::model::history::Look;
use crate::model::{History, Instant};
use crate::snapshot::{HistoryBuilder, Snapshot};
use crate::store::{Entry, Listing, Store};
use crate::workflow::period;

const NAME: &str = "store";

/// The check, and what else the store has of the period.
pub(super) fn check(inputs: &Inputs, store: &Store) -> Result<(Check, Vec<String>), Error> {
    let Some(history) = inputs.snapshot.history() else {
        let passed = "the pack rests on its own snapshot alone, and on none of the store's".to_owned();
        return Ok((Check::of(NAME, Vec::new(), passed, String::new()), Vec::new()));
    };
    let (snapshots, listings) = (store.entries()?, store.listings()?);
    let mut again =
        Again { store, builder: HistoryBuilder::new(), last: own(inputs)?, kept: Vec::new(), defects: Vec::new() };
    let mut cited = BTreeSet::new();
    let Some((last, earlier)) = history.looks.split_last() else {
        let defect = Defect::of(SNAPSHOT, "has a history without a look");
        return Ok((Check::of(NAME, vec![defect], String::new(), "the history is none".to_owned()), Vec::new()));
    };
    for look in earlier {
        let entries = if look.listing { &listings } else { &snapshots };
        let entry = entries.iter().find(|entry| names(entry, look));
        cited.extend(entry);
        again.look(look, entry)?;
    }
    let stored = snapshots.iter().find(|entry| names(entry, last));
    cited.extend(stored);
    again.last(last, stored)?;
    let rest: Vec<&Entry> = listings.iter().chain(&snapshots).filter(|entry| !cited.contains(entry)).collect();
    let notes = beside(inputs, store, (&snapshots, &listings), &rest);
    Ok((again.compared(history), notes))
}

/// The pack's snapshot as it was before it was given a history.
fn own(inputs: &Inputs) -> Result<Snapshot, Error> {
    inputs.snapshot.without_history().map_err(|e| Error::Internal(e.to_string()))
}

/// Whether a stored file is the one that a look was taken from, by its name.
fn names(entry: &Entry, look: &Look) -> bool {
    entry.has_digest(&look.digest) && entry.at().timestamp().as_second() == look.ended_at.timestamp().as_second()
}

/// A history that is built again.
struct Again<'a> {
    store: &'a Store,
    builder: HistoryBuilder,
    last: Snapshot,
    /// The listings, by the position of their looks: what they show is said by names that all looks have a part in.
    kept: Vec<(u32, Listing)>,
    defects: Vec<Defect>,
}

impl Again<'_> {
    /// Takes in an earlier look, if the store has it.
    fn look(&mut self, look: &Look, entry: Option<&Entry>) -> Result<(), Error> {
        let Some(entry) = entry else {
            self.defect(look, "is not in the store");
            return Ok(());
        };
        if look.listing {
            match self.store.listing(entry) {
                Ok(listing) if listing.sha256() == look.digest && listing.as_of() == look.ended_at => {
                    self.kept.push((self.builder.listed_at(listing.as_of(), listing.sha256()), listing));
                }
                Ok(_) => self.defect(look, "is another listing in the store"),
                Err(e) => self.unread(look, e)?,
            }
            return Ok(());
        }
        match self.store.read(entry) {
            Ok(snapshot) if snapshot.digest() == look.digest => self.builder.look(&snapshot),
            Ok(_) => self.defect(look, "is another snapshot in the store"),
            Err(e) => self.unread(look, e)?,
        }
        Ok(())
    }

    /// Takes in the last look, which is the pack's own snapshot.
    fn last(&mut self, look: &Look, stored: Option<&Entry>) -> Result<(), Error> {
        if self.last.digest() == look.digest {
            self.builder.look(&self.last);
            return Ok(());
        }
        // Another version may have written the same facts in other words: then the store has these.
        let Some(entry) = stored else {
            let what = format!(
                "has other facts than its last look: without the history its digest is {}, and the look's is {}",
                self.last.digest(),
                look.digest
            );
            self.defects.push(Defect::of(SNAPSHOT, what));
            return Ok(());
        };
        match self.store.read(entry) {
            Ok(snapshot) => {
                let same = snapshot.without_history().is_ok_and(|rewritten| rewritten.digest() == self.last.digest());
                if same && snapshot.digest() == look.digest {
                    self.builder.look(&snapshot);
                } else {
                    self.defects
                        .push(Defect::of(SNAPSHOT, "has other facts than the store's snapshot of its last look"));
                }
            }
            Err(e) => self.unread(look, e)?,
        }
        Ok(())
    }

    fn defect(&mut self, look: &Look, what: &str) {
        let kind = if look.listing { "listing" } else { "snapshot" };
        self.defects.push(Defect::of(&format!("the {kind} {} of {}", look.digest, look.ended_at), what));
    }

    /// A look that is there and is not what it should be. That the store can't be read, or is another's, says nothing about
    /// the pack.
    fn unread(&mut self, look: &Look, error: Error) -> Result<(), Error> {
        if !matches!(error, Error::Verification { .. }) {
            return Err(error);
        }
        self.defect(look, &format!("does not read: {error}"));
        Ok(())
    }

    /// The check. The history is compared when all of its looks were there.
    fn compared(mut self, history: &History) -> Check {
        let looks = history.looks.len();
        if self.defects.is_empty() {
            for (at, listing) in &self.kept {
                let (grants, _) = listing.resolve(&self.last, &self.builder.names(*at));
                self.builder.show(*at, grants);
            }
            let again = self.builder.build();
            let parts = differing(&again, history);
            self.defects = parts
                .into_iter()
                .map(|part| Defect::of(SNAPSHOT, format!("carries another history of {part} than its looks show")))
                .collect();
        }
        let looks = if looks == 1 { "1 look".to_owned() } else { format!("{looks} looks") };
        let passed = format!("{looks} that the pack rests on are there, and show the history that it carries");
        let failed = format!("the store does not show what the pack carries of its {looks}");
        Check::of(NAME, self.defects, passed, failed)
    }
}

/// The parts in which two histories differ. Taken apart whole, so that no part is forgotten.
fn differing(a: &History, b: &History) -> Vec<&'static str> {
    let History {
        looks,
        users,
        groups,
        memberships,
        assignments,
        permission_sets,
        accounts,
        idp_users,
        idp_memberships,
        idp_members_unknown,
        engagements,
    } = a;
    let parts = [
        ("what was looked at", *looks == b.looks),
        ("users", *users == b.users),
        ("groups", *groups == b.groups),
        ("group memberships", *memberships == b.memberships),
        ("assignments", *assignments == b.assignments),
        ("permission sets", *permission_sets == b.permission_sets),
        ("accounts", *accounts == b.accounts),
        ("the identity providers' users", *idp_users == b.idp_users),
        ("the identity providers' groups", *idp_memberships == b.idp_memberships),
        ("groups whose members were not known", *idp_members_unknown == b.idp_members_unknown),
        ("employment", *engagements == b.engagements),
    ];
    parts.into_iter().filter(|(_, same)| !same).map(|(part, _)| part).collect()
}

/// Names what the store has of the period and the pack does not rest on. It may have come later; it may have been left out.
fn beside(inputs: &Inputs, store: &Store, (snapshots, listings): (&[Entry], &[Entry]), rest: &[&Entry]) -> Vec<String> {
    let Some(period) = inputs.period else { return Vec::new() };
    let (from, end) = (period.from(), period::end(&inputs.config, period));
    // A look of the very second in which the pack's snapshot ended may be it, or have come after it.
    let until = Instant::from_epoch_seconds(inputs.snapshot.ended_at().timestamp().as_second());
    let of_the_period = |entry: &&Entry| {
        let within = |entries| Store::window(entries, from, end).contains(entry);
        (within(snapshots) || within(listings)) && until.is_some_and(|until| entry.at() < until)
    };
    let found: Vec<&Entry> = rest.iter().copied().filter(of_the_period).collect();
    let note = |entry: &Entry| {
        format!(
            "the store has {} of the period, which the pack does not rest on: added later, or left out",
            store.locate(entry)
        )
    };
    found.into_iter().map(note).collect()
}
