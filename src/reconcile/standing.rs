//! Where a person stands, derived from every linked source.
//!
//! HR comes first: an ended engagement makes the person gone whatever the identity provider says. Then every IdP record
//! must be gone for the person to be gone. Identity Center's own status makes nobody gone; a rule of its own watches it.

use super::person::Person;
use crate::model::standing::{Standing, StandingFact};
use crate::model::time::Basis;
use crate::model::{AsOf, Fact, HrRecord, IdpStatus, IdpUser, Instant, Interval, Known};
use crate::snapshot::{Coverage, Snapshot};

/// The standing of a person nobody has looked at.
pub fn undecided() -> StandingFact {
    StandingFact { standing: Standing::Unknown, since: None, reason: "not derived".to_owned() }
}

/// Derives a person's standing at `as_of`.
pub fn derive(person: &Person, snapshot: &Snapshot, as_of: AsOf) -> StandingFact {
    let at = as_of.instant();
    let hr = hr(person, snapshot, at);
    if let Some(HrVerdict::Ended(fact)) = &hr {
        return fact.clone();
    }
    if person.ambiguous {
        return unknown("more than one identity provider record could be this user's");
    }
    let records: Vec<(&str, &IdpUser)> = person
        .idp_users
        .iter()
        .filter_map(|(idp, user)| {
            let facts = snapshot.idps().get(*idp as usize)?;
            Some((facts.name.as_str(), facts.users.get(*user as usize)?))
        })
        .collect();
    if records.is_empty() {
        return without_record(person, snapshot);
    }
    if records.iter().all(|(_, user)| user.status.is_gone()) {
        return gone(&records, snapshot.ended_at());
    }
    if let Some(HrVerdict::EndedUnlessRehired) = hr {
        return unknown("HR says the engagement ended, and the roster was not read whole: a later one may be missing");
    }
    let waiting = records.iter().find(|(_, user)| user.status == IdpStatus::Staged);
    let working = records.iter().any(|(_, user)| user.status == IdpStatus::Active);
    if let (Some((idp, _)), false) = (waiting, working) {
        return StandingFact { standing: Standing::NotStarted, since: None, reason: format!("staged in {idp}") };
    }
    if let Some(HrVerdict::NotStarted(reason)) = hr {
        return StandingFact { standing: Standing::NotStarted, since: None, reason };
    }
    let active: Vec<&str> = records.iter().filter(|(_, user)| !user.status.is_gone()).map(|(idp, _)| *idp).collect();
    StandingFact { standing: Standing::Active, since: None, reason: format!("active in {}", active.join(", ")) }
}

fn unknown(reason: &str) -> StandingFact {
    StandingFact { standing: Standing::Unknown, since: None, reason: reason.to_owned() }
}

fn without_record(person: &Person, snapshot: &Snapshot) -> StandingFact {
    if person.kind.is_declared() {
        return unknown("declared in the config; no identity provider record to tell");
    }
    match snapshot.coverage(Fact::IdpUsers) {
        Coverage::Complete => StandingFact {
            standing: Standing::Orphan,
            since: None,
            reason: "no record in any identity provider, all of which were read whole".to_owned(),
        },
        Coverage::Partial(_) => unknown("no identity provider record was found, and not all of them were read"),
        Coverage::NotAsked => unknown("no identity provider was asked"),
    }
}

/// Every record is gone: the person went with the last of them.
fn gone(records: &[(&str, &IdpUser)], seen_at: Instant) -> StandingFact {
    // Suspended weighs least: if any record is merely suspended, so is the person.
    let status = records.iter().map(|(_, user)| user.status).min();
    let standing = match status {
        Some(IdpStatus::Deleted) => Standing::Deleted,
        Some(IdpStatus::Suspended) => Standing::Suspended,
        _ => Standing::Disabled,
    };
    let times: Vec<Option<Instant>> = records.iter().map(|(_, user)| user.status_changed_at.value().copied()).collect();
    let since = match times.iter().copied().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max()) {
        Some(last) => Interval::exact(last, Basis::Record),
        // One record does not say when: then only that it was so when it was read.
        None => Interval::by(seen_at),
    };
    let said: Vec<String> = records
        .iter()
        .map(|(idp, user)| match &user.status_changed_at {
            Known::Value(when) => format!("{} in {idp} since {when}", user.status.as_str()),
            Known::Absent | Known::Unknown(_) => format!("{} in {idp}, since when is not known", user.status.as_str()),
        })
        .collect();
    StandingFact { standing, since: Some(since), reason: said.join("; ") }
}

enum HrVerdict {
    Ended(StandingFact),
    EndedUnlessRehired,
    NotStarted(String),
    Working,
}

/// What HR says: ended only if every engagement is over and the roster was read whole, so that no rehire was missed.
fn hr(person: &Person, snapshot: &Snapshot, at: Instant) -> Option<HrVerdict> {
    let roster = snapshot.hr()?;
    let records: Vec<&HrRecord> =
        person.hr_records.iter().filter_map(|position| roster.records.get(*position as usize)).collect();
    if records.is_empty() {
        return None;
    }
    if records.iter().all(|record| record.ended(at)) {
        if snapshot.coverage(Fact::HrRecords) != Coverage::Complete {
            return Some(HrVerdict::EndedUnlessRehired);
        }
        let ends: Option<Vec<Instant>> = records.iter().map(|record| record.end).collect();
        let last = ends.and_then(|ends| ends.into_iter().max());
        let since = last.map_or_else(|| Interval::by(snapshot.ended_at()), |end| Interval::exact(end, Basis::Record));
        let reason = match last {
            Some(end) => format!("HR: engagement ended at {end}"),
            None => "HR: terminated, without an end date".to_owned(),
        };
        return Some(HrVerdict::Ended(StandingFact { standing: Standing::Ended, since: Some(since), reason }));
    }
    let current = records.iter().any(|record| !record.ended(at) && !record.not_started(at));
    if current {
        return Some(HrVerdict::Working);
    }
    let start = records.iter().filter(|record| !record.ended(at)).filter_map(|record| record.start).min();
    Some(HrVerdict::NotStarted(
        start.map_or_else(|| "HR: not started".to_owned(), |start| format!("HR: starts at {start}")),
    ))
}
