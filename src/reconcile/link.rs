//! Who is who: the identity ladder.
//!
//! For every Identity Center user and every identity provider the first rung with a match decides:
//!
//! | rung | evidence | strength |
//! |---|---|---|
//! | declared | a links file given by the operator | strong |
//! | external id | `ExternalIds[].Id` equals the attribute that this provisioning tenant maps to it | strong if immutable, else medium |
//! | user name | equal after folding, unique on both sides, a guest's address restored | weak |
//! | email | primary or verified alias, equal after folding, unique on both sides | weak |
//!
//! Two candidates at that rung make no link. A weaker rung that points at somebody else is kept as a contradiction.
//! Nothing is ever linked by display name or by likeness.

use std::collections::{BTreeMap, HashMap};

use super::text::{fold, guest_address};
use crate::model::{DirectoryUser, HrRecord, IdpFacts, IdpUser};
use crate::snapshot::Snapshot;

/// A rung of the ladder, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// The operator says so.
    Declared,
    /// The provisioner's id.
    ExternalId,
    /// The sign-in name.
    UserName,
    /// The address.
    Email,
}

impl Rung {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::ExternalId => "external_id",
            Self::UserName => "user_name",
            Self::Email => "email",
        }
    }
}

/// How well a link holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Names and addresses get reused.
    Weak,
    /// An id whose attribute can be reassigned.
    Medium,
    /// An immutable id, or the operator's word.
    Strong,
}

impl Strength {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Medium => "medium",
            Self::Strong => "strong",
        }
    }
}

/// A link from a directory user to an IdP user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpLink {
    /// The provider's position.
    pub idp: u32,
    /// The user's position in it.
    pub user: u32,
    /// The rung that matched.
    pub rung: Rung,
    /// How well it holds.
    pub strength: Strength,
    /// Weaker rungs that point at somebody else, with their positions.
    pub contradictions: Vec<(Rung, u32)>,
    /// An external id that this provider's mapping should find and does not: the record it was made for is not there.
    pub stale_external_id: bool,
}

/// What the ladder gave for one directory user in one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkOutcome {
    /// Linked.
    Linked(IdpLink),
    /// More than one candidate at the first rung that matched, on either side.
    Ambiguous {
        /// That rung.
        rung: Rung,
        /// The candidates' positions in the provider.
        candidates: Vec<u32>,
        /// How many directory users claim the same candidate.
        claimants: usize,
    },
    /// No rung matches.
    NotFound,
}

/// Which IdP attribute a provisioning tenant puts into external ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalIdMapping {
    /// The tenant's issuer.
    pub issuer: String,
    /// The provider's position.
    pub idp: u32,
    /// The attribute, by our column name.
    pub attribute: &'static str,
    /// External ids of this issuer that the attribute explains.
    pub matched: usize,
    /// External ids of this issuer.
    pub total: usize,
}

/// Links of HR records to one IdP user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HrLink {
    /// Positions in the roster; several for a rehire.
    pub records: Vec<u32>,
    /// How: `employee_id` or `email`.
    pub method: Option<&'static str>,
    /// Several employees share the address, so that none is known to be this user.
    pub disputed: bool,
}

/// All links.
#[derive(Debug, Default)]
pub struct Links {
    /// Per directory user, per provider.
    outcomes: Vec<Vec<LinkOutcome>>,
    /// Per provider, per IdP user.
    hr: Vec<Vec<HrLink>>,
    /// The inferred mappings.
    mappings: Vec<ExternalIdMapping>,
    /// Declared links whose IdP user is nowhere.
    dangling_declarations: Vec<String>,
}

impl Links {
    /// What the ladder gave for a directory user, provider by provider.
    pub fn of_user(&self, user: u32) -> &[LinkOutcome] {
        self.outcomes.get(user as usize).map_or(&[], Vec::as_slice)
    }

    /// The links of a directory user.
    pub fn linked(&self, user: u32) -> impl Iterator<Item = &IdpLink> {
        self.of_user(user).iter().filter_map(|outcome| match outcome {
            LinkOutcome::Linked(link) => Some(link),
            LinkOutcome::Ambiguous { .. } | LinkOutcome::NotFound => None,
        })
    }

    /// The HR records of an IdP user.
    pub fn hr_of(&self, (idp, user): (u32, u32)) -> Option<&HrLink> {
        self.hr.get(idp as usize).and_then(|users| users.get(user as usize))
    }

    /// Which attribute each provisioning tenant maps to external ids, as inferred.
    pub fn mappings(&self) -> &[ExternalIdMapping] {
        &self.mappings
    }

    /// Declared links that name an IdP user no provider has.
    pub fn dangling_declarations(&self) -> &[String] {
        &self.dangling_declarations
    }
}

/// IdP attributes that may stand in an external id, the most trustworthy first; whether they are immutable.
const ATTRIBUTES: [(&str, Strength); 4] = [
    ("id", Strength::Strong),
    ("employee_id", Strength::Strong),
    ("user_name", Strength::Medium),
    ("email", Strength::Medium),
];

fn attribute<'a>(user: &'a IdpUser, name: &str) -> Option<&'a str> {
    match name {
        "id" => Some(user.id.as_str()),
        "employee_id" => user.employee_id.as_deref(),
        "user_name" => Some(user.user_name.as_str()),
        "email" => user.email.as_deref(),
        _ => None,
    }
}

/// Positions by folded key, duplicates of one position removed.
type Index = HashMap<String, Vec<u32>>;

fn add(index: &mut Index, key: Option<String>, position: u32) {
    if let Some(key) = key {
        let positions = index.entry(key).or_default();
        if positions.last() != Some(&position) {
            positions.push(position);
        }
    }
}

/// One provider's users by every key the ladder asks for.
struct IdpIndex {
    id: Index,
    user_name: Index,
    email: Index,
    attributes: Vec<Index>,
}

impl IdpIndex {
    fn new(idp: &IdpFacts) -> Self {
        let mut index = Self {
            id: Index::new(),
            user_name: Index::new(),
            email: Index::new(),
            attributes: ATTRIBUTES.iter().map(|_| Index::new()).collect(),
        };
        for (position, user) in (0u32..).zip(&idp.users) {
            add(&mut index.id, fold(user.id.as_str()), position);
            add(&mut index.user_name, fold(&user.user_name), position);
            add(&mut index.user_name, guest_address(&user.user_name), position);
            for address in user.email.iter().chain(&user.aliases) {
                add(&mut index.email, fold(address), position);
            }
            for ((name, _), attributes) in ATTRIBUTES.iter().zip(&mut index.attributes) {
                add(attributes, attribute(user, name).and_then(fold), position);
            }
        }
        index
    }
}

/// Directory users by folded name and address, to see what is unique on their side.
struct DirectoryIndex {
    user_name: HashMap<String, usize>,
    email: HashMap<String, usize>,
}

impl DirectoryIndex {
    fn new(users: &[DirectoryUser]) -> Self {
        let mut index = Self { user_name: HashMap::new(), email: HashMap::new() };
        for user in users {
            if let Some(key) = fold(&user.user_name) {
                *index.user_name.entry(key).or_insert(0) += 1;
            }
            if let Some(key) = user.email.as_deref().and_then(fold) {
                *index.email.entry(key).or_insert(0) += 1;
            }
        }
        index
    }
}

/// Links every directory user to IdP users, and every IdP user to HR records.
pub fn link(snapshot: &Snapshot) -> Links {
    let users: &[DirectoryUser] = snapshot.aws().map_or(&[], |aws| &aws.users);
    let idps: Vec<IdpIndex> = snapshot.idps().iter().map(IdpIndex::new).collect();
    let mappings = infer_mappings(users, &idps);
    let directory = DirectoryIndex::new(users);
    let (declared, dangling_declarations) = declared(snapshot, users, &idps);
    let outcomes = (0u32..)
        .zip(users)
        .map(|(position, user)| {
            (0u32..)
                .zip(&idps)
                .map(|(idp, index)| {
                    let declared = declared.get(&(position, idp)).map_or(&[][..], Vec::as_slice);
                    climb(user, idp, index, declared, &mappings, &directory)
                })
                .collect()
        })
        .collect();
    let hr = snapshot.hr().map_or_else(Vec::new, |hr| {
        let index = HrIndex::new(&hr.records);
        snapshot.idps().iter().map(|idp| idp.users.iter().map(|user| index.find(user)).collect()).collect()
    });
    Links { outcomes, hr, mappings, dangling_declarations }
}

/// For each issuer and provider, the attribute that explains the most external ids.
///
/// An immutable id proves itself by a single match. An attribute that may be reused must explain at least two ids and
/// more than half of the issuer's, so that a coincidence does not make a mapping.
fn infer_mappings(users: &[DirectoryUser], idps: &[IdpIndex]) -> Vec<ExternalIdMapping> {
    let mut by_issuer: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for external in users.iter().flat_map(|user| &user.external_ids) {
        by_issuer.entry(&external.issuer).or_default().push(&external.id);
    }
    let mut mappings = Vec::new();
    for (issuer, ids) in by_issuer {
        let folded: Vec<String> = ids.iter().filter_map(|id| fold(id)).collect();
        for (idp, index) in (0u32..).zip(idps) {
            let best = ATTRIBUTES
                .iter()
                .zip(&index.attributes)
                .map(|((name, strength), keys)| {
                    (*name, *strength, folded.iter().filter(|id| keys.contains_key(*id)).count())
                })
                .filter(|(_, strength, matched)| match strength {
                    Strength::Strong => *matched > 0,
                    Strength::Medium | Strength::Weak => *matched > 1 && *matched * 2 > folded.len(),
                })
                // The first of equals wins, and the table starts with the most trustworthy.
                .fold(None, |best: Option<(&'static str, usize)>, (name, _, matched)| match best {
                    Some((_, most)) if most >= matched => best,
                    _ => Some((name, matched)),
                });
            if let Some((attribute, matched)) = best {
                mappings.push(ExternalIdMapping {
                    issuer: issuer.to_owned(),
                    idp,
                    attribute,
                    matched,
                    total: ids.len(),
                });
            }
        }
    }
    mappings
}

/// Declared links as positions: directory user and provider → IdP users.
type Declared = HashMap<(u32, u32), Vec<u32>>;

fn declared(snapshot: &Snapshot, users: &[DirectoryUser], idps: &[IdpIndex]) -> (Declared, Vec<String>) {
    let mut by_name: Index = Index::new();
    if !snapshot.links().is_empty() {
        for (position, user) in (0u32..).zip(users) {
            add(&mut by_name, fold(user.id.as_str()), position);
            add(&mut by_name, fold(&user.user_name), position);
        }
    }
    let mut declared = Declared::new();
    let mut dangling = Vec::new();
    for link in snapshot.links() {
        let from = fold(&link.identity_center_user).and_then(|key| by_name.get(&key)).map_or(&[][..], Vec::as_slice);
        let Some(key) = fold(&link.idp_user) else { continue };
        let mut found = false;
        for (idp, index) in (0u32..).zip(idps) {
            let Some(to) = index.id.get(&key).or_else(|| index.user_name.get(&key)) else {
                continue;
            };
            found = true;
            for user in from {
                let targets = declared.entry((*user, idp)).or_default();
                targets.extend(to);
                targets.sort_unstable();
                targets.dedup();
            }
        }
        if !found || from.is_empty() {
            dangling.push(format!("{} → {} ({})", link.identity_center_user, link.idp_user, link.origin));
        }
    }
    (declared, dangling)
}

/// Climbs the ladder for one directory user in one provider.
fn climb(
    user: &DirectoryUser,
    idp: u32,
    index: &IdpIndex,
    declared: &[u32],
    mappings: &[ExternalIdMapping],
    directory: &DirectoryIndex,
) -> LinkOutcome {
    let (external, strength, stale_external_id) = by_external_id(user, idp, index, mappings);
    let name = fold(&user.user_name);
    let email = user.email.as_deref().and_then(fold);
    let find =
        |keys: &Index, key: &Option<String>| key.as_ref().and_then(|key| keys.get(key)).cloned().unwrap_or_default();
    let claims = |counts: &HashMap<String, usize>, key: &Option<String>| {
        key.as_ref().and_then(|key| counts.get(key)).copied().unwrap_or(0)
    };
    // Candidates per rung with their strength, and how many directory users make the same claim.
    let rungs = [
        (Rung::Declared, declared.to_vec(), Strength::Strong, 1),
        (Rung::ExternalId, external, strength, 1),
        (Rung::UserName, find(&index.user_name, &name), Strength::Weak, claims(&directory.user_name, &name)),
        (Rung::Email, find(&index.email, &email), Strength::Weak, claims(&directory.email, &email)),
    ];
    let Some(first) = rungs.iter().position(|(_, candidates, _, _)| !candidates.is_empty()) else {
        return LinkOutcome::NotFound;
    };
    let (above, below) = rungs.split_at(first + 1);
    let Some((rung, candidates, strength, claimants)) = above.last() else {
        return LinkOutcome::NotFound;
    };
    let [linked] = candidates.as_slice() else {
        return LinkOutcome::Ambiguous { rung: *rung, candidates: candidates.clone(), claimants: *claimants };
    };
    if *claimants > 1 {
        return LinkOutcome::Ambiguous { rung: *rung, candidates: candidates.clone(), claimants: *claimants };
    }
    let contradictions = below
        .iter()
        .filter_map(|(rung, candidates, _, _)| match candidates.as_slice() {
            [other] if other != linked => Some((*rung, *other)),
            _ => None,
        })
        .collect();
    LinkOutcome::Linked(IdpLink {
        idp,
        user: *linked,
        rung: *rung,
        strength: *strength,
        contradictions,
        stale_external_id,
    })
}

/// Candidates by external id, their strength, and whether an id of a mapped issuer found nobody.
fn by_external_id(
    user: &DirectoryUser,
    idp: u32,
    index: &IdpIndex,
    mappings: &[ExternalIdMapping],
) -> (Vec<u32>, Strength, bool) {
    let mut candidates = Vec::new();
    let mut strength = Strength::Strong;
    let mut asked = false;
    for external in &user.external_ids {
        for mapping in mappings.iter().filter(|m| m.idp == idp && m.issuer == external.issuer) {
            let at = ATTRIBUTES.iter().zip(&index.attributes).find(|((name, _), _)| *name == mapping.attribute);
            let Some(((_, attribute_strength), keys)) = at else {
                continue;
            };
            // One match among many may be left from another tenant; then an id that finds nobody is not stale but foreign.
            asked |= mapping.matched * 2 > mapping.total;
            strength = strength.min(*attribute_strength);
            candidates.extend(fold(&external.id).and_then(|key| keys.get(&key)).into_iter().flatten());
        }
    }
    candidates.sort_unstable();
    candidates.dedup();
    let stale = asked && candidates.is_empty();
    (candidates, strength, stale)
}

/// The roster by employee id and by address.
struct HrIndex<'a> {
    records: &'a [HrRecord],
    employee_id: Index,
    email: Index,
}

impl<'a> HrIndex<'a> {
    fn new(records: &'a [HrRecord]) -> Self {
        let mut index = Self { records, employee_id: Index::new(), email: Index::new() };
        for (position, record) in (0u32..).zip(records) {
            add(&mut index.employee_id, record.employee_id.as_deref().and_then(fold), position);
            add(&mut index.email, record.email.as_deref().and_then(fold), position);
        }
        index
    }

    /// By employee id; else by address, if all records with it are one employee's.
    fn find(&self, user: &IdpUser) -> HrLink {
        if let Some(found) = user.employee_id.as_deref().and_then(fold).and_then(|key| self.employee_id.get(&key)) {
            return HrLink { records: found.clone(), method: Some("employee_id"), disputed: false };
        }
        let mut records: Vec<u32> = Vec::new();
        for address in user.email.iter().chain(&user.aliases) {
            records.extend(fold(address).and_then(|key| self.email.get(&key)).into_iter().flatten());
        }
        records.sort_unstable();
        records.dedup();
        let mut employees: Vec<Option<&str>> =
            records.iter().filter_map(|p| self.records.get(*p as usize)).map(|r| r.employee_id.as_deref()).collect();
        employees.sort_unstable();
        employees.dedup();
        // An address shared by two employees, or borne by a record with another employee id, is no evidence.
        let contradicted = user.employee_id.is_some() && employees.iter().any(Option::is_some);
        if records.is_empty() || employees.len() > 1 || contradicted {
            return HrLink { disputed: employees.len() > 1 && !contradicted, ..HrLink::default() };
        }
        HrLink { records, method: Some("email"), disputed: false }
    }
}
