//! What came and went between two looks, which only a log tells: assignments and memberships that no look shows.
//!
//! A creation and the deletion after it make an episode. It counts where no look shows the thing then, else the looks have it
//! already; and where no look that read the fact whole lies within it, else the log told of something that did not come about
//! (AWS takes a request to assign before it carries it out).

use std::borrow::Cow;

use super::episodes::Episode;
use super::looks::{Looks, Stretch};
use super::past::{Holding, Part, Past};
use crate::model::history::{PastUser, Track};
use crate::model::id::{GroupId, UserId};
use crate::model::interval::CLOCK_SKEW;
use crate::model::time::Basis;
use crate::model::{Assignment, Fact, Instant, Interval, Principal};
use crate::reconcile::events::Events;

/// An episode as a part of a holding, where looks neither show it nor deny it.
fn part<'a>(episode: Episode<'a>, looks: Looks<'_>, shown: &[Stretch], fact: Fact) -> Option<Part<'a>> {
    let moved = |at: Instant, by: jiff::SignedDuration| at.timestamp().checked_add(by).map_or(at, Instant::new);
    let (from, to) = (episode.begun_by.at, episode.ended_by.at);
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
        begun_by: Some(episode.begun_by),
        ended_by: Some(episode.ended_by),
        stretch: None,
    })
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
            let part = part(*episode, self.looks, &shown.unwrap_or_default(), Fact::Assignments)?;
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
            Some((group, part(*episode, self.looks, &shown.unwrap_or_default(), Fact::Memberships)?))
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
