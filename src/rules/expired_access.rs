//! `expired-access`.

use super::cx::{ByPolicy, Judged, RuleCx};
use super::{Evaluation, declare_rule};
use crate::config::AccessEntry;
use crate::model::finding::{Confidence, Finding, GrantKey, Severity};
use crate::model::time::Basis;
use crate::model::{Fact, Interval};
use crate::snapshot::Coverage;

declare_rule! {
    /// ## What it checks
    /// A grant that an `[[access]]` entry allowed until a day that has passed, and that no other entry allows now. And a
    /// grant that no entry allows, and whose approval in `[approvals]` ended before it was read, with no other to follow.
    ///
    /// ## Why it matters
    /// Access given for a time was approved for that time only. Nothing in AWS ends it: an assignment has no date.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: access is removed when the reason for it ends.
    ///
    /// ## Example
    /// `PowerUser` on `prod` was allowed for the migration until 30 June; it is September and the grant is there.
    ///
    /// ## How to fix
    /// Remove the grant; or have it approved anew and give the entry a new end.
    ///
    /// ## Known limits
    /// An entry lasts to the close of its last day in UTC. An exception that has ended is `exception-expired`, and the
    /// finding it covered is open again.
    ///
    /// An approval that has ended speaks of a direct assignment, which is what tools for temporary access make, and of a
    /// membership that is known to have been made while it held; other memberships may rest on something else. Such findings
    /// are of medium confidence, and none are made while any row of the approvals can't be read: it may be a renewal.
    ///
    /// A request that expired, failed or was cancelled counts as approved where it names its approver and the time of the
    /// approval. Without them, or without an end that has passed, it counts as no approval, and the data source notes it.
    ExpiredAccess {
        id: "expired-access",
        title: "Time-bound access held after its expiry",
        severity: High,
        requires: [IdpUsers, IdpGroups, PermissionSets],
        covers: [Assignments, Memberships, DirectoryUsers, DirectoryGroups],
        if_asked: [DeclaredLinks, Approvals],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let snapshot = cx.ledger().snapshot();
    let bound = snapshot.approvals().iter().any(|approval| approval.until.is_some());
    if cx.ledger().config().access.is_empty() && !bound {
        return Evaluation::moot("the config has no [[access]] entries, and no approval has an end");
    }
    let approvals_whole = !matches!(snapshot.coverage(Fact::Approvals), Coverage::Partial(_));
    let mut evaluation = Evaluation::of("grants of people who are here");
    cx.judge(&mut evaluation, |judged, evaluation| {
        for (grant, paths) in cx.holdings(judged) {
            evaluation.population += paths.len() as u64;
            // What groups that were not asked for may allow is undecided for `access-outside-policy`, which counts it.
            let finding = match cx.by_policy(judged, grant) {
                ByPolicy::Ended(entry) => by_entry(cx, judged, paths, entry),
                ByPolicy::Outside if approvals_whole => by_approval(cx, judged, paths),
                _ => None,
            };
            evaluation.findings.extend(finding);
        }
    });
    evaluation
}

fn by_entry(cx: &RuleCx<'_>, judged: &Judged<'_>, paths: &[GrantKey], entry: &AccessEntry) -> Option<Finding> {
    let end = entry.expires.map_or_else(String::new, |end| format!(" at {end}"));
    let detail = format!("Holds {}; [[access]] entry {} ended{end}.", cx.list_grants(paths), entry.number);
    let says = (Severity::High, detail, RuleCx::entry_evidence(entry));
    let finding = cx.holding_finding("expired-access", judged, paths, says)?;
    let remedy = "Remove the grant, or have it approved anew and give the entry a new end.";
    Some(finding.remedy(remedy).since(entry.expires.map(|end| Interval::exact(end, Basis::Record))))
}

fn by_approval(cx: &RuleCx<'_>, judged: &Judged<'_>, paths: &[GrantKey]) -> Option<Finding> {
    let outlived = |path: &GrantKey| cx.approvals().outlived(cx.ledger(), *path);
    let over: Vec<GrantKey> = paths.iter().copied().filter(|path| outlived(path).is_some()).collect();
    // All paths give the same, so they have the same approvals.
    let approval = outlived(over.first()?)?;
    let end = approval.until?;
    let detail = format!("Holds {}; its approval {} ended at {end}.", cx.list_grants(&over), approval.name());
    let says = (Severity::High, detail, RuleCx::approval_evidence(approval));
    let finding = cx.holding_finding("expired-access", judged, &over, says)?;
    let sure = cx.confidence(judged.person).min(Confidence::Medium);
    let remedy = "Remove the grant, or have it approved anew; find out why the tool that gave it did not take it back.";
    Some(finding.sure(sure).remedy(remedy).since(Some(Interval::exact(end, Basis::Record))))
}
