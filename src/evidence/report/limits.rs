//! Limitations: what the report does not cover, and why tests were not performed.

use serde::Serialize;

use crate::assess::Assessment;
use crate::evidence::words::{clip, number_of};
use crate::model::{self, Plane};
use crate::reconcile::{Approvals, Ledger};
use crate::rules::Verdict;
use crate::snapshot::Coverage;

/// The limitations, a sentence each, for `ipe.json`. None of them is a pass.
pub fn limits(assessment: &Assessment<'_>) -> Vec<String> {
    let mut limits = of_data(assessment);
    limits.extend(unevaluated(assessment));
    limits.extend(unknown_tiers(assessment.ledger()));
    limits
}

/// The limitations that are not about a rule.
fn scope_limits(assessment: &Assessment<'_>) -> Vec<String> {
    let mut limits = of_data(assessment);
    limits.extend(unknown_tiers(assessment.ledger()));
    limits
}

/// The limitations of scope and data sources.
fn of_data(assessment: &Assessment<'_>) -> Vec<String> {
    let ledger = assessment.ledger();
    let asked: &[Plane] = ledger.aws().map_or(&[], |aws| &aws.planes);
    let mut limits: Vec<String> = Plane::ALL
        .iter()
        .filter(|plane| !asked.contains(plane))
        .map(|plane| format!("Out of scope: {}.", plane.describe()))
        .collect();
    limits.push("Out of scope: IAM users and access keys, root users, other SAML or OIDC providers, and trust between accounts.".to_owned());
    if ledger.usage().was_asked() {
        limits.push(
            "Use of access is looked at where the log reaches: what it does not cover is called neither used nor unused."
                .to_owned(),
        );
    } else {
        limits.push(
            "Use of access is not looked at: no log of it is read, so nothing is called used or unused.".to_owned(),
        );
    }
    limits.push(
        "AWS keeps no date for an assignment: when a direct assignment was made is known from a log or from earlier snapshots, or not at all."
            .to_owned(),
    );
    let reserved = ledger.config().reserved_keys();
    if !reserved.is_empty() {
        limits.push(format!("Set in the config, and not acted on by this version: {}.", reserved.join(", ")));
    }
    if ledger.snapshot().hr().is_none() {
        limits.push(
            "No HR roster was given: whoever the identity provider did not disable is not known to be a leaver."
                .to_owned(),
        );
    }
    for quality in ledger.links().hr_quality() {
        let idp = ledger.idp_name(quality.idp);
        limits.extend(quality.limitation(idp));
    }
    for record in ledger.snapshot().sources() {
        for lack in &record.not_offered {
            limits.push(format!("{} does not tell {}: {}.", record.source, lack.fact, lack.reason));
        }
    }
    limits.extend(idle_approvals(ledger));
    limits
}

/// Permission sets whose privileges are not known, in a sentence.
fn unknown_tiers(ledger: &Ledger<'_>) -> Option<String> {
    let sets = ledger.entitlements().sets().iter();
    let unread: Vec<&str> =
        sets.filter(|set| set.tier == crate::model::Tier::Unknown).map(|set| set.set.label()).collect();
    (!unread.is_empty()).then(|| {
        format!(
            "Whether these permission sets are privileged is unknown, as a policy of theirs was not judged: {}.",
            unread.join(", ")
        )
    })
}

/// Approvals that stand behind no grant, each kind in a sentence: with a wrong column of their file all of them would, and
/// all grants would look unapproved.
pub fn idle_approvals(ledger: &Ledger<'_>) -> Vec<String> {
    const SHOWN: usize = 3;
    let all = ledger.snapshot().approvals().len();
    use model::Fact::{Accounts, Assignments, DirectoryUsers, Memberships, PermissionSets};
    let facts = [Accounts, Assignments, DirectoryUsers, Memberships, PermissionSets];
    let whole = facts.into_iter().all(|fact| ledger.snapshot().coverage(fact) == Coverage::Complete);
    let read = if whole { "" } else { "As far as was read, " };
    let idle = Approvals::new(ledger).idle(ledger);
    let said = idle.iter().map(|idle| {
        let first: Vec<&str> = idle.approvals.iter().take(SHOWN).map(|approval| approval.name()).collect();
        let more = if idle.approvals.len() > SHOWN { ", …" } else { "" };
        let count = idle.approvals.len();
        format!("{read}{count} of {all} approvals {}, and stand behind no grant: {}{more}.", idle.why, first.join(", "))
    });
    said.collect()
}

/// Rules that were not tested, grouped by reason, in the order of the rules.
pub fn not_tested(assessment: &Assessment<'_>) -> Vec<(String, Vec<&'static str>)> {
    let mut by_reason: Vec<(String, Vec<&'static str>)> = Vec::new();
    for result in assessment.results() {
        let Verdict::NotEvaluated(reasons) = &result.verdict else { continue };
        let why = reasons.join("; ");
        match by_reason.iter_mut().find(|(known, _)| *known == why) {
            Some((_, rules)) => rules.push(result.rule.id),
            None => by_reason.push((why, vec![result.rule.id])),
        }
    }
    by_reason
}

/// The limitations that follow from rules that were not tested, one sentence a reason.
fn unevaluated(assessment: &Assessment<'_>) -> Vec<String> {
    let sentence = |(why, rules): (String, Vec<&str>)| format!("Not tested: {}. Reason: {why}.", rules.join(", "));
    not_tested(assessment).into_iter().map(sentence).collect()
}

/// Limitations with one reason: the sentence, and the tests or rules that it concerns.
#[derive(Debug, Serialize)]
pub struct LimitGroup {
    /// The reason, a sentence.
    pub reason: String,
    /// How many rules it concerns, in words; empty for a limitation of the scope.
    pub count: String,
    /// The ids of these rules.
    pub rules: Vec<&'static str>,
}

/// The limitations by reason: rules that were not tested first, those of the scope after them.
pub(super) fn limit_groups(assessment: &Assessment<'_>) -> Vec<LimitGroup> {
    const SHOWN: usize = 60;
    const LENGTH: usize = 600;
    let mut not_tested = not_tested(assessment);
    not_tested.sort_by_key(|(_, rules)| std::cmp::Reverse(rules.len()));
    let tested = not_tested.into_iter().map(|(why, rules)| LimitGroup {
        reason: format!("{}.", clip(&sentence(&why), LENGTH)),
        count: number_of(rules.len(), "rule"),
        rules,
    });
    let others = scope_limits(assessment).into_iter();
    let others =
        others.map(|reason| LimitGroup { reason: clip(&reason, LENGTH), count: String::new(), rules: Vec::new() });
    let mut groups: Vec<LimitGroup> = tested.chain(others).collect();
    let more = groups.len().saturating_sub(SHOWN);
    groups.truncate(SHOWN);
    if more > 0 {
        let reason = format!("{} more in ipe.json.", number_of(more, "limitation"));
        groups.push(LimitGroup { reason, count: String::new(), rules: Vec::new() });
    }
    groups
}

/// The text with a capital at its beginning.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
