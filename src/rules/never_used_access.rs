//! `never-used-access`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, GrantKey, Severity};
use crate::model::time::{Basis, Tri};
use crate::model::{Instant, Interval};
use crate::reconcile::LastUse;

declare_rule! {
    /// ## What it checks
    /// A person has held a permission set on an account for longer than `policy.dormant_after`, and AWS CloudTrail, read
    /// without a hole since it was given, shows no use of it.
    ///
    /// ## Why it matters
    /// What is not needed is only risk. Most of what an intruder reaches through a person is what that person never uses.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: least privilege is measured and not only written down.
    ///
    /// ## Example
    /// `d.cho@example.org` was added to `GRP-AWS-DevOps` in January and never took credentials of `PowerUser` on `prod`.
    ///
    /// ## How to fix
    /// Take the person out of the group, or give the group less. If it is kept for emergencies, record an exception.
    ///
    /// ## Known limits
    /// Use is taking credentials or entering the console through the access portal. It is judged by person, permission set
    /// and account, whichever path the access came by. A grant whose beginning is not known, or lies before the log's, is
    /// undecided: AWS keeps no date for an assignment. A log that ends within a day of the reading counts as reaching up to
    /// it. People who are gone and declared identities are left out.
    NeverUsedAccess {
        id: "never-used-access",
        title: "Unused access",
        severity: Medium,
        requires: [],
        covers: [CloudTrail, Assignments, Memberships, DirectoryUsers, DirectoryGroups, PermissionSets],
        if_asked: [IdpUsers, DeclaredLinks],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("permission sets that people hold on accounts");
    let nameless = cx.ledger().usage().nameless();
    if nameless > 0 {
        evaluation.limits.push(format!("{nameless} uses in the log do not say by whom, and may be anybody's"));
    }
    for (user, person, grants) in cx.holders() {
        if person.kind.is_declared() || person.standing.standing.is_gone() {
            continue;
        }
        for paths in grants.chunk_by(|a, b| cx.entitlement(*a) == cx.entitlement(*b)) {
            evaluation.population += 1;
            match judge(cx, paths) {
                Judgement::Used => {}
                Judgement::Unknown => evaluation.undecided += 1,
                Judgement::Never { since, evidence } => {
                    let Some(subject) = paths.first().and_then(|grant| cx.entitlement_subject(*grant)) else {
                        continue;
                    };
                    evaluation.findings.push(
                        Finding::new(
                            "never-used-access",
                            Severity::Medium,
                            subject,
                            format!(
                                "Held since {since}, and not used once in a log without a hole: {}.",
                                cx.list_grants(paths)
                            ),
                            evidence,
                        )
                        .and([cx.user_evidence(user)])
                        .and(cx.grant_evidence(paths))
                        .remedy("Take the access away, or record an exception if it is kept for emergencies.")
                        .since(Some(Interval::exact(since, Basis::Record)))
                        .about(paths.to_vec()),
                    );
                }
            }
        }
    }
    evaluation
}

enum Judgement {
    /// Used, or too young to be judged.
    Used,
    Never {
        since: Instant,
        evidence: Evidence,
    },
    Unknown,
}

/// Judges an entitlement by all paths to it: it is held since the first of them.
fn judge(cx: &RuleCx<'_>, paths: &[GrantKey]) -> Judgement {
    let policy = cx.ledger().config().policy.dormant_after;
    let until = cx.ledger().known_until();
    let mut oldest: Option<(Instant, Evidence)> = None;
    let mut certain = true;
    for path in paths {
        let given = cx.ledger().given(*path);
        match cx.ledger().last_use(*path) {
            LastUse::Used(_) => return Judgement::Used,
            LastUse::NeverObserved(window) => match given.latest {
                Some(at) if oldest.as_ref().is_none_or(|(first, _)| at < *first) => {
                    let says = format!("no use between {} and {}", window.from, window.to);
                    let evidence = Evidence { source: "aws".to_owned(), at: "AWS CloudTrail".to_owned(), says };
                    oldest = Some((at, evidence));
                }
                Some(_) => {}
                None => certain = false,
            },
            LastUse::OutsideHorizon | LastUse::NotCollected => certain = false,
        }
    }
    match oldest {
        Some((since, evidence)) if certain => {
            let is_old = Interval::exact(since, Basis::Record).older_than(policy, until) == Tri::Yes;
            if is_old { Judgement::Never { since, evidence } } else { Judgement::Used }
        }
        _ => Judgement::Unknown,
    }
}
