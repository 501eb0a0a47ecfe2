//! `disabled-account-holds-access`.

use super::cx::{RuleCx, plural, when};
use super::leaver_holds_access::{Exposure, exposure};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Finding, GrantKey};
use crate::model::standing::StandingFact;
use crate::reconcile::{IdpLink, Person, standing};

declare_rule! {
    /// ## What it checks
    /// An Identity Center user holds grants, its account in the identity provider is suspended, disabled or deleted, and the
    /// person is active otherwise: by another account, or by HR. A person on leave is active. The account is the one that the
    /// strongest link names, in a provider that signs users in to AWS where that is known.
    ///
    /// ## Why it matters
    /// Access belongs to accounts. No user may use a disabled account, and enabling it again restores all of its access. A
    /// report about persons does not show it, since the person is not a leaver.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: access is removed when an account is disabled. CC6.3: a second account is part of the role of its owner.
    ///
    /// ## Example
    /// HR lists Ann as active. Her account `ann@example.org` is active. Her administrator account `ann-adm@example.org` was
    /// disabled in March, and its Identity Center user still has `AdministratorAccess` on `prod`.
    ///
    /// ## How to fix
    /// Remove the assignments and group memberships of the user, or enable the account if the person needs it.
    ///
    /// ## Known limits
    /// If several accounts are equally strong links and only some of them are disabled, the user is inconclusive. A leaver is
    /// reported by `leaver-holds-access` only.
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
        if person.standing.standing.is_gone() {
            continue;
        }
        let accounts = accounts(cx, user);
        let disabled: Vec<StandingFact> = accounts
            .iter()
            .filter_map(|account| standing::disabled_account(cx.ledger().snapshot(), *account))
            .collect();
        match disabled.into_iter().next() {
            None => {}
            Some(account) if accounts.iter().all(|at| is_disabled(cx, *at)) => {
                evaluation.findings.push(finding(cx, user, person, &account, grants));
            }
            Some(_) => evaluation.undecided += 1,
        }
    }
    evaluation
}

fn is_disabled(cx: &RuleCx<'_>, account: (u32, u32)) -> bool {
    cx.ledger().idp_user(account).is_some_and(|record| record.status.is_gone())
}

/// The accounts that a directory user stands for: those of the strongest links, in providers that sign users in to AWS where
/// such are known. Accounts that the operator declared beside one are the user's as well.
fn accounts(cx: &RuleCx<'_>, user: u32) -> Vec<(u32, u32)> {
    let snapshot = cx.ledger().snapshot();
    let mut links: Vec<&IdpLink> = cx.ledger().links().linked(user).collect();
    if links.iter().any(|link| standing::signs_in(snapshot, link.idp)) {
        links.retain(|link| standing::signs_in(snapshot, link.idp));
    }
    let strongest = links.iter().map(|link| link.rung).min();
    links.retain(|link| Some(link.rung) == strongest);
    let all = |link: &IdpLink| {
        std::iter::once(link.user).chain(link.also.clone()).map(move |user| (link.idp, user)).collect::<Vec<_>>()
    };
    links.into_iter().flat_map(|link| all(link)).collect()
}

fn finding(cx: &RuleCx<'_>, user: u32, person: &Person, account: &StandingFact, grants: Vec<GrantKey>) -> Finding {
    let Exposure { severity, pending, end } = exposure(cx, user, account.since, &grants);
    let since =
        account.since.as_ref().map_or_else(String::new, |since| format!(" The account was disabled {}.", when(since)));
    let detail = format!(
        "{}The account is {}.{since} The person is {}: {}. Still holds {}: {}. End tested: {end}.",
        if pending { "Pending, within policy.leaver_sla. " } else { "" },
        account.reason,
        person.standing.standing.as_str(),
        person.standing.reason,
        plural(grants.len(), "grant"),
        cx.list_grants(&grants),
    );
    let mut finding = Finding::new(
        "disabled-account-holds-access",
        severity,
        cx.user_subject(user),
        detail,
        cx.user_evidence(user),
    )
    .and(cx.person_evidence(person))
    .and(cx.grant_evidence(&grants))
    .remedy("Remove the assignments and group memberships of this user, or enable the account if the person needs it.")
    .sure(cx.confidence(person))
    .since(account.since)
    .about(grants);
    finding.pending = pending;
    finding
}
