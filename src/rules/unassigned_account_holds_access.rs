//! `unassigned-account-holds-access`.

use super::cx::{AnyPrivileged, App, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::event::{Action, Event, LogKind};
use crate::model::finding::{Finding, GrantKey, Severity};
use crate::model::interval::Tri;
use crate::model::time::Basis;
use crate::model::{IdpStatus, IdpUser, Interval, Known, UserStatus};
use crate::reconcile::Person;
use crate::reconcile::link::LinkOutcome;

declare_rule! {
    /// ## What it checks
    /// An Identity Center user is enabled and holds grants, and its account in the identity provider is active and not
    /// assigned to the AWS application, neither directly nor through an assigned group. High when a grant is privileged.
    ///
    /// ## Why it matters
    /// Provisioning manages assigned accounts only. It no longer updates this user, and it will not disable the user when
    /// the person leaves. The access stays until an administrator removes it.
    ///
    /// ## What an auditor reads from it
    /// CC6.2 and CC6.3: access that was withdrawn in the identity provider is also withdrawn in AWS.
    ///
    /// ## Example
    /// Ann moved to Sales and was removed from the group that is assigned to the AWS application. The request to disable her
    /// Identity Center user failed. Her account is active, so no leaver process finds it.
    ///
    /// ## How to fix
    /// Assign the account to the application if the person needs access. Otherwise remove the memberships and assignments in
    /// Identity Center and disable the user there.
    ///
    /// ## Known limits
    /// It needs the assignments of the application, which Okta and Entra ID return. An application that does not require
    /// assignment is not tested. An assigned group whose members were not read leaves unassigned accounts inconclusive. A
    /// user whose assignment ended within `policy.sync_sla` by the log is not reported yet. Terminated and disabled users
    /// are reported by `leaver-holds-access`.
    UnassignedAccountHoldsAccess {
        id: "unassigned-account-holds-access",
        title: "Unassigned account still has AWS access",
        severity: Medium,
        requires: [],
        covers: [IdpApplication, IdpUsers, DirectoryUsers, Assignments, Memberships, DirectoryGroups],
        if_asked: [IdpGroups],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation =
        Evaluation::of("Identity Center users who hold access and have an account in the identity provider");
    let all: Vec<App<'_>> = cx.applications().collect();
    let apps: Vec<App<'_>> =
        all.iter().filter(|app| app.application.assignment_required != Known::Value(false)).copied().collect();
    if apps.is_empty() {
        return Evaluation::moot(if all.is_empty() {
            "no identity provider has an application that signs people in to AWS"
        } else {
            "the application that signs people in to AWS does not require assignment"
        });
    }
    for (user, person, grants) in cx.holders().filter(|(_, person, _)| !person.kind.is_declared()) {
        let (accounts, ambiguous) = accounts(cx, &apps, user);
        if accounts.is_empty() && !ambiguous {
            continue;
        }
        evaluation.population += 1;
        let status = cx.ledger().user(user).and_then(|record| record.status.value());
        if status == Some(&UserStatus::Disabled) || cx.is_certainly_gone(person) {
            continue;
        }
        let live: Vec<_> = accounts
            .iter()
            .filter(|(_, account)| matches!(account.status, IdpStatus::Active | IdpStatus::Unknown))
            .collect();
        if live.is_empty() && !ambiguous {
            continue;
        }
        let assigned: Vec<Known<bool>> = live
            .iter()
            .map(|(app, account)| match account.status {
                IdpStatus::Active => cx.assignment(*app, &account.id),
                _ => Known::Unknown("the status of the account is not known".to_owned()),
            })
            .collect();
        if assigned.contains(&Known::Value(true)) {
            continue;
        }
        if ambiguous || status.is_none() || assigned.iter().any(Known::is_unknown) {
            evaluation.undecided += 1;
            continue;
        }
        let Some((app, account)) = live.first().copied() else { continue };
        evaluation.findings.extend(finding(cx, (user, person), grants, (*app, account)));
    }
    evaluation
}

/// The accounts with which a directory user could be signed in by these applications, and whether that is ambiguous.
fn accounts<'a>(cx: &RuleCx<'a>, apps: &[App<'a>], user: u32) -> (Vec<(App<'a>, &'a IdpUser)>, bool) {
    let (mut accounts, mut ambiguous) = (Vec::new(), false);
    for (idp, outcome) in cx.outcomes(user) {
        let Some(app) = apps.iter().find(|app| app.idp == idp) else { continue };
        match outcome {
            LinkOutcome::Linked(link) => {
                let all = std::iter::once(&link.user).chain(&link.also);
                accounts.extend(all.filter_map(|at| Some((*app, cx.ledger().idp_user((idp, *at))?))));
            }
            LinkOutcome::Ambiguous { .. } => ambiguous = true,
            LinkOutcome::NotFound => {}
        }
    }
    (accounts, ambiguous)
}

/// The finding; none while provisioning still has time to act on an assignment that ended.
fn finding<'a>(
    cx: &RuleCx<'a>,
    (user, person): (u32, &Person),
    grants: Vec<GrantKey>,
    (app, account): (App<'a>, &IdpUser),
) -> Option<Finding> {
    let ended = ended(cx, app, account);
    let since = ended.map(|(_, event)| Interval::exact(event.at, Basis::Event));
    let sla = cx.ledger().config().policy.sync_sla;
    if since.as_ref().is_some_and(|since| since.older_than(sla, cx.ledger().known_until()) == Tri::No) {
        return None;
    }
    let severity = match cx.any_privileged(&grants) {
        AnyPrivileged::Yes => Severity::High,
        AnyPrivileged::No => Severity::Medium,
    };
    let when = ended.map_or_else(String::new, |(_, event)| format!(" since {}", event.at));
    let detail = format!(
        "The account {} is active in {} and{when} not assigned to the application {}. The Identity Center user still holds {}.",
        account.user_name,
        app.facts.name,
        app.application.name,
        cx.list_grants(&grants)
    );
    let says = format!("neither {} nor a group of this account is assigned", account.user_name);
    Some(
        Finding::new("unassigned-account-holds-access", severity, cx.user_subject(user), detail, app.evidence(says))
            .and(ended.map(|(kind, event)| cx.event_evidence(app.idp, kind, event)))
            .and([cx.user_evidence(user)])
            .and(cx.person_evidence(person))
            .and(cx.grant_evidence(&grants))
            .sure(cx.confidence(person))
            .since(since)
            .remedy("Assign the account to the application, or remove the grants and disable the Identity Center user.")
            .about(grants),
    )
}

/// The last event by which the account lost its assignment, or left an assigned group.
fn ended<'a>(cx: &RuleCx<'a>, app: App<'a>, account: &IdpUser) -> Option<(LogKind, &'a Event)> {
    let of_app = |event: &Event| match event.action {
        Action::ApplicationUnassigned => true,
        Action::MemberRemoved => event
            .group
            .as_deref()
            .is_some_and(|group| app.application.groups.iter().any(|known| known.as_str() == group)),
        _ => false,
    };
    let events = cx.events_of(app.idp).filter(|(_, event)| {
        event.user.as_deref() == Some(account.id.as_str()) && event.succeeded != Some(false) && of_app(event)
    });
    events.max_by_key(|(_, event)| event.at)
}
