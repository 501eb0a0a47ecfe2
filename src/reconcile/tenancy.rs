//! Who provisions the directory, by what its external ids say; and whether the directory was moved to another source.
//!
//! An Identity Center instance has one identity source at a time (IAM Identity Center User Guide, "Manage your identity
//! source"). After a move the users keep the ids of the old source until the new one has provisioned them. Judged one by
//! one they would all be orphaned, reused or unmanaged; judged together they are one fact about the instance.

use std::collections::{BTreeMap, HashSet};

use super::link::{ExternalIdMapping, LinkOutcome, Links, Rung};
use super::text::fold;
use crate::model::{DirectoryGroup, DirectoryUser, ExternalId, Fact};
use crate::snapshot::{Coverage, Snapshot};

/// From so many users on, ids that lead nowhere are judged together; fewer are named one by one.
pub const MANY: usize = 5;

/// Who provisions the directory, as far as its external ids say.
#[derive(Debug, Default)]
pub struct Tenancy {
    /// The issuer that provisions the directory now.
    present: Option<String>,
    /// Whether a configured provider has the records that the present issuer's ids name.
    is_explained: bool,
    /// Whether a provider's schema says which attribute its external ids are.
    schema_read: bool,
    /// Whether some provider was asked itself, and not by files that may lack the attribute.
    live: bool,
    moved: Option<Moved>,
}

/// Nearly all external ids of the directory lead to no record of any configured provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The directory users whose ids lead nowhere, by position.
    pub users: Vec<u32>,
    /// How many users carry external ids and are not declared.
    pub of: usize,
    /// How many of those whose ids lead nowhere are found by name or address.
    pub by_name: usize,
}

impl Tenancy {
    /// The issuer that provisions the directory now, where one stands out: its ids are found in a configured provider, or
    /// more than half of all ids are its.
    pub fn present(&self) -> Option<&str> {
        self.present.as_deref()
    }

    /// What is known of a move; none when ids lead to records as they should.
    pub fn moved(&self) -> Option<&Moved> {
        self.moved.as_ref()
    }

    /// Whether neither ids nor names tie the directory to the configured providers, so that whom they don't know is not
    /// known to be nobody's.
    pub fn is_untied(&self) -> bool {
        self.moved.as_ref().is_some_and(|moved| moved.by_name * 2 < moved.users.len())
    }

    /// The users of a move that may be none: no id leads to a record, and which attribute the present provisioner gives out
    /// was not read. None where only files were read, which seldom have that attribute; then the links are weak, and say so.
    pub fn unclear(&self) -> Option<&Moved> {
        self.moved.as_ref().filter(|_| self.live && !self.is_explained && !self.schema_read)
    }

    /// The issuer of external ids that the present source did not give; none when it did give one of them, or when that
    /// can't be said.
    pub fn earlier<'e>(&self, ids: &'e [ExternalId]) -> Option<&'e str> {
        let first = ids.first()?;
        let foreign = match (&self.present, &self.moved) {
            (Some(present), _) => ids.iter().all(|id| id.issuer != *present),
            // No id of this directory leads to a provider that says which ids it gives.
            (None, Some(_)) => self.schema_read,
            (None, None) => false,
        };
        foreign.then_some(first.issuer.as_str())
    }
}

/// Reads the tenancy off the links.
pub fn tenancy(snapshot: &Snapshot, links: &Links) -> Tenancy {
    let Some(aws) = snapshot.aws() else { return Tenancy::default() };
    let ids = || {
        let users = aws.users.iter().flat_map(|user| &user.external_ids);
        users.chain(aws.groups.iter().flat_map(|group| &group.external_ids))
    };
    let explained = explained(snapshot, &aws.groups, links.mappings());
    let moved = moved(snapshot, links, &aws.users);
    let present = match (&explained, &moved) {
        (Some(issuer), _) => Some(issuer.clone()),
        (None, Some(_)) => None,
        (None, None) => majority(ids()),
    };
    let schemas = snapshot.idps().iter().filter_map(|idp| idp.application.as_ref());
    let schema_read = schemas.into_iter().any(|application| application.external_id.value().is_some());
    let live = snapshot.idps().iter().any(|idp| idp.kind != "csv");
    Tenancy { present, is_explained: explained.is_some(), schema_read, live, moved }
}

/// The issuer of whose ids providers have the most, users' and groups', where one stands out.
fn explained(snapshot: &Snapshot, groups: &[DirectoryGroup], mappings: &[ExternalIdMapping]) -> Option<String> {
    let mut most: BTreeMap<&str, usize> = BTreeMap::new();
    for mapping in mappings.iter().filter(|mapping| mapping.matched > 0) {
        let matched = most.entry(&mapping.issuer).or_default();
        *matched = mapping.matched.max(*matched);
    }
    let known = snapshot.idps().iter().flat_map(|idp| idp.groups.iter().flatten());
    let known: HashSet<String> = known.filter_map(|group| fold(group.id.as_str())).collect();
    for external in groups.iter().flat_map(|group| &group.external_ids) {
        if fold(&external.id).is_some_and(|id| known.contains(&id)) {
            *most.entry(&external.issuer).or_default() += 1;
        }
    }
    let first = most.iter().max_by_key(|(_, matched)| **matched)?;
    let alone = most.iter().filter(|(_, matched)| *matched == first.1).count() == 1;
    alone.then(|| (*first.0).to_owned())
}

/// The issuer of more than half of the ids.
fn majority<'e>(ids: impl Iterator<Item = &'e ExternalId>) -> Option<String> {
    let mut issuers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut total = 0;
    for external in ids {
        *issuers.entry(&external.issuer).or_default() += 1;
        total += 1;
    }
    issuers.into_iter().find(|(_, count)| count * 2 > total).map(|(issuer, _)| issuer.to_owned())
}

/// Nine in ten external ids, and of many users, lead to nobody in providers that were read whole.
fn moved(snapshot: &Snapshot, links: &Links, users: &[DirectoryUser]) -> Option<Moved> {
    if snapshot.coverage(Fact::IdpUsers) != Coverage::Complete {
        return None;
    }
    let mut moved = Moved { users: Vec::new(), of: 0, by_name: 0 };
    for (at, _) in (0u32..).zip(users).filter(|(_, user)| !user.external_ids.is_empty()) {
        let rungs = links.of_user(at).iter().filter_map(|outcome| match outcome {
            LinkOutcome::Linked(link) => Some(link.rung),
            LinkOutcome::Ambiguous { rung, .. } => Some(*rung),
            LinkOutcome::NotFound => None,
        });
        let best = rungs.min();
        // What the operator declared says nothing about the ids beneath it.
        if best == Some(Rung::Declared) {
            continue;
        }
        moved.of += 1;
        if !matches!(best, Some(Rung::TargetId | Rung::ExternalId)) {
            moved.users.push(at);
            moved.by_name += usize::from(best.is_some());
        }
    }
    (moved.users.len() >= MANY && moved.users.len() * 10 >= moved.of * 9).then_some(moved)
}
