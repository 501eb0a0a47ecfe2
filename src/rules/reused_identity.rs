//! `reused-identity`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::Fact;
use crate::model::finding::{Confidence, Evidence, Finding, Severity};
use crate::reconcile::{IdpLink, Rung, Strength};
use crate::snapshot::Coverage;

declare_rule! {
    /// ## What it checks
    /// The immutable id of an Identity Center user belongs to one person while its user name or email belongs to another:
    /// somebody answers to another's access. Critical when the person of the id is gone and grants are held. Also when the
    /// external id belongs to nobody any more and only a name leads to a record (low confidence).
    ///
    /// ## Why it matters
    /// User names and addresses are given again. Whoever inherits the name may inherit the access, or be blamed for it.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: access belongs to the person it was authorised for.
    ///
    /// ## Example
    /// `j.smith@example.org` was Jane, who left; John got the address. The Identity Center user still has Jane's id and
    /// Jane's `Administrator`.
    ///
    /// ## How to fix
    /// Remove the old user and its assignments, let provisioning make a new one, and do not give names again.
    ///
    /// ## Known limits
    /// Needs external ids or the provisioner's own records. Users made by hand have neither and can only be judged by name.
    /// An id that leads elsewhere than a declared link is reported as well: if both records are the same person's, declare
    /// both.
    ReusedIdentity {
        id: "reused-identity",
        title: "Reused user name or email",
        severity: High,
        requires: [],
        covers: [DirectoryUsers, IdpUsers],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation { of: "linked Identity Center users", ..Evaluation::default() };
    for user in cx.users() {
        for link in cx.ledger().links().linked(user) {
            evaluation.population += 1;
            if let Some(finding) = contradicted(cx, user, link).or_else(|| stale(cx, user, link)) {
                evaluation.findings.push(finding);
            }
        }
    }
    evaluation
}

/// A stronger rung says one person, a weaker one another.
fn contradicted(cx: &RuleCx<'_>, user: u32, link: &IdpLink) -> Option<Finding> {
    // Two weak rungs that disagree prove nothing about reuse.
    if link.strength == Strength::Weak {
        return None;
    }
    let (rung, other) = link.contradictions.first()?;
    let owner = cx.ledger().idp_user((link.idp, link.user))?;
    let bearer = cx.ledger().idp_user((link.idp, *other))?;
    // The same name or address may lead to several other records.
    let others = link.contradictions.iter().filter(|(by, _)| by == rung).count().saturating_sub(1);
    let others = match others {
        0 => String::new(),
        1 => " or another record".to_owned(),
        several => format!(" or {several} other records"),
    };
    let grants = cx.ledger().grants().of_user(user);
    let gone = cx.ledger().person_of(user).is_some_and(|person| person.standing.standing.is_gone());
    let severity = if gone && !grants.is_empty() { Severity::Critical } else { Severity::High };
    let idp = cx.idp_name(link.idp);
    let record = |record: &crate::model::IdpUser| Evidence {
        source: format!("idp:{idp}"),
        at: record.origin.clone(),
        says: format!("{} has id {} and is {}", record.user_name, record.id, record.status.as_str()),
    };
    Some(
        Finding::new(
            "reused-identity",
            severity,
            cx.user_subject(user),
            format!(
                "By {} this user is {} ({}, {}), by {} it is {} ({}, {}){others}. The stronger evidence stands: the access is judged as {}'s.",
                link.rung.as_str(),
                owner.user_name,
                owner.id,
                owner.status.as_str(),
                rung.as_str(),
                bearer.user_name,
                bearer.id,
                bearer.status.as_str(),
                owner.display_name.as_deref().unwrap_or(owner.user_name.as_str()),
            ),
            cx.user_evidence(user),
        )
        .and([record(owner), record(bearer)])
        .remedy("Remove the old user with its assignments and let provisioning make a new one for the new bearer of the name.")
        .about(grants),
    )
}

/// The id belongs to nobody any more, and only a name leads on.
fn stale(cx: &RuleCx<'_>, user: u32, link: &IdpLink) -> Option<Finding> {
    let (rung, lost) = link.stale.as_ref().filter(|_| link.strength == Strength::Weak)?;
    // Whoever was not read may be the one.
    if cx.ledger().snapshot().coverage(Fact::IdpUsers) != Coverage::Complete {
        return None;
    }
    let bearer = cx.ledger().idp_user((link.idp, link.user))?;
    let idp = cx.idp_name(link.idp);
    let lost = match rung {
        Rung::TargetId => format!("The provisioner made this user for {lost}, who is not in {idp}"),
        _ => format!("The external id {lost} belongs to nobody in {idp}, although its other users are found by theirs"),
    };
    Some(
        Finding::new(
            "reused-identity",
            Severity::High,
            cx.user_subject(user),
            format!("{lost}; the {} leads to {} ({}).", link.rung.as_str(), bearer.user_name, bearer.id),
            cx.user_evidence(user),
        )
        .and([Evidence {
            source: format!("idp:{idp}"),
            at: bearer.origin.clone(),
            says: format!("{} has id {}", bearer.user_name, bearer.id),
        }])
        .remedy("Find out whom the user was made for; remove it if it was not for the present bearer of the name.")
        .sure(Confidence::Low)
        .about(cx.ledger().grants().of_user(user)),
    )
}
