//! `leaver-sla-breach`.

use std::collections::BTreeSet;

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::Deadline;
use crate::model::finding::{Confidence, Evidence, Finding, Severity, Subject, SubjectKind};
use crate::reconcile::Timelines;
use crate::reconcile::timeline::{Departure, EndTested, LeftBy, hours};

declare_rule! {
    /// ## What it checks
    /// For everybody who left in the period: the time from leaving to the end of access is certainly longer than
    /// `policy.leaver_sla`. Access ends when sign-in is blocked in Identity Center or the last grant is removed, whichever
    /// comes first; which of the two was tested is said. It needs `overstay audit --period`.
    ///
    /// Times are bounds where no log or record has them. Only when even the shortest time that the bounds allow is too long
    /// is it a finding; when only the longest is, the leaver is undecided, neither a finding nor a pass.
    ///
    /// ## Why it matters
    /// That access is gone today does not say that it went in time. An auditor of a period asks for every leaver, not for
    /// those who are still there.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: the control worked throughout the period. The population is everybody who left by the HR roster or, where
    /// they are not in it, by the identity provider; `leavers.csv` has a row for each with every time and its basis.
    ///
    /// ## Example
    /// `m.okafor@example.org` left at the close of 12 June; Identity Center still let them sign in on 15 June at noon. With
    /// `leaver_sla = "24h"` at least 36 hours are too many.
    ///
    /// ## How to fix
    /// Find out where the hours went: between HR and the identity provider, or between it and Identity Center. The report
    /// has a timeline for every leaver who failed.
    ///
    /// ## Known limits
    /// Between two snapshots that both show access nothing is known without a log, and somebody who was let back in and out
    /// again between them is not seen. A user who returned is late only by the last snapshot that shows access, unless the
    /// membership's creation time shows that it lasted throughout.
    LeaverSlaBreach {
        id: "leaver-sla-breach",
        title: "Leaver's access removed after the SLA",
        severity: High,
        requires: [History],
        covers: [IdpUsers, DirectoryUsers, DirectoryGroups, Memberships, Assignments],
        if_asked: [HrRecords, DeclaredLinks],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("people who left in the period");
    let Some(timelines) = cx.ledger().timelines() else {
        return Evaluation::moot("no review period is given (`--period A..B`)");
    };
    for departure in timelines.departures() {
        evaluation.population += 1;
        match departure.result {
            Deadline::Missed => evaluation.findings.push(finding(cx, timelines, departure)),
            Deadline::Undecided => {
                let name = subject(timelines, departure).0.name;
                evaluation.inconclusive(name, undecided(departure));
            }
            Deadline::Met => {}
        }
    }
    // A record that could be a person's may say that they left in the period.
    let people = timelines.departures().iter().filter_map(|departure| timelines.life(departure.life)?.person);
    let departed: BTreeSet<u32> = people.collect();
    cx.leavers_by_hr_are_open(|at| departed.contains(&at), &mut evaluation);
    evaluation
}

/// Why a deadline can be neither met nor missed with certainty.
fn undecided(departure: &Departure<'_>) -> String {
    let times = format!(
        "left {} ({}), access ended {} ({})",
        super::cx::when(&departure.since),
        departure.since.basis().as_str(),
        super::cx::when(&departure.end),
        departure.end.basis().as_str(),
    );
    let notes = departure.notes.iter().map(|note| note.trim_end_matches('.'));
    std::iter::once(times.as_str()).chain(notes).collect::<Vec<_>>().join("; ")
}

fn finding(cx: &RuleCx<'_>, timelines: &Timelines<'_>, departure: &Departure<'_>) -> Finding {
    let sla = cx.ledger().config().policy.leaver_sla;
    let end = match departure.tested {
        EndTested::Blocked => "sign-in was blocked",
        EndTested::Removed => "the last grant was removed",
        EndTested::Returned => "they came back",
        EndTested::Open => "still neither sign-in was blocked nor the last grant removed",
    };
    let most = departure.elapsed.most.map_or_else(String::new, |most| format!(" and at most {} hours", hours(most)));
    let detail = format!(
        "Left {}; {end} at least {} hours{most} later. policy.leaver_sla allows {sla}.",
        super::cx::when(&departure.since),
        hours(departure.elapsed.least),
    );
    let gone = match departure.source {
        LeftBy::Hr => ("hr", "roster"),
        LeftBy::Idp => ("idp", "status of the user, its log and earlier snapshots"),
    };
    let first = Evidence {
        source: gone.0.to_owned(),
        at: gone.1.to_owned(),
        says: format!("gone {} ({})", super::cx::when(&departure.since), departure.since.basis().as_str()),
    };
    let ended = Evidence {
        source: "aws".to_owned(),
        at: "Identity Center over time".to_owned(),
        says: format!("{end}: {} ({})", super::cx::when(&departure.end), departure.end.basis().as_str()),
    };
    let events = departure.events.iter().map(|id| Evidence {
        source: "log".to_owned(),
        at: id.clone(),
        says: "an event that these times rest on".to_owned(),
    });
    let (subject, confidence) = subject(timelines, departure);
    Finding::new("leaver-sla-breach", Severity::High, subject, detail, first)
        .and([ended])
        .and(events)
        .remedy("Find out what held the removal up, and end what is left of the access.")
        .sure(confidence)
        .since(Some(departure.since))
}

/// Whom a departure is about: the same person leaving again on another day is another subject.
pub(super) fn subject(timelines: &Timelines<'_>, departure: &Departure<'_>) -> (Subject, Confidence) {
    let life = timelines.life(departure.life);
    let user = life.and_then(|life| life.users.first());
    let idp = life.and_then(|life| life.idp_users.first());
    let name = life.map_or("?", |life| timelines.sign_in_name(life));
    let (kind, id) = match (user, idp) {
        (Some(user), _) => (SubjectKind::User, user.to_string()),
        (None, Some((_, user))) => (SubjectKind::IdpUser, user.to_string()),
        (None, None) => (SubjectKind::IdpUser, name.to_owned()),
    };
    let day = departure.since.latest().or(departure.since.earliest()).map(|at| at.date()).unwrap_or_default();
    let confidence = if life.is_some_and(|life| life.weak) { Confidence::Low } else { Confidence::High };
    let subject = Subject { kind, ids: vec![id, day], name: name.to_owned(), account: None, permission_set: None };
    (subject, confidence)
}
