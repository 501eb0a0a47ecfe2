//! `unowned-service-identity`.

use super::cx::{Owner, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity};
use crate::reconcile::{Person, PersonKind};

declare_rule! {
    /// ## What it checks
    /// The owner of a declared service or break-glass identity is gone; or the identity provider calls a user with access
    /// a service, and nobody is declared as its owner.
    ///
    /// ## Why it matters
    /// A service identity leaves with nobody. Its owner is the only one who knows when it is no longer needed, and who has
    /// its credentials.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: non-human identities are registered, and somebody who is here answers for each.
    ///
    /// ## Example
    /// `svc-backup@example.org` is declared with `d.farouk@example.org` as owner, who left in June.
    ///
    /// ## How to fix
    /// Hand it over: change its credentials and name the new owner under `[identities]`.
    ///
    /// ## Known limits
    /// An owner whom no source knows is undecided: name a person rather than a shared mailbox.
    UnownedServiceIdentity {
        id: "unowned-service-identity",
        title: "Service account has no active owner",
        severity: High,
        requires: [],
        covers: [IdpUsers, DirectoryUsers],
        if_asked: [HrRecords, DeclaredLinks],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("non-human identities");
    for user in cx.users() {
        let Some(person) = cx.ledger().person_of(user) else { continue };
        let grants = cx.ledger().grants().of_user(user);
        let (detail, says) = match &person.kind {
            PersonKind::Service(owner) | PersonKind::BreakGlass(owner) => {
                evaluation.population += 1;
                match cx.owner(owner) {
                    Owner::Here => continue,
                    Owner::Stranger => {
                        evaluation.undecided += 1;
                        continue;
                    }
                    Owner::Gone(why) => {
                        (format!("Its owner {owner} is gone ({why})."), format!("its owner is {owner}"))
                    }
                }
            }
            PersonKind::Unknown if !grants.is_empty() && is_called_service(cx, person) => {
                evaluation.population += 1;
                let detail = format!(
                    "The identity provider calls it a service, and no owner is declared. It holds {}.",
                    cx.list_grants(&grants)
                );
                (detail, "[identities] service does not name it".to_owned())
            }
            PersonKind::Human | PersonKind::Unknown => continue,
        };
        evaluation.findings.push(
            Finding::new(
                "unowned-service-identity",
                Severity::High,
                cx.user_subject(user),
                detail,
                Evidence { source: "config".to_owned(), at: "[identities]".to_owned(), says },
            )
            .and([cx.user_evidence(user)])
            .and(cx.person_evidence(person))
            .remedy("Hand it over, change its credentials, and name an owner who is here under [identities].")
            .about(grants),
        );
    }
    evaluation
}

fn is_called_service(cx: &RuleCx<'_>, person: &Person) -> bool {
    let mut records = person.idp_users.iter().filter_map(|at| cx.ledger().idp_user(*at));
    records.any(|user| user.user_type.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("service")))
}
