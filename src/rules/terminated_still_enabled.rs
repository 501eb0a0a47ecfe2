//! `terminated-still-enabled`.

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::IdpStatus;
use crate::model::finding::{Evidence, Finding, Severity, Subject, SubjectKind};
use crate::model::standing::Standing;

declare_rule! {
    /// ## What it checks
    /// HR says the engagement has ended, and an identity provider record of that person can still sign in. Critical when
    /// the person also holds AWS access.
    ///
    /// ## Why it matters
    /// Every system behind single sign-on stays open, AWS among them. Nothing downstream can remove what the identity
    /// provider still vouches for.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: the leaver list comes from HR and not from the system under test, so a leaver nobody disabled is seen.
    ///
    /// ## Example
    /// HR ended contractor 7102 on 31 July; on 30 September `l.marsh@example.org` is active in Entra ID.
    ///
    /// ## How to fix
    /// Disable the account in the identity provider and let provisioning follow. If HR is wrong, correct HR.
    ///
    /// ## Known limits
    /// People are matched to HR by employee id, else by work email; whoever is in no record is reported by `no-hr-record`.
    /// An id or email that several people share decides nothing, and a user who could be one of several records is
    /// inconclusive. A person rehired under a new id is recognised by the same work email and name. A roster of current
    /// workers only cannot show leavers. An account whose record contradicts itself about whether it is enabled is
    /// inconclusive, and so is a roster row whose status contradicts its end date.
    TerminatedStillEnabled {
        id: "terminated-still-enabled",
        title: "Terminated worker still enabled in the identity provider",
        severity: High,
        requires: [HrRecords],
        covers: [IdpUsers],
        controls: [Cc6_2],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("identity provider users with an HR record");
    let roster = cx.ledger().snapshot().hr();
    if roster.is_some_and(|hr| !hr.lists_leavers) {
        // Whoever left is not in such a roster, so finding nobody in it says nothing about leavers.
        evaluation.limits.push("the roster lists current workers only (hr.lists = \"active\"), not leavers".to_owned());
    }
    let mut doubts = Vec::new();
    for person in cx.ledger().people().iter() {
        let enabled =
            |at: &&(u32, u32)| cx.ledger().idp_user(**at).is_some_and(|user| user.status == IdpStatus::Active);
        let enabled = person.idp_users.iter().filter(enabled).count();
        if let Some(doubt) = cx.hr_doubt(person).filter(|_| enabled > 0) {
            evaluation.undecided += enabled as u64;
            doubts.push(doubt);
        }
    }
    cx.limit_by_hr(&doubts, &mut evaluation);
    for person in cx.ledger().people().iter().filter(|person| !person.hr_records.is_empty()) {
        let grants = cx.ledger().grants_of_person(person);
        for at in &person.idp_users {
            let Some(record) = cx.ledger().idp_user(*at) else {
                continue;
            };
            evaluation.population += 1;
            let over = person.hr_records.iter().filter_map(|at| roster?.records.get(*at as usize));
            if record.status == IdpStatus::Active
                && person.standing.standing == Standing::Unknown
                && over.clone().all(|record| record.ended(cx.as_of()))
            {
                evaluation.inconclusive(record.user_name.clone(), person.standing.reason.clone());
            }
            // A staged record can't sign in yet, and a gone one not any more.
            if person.standing.standing != Standing::Ended || record.status != IdpStatus::Active {
                let unclear = person.standing.standing == Standing::Ended && record.status == IdpStatus::Unknown;
                evaluation.undecided += u64::from(unclear);
                continue;
            }
            if record.contradiction.is_some() {
                evaluation.undecided += 1;
                continue;
            }
            let idp = cx.idp_name(at.0);
            let severity = if grants.is_empty() { Severity::High } else { Severity::Critical };
            let access = if grants.is_empty() {
                "Holds no AWS access.".to_owned()
            } else {
                format!("Holds {}.", cx.list_grants(&grants))
            };
            let subject = Subject {
                kind: SubjectKind::IdpUser,
                ids: vec![idp.to_owned(), record.id.to_string()],
                name: record.user_name.clone(),
                account: None,
                permission_set: None,
            };
            let first = Evidence {
                source: format!("idp:{idp}"),
                at: record.origin.clone(),
                says: format!("{} is {}", record.user_name, record.status.as_str()),
            };
            evaluation.findings.push(
                Finding::new(
                    "terminated-still-enabled",
                    severity,
                    subject,
                    format!(
                        "{}; {} is still {} in {idp}. {access}",
                        person.standing.reason,
                        record.user_name,
                        record.status.as_str()
                    ),
                    first,
                )
                .and(cx.person_evidence(person))
                .remedy("Disable the account in the identity provider, or correct the HR record.")
                .since(person.standing.since)
                .about(grants.clone()),
            );
        }
    }
    evaluation
}
