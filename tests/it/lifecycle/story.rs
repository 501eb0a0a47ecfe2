//! A quarter as a series of states: from when on the organisation was how, when it was looked at, and what logs told.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use overstay::assess::Assessment;
use overstay::config::Config;
use overstay::evidence::RunId;
use overstay::evidence::tables::TABLES;
use overstay::model::event::{Action, Actor, ActorKind, LogKind, Window};
use overstay::model::id::UserId;
use overstay::model::{AsOf, Assignment, Event, EventLog, Fact, Instant, Period, Principal};
use overstay::reconcile::reconcile;
use overstay::snapshot::{HistoryBuilder, Snapshot};

use crate::place::Csv;
use crate::rules::org::{Org, at, group_id, set_arn, user_id};
use crate::rules::report::Report;

/// A story under construction. The period is the third quarter of 2026, and it is looked at every day at 20:00.
#[derive(Clone)]
pub(crate) struct Story {
    period: String,
    first: Instant,
    last: Instant,
    /// The organisation from an instant on.
    states: BTreeMap<Instant, Org>,
    /// Days without a look.
    missed: Vec<String>,
    /// Listings that somebody kept, with the grants in them.
    listings: BTreeMap<Instant, Vec<(UserId, Assignment)>>,
    trail: Vec<Event>,
    covered: Option<Vec<Window>>,
    logs: Vec<EventLog>,
}

/// What an audit of the period says.
pub(crate) struct Told {
    pub(crate) report: Report,
    tables: BTreeMap<&'static str, Csv>,
}

impl Told {
    /// The rows of a table as maps from column to cell.
    pub(crate) fn rows(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        self.tables[file].rows.clone()
    }

    /// The only row of a table.
    pub(crate) fn only(&self, file: &str) -> BTreeMap<String, String> {
        let mut rows = self.rows(file);
        assert_eq!(rows.len(), 1, "{file}: {rows:#?}");
        rows.remove(0)
    }
}

impl Story {
    /// The organisation as it is before anything happens.
    pub(crate) fn new(org: Org) -> Self {
        Self {
            period: "2026-07-01..2026-09-30".to_owned(),
            first: at("2026-06-30T20:00:00Z"),
            last: at("2026-09-30T20:00:00Z"),
            states: BTreeMap::from([(at("2026-01-01T00:00:00Z"), org)]),
            missed: Vec::new(),
            listings: BTreeMap::new(),
            trail: Vec::new(),
            covered: None,
            logs: Vec::new(),
        }
    }

    /// The period, with daily looks from the evening before it to its last.
    pub(crate) fn period(mut self, days: &str, first: &str, last: &str) -> Self {
        self.period = days.to_owned();
        (self.first, self.last) = (at(first), at(last));
        self
    }

    /// From this instant on the organisation is so.
    pub(crate) fn then(mut self, from: &str, edit: impl FnOnce(Org) -> Org) -> Self {
        let last = self.states.values().next_back().unwrap().clone();
        self.states.insert(at(from), edit(last));
        self
    }

    /// No look was taken on this day.
    pub(crate) fn missing(mut self, day: &str) -> Self {
        self.missed.push(day.to_owned());
        self
    }

    /// Somebody kept a listing of then, with grants of users by groups, or without one directly.
    pub(crate) fn listing(mut self, when: &str, grants: &[(&str, &str, &str, Option<&str>)]) -> Self {
        let org = self.state(at(when));
        let grants = grants.iter().map(|(user, set, account, group)| {
            let user = user_id(user);
            let principal =
                group.map_or_else(|| Principal::User(user.clone()), |group| Principal::Group(group_id(group)));
            (user, Assignment { account: org.account_id(account), permission_set: set_arn(set), principal })
        });
        let grants = grants.collect();
        self.listings.insert(at(when), grants);
        self
    }

    /// CloudTrail was read, and covers the whole period unless told otherwise.
    pub(crate) fn trail(mut self, events: Vec<Event>) -> Self {
        self.trail.extend(events);
        let (from, to) = (at("2026-06-01T00:00:00Z"), at("2026-12-31T00:00:00Z"));
        self.covered.get_or_insert(vec![Window { from, to }]);
        self
    }

    /// CloudTrail was not read from one instant to another.
    pub(crate) fn uncovered(mut self, from: &str, to: &str) -> Self {
        let (from, to) = (at(from), at(to));
        self.covered = Some(vec![
            Window { from: at("2026-06-01T00:00:00Z"), to: from },
            Window { from: to, to: at("2026-12-31T00:00:00Z") },
        ]);
        self.trail.retain(|event| event.at < from || event.at >= to);
        self
    }

    /// The identity provider's log tells this.
    pub(crate) fn idp_log(mut self, kind: LogKind, events: Vec<Event>) -> Self {
        let covered = vec![Window { from: at("2026-06-01T00:00:00Z"), to: at("2026-12-31T00:00:00Z") }];
        self.logs.push(EventLog { source: "idp:entra".to_owned(), kind, covered, events });
        self
    }

    fn state(&self, now: Instant) -> &Org {
        self.states.range(..=now).next_back().unwrap().1
    }

    fn looks(&self) -> Vec<Snapshot> {
        let mut looks = Vec::new();
        let mut now = self.first;
        while now <= self.last {
            let day = now.date();
            if !self.missed.contains(&day) || now == self.last {
                let mut org = self.state(now).clone();
                if now == self.last {
                    if let Some(covered) = &self.covered {
                        org = org.asked(Fact::CloudTrail);
                        org.events.push(EventLog {
                            source: "aws".to_owned(),
                            kind: LogKind::CloudTrail,
                            covered: covered.clone(),
                            events: self.trail.clone(),
                        });
                    }
                    org.events.extend(self.logs.iter().cloned());
                }
                let started = Instant::new(now.timestamp() - SignedDuration::from_mins(10));
                looks.push(org.seal_at(started, now));
            }
            now = Instant::new(now.timestamp() + SignedDuration::from_hours(24));
        }
        looks
    }

    /// Audits the period on the evening of its last day.
    pub(crate) fn tell(&self) -> Told {
        self.audit(|assessment| {
            let tables = TABLES.iter().map(|table| {
                let mut bytes = Vec::new();
                table.write(assessment, "r_story", &mut bytes).unwrap();
                (table.file, Csv::parse(&bytes))
            });
            Told { tables: tables.collect(), report: Report::of(assessment) }
        })
    }

    /// The report's page.
    pub(crate) fn page(&self) -> String {
        self.audit(|assessment| {
            let ledger = assessment.ledger();
            let digest = ledger.snapshot().digest();
            let run = RunId::new(digest, &ledger.config().text, AsOf::new(ledger.as_of()), ledger.period());
            let tests = overstay::evidence::tests::outcomes(assessment);
            let view = overstay::evidence::report::report(assessment, &tests, &run, Vec::new());
            overstay::render::html::html(&view).unwrap()
        })
    }

    fn audit<T>(&self, see: impl FnOnce(&Assessment<'_>) -> T) -> T {
        let mut looks = self.looks();
        let mut history = HistoryBuilder::new();
        let mut listings = self.listings.iter().peekable();
        for look in &looks {
            while let Some((at, grants)) = listings.next_if(|(at, _)| **at <= look.ended_at()) {
                history.listing(*at, &format!("listing of {at}"), grants.clone());
            }
            history.look(look);
        }
        let snapshot = looks.pop().unwrap().with_history(history.build()).unwrap();
        let config = self.state(self.last).config_text();
        let config = Config::parse(config, "story.toml").unwrap_or_else(|e| panic!("{e:#?}"));
        let period = Period::new(self.period.parse().unwrap(), &jiff::tz::TimeZone::UTC).unwrap();
        let ledger = reconcile(&snapshot, &config, AsOf::new(snapshot.ended_at()), Some(period));
        see(&overstay::assess::assess(&ledger, overstay::rules::evaluate(&ledger)))
    }
}

fn event(when: &str, action: Action, kind: ActorKind) -> Event {
    let actor = Actor { kind, name: Some("arn:aws:sts::1:assumed-role/somebody/x".to_owned()) };
    Event::new(at(when), format!("{action:?}-{when}"), action, actor, format!("trail.json.gz, {when}"))
}

/// The provisioner did this to a user.
pub(crate) fn scim(when: &str, action: Action, user: &str) -> Event {
    Event {
        id: format!("{action:?}-{user}-{when}"),
        user: Some(user_id(user).to_string()),
        ..event(when, action, ActorKind::Scim)
    }
}

/// A user did this.
pub(crate) fn by_user(when: &str, action: Action, user: &str) -> Event {
    Event {
        id: format!("{action:?}-{user}-{when}"),
        user: Some(user_id(user).to_string()),
        ..event(when, action, ActorKind::User)
    }
}

/// An administrator did this.
pub(crate) fn by_admin(when: &str, action: Action) -> Event {
    event(when, action, ActorKind::Administrator)
}
