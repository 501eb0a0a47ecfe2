//! `residual-exposure`.

use super::cx::{RuleCx, plural, when};
use super::{Evaluation, declare_rule};
use crate::model::event::Action;
use crate::model::finding::{Evidence, Finding, GrantKey, Severity};
use crate::model::time::Basis;
use crate::model::{Instant, Interval, Known, Span, UserStatus};

declare_rule! {
    /// ## What it checks
    /// Somebody who left can sign in no more, and sessions they opened before may still live: since sign-in was blocked less
    /// time has passed than a session of the portal (`policy.portal_session`) and a session of a role can last together.
    ///
    /// ## Why it matters
    /// Disabling a user ends no session of a role. Whoever opened one just before works on until it ends by itself, and a
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
    /// bounds do not decide, the person counts as undecided. How long the portal's sessions last no API tells: the config
    /// says it.
    ResidualExposure {
        id: "residual-exposure",
        title: "Leaver's sessions may still be active",
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
    cx.leavers_by_hr_are_open(|_| false, &mut evaluation);
    evaluation
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
