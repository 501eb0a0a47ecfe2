//! Which attribute of an identity provider stands in Identity Center's external ids: read from the provisioning job's
//! schema, else inferred.

use std::collections::BTreeMap;

use super::{IdpIndex, Strength};
use crate::model::application::ExternalIdSource;
use crate::model::person::IdKey;
use crate::model::{DirectoryUser, IdpFacts, IdpUser, Known};
use crate::reconcile::text::fold;

/// Which IdP attribute a provisioning tenant puts into external ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalIdMapping {
    /// The tenant's issuer.
    pub issuer: String,
    /// The provider's position.
    pub idp: u32,
    /// The attribute.
    pub attribute: ExternalIdSource,
    /// External ids of this issuer that the attribute explains.
    pub matched: usize,
    /// External ids of this issuer.
    pub total: usize,
    /// Whether the provider says so; else it is inferred.
    pub from_schema: bool,
}

impl ExternalIdMapping {
    /// How the attribute is known, and how well it explains the ids: `inferred from 40 of 41 users`.
    pub fn basis(&self) -> String {
        let (matched, total) = (self.matched, self.total);
        if self.from_schema {
            format!("read from the provisioning job's schema; it explains {matched} of {total} users")
        } else {
            format!("inferred from {matched} of {total} users")
        }
    }

    /// Whether it explains more than half of the issuer's ids, so that one that it does not explain is a lost one.
    pub(super) fn explains_most(&self) -> bool {
        self.matched * 2 > self.total
    }
}

/// Attributes that may stand in an external id, the most trustworthy first, with how well a match holds.
///
/// The provider's own id, the GUID of the directory it is synchronised from and the number in HR are given once. A mail
/// nickname can be given to somebody else. A SCIM client chooses its `externalId` as it likes (RFC 7643, section 3.1), and
/// Entra ID's published default is the mail nickname: so it is no better than that.
pub(super) const ATTRIBUTES: [(ExternalIdSource, Strength); 7] = [
    (ExternalIdSource::Id, Strength::Strong),
    (ExternalIdSource::Key(IdKey::OnPremisesImmutableId), Strength::Strong),
    (ExternalIdSource::EmployeeId, Strength::Strong),
    (ExternalIdSource::Key(IdKey::MailNickname), Strength::Medium),
    (ExternalIdSource::Key(IdKey::ExternalId), Strength::Medium),
    (ExternalIdSource::UserName, Strength::Medium),
    (ExternalIdSource::Email, Strength::Medium),
];

/// A user's values of an attribute.
pub(super) fn values(user: &IdpUser, attribute: ExternalIdSource) -> Vec<&str> {
    match attribute {
        ExternalIdSource::Id => vec![user.id.as_str()],
        ExternalIdSource::EmployeeId => user.employee_id.as_deref().into_iter().collect(),
        ExternalIdSource::UserName => vec![user.user_name.as_str()],
        ExternalIdSource::Email => user.email.as_deref().into_iter().collect(),
        ExternalIdSource::Key(wanted) => {
            user.keys.iter().filter(|(key, _)| *key == wanted).map(|(_, value)| value.as_str()).collect()
        }
    }
}

/// For each issuer and provider, the attribute that its external ids are taken from.
///
/// Where the provider's schema was read, it decides, even if it explains no id: then the ids are another source's.
/// Otherwise the attribute that explains the most ids is taken. An immutable one proves itself by a single match; one that
/// may be reused must explain at least two ids and more than half of the issuer's, so that a coincidence does not make a
/// mapping.
pub(super) fn mappings(users: &[DirectoryUser], facts: &[IdpFacts], idps: &[IdpIndex]) -> Vec<ExternalIdMapping> {
    let mut by_issuer: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for external in users.iter().flat_map(|user| &user.external_ids) {
        by_issuer.entry(&external.issuer).or_default().push(&external.id);
    }
    let mut mappings = Vec::new();
    for (issuer, ids) in by_issuer {
        let folded: Vec<String> = ids.iter().filter_map(|id| fold(id)).collect();
        for ((idp, index), facts) in (0u32..).zip(idps).zip(facts) {
            let explained = ATTRIBUTES.iter().zip(&index.attributes).map(|((attribute, strength), keys)| {
                (*attribute, *strength, folded.iter().filter(|id| keys.contains_key(*id)).count())
            });
            let schema = facts.application.as_ref().map(|application| &application.external_id);
            let (from_schema, found) = if let Some(Known::Value(attribute)) = schema {
                (true, explained.into_iter().find(|(known, _, _)| known == attribute))
            } else {
                (false, most(explained, folded.len()))
            };
            if let Some((attribute, _, matched)) = found {
                let (issuer, total) = (issuer.to_owned(), ids.len());
                mappings.push(ExternalIdMapping { issuer, idp, attribute, matched, total, from_schema });
            }
        }
    }
    mappings
}

type Explained = (ExternalIdSource, Strength, usize);

fn most(explained: impl Iterator<Item = Explained>, total: usize) -> Option<Explained> {
    let proven = explained.filter(|(_, strength, matched)| match strength {
        Strength::Strong => *matched > 0,
        Strength::Medium | Strength::Weak => *matched > 1 && *matched * 2 > total,
    });
    // The first of equals wins, and the table starts with the most trustworthy.
    proven.fold(None, |best: Option<Explained>, this| match best {
        Some((_, _, most)) if most >= this.2 => best,
        _ => Some(this),
    })
}

/// What a directory user's external ids lead to in one provider.
pub(super) struct ByExternalId {
    /// The records they lead to, sorted.
    pub(super) candidates: Vec<u32>,
    /// How well the weakest attribute holds that was looked at.
    pub(super) strength: Strength,
    /// The ids, where this provider's mapping should find somebody and does not.
    pub(super) stale: Option<String>,
}

/// Looks a directory user's external ids up by the attributes that their issuers map.
pub(super) fn find(user: &DirectoryUser, idp: u32, index: &IdpIndex, mappings: &[ExternalIdMapping]) -> ByExternalId {
    let mut found = ByExternalId { candidates: Vec::new(), strength: Strength::Strong, stale: None };
    let mut asked = false;
    for external in &user.external_ids {
        for mapping in mappings.iter().filter(|m| m.idp == idp && m.issuer == external.issuer) {
            let at = ATTRIBUTES.iter().zip(&index.attributes).find(|((known, _), _)| *known == mapping.attribute);
            let Some(((_, strength), keys)) = at else { continue };
            // One match among many may be left from another tenant; then an id that finds nobody is not stale but foreign.
            asked |= mapping.explains_most();
            found.strength = found.strength.min(*strength);
            found.candidates.extend(fold(&external.id).and_then(|key| keys.get(&key)).into_iter().flatten());
        }
    }
    found.candidates.sort_unstable();
    found.candidates.dedup();
    if asked && found.candidates.is_empty() {
        let ids: Vec<&str> = user.external_ids.iter().map(|external| external.id.as_str()).collect();
        found.stale = Some(ids.join(", "));
    }
    found
}
