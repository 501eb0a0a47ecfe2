//! `mover-kept-access`.

use super::cx::{AnyPrivileged, RuleCx, when};
use super::{Evaluation, declare_rule};
use crate::model::Deadline;
use crate::model::finding::{Evidence, Finding, GrantKey, Severity, Subject, SubjectKind};
use crate::reconcile::Timelines;
use crate::reconcile::timeline::{Holding, Move};

declare_rule! {
    /// ## What it checks
    /// In the period a person's department, title, manager, employment type or access group changed. What they held before
    /// is held still, no `[[access]]` entry allows it for the new role, and certainly more than `policy.mover_sla` has
    /// passed since. One finding per person and entitlement. It needs `overstay audit --period`.
    ///
    /// Medium; high when the access is privileged.
    ///
    /// ## Why it matters
    /// Whoever moves collects: each role leaves its access behind, and after some years one person can do everything. Nobody
    /// notices, because they are still here and still have work to do.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: access is changed when the role changes. `movers.csv` has a row for every change, with what was carried over
    /// and what was removed.
    ///
    /// ## Example
    /// `j.lindqvist@example.org` went from Engineering to DevOps on 3 August and got `PowerUser`; `ReadOnly` by the old group
    /// is still held on 30 September.
    ///
    /// ## How to fix
    /// Remove the person from the group that belongs to the old role, or add the access to what the new role may have.
    ///
    /// ## Known limits
    /// Policy is the config's of today. The last role is held against it as the identity provider describes the person now,
    /// an earlier one as snapshots of that time do, so it is undecided where they did not read users and groups whole. What
    /// an earlier role did not allow and today's does is a failed row of `movers.csv`, and no finding any more. Who left
    /// with the change is a leaver. A reviewer's decision to keep something is not read yet.
    MoverKeptAccess {
        id: "mover-kept-access",
        title: "Mover kept access from the previous role",
        severity: Medium,
        requires: [History, Policy],
        covers: [IdpUsers, IdpGroups, DirectoryUsers, DirectoryGroups, Memberships, Assignments, PermissionSets, Accounts],
        if_asked: [HrRecords, DeclaredLinks],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("changes of role in the period");
    let Some(timelines) = cx.ledger().timelines() else {
        return Evaluation::moot("no review period is given (`--period A..B`)");
    };
    // Several attributes change with one move, and the same access is overdue by each of them: the first one says it.
    let mut said: Vec<(String, String, String)> = Vec::new();
    for moved in timelines.moves() {
        evaluation.population += 1;
        // Somebody who left is a leaver, and other rules look at what they kept.
        let person =
            timelines.life(moved.life).and_then(|life| life.person).and_then(|at| cx.ledger().people().get(at));
        if person.is_some_and(|person| person.standing.standing.is_gone() || person.kind.is_declared()) {
            continue;
        }
        if !matches!(moved.result, Some(Deadline::Met)) && moved.overdue.is_empty() {
            evaluation.undecided += u64::from(moved.result != Some(Deadline::Missed));
        }
        for holding in &moved.overdue {
            let key = (
                holding.user.to_string(),
                holding.assignment.account.to_string(),
                holding.assignment.permission_set.to_string(),
            );
            if !said.contains(&key) {
                said.push(key);
                evaluation.findings.push(finding(cx, timelines, moved, holding));
            }
        }
    }
    evaluation
}

/// The grant of today that a holding is: the same user, assignment and path.
fn grants(cx: &RuleCx<'_>, holding: &Holding<'_>) -> Vec<GrantKey> {
    let user = cx.ledger().users().binary_search_by(|user| user.id.cmp(holding.user)).ok();
    let user = user.and_then(|at| u32::try_from(at).ok());
    let held = user.map(|user| cx.ledger().grants().of_user(user)).unwrap_or_default();
    let same = |grant: &GrantKey| {
        cx.ledger().grant(*grant).is_some_and(|grant| {
            grant.assignment.account == holding.assignment.account
                && grant.assignment.permission_set == holding.assignment.permission_set
        })
    };
    held.into_iter().filter(same).collect()
}

fn finding(cx: &RuleCx<'_>, timelines: &Timelines<'_>, moved: &Move<'_>, holding: &Holding<'_>) -> Finding {
    let grants = grants(cx, holding);
    let severity = match cx.any_privileged(&grants) {
        AnyPrivileged::Yes => Severity::High,
        AnyPrivileged::No => Severity::Medium,
    };
    let (old, new) = (said(&moved.old), said(&moved.new));
    let detail = format!(
        "{} changed from {old} to {new} {}. {} is held from before, no [[access]] entry allows it now, and policy.mover_sla of {} has passed.",
        capital(moved.attribute),
        when(&moved.changed),
        timelines.describe(holding),
        cx.ledger().config().policy.mover_sla,
    );
    let changed = Evidence {
        source: "history".to_owned(),
        at: moved.event.map_or_else(|| "earlier snapshots".to_owned(), |event| event.origin.clone()),
        says: format!(
            "{} changed from {old} to {new} {} ({})",
            moved.attribute,
            when(&moved.changed),
            moved.changed.basis().as_str()
        ),
    };
    let held = Evidence {
        source: "history".to_owned(),
        at: "earlier snapshots".to_owned(),
        says: format!("{} was held {}", timelines.describe(holding), since(holding)),
    };
    let subject = Subject {
        kind: SubjectKind::Entitlement,
        ids: vec![
            holding.user.to_string(),
            holding.assignment.account.to_string(),
            holding.assignment.permission_set.to_string(),
        ],
        name: timelines.user_name(holding.user).unwrap_or_default().to_owned(),
        account: Some(holding.assignment.account.clone()),
        permission_set: Some(holding.assignment.permission_set.clone()),
    };
    let person = timelines.life(moved.life).and_then(|life| life.person).and_then(|at| cx.ledger().people().get(at));
    let mut finding = Finding::new("mover-kept-access", severity, subject, detail, changed)
        .and([held])
        .and(cx.grant_evidence(&grants))
        .remedy("Take the person out of the group that belongs to the old role, or allow it for the new one.")
        .since(Some(moved.changed))
        .about(grants);
    if let Some(person) = person {
        finding = finding.and(cx.person_evidence(person)).sure(cx.confidence(person));
    }
    finding
}

/// Since when something is held, as far as the looks go back.
fn since(holding: &Holding<'_>) -> String {
    match holding.since.earliest() {
        Some(_) => format!("since {}", when(&holding.since)),
        None => "at the first look of the period".to_owned(),
    }
}

fn said(value: &str) -> String {
    if value.is_empty() { "nothing".to_owned() } else { format!("`{value}`") }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
