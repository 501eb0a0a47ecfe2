//! `residual-exposure`.

use std::collections::BTreeMap;

use super::cx::{RuleCx, plural, when};
use super::{Evaluation, declare_rule};
use crate::model::event::{Action, LogKind};
use crate::model::finding::{Confidence, Evidence, Finding, GrantKey, Severity, Subject, SubjectKind};
use crate::model::time::Basis;
use crate::model::{Event, Fact, Instant, Interval, Known, Span, UserStatus};
use crate::reconcile::{Person, SetView};
use crate::snapshot::Coverage;

declare_rule! {
    /// ## What it checks
    /// Somebody who left can sign in no more, and sessions they opened before may still live: since sign-in was blocked less
    /// time has passed than a session of the portal (`policy.portal_session`) and a session of a role can last together.
    /// Sign-in is blocked by disabling the user in Identity Center, and by deleting it.
    ///
    /// ## Why it matters
    /// Disabling or deleting a user ends no session of a role. Whoever opened one just before works on until it ends by itself, and a
    /// session of the portal may open further ones while grants remain.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: use is prevented, and not only the next sign-in. The finding closes by itself when the last session must have
    /// ended.
    ///
    /// ## Example
    /// `m.okafor@example.org` was disabled in Identity Center at 16:00. With `portal_session = "8h"` and sessions of four
    /// hours the window is open until 04:00.
    ///
    /// ## How to fix
    /// End it at once where it matters: revoke the sessions of the roles in the accounts (AWS, "Revoke IAM role temporary
    /// security credentials"), and remove the grants.
    ///
    /// ## Known limits
    /// Without CloudTrail or earlier snapshots the time of blocking is bounded by the user's last change alone; where the
    /// bounds do not decide, the person counts as undecided. Who was deleted is in no list any more: the deletion is seen in
    /// CloudTrail, or in the snapshots of a period, or not at all; whom nothing links to an identity provider's user counts
    /// as undecided while the window is open. How long the portal's sessions last no API tells: the config
    /// says it.
    ResidualExposure {
        id: "residual-exposure",
        title: "Sessions of somebody who left may still live",
        severity: High,
        requires: [],
        covers: [IdpUsers, DirectoryUsers, Assignments, Memberships, DirectoryGroups, PermissionSets],
        if_asked: [HrRecords, DeclaredLinks, CloudTrail],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("people who left and can sign in no more");
    for user in cx.users() {
        let (Some(record), Some(person)) = (cx.ledger().user(user), cx.ledger().person_of(user)) else { continue };
        if record.status != Known::Value(UserStatus::Disabled) || !person.standing.standing.is_gone() {
            continue;
        }
        evaluation.population += 1;
        let grants = cx.ledger().grants().of_user(user);
        let blocked = blocked(cx, user);
        let Some(longest) = longest(cx, &grants) else {
            evaluation.undecided += 1;
            continue;
        };
        match state(cx, &blocked, longest) {
            State::Closed => {}
            State::Open(until) if cx.is_certainly_gone(person) => {
                evaluation.findings.push(finding(cx, user, grants, &blocked, (longest, until)));
            }
            State::Open(_) | State::Unknown => evaluation.undecided += 1,
        }
    }
    for deleted in deleted(cx) {
        match exposure(cx, &deleted) {
            Exposure::None => evaluation.population += 1,
            Exposure::Undecided => {
                evaluation.population += 1;
                evaluation.undecided += 1;
            }
            Exposure::Found(finding) => {
                evaluation.population += 1;
                evaluation.findings.push(*finding);
            }
            Exposure::Here => {}
        }
    }
    evaluation
}

/// A user of Identity Center that was deleted.
struct Deleted<'a> {
    id: String,
    name: String,
    /// When sign-in was blocked: by the deletion, or by disabling the user before it.
    blocked: Interval,
    /// Whether it was somebody's who is gone; none where nobody knows whose it was.
    gone: Option<bool>,
    person: Option<&'a Person>,
    /// Whether only a name says whose it was.
    weak: bool,
}

enum Exposure {
    /// The last session must have ended.
    None,
    Undecided,
    Found(Box<Finding>),
    /// The person is still here: with another user, or none.
    Here,
}

/// The users that were deleted, by a period's snapshots and by CloudTrail.
fn deleted<'a>(cx: &RuleCx<'a>) -> Vec<Deleted<'a>> {
    let ledger = cx.ledger();
    let mut found: BTreeMap<String, Deleted<'a>> = BTreeMap::new();
    for (id, went, life) in ledger.timelines().into_iter().flat_map(|timelines| timelines.deleted()) {
        let person = life.and_then(|life| life.person).and_then(|at| ledger.people().get(at));
        // Whom no source knows any more is in none of the identity providers.
        let gone = person.map_or(Some(true), |person| Some(person.standing.standing.is_gone()));
        let name = ledger.timelines().and_then(|timelines| timelines.user_name(id)).unwrap_or(id.as_str()).to_owned();
        let blocked = blocked_by(ledger.events().of_user(id.as_str())).unwrap_or(went);
        let weak = life.is_none_or(|life| life.weak);
        found.insert(id.to_string(), Deleted { id: id.to_string(), name, blocked, gone, person, weak });
    }
    let trails = ledger.snapshot().events().iter().filter(|log| log.kind == LogKind::CloudTrail);
    let events = trails.flat_map(|log| &log.events);
    let until = ledger.known_until();
    for event in events.filter(|event| event.action == Action::UserDeleted && event.succeeded != Some(false)) {
        let Some(id) = event.user.as_deref().filter(|_| event.at <= until) else { continue };
        let exists = ledger.users().binary_search_by(|user| user.id.as_str().cmp(id)).is_ok();
        if exists || found.contains_key(id) {
            continue;
        }
        let person = provisioned_as(cx, id);
        let gone = person.map(|person| person.standing.standing.is_gone());
        let blocked =
            blocked_by(ledger.events().of_user(id)).unwrap_or_else(|| Interval::exact(event.at, Basis::Event));
        let name = event.user_name.as_deref().unwrap_or(id).to_owned();
        found.insert(id.to_owned(), Deleted { id: id.to_owned(), name, blocked, gone, person, weak: false });
    }
    found.into_values().collect()
}

/// When the last of a user's events says that sign-in was blocked, by the first of those that kept it so.
fn blocked_by(events: &[&Event]) -> Option<Interval> {
    let is_end = |event: &&&Event| matches!(event.action, Action::UserDisabled | Action::UserDeleted);
    let last = events.iter().rposition(|event| matches!(event.action, Action::UserEnabled | Action::UserCreated));
    let after = events.iter().skip(last.map_or(0, |at| at + 1));
    after.filter(is_end).map(|event| Interval::exact(event.at, Basis::Event)).next()
}

/// The person of whose record the provisioner says that it made this user.
fn provisioned_as<'a>(cx: &RuleCx<'a>, id: &str) -> Option<&'a Person> {
    let ledger = cx.ledger();
    let idps = (0u32..).zip(ledger.snapshot().idps());
    let mut records = idps.filter_map(|(idp, facts)| {
        let made = facts.application.iter().flat_map(|application| &application.provisioned_users);
        let made = made.filter(|made| made.target == id).map(|made| made.user.as_str());
        let events = cx.provisioning_of(idp).filter(|(_, event)| event.detail.as_deref() == Some(id));
        let user = made.chain(events.filter_map(|(_, event)| event.user.as_deref())).next()?;
        let at = facts.users.binary_search_by(|record| record.id.as_str().cmp(user)).ok()?;
        Some((idp, u32::try_from(at).ok()?))
    });
    ledger.people().of_idp_user(records.next()?)
}

fn exposure(cx: &RuleCx<'_>, deleted: &Deleted<'_>) -> Exposure {
    if deleted.gone == Some(false) {
        return Exposure::Here;
    }
    let ledger = cx.ledger();
    let held = match (ledger.timelines(), deleted.id.parse()) {
        (Some(timelines), Ok(id)) => timelines.holdings(ledger, &id),
        _ => Vec::new(),
    };
    let session = |set: &SetView<'_>| set.set.session.value().copied();
    let sets = ledger.entitlements().sets();
    let longest: Option<Vec<Span>> = if held.is_empty() {
        sets.iter().map(session).collect()
    } else {
        let of = held.iter().map(|held| sets.iter().find(|set| set.set.arn == held.assignment.permission_set));
        of.map(|set| set.and_then(session)).collect()
    };
    let Some(longest) = longest.map(|all| all.into_iter().max().unwrap_or(Span::minutes(0))) else {
        return Exposure::Undecided;
    };
    let until = match state(cx, &deleted.blocked, longest) {
        State::Closed => return Exposure::None,
        State::Unknown => return Exposure::Undecided,
        State::Open(until) => until,
    };
    let whole = |fact| ledger.snapshot().coverage(fact) == Coverage::Complete;
    let certain = match deleted.person {
        Some(person) => cx.is_certainly_gone(person),
        None => deleted.gone == Some(true) && [Fact::IdpUsers, Fact::DirectoryUsers].into_iter().all(whole),
    };
    if !certain {
        return Exposure::Undecided;
    }
    let portal = ledger.config().policy.portal_session;
    let detail = format!(
        "The user was deleted in Identity Center; sign-in was blocked {}. A session of the portal lasts {portal} and one of a role {longest}, so one may live until {until}.",
        when(&deleted.blocked),
    );
    let time = Evidence {
        source: "aws".to_owned(),
        at: "time of blocking".to_owned(),
        says: format!(
            "user {} ({}) was deleted; blocked {} ({})",
            deleted.name,
            deleted.id,
            when(&deleted.blocked),
            deleted.blocked.basis().as_str()
        ),
    };
    let subject = Subject {
        kind: SubjectKind::User,
        ids: vec![deleted.id.clone()],
        name: deleted.name.clone(),
        account: None,
        permission_set: None,
    };
    let sure = match deleted.person {
        _ if deleted.weak => Confidence::Low,
        Some(person) => cx.confidence(person),
        None => Confidence::Medium,
    };
    let finding = Finding::new("residual-exposure", Severity::High, subject, detail, time)
        .and(deleted.person.map(|person| cx.person_evidence(person)).unwrap_or_default())
        .remedy("Revoke the sessions of the roles in the accounts.")
        .sure(sure)
        .since(Some(deleted.blocked));
    Exposure::Found(Box::new(finding))
}

/// When sign-in was blocked: by the period's timeline, by CloudTrail, or at the user's last change at the latest.
fn blocked(cx: &RuleCx<'_>, user: u32) -> Interval {
    let ledger = cx.ledger();
    let Some(record) = ledger.user(user) else { return Interval::by(ledger.snapshot().ended_at()) };
    let told = ledger.timelines().and_then(|timelines| {
        let mut departures = timelines.departures().iter().rev();
        departures.find(|d| timelines.life(d.life).is_some_and(|life| life.users.as_slice() == [&record.id]))?.blocked
    });
    let event = || {
        let last = ledger
            .events()
            .of_user(record.id.as_str())
            .iter()
            .rev()
            .find(|event| matches!(event.action, Action::UserDisabled | Action::UserEnabled))?;
        (last.action == Action::UserDisabled).then(|| Interval::exact(last.at, Basis::Event))
    };
    // Blocking is a change, so the last change bounds it.
    let changed = || record.updated_at.value().map(|at| Interval::between(None, Some(*at), Basis::Record));
    told.or_else(event).or_else(changed).unwrap_or_else(|| Interval::by(ledger.snapshot().ended_at()))
}

/// The longest session that what they hold can give, or for somebody who holds nothing any more, that anything can.
fn longest(cx: &RuleCx<'_>, grants: &[GrantKey]) -> Option<Span> {
    let sets = cx.ledger().entitlements().sets();
    let lengths: Option<Vec<Span>> = if grants.is_empty() {
        sets.iter().map(|set| set.set.session.value().copied()).collect()
    } else {
        grants.iter().map(|grant| cx.ledger().set_of(*grant)?.set.session.value().copied()).collect()
    };
    Some(lengths?.into_iter().max().unwrap_or(Span::minutes(0)))
}

enum State {
    Open(Instant),
    Closed,
    Unknown,
}

fn state(cx: &RuleCx<'_>, blocked: &Interval, longest: Span) -> State {
    let window = cx.ledger().config().policy.portal_session.duration() + longest.duration();
    let closes = |at: Instant| at.timestamp().checked_add(window).map_or(at, Instant::new);
    let now = cx.as_of();
    match (blocked.earliest().map(closes), blocked.latest().map(closes)) {
        (_, Some(latest)) if latest <= now => State::Closed,
        (Some(earliest), Some(latest)) if now < earliest => State::Open(latest),
        _ => State::Unknown,
    }
}

fn finding(
    cx: &RuleCx<'_>,
    user: u32,
    grants: Vec<GrantKey>,
    blocked: &Interval,
    (longest, until): (Span, Instant),
) -> Finding {
    let portal = cx.ledger().config().policy.portal_session;
    let left = if grants.is_empty() {
        "No grant is left".to_owned()
    } else {
        format!("{} left", plural(grants.len(), "grant"))
    };
    let detail = format!(
        "Sign-in was blocked {}. A session of the portal lasts {portal} and one of a role {longest}, so one may live until {until}. {left}.",
        when(blocked),
    );
    let time = Evidence {
        source: "aws".to_owned(),
        at: "time of blocking".to_owned(),
        says: format!("blocked {} ({})", when(blocked), blocked.basis().as_str()),
    };
    let person = cx.ledger().person_of(user);
    Finding::new("residual-exposure", Severity::High, cx.user_subject(user), detail, cx.user_evidence(user))
        .and([time])
        .and(person.map(|person| cx.person_evidence(person)).unwrap_or_default())
        .and(cx.grant_evidence(&grants))
        .remedy("Revoke the sessions of the roles in the accounts, and remove the grants.")
        .sure(person.map_or(crate::model::finding::Confidence::Low, |person| cx.confidence(person)))
        .since(Some(*blocked))
        .about(grants)
}
