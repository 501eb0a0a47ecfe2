//! `unapproved-access`.

use super::cx::{RuleCx, when};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Confidence, Evidence, Finding, Severity, Subject, SubjectKind};
use crate::model::time::Tri;
use crate::model::{Deadline, Known};
use crate::reconcile::Timelines;
use crate::reconcile::timeline::{Holding, Joining};

declare_rule! {
    /// ## What it checks
    /// A grant was given in the period and no approval names this person, account and permission set; or the approval is
    /// later than the grant; or who approved it is who asked for it or who got it. It needs `[approvals]` and
    /// `overstay audit --period`.
    ///
    /// ## Why it matters
    /// An approval that is written afterwards approves nothing. Access that somebody gave themselves is the one that no
    /// other control would stop.
    ///
    /// ## What an auditor reads from it
    /// CC6.2 and CC6.3: access is authorised before it is given, by somebody who may. `joiners.csv` has a row for every
    /// grant that was given, with its approval and the three answers.
    ///
    /// ## Example
    /// `a.costa@example.org` got `PowerUser` on `prod` on 9 September at 10:00; ticket `REQ-512` was approved at 16:00.
    ///
    /// ## How to fix
    /// Have it reviewed by who owns the access, and remove it if nobody does. Find out how it was given without the ticket.
    ///
    /// ## Known limits
    /// Where only snapshots bound the time of a grant, an approval between two of them decides nothing. Access that a role
    /// brings with it without a ticket counts as unapproved: accept it by an exception with its reason, or bring the rule's
    /// approval in as a row. When an approval of the same access names somebody who is not known, the grant is undecided.
    /// So is one that no look shows not to have been there before: it may be older than the period.
    UnapprovedAccess {
        id: "unapproved-access",
        title: "Access granted without independent advance approval",
        severity: High,
        requires: [History],
        covers: [Approvals, DirectoryUsers, DirectoryGroups, Memberships, Assignments, PermissionSets],
        if_asked: [CloudTrail, IdpUsers],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("grants given in the period");
    let Some(timelines) = cx.ledger().timelines() else {
        return Evaluation::moot("no review period is given (`--period A..B`)");
    };
    for joining in timelines.joinings() {
        let Some(holding) = &joining.holding else { continue };
        evaluation.population += 1;
        match joining.approval.result {
            Some(Deadline::Missed) => evaluation.findings.push(finding(cx, timelines, joining, holding)),
            Some(Deadline::Met) => {}
            Some(Deadline::Undecided) if joining.approval.approver_active == Some(Tri::Maybe) => {
                let name = timelines.user_name(holding.user).unwrap_or_default();
                evaluation
                    .inconclusive(name, "whether the approver was active at the time of the approval is not known");
            }
            Some(Deadline::Undecided) | None => evaluation.undecided += 1,
        }
    }
    evaluation
}

fn finding(cx: &RuleCx<'_>, timelines: &Timelines<'_>, joining: &Joining<'_>, holding: &Holding<'_>) -> Finding {
    let approval = &joining.approval;
    let (why, approved) = match approval.found {
        None => ("No approval names it".to_owned(), None),
        Some(found) => {
            let approver = found.approved_by.as_deref().unwrap_or("nobody named");
            let at = match &found.approved_at {
                Known::Value(at) => at.to_string(),
                Known::Absent | Known::Unknown(_) => "an unknown time".to_owned(),
            };
            let why = if approval.before == Some(Tri::No) {
                format!("{} was approved at {at}, after it was given", found.name())
            } else if approval.approver_active == Some(Tri::No) {
                format!("{} was approved at {at} by {approver}, who had left or was disabled by then", found.name())
            } else {
                format!("{} was approved by {approver}, who asked for it or got it", found.name())
            };
            let says = format!("{} approved by {approver} at {at}", found.name());
            (why, Some(Evidence { source: "approvals".to_owned(), at: found.origin.clone(), says }))
        }
    };
    let by = joining.created_by.as_deref().map_or_else(String::new, |by| format!(" by {by}"));
    let detail = format!("{} was given {}{by}. {why}.", timelines.describe(holding), when(&joining.created));
    let given = Evidence {
        source: joining.event.map_or("history", |_| "log").to_owned(),
        at: joining.event.map_or_else(|| "earlier snapshots".to_owned(), |event| event.origin.clone()),
        says: format!("given {} ({})", when(&joining.created), joining.created.basis().as_str()),
    };
    // Given again another time it is another statement, as much as by another path.
    let day = joining.created.latest().or(joining.created.earliest()).map(|at| at.date()).unwrap_or_default();
    let subject = Subject {
        kind: SubjectKind::Entitlement,
        ids: vec![
            holding.user.to_string(),
            holding.assignment.account.to_string(),
            holding.assignment.permission_set.to_string(),
            holding.assignment.principal.id().to_owned(),
            day,
        ],
        name: timelines.user_name(holding.user).unwrap_or_default().to_owned(),
        account: Some(holding.assignment.account.clone()),
        permission_set: Some(holding.assignment.permission_set.clone()),
    };
    let life = timelines.life(joining.life);
    let sure = if life.is_some_and(|life| life.weak) { Confidence::Medium } else { Confidence::High };
    let user = cx.ledger().users().binary_search_by(|user| user.id.cmp(holding.user)).ok();
    let grants = user.and_then(|at| u32::try_from(at).ok()).map(|user| cx.ledger().grants().of_user(user));
    let grants = grants
        .unwrap_or_default()
        .into_iter()
        .filter(|grant| cx.ledger().grant(*grant).is_some_and(|grant| *grant.assignment == *holding.assignment));
    let grants = if holding.until.is_none() { grants.collect() } else { Vec::new() };
    Finding::new("unapproved-access", Severity::High, subject, detail, given)
        .and(approved)
        .remedy("Have who owns the access review it, remove it if nobody does, and find out how it was given.")
        .sure(sure)
        .since(Some(joining.created))
        .about(grants)
}
