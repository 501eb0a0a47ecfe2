//! The history by key, and what each person held in it by which path.

use std::collections::HashMap;

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
}

/// A person's holding of an entitlement by one path, from one look to another.
#[derive(Debug, Clone)]
pub struct Holding<'a> {
    /// The Identity Center user.
    pub user: &'a UserId,
    /// AWS's record.
    pub assignment: &'a Assignment,
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
    stretch: Stretch,
}

impl Holding<'_> {
    /// Whether it was held at a look.
    pub fn held_at(&self, look: u32) -> bool {
        (self.stretch.first..=self.stretch.last).contains(&look)
    }

    /// The positions of the first and the last look at which it was held.
    pub fn seen(&self) -> (u32, u32) {
        (self.stretch.first, self.stretch.last)
    }
}

fn by<'a, K: std::hash::Hash + Eq, V>(tracks: &'a [V], key: impl Fn(&'a V) -> K) -> HashMap<K, Vec<&'a V>> {
    let mut index: HashMap<K, Vec<&'a V>> = HashMap::new();
    for track in tracks {
        index.entry(key(track)).or_default().push(track);
    }
    index
}

impl<'a> Past<'a> {
    pub(super) fn new(history: &'a History) -> Self {
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
        sort(&mut holdings);
        holdings
    }

    /// Holdings that began or ended between two looks, of anybody.
    pub(super) fn changed(&self, events: &Events<'a>) -> Vec<Holding<'a>> {
        let last = self.looks.last();
        let whole =
            |first: Option<u32>, end: Option<u32>, spells: usize| spells == 1 && first == Some(0) && end == Some(last);
        fn constant<V>(spells: &[Spell<V>], last: u32) -> bool {
            matches!(spells, [only] if only.first == 0 && only.last == last)
        }
        let mut users: Vec<&'a UserId> = Vec::new();
        for track in &self.history.users {
            let stretches = self.looks.presence(&track.spells, Fact::DirectoryUsers);
            if !whole(stretches.first().map(|s| s.first), stretches.last().map(|s| s.last), stretches.len()) {
                users.push(&track.key);
            }
        }
        for track in self.history.memberships.iter().filter(|track| !constant(&track.spells, last)) {
            users.push(&track.key.1);
        }
        for track in self.history.assignments.iter().filter(|track| !constant(&track.spells, last)) {
            match &track.key.principal {
                Principal::User(user) => users.push(user),
                Principal::Group(group) => {
                    users.extend(self.memberships_of_group.get(group).into_iter().flatten().map(|track| &track.key.1));
                }
            }
        }
        users.sort_unstable();
        users.dedup();
        let all = users.into_iter().flat_map(|user| self.holdings(user, events));
        all.filter(|holding| holding.stretch != Stretch { first: 0, last }).collect()
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
        let users = self.looks.presence(&user.spells, Fact::DirectoryUsers);
        let given = self.looks.presence(&assignment.spells, Fact::Assignments);
        let joined = membership.map(|track| self.looks.presence(&track.spells, Fact::Memberships));
        let paths: Vec<(Stretch, Option<Stretch>)> = match &joined {
            Some(joined) => given.iter().flat_map(|a| joined.iter().map(move |m| (*a, Some(*m)))).collect(),
            None => given.iter().map(|a| (*a, None)).collect(),
        };
        for there in users {
            for (given, joined) in &paths {
                let Some(stretch) = there.meet(*given).and_then(|s| joined.map_or(Some(s), |joined| s.meet(joined)))
                else {
                    continue;
                };
                holdings.push(self.holding(user, assignment, membership, (stretch, there, *given, *joined), events));
            }
        }
    }

    fn holding(
        &self,
        user: &'a Track<UserId, PastUser>,
        assignment: &'a Track<Assignment, ()>,
        membership: Option<&'a Membership>,
        (stretch, there, given, joined): (Stretch, Stretch, Stretch, Option<Stretch>),
        events: &Events<'a>,
    ) -> Holding<'a> {
        let about_user = events.of_user(user.key.as_str());
        let about_assignment = events.of_assignment(&assignment.key);
        let about_membership =
            membership.map_or(&[][..], |track| events.of_membership(track.key.0.as_str(), track.key.1.as_str()));
        // Each part has its own beginning and end; the holding begins with the last of them and ends with the first.
        let user_made = made(&user.spells, there, |value| value.created_at);
        let mut parts = vec![
            (there, Fact::DirectoryUsers, about_user, (Action::UserCreated, Action::UserDeleted), user_made),
            (given, Fact::Assignments, about_assignment, (Action::AssignmentCreated, Action::AssignmentDeleted), None),
        ];
        parts.extend(joined.zip(membership).map(|(joined, track)| {
            let actions = (Action::MemberAdded, Action::MemberRemoved);
            (joined, Fact::Memberships, about_membership, actions, made(&track.spells, joined, |at| *at))
        }));
        let mut since: Option<(Interval, Option<&'a Event>)> = None;
        let mut until: Option<(Interval, Option<&'a Event>)> = None;
        for (part, fact, about, (begins, ends), made) in parts {
            let (mut came, begun_by) = exact(self.looks.came(part.first, &[fact]), about, begins);
            if let Some(at) = made {
                came = came.refine(Interval::exact(at, Basis::Record));
            }
            since = Some(match since {
                None => (came, begun_by),
                Some((other, event)) => {
                    let later = other.later(came);
                    (
                        later,
                        if later.latest() == other.latest() && later.basis() == other.basis() {
                            event
                        } else {
                            begun_by
                        },
                    )
                }
            });
            if let Some(went) = self.looks.went(part.last, &[fact]) {
                let (went, ended_by) = exact(went, about, ends);
                until = Some(match until {
                    None => (went, ended_by),
                    Some((other, event)) => {
                        let earlier = other.earlier(went);
                        (
                            earlier,
                            if earlier.latest() == other.latest() && earlier.basis() == other.basis() {
                                event
                            } else {
                                ended_by
                            },
                        )
                    }
                });
            }
        }
        let (since, begun_by) = since.unwrap_or((Interval::between(None, None, Basis::Unknown), None));
        Holding {
            user: &user.key,
            assignment: &assignment.key,
            group: membership.map(|track| &track.key.0),
            since,
            until: until.map(|(until, _)| until),
            begun_by,
            ended_by: until.and_then(|(_, event)| event),
            stretch,
        }
    }
}

/// When something was made that was there for a stretch of looks, as its record said while it was there.
fn made<V>(spells: &[Spell<V>], stretch: Stretch, of: impl Fn(&V) -> Option<Instant>) -> Option<Instant> {
    let within = |spell: &&Spell<V>| stretch.first <= spell.first && spell.last <= stretch.last;
    spells.iter().filter(within).find_map(|spell| of(&spell.value))
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
    holdings
        .sort_by(|a, b| (a.user, a.assignment, a.group, a.stretch).cmp(&(b.user, b.assignment, b.group, b.stretch)));
}
