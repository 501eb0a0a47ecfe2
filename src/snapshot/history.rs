//! What many snapshots showed, condensed: each thing once, with the looks at which it was seen and how.
//!
//! Snapshots are taken in one at a time, the earliest first, and none is kept: [`HistoryBuilder::look`] notes for every thing
//! the runs of looks that show it the same way. A look that does not show it breaks the run for now. Only at the end, when
//! it is known which looks read which facts whole, [`HistoryBuilder::build`] joins the runs that no whole look lies between:
//! not having been shown by a look that missed part of the fact means nothing.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{Coverage, Snapshot};
use crate::model::history::{Look, PastEngagement, PastIdpUser, PastPermissionSet, PastUser, Spell, Track};
use crate::model::id::{AccountId, GroupId, IdpGroupId, IdpName, IdpUserId, PermissionSetArn, UserId};
use crate::model::{
    Assignment, AwsFacts, Fact, History, HrFacts, HrRecord, IdpFacts, IdpUser, Instant, Known, PermissionSet, Principal,
};

#[cfg(test)]
mod tests;

/// Builds a history, look by look.
#[derive(Debug, Default)]
pub struct HistoryBuilder {
    looks: Vec<Look>,
    /// The identity providers that each look asked for users, and those for groups.
    asked: Vec<[BTreeSet<IdpName>; 2]>,
    users: Runs<UserId, PastUser>,
    /// The users whose grants a listing has, with the listing's position.
    listed: Vec<(u32, UserId)>,
    groups: Runs<GroupId, String>,
    memberships: Runs<(GroupId, UserId), Option<Instant>>,
    assignments: Runs<Assignment, ()>,
    permission_sets: Runs<PermissionSetArn, PastPermissionSet>,
    accounts: Runs<AccountId, String>,
    idp_users: Runs<(IdpName, IdpUserId), PastIdpUser>,
    idp_memberships: Runs<(IdpName, IdpGroupId, IdpUserId), ()>,
    /// The looks at which not all members of a group were known.
    idp_members_unknown: BTreeMap<(IdpName, IdpGroupId), Vec<u32>>,
    engagements: Runs<String, PastEngagement>,
}

impl HistoryBuilder {
    /// A history of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next look. The earliest come first.
    pub fn look(&mut self, snapshot: &Snapshot) {
        let at = u32::try_from(self.looks.len()).unwrap_or(u32::MAX);
        self.looks.push(Look {
            started_at: snapshot.started_at(),
            ended_at: snapshot.ended_at(),
            digest: snapshot.digest().to_owned(),
            whole: Fact::ALL.into_iter().filter(|fact| snapshot.coverage(*fact) == Coverage::Complete).collect(),
            listing: false,
        });
        let with_groups = snapshot.idps().iter().filter(|idp| idp.groups.is_some());
        self.asked.push([
            snapshot.idps().iter().map(|idp| idp.name.clone()).collect(),
            with_groups.map(|idp| idp.name.clone()).collect(),
        ]);
        if let Some(aws) = snapshot.aws() {
            self.aws(at, aws);
        }
        for idp in snapshot.idps() {
            self.idp(at, idp);
        }
        if let Some(hr) = snapshot.hr() {
            self.hr(at, hr);
        }
    }

    /// Takes in a listing that somebody kept, as the next look. It shows what is in it, and never what is not.
    pub fn listing(&mut self, as_of: Instant, digest: &str, grants: Vec<(UserId, Assignment)>) {
        let at = self.listed_at(as_of, digest);
        self.show(at, grants);
    }

    /// Keeps the place of a listing, whose grants [`Self::show`] gives when all looks were taken in: only then it is known
    /// who was called how at that time. Returns its position.
    pub fn listed_at(&mut self, as_of: Instant, digest: &str) -> u32 {
        let at = u32::try_from(self.looks.len()).unwrap_or(u32::MAX);
        let digest = digest.to_owned();
        self.looks.push(Look { started_at: as_of, ended_at: as_of, digest, whole: Vec::new(), listing: true });
        self.asked.push(Default::default());
        at
    }

    /// Notes the grants of the listing at a position.
    pub fn show(&mut self, at: u32, grants: Vec<(UserId, Assignment)>) {
        for (user, assignment) in grants {
            if let Principal::Group(group) = &assignment.principal {
                self.memberships.see_late(at, (group.clone(), user.clone()));
            }
            self.assignments.see_late(at, assignment);
            self.listed.push((at, user));
        }
    }

    /// What users, groups and permission sets were called at a position, as far as the looks next to it tell.
    pub fn names(&self, at: u32) -> Names {
        Names {
            users: self.users.names(at, |user| &user.user_name),
            groups: self.groups.names(at, |group| group),
            permission_sets: self.permission_sets.names(at, |set| &set.name),
        }
    }

    /// The history of everything that was taken in.
    pub fn build(mut self) -> History {
        // Who has grants in a listing was there, under a name that only the snapshots tell; the listing says no more of them.
        for (at, user) in std::mem::take(&mut self.listed) {
            self.users.see_between(at, &user, |known| PastUser {
                status: Known::Unknown("a listing does not tell".to_owned()),
                ..known.clone()
            });
        }
        let mut looks = self.looks;
        // A fact of several providers was read whole where all of them were asked, those that only other looks know of included.
        let mut known = [BTreeSet::new(), BTreeSet::new()];
        for asked in &self.asked {
            for (known, asked) in known.iter_mut().zip(asked) {
                known.extend(asked.iter().cloned());
            }
        }
        let [all_users, all_groups] = known;
        for (look, [users, groups]) in looks.iter_mut().zip(&self.asked) {
            look.whole.retain(|fact| match fact {
                Fact::IdpUsers => *users == all_users,
                Fact::IdpGroups => *groups == all_groups,
                _ => true,
            });
            look.whole.sort_unstable();
        }
        let whole = |fact: Fact| -> Vec<u32> {
            (0..).zip(&looks).filter(|(_, look)| look.whole.binary_search(&fact).is_ok()).map(|(at, _)| at).collect()
        };
        let groups = whole(Fact::IdpGroups);
        let unknown = &self.idp_members_unknown;
        let idp_memberships = self.idp_memberships.tracks_by(
            |(idp, group, _)| {
                let except = unknown.get(&(idp.clone(), group.clone()))?;
                Some(groups.iter().copied().filter(|look| !except.contains(look)).collect())
            },
            &groups,
        );
        let idp_members_unknown =
            self.idp_members_unknown.into_iter().map(|((idp, group), looks)| (idp, group, looks)).collect();
        History {
            users: self.users.tracks(&whole(Fact::DirectoryUsers)),
            groups: self.groups.tracks(&whole(Fact::DirectoryGroups)),
            memberships: self.memberships.tracks(&whole(Fact::Memberships)),
            assignments: self.assignments.tracks(&whole(Fact::Assignments)),
            permission_sets: self.permission_sets.tracks(&whole(Fact::PermissionSets)),
            accounts: self.accounts.tracks(&whole(Fact::Accounts)),
            idp_users: self.idp_users.tracks(&whole(Fact::IdpUsers)),
            idp_memberships,
            idp_members_unknown,
            engagements: self.engagements.tracks(&whole(Fact::HrRecords)),
            looks,
        }
    }

    fn aws(&mut self, at: u32, aws: &AwsFacts) {
        for user in &aws.users {
            let value = PastUser {
                user_name: user.user_name.clone(),
                display_name: user.display_name.clone(),
                status: user.status.clone(),
                created_at: user.created_at.value().copied(),
            };
            self.users.see(at, user.id.clone(), value);
        }
        for group in &aws.groups {
            self.groups.see(at, group.id.clone(), group.name.clone());
        }
        for membership in &aws.memberships {
            let key = (membership.group.clone(), membership.user.clone());
            self.memberships.see(at, key, membership.created_at.value().copied());
        }
        for assignment in &aws.assignments {
            self.assignments.see(at, assignment.clone(), ());
        }
        for set in &aws.permission_sets {
            let value = PastPermissionSet { name: set.label().to_owned(), content: content(set) };
            self.permission_sets.see(at, set.arn.clone(), value);
        }
        for account in &aws.accounts {
            self.accounts.see(at, account.id.clone(), account.name.clone());
        }
    }

    fn idp(&mut self, at: u32, idp: &IdpFacts) {
        for user in &idp.users {
            let value = past_idp_user(user, !idp.status_times_are_latest());
            self.idp_users.see(at, (idp.name.clone(), user.id.clone()), value);
        }
        for group in idp.groups.iter().flatten() {
            if group.members_unknown.is_some() {
                self.idp_members_unknown.entry((idp.name.clone(), group.id.clone())).or_default().push(at);
            }
            for member in &group.members {
                self.idp_memberships.see(at, (idp.name.clone(), group.id.clone(), member.clone()), ());
            }
        }
    }

    fn hr(&mut self, at: u32, hr: &HrFacts) {
        // Somebody who came back has two engagements under one number: the later one is where they stand.
        let mut latest: BTreeMap<&str, &HrRecord> = BTreeMap::new();
        for record in &hr.records {
            let Some(key) = record.employee_id.as_deref().or(record.email.as_deref()) else { continue };
            let order = |record: &HrRecord| (record.start, record.end, record.origin.clone());
            let known = latest.entry(key).or_insert(record);
            if order(record) > order(known) {
                *known = record;
            }
        }
        for (key, record) in latest {
            self.engagements.see(at, key.to_owned(), past_engagement(record));
        }
    }
}

/// By lower-case name, what bore it at some time.
pub type Bearers<K> = BTreeMap<String, BTreeSet<K>>;

/// What things were called at some time: by the last look before it that shows them, and by the first look after it.
#[derive(Debug, Default)]
pub struct Names {
    /// Identity Center users, by sign-in name.
    pub users: Bearers<UserId>,
    /// Identity Center groups.
    pub groups: Bearers<GroupId>,
    /// Permission sets.
    pub permission_sets: Bearers<PermissionSetArn>,
}

/// A digest of what a permission set lets its holder do; `unknown` when a part of it could not be read.
fn content(set: &PermissionSet) -> String {
    let PermissionSet { arn: _, name: _, description: _, created_at: _, session, managed, customer, inline, boundary } =
        set;
    let unknown = session.is_unknown()
        || managed.is_unknown()
        || customer.is_unknown()
        || inline.is_unknown()
        || boundary.is_unknown();
    if unknown {
        return "unknown".to_owned();
    }
    // The order in which policies were attached or listed says nothing.
    let (mut managed, mut customer) = (managed.clone(), customer.clone());
    if let Known::Value(list) = &mut managed {
        list.sort();
    }
    if let Known::Value(list) = &mut customer {
        list.sort();
    }
    let parts = serde_json::to_vec(&(session, managed, customer, inline, boundary));
    parts.map_or_else(|_| "unknown".to_owned(), |parts| HEXLOWER.encode(&Sha256::digest(&parts)))
}

fn past_idp_user(user: &IdpUser, dated: bool) -> PastIdpUser {
    PastIdpUser {
        user_name: user.user_name.clone(),
        display_name: user.display_name.clone(),
        status: user.status,
        unclear: user.contradiction.is_some(),
        status_changed_at: user.status_changed_at.value().copied().filter(|_| dated),
        employee_id: user.employee_id.clone(),
        user_type: user.user_type.clone(),
        department: user.department.clone(),
        title: user.title.clone(),
        manager: user.manager.clone(),
    }
}

fn past_engagement(record: &HrRecord) -> PastEngagement {
    PastEngagement {
        display_name: record.display_name.clone(),
        email: record.email.clone(),
        status: record.status,
        start: record.start,
        end: record.end,
        department: record.department.clone(),
        title: record.title.clone(),
        manager: record.manager.clone(),
        worker_type: record.worker_type.clone(),
    }
}

/// For every thing the runs of looks that show it the same way, each look of a run next to the one before.
#[derive(Debug)]
struct Runs<K, V>(BTreeMap<K, Vec<Spell<V>>>);

impl<K, V> Default for Runs<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, V: PartialEq> Runs<K, V> {
    /// Notes that the look `at` shows `key` as `value`. The first of two values that one look shows counts.
    fn see(&mut self, at: u32, key: K, value: V) {
        let runs = self.0.entry(key).or_default();
        match runs.last_mut() {
            Some(run) if run.last == at => {}
            Some(run) if run.last + 1 == at && run.value == value => run.last = at,
            _ => runs.push(Spell { first: at, last: at, value }),
        }
    }

    /// By lower-case name, what bore it next to the look `at`.
    fn names(&self, at: u32, name: impl Fn(&V) -> &str) -> Bearers<K>
    where
        K: Clone,
    {
        let mut bearers = Bearers::new();
        for (key, runs) in &self.0 {
            let place = runs.partition_point(|run| run.first <= at);
            let beside = [place.checked_sub(1).and_then(|before| runs.get(before)), runs.get(place)];
            for run in beside.into_iter().flatten() {
                bearers.entry(name(&run.value).to_lowercase()).or_insert_with(BTreeSet::new).insert(key.clone());
            }
        }
        bearers
    }

    /// Notes that the look `at` shows `key`, after later looks were taken in.
    fn see_late(&mut self, at: u32, key: K)
    where
        V: Default,
    {
        let runs = self.0.entry(key).or_default();
        let place = runs.partition_point(|run| run.first <= at);
        if place.checked_sub(1).and_then(|before| runs.get(before)).is_none_or(|run| run.last < at) {
            runs.insert(place, Spell { first: at, last: at, value: V::default() });
        }
    }

    /// Notes that the look `at` shows `key`, after all looks were taken in: as `value` makes it of what is known next to it.
    /// What no look shows otherwise stays unknown.
    fn see_between(&mut self, at: u32, key: &K, value: impl FnOnce(&V) -> V) {
        let Some(runs) = self.0.get_mut(key) else { return };
        let place = runs.partition_point(|run| run.first <= at);
        let before = place.checked_sub(1).and_then(|place| runs.get(place));
        let Some(known) = before.or(runs.get(place)) else { return };
        if before.is_none_or(|run| run.last < at) {
            let value = value(&known.value);
            runs.insert(place, Spell { first: at, last: at, value });
        }
    }

    /// The tracks, with runs of one value joined where no look between them, of those in `whole`, read the fact whole.
    fn tracks(self, whole: &[u32]) -> Vec<Track<K, V>> {
        self.tracks_by(|_| None, whole)
    }

    /// The same, where `of` gives the looks that read the fact whole of one thing, if those are others than `whole`.
    fn tracks_by(self, of: impl Fn(&K) -> Option<Vec<u32>>, whole: &[u32]) -> Vec<Track<K, V>> {
        let looked = |whole: &[u32], after: u32, before: u32| {
            let next = whole.partition_point(|look| *look <= after);
            whole.get(next).is_some_and(|look| *look < before)
        };
        let joined = |whole: &[u32], runs: Vec<Spell<V>>| {
            let mut spells: Vec<Spell<V>> = Vec::with_capacity(runs.len());
            for run in runs {
                match spells.last_mut() {
                    Some(spell) if spell.value == run.value && !looked(whole, spell.last, run.first) => {
                        spell.last = run.last
                    }
                    _ => spells.push(run),
                }
            }
            spells
        };
        let track = |(key, runs)| {
            let own = of(&key);
            Track { key, spells: joined(own.as_deref().unwrap_or(whole), runs) }
        };
        self.0.into_iter().map(track).collect()
    }
}
