//! From facts to conclusions about people, without rules: who is who, where they stand, what they hold.
//!
//! [`reconcile`] runs four steps, each in its own file and each a pure function of the steps before:
//!
//! 1. [`link`]: Identity Center user → IdP user, by the ladder; IdP user → HR record.
//!    [`tenancy`]: what external ids say about who provisions the directory.
//! 2. [`people`]: linked records are one person; [`standing`] says where the person stands, and since when.
//! 3. [`entitlements`]: accounts get a class, permission sets a tier, assignments are resolved to both.
//! 4. [`grants`]: assignments by user and by group as sorted position lists; grants are expanded only when asked for.
//!    [`usage`]: when each was last used, by what logs say.

pub mod approvals;
pub mod counterparts;
pub mod entitlements;
pub mod event_user;
pub mod events;
pub mod grants;
pub mod link;
pub mod people;
pub mod person;
pub mod policy;
mod sets;
pub mod source_age;
pub mod standing;
pub mod tenancy;
pub mod text;
pub mod tieout;
pub mod timeline;
pub mod usage;

use crate::config::Config;
use crate::model::{AsOf, AwsFacts, Calendar, DirectoryGroup, DirectoryUser, Fact, IdpUser, Instant, Known, Period};
use crate::snapshot::{Coverage, Snapshot};

pub use approvals::{Approvals, Idle};
pub use counterparts::{Counterpart, Counterparts};
pub use entitlements::{AccountView, Entitlements, ResolvedAssignment, ResolvedPrincipal, SetView};
pub use event_user::EventUsers;
pub use events::Events;
pub use grants::{Grant, Grants};
pub use link::{
    ExternalIdMapping, HrBasis, HrLink, HrLinkQuality, HrVote, IdForm, IdpLink, LinkOutcome, Links, Rung, Strength,
};
pub use people::People;
pub use person::{HrDoubt, Person, PersonKind};
pub use source_age::StaleFile;
pub use tenancy::Tenancy;
pub use tieout::TieOut;
pub use timeline::Timelines;
pub use usage::{Given, LastUse, Usage};

/// What reconciliation derives from one snapshot. Made by [`reconcile`] and no other way.
#[derive(Debug)]
pub struct Ledger<'a> {
    snapshot: &'a Snapshot,
    config: &'a Config,
    as_of: AsOf,
    period: Option<Period>,
    links: Links,
    tenancy: Tenancy,
    people: People,
    entitlements: Entitlements<'a>,
    grants: Grants,
    usage: Usage,
    tie_outs: Vec<TieOut>,
    events: Events<'a>,
    timelines: Option<Timelines<'a>>,
    calendar: Known<Calendar>,
}

/// Derives the ledger. With a period, what is concluded about time is about that period.
pub fn reconcile<'a>(snapshot: &'a Snapshot, config: &'a Config, as_of: AsOf, period: Option<Period>) -> Ledger<'a> {
    let links = link::link(snapshot);
    let tenancy = tenancy::tenancy(snapshot, &links);
    let people = people::assemble(snapshot, config, &links, &standing::Sources::new(snapshot, &links, &tenancy, as_of));
    let entitlements = entitlements::resolve(snapshot, config, as_of);
    let grants = grants::index(snapshot, &entitlements);
    let calendar = calendar(snapshot, config);
    let event_users = EventUsers::new(snapshot);
    let usage = usage::usage(snapshot, &event_users, as_of.instant());
    let events = Events::new(snapshot, &event_users);
    let mut ledger = Ledger {
        snapshot,
        config,
        as_of,
        period,
        links,
        tenancy,
        people,
        entitlements,
        grants,
        usage,
        tie_outs: Vec::new(),
        events,
        timelines: None,
        calendar,
    };
    ledger.tie_outs = tieout::tie_out(&ledger);
    ledger.timelines = timeline::build(&ledger);
    ledger
}

/// The calendar of the config with the holidays of the snapshot; absent when there is none in the config.
fn calendar(snapshot: &Snapshot, config: &Config) -> Known<Calendar> {
    let Some(calendar) = &config.calendar else { return Known::Absent };
    if calendar.holidays.is_some() && snapshot.coverage(Fact::Holidays) != Coverage::Complete {
        return Known::Unknown("the holidays were not read whole".to_owned());
    }
    let made = Calendar::new(&calendar.time_zone, &calendar.weekend, snapshot.holidays());
    made.map_or_else(|| Known::Unknown(format!("there is no time zone `{}`", calendar.time_zone)), Known::Value)
}

impl<'a> Ledger<'a> {
    /// The facts.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// The config.
    pub fn config(&self) -> &'a Config {
        self.config
    }

    /// The instant of conclusions.
    pub fn as_of(&self) -> Instant {
        self.as_of.instant()
    }

    /// The period of conclusions about time, where one was asked for.
    pub fn period(&self) -> Option<Period> {
        self.period
    }

    /// What AWS told.
    pub fn aws(&self) -> Option<&'a AwsFacts> {
        self.snapshot.aws()
    }

    /// Directory users, by position.
    pub fn users(&self) -> &'a [DirectoryUser] {
        self.snapshot.aws().map_or(&[], |aws| &aws.users)
    }

    /// Directory groups, by position.
    pub fn groups(&self) -> &'a [DirectoryGroup] {
        self.snapshot.aws().map_or(&[], |aws| &aws.groups)
    }

    /// A directory user.
    pub fn user(&self, position: u32) -> Option<&'a DirectoryUser> {
        self.users().get(position as usize)
    }

    /// The links.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// Who provisions the directory.
    pub fn tenancy(&self) -> &Tenancy {
        &self.tenancy
    }

    /// The people.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// The person behind a directory user.
    pub fn person_of(&self, user: u32) -> Option<&Person> {
        self.people.of_user(user)
    }

    /// An IdP user, by the positions a person or link holds.
    pub fn idp_user(&self, (idp, user): (u32, u32)) -> Option<&'a IdpUser> {
        self.snapshot.idps().get(idp as usize).and_then(|facts| facts.users.get(user as usize))
    }

    /// A provider's name, by position.
    pub fn idp_name(&self, idp: u32) -> &'a str {
        self.snapshot.idps().get(idp as usize).map_or("?", |facts| facts.name.as_str())
    }

    /// Accounts, permission sets and resolved assignments.
    pub fn entitlements(&self) -> &Entitlements<'a> {
        &self.entitlements
    }

    /// The grants.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// What logs tell.
    pub fn events(&self) -> &Events<'a> {
        &self.events
    }

    /// What is concluded about the period; none where no period was asked for.
    pub fn timelines(&self) -> Option<&Timelines<'a>> {
        self.timelines.as_ref()
    }

    /// Business time, if the config has a calendar.
    pub fn calendar(&self) -> &Known<Calendar> {
        &self.calendar
    }

    /// Uses of access, by what logs say.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Until when the sources speak: the reading's end, or the instant of conclusions if that is earlier.
    pub fn known_until(&self) -> Instant {
        self.as_of().min(self.snapshot.ended_at())
    }

    /// The records a person could sign in to AWS with, by provider and position.
    pub fn sign_in_records(&self, person: &Person) -> Vec<(u32, u32)> {
        let signs_in = |at: &&(u32, u32)| standing::signs_in(self.snapshot, at.0);
        let known: Vec<(u32, u32)> = person.idp_users.iter().filter(signs_in).copied().collect();
        if known.is_empty() { person.idp_users.clone() } else { known }
    }

    /// The counts that must agree.
    pub fn tie_outs(&self) -> &[TieOut] {
        &self.tie_outs
    }
}
