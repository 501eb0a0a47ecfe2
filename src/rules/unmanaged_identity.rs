//! `unmanaged-identity`.

use std::collections::BTreeMap;

use super::cx::{AnyPrivileged, Counterpart, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::ExternalId;
use crate::model::finding::{Finding, Severity};
use crate::model::standing::Standing;
use crate::snapshot::Coverage;

declare_rule! {
    /// ## What it checks
    /// An identity provider provisions most Identity Center users, and a user, or a group with assignments, was made by
    /// hand or by API (it has no external id), or carries the id of an earlier provisioning tenant. High when a privileged
    /// grant hangs on it.
    ///
    /// ## Why it matters
    /// Provisioning neither changes nor removes what it did not make: such a user survives its person's departure.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: every identity has come in by the registered way, or is declared.
    ///
    /// ## Example
    /// The directory was moved to a new tenant in spring; forty users still carry ids of the old one.
    ///
    /// ## How to fix
    /// Let provisioning make the user anew and delete this one; or declare it under `[identities]` with an owner.
    ///
    /// ## Known limits
    /// Not evaluated where most users have no external id: then nothing provisions this directory. Users whom
    /// `orphaned-identity` reports and groups that `unmanaged-group` reports are not reported again.
    UnmanagedIdentity {
        id: "unmanaged-identity",
        title: "A user or group that provisioning does not manage",
        severity: Medium,
        requires: [DirectoryUsers],
        covers: [DirectoryGroups, Assignments, Memberships, PermissionSets],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let users = cx.ledger().users();
    let provisioned = users.iter().filter(|user| !user.external_ids.is_empty()).count();
    if provisioned * 2 <= users.len() {
        return Evaluation::moot("most Identity Center users have no external id, so none provisions this directory");
    }
    let tenant = tenant(cx);
    let mut evaluation = Evaluation::of("Identity Center users, and groups with access");
    for user in cx.users() {
        let (Some(record), Some(person)) = (cx.ledger().user(user), cx.ledger().person_of(user)) else { continue };
        evaluation.population += 1;
        let Some(why) = foreign(&record.external_ids, tenant) else { continue };
        let grants = cx.ledger().grants().of_user(user);
        let orphaned = person.standing.standing == Standing::Orphan && !grants.is_empty();
        if person.kind.is_declared() || orphaned {
            continue;
        }
        let severity = match cx.any_privileged(&grants) {
            AnyPrivileged::Yes => Severity::High,
            AnyPrivileged::No => Severity::Medium,
        };
        let holds = if grants.is_empty() {
            "It holds nothing".to_owned()
        } else {
            format!("It holds {}", cx.list_grants(&grants))
        };
        evaluation.findings.push(
            Finding::new(
                "unmanaged-identity",
                severity,
                cx.user_subject(user),
                format!("The user {why}. {holds}."),
                cx.user_evidence(user),
            )
            .and(cx.person_evidence(person))
            .remedy("Let provisioning make the user anew and delete this one, or declare it under [identities].")
            .about(grants),
        );
    }
    groups(cx, tenant, &mut evaluation);
    evaluation
}

fn groups(cx: &RuleCx<'_>, tenant: Option<&str>, evaluation: &mut Evaluation) {
    let read = cx.ledger().snapshot().coverage(crate::model::Fact::IdpGroups) == Coverage::Complete;
    for (_, group, assignments) in cx.groups_with_access() {
        evaluation.population += 1;
        let Some(why) = foreign(&group.external_ids, tenant) else { continue };
        let reported = read && !cx.has_unread_groups() && matches!(cx.counterpart(group), Counterpart::None);
        if reported {
            continue;
        }
        let privileged = assignments.iter().any(|at| cx.ledger().entitlements().privilege(*at).is_yes());
        let mut finding = Finding::new(
            "unmanaged-identity",
            if privileged { Severity::High } else { Severity::Medium },
            RuleCx::group_subject(group),
            format!("The group {why}. It gives {}.", cx.list_assignments(assignments)),
            RuleCx::group_evidence(group),
        )
        .and(assignments.iter().map(|at| cx.assignment_evidence(*at)))
        .remedy("Let provisioning make the group and move its assignments.");
        finding.assignments = assignments.to_vec();
        evaluation.findings.push(finding);
    }
}

/// The tenant that provisions the directory now: the issuer of more than half of the external ids.
fn tenant<'a>(cx: &RuleCx<'a>) -> Option<&'a str> {
    let users = cx.ledger().users().iter().flat_map(|user| &user.external_ids);
    let groups = cx.ledger().groups().iter().flat_map(|group| &group.external_ids);
    let mut issuers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut total = 0;
    for external in users.chain(groups) {
        *issuers.entry(&external.issuer).or_default() += 1;
        total += 1;
    }
    issuers.into_iter().find(|(_, count)| count * 2 > total).map(|(issuer, _)| issuer)
}

/// Why external ids are not the present tenant's; none when they are, or when no tenant stands out.
fn foreign(ids: &[ExternalId], tenant: Option<&str>) -> Option<String> {
    let Some(first) = ids.first() else {
        return Some("has no external id: it was made by hand or by API".to_owned());
    };
    let tenant = tenant?;
    let earlier = ids.iter().all(|id| id.issuer != tenant);
    earlier.then(|| format!("has an external id of {}, while {tenant} provisions the rest", first.issuer))
}
