//! `membership-drift`.

use super::cx::{Counterpart, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, GrantKey, Severity, SubjectKind};
use crate::model::id::IdpUserId;
use crate::model::standing::Standing;
use crate::model::{DirectoryGroup, IdpFacts, IdpGroup};
use crate::reconcile::Person;

declare_rule! {
    /// ## What it checks
    /// A person is in an Identity Center group and not in the identity provider's group it stands for. High when the group
    /// has assignments, else low.
    ///
    /// ## Why it matters
    /// The identity provider says who should have the access, Identity Center who has it. A membership only the second
    /// knows was added past the first, or its removal never arrived: reviews in the identity provider don't see it.
    ///
    /// ## What an auditor reads from it
    /// CC6.2, CC6.3: what was approved upstream is what is in force.
    ///
    /// ## Example
    /// A mover was taken out of `GRP-AWS-DevOps` in May; provisioning was in quarantine, and Identity Center kept her in.
    ///
    /// ## How to fix
    /// Repair provisioning and run it for the group; remove the member where it does not.
    ///
    /// ## Known limits
    /// Groups correspond by the provisioner's own record, else by external id, else by name. Members through another group
    /// count as members, except in Entra ID, which provisions direct members only: there the finding says who is a member
    /// through another group. Where the members of a provider's group are not known (hidden membership, or a group that was
    /// not found when its members were requested), its memberships are inconclusive. A change made within the last provisioning interval looks like drift. People who are gone,
    /// orphaned or declared are left to their rules.
    MembershipDrift {
        id: "membership-drift",
        title: "Group membership differs from the identity provider",
        severity: High,
        requires: [IdpUsers, IdpGroups],
        covers: [Memberships, DirectoryUsers, DirectoryGroups, Assignments],
        if_asked: [DeclaredLinks],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("memberships of groups that an identity provider manages");
    for (at, group) in (0u32..).zip(cx.ledger().groups()) {
        let members = cx.ledger().grants().members(at);
        let (idp, upstream) = match cx.counterpart(group) {
            Counterpart::One(idp, upstream, _) => (idp, upstream),
            Counterpart::Several => {
                evaluation.undecided += members.len() as u64;
                continue;
            }
            Counterpart::None => continue,
        };
        for user in members {
            let Some(person) = cx.ledger().person_of(*user).filter(|person| !person.kind.is_declared()) else {
                continue;
            };
            match person.standing.standing {
                Standing::Active | Standing::NotStarted => {}
                Standing::Unknown => {
                    evaluation.undecided += 1;
                    continue;
                }
                _ => continue,
            }
            evaluation.population += 1;
            let records = person.idp_users.iter().filter(|(provider, _)| *provider == idp);
            let how = records.filter_map(|record| Some(how(cx, idp, upstream, &cx.ledger().idp_user(*record)?.id)));
            let how = how.min().unwrap_or(Upstream::Not);
            if how == Upstream::Provisioned {
                continue;
            }
            if let (Upstream::Not, Some(why)) = (how, &upstream.members_unknown) {
                let name = cx.ledger().user(*user).map_or("?", |user| user.user_name.as_str());
                evaluation.inconclusive(name, format!("the members of {} are not known: {why}", upstream.name));
                continue;
            }
            evaluation.findings.push(finding(cx, (*user, person), (at, group), (idp, upstream, how)));
        }
    }
    evaluation
}

/// How a record is in the provider's group, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Upstream {
    /// In a way that provisioning passes on.
    Provisioned,
    /// Through another group only, which provisioning does not pass on.
    NestedOnly,
    Not,
}

fn how(cx: &RuleCx<'_>, idp: u32, group: &IdpGroup, user: &IdpUserId) -> Upstream {
    let nested = cx.ledger().snapshot().idps().get(idp as usize).is_none_or(IdpFacts::provisions_nested);
    match (group.has(user), nested || group.has_directly(user)) {
        (true, true) => Upstream::Provisioned,
        (true, false) => Upstream::NestedOnly,
        (false, _) => Upstream::Not,
    }
}

fn finding(
    cx: &RuleCx<'_>,
    (user, person): (u32, &Person),
    (at, group): (u32, &DirectoryGroup),
    (idp, upstream, how): (u32, &IdpGroup, Upstream),
) -> Finding {
    let provider = cx.idp_name(idp);
    let (not, none) = match how {
        Upstream::NestedOnly => (
            format!("in {} in {provider} only through another group, which Entra ID does not provision", upstream.name),
            "of them only through another group",
        ),
        Upstream::Provisioned | Upstream::Not => (format!("not in {} in {provider}", upstream.name), "none of them"),
    };
    let assignments = cx.ledger().grants().of_group(at);
    let grants: Vec<GrantKey> =
        assignments.iter().map(|assignment| GrantKey { user, assignment: *assignment }).collect();
    let (severity, gives) = if grants.is_empty() {
        (Severity::Low, "The group has no assignments".to_owned())
    } else {
        (Severity::High, format!("It gives {}", cx.list_grants(&grants)))
    };
    let sure = match cx.counterpart(group) {
        Counterpart::One(_, _, sure) => sure.min(cx.confidence(person)),
        Counterpart::Several | Counterpart::None => cx.confidence(person),
    };
    let mut subject = cx.user_subject(user);
    subject.kind = SubjectKind::User;
    subject.ids.push(group.id.to_string());
    Finding::new(
        "membership-drift",
        severity,
        subject,
        format!("In {} in Identity Center, and {not}. {gives}.", group.name),
        Evidence {
            source: "aws".to_owned(),
            at: "identitystore:ListGroupMemberships".to_owned(),
            says: format!("the user is a member of {} ({})", group.name, group.id),
        },
    )
    .and([
        RuleCx::group_evidence(group),
        Evidence {
            source: format!("idp:{provider}"),
            at: format!("group {}", upstream.id),
            says: format!("{} has {} members, and this person is {none}", upstream.name, upstream.members.len()),
        },
    ])
    .and(cx.person_evidence(person))
    .remedy("Run provisioning for the group, and remove the member where it does not.")
    .sure(sure)
    .about(grants)
}
