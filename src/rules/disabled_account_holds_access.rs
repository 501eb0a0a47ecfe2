//! `disabled-account-holds-access`.

use super::cx::{Exposure, RuleCx, confidence_of, plural};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Finding, GrantKey};
use crate::reconcile::Person;
use crate::reconcile::link::{IdpLink, Strength};
use crate::reconcile::standing::{signs_in, status_since};

declare_rule! {
    /// ## What it checks
    /// The identity provider account behind an Identity Center user is disabled, suspended or deleted, and the user still
    /// holds AWS access. The person is not a leaver: another account of theirs is active, or HR says that they are
    /// employed (leave counts as employed).
    ///
    /// High; critical when a grant is privileged or the account has been disabled for longer than `policy.stale_after`; at
    /// most medium when the Identity Center user is disabled. Within `policy.leaver_sla` it is info and pending.
    ///
    /// ## Why it matters
    /// Access belongs to an account. Nobody should use a disabled one, and enabling it restores all of its access at once.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: disabling an account removes its access. The finding names the account, its status and what HR says.
    ///
    /// ## Example
    /// Ann's account `ann@example.org` is disabled. Her admin account is active, and the Identity Center user of the
    /// disabled account still holds `PowerUser` on `prod`.
    ///
    /// ## How to fix
    /// Remove the assignments and memberships of the user. Grant what the person needs to the account that they use.
    ///
    /// ## Known limits
    /// Where two accounts of equal evidence belong to one user and only one is disabled, the user is inconclusive.
    DisabledAccountHoldsAccess {
        id: "disabled-account-holds-access",
        title: "Disabled account still has AWS access",
        severity: High,
        requires: [],
        covers: [IdpUsers, DirectoryUsers, Assignments, Memberships, DirectoryGroups, PermissionSets],
        if_asked: [HrRecords, DeclaredLinks],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("Identity Center users who hold access");
    for (user, person, grants) in cx.holders() {
        evaluation.population += 1;
        // These are leavers, with a rule of their own.
        if person.standing.standing.is_gone() {
            continue;
        }
        let accounts = accounts(cx, user);
        let disabled = |link: &&IdpLink| is_disabled(cx, link);
        let Some(link) = accounts.iter().copied().find(disabled) else { continue };
        let name = || cx.user_subject(user).name;
        if !accounts.iter().all(disabled) {
            let reason = format!("{} is disabled, and another account of the user is not", account_name(cx, link));
            evaluation.inconclusive(name(), reason);
        } else if link.strength == Strength::Weak && !cx.identities_were_read() {
            evaluation.inconclusive(name(), "the account is known by name only, and not all records were read");
        } else {
            evaluation.findings.push(finding(cx, user, person, link, grants));
        }
    }
    evaluation
}

/// The accounts behind a user by the strongest rung; where it is known which providers sign in to AWS, theirs alone.
fn accounts<'c>(cx: &'c RuleCx<'_>, user: u32) -> Vec<&'c IdpLink> {
    let all: Vec<&IdpLink> = cx.ledger().links().linked(user).collect();
    let snapshot = cx.ledger().snapshot();
    let known: Vec<&IdpLink> = all.iter().copied().filter(|link| signs_in(snapshot, link.idp)).collect();
    let mut accounts = if known.is_empty() { all } else { known };
    let strongest = accounts.iter().map(|link| link.rung).min();
    accounts.retain(|link| Some(link.rung) == strongest);
    accounts
}

/// Whether every record that the link names is disabled.
fn is_disabled(cx: &RuleCx<'_>, link: &IdpLink) -> bool {
    let mut records = std::iter::once(link.user).chain(link.also.iter().copied());
    records.all(|user| cx.ledger().idp_user((link.idp, user)).is_some_and(|record| record.status.is_gone()))
}

fn account_name(cx: &RuleCx<'_>, link: &IdpLink) -> String {
    let name = cx.ledger().idp_user((link.idp, link.user)).map_or("?", |record| record.user_name.as_str());
    format!("{name} in {}", cx.idp_name(link.idp))
}

fn finding(cx: &RuleCx<'_>, user: u32, person: &Person, link: &IdpLink, grants: Vec<GrantKey>) -> Finding {
    let record = cx.ledger().idp_user((link.idp, link.user));
    let since = record.map(|record| status_since(cx.ledger().snapshot(), link.idp, record));
    let Exposure { severity, pending, .. } = cx.exposure(user, since, &grants);
    let detail = format!(
        "{}The account {} is {}. The person is {} ({}). The user still holds {}: {}.",
        if pending { "Pending, within policy.leaver_sla. " } else { "" },
        account_name(cx, link),
        record.map_or("?", |record| record.status.as_str()),
        person.standing.standing.as_str(),
        person.standing.reason,
        plural(grants.len(), "grant"),
        cx.list_grants(&grants),
    );
    let mut finding =
        Finding::new("disabled-account-holds-access", severity, cx.user_subject(user), detail, cx.user_evidence(user))
            .and(cx.person_evidence(person))
            .and(cx.grant_evidence(&grants))
            .remedy("Remove the user's assignments and memberships, and grant what is needed to the account in use.")
            .sure(confidence_of(Some(link.strength)))
            .since(since)
            .about(grants);
    finding.pending = pending;
    finding
}
