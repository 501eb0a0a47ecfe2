//! `activity-after-leaving`.

use super::cx::{RuleCx, plural, when};
use super::leaver_sla_breach::subject;
use super::{Evaluation, declare_rule};
use crate::model::event::Action;
use crate::model::finding::{Confidence, Evidence, Finding, Severity, Subject};
use crate::model::time::Tri;
use crate::model::{Event, Fact, Instant, Interval, Known};
use crate::reconcile::Person;
use crate::reconcile::events::is_use;
use crate::snapshot::Coverage;

declare_rule! {
    /// ## What it checks
    /// A user signed in or used a role after they had left: after the end of their engagement, or after their identity
    /// provider account was disabled. The rule reads CloudTrail, the log of the identity provider, and its record of the
    /// last sign-in. A CloudTrail event without a user id is matched by the user name, or by the session name of the role,
    /// if only one user had that name at that time. With a period, the leavers of the period are tested as well.
    ///
    /// ## Why it matters
    /// Access that was left open is a risk; access that was used is an incident, until somebody shows that it was not.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: no credential was used after it should have ended. Somebody for whom no log covers the time since they left,
    /// and whose last sign-in no source tells, is inconclusive. So is activity under a name that several users had.
    ///
    /// ## Example
    /// `m.okafor@example.org` left on 12 June. On 14 June somebody took credentials of `PowerUser` on `prod` as that user.
    ///
    /// ## How to fix
    /// Treat it as an incident: end the sessions, find out who acted, and what they did. Then remove the access.
    ///
    /// ## Known limits
    /// What a session does that was opened before leaving is not in these events. Where only the identity provider's last
    /// sign-in is known, the use of a session that was already open is not seen. An event within five minutes of leaving
    /// counts by the clock of its log.
    ActivityAfterLeaving {
        id: "activity-after-leaving",
        title: "Activity after termination",
        severity: Critical,
        requires: [],
        covers: [IdpUsers, DirectoryUsers],
        if_asked: [HrRecords, DeclaredLinks, CloudTrail, SignIns, IdpEvents],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let snapshot = cx.ledger().snapshot();
    let sources = [Fact::CloudTrail, Fact::SignIns, Fact::IdpEvents];
    let told = snapshot.idps().iter().flat_map(|idp| &idp.users).any(|user| !user.last_sign_in_at.is_unknown());
    if !told && sources.iter().all(|fact| snapshot.coverage(*fact) == Coverage::NotAsked) {
        return Evaluation::moot("neither CloudTrail events nor sign-in events nor last sign-ins are provided");
    }
    let mut evaluation = Evaluation::of("people who left");
    let mut judged: Vec<u32> = Vec::new();
    if let Some(timelines) = cx.ledger().timelines() {
        for departure in timelines.departures() {
            judged.extend(timelines.life(departure.life).and_then(|life| life.person));
            evaluation.population += 1;
            let (after, signed_in) = (&departure.activity.after, departure.activity.signed_in_after);
            match departure.activity.after_leaving {
                Tri::Yes => {
                    let (subject, sure) = subject(timelines, departure);
                    let found = Found { since: departure.since, after: after.clone(), signed_in, evidence: Vec::new() };
                    evaluation.findings.push(finding(subject, sure, &found));
                }
                Tri::No => {}
                Tri::Maybe => {
                    evaluation.undecided += u64::from(
                        departure.activity.perhaps
                            || !signs_in_are_known(
                                cx,
                                timelines.life(departure.life).and_then(|l| l.person),
                                &departure.since,
                            ),
                    )
                }
            }
        }
    }
    judged.sort_unstable();
    for (at, person) in (0u32..).zip(cx.ledger().people().iter()) {
        if !person.standing.standing.is_gone() || judged.binary_search(&at).is_ok() {
            continue;
        }
        evaluation.population += 1;
        match of_person(cx, at, person) {
            Ok(None) => {}
            Ok(Some(found)) => evaluation.findings.push(found),
            Err(Undecided) => evaluation.undecided += 1,
        }
    }
    cx.leavers_by_hr_are_open(|at| judged.binary_search(&at).is_ok(), &mut evaluation);
    evaluation
}

/// What is known does not decide it.
struct Undecided;

struct Found<'a> {
    since: Interval,
    after: Vec<&'a Event>,
    signed_in: Option<Instant>,
    evidence: Vec<Evidence>,
}

fn of_person(cx: &RuleCx<'_>, at: u32, person: &Person) -> Result<Option<Finding>, Undecided> {
    let ledger = cx.ledger();
    let since = person.standing.since.ok_or(Undecided)?;
    let gone = since.latest().ok_or(Undecided)?;
    let mut uses: Vec<&Event> = Vec::new();
    // Uses by a name that another user may have had at that time: theirs, or not.
    let mut shared: Vec<&Event> = Vec::new();
    for user in person.users.iter().filter_map(|user| ledger.user(*user)) {
        uses.extend(ledger.events().acts_of_user(user.id.as_str()));
        shared.extend(ledger.events().perhaps_acts_of_user(user.id.as_str()));
    }
    let mut signed_in: Option<Instant> = None;
    for (idp, user) in &person.idp_users {
        let Some(record) = ledger.idp_user((*idp, *user)) else { continue };
        let source = format!("idp:{}", cx.idp_name(*idp));
        uses.extend(ledger.events().of_idp_user(&source, record.id.as_str()).iter().filter(|event| is_use(event)));
        signed_in = signed_in.max(record.last_sign_in_at.value().copied());
    }
    uses.sort_by_key(|event| (event.at, &event.id));
    let after: Vec<&Event> = uses.iter().copied().filter(|event| event.at > gone).collect();
    let signed_in = signed_in.filter(|at| *at > gone);
    if (!after.is_empty() || signed_in.is_some()) && cx.is_certainly_gone(person) {
        let subject = match person.users.first() {
            Some(user) => cx.user_subject(*user),
            None => idp_subject(cx, person),
        };
        let found = Found { since, after, signed_in, evidence: cx.person_evidence(person) };
        return Ok(Some(finding(subject, cx.confidence(person), &found)));
    }
    let now = ledger.as_of().min(ledger.snapshot().ended_at());
    let covered = since.earliest().is_some_and(|gone| ledger.events().trail_covers(gone, now.max(gone)));
    let perhaps = uses.iter().chain(&shared).any(|event| since.earliest().is_none_or(|gone| event.at > gone));
    if !perhaps && (covered || signs_in_are_known(cx, Some(at), &since)) { Ok(None) } else { Err(Undecided) }
}

/// Whether every identity provider record of a person tells the last sign-in, and it certainly was before leaving.
fn signs_in_are_known(cx: &RuleCx<'_>, person: Option<u32>, since: &Interval) -> bool {
    let Some(person) = person.and_then(|at| cx.ledger().people().get(at)) else { return false };
    let before = |at: &Instant| since.earliest().is_some_and(|gone| *at <= gone);
    !person.idp_users.is_empty()
        && person.idp_users.iter().filter_map(|at| cx.ledger().idp_user(*at)).all(|user| match &user.last_sign_in_at {
            Known::Value(at) => before(at),
            Known::Absent => true,
            Known::Unknown(_) => false,
        })
}

fn idp_subject(cx: &RuleCx<'_>, person: &Person) -> Subject {
    use crate::model::finding::SubjectKind::IdpUser;
    let record = person.idp_users.first().and_then(|at| cx.ledger().idp_user(*at));
    let (id, name) = record.map_or_else(Default::default, |user| (user.id.to_string(), user.user_name.clone()));
    Subject { kind: IdpUser, ids: vec![id], name, account: None, permission_set: None }
}

fn finding(subject: Subject, confidence: Confidence, found: &Found<'_>) -> Finding {
    const SHOWN: usize = 8;
    let what = |event: &Event| match event.action {
        Action::RoleUsed => format!(
            "took up {} on {} at {}",
            event.permission_set.as_deref().unwrap_or("a role"),
            event.account.as_deref().unwrap_or("an account"),
            event.at
        ),
        Action::SignedIn => format!("signed in at {}", event.at),
        _ => format!("changed users, groups or access at {}", event.at),
    };
    let mut said: Vec<String> = found.after.iter().take(SHOWN).map(|event| what(event)).collect();
    if found.after.len() > SHOWN {
        said.push(format!("{} more", found.after.len() - SHOWN));
    }
    said.extend(found.signed_in.map(|at| format!("the identity provider's last sign-in is of {at}")));
    let detail = format!(
        "Gone {}; afterwards {}: {}.",
        when(&found.since),
        plural(found.after.len() + usize::from(found.signed_in.is_some()), "act"),
        said.join("; ")
    );
    let mut evidence: Vec<Evidence> = found
        .after
        .iter()
        .map(|event| Evidence {
            source: "log".to_owned(),
            at: event.origin.clone(),
            says: format!("{} ({})", what(event), event.id),
        })
        .collect();
    evidence.extend(found.signed_in.map(|at| Evidence {
        source: "idp".to_owned(),
        at: "last sign-in".to_owned(),
        says: format!("signed in at {at}"),
    }));
    evidence.extend(found.evidence.iter().cloned());
    let gone = Evidence {
        source: "leaving".to_owned(),
        at: "standing".to_owned(),
        says: format!("gone {}", when(&found.since)),
    };
    Finding::new("activity-after-leaving", Severity::Critical, subject, detail, gone)
        .and(evidence)
        .remedy(
            "Treat it as an incident: end the sessions, find out who acted and what they did, and remove the access.",
        )
        .sure(confidence)
        .since(Some(found.since))
}
