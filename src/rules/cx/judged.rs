//! Grants held against the `[[access]]` entries, once for all rules that ask.

use super::RuleCx;
use crate::config::AccessEntry;
use crate::model::finding::{Evidence, Finding, GrantKey, Severity, Subject, SubjectKind};
use crate::model::standing::Standing;
use crate::model::{AccountClass, Approval};
use crate::reconcile::Person;
use crate::rules::Evaluation;

/// A person who is here, what policy says of them, and what they hold.
pub(in crate::rules) struct Judged<'a> {
    pub(in crate::rules) user: u32,
    pub(in crate::rules) person: &'a Person,
    /// The entries that match the person, ended ones included.
    pub(in crate::rules) entries: Vec<&'a AccessEntry>,
    pub(in crate::rules) grants: Vec<GrantKey>,
}

/// What policy says of a grant. Each answer has one rule that reports it.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules) enum ByPolicy<'a> {
    /// A live entry allows it.
    Allowed,
    /// Only an entry that has ended would allow it.
    Ended(&'a AccessEntry),
    /// No entry allows it.
    Outside,
    /// No entry allows it, and what was not read may be why: the person's groups, or the account's or set's name.
    Undecided,
}

impl<'a> RuleCx<'a> {
    /// Shows every person whom policy is to judge: not those who are gone or orphaned, whom other rules report, and not
    /// declared identities. Whose standing is unknown counts as undecided, grant by grant.
    pub(in crate::rules) fn judge(
        &self,
        evaluation: &mut Evaluation,
        mut see: impl FnMut(&Judged<'a>, &mut Evaluation),
    ) {
        for (user, person, grants) in self.holders() {
            if person.kind.is_declared() {
                continue;
            }
            match person.standing.standing {
                Standing::Active | Standing::NotStarted => {
                    let entries = self.policy().matching(self.ledger(), person);
                    see(&Judged { user, person, entries, grants }, evaluation);
                }
                Standing::Unknown => evaluation.undecided += grants.len() as u64,
                _ => {}
            }
        }
    }

    /// What policy says of one grant.
    pub(in crate::rules) fn by_policy(&self, judged: &Judged<'a>, grant: GrantKey) -> ByPolicy<'a> {
        let (policy, ledger) = (self.policy(), self.ledger());
        if policy.allowing(ledger, &judged.entries, grant).is_some() {
            ByPolicy::Allowed
        } else if policy.may_allow(ledger, &judged.entries, grant) || policy.needs_unread_groups(ledger, judged.person)
        {
            ByPolicy::Undecided
        } else if let Some(entry) = policy.ended(ledger, &judged.entries, grant) {
            ByPolicy::Ended(entry)
        } else {
            ByPolicy::Outside
        }
    }

    /// Whether a grant is in the organization's management account.
    pub(in crate::rules) fn is_in_management(&self, grant: GrantKey) -> bool {
        self.ledger().account_of(grant).is_some_and(|account| account.class == AccountClass::Management)
    }

    /// What a grant gives, whatever the path.
    pub(in crate::rules) fn entitlement(&self, grant: GrantKey) -> Option<(&'a str, &'a str)> {
        let record = self.ledger().entitlements().assignments().get(grant.assignment as usize)?;
        Some((record.account.as_str(), record.permission_set.as_str()))
    }

    /// A person's holding of an entitlement as subject.
    pub(in crate::rules) fn entitlement_subject(&self, grant: GrantKey) -> Option<Subject> {
        let grant = self.ledger().grant(grant)?;
        Some(Subject {
            kind: SubjectKind::Entitlement,
            ids: vec![
                grant.user.id.to_string(),
                grant.assignment.account.to_string(),
                grant.assignment.permission_set.to_string(),
            ],
            name: grant.user.user_name.clone(),
            account: Some(grant.assignment.account.clone()),
            permission_set: Some(grant.assignment.permission_set.clone()),
        })
    }

    /// A person's grants by what they give: all paths to it, one by one. Policy and privilege are the same for all of them.
    pub(in crate::rules) fn holdings<'g>(
        &self,
        judged: &'g Judged<'_>,
    ) -> impl Iterator<Item = (GrantKey, &'g [GrantKey])> {
        let chunks = judged.grants.chunk_by(|a, b| self.entitlement(*a) == self.entitlement(*b));
        chunks.filter_map(|paths| Some((*paths.first()?, paths)))
    }

    /// A finding about all paths to one entitlement: it is the holding that policy speaks of.
    pub(in crate::rules) fn holding_finding(
        &self,
        rule: &'static str,
        judged: &Judged<'_>,
        paths: &[GrantKey],
        (severity, detail, first): (Severity, String, Evidence),
    ) -> Option<Finding> {
        let subject = self.entitlement_subject(*paths.first()?)?;
        Some(
            Finding::new(rule, severity, subject, detail, first)
                .and([self.user_evidence(judged.user)])
                .and(self.person_evidence(judged.person))
                .and(self.grant_evidence(paths))
                .sure(self.confidence(judged.person))
                .about(paths.to_vec()),
        )
    }

    /// An approval as evidence.
    pub(in crate::rules) fn approval_evidence(approval: &Approval) -> Evidence {
        let by = approval.approved_by.as_deref().map_or_else(String::new, |by| format!(", approved by {by}"));
        let ends = approval.until.map_or_else(|| "has no end".to_owned(), |end| format!("ends at {end}"));
        Evidence {
            source: "approvals".to_owned(),
            at: approval.origin.clone(),
            says: format!("{} for {} on {} {ends}{by}", approval.permission_set, approval.user, approval.account),
        }
    }

    /// An `[[access]]` entry as evidence.
    pub(in crate::rules) fn entry_evidence(entry: &AccessEntry) -> Evidence {
        let ends = entry.expires.map_or_else(|| "has no end".to_owned(), |end| format!("ends at {end}"));
        Evidence {
            source: "config".to_owned(),
            at: format!("[[access]] {}", entry.number),
            says: format!("allows {} and {ends}", entry.permission_set),
        }
    }
}
