//! `leaver-holds-access`.

use super::cx::{Exposure, RuleCx, plural};
use super::{Evaluation, declare_rule};
use crate::model::Interval;
use crate::model::finding::{Finding, GrantKey};
use crate::model::standing::Standing;
use crate::reconcile::Person;

declare_rule! {
    /// ## What it checks
    /// A person who is gone (suspended, disabled, deleted, or ended in HR) still holds AWS access. One finding per
    /// Identity Center user, listing every grant and how long the person has been gone: exactly, or as a bound.
    ///
    /// High; critical when a grant is privileged or the person has been gone longer than `policy.stale_after`; at most
    /// medium when the Identity Center user is already disabled, because sign-in is blocked and only the grants wait.
    /// While certainly within `policy.leaver_sla` it is info and pending.
    ///
    /// ## Why it matters
    /// Access of people who left is what attackers look for and what auditors sample first. A disabled identity
    /// provider account does not take AWS access away by itself: assignments stay until somebody removes them.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: credentials are removed when access is no longer authorised. The finding says which end was tested,
    /// *sign-in blocked* or *grants removed*, and shows the records it rests on.
    ///
    /// ## Example
    /// `m.okafor@example.org` was disabled in the identity provider on 12 June; on 30 September the Identity Center user
    /// is enabled and holds `PowerUser` on `prod`.
    ///
    /// ## How to fix
    /// Remove the assignments and memberships first, then the user. Find out why provisioning did not do it: a user who
    /// was assigned directly, or who left the provisioning scope before being disabled, is never deprovisioned.
    ///
    /// ## Known limits
    /// HR decides who left: a user whom HR employs, on leave included, is reported by `disabled-account-holds-access`. A
    /// roster row whose status contradicts its end date is inconclusive. Without a time in the source, "since when" is only
    /// bounded by the snapshot. Sessions that were open when the person left may outlive the removal by up to the permission
    /// set's session length. Where part of a source could not be read, only people found by id are reported; whoever is
    /// found by name alone then counts as undecided. So does a person whose link to HR is ambiguous or contradicted.
    LeaverHoldsAccess {
        id: "leaver-holds-access",
        title: "Leaver still has AWS access",
        severity: High,
        requires: [],
        covers: [IdpUsers, DirectoryUsers, Assignments, Memberships, DirectoryGroups, PermissionSets],
        if_asked: [HrRecords, DeclaredLinks],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation { of: "people who hold access", ..Evaluation::default() };
    let mut doubts = Vec::new();
    for (user, person, grants) in cx.holders() {
        evaluation.population += 1;
        if cx.is_certainly_gone(person) {
            evaluation.findings.push(finding(cx, user, person, grants));
        } else if let Some(doubt) = cx.hr_doubt(person) {
            // One of the records that could be this person's may say that they left.
            evaluation.inconclusive(cx.user_subject(user).name, doubt.reason.clone());
            doubts.push(doubt);
        } else if person.standing.standing.is_gone() {
            let reason = format!("{}, but the records were not read completely", person.standing.reason);
            evaluation.inconclusive(cx.user_subject(user).name, reason);
        } else if person.standing.standing == Standing::Unknown && !person.kind.is_declared() {
            evaluation.inconclusive(cx.user_subject(user).name, person.standing.reason.clone());
        }
    }
    cx.limit_by_hr(&doubts, &mut evaluation);
    evaluation
}

fn finding(cx: &RuleCx<'_>, user: u32, person: &Person, grants: Vec<GrantKey>) -> Finding {
    let since = person.standing.since;
    let Exposure { severity, pending, blocked } = cx.exposure(user, since, &grants);
    let end = if blocked {
        "sign-in is blocked in Identity Center, grants are not removed"
    } else {
        "neither sign-in is blocked in Identity Center nor are grants removed"
    };
    let detail = format!(
        "{}{}: {}. Still holds {}: {}. End tested: {end}.",
        if pending { "Pending, within policy.leaver_sla. " } else { "" },
        gone_for(since, cx.as_of()),
        person.standing.reason,
        plural(grants.len(), "grant"),
        cx.list_grants(&grants),
    );
    let remedy = if grants.iter().any(|grant| cx.ledger().grant(*grant).is_some_and(|g| g.group.is_none())) {
        "Delete the direct account assignments in Identity Center, then remove the user; the identity provider does not do it."
    } else {
        "Remove the person from the groups in the identity provider, and check why provisioning did not."
    };
    let mut finding =
        Finding::new("leaver-holds-access", severity, cx.user_subject(user), detail, cx.user_evidence(user))
            .and(cx.person_evidence(person))
            .and(cx.grant_evidence(&grants))
            .remedy(remedy)
            .sure(cx.confidence(person))
            .since(since)
            .about(grants);
    finding.pending = pending;
    finding
}

/// `Gone for 63 days`, or what is known of it.
fn gone_for(since: Option<Interval>, now: crate::model::Instant) -> String {
    match since.map(|since| (since.earliest(), since.latest())) {
        Some((Some(earliest), Some(latest))) if earliest == latest => {
            format!("Gone for {} days", now.days_since(latest))
        }
        Some((earliest, Some(latest))) => {
            let at_least = format!("Gone for at least {} days", now.days_since(latest));
            earliest.map_or_else(
                || format!("{at_least}, since when is not known"),
                |earliest| format!("{at_least} and at most {}", now.days_since(earliest)),
            )
        }
        _ => "Gone, since when is not known".to_owned(),
    }
}
