//! When access was last used, by what AWS CloudTrail says, and how far that can be relied on.

use std::collections::HashMap;

use super::Ledger;
use super::event_user::{EventUser, EventUsers};
use super::text::fold;
use crate::model::event::{Action, Event, LogKind, Window};
use crate::model::finding::GrantKey;
use crate::model::{Fact, Instant, Span};
use crate::snapshot::{Coverage, Snapshot};

/// CloudTrail delivers events within about five minutes on average, and trails are copied in batches: a log that ends
/// less than this before the reading counts as reaching up to it.
const DELIVERY: Span = Span::hours(24);

/// Every use of a permission set on an account that CloudTrail shows.
#[derive(Debug, Default)]
pub struct Usage {
    /// The last use, by directory user, account and folded name of the permission set.
    last: HashMap<(u32, String, String), Instant>,
    /// The last use of anything, by directory user.
    last_of_user: HashMap<u32, Instant>,
    /// Users of whom some use does not say what was used.
    vague: HashMap<u32, Instant>,
    /// Uses of which it can't be said who the user was.
    nameless: u64,
    /// When an assignment was last made, by account, permission set and principal.
    assigned: HashMap<(String, String, String), Instant>,
    covered: Vec<Window>,
    was_asked: bool,
    until: Option<Instant>,
}

/// What is known of the last use of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastUse {
    /// Then; later uses may lie outside of what the log covers.
    Used(Instant),
    /// Not once since it was given, in a stretch of log without a hole.
    NeverObserved(Window),
    /// The log does not reach over the grant's whole life, or some use in it can't be ascribed.
    OutsideHorizon,
    /// No log was asked for.
    NotCollected,
}

impl LastUse {
    /// The word used in CSV files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Used(_) => "used",
            Self::NeverObserved(_) => "never_observed",
            Self::OutsideHorizon => "outside_horizon",
            Self::NotCollected => "not_collected",
        }
    }
}

/// When a grant was given: not before `earliest`, not after `latest`, as far as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Not before.
    pub earliest: Option<Instant>,
    /// Not after.
    pub latest: Option<Instant>,
}

/// Reads the uses off the logs, for conclusions at `as_of`.
pub fn usage<'a>(snapshot: &'a Snapshot, users: &EventUsers<'a>, as_of: Instant) -> Usage {
    let mut usage = Usage {
        was_asked: snapshot.coverage(Fact::CloudTrail) != Coverage::NotAsked,
        until: Some(as_of.min(snapshot.ended_at())),
        ..Usage::default()
    };
    let logs = || snapshot.events().iter().filter(|log| log.kind == LogKind::CloudTrail);
    let Some(aws) = snapshot.aws().filter(|_| logs().next().is_some()) else { return usage };
    let by_id: HashMap<&str, u32> = (0u32..).zip(&aws.users).map(|(at, user)| (user.id.as_str(), at)).collect();
    for log in logs() {
        usage.covered.extend(&log.covered);
        for event in log.events.iter().filter(|event| event.at <= as_of && event.succeeded != Some(false)) {
            match event.action {
                Action::RoleUsed => match users.of(event) {
                    EventUser::One(id) => usage.used(by_id.get(id).copied(), event),
                    EventUser::OneOf(ids) => {
                        for user in ids.iter().filter_map(|id| by_id.get(id)) {
                            later(&mut usage.vague, *user, event.at);
                        }
                    }
                    EventUser::NoKnownUser | EventUser::Unnamed => usage.nameless += 1,
                },
                Action::AssignmentCreated => usage.assigned(event),
                _ => {}
            }
        }
    }
    usage
}

impl Usage {
    fn used(&mut self, user: Option<u32>, event: &Event) {
        // A user who is no longer in the directory holds no grant.
        let Some(user) = user else { return };
        later(&mut self.last_of_user, user, event.at);
        match (&event.account, event.permission_set.as_deref().and_then(fold)) {
            (Some(account), Some(set)) => later(&mut self.last, (user, account.clone(), set), event.at),
            _ => later(&mut self.vague, user, event.at),
        }
    }

    fn assigned(&mut self, event: &Event) {
        let principal = event.group.as_ref().or(event.user.as_ref());
        if let (Some(account), Some(set), Some(principal)) = (&event.account, &event.permission_set, principal) {
            later(&mut self.assigned, (account.clone(), set.clone(), principal.clone()), event.at);
        }
    }

    /// When a directory user last used anything, as far as the log shows.
    pub fn last_of_user(&self, user: u32) -> Option<Instant> {
        self.last_of_user.get(&user).copied()
    }

    /// Uses of which it can't be said who the user was.
    pub fn nameless(&self) -> u64 {
        self.nameless
    }

    /// Whether a log was asked for.
    pub fn was_asked(&self) -> bool {
        self.was_asked
    }

    /// The stretch of log without a hole that holds `from` and reaches up to the reading.
    fn covering(&self, from: Instant) -> Option<Window> {
        let until = self.until?;
        let reaches = |window: &&Window| until.since(window.to) <= DELIVERY.duration();
        self.covered.iter().filter(|window| window.from <= from).find(reaches).copied()
    }
}

fn later<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Instant>, key: K, at: Instant) {
    map.entry(key).and_modify(|known| *known = at.max(*known)).or_insert(at);
}

impl Ledger<'_> {
    /// When a grant was given. AWS keeps a date for memberships and none for assignments; the log may have theirs.
    pub fn given(&self, key: GrantKey) -> Given {
        let unknown = Given { earliest: None, latest: None };
        let Some(grant) = self.grant(key) else { return unknown };
        let record = grant.assignment;
        let sought = (record.account.to_string(), record.permission_set.to_string(), record.principal.id().to_owned());
        let assigned = self.usage().assigned.get(&sought).copied();
        if grant.group.is_none() {
            return Given { earliest: assigned, latest: assigned };
        }
        match (grant.membership.and_then(|membership| membership.created_at.value().copied()), assigned) {
            (Some(joined), Some(assigned)) => {
                let at = Some(joined.max(assigned));
                Given { earliest: at, latest: at }
            }
            // A log that reaches back to the membership and does not show the assignment being made says it was there.
            (Some(joined), None) => {
                Given { earliest: Some(joined), latest: self.usage().covering(joined).map(|_| joined) }
            }
            (None, assigned) => Given { earliest: assigned, latest: None },
        }
    }

    /// What is known of a grant's last use. Use is of an entitlement, whichever path it came by.
    pub fn last_use(&self, key: GrantKey) -> LastUse {
        let usage = self.usage();
        if !usage.was_asked {
            return LastUse::NotCollected;
        }
        let Some(grant) = self.grant(key) else { return LastUse::OutsideHorizon };
        let set = self.set_of(key).and_then(|set| fold(set.set.name.value()?));
        let used = set.clone().and_then(|set| usage.last.get(&(key.user, grant.assignment.account.to_string(), set)));
        if let Some(at) = used {
            return LastUse::Used(*at);
        }
        let given = self.given(key).earliest;
        let is_vague = set.is_none()
            || usage.nameless > 0
            || usage.vague.get(&key.user).is_some_and(|at| given.is_none_or(|given| *at >= given));
        match given.and_then(|given| usage.covering(given)).filter(|_| !is_vague) {
            Some(window) => LastUse::NeverObserved(window),
            None => LastUse::OutsideHorizon,
        }
    }
}
