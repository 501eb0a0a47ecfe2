//! The result of a run in a few lines, for the terminal.

use std::collections::{BTreeMap, BTreeSet};

use crate::assess::{Assessed, Assessment, FindingStatus};
use crate::evidence::report::{idle_approvals, not_tested};
use crate::evidence::warnings::warnings;
use crate::evidence::words::{thousands, times};
use crate::model::finding::Severity;
use crate::rules::Verdict;
use crate::snapshot::Snapshot;

/// The headline of an assessment, for people.
pub(crate) fn headline(assessment: &Assessment<'_>) -> Vec<String> {
    const NAMED: usize = 20;
    let snapshot = assessment.ledger().snapshot();
    let mut lines = unread(snapshot);
    lines.extend(warnings(assessment.ledger()).into_iter().map(|warning| format!("warning: {warning}")));
    lines.extend(idle_approvals(assessment.ledger()).into_iter().map(|idle| format!("note: {idle}")));
    let open: Vec<_> = assessment.findings().iter().filter(|a| a.status == FindingStatus::Open).collect();
    if open.is_empty() {
        let whole = assessment.results().iter().all(|result| result.verdict == Verdict::Evaluated);
        lines.push(if whole { "No open findings." } else { "No open findings in what could be evaluated." }.to_owned());
    }
    let mut by_rule: Vec<_> = assessment
        .results()
        .iter()
        .filter_map(|result| {
            // What an exception covers is a fact all the same: it is counted, and marked.
            let counts = |a: &&Assessed| matches!(a.status, FindingStatus::Open | FindingStatus::Excepted);
            let of_rule: Vec<_> = assessment.findings_of(result.rule.id).filter(counts).collect();
            let worst = of_rule.iter().map(|a| a.finding.severity).max()?;
            Some((worst, result, of_rule))
        })
        .collect();
    // The worst first; rules of equal severity keep the registry's order.
    by_rule.sort_by_key(|(worst, ..)| std::cmp::Reverse(*worst));
    for (worst, result, of_rule) in by_rule {
        let grants: usize = of_rule.iter().map(|a| a.finding.grants.len()).sum();
        let about = if grants > 0 {
            format!(", {} {}", thousands(grants as u64), if grants == 1 { "grant" } else { "grants" })
        } else {
            String::new()
        };
        let excepted = of_rule.iter().filter(|a| a.status == FindingStatus::Excepted).count();
        let excepted = if excepted > 0 { format!("; {excepted} under exception") } else { String::new() };
        lines.push(format!(
            "{:>8}  {} ({}{about}{excepted})",
            worst.as_str(),
            result.rule.title,
            thousands(of_rule.len() as u64)
        ));
        if worst >= Severity::High {
            // Whoever has several findings is named once.
            let mut named = BTreeSet::new();
            let mut names: Vec<&str> = of_rule.iter().map(|a| a.finding.subject.name.as_str()).collect();
            names.retain(|name| named.insert(*name));
            let more = names.len().saturating_sub(NAMED);
            names.truncate(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            lines.push(format!("          {}{more}", names.join(", ")));
        }
    }
    lines.extend(not_tested_lines(assessment));
    lines.iter().map(|line| times(line)).collect()
}

/// How many rules were not tested, and the reasons that concern the most of them.
fn not_tested_lines(assessment: &Assessment<'_>) -> Vec<String> {
    const REASONS: usize = 2;
    let mut reasons = not_tested(assessment);
    let rules: usize = reasons.iter().map(|(_, rules)| rules.len()).sum();
    let all = assessment.results().len();
    if !assessment.ledger().snapshot().is_complete() {
        // What could not be read stands above already, and is most of the reasons.
        let line = format!("Not tested: {rules} of {all} rules; the report lists the reasons");
        return if rules > 0 { vec![line] } else { Vec::new() };
    }
    // Stable: reasons that concern equally many rules keep the registry's order.
    reasons.sort_by_key(|(_, rules)| std::cmp::Reverse(rules.len()));
    if rules == 0 {
        return Vec::new();
    }
    let shown: Vec<String> =
        reasons.iter().take(REASONS).map(|(why, rules)| format!("{} {why}", rules.len())).collect();
    let mut lines = vec![format!("Not tested: {rules} of {all} rules: {}", shown.join("; "))];
    let rest = reasons.get(REASONS..).unwrap_or_default();
    if !rest.is_empty() {
        let others: usize = rest.iter().map(|(_, rules)| rules.len()).sum();
        let reasons = if rest.len() == 1 { "reason" } else { "reasons" };
        lines.push(format!("            {others} rules for {} more {reasons}, listed in the report", rest.len()));
    }
    lines
}

/// What could not be read, for people: each reason once, with what it cost and what to do.
pub(crate) fn unread(snapshot: &Snapshot) -> Vec<String> {
    const REASONS: usize = 8;
    const PLACES: usize = 6;
    let mut by_reason: BTreeMap<(&str, &str, &str), BTreeSet<&str>> = BTreeMap::new();
    for (source, gap) in snapshot.gaps() {
        // One place may cost several facts; it is named once.
        by_reason.entry((source, &gap.reason, &gap.hint)).or_default().insert(&gap.at);
    }
    if by_reason.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["INCOMPLETE: not everything that was asked for could be read".to_owned()];
    for ((source, reason, hint), places) in by_reason.iter().take(REASONS) {
        lines.push(format!("  {source}: {reason}"));
        let more = places.len().saturating_sub(PLACES);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let shown: Vec<&str> = places.iter().take(PLACES).copied().collect();
        lines.push(format!("    not read: {}{more}", shown.join("; ")));
        if !hint.is_empty() {
            lines.push(format!("    {hint}"));
        }
    }
    if by_reason.len() > REASONS {
        lines.push(format!("  and {} more reasons; ipe.json has them all", by_reason.len() - REASONS));
    }
    lines
}
