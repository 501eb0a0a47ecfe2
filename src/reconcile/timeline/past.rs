//! The history by key, and what each person held in it by which path.

use std::borrow::Cow;
use std::collections::HashMap;

use super::episodes::Episodes;
use super::looks::{Looks, Stretch};
use crate::model::event::Action;
use crate::model::history::{History, PastIdpUser, PastPermissionSet, PastUser, Spell, Track};
use crate::model::id::{AccountId, GroupId, IdpName, IdpUserId, PermissionSetArn, UserId};
use crate::model::time::Basis;
use crate::model::{Assignment, Event, Fact, Instant, Interval, Principal};
use crate::reconcile::events::{Events, last_within};

/// The facts that have to be whole for a look to show that somebody holds nothing.
pub(super) const HOLDING: [Fact; 4] =
    [Fact::DirectoryUsers, Fact::DirectoryGroups, Fact::Memberships, Fact::Assignments];

type Membership = Track<(GroupId, UserId), Option<Instant>>;
type IdpTrack = Track<(IdpName, IdpUserId), PastIdpUser>;

/// The history by key.
#[derive(Debug)]
pub(super) struct Past<'a> {
    pub(super) history: &'a History,
    pub(super) looks: Looks<'a>,
    users: HashMap<&'a UserId, &'a Track<UserId, PastUser>>,
    groups: HashMap<&'a GroupId, &'a Track<GroupId, String>>,
    accounts: HashMap<&'a AccountId, &'a Track<AccountId, String>>,
    sets: HashMap<&'a PermissionSetArn, &'a Track<PermissionSetArn, PastPermissionSet>>,
    idp_users: HashMap<(&'a IdpName, &'a IdpUserId), &'a IdpTrack>,
    memberships_of_user: HashMap<&'a UserId, Vec<&'a Membership>>,
    memberships_of_group: HashMap<&'a GroupId, Vec<&'a Membership>>,
    assignments: HashMap<&'a Principal, Vec<&'a Track<Assignment, ()>>>,
    pub(super) episodes: Episodes<'a>,
}

/// A person's holding of an entitlement by one path, from one look to another.
#[derive(Debug, Clone)]
pub struct Holding<'a> {
    /// The Identity Center user.
    pub user: &'a UserId,
    /// AWS's record; one that no look shows is made of what the log says.
    pub assignment: Cow<'a, Assignment>,
    /// The group it comes by; none when direct.
    pub group: Option<&'a GroupId>,
    /// When it began; without an earlier bound when it was there at the first look.
    pub since: Interval,
    /// When it ended; none while it is held, and without a later bound when no look could have seen its end.
    pub until: Option<Interval>,
    /// The event that began it.
    pub begun_by: Option<&'a Event>,
    /// The event that ended it.
    pub ended_by: Option<&'a Event>,
    /// The looks that show it; none where only a log tells of it.
    stretch: Option<Stretch>,
    new: bool,
}

impl Holding<'_> {
    /// Whether it was held at a look.
    pub fn held_at(&self, look: u32) -> bool {
        self.stretch.is_some_and(|held| (held.first..=held.last).contains(&look))
    }

    /// Whether it was given after the first snapshot, which shows what was there before. That a listing from before does not
    /// have it says nothing.
    pub fn is_new(&self) -> bool {
        self.new
    }

    /// The positions of the first and the last look at which it was held; none where it came and went between two looks.
    pub fn seen(&self) -> Option<(u32, u32)> {
        self.stretch.map(|held| (held.first, held.last))
    }
}

/// One part of what makes a holding: the user, the assignment, or the membership, for as long as it was there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) since: Interval,
    pub(super) until: Option<Interval>,
    pub(super) begun_by: Option<&'a Event>,
    pub(super) ended_by: Option<&'a Event>,
    /// The looks that show it; none where only a log tells of it.
    pub(super) stretch: Option<Stretch>,
}

fn by<'a, K: std::hash::Hash + Eq, V>(tracks: &'a [V], key: impl Fn(&'a V) -> K) -> HashMap<K, Vec<&'a V>> {
    let mut index: HashMap<K, Vec<&'a V>> = HashMap::new();
    for track in tracks {
        index.entry(key(track)).or_default().push(track);
    }
    index
}

impl<'a> Past<'a> {
    pub(super) fn new(history: &'a History, episodes: Episodes<'a>) -> Self {
        Self {
            history,
            looks: Looks::new(&history.looks),
            users: history.users.iter().map(|track| (&track.key, track)).collect(),
            groups: history.groups.iter().map(|track| (&track.key, track)).collect(),
            accounts: history.accounts.iter().map(|track| (&track.key, track)).collect(),
            sets: history.permission_sets.iter().map(|track| (&track.key, track)).collect(),
            idp_users: history.idp_users.iter().map(|track| ((&track.key.0, &track.key.1), track)).collect(),
            memberships_of_user: by(&history.memberships, |track| &track.key.1),
            memberships_of_group: by(&history.memberships, |track| &track.key.0),
            assignments: by(&history.assignments, |track| &track.key.principal),
            episodes,
        }
    }

    pub(super) fn user(&self, id: &UserId) -> Option<&'a Track<UserId, PastUser>> {
        self.users.get(id).copied()
    }

    pub(super) fn idp_user(&self, idp: &IdpName, id: &IdpUserId) -> Option<&'a IdpTrack> {
        self.idp_users.get(&(idp, id)).copied()
    }

    /// The last name a user had.
    pub(super) fn user_name(&self, id: &UserId) -> Option<&'a str> {
        Some(self.user(id)?.spells.last()?.value.user_name.as_str())
    }

    /// The last name a group had.
    pub(super) fn group_name(&self, id: &GroupId) -> Option<&'a str> {
        Some(self.groups.get(id)?.spells.last()?.value.as_str())
    }

    /// The last name an account had.
    pub(super) fn account_name(&self, id: &AccountId) -> Option<&'a str> {
        Some(self.accounts.get(id)?.spells.last()?.value.as_str())
    }

    /// The last name a permission set had.
    pub(super) fn set_name(&self, arn: &PermissionSetArn) -> Option<&'a str> {
        Some(self.sets.get(arn)?.spells.last()?.value.name.as_str())
    }

    /// Everything a user held, by every path, in the order of accounts, permission sets and paths.
    pub(super) fn holdings(&self, user: &UserId, events: &Events<'a>) -> Vec<Holding<'a>> {
        let Some(track) = self.user(user) else { return Vec::new() };
        let mut holdings = Vec::new();
        for assignment in self.assignments.get(&Principal::User(user.clone())).into_iter().flatten() {
            self.meet(track, assignment, None, events, &mut holdings);
        }
        for membership in self.memberships_of_user.get(user).into_iter().flatten() {
            for assignment in self.assignments.get(&Principal::Group(membership.key.0.clone())).into_iter().flatten() {
                self.meet(track, assignment, Some(membership), events, &mut holdings);
            }
        }
        holdings.extend(self.fleeting(track, events));
        sort(&mut holdings);
        holdings
    }

    /// The memberships of a user, at whatever look.
    pub(super) fn memberships_of(&self, user: &UserId) -> impl Iterator<Item = &'a Membership> {
        self.memberships_of_user.get(user).into_iter().flatten().copied()
    }

    /// The assignments to a principal, at whatever look.
    pub(super) fn assignments_of(&self, principal: &Principal) -> impl Iterator<Item = &'a Track<Assignment, ()>> {
        self.assignments.get(principal).into_iter().flatten().copied()
    }

    /// A group that a look shows.
    pub(super) fn known_group(&self, id: &str) -> Option<&'a GroupId> {
        Some(&self.groups.get(&id.parse::<GroupId>().ok()?)?.key)
    }

    /// Holdings that began or ended between two looks, of anybody.
    pub(super) fn changed(&self, events: &Events<'a>) -> Vec<Holding<'a>> {
        let last = self.looks.last();
        let start = self.looks.first_snapshot();
        let always = |shown: &[Stretch]| matches!(shown, [only] if only.first <= start && only.last == last);
        let mut users: Vec<&'a UserId> = Vec::new();
        for track in &self.history.users {
            if !always(&self.looks.presence(&track.spells, Fact::DirectoryUsers)) {
                users.push(&track.key);
            }
        }
        for track in &self.history.memberships {
            if !always(&self.looks.presence(&track.spells, Fact::Memberships)) {
                users.push(&track.key.1);
            }
        }
        for track in &self.history.assignments {
            if always(&self.looks.presence(&track.spells, Fact::Assignments)) {
                continue;
            }
            match &track.key.principal {
                Principal::User(user) => users.push(user),
                Principal::Group(group) => {
                    users.extend(self.memberships_of_group.get(group).into_iter().flatten().map(|track| &track.key.1));
                }
            }
        }
        let (principals, members) = self.episodes.about();
        for principal in principals {
            match principal {
                Principal::User(user) => users.extend(self.user(user).map(|track| &track.key)),
                Principal::Group(group) => {
                    users.extend(self.memberships_of_group.get(group).into_iter().flatten().map(|track| &track.key.1));
                }
            }
        }
        users.extend(members.filter_map(|user| Some(&self.user(&user.parse().ok()?)?.key)));
        users.sort_unstable();
        users.dedup();
        let all = users.into_iter().flat_map(|user| self.holdings(user, events));
        all.filter(|holding| holding.stretch.is_none_or(|held| held.first > start || held.last != last)).collect()
    }

    /// The looks at which a user, an assignment and perhaps a membership were all there.
    fn meet(
        &self,
        user: &'a Track<UserId, PastUser>,
        assignment: &'a Track<Assignment, ()>,
        membership: Option<&'a Membership>,
        events: &Events<'a>,
        holdings: &mut Vec<Holding<'a>>,
    ) {
        let given = self.assignment_parts(assignment, events);
        let joined = membership.map(|track| self.membership_parts(track, events));
        let paths: Vec<(Part<'a>, Option<Part<'a>>)> = match &joined {
            Some(joined) => given.iter().flat_map(|a| joined.iter().map(move |m| (*a, Some(*m)))).collect(),
            None => given.iter().map(|a| (*a, None)).collect(),
        };
        for there in self.user_parts(user, events) {
            for (given, joined) in &paths {
                let parts: Vec<Part<'a>> = [there, *given].into_iter().chain(*joined).collect();
                let holding = self.joined(
                    &user.key,
                    Cow::Borrowed(&assignment.key),
                    membership.map(|track| &track.key.0),
                    &parts,
                );
                holdings.extend(holding.stretch.is_some().then_some(holding));
            }
        }
    }

    /// When a user was there.
    pub(super) fn user_parts(&self, user: &'a Track<UserId, PastUser>, events: &Events<'a>) -> Vec<Part<'a>> {
        let about = events.of_user(user.key.as_str());
        let kind = (Fact::DirectoryUsers, Action::UserCreated, Action::UserDeleted);
        self.parts(&user.spells, kind, about, |user| user.created_at)
    }

    /// When an assignment was there.
    pub(super) fn assignment_parts(&self, track: &'a Track<Assignment, ()>, events: &Events<'a>) -> Vec<Part<'a>> {
        let kind = (Fact::Assignments, Action::AssignmentCreated, Action::AssignmentDeleted);
        self.parts(&track.spells, kind, events.of_assignment(&track.key), |()| None)
    }

    /// When a membership was there.
    pub(super) fn membership_parts(&self, track: &'a Membership, events: &Events<'a>) -> Vec<Part<'a>> {
        let about = events.of_membership(track.key.0.as_str(), track.key.1.as_str());
        let kind = (Fact::Memberships, Action::MemberAdded, Action::MemberRemoved);
        self.parts(&track.spells, kind, about, |made| *made)
    }

    /// The stretches of a thing with their bounds; `made` is when the directory's record said that it was made.
    fn parts<V>(
        &self,
        spells: &[Spell<V>],
        (fact, begins, ends): (Fact, Action, Action),
        about: &[&'a Event],
        made: impl Fn(&V) -> Option<Instant>,
    ) -> Vec<Part<'a>> {
        let part = |stretch: Stretch| {
            let (mut since, begun_by) = exact(self.looks.came(stretch.first, &[fact]), about, begins);
            let mut shown = spells.iter().filter(|spell| stretch.first <= spell.first && spell.last <= stretch.last);
            if let Some(made) = shown.find_map(|spell| made(&spell.value)) {
                since = since.refine(Interval::exact(made, Basis::Record));
            }
            let went = self.looks.went(stretch.last, &[fact]).map(|went| exact(went, about, ends));
            let (until, ended_by) = (went.map(|(until, _)| until), went.and_then(|(_, event)| event));
            Part { since, until, begun_by, ended_by, stretch: Some(stretch) }
        };
        self.looks.presence(spells, fact).into_iter().map(part).collect()
    }

    /// A holding of its parts: it begins with the last of them and ends with the first.
    pub(super) fn joined(
        &self,
        user: &'a UserId,
        assignment: Cow<'a, Assignment>,
        group: Option<&'a GroupId>,
        parts: &[Part<'a>],
    ) -> Holding<'a> {
        let mut since: Option<(Interval, Option<&'a Event>)> = None;
        let mut until: Option<(Interval, Option<&'a Event>)> = None;
        let first =
            |known: &Interval, other: &Interval| known.latest() == other.latest() && known.basis() == other.basis();
        for part in parts {
            since = Some(match since {
                None => (part.since, part.begun_by),
                Some((other, event)) => {
                    let later = other.later(part.since);
                    (later, if first(&later, &other) { event } else { part.begun_by })
                }
            });
            let Some(went) = part.until else { continue };
            until = Some(match until {
                None => (went, part.ended_by),
                Some((other, event)) => {
                    let earlier = other.earlier(went);
                    (earlier, if first(&earlier, &other) { event } else { part.ended_by })
                }
            });
        }
        let (since, begun_by) = since.unwrap_or((Interval::between(None, None, Basis::Unknown), None));
        let stretches: Option<Vec<Stretch>> = parts.iter().map(|part| part.stretch).collect();
        let mut stretches = stretches.unwrap_or_default().into_iter();
        let stretch = stretches.next().and_then(|first| stretches.try_fold(first, Stretch::meet));
        Holding {
            user,
            assignment,
            group,
            since,
            until: until.map(|(until, _)| until),
            begun_by,
            ended_by: until.and_then(|(_, event)| event),
            stretch,
            new: stretch.is_none_or(|stretch| stretch.first > self.looks.first_snapshot()),
        }
    }
}

/// What looks bound and an event tells. An event of something that was there at the first look, with no bound before, is
/// taken only where the bound after allows it.
fn exact<'a>(bounds: Interval, events: &[&'a Event], action: Action) -> (Interval, Option<&'a Event>) {
    match last_within(events, &[action], bounds) {
        Some(event) => (bounds.refine(Interval::exact(event.at, Basis::Event)), Some(event)),
        None => (bounds, None),
    }
}

fn sort(holdings: &mut [Holding<'_>]) {
    let key = |holding: &Holding<'_>| (holding.since.latest(), holding.since.earliest());
    holdings.sort_by(|a, b| {
        let (one, other) = ((a.user, &a.assignment, a.group, a.stretch), (b.user, &b.assignment, b.group, b.stretch));
        one.cmp(&other).then_with(|| key(a).cmp(&key(b)))
    });
}
