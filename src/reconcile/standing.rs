//! Where a person stands, derived from every linked source.
//!
//! HR comes first: an ended engagement makes the person gone whatever the identity provider says. Then every record that
//! could sign in to AWS must be gone for the person to be gone. Where it is known which provider signs people in to AWS
//! (its application was read), those are its records; the others say who the person is. Where that is not known, or the
//! person has no record there, all records count. Identity Center's own status makes nobody gone; a rule of its own
//! watches it.
//!
//! A person is gone since the first of the reasons held: an account that was disabled before the engagement ended (leave
//! before the last day) was of no use since then, and the day HR counts from does not make it younger.

use std::collections::BTreeSet;

use super::link::{HrBasis, Links};
use super::person::Person;
use super::tenancy::Tenancy;
use crate::model::standing::{Standing, StandingFact};
use crate::model::time::Basis;
use crate::model::{AsOf, Fact, HrFacts, HrRecord, IdpFacts, IdpStatus, IdpUser, Instant, Interval, Known};
use crate::snapshot::{Coverage, Snapshot};

/// What standing is derived from, beyond the person's own records.
#[derive(Debug)]
pub struct Sources<'a> {
    snapshot: &'a Snapshot,
    at: Instant,
    /// Whether nothing ties the directory to the configured providers.
    untied: bool,
    /// The issuers whose external ids an attribute of some provider was seen to hold. A mapping that matches no user explains
    /// nothing, even if the provisioning schema names it.
    explained: BTreeSet<&'a str>,
}

impl<'a> Sources<'a> {
    /// The sources of a snapshot, for conclusions at `as_of`.
    pub fn new(snapshot: &'a Snapshot, links: &'a Links, tenancy: &Tenancy, as_of: AsOf) -> Self {
        let explained = links.mappings().iter().filter(|mapping| mapping.matched > 0);
        let explained = explained.map(|mapping| mapping.issuer.as_str()).collect();
        Self { snapshot, at: as_of.instant(), untied: tenancy.is_untied(), explained }
    }

    /// Whether a person was provisioned with external ids that no attribute which was read can hold. Their record may then be
    /// there under a new name, so that its absence by name proves nothing.
    fn is_beyond_names(&self, person: &Person) -> bool {
        let users = self.snapshot.aws().map_or(&[][..], |aws| &aws.users);
        let mut of_person = person.users.iter().filter_map(|at| users.get(*at as usize));
        of_person.any(|user| {
            !user.external_ids.is_empty()
                && user.external_ids.iter().all(|id| !self.explained.contains(id.issuer.as_str()))
        })
    }
}

/// Whether a provider, by position, is known to sign people in to AWS: it has the application, and that is not switched off.
pub fn signs_in(snapshot: &Snapshot, idp: u32) -> bool {
    let application = snapshot.idps().get(idp as usize).and_then(|idp| idp.application.as_ref());
    application.is_some_and(|application| application.enabled != Known::Value(false))
}

/// A record with its provider's name.
type Named<'a> = (&'a str, &'a IdpUser);

/// The standing of a person nobody has looked at.
pub fn undecided() -> StandingFact {
    StandingFact { standing: Standing::Unknown, since: None, reason: "not derived".to_owned() }
}

/// Derives a person's standing.
pub fn derive(person: &Person, sources: &Sources<'_>) -> StandingFact {
    let Sources { snapshot, at, .. } = *sources;
    let hr = hr(person, snapshot, at);
    let (records, beside) = records(person, sources);
    let all_gone = !records.is_empty() && records.iter().all(|(_, user)| user.status.is_gone());
    if let Some(HrVerdict::Ended(fact)) = hr {
        let gone = (all_gone && !person.ambiguous).then(|| gone(&records, snapshot));
        return gone.map_or_else(|| fact.clone(), |gone| since_the_first(&fact, &gone));
    }
    if person.ambiguous {
        return unknown("more than one identity provider record could be this user's");
    }
    if records.is_empty() {
        return without_record(person, sources);
    }
    if let (true, Some(HrVerdict::Working(employed))) = (all_gone, &hr) {
        // HR is the authority on who left; the accounts are reported by a rule of their own.
        let reason = format!("{employed}; {}", gone(&records, snapshot).reason);
        return StandingFact { standing: Standing::Active, since: None, reason };
    }
    if all_gone {
        let mut fact = gone(&records, snapshot);
        if let Some((idp, user)) = beside.iter().find(|(_, user)| !user.status.is_gone()) {
            let word = user.status.as_str();
            fact.reason.push_str(&format!("; {word} in {idp}, which does not sign people in to AWS"));
        }
        return fact;
    }
    let unclear = records.iter().find(|(_, user)| user.contradiction.is_some() && !user.status.is_gone());
    if let Some((idp, IdpUser { contradiction: Some(cells), .. })) = unclear {
        return unknown(&format!("the record in {idp} contradicts itself: {cells}"));
    }
    if let Some(HrVerdict::EndedUnlessRehired) = hr {
        return unknown("HR says the engagement ended, and the roster was not read whole: a later one may be missing");
    }
    if let Some(HrVerdict::Contradicted(reason) | HrVerdict::Unclear(reason)) = hr {
        return unknown(&reason);
    }
    let waiting = records.iter().find(|(_, user)| user.status == IdpStatus::Staged);
    let working = records.iter().any(|(_, user)| user.status == IdpStatus::Active);
    let unclear = records.iter().find(|(_, user)| user.status == IdpStatus::Unknown);
    if let (Some((idp, user)), false, false) = (unclear, working, matches!(hr, Some(HrVerdict::NotStarted(_)))) {
        let why = match &user.status_changed_at {
            Known::Unknown(why) => format!(" ({why})"),
            Known::Value(_) | Known::Absent => String::new(),
        };
        return unknown(&format!("the status of {} in {idp} is not known{why}", user.user_name));
    }
    if let (Some((idp, _)), false) = (waiting, working) {
        return StandingFact { standing: Standing::NotStarted, since: None, reason: format!("staged in {idp}") };
    }
    if let Some(HrVerdict::NotStarted(reason)) = hr {
        return StandingFact { standing: Standing::NotStarted, since: None, reason };
    }
    let active: Vec<&str> =
        records.iter().filter(|(_, user)| user.status == IdpStatus::Active).map(|(idp, _)| *idp).collect();
    StandingFact { standing: Standing::Active, since: None, reason: format!("active in {}", active.join(", ")) }
}

/// The records that could sign in to AWS, and the others.
fn records<'a>(person: &Person, sources: &Sources<'a>) -> (Vec<Named<'a>>, Vec<Named<'a>>) {
    let all = person.idp_users.iter().filter_map(|(idp, user)| {
        let facts = sources.snapshot.idps().get(*idp as usize)?;
        Some((signs_in(sources.snapshot, *idp), (facts.name.as_str(), facts.users.get(*user as usize)?)))
    });
    let (known, others): (Vec<_>, Vec<_>) = all.partition(|(signs_in, _)| *signs_in);
    let named = |records: Vec<(bool, Named<'a>)>| records.into_iter().map(|(_, record)| record).collect();
    let (known, others): (Vec<_>, Vec<_>) = (named(known), named(others));
    if known.is_empty() { (others, Vec::new()) } else { (known, others) }
}

/// HR's end, with the records that are gone as well: since whichever came first.
fn since_the_first(hr: &StandingFact, idp: &StandingFact) -> StandingFact {
    let exact = |fact: &StandingFact| fact.since.and_then(|since| since.earliest().zip(Some(since)));
    let since = match (exact(hr), exact(idp)) {
        (Some((ended, _)), Some((gone, since))) if gone < ended => Some(since),
        // Nothing says when the record went: then HR's end is what is known.
        (Some(_), _) => hr.since,
        (None, Some((_, since))) => Some(since),
        (None, None) => hr.since,
    };
    StandingFact { standing: hr.standing, since, reason: format!("{}; {}", hr.reason, idp.reason) }
}

fn unknown(reason: &str) -> StandingFact {
    StandingFact { standing: Standing::Unknown, since: None, reason: reason.to_owned() }
}

fn without_record(person: &Person, sources: &Sources<'_>) -> StandingFact {
    if person.kind.is_declared() {
        return unknown("declared in the config; no identity provider record to tell");
    }
    match sources.snapshot.coverage(Fact::IdpUsers) {
        Coverage::Complete if sources.untied => unknown(
            "no identity provider has a record, and neither ids nor names tie the directory to the configured ones",
        ),
        Coverage::Complete if sources.is_beyond_names(person) => unknown(
            "no identity provider has a record under this name or email, and no attribute that was read holds the external id; \
             export `mailNickname` with the users, or read the provider itself",
        ),
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
fn gone(records: &[Named<'_>], snapshot: &Snapshot) -> StandingFact {
    // Suspended weighs least: if any record is merely suspended, so is the person.
    let status = records.iter().map(|(_, user)| user.status).min();
    let standing = match status {
        Some(IdpStatus::Deleted) => Standing::Deleted,
        Some(IdpStatus::Suspended) => Standing::Suspended,
        _ => Standing::Disabled,
    };
    let since = since_all(records, snapshot);
    let said: Vec<String> = records
        .iter()
        .map(|(idp, user)| match &user.status_changed_at {
            Known::Value(when) if *when > snapshot.ended_at() => {
                let word = user.status.as_str();
                format!("{word} in {idp}; its time {when} is after the collection and is no evidence of when")
            }
            Known::Value(when) => {
                let bound = if is_at_the_latest(idp, snapshot) { "at the latest " } else { "" };
                format!("{} in {idp} since {bound}{when}", user.status.as_str())
            }
            Known::Absent | Known::Unknown(_) => match user.status_unchanged_since {
                Some(at) => format!("{} in {idp} since at the latest {at}", user.status.as_str()),
                None => format!("{} in {idp}, since when is not known", user.status.as_str()),
            },
        })
        .collect();
    StandingFact { standing, since: Some(since), reason: said.join("; ") }
}

/// Since when all of these records have their status, as far as it is known.
fn since_all(records: &[Named<'_>], snapshot: &Snapshot) -> Interval {
    let time = |(idp, user): &Named<'_>| match (changed_at(snapshot, user), user.status_unchanged_since) {
        (Some(at), _) => Some((is_at_the_latest(idp, snapshot), at)),
        (None, unchanged) => Some((true, unchanged?)),
    };
    let times: Option<Vec<(bool, Instant)>> = records.iter().map(time).collect();
    match times {
        Some(times) => {
            let exact = times.iter().filter(|(latest, _)| !latest).map(|(_, at)| *at).max();
            Interval::between(exact, times.iter().map(|(_, at)| *at).max(), Basis::Record)
        }
        // One record does not say when: then only that it was so when it was read.
        None => Interval::by(snapshot.ended_at()),
    }
}

/// Whether the times that a provider gives say when a status changed at the latest.
fn is_at_the_latest(idp: &str, snapshot: &Snapshot) -> bool {
    let facts = snapshot.idps().iter().find(|facts| facts.name.as_str() == idp);
    facts.is_some_and(IdpFacts::status_times_are_latest)
}

/// When a record's status changed. A time after the collection is an error and no evidence.
fn changed_at(snapshot: &Snapshot, user: &IdpUser) -> Option<Instant> {
    user.status_changed_at.value().copied().filter(|at| *at <= snapshot.ended_at())
}

/// Since when a record of a provider has its status, as far as it is known.
pub fn status_since(snapshot: &Snapshot, idp: u32, user: &IdpUser) -> Interval {
    let name = snapshot.idps().get(idp as usize).map_or("?", |facts| facts.name.as_str());
    since_all(&[(name, user)], snapshot)
}

enum HrVerdict {
    Ended(StandingFact),
    EndedUnlessRehired,
    /// Which records are the person's is not known, and it matters.
    Unclear(String),
    NotStarted(String),
    /// Cells of a record contradict each other, so that nobody can tell whether the engagement goes on.
    Contradicted(String),
    Working(String),
}

/// Why HR can't be held for or against a person: id and address contradict each other, several records could be theirs, or
/// the engagement that ended may have gone on under another number.
fn unclear(person: &Person, roster: &HrFacts, at: Instant) -> Option<String> {
    let doubt = person.hr_doubt.as_ref()?;
    let ended = |position: &u32| roster.records.get(*position as usize).is_some_and(|record| record.ended(at));
    let matters = match doubt.basis {
        HrBasis::Ambiguous | HrBasis::Contradicted => true,
        basis => basis.is_link() && person.hr_records.iter().all(ended) && !doubt.candidates.iter().all(ended),
    };
    matters.then(|| doubt.reason.clone())
}

/// What HR says: ended only if no engagement is current and the roster was read whole, so that no rehire was missed.
fn hr(person: &Person, snapshot: &Snapshot, at: Instant) -> Option<HrVerdict> {
    let roster = snapshot.hr()?;
    if let Some(reason) = unclear(person, roster, at) {
        return Some(HrVerdict::Unclear(reason));
    }
    let records: Vec<&HrRecord> =
        person.hr_records.iter().filter_map(|position| roster.records.get(*position as usize)).collect();
    if records.is_empty() {
        return None;
    }
    let current = records.iter().find(|record| !record.ended(at) && !record.not_started(at));
    if let Some(record) = current {
        return Some(HrVerdict::Working(format!(
            "HR: employed ({}, status {})",
            record.origin,
            record.status.as_str()
        )));
    }
    if let Some(contradiction) = records.iter().find_map(|record| record.contradiction(snapshot.ended_at())) {
        return Some(HrVerdict::Contradicted(format!("HR contradicts itself: {contradiction}")));
    }
    let over: Vec<&&HrRecord> = records.iter().filter(|record| record.ended(at)).collect();
    // Whoever left and is to come back is a leaver until then.
    if !over.is_empty() {
        if snapshot.coverage(Fact::HrRecords) != Coverage::Complete {
            return Some(HrVerdict::EndedUnlessRehired);
        }
        let ends: Option<Vec<Instant>> = over.iter().map(|record| record.end).collect();
        let last = ends.and_then(|ends| ends.into_iter().max());
        let since = last.map_or_else(|| Interval::by(snapshot.ended_at()), |end| Interval::exact(end, Basis::Record));
        let mut reason = match last {
            Some(end) => format!("HR: engagement ended at {end}"),
            None => "HR: terminated, without an end date".to_owned(),
        };
        if let Some(start) = records.iter().filter_map(|record| record.start).filter(|start| *start > at).min() {
            reason.push_str(&format!("; a new engagement starts at {start}"));
        }
        return Some(HrVerdict::Ended(StandingFact { standing: Standing::Ended, since: Some(since), reason }));
    }
    let start = records.iter().filter(|record| !record.ended(at)).filter_map(|record| record.start).min();
    Some(HrVerdict::NotStarted(
        start.map_or_else(|| "HR: not started".to_owned(), |start| format!("HR: starts at {start}")),
    ))
}
