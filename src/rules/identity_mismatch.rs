//! `identity-mismatch`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity};
use crate::model::{DirectoryUser, IdpStatus, IdpUser};
use crate::reconcile::text::{fold, guest_address};
use crate::reconcile::{HrBasis, HrLink, IdpLink, Person, Rung};

declare_rule! {
    /// ## What it checks
    /// An Identity Center user is linked to an identity provider record by an id (the external id, or the provisioner's own
    /// record), and its user name or email is none of the record's names and addresses, case and Unicode form aside. Or the employee id that the identity provider has
    /// is not that of the person's current engagement in HR, or id and work email point at different HR records.
    ///
    /// ## Why it matters
    /// Renames that provisioning did not carry over make logs and reviews name somebody nobody knows, and free the old
    /// name for reuse.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: whom a line of a review or log speaks of.
    ///
    /// ## Example
    /// Ines Duarte married; the identity provider has `ines.duarte-silva@example.org` and no alias, Identity Center the
    /// old name.
    ///
    /// ## How to fix
    /// Let provisioning update the user, and map the user name to the attribute that people sign in with.
    ///
    /// ## Known limits
    /// Names for people are not compared: every system writes them its own way. A name that belongs to somebody else is
    /// `reused-identity`; links that the operator declared, and people who are gone, are not looked at.
    IdentityMismatch {
        id: "identity-mismatch",
        title: "User attributes differ from the identity provider",
        severity: Low,
        requires: [],
        covers: [DirectoryUsers, IdpUsers],
        if_asked: [HrRecords, DeclaredLinks],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("strong links to identity providers, and links to HR");
    for user in cx.users() {
        let (Some(record), Some(person)) = (cx.ledger().user(user), cx.ledger().person_of(user)) else { continue };
        if person.standing.standing.is_gone() {
            continue;
        }
        for link in cx.ledger().links().linked(user).filter(|link| is_compared(link)) {
            evaluation.population += 1;
            let Some(other) = cx.ledger().idp_user((link.idp, link.user)) else { continue };
            if link.contradictions.is_empty() {
                evaluation.findings.extend(finding(cx, user, record, link, other));
            }
        }
    }
    for person in cx.ledger().people().iter().filter(|person| !person.users.is_empty()) {
        if person.standing.standing.is_gone() {
            continue;
        }
        for at in &person.idp_users {
            let (Some(record), Some(link)) = (cx.ledger().idp_user(*at), cx.ledger().links().hr_of(*at)) else {
                continue;
            };
            if record.status == IdpStatus::Active {
                evaluation.population += u64::from(!link.records.is_empty());
                evaluation.findings.extend(in_hr(cx, person, (*at, record), link));
            }
        }
    }
    evaluation
}

/// Whether a link rests on an id, so that names which differ are a mismatch and no other person. The operator's own word is
/// left as it is.
fn is_compared(link: &IdpLink) -> bool {
    matches!(link.rung, Rung::TargetId | Rung::ExternalId)
}

/// The number that the identity provider has, where it is not that of the person's current engagement.
fn in_hr(cx: &RuleCx<'_>, person: &Person, (at, user): ((u32, u32), &IdpUser), link: &HrLink) -> Option<Finding> {
    let roster = cx.ledger().snapshot().hr()?;
    let (severity, detail) = if link.basis == HrBasis::Contradicted {
        (Severity::Medium, format!("Employee id and work email disagree: {}.", link.reason.as_deref()?))
    } else {
        let (mine, number) = (user.employee_id.as_deref().and_then(fold)?, user.employee_id.as_deref()?);
        let quality = cx.ledger().links().hr_quality().iter().find(|quality| quality.idp == at.0)?;
        let records = link.records.iter().filter_map(|at| roster.records.get(*at as usize));
        let current: Vec<_> = records.filter(|record| !record.ended(cx.as_of())).collect();
        let theirs: Vec<&str> = current.iter().filter_map(|record| record.employee_id.as_deref()).collect();
        // Where the two number people differently, a difference says nothing.
        let differs = theirs.iter().all(|theirs| !quality.vote.form.is_same(&mine, theirs));
        if theirs.is_empty() || !differs || quality.vote.matched == 0 {
            return None;
        }
        let detail =
            format!("The identity provider has employee id {number}; in HR the person is {} today.", theirs.join(", "));
        (Severity::Low, detail)
    };
    let first =
        cx.record_evidence(at.0, user, format!("{} has employee id {}", user.user_name, user.employee_id.as_deref()?));
    let evidence = cx.hr_evidence(link.records.iter().chain(&link.candidates));
    let grants = cx.ledger().grants_of_person(person);
    let finding = Finding::new("identity-mismatch", severity, cx.idp_user_subject(at.0, user), detail, first);
    Some(finding.and(evidence).remedy("Correct the employee id in the identity provider or in HR.").about(grants))
}

fn finding(cx: &RuleCx<'_>, user: u32, mine: &DirectoryUser, link: &IdpLink, theirs: &IdpUser) -> Option<Finding> {
    let mut names: Vec<String> = [Some(&theirs.user_name), theirs.email.as_ref()]
        .into_iter()
        .flatten()
        .chain(&theirs.aliases)
        .filter_map(|name| fold(name))
        .collect();
    names.extend(guest_address(&theirs.user_name));
    let differs = |name: &str| fold(name).is_some_and(|name| !names.contains(&name));
    let mut said = Vec::new();
    if differs(&mine.user_name) {
        said.push(format!("the user name {}", mine.user_name));
    }
    if let Some(email) = mine.email.as_deref().filter(|email| differs(email) && *email != mine.user_name) {
        said.push(format!("the email {email}"));
    }
    if said.is_empty() {
        return None;
    }
    let idp = cx.idp_name(link.idp);
    let mut subject = cx.user_subject(user);
    subject.ids.push(idp.to_owned());
    Some(
        Finding::new(
            "identity-mismatch",
            Severity::Low,
            subject,
            format!("Identity Center has {}; in {idp} the person is {}.", said.join(" and "), theirs.user_name),
            cx.user_evidence(user),
        )
        .and([Evidence {
            source: format!("idp:{idp}"),
            at: theirs.origin.clone(),
            says: format!("id {} is {}", theirs.id, theirs.user_name),
        }])
        .remedy("Let provisioning update the user.")
        .about(cx.ledger().grants().of_user(user)),
    )
}
