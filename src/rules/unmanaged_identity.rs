//! `unmanaged-identity`.

use std::collections::BTreeMap;

use super::cx::{AnyPrivileged, Counterpart, RuleCx, plural};
use super::{Evaluation, declare_rule};
use crate::model::ExternalId;
use crate::model::finding::{Confidence, Evidence, Finding, Severity, Subject, SubjectKind};
use crate::model::standing::Standing;
use crate::reconcile::Tenancy;
use crate::reconcile::tenancy::MANY;
use crate::snapshot::Coverage;

declare_rule! {
    /// ## What it checks
    /// An identity provider provisions most Identity Center users, and a user, or a group with assignments, was made by
    /// hand or by API (it has no external id), or carries the id of an earlier provisioning tenant. High when a privileged
    /// grant hangs on it. Five users or more with ids of one earlier tenant are a move of the directory that was not
    /// finished: one finding about the instance, and none about each of them.
    ///
    /// ## Why it matters
    /// Provisioning neither changes nor removes what it did not make: such a user survives its person's departure.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: every identity has come in by the registered way, or is declared.
    ///
    /// ## Example
    /// The directory was moved to a new tenant in spring; forty users still carry ids of the old one: one finding that says
    /// so, how many of them the present provider knows by name, and whether privileged access hangs on them.
    ///
    /// ## How to fix
    /// Let provisioning make the user anew and delete this one; or declare it under `[identities]` with an owner. After a
    /// move, assign everybody to the new provider's application and let it provision them.
    ///
    /// ## Known limits
    /// Not evaluated where most users have no external id: then nothing provisions this directory. Users whom
    /// `orphaned-identity` reports and groups that `unmanaged-group` reports are not reported again. The present tenant is the
    /// one whose ids are found in a configured provider, else the one that most ids are of. Where no id is found, and the
    /// attribute that the provisioner gives out was not read, users are undecided.
    UnmanagedIdentity {
        id: "unmanaged-identity",
        title: "User or group is not managed by provisioning",
        severity: Medium,
        requires: [DirectoryUsers],
        covers: [DirectoryGroups, Assignments, Memberships, PermissionSets],
        if_asked: [IdpUsers],
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
    let tenancy = cx.ledger().tenancy();
    let mut evaluation = Evaluation::of("Identity Center users, and groups with access");
    if let Some(moved) = tenancy.unclear() {
        evaluation.undecided += moved.users.len() as u64;
        evaluation.limits.push(format!(
            "the external ids of {} of {} users lead to no record: either an earlier source gave them, or the attribute that \
             the provisioner gives out was not read",
            moved.users.len(),
            moved.of
        ));
    }
    let mut by_issuer: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (at, record) in (0u32..).zip(users) {
        let declared = cx.ledger().person_of(at).is_none_or(|person| person.kind.is_declared());
        if let Some(issuer) = tenancy.earlier(&record.external_ids).filter(|_| !declared) {
            by_issuer.entry(issuer).or_default().push(at);
        }
    }
    by_issuer.retain(|_, users| users.len() >= MANY);
    for user in cx.users() {
        let (Some(record), Some(person)) = (cx.ledger().user(user), cx.ledger().person_of(user)) else { continue };
        evaluation.population += 1;
        let Some(why) = foreign(&record.external_ids, tenancy) else { continue };
        let grants = cx.ledger().grants().of_user(user);
        let orphaned = person.standing.standing == Standing::Orphan && !grants.is_empty();
        if person.kind.is_declared() || orphaned || why.is_of(&by_issuer) {
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
                format!("The user {}. {holds}.", why.words(tenancy)),
                cx.user_evidence(user),
            )
            .and(cx.person_evidence(person))
            .remedy("Let provisioning make the user anew and delete this one, or declare it under [identities].")
            .about(grants),
        );
    }
    groups(cx, &by_issuer, &mut evaluation);
    let moves = by_issuer.iter().filter_map(|(issuer, users)| unfinished_move(cx, issuer, users));
    evaluation.findings.extend(moves.collect::<Vec<_>>());
    evaluation
}

/// One finding for all users whom an earlier tenant made.
fn unfinished_move(cx: &RuleCx<'_>, issuer: &str, users: &[u32]) -> Option<Finding> {
    let instance = &cx.ledger().aws()?.instance;
    let tenancy = cx.ledger().tenancy();
    let linked = users.iter().filter(|user| cx.ledger().links().linked(**user).next().is_some()).count();
    let grants = |user: &u32| cx.ledger().grants().of_user(*user);
    let holders = users.iter().filter(|user| !grants(user).is_empty()).count();
    let privileged = users.iter().filter(|user| cx.any_privileged(&grants(user)) == AnyPrivileged::Yes).count();
    let groups = cx.groups_with_access().filter(|(_, group, _)| tenancy.earlier(&group.external_ids) == Some(issuer));
    let now = match tenancy.present() {
        Some(present) => format!("while {present} provisions the rest"),
        None => "and no configured provider has these ids".to_owned(),
    };
    let first = *users.first()?;
    let finding = Finding::new(
        "unmanaged-identity",
        if privileged > 0 { Severity::High } else { Severity::Medium },
        Subject {
            kind: SubjectKind::Instance,
            ids: vec![instance.arn.to_string(), issuer.to_owned()],
            name: instance.arn.to_string(),
            account: None,
            permission_set: None,
        },
        format!(
            "{} of {} users and {} with access carry external ids of {issuer}, {now}: the directory was moved to another \
             source, and the move was not finished. {linked} of the users are known to a configured provider by name, \
             {holders} hold access, {privileged} of them privileged access. identities.csv names them.",
            users.len(),
            cx.ledger().users().len(),
            plural(groups.count(), "group"),
        ),
        cx.user_evidence(first),
    );
    Some(
        finding
            .and(users.iter().skip(1).take(2).map(|user| cx.user_evidence(*user)))
            .and([Evidence {
                source: "aws".to_owned(),
                at: "identitystore:ListUsers".to_owned(),
                says: format!("{} users have an external id of {issuer}", users.len()),
            }])
            .sure(if tenancy.present().is_some() { Confidence::High } else { Confidence::Medium })
            .remedy("Assign everybody to the present provider's application and provision them; delete users it does not know."),
    )
}

fn groups(cx: &RuleCx<'_>, by_issuer: &BTreeMap<&str, Vec<u32>>, evaluation: &mut Evaluation) {
    let tenancy = cx.ledger().tenancy();
    let read = cx.ledger().snapshot().coverage(crate::model::Fact::IdpGroups) == Coverage::Complete;
    for (_, group, assignments) in cx.groups_with_access() {
        evaluation.population += 1;
        let Some(why) = foreign(&group.external_ids, tenancy) else { continue };
        let reported = read && !cx.has_unread_groups() && matches!(cx.counterpart(group), Counterpart::None);
        if reported || why.is_of(by_issuer) {
            continue;
        }
        let privileged = assignments.iter().any(|at| cx.ledger().entitlements().privilege(*at).is_yes());
        let mut finding = Finding::new(
            "unmanaged-identity",
            if privileged { Severity::High } else { Severity::Medium },
            RuleCx::group_subject(group),
            format!("The group {}. It gives {}.", why.words(tenancy), cx.list_assignments(assignments)),
            RuleCx::group_evidence(group),
        )
        .and(assignments.iter().map(|at| cx.assignment_evidence(*at)))
        .remedy("Let provisioning make the group and move its assignments.");
        finding.assignments = assignments.to_vec();
        evaluation.findings.push(finding);
    }
}

/// Why the present source does not manage something.
enum Foreign<'e> {
    /// Nobody provisioned it.
    ByHand,
    /// An earlier tenant did: its issuer.
    Earlier(&'e str),
}

impl Foreign<'_> {
    fn words(&self, tenancy: &Tenancy) -> String {
        match (self, tenancy.present()) {
            (Self::ByHand, _) => "has no external id: it was made by hand or by API".to_owned(),
            (Self::Earlier(issuer), Some(present)) => {
                format!("has an external id of {issuer}, while {present} provisions the rest")
            }
            (Self::Earlier(issuer), None) => {
                format!("has an external id of {issuer}, which no configured provider has")
            }
        }
    }

    fn is_of(&self, by_issuer: &BTreeMap<&str, Vec<u32>>) -> bool {
        matches!(self, Self::Earlier(issuer) if by_issuer.contains_key(issuer))
    }
}

/// Why external ids are not the present tenant's; none when they are, or when no tenant stands out.
fn foreign<'e>(ids: &'e [ExternalId], tenancy: &Tenancy) -> Option<Foreign<'e>> {
    if ids.is_empty() { Some(Foreign::ByHand) } else { tenancy.earlier(ids).map(Foreign::Earlier) }
}
