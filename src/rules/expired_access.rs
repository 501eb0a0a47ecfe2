//! `expired-access`.

use super::cx::{ByPolicy, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::Interval;
use crate::model::finding::Severity;
use crate::model::time::Basis;

declare_rule! {
    /// ## What it checks
    /// A grant that an `[[access]]` entry allowed until a day that has passed, and that no other entry allows now.
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
    /// Ends are read from the config. An entry lasts to the close of its last day in UTC. An exception that has ended is
    /// `exception-expired`, and the finding it covered is open again.
    ExpiredAccess {
        id: "expired-access",
        title: "Time-bound access that is held past its end",
        severity: High,
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
        for (grant, paths) in cx.holdings(judged) {
            evaluation.population += paths.len() as u64;
            // What groups that were not asked for may allow is undecided for `access-outside-policy`, which counts it.
            let ByPolicy::Ended(entry) = cx.by_policy(judged, grant) else { continue };
            let end = entry.expires.map_or_else(String::new, |end| format!(" at {end}"));
            let detail = format!("Holds {}; [[access]] entry {} ended{end}.", cx.list_grants(paths), entry.number);
            let says = (Severity::High, detail, RuleCx::entry_evidence(entry));
            let finding = cx.holding_finding("expired-access", judged, paths, says);
            evaluation.findings.extend(finding.map(|finding| {
                finding
                    .remedy("Remove the grant, or have it approved anew and give the entry a new end.")
                    .since(entry.expires.map(|end| Interval::exact(end, Basis::Record)))
            }));
        }
    });
    evaluation
}
