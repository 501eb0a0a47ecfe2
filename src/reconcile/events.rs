//! What logs tell, by whom and what it is about.

use std::collections::HashMap;

use super::event_user::{EventUser, EventUsers};
use crate::model::event::{Action, LogKind, Window};
use crate::model::interval::CLOCK_SKEW;
use crate::model::windows::join;
use crate::model::{Assignment, Event, EventLog, Instant, Interval};
use crate::snapshot::Snapshot;

/// Events of one key, the earliest first.
type By<'a, K> = HashMap<K, Vec<&'a Event>>;

/// All events of a snapshot, by what they are about. Attempts that failed are left out: they changed nothing.
#[derive(Debug, Default)]
pub struct Events<'a> {
    /// CloudTrail's, by Identity Center user id.
    by_user: By<'a, &'a str>,
    /// Acts by a name that several users may have had, by each of their ids.
    perhaps_by_user: By<'a, &'a str>,
    /// Changes that a directory user made in a session of their role, by Identity Center user id.
    by_actor: By<'a, &'a str>,
    /// CloudTrail's about memberships, by group and user.
    by_membership: By<'a, (&'a str, &'a str)>,
    /// CloudTrail's about assignments, by account, permission set and principal.
    by_assignment: By<'a, (&'a str, &'a str, &'a str)>,
    /// Those of identity providers, by their log's source and user id.
    by_idp_user: By<'a, (&'a str, &'a str)>,
    /// The windows that CloudTrail covers.
    trail: Vec<Window>,
}

impl<'a> Events<'a> {
    /// Indexes the logs of a snapshot.
    pub fn new(snapshot: &'a Snapshot, users: &EventUsers<'a>) -> Self {
        let mut index = Self { trail: trail_windows(snapshot.events()), ..Self::default() };
        for log in snapshot.events() {
            for event in log.events.iter().filter(|event| event.succeeded != Some(false)) {
                index.add(log, event, users);
            }
        }
        index
    }

    fn add(&mut self, log: &'a EventLog, event: &'a Event, users: &EventUsers<'a>) {
        if log.kind != LogKind::CloudTrail {
            if let Some(user) = event.user.as_deref() {
                self.by_idp_user.entry((&log.source, user)).or_default().push(event);
            }
            return;
        }
        match users.actor(event) {
            // A use of a role is about its user already.
            _ if event.action == Action::RoleUsed => {}
            EventUser::One(user) => self.by_actor.entry(user).or_default().push(event),
            EventUser::OneOf(candidates) => self.perhaps(candidates, event),
            EventUser::NoKnownUser | EventUser::Unnamed => {}
        }
        let principal = event.group.as_deref().or(event.user.as_deref());
        match event.action {
            Action::MemberAdded | Action::MemberRemoved => {
                if let (Some(group), Some(user)) = (event.group.as_deref(), event.user.as_deref()) {
                    self.by_membership.entry((group, user)).or_default().push(event);
                }
            }
            Action::AssignmentCreated | Action::AssignmentDeleted => {
                if let (Some(account), Some(set), Some(principal)) =
                    (event.account.as_deref(), event.permission_set.as_deref(), principal)
                {
                    self.by_assignment.entry((account, set, principal)).or_default().push(event);
                }
            }
            _ => match users.of(event) {
                EventUser::One(user) => self.by_user.entry(user).or_default().push(event),
                EventUser::OneOf(candidates) if is_use(event) => self.perhaps(candidates, event),
                EventUser::OneOf(_) | EventUser::NoKnownUser | EventUser::Unnamed => {}
            },
        }
    }

    fn perhaps(&mut self, candidates: Vec<&'a str>, event: &'a Event) {
        for user in candidates {
            self.perhaps_by_user.entry(user).or_default().push(event);
        }
    }

    /// CloudTrail's about a directory user, and the use that they made of their access.
    pub fn of_user(&self, user: &str) -> &[&'a Event] {
        self.by_user.get(user).map_or(&[], Vec::as_slice)
    }

    /// What a directory user did by CloudTrail: sign-ins, uses of roles, and changes made with a role.
    pub fn acts_of_user(&self, user: &str) -> impl Iterator<Item = &'a Event> {
        let made = self.by_actor.get(user).into_iter().flatten();
        self.of_user(user).iter().filter(|event| is_use(event)).chain(made).copied()
    }

    /// What this directory user or another one with the same name did by CloudTrail.
    pub fn perhaps_acts_of_user(&self, user: &str) -> impl Iterator<Item = &'a Event> {
        self.perhaps_by_user.get(user).into_iter().flatten().copied()
    }

    /// CloudTrail's about a membership.
    pub fn of_membership<'s>(&'s self, group: &'s str, user: &'s str) -> &'s [&'a Event] {
        self.by_membership.get(&(group, user)).map_or(&[], Vec::as_slice)
    }

    /// CloudTrail's about an assignment.
    pub fn of_assignment<'s>(&'s self, assignment: &'s Assignment) -> &'s [&'a Event] {
        let key = (assignment.account.as_str(), assignment.permission_set.as_str(), assignment.principal.id());
        self.by_assignment.get(&key).map_or(&[], Vec::as_slice)
    }

    /// An identity provider's about one of its users; `source` is `idp:NAME`.
    pub fn of_idp_user<'s>(&'s self, source: &'s str, user: &'s str) -> &'s [&'a Event] {
        self.by_idp_user.get(&(source, user)).map_or(&[], Vec::as_slice)
    }

    /// Whether an event is a provisioner's, about what it made in Identity Center or took away there.
    pub fn is_provisioning(event: &Event) -> bool {
        matches!(event.action, Action::Provisioned | Action::Deprovisioned) && event.succeeded != Some(false)
    }

    /// Whether CloudTrail was read whole from `from` to `to`.
    pub fn trail_covers(&self, from: Instant, to: Instant) -> bool {
        covers(&self.trail, from, to)
    }
}

/// Whether an event is a sign-in or the use of a role.
pub fn is_use(event: &Event) -> bool {
    matches!(event.action, Action::SignedIn | Action::RoleUsed)
}

/// The windows that CloudTrail covers, joined where they touch.
pub fn trail_windows(logs: &[EventLog]) -> Vec<Window> {
    let trails = logs.iter().filter(|log| log.kind == LogKind::CloudTrail);
    join(trails.flat_map(|log| log.covered.iter().copied()).collect())
}

/// Whether joined windows leave nothing out between `from` and `to`.
pub fn covers(windows: &[Window], from: Instant, to: Instant) -> bool {
    from >= to || windows.iter().any(|window| window.from <= from && to <= window.to)
}

/// The last event of an action that a clock's skew allows to be the turn an interval bounds.
pub(super) fn last_within<'a>(events: &[&'a Event], actions: &[Action], interval: Interval) -> Option<&'a Event> {
    let shifted = |at: Instant, by: jiff::SignedDuration| at.timestamp().checked_add(by).map_or(at, Instant::new);
    let (from, to) =
        (interval.earliest().map(|at| shifted(at, -CLOCK_SKEW)), interval.latest().map(|at| shifted(at, CLOCK_SKEW)));
    let fits = |event: &Event| {
        actions.contains(&event.action)
            && from.is_none_or(|from| from <= event.at)
            && to.is_none_or(|to| event.at <= to)
    };
    events.iter().copied().rfind(|event| fits(event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::windows::without;

    fn window(from: i64, to: i64) -> Window {
        let at = |second| Instant::from_epoch_seconds(second).unwrap();
        Window { from: at(from), to: at(to) }
    }

    #[test]
    fn holes_are_what_windows_leave_out() {
        let holes = |windows: &[Window], from, to| without(Window { from, to }, windows);
        let at = |second| Instant::from_epoch_seconds(second).unwrap();
        let windows = join(vec![window(30, 40), window(0, 10), window(10, 20)]);
        assert_eq!(windows, [window(0, 20), window(30, 40)]);
        assert!(covers(&windows, at(5), at(20)) && !covers(&windows, at(5), at(21)));
        assert!(covers(&windows, at(25), at(25)), "nothing has to be covered for no time at all");
        assert_eq!(holes(&windows, at(5), at(50)), [window(20, 30), window(40, 50)]);
        assert_eq!(holes(&[], at(5), at(50)), [window(5, 50)]);
        assert!(holes(&windows, at(0), at(20)).is_empty());
    }
}
