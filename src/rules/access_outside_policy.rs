//! `access-outside-policy`.

use super::cx::{AnyPrivileged, ByPolicy, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Severity};

declare_rule! {
    /// ## What it checks
    /// A person holds a permission set on an account that no `[[access]]` entry allows them, as the identity provider
    /// describes them: its groups, department, title and user type, not Identity Center's. High when privileged.
    ///
    /// ## Why it matters
    /// Movers keep what their old role needed, and direct assignments bypass roles altogether. Judging by Identity
    /// Center's own groups would call whatever is there right.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: access follows role and responsibility.
    ///
    /// ## Example
    /// A person moved from DevOps to Engineering in May and still holds `PowerUser` on `prod` by a direct assignment.
    ///
    /// ## How to fix
    /// Remove the grant; or, if the person needs it, add an `[[access]]` entry that says so, with an owner.
    ///
    /// ## Known limits
    /// Not evaluated without `[[access]]` entries. Members of a group through another group are its members here even where
    /// provisioning passes on direct members only: the entry says who may have access, and `membership-drift` and
    /// `missing-expected-access` what provisioning made of it. People who are gone or unknown are left to the rules about them, and
    /// declared service and break-glass identities to theirs; the management
    /// account to `management-account-access`, and what an ended entry allowed to `expired-access`.
    AccessOutsidePolicy {
        id: "access-outside-policy",
        title: "Access outside role policy",
        severity: Medium,
        requires: [Policy, IdpUsers, IdpGroups, PermissionSets],
        covers: [Assignments, Memberships, DirectoryUsers, DirectoryGroups],
        if_asked: [DeclaredLinks],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("grants of people who are here");
    cx.judge(&mut evaluation, |judged, evaluation| {
        let matched = match judged.entries.len() {
            0 => "no [[access]] entry matches this person".to_owned(),
            1 => "the one [[access]] entry that matches this person allows other access".to_owned(),
            n => format!("the {n} [[access]] entries that match this person allow other access"),
        };
        for (grant, paths) in cx.holdings(judged) {
            evaluation.population += paths.len() as u64;
            match cx.by_policy(judged, grant) {
                ByPolicy::Undecided => evaluation.undecided += paths.len() as u64,
                ByPolicy::Allowed => continue,
                // Allowed once is not allowed; `expired-access` says so too, with the entry that ended.
                ByPolicy::Ended(_) | ByPolicy::Outside => {
                    let severity = match cx.any_privileged(paths) {
                        AnyPrivileged::Yes => Severity::High,
                        AnyPrivileged::No => Severity::Medium,
                    };
                    let detail = format!("Holds {}; {matched}.", cx.list_grants(paths));
                    let (source, at) = ("config".to_owned(), "[[access]]".to_owned());
                    let says = (severity, detail, Evidence { source, at, says: matched.clone() });
                    let finding = cx.holding_finding("access-outside-policy", judged, paths, says);
                    let remedy = "Remove the grant, or add an [[access]] entry with an owner that allows it.";
                    evaluation.findings.extend(finding.map(|finding| finding.remedy(remedy)));
                }
            }
        }
    });
    evaluation
}
