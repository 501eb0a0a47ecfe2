//! Who is who: the identity ladder.
//!
//! For every Identity Center user and every identity provider the first rung with a match decides:
//!
//! | rung | evidence | strength |
//! |---|---|---|
//! | declared | a links file given by the operator | strong |
//! | target id | the provisioner's own record of the Identity Center user it made | strong |
//! | external id | `ExternalIds[].Id` equals the attribute that this provisioning tenant maps to it | strong if immutable, else medium |
//! | user name | equal after folding, unique on both sides, a guest's address restored | weak |
//! | email | primary or verified alias, equal after folding, unique on both sides | weak |
//!
//! Two candidates at that rung make no link; only the operator may say that several records are one user's. A weaker rung
//! that points at somebody else is kept as a contradiction. Nothing is ever linked by display name or by likeness.
//! The ladder to HR is in `link/hr`.

mod external_id;
mod hr;

use std::collections::HashMap;

use super::text::{fold, guest_address};
use crate::model::{DirectoryUser, IdpFacts};
use crate::snapshot::Snapshot;
use external_id::ATTRIBUTES;

pub use external_id::ExternalIdMapping;
pub(in crate::reconcile) use hr::id_key;
pub use hr::{HrBasis, HrLink, HrLinkQuality, HrVote, IdForm};

/// A rung of the ladder, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// The operator says so.
    Declared,
    /// The provisioner's own record.
    TargetId,
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
            Self::TargetId => "target_id",
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
    /// Further records that the operator declared to be this user's, by position.
    pub also: Vec<u32>,
    /// Weaker rungs that point at somebody else, with their positions.
    pub contradictions: Vec<(Rung, u32)>,
    /// An id that should find somebody in this provider and does not, with its rung: the record that the user was made for
    /// is not there.
    pub stale: Option<(Rung, String)>,
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

/// All links.
#[derive(Debug, Default)]
pub struct Links {
    /// Per directory user, per provider.
    outcomes: Vec<Vec<LinkOutcome>>,
    /// Per provider, per IdP user.
    hr: Vec<Vec<HrLink>>,
    /// Per provider.
    hr_quality: Vec<HrLinkQuality>,
    /// The mappings, read or inferred.
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

    /// How well each provider is linked to the roster; empty without a roster.
    pub fn hr_quality(&self) -> &[HrLinkQuality] {
        &self.hr_quality
    }

    /// Which attribute each provisioning tenant maps to external ids, as read or inferred.
    pub fn mappings(&self) -> &[ExternalIdMapping] {
        &self.mappings
    }

    /// Declared links that name an IdP user no provider has.
    pub fn dangling_declarations(&self) -> &[String] {
        &self.dangling_declarations
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
    /// By each of [`ATTRIBUTES`].
    attributes: Vec<Index>,
    /// By the Identity Center user that the provisioner made for them: who is here, and the ids of who is not.
    target: HashMap<String, (Vec<u32>, Vec<String>)>,
}

impl IdpIndex {
    fn new(idp: &IdpFacts) -> Self {
        let mut index = Self {
            id: Index::new(),
            user_name: Index::new(),
            email: Index::new(),
            attributes: ATTRIBUTES.iter().map(|_| Index::new()).collect(),
            target: HashMap::new(),
        };
        for (position, user) in (0u32..).zip(&idp.users) {
            add(&mut index.id, fold(user.id.as_str()), position);
            add(&mut index.user_name, fold(&user.user_name), position);
            add(&mut index.user_name, guest_address(&user.user_name), position);
            for address in user.email.iter().chain(&user.aliases) {
                add(&mut index.email, fold(address), position);
            }
            for ((attribute, _), attributes) in ATTRIBUTES.iter().zip(&mut index.attributes) {
                for value in external_id::values(user, *attribute) {
                    add(attributes, fold(value), position);
                }
            }
        }
        for made in idp.application.iter().flat_map(|application| &application.provisioned_users) {
            let Some(key) = fold(&made.target) else { continue };
            let (here, missing) = index.target.entry(key).or_default();
            match fold(made.user.as_str()).and_then(|key| index.id.get(&key)) {
                Some(positions) => {
                    here.extend(positions);
                    here.sort_unstable();
                    here.dedup();
                }
                None => missing.push(made.user.to_string()),
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
    let (declared, dangling_declarations) = declared(snapshot, users, &idps);
    let mappings = external_id::mappings(users, snapshot.idps(), &idps);
    let ladder = Ladder { idps, mappings, directory: DirectoryIndex::new(users), declared };
    let outcomes = (0u32..).zip(users).map(|user| ladder.outcomes(user)).collect();
    let to_hr = snapshot.hr().map(|roster| hr::link(roster, snapshot.idps(), snapshot.links()));
    let (hr, hr_quality) = to_hr.unwrap_or_default();
    Links { outcomes, hr, hr_quality, mappings: ladder.mappings, dangling_declarations }
}

/// What the operator declares of one directory user in one provider.
#[derive(Default)]
struct Declaration {
    /// The records named, in the order of the file.
    records: Vec<u32>,
    /// Records of which a name could mean any.
    unclear: Vec<u32>,
}

impl Declaration {
    /// The records that could be the user's, and the further ones that are as well.
    ///
    /// Every row that names one record is the operator's word that it is the user's, and the first leads. Where a name
    /// could mean several records, none of them is chosen.
    fn leading(&self) -> (Vec<u32>, Vec<u32>) {
        if !self.unclear.is_empty() {
            let mut all = [self.records.as_slice(), &self.unclear].concat();
            all.sort_unstable();
            all.dedup();
            return (all, Vec::new());
        }
        let also = self.records.iter().skip(1).copied().collect();
        (self.records.first().copied().into_iter().collect(), also)
    }
}

/// Declared links as positions: by directory user and provider.
type Declared = HashMap<(u32, u32), Declaration>;

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
                let declaration = declared.entry((*user, idp)).or_default();
                match to.as_slice() {
                    [one] if declaration.records.contains(one) => {}
                    [one] => declaration.records.push(*one),
                    several => declaration.unclear.extend(several),
                }
            }
        }
        if !found || from.is_empty() {
            dangling.push(format!("{} → {} ({})", link.identity_center_user, link.idp_user, link.origin));
        }
    }
    (declared, dangling)
}

/// What was found at one rung.
struct Found {
    rung: Rung,
    /// The records, by position.
    candidates: Vec<u32>,
    strength: Strength,
    /// How many directory users make the same claim.
    claimants: usize,
}

/// Everything that the rungs ask.
struct Ladder {
    idps: Vec<IdpIndex>,
    mappings: Vec<ExternalIdMapping>,
    directory: DirectoryIndex,
    declared: Declared,
}

impl Ladder {
    /// Climbs for one directory user in every provider.
    fn outcomes(&self, (position, user): (u32, &DirectoryUser)) -> Vec<LinkOutcome> {
        let idps = (0u32..).zip(&self.idps);
        idps.map(|(idp, index)| self.climb(user, idp, index, self.declared.get(&(position, idp)))).collect()
    }

    fn climb(&self, user: &DirectoryUser, idp: u32, index: &IdpIndex, declared: Option<&Declaration>) -> LinkOutcome {
        let name = fold(&user.user_name);
        let email = user.email.as_deref().and_then(fold);
        let (declared, also) = declared.map(Declaration::leading).unwrap_or_default();
        let nobody = (Vec::new(), Vec::new());
        // Most providers have no such records, and folding an id for each of many users costs.
        let made = (!index.target.is_empty()).then(|| fold(user.id.as_str())).flatten();
        let target = made.and_then(|key| index.target.get(&key));
        let (made, missing) = target.unwrap_or(&nobody);
        let by_id = external_id::find(user, idp, index, &self.mappings);
        let weak = |rung, keys: &Index, claims: &HashMap<String, usize>, key: &Option<String>| Found {
            rung,
            candidates: key.as_ref().and_then(|key| keys.get(key)).cloned().unwrap_or_default(),
            strength: Strength::Weak,
            claimants: key.as_ref().and_then(|key| claims.get(key)).copied().unwrap_or(0),
        };
        let by = |rung, candidates, strength| Found { rung, candidates, strength, claimants: 1 };
        let rungs = [
            by(Rung::Declared, declared, Strength::Strong),
            by(Rung::TargetId, made.clone(), Strength::Strong),
            by(Rung::ExternalId, by_id.candidates, by_id.strength),
            weak(Rung::UserName, &index.user_name, &self.directory.user_name, &name),
            weak(Rung::Email, &index.email, &self.directory.email, &email),
        ];
        let mut below = rungs.into_iter().skip_while(|found| found.candidates.is_empty());
        let Some(Found { rung, candidates, strength, claimants }) = below.next() else {
            return LinkOutcome::NotFound;
        };
        let (&[linked], ..=1) = (candidates.as_slice(), claimants) else {
            return LinkOutcome::Ambiguous { rung, candidates, claimants };
        };
        // A weaker rung contradicts if it leads to records, and the linked one is none of them.
        let elsewhere = below.filter(|found| !found.candidates.iter().any(|at| *at == linked || also.contains(at)));
        let contradictions = elsewhere.flat_map(|found| found.candidates.into_iter().map(move |at| (found.rung, at)));
        let contradictions = contradictions.collect();
        let lost = (made.is_empty() && !missing.is_empty()).then(|| (Rung::TargetId, missing.join(", ")));
        let stale = lost.or_else(|| by_id.stale.map(|ids| (Rung::ExternalId, ids)));
        LinkOutcome::Linked(IdpLink { idp, user: linked, rung, strength, also, contradictions, stale })
    }
}
