//! What the links to HR leave open, for the rules that hang on them.

use super::{RuleCx, is_guest};
use crate::model::finding::Evidence;
use crate::reconcile::{HrBasis, HrDoubt, Person};
use crate::rules::Evaluation;

impl<'a> RuleCx<'a> {
    /// Why HR can't say whether a person left, where it should. Guests and declared identities are not expected in HR.
    pub(in crate::rules) fn hr_doubt(&self, person: &'a Person) -> Option<&'a HrDoubt> {
        let is_expected = || {
            let mut records = person.idp_users.iter().filter_map(|at| self.ledger().idp_user(*at));
            !person.kind.is_declared() && !records.all(is_guest)
        };
        let is_found_nowhere = |doubt: &HrDoubt| matches!(doubt.basis, HrBasis::Possible | HrBasis::NotCompared);
        person.open_hr_doubt().filter(|doubt| !is_found_nowhere(doubt) || is_expected())
    }

    /// Says once why links to HR leave an evaluation undecided: an unlinked roster in numbers, single users by name.
    pub(in crate::rules) fn limit_by_hr(&self, doubts: &[&HrDoubt], evaluation: &mut Evaluation) {
        const SHOWN: usize = 5;
        if doubts.iter().any(|doubt| doubt.basis == HrBasis::NotCompared) {
            let qualities = self.ledger().links().hr_quality().iter();
            evaluation.limits.extend(qualities.filter_map(|quality| quality.limitation(self.idp_name(quality.idp))));
        }
        let single = || doubts.iter().filter(|doubt| doubt.basis != HrBasis::NotCompared);
        evaluation.limits.extend(single().take(SHOWN).map(|doubt| doubt.reason.clone()));
        let rest = single().count().saturating_sub(SHOWN);
        if rest > 0 {
            evaluation.limits.push(format!("HR is inconclusive for {rest} more users: see hr_link in identities.csv"));
        }
    }

    /// Counts the people who may be leavers by an HR record that could be theirs, for a rule about leavers: those who are not
    /// in its population already. Without them nobody would seem to have left where the roster is not linked.
    pub(in crate::rules) fn leavers_by_hr_are_open(
        &self,
        is_counted: impl Fn(u32) -> bool,
        evaluation: &mut Evaluation,
    ) {
        let people = (0u32..).zip(self.ledger().people().iter()).filter(|(at, _)| !is_counted(*at));
        let people = people.filter(|(_, person)| !person.users.is_empty() && !person.standing.standing.is_gone());
        let doubts: Vec<_> = people.filter_map(|(_, person)| self.hr_doubt(person)).collect();
        evaluation.undecided += doubts.len() as u64;
        self.limit_by_hr(&doubts, evaluation);
    }

    /// Records of the roster, by position.
    pub(in crate::rules) fn hr_evidence<'r>(&self, records: impl IntoIterator<Item = &'r u32>) -> Vec<Evidence> {
        let roster = self.ledger().snapshot().hr();
        let records = records.into_iter().filter_map(|at| roster?.records.get(*at as usize));
        let evidence = records.map(|record| Evidence {
            source: "hr".to_owned(),
            at: record.origin.clone(),
            says: format!("{} is {}", record.key(), record.status.as_str()),
        });
        evidence.collect()
    }
}
