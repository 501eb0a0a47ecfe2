//! `closed-account-assignment`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, GrantKey, Severity};
use crate::reconcile::ResolvedPrincipal;

declare_rule! {
    /// ## What it checks
    /// An assignment in an account that is suspended, being closed or closed.
    ///
    /// ## Why it matters
    /// Nobody should work there. If the account is reinstated within its ninety days, all access is back with it.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: access goes when the need goes.
    ///
    /// ## Example
    /// `legacy` was suspended in March; `GRP-AWS-DevOps` still has `PowerUser` on it.
    ///
    /// ## How to fix
    /// Delete the assignments before closing an account. In a suspended account AWS may refuse or hang; then note it and
    /// let the account's closure end it.
    ///
    /// ## Known limits
    /// Needs Organizations to tell the account's state.
    ClosedAccountAssignment {
        id: "closed-account-assignment",
        title: "Assignment in a closed account",
        severity: Low,
        requires: [],
        covers: [Accounts, Assignments],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let entitlements = cx.ledger().entitlements();
    let mut evaluation = Evaluation { of: "assignments", ..Evaluation::default() };
    for (at, assignment) in (0u32..).zip(entitlements.assignments()) {
        if entitlements.is_excluded(at) {
            continue;
        }
        evaluation.population += 1;
        let Some(account) = entitlements.account_of(at) else {
            continue;
        };
        let Some(state) = account.state() else {
            evaluation.undecided += 1;
            continue;
        };
        if !state.is_winding_down() {
            continue;
        }
        let (name, grants) = match entitlements.resolved(at).map(|resolved| resolved.principal) {
            Some(ResolvedPrincipal::User(user)) => {
                let name = cx.ledger().user(user).map(|record| record.user_name.clone());
                (name, vec![GrantKey { user, assignment: at }])
            }
            Some(ResolvedPrincipal::Group(group)) => {
                let name = cx.ledger().groups().get(group as usize).map(|group| group.name.clone());
                let members = cx.ledger().grants().members(group).iter();
                (name, members.map(|user| GrantKey { user: *user, assignment: at }).collect())
            }
            Some(ResolvedPrincipal::Missing(_)) | None => (None, Vec::new()),
        };
        let name = name.unwrap_or_else(|| assignment.principal.id().to_owned());
        let mut finding = Finding::new(
            "closed-account-assignment",
            Severity::Low,
            cx.assignment_subject(at, name),
            format!(
                "The account {} ({}) is {}; {} is still assigned there.",
                account.name(),
                account.id,
                state.as_str(),
                entitlements.set_label(at)
            ),
            cx.assignment_evidence(at),
        )
        .and([Evidence {
            source: "aws".to_owned(),
            at: "organizations:ListAccounts".to_owned(),
            says: format!("{} is {}", account.id, state.as_str()),
        }])
        .remedy("Delete the assignment.")
        .about(grants);
        finding.assignments = vec![at];
        evaluation.findings.push(finding);
    }
    evaluation
}
