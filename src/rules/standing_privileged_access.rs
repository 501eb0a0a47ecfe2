//! `standing-privileged-access`.

use super::cx::{AnyPrivileged, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::finding::{GrantKey, Severity};

declare_rule! {
    /// ## What it checks
    /// A privileged grant that an `[[access]]` entry without `expires` allows, in an organisation that bounds access in
    /// time: at least one of its entries has an end.
    ///
    /// ## Why it matters
    /// Privilege that is there all the time is there for whoever takes over the account. Privilege given for a task ends
    /// with the task.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: privileged access is limited in time where policy says so.
    ///
    /// ## Example
    /// On-call engineers get `Admin` on `prod` for a quarter, by an entry with an end; one team's entry has none.
    ///
    /// ## How to fix
    /// Give the entry an end, and renew it when it is due; or move the access to an elevation workflow.
    ///
    /// ## Known limits
    /// Not evaluated while no `[[access]]` entry has `expires`: then nothing says that access is meant to be time-bound.
    /// Privileged grants that no entry allows are `access-outside-policy`. Declared identities are left to their rules.
    ///
    /// What a tool for temporary access gave is not standing: `[approvals]` has an approval for it with an end that had not
    /// come when the grant was read. A membership that is older than its approval is standing all the same. Nor is standing
    /// what comes by a group whose counterpart at the identity provider they are in for a time only, as Entra's Privileged
    /// Identity Management tells. Whether the provisioner takes them out of the group in time is not asked here.
    StandingPrivilegedAccess {
        id: "standing-privileged-access",
        title: "Standing privileged access (no expiry)",
        severity: Medium,
        requires: [Policy, IdpUsers, IdpGroups, PermissionSets],
        covers: [Assignments, Memberships, DirectoryUsers, DirectoryGroups],
        if_asked: [DeclaredLinks, Approvals, Activations],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    if cx.ledger().config().access.iter().all(|entry| entry.expires.is_none()) {
        return Evaluation::moot("no [[access]] entry has an end, so nothing says that access is time-bound");
    }
    let mut evaluation = Evaluation::of("privileged grants of people who are here");
    cx.judge(&mut evaluation, |judged, evaluation| {
        for (grant, paths) in cx.holdings(judged) {
            if cx.any_privileged(paths) == AnyPrivileged::No {
                continue;
            }
            evaluation.population += paths.len() as u64;
            let entries = cx.policy().all_allowing(cx.ledger(), &judged.entries, grant);
            // One entry without an end outlives any with one.
            let Some(entry) = entries.iter().find(|entry| entry.expires.is_none()) else { continue };
            let for_a_time = |path: &GrantKey| {
                cx.approvals().for_a_time(cx.ledger(), *path).is_some() || cx.is_activated(judged.person, *path)
            };
            let standing: Vec<GrantKey> = paths.iter().copied().filter(|path| !for_a_time(path)).collect();
            if standing.is_empty() {
                continue;
            }
            let paths = standing.as_slice();
            let detail = format!("Holds {}; [[access]] entry {} sets no end.", cx.list_grants(paths), entry.number);
            let says = (Severity::Medium, detail, RuleCx::entry_evidence(entry));
            let finding = cx.holding_finding("standing-privileged-access", judged, paths, says);
            let remedy = "Give the [[access]] entry an end, or give the privilege on demand.";
            evaluation.findings.extend(finding.map(|finding| finding.remedy(remedy)));
        }
    });
    evaluation
}
