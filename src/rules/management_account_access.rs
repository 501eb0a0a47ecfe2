//! `management-account-access`.

use super::cx::{ByPolicy, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::Known;
use crate::model::finding::{Evidence, Severity};

declare_rule! {
    /// ## What it checks
    /// A person holds access to the organization's management account that no `[[access]]` entry allows them.
    ///
    /// ## Why it matters
    /// Whoever can act in the management account can act in every account: it owns the organization, its policies and
    /// Identity Center itself. Guardrails set on member accounts do not bind it.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: access to what governs everything else is named, owned and small.
    ///
    /// ## Example
    /// A platform engineer was given `ReadOnly` on the management account for a bill, and still has it.
    ///
    /// ## How to fix
    /// Remove the grant and delegate the task to a member account; or add an `[[access]]` entry with an owner.
    ///
    /// ## Known limits
    /// Needs Organizations to tell which account it is. An entry for all accounts (`*`) allows this one too. People who
    /// are gone or unknown are left to the rules about them, and declared identities to theirs.
    ManagementAccountAccess {
        id: "management-account-access",
        title: "Management account access outside role policy",
        severity: High,
        requires: [Policy, Accounts, IdpUsers, IdpGroups, PermissionSets],
        covers: [Assignments, Memberships, DirectoryUsers, DirectoryGroups],
        if_asked: [DeclaredLinks],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let management = cx.ledger().aws().map(|aws| &aws.management_account);
    let Some(Known::Value(management)) = management else {
        return Evaluation::moot("which account is the management account was not told");
    };
    let mut evaluation = Evaluation::of("grants of people in the management account");
    cx.judge(&mut evaluation, |judged, evaluation| {
        for (grant, paths) in cx.holdings(judged).filter(|(grant, _)| cx.is_in_management(*grant)) {
            evaluation.population += paths.len() as u64;
            match cx.by_policy(judged, grant) {
                ByPolicy::Allowed | ByPolicy::Ended(_) => continue,
                ByPolicy::Undecided => evaluation.undecided += paths.len() as u64,
                ByPolicy::Outside => {
                    let detail = format!("Holds {}, which no [[access]] entry allows.", cx.list_grants(paths));
                    let evidence = Evidence {
                        source: "aws".to_owned(),
                        at: "organizations:DescribeOrganization".to_owned(),
                        says: format!("{management} is the management account"),
                    };
                    let says = (Severity::High, detail, evidence);
                    let finding = cx.holding_finding("management-account-access", judged, paths, says);
                    let remedy =
                        "Remove the grant and work from a member account, or add an [[access]] entry with an owner.";
                    evaluation.findings.extend(finding.map(|finding| finding.remedy(remedy)));
                }
            }
        }
    });
    evaluation
}
