//! What came and went between two looks, which only a log tells: assignments and memberships that no look shows.
//!
//! A creation and the deletion after it make an episode. It counts where no look shows the thing then, else the looks have it
//! already; and where no look that read the fact whole lies within it, else the log told of something that did not come about
//! (AWS takes a request to assign before it carries it out).

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::looks::{Looks, Stretch};
use super::past::{Holding, Part, Past};
use crate::model::event::{Action, LogKind};
use crate::model::history::{PastUser, Track};
use crate::model::id::{GroupId, UserId};
use crate::model::interval::CLOCK_SKEW;
use crate::model::time::Basis;
use crate::model::{Assignment, Event, EventLog, Fact, Instant, Interval, Principal};
use crate::reconcile::events::Events;

/// From a creation to the deletion after it.
#[derive(Debug, Clone, Copy)]
struct Episode<'a> {
    begun_by: &'a Event,
    ended_by: &'a Event,
}

/// A group's id as the log has it, and an episode of a membership in it.
type Joined<'a> = (&'a str, Episode<'a>);

/// Episodes of assignments and memberships, by whom they are about.
#[derive(Debug, Default)]
pub(super) struct Episodes<'a> {
    assignments: BTreeMap<Principal, Vec<(Assignment, Episode<'a>)>>,
    memberships: BTreeMap<&'a str, Vec<Joined<'a>>>,
}

impl<'a> Episodes<'a> {
    /// The episodes that CloudTrail tells.
    pub(super) fn new(logs: &'a [EventLog]) -> Self {
        let mut assignments: BTreeMap<Assignment, Vec<&'a Event>> = BTreeMap::new();
        let mut memberships: BTreeMap<(&'a str, &'a str), Vec<&'a Event>> = BTreeMap::new();
        let trails = logs.iter().filter(|log| log.kind == LogKind::CloudTrail);
        for event in trails.flat_map(|log| &log.events).filter(|event| event.succeeded != Some(false)) {
            match event.action {
                Action::AssignmentCreated | Action::AssignmentDeleted => {
                    if let Some(assignment) = assignment(event) {
                        assignments.entry(assignment).or_default().push(event);
                    }
                }
                Action::MemberAdded | Action::MemberRemoved => {
                    if let (Some(user), Some(group)) = (event.user.as_deref(), event.group.as_deref()) {
                        memberships.entry((user, group)).or_default().push(event);
                    }
                }
                _ => {}
            }
        }
        let mut found = Self::default();
        for (assignment, events) in assignments {
            let episodes = episodes(events, Action::AssignmentCreated);
            if episodes.is_empty() {
                continue;
            }
            let of = found.assignments.entry(assignment.principal.clone()).or_default();
            of.extend(episodes.into_iter().map(|episode| (assignment.clone(), episode)));
        }
        for ((user, group), events) in memberships {
            let episodes = episodes(events, Action::MemberAdded);
            if episodes.is_empty() {
                continue;
            }
            found.memberships.entry(user).or_default().extend(episodes.into_iter().map(|episode| (group, episode)));
        }
        found
    }

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.assignments.is_empty() && self.memberships.is_empty()
    }

    /// The users and groups that episodes of assignments are about, then the users of memberships.
    pub(super) fn about(&self) -> (impl Iterator<Item = &Principal>, impl Iterator<Item = &'a str>) {
        (self.assignments.keys(), self.memberships.keys().copied())
    }
}

/// The assignment that an event is about.
fn assignment(event: &Event) -> Option<Assignment> {
    let principal = match (&event.group, &event.user) {
        (Some(group), _) => Principal::Group(group.parse().ok()?),
        (None, Some(user)) => Principal::User(user.parse().ok()?),
        (None, None) => return None,
    };
    let account = event.account.as_deref()?.parse().ok()?;
    Some(Assignment { account, permission_set: event.permission_set.as_deref()?.parse().ok()?, principal })
}

/// Each creation with the deletion after it. An event that was read twice counts once.
fn episodes<'a>(mut events: Vec<&'a Event>, creation: Action) -> Vec<Episode<'a>> {
    events.sort_by_key(|event| (event.at, &event.id));
    let mut episodes = Vec::new();
    let mut open: Option<&'a Event> = None;
    for event in events {
        if event.action == creation {
            open = open.or(Some(event));
        } else if let Some(begun_by) = open.take() {
            episodes.push(Episode { begun_by, ended_by: event });
        }
    }
    episodes
}

impl<'a> Episode<'a> {
    /// As a part of a holding, where looks neither show it nor deny it.
    fn part(self, looks: Looks<'_>, shown: &[Stretch], fact: Fact) -> Option<Part<'a>> {
        let moved = |at: Instant, by: jiff::SignedDuration| at.timestamp().checked_add(by).map_or(at, Instant::new);
        let (from, to) = (self.begun_by.at, self.ended_by.at);
        let (early, late) = (moved(from, -CLOCK_SKEW), moved(to, CLOCK_SKEW));
        let seen = shown.iter().any(|stretch| {
            let (first, last) = (looks.started(stretch.first), looks.ended(stretch.last));
            first.is_none_or(|first| first <= late) && last.is_none_or(|last| last >= early)
        });
        let denied = looks.iter().any(|(at, look)| {
            let within = look.started_at > moved(from, CLOCK_SKEW) && look.ended_at < moved(to, -CLOCK_SKEW);
            within && looks.is_whole(at, &[fact])
        });
        (!seen && !denied).then(|| Part {
            since: Interval::exact(from, Basis::Event),
            until: Some(Interval::exact(to, Basis::Event)),
            begun_by: Some(self.begun_by),
            ended_by: Some(self.ended_by),
            stretch: None,
        })
    }
}

impl<'a> Past<'a> {
    /// What a user held for a while between two looks: where an assignment or a membership came and went, while the rest of
    /// the path was certainly there.
    pub(super) fn fleeting(&self, user: &'a Track<UserId, PastUser>, events: &Events<'a>) -> Vec<Holding<'a>> {
        if self.episodes.is_empty() {
            return Vec::new();
        }
        let id = &user.key;
        let there: Vec<Part<'a>> = self.user_parts(user, events);
        let mut holdings = Vec::new();
        let mut hold = |assignment: &Assignment, group: Option<&'a GroupId>, path: &[Part<'a>]| {
            for there in &there {
                let parts: Vec<Part<'a>> = std::iter::once(*there).chain(path.iter().copied()).collect();
                if certainly_meet(&parts) {
                    holdings.push(self.joined(id, Cow::Owned(assignment.clone()), group, &parts));
                }
            }
        };
        for (assignment, given) in self.brief_assignments(&Principal::User(id.clone())) {
            hold(&assignment, None, &[given]);
        }
        let brief: Vec<(&'a GroupId, Part<'a>)> = self.brief_memberships(id);
        for track in self.memberships_of(id) {
            for (assignment, given) in self.brief_assignments(&Principal::Group(track.key.0.clone())) {
                for joined in self.membership_parts(track, events) {
                    hold(&assignment, Some(&track.key.0), &[joined, given]);
                }
            }
        }
        for (group, joined) in brief {
            let principal = Principal::Group(group.clone());
            for track in self.assignments_of(&principal) {
                for given in self.assignment_parts(track, events) {
                    hold(&track.key, Some(group), &[joined, given]);
                }
            }
            for (assignment, given) in self.brief_assignments(&principal) {
                hold(&assignment, Some(group), &[joined, given]);
            }
        }
        holdings
    }

    fn brief_assignments(&self, principal: &Principal) -> Vec<(Assignment, Part<'a>)> {
        let episodes = self.episodes.assignments.get(principal).into_iter().flatten();
        let parts = episodes.filter_map(|(assignment, episode)| {
            let track = self.assignments_of(principal).find(|track| track.key == *assignment);
            let shown = track.map(|track| self.looks.presence(&track.spells, Fact::Assignments));
            let part = episode.part(self.looks, &shown.unwrap_or_default(), Fact::Assignments)?;
            Some((assignment.clone(), part))
        });
        parts.collect()
    }

    fn brief_memberships(&self, user: &UserId) -> Vec<(&'a GroupId, Part<'a>)> {
        let episodes = self.episodes.memberships.get(user.as_str()).into_iter().flatten();
        let parts = episodes.filter_map(|(group, episode)| {
            let group = self.known_group(group)?;
            let track = self.memberships_of(user).find(|track| track.key.0 == *group);
            let shown = track.map(|track| self.looks.presence(&track.spells, Fact::Memberships));
            Some((group, episode.part(self.looks, &shown.unwrap_or_default(), Fact::Memberships)?))
        });
        parts.collect()
    }
}

/// Whether all parts were certainly there at one time.
fn certainly_meet(parts: &[Part<'_>]) -> bool {
    let begun: Option<Vec<Instant>> = parts.iter().map(|part| part.since.latest()).collect();
    let mut ended = parts.iter().filter_map(|part| part.until).map(|until| until.earliest());
    let Some(begun) = begun.and_then(|begun| begun.into_iter().max()) else { return false };
    ended.all(|end| end.is_some_and(|end| begun < end))
}
