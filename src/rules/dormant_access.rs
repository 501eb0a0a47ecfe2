//! `dormant-access`.

use super::cx::{AnyPrivileged, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity};
use crate::model::standing::Standing;
use crate::model::time::{Basis, Tri};
use crate::model::{IdpUser, Instant, Interval, Known};

declare_rule! {
    /// ## What it checks
    /// A person who holds access has not signed in at the identity provider for longer than `policy.dormant_after`, or
    /// never, while the Identity Center user is older than that. High when a grant is privileged.
    ///
    /// ## Why it matters
    /// Nobody notices when an account that nobody uses is used. It is often a leaver whom no source has told about, or
    /// access that was given in case.
    ///
    /// ## What an auditor reads from it
    /// CC6.2, CC6.3: access is removed when it is no longer needed.
    ///
    /// ## Example
    /// `p.novak@example.org` last signed in on 2 February and holds `PowerUser` on `prod` on 30 September.
    ///
    /// ## How to fix
    /// Ask the manager whether the person is still here and needs it; remove the grants otherwise.
    ///
    /// ## Known limits
    /// It is the sign-in at the identity provider that counts, to whatever application: who signs in and never uses AWS is
    /// `never-used-access`. A use that CloudTrail shows within the time counts as well. A record of which the source does
    /// not tell the last sign-in makes the person undecided. Declared service and break-glass identities are never dormant;
    /// people who are gone or orphaned are left to their rules.
    DormantAccess {
        id: "dormant-access",
        title: "Dormant user still has access",
        severity: Medium,
        requires: [IdpUsers],
        covers: [SignIns, Assignments, Memberships, DirectoryUsers, DirectoryGroups, PermissionSets],
        if_asked: [DeclaredLinks],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

/// When somebody last signed in.
enum LastSeen {
    At(Instant, Evidence),
    /// Never since the record was made.
    Never(Evidence),
    Unknown,
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("people who hold access and can sign in");
    let (span, until) = (cx.ledger().config().policy.dormant_after, cx.ledger().known_until());
    for (user, person, grants) in cx.holders() {
        if person.kind.is_declared() {
            continue;
        }
        if person.standing.standing != Standing::Active {
            evaluation.undecided += u64::from(person.standing.standing == Standing::Unknown);
            continue;
        }
        evaluation.population += 1;
        let is_old = |at: Instant| Interval::exact(at, Basis::Record).older_than(span, until) == Tri::Yes;
        let used = cx.ledger().usage().last_of_user(user);
        if used.is_some_and(|at| !is_old(at)) {
            continue;
        }
        let created = cx.ledger().user(user).and_then(|record| record.created_at.value().copied());
        let (since, says, first) = match last_seen(cx, &cx.sign_in_records(user, person)) {
            LastSeen::At(at, _) if !is_old(at) => continue,
            LastSeen::At(at, evidence) => {
                let days = until.days_since(at);
                (Some(at), format!("Last signed in at {at}, {days} days before the reading"), evidence)
            }
            LastSeen::Never(evidence) => match created {
                Some(made) if is_old(made) => {
                    (Some(made), format!("Never signed in, and was made at {made}"), evidence)
                }
                Some(_) => continue,
                None => {
                    evaluation.undecided += 1;
                    continue;
                }
            },
            LastSeen::Unknown => {
                evaluation.undecided += 1;
                continue;
            }
        };
        let severity = match cx.any_privileged(&grants) {
            AnyPrivileged::Yes => Severity::High,
            AnyPrivileged::No => Severity::Medium,
        };
        evaluation.findings.push(
            Finding::new(
                "dormant-access",
                severity,
                cx.user_subject(user),
                format!("{says}; policy.dormant_after is {span}. Holds {}.", cx.list_grants(&grants)),
                first,
            )
            .and([cx.user_evidence(user)])
            .and(cx.person_evidence(person))
            .remedy("Ask whether the person still needs the access, and remove it otherwise.")
            .sure(cx.confidence(person))
            .since(since.map(|at| Interval::exact(at, Basis::Record)))
            .about(grants),
        );
    }
    evaluation
}

/// The latest sign-in of several records; not known unless all of them tell, or one was recent anyway.
fn last_seen(cx: &RuleCx<'_>, records: &[(u32, &IdpUser)]) -> LastSeen {
    let evidence = |idp: u32, record: &IdpUser, says: &str| {
        cx.record_evidence(idp, record, format!("{} {says}", record.user_name))
    };
    let latest = records.iter().filter_map(|(idp, record)| {
        let at = *record.last_sign_in_at.value()?;
        Some((at, evidence(*idp, record, &format!("last signed in at {at}"))))
    });
    let is_unknown = records.iter().any(|(_, record)| record.last_sign_in_at.is_unknown());
    let policy = cx.ledger().config().policy.dormant_after;
    match (latest.max_by_key(|(at, _)| *at), is_unknown, records.first()) {
        (Some((at, evidence)), false, _) => LastSeen::At(at, evidence),
        (Some((at, evidence)), true, _) if cx.ledger().known_until().since(at) <= policy.duration() => {
            LastSeen::At(at, evidence)
        }
        (None, false, Some((idp, record))) if record.last_sign_in_at == Known::Absent => {
            LastSeen::Never(evidence(*idp, record, "has never signed in"))
        }
        _ => LastSeen::Unknown,
    }
}
