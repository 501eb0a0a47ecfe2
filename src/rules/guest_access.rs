//! `guest-access`.

use super::cx::{AnyPrivileged, ByPolicy, Judged, Owner, RuleCx, is_guest};
use super::{Evaluation, declare_rule};
use crate::model::Fact;
use crate::model::finding::{Finding, GrantKey, Severity};
use crate::snapshot::Coverage;

declare_rule! {
    /// ## What it checks
    /// The identity provider calls a person a guest, external, partner or vendor; they hold access that no `[[access]]`
    /// entry allows, and the provider names no sponsor (manager) who is here. High when a grant is privileged.
    ///
    /// ## Why it matters
    /// Guests are nobody's leavers: their own employer ends their work, and nobody here hears of it.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: third parties' access is known, wanted and answered for.
    ///
    /// ## Example
    /// A partner's engineer was invited for a workshop, put into `GRP-AWS-DevOps` and never removed.
    ///
    /// ## How to fix
    /// Remove the access; or name a sponsor in the identity provider, or add an `[[access]]` entry with an owner and an end.
    ///
    /// ## Known limits
    /// Rests on the user type, or without one on the form of a guest's user name (`#EXT#`). A sponsor whom no source
    /// knows is taken for one who is here.
    GuestAccess {
        id: "guest-access",
        title: "Guest user has access without a sponsor",
        severity: Medium,
        requires: [],
        covers: [IdpUsers, DirectoryUsers, Assignments, Memberships, DirectoryGroups, PermissionSets],
        if_asked: [IdpGroups, HrRecords, DeclaredLinks],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("guests who hold access");
    // A list of groups with holes may lack the membership that an entry allows the access by.
    let groups_whole = !matches!(cx.ledger().snapshot().coverage(Fact::IdpGroups), Coverage::Partial(_));
    let asks_groups = cx.ledger().config().access.iter().any(|entry| entry.matches.group.is_some());
    cx.judge(&mut evaluation, |judged, evaluation| {
        let mut records = judged.person.idp_users.iter().filter_map(|at| cx.ledger().idp_user(*at));
        if judged.person.idp_users.is_empty() || !records.all(is_guest) {
            return;
        }
        evaluation.population += 1;
        let sponsor = sponsor(cx, judged);
        if matches!(sponsor, Sponsor::Here) {
            return;
        }
        let by_policy = |grant: &GrantKey| cx.by_policy(judged, *grant);
        let allowed = |grant: &GrantKey| matches!(by_policy(grant), ByPolicy::Allowed);
        let outside: Vec<GrantKey> = judged.grants.iter().copied().filter(|grant| !allowed(grant)).collect();
        if outside.is_empty() {
            return;
        }
        let unsure = |grant: &GrantKey| matches!(by_policy(grant), ByPolicy::Undecided);
        if (asks_groups && !groups_whole) || outside.iter().any(unsure) {
            evaluation.undecided += 1;
            return;
        }
        evaluation.findings.push(finding(cx, judged, outside, &sponsor));
    });
    evaluation
}

enum Sponsor {
    Here,
    Gone(String),
    None,
}

fn sponsor(cx: &RuleCx<'_>, judged: &Judged<'_>) -> Sponsor {
    let records = judged.person.idp_users.iter().filter_map(|at| cx.ledger().idp_user(*at));
    let mut last = Sponsor::None;
    for manager in records.filter_map(|record| record.manager.as_deref()) {
        match cx.owner(manager) {
            Owner::Here | Owner::Stranger => return Sponsor::Here,
            Owner::Gone(_) => last = Sponsor::Gone(manager.to_owned()),
        }
    }
    last
}

fn finding(cx: &RuleCx<'_>, judged: &Judged<'_>, grants: Vec<GrantKey>, sponsor: &Sponsor) -> Finding {
    let severity = match cx.any_privileged(&grants) {
        AnyPrivileged::Yes => Severity::High,
        AnyPrivileged::No => Severity::Medium,
    };
    let sponsor = match sponsor {
        Sponsor::Gone(name) => format!("the sponsor {name} is gone"),
        Sponsor::Here | Sponsor::None => "the identity provider names no sponsor".to_owned(),
    };
    Finding::new(
        "guest-access",
        severity,
        cx.user_subject(judged.user),
        format!("A guest; {sponsor}, and no [[access]] entry allows {}.", cx.list_grants(&grants)),
        cx.user_evidence(judged.user),
    )
    .and(cx.person_evidence(judged.person))
    .and(cx.grant_evidence(&grants))
    .remedy("Remove the access, or name a sponsor in the identity provider or an [[access]] entry with an owner.")
    .sure(cx.confidence(judged.person))
    .about(grants)
}
