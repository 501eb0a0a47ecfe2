//! Whom an event of CloudTrail is about.
//!
//! Many records have no user id: `AssumeRoleWithSAML`, every call in a session of an `AWSReservedSSO_` role (the session name is
//! the user name), and the events of Identity Center before July 2025. Their user is found by name, among the users who may
//! have had that name at that time. A name is given to another user now and then, so the time counts.

use std::collections::{HashMap, HashSet};

use super::text::fold;
use crate::model::Instant;
use crate::model::event::Event;
use crate::model::history::{History, PastUser, Track};
use crate::model::id::UserId;
use crate::snapshot::Snapshot;

/// The user of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventUser<'a> {
    /// This user, by id or by a name that nobody else had at that time. The id may be of a user who is in no source.
    One(&'a str),
    /// One of several users who may have had the name at that time.
    OneOf(Vec<&'a str>),
    /// A name that no known user had at that time.
    NoKnownUser,
    /// The event has neither an id nor a name.
    Unnamed,
}

/// A user who had a name, and the time in which that is possible.
#[derive(Debug)]
struct Bearer<'a> {
    id: &'a str,
    from: Option<Instant>,
    to: Option<Instant>,
}

/// The user names of a snapshot and of its history.
#[derive(Debug, Default)]
pub struct EventUsers<'a> {
    by_name: HashMap<String, Vec<Bearer<'a>>>,
}

impl<'a> EventUsers<'a> {
    /// Indexes the users of a snapshot and of its history by name.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let mut index = Self::default();
        let history = snapshot.history();
        for track in history.iter().flat_map(|history| &history.users) {
            index.add_past(history, track);
        }
        let known: HashSet<&UserId> =
            history.iter().flat_map(|history| history.users.iter().map(|track| &track.key)).collect();
        for user in snapshot.aws().map_or(&[][..], |aws| &aws.users) {
            if !known.contains(&user.id) {
                index.add(
                    &user.user_name,
                    Bearer { id: user.id.as_str(), from: user.created_at.value().copied(), to: None },
                );
            }
        }
        index
    }

    fn add(&mut self, name: &str, bearer: Bearer<'a>) {
        if let Some(key) = fold(name) {
            self.by_name.entry(key).or_default().push(bearer);
        }
    }

    /// Each name that the history shows of a user. A change lies between two snapshots, so both names are possible there.
    fn add_past(&mut self, history: Option<&'a History>, track: &'a Track<UserId, PastUser>) {
        let looks = history.map_or(&[][..], |history| &history.looks);
        let mut before: Option<Instant> = None;
        for spell in &track.spells {
            let from = before.or(spell.value.created_at);
            let to = looks.get(spell.last as usize + 1).map(|look| look.ended_at);
            self.add(&spell.value.user_name, Bearer { id: track.key.as_str(), from, to });
            before = looks.get(spell.last as usize).map(|look| look.started_at);
        }
    }

    /// Whom an event is about.
    pub fn of(&self, event: &'a Event) -> EventUser<'a> {
        match event.user.as_deref() {
            Some(id) => EventUser::One(id),
            None => self.named(event.user_name.as_deref(), event.at),
        }
    }

    /// Which user made a change, where it was made in a session of a permission set's role.
    pub fn actor(&self, event: &Event) -> EventUser<'a> {
        let arn = event.actor.name.as_deref().filter(|arn| arn.contains(":assumed-role/AWSReservedSSO_"));
        self.named(arn.and_then(|arn| arn.rsplit('/').next()), event.at)
    }

    fn named(&self, name: Option<&str>, at: Instant) -> EventUser<'a> {
        let Some(key) = name.and_then(fold) else { return EventUser::Unnamed };
        let possible =
            |bearer: &&Bearer<'a>| bearer.from.is_none_or(|from| from <= at) && bearer.to.is_none_or(|to| at <= to);
        let bearers = self.by_name.get(&key).map_or(&[][..], Vec::as_slice);
        let mut ids: Vec<&'a str> = bearers.iter().filter(possible).map(|bearer| bearer.id).collect();
        ids.sort_unstable();
        ids.dedup();
        match ids.as_slice() {
            [] => EventUser::NoKnownUser,
            [one] => EventUser::One(one),
            _ => EventUser::OneOf(ids),
        }
    }
}
