//! Uses by the thousand, kept as the first and the last of each day: what is asked of them is whether there were any, and
//! until when.

use std::collections::BTreeMap;

use crate::model::Event;
use crate::model::event::Action;

/// Whose use of what, on which day in UTC.
type Key = (Action, Option<String>, Option<String>, Option<String>, Option<String>, String);

/// Gathers events, and drops the uses between the first and the last of a day.
#[derive(Debug, Default)]
pub(crate) struct Condenser {
    kept: Vec<Event>,
    uses: BTreeMap<Key, (Event, Option<Event>)>,
    dropped: u64,
}

impl Condenser {
    /// Takes an event.
    pub(crate) fn add(&mut self, event: Event) {
        use std::collections::btree_map::Entry;
        if !matches!(event.action, Action::RoleUsed | Action::SignedIn) || event.succeeded == Some(false) {
            self.kept.push(event);
            return;
        }
        let key = (
            event.action,
            event.user.clone(),
            event.user_name.clone(),
            event.account.clone(),
            event.permission_set.clone(),
            event.at.date(),
        );
        match self.uses.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert((event, None));
            }
            Entry::Occupied(mut entry) => {
                let (first, last) = entry.get_mut();
                let order = |event: &Event| (event.at, event.id.clone());
                // The same record may stand in the files of two trails; which is named must not hang on which came first.
                if let Some(known) =
                    [Some(&mut *first), last.as_mut()].into_iter().flatten().find(|one| one.id == event.id)
                {
                    if event.origin < known.origin {
                        *known = event;
                    }
                    return;
                }
                let mut all = vec![event, first.clone()];
                all.extend(last.take());
                all.sort_by_key(order);
                self.dropped += u64::from(all.len() > 2);
                *last = all.pop();
                if let Some(earliest) = all.into_iter().next() {
                    *first = earliest;
                }
            }
        }
    }

    /// The events, sorted by time and id, each id once; with how many uses were dropped.
    pub(crate) fn finish(self) -> (Vec<Event>, u64) {
        let mut events = self.kept;
        for (first, last) in self.uses.into_values() {
            events.push(first);
            events.extend(last);
        }
        events.sort_by(|a, b| (a.at, &a.id, &a.origin).cmp(&(b.at, &b.id, &b.origin)));
        events.dedup_by(|a, b| a.id == b.id);
        (events, self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Instant;
    use crate::model::event::{Actor, ActorKind};

    fn used(id: usize, second: i64, user: &str) -> Event {
        let at = Instant::from_epoch_seconds(1_790_000_000 + second).unwrap();
        let actor = Actor { kind: ActorKind::User, name: None };
        let event = Event::new(at, format!("e{id}"), Action::RoleUsed, actor, String::new());
        Event { user: Some(user.to_owned()), succeeded: Some(true), ..event }
    }

    proptest! {
        #[test]
        fn the_first_and_last_use_of_every_day_are_kept(uses in prop::collection::vec((0i64..500_000, 0usize..3), 0..60)) {
            let events: Vec<Event> =
                uses.iter().enumerate().map(|(id, (second, user))| used(id, *second, ["a", "b", "c"][*user])).collect();
            let mut condenser = Condenser::default();
            for event in events.iter().chain(&events) {
                condenser.add(event.clone());
            }
            let (kept, _) = condenser.finish();
            let mut days: BTreeMap<(String, String), Vec<Instant>> = BTreeMap::new();
            for event in &events {
                days.entry((event.user.clone().unwrap(), event.at.date())).or_default().push(event.at);
            }
            prop_assert!(kept.len() <= 2 * days.len());
            for ((user, day), times) in days {
                let of_day: Vec<Instant> = kept
                    .iter()
                    .filter(|event| event.user.as_deref() == Some(user.as_str()) && event.at.date() == day)
                    .map(|event| event.at)
                    .collect();
                prop_assert_eq!(of_day.first(), times.iter().min());
                prop_assert_eq!(of_day.last(), times.iter().max());
            }
        }
    }
}
