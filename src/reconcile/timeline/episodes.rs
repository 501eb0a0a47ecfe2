//! Assignments and memberships that a log tells were made and taken away again.

use std::collections::BTreeMap;

use crate::model::event::{Action, LogKind};
use crate::model::{Assignment, Event, EventLog, Principal};

/// From a creation to the deletion after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Episode<'a> {
    pub(super) begun_by: &'a Event,
    pub(super) ended_by: &'a Event,
}

/// A group's id as the log has it, and an episode of a membership in it.
pub(super) type Joined<'a> = (&'a str, Episode<'a>);

/// Episodes of assignments and memberships, by whom they are about.
#[derive(Debug, Default)]
pub(super) struct Episodes<'a> {
    pub(super) assignments: BTreeMap<Principal, Vec<(Assignment, Episode<'a>)>>,
    pub(super) memberships: BTreeMap<&'a str, Vec<Joined<'a>>>,
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
    pub(super) fn is_empty(&self) -> bool {
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
