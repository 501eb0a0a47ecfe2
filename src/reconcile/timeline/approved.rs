//! Whether a grant was approved: for this person and entitlement, beforehand, and by somebody else.

use std::collections::{HashMap, HashSet};

use super::World;
use super::lives::Life;
use super::past::Holding;
use crate::model::interval::CLOCK_SKEW;
use crate::model::time::Tri;
use crate::model::{Approval, Deadline, Fact, Interval, Known};
use crate::reconcile::text::fold;
use crate::reconcile::{Approvals, Ledger};
use crate::snapshot::Coverage;

/// What the approvals say of a grant.
#[derive(Debug, Default)]
pub struct Approved<'a> {
    /// The approval that fits best.
    pub found: Option<&'a Approval>,
    /// Whether it was approved before it was given.
    pub before: Option<Tri>,
    /// Whether the approver is neither who asked nor who got it.
    pub independent: Option<Tri>,
    /// Whether the approver was active when they approved; none where they are not found in any source.
    pub approver_active: Option<Tri>,
    /// Whether what was given is what was asked for; none where nothing was asked for by or for this person.
    pub matches: Option<Tri>,
    /// Met when all of that holds; none where no approvals were asked for.
    pub result: Option<Deadline>,
}

/// The approvals by the folded name of who may hold something.
pub(super) struct Index<'a> {
    by_user: HashMap<String, Vec<&'a Approval>>,
    /// Those that name nobody who is known.
    unmatched: Vec<&'a Approval>,
    /// People by position, by the folded name under which they approved something; none where several have that name.
    approvers: HashMap<String, Option<u32>>,
    coverage: Asked,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Whole,
    Partly,
    No,
}

impl<'a> Index<'a> {
    pub(super) fn new(world: &World<'_, 'a>) -> Self {
        let snapshot = world.ledger.snapshot();
        let mut by_user: HashMap<String, Vec<&'a Approval>> = HashMap::new();
        for approval in snapshot.approvals() {
            if let Some(name) = fold(&approval.user) {
                by_user.entry(name).or_default().push(approval);
            }
        }
        let coverage = match snapshot.coverage(Fact::Approvals) {
            Coverage::Complete => Asked::Whole,
            Coverage::Partial(_) => Asked::Partly,
            Coverage::NotAsked => Asked::No,
        };
        let unmatched = Approvals::new(world.ledger).unmatched().to_vec();
        Self { by_user, unmatched, approvers: approvers(world.ledger), coverage }
    }

    /// Whether the approver was active when they approved, by HR's end or else by every account of theirs.
    fn approver_active(&self, world: &World<'_, 'a>, approval: &Approval) -> Option<Tri> {
        let approver = approval.approved_by.as_deref().and_then(fold)?;
        let person = self.approvers.get(&approver)?.and_then(|at| world.ledger.people().get(at));
        let Some(person) = person.filter(|person| person.standing.standing.is_gone()) else { return Some(Tri::Yes) };
        let gone = person.standing.since;
        Some(
            match (&approval.approved_at, gone.and_then(|gone| gone.earliest()), gone.and_then(|gone| gone.latest())) {
                (Known::Value(at), _, Some(latest)) if *at >= latest => Tri::No,
                (Known::Value(at), Some(earliest), _) if *at < earliest => Tri::Yes,
                _ => Tri::Maybe,
            },
        )
    }

    /// Holds a grant against the approvals.
    pub(super) fn judge(&self, world: &World<'_, 'a>, life: Option<&Life<'a>>, holding: &Holding<'a>) -> Approved<'a> {
        if self.coverage == Asked::No {
            return Approved::default();
        }
        let names = names(world, life, holding);
        let theirs: Vec<&'a Approval> =
            names.iter().filter_map(|name| self.by_user.get(name)).flatten().copied().collect();
        let fits = |approval: &Approval| fits(world, holding, approval);
        let over = |approval: &Approval| {
            approval.until.zip(holding.since.earliest()).is_some_and(|(until, given)| until <= given)
        };
        let mut fitting: Vec<&'a Approval> = theirs.iter().copied().filter(|a| fits(a) && !over(a)).collect();
        // One before it was given is better than one after it; of those before, the last.
        fitting.sort_by_key(|approval| {
            (before(approval, &holding.since) != Tri::No, approval.approved_at.value().copied())
        });
        let Some(found) = fitting.last().copied() else {
            // Nothing shows that it was not there long before: it may have been approved in a time that nobody asks about.
            let first = world.past.looks.started(0);
            let old = holding.since.instant().is_none() && holding.since.earliest() < first;
            let lost = old || self.coverage == Asked::Partly || self.unmatched.iter().any(|approval| fits(approval));
            return Approved {
                matches: (!theirs.is_empty()).then_some(Tri::No),
                result: Some(if lost { Deadline::Undecided } else { Deadline::Missed }),
                ..Approved::default()
            };
        };
        let before = before(found, &holding.since);
        let independent = match found.approved_by.as_deref().and_then(fold) {
            None => Tri::Maybe,
            Some(approver) if names.contains(&approver) => Tri::No,
            Some(approver) if found.requested_by.as_deref().and_then(fold).as_ref() == Some(&approver) => Tri::No,
            Some(_) => Tri::Yes,
        };
        let approver_active = self.approver_active(world, found);
        let result = match (before, independent, approver_active.unwrap_or(Tri::Yes)) {
            (Tri::No, _, _) | (_, Tri::No, _) | (_, _, Tri::No) => Deadline::Missed,
            (Tri::Yes, Tri::Yes, Tri::Yes) => Deadline::Met,
            _ => Deadline::Undecided,
        };
        Approved {
            found: Some(found),
            before: Some(before),
            independent: Some(independent),
            approver_active,
            matches: Some(Tri::Yes),
            result: Some(result),
        }
    }
}

/// Whether something was approved before it was given. Two clocks may differ, so a little later decides nothing.
fn before(approval: &Approval, given: &Interval) -> Tri {
    match &approval.approved_at {
        Known::Value(at) if given.earliest().is_some_and(|given| *at <= given) => Tri::Yes,
        Known::Value(at) if given.latest().is_some_and(|given| at.since(given) > CLOCK_SKEW) => Tri::No,
        _ => Tri::Maybe,
    }
}

/// Who approved something, of all people: one pass over them, however many approvals there are.
fn approvers(ledger: &Ledger<'_>) -> HashMap<String, Option<u32>> {
    let approvals = ledger.snapshot().approvals().iter();
    let wanted: HashSet<String> =
        approvals.filter_map(|approval| approval.approved_by.as_deref().and_then(fold)).collect();
    let mut approvers: HashMap<String, Option<u32>> = HashMap::new();
    for (at, person) in (0u32..).zip(ledger.people().iter()).filter(|_| !wanted.is_empty()) {
        for record in person.idp_users.iter().filter_map(|at| ledger.idp_user(*at)) {
            let names = [Some(record.id.as_str()), Some(record.user_name.as_str()), record.email.as_deref()];
            let names = names.into_iter().flatten().chain(record.aliases.iter().map(String::as_str));
            for name in names.filter_map(fold).filter(|name| wanted.contains(name)) {
                let known = approvers.entry(name).or_insert(Some(at));
                if *known != Some(at) {
                    *known = None;
                }
            }
        }
    }
    approvers
}

/// Whether an approval names the account and the permission set of a grant.
fn fits(world: &World<'_, '_>, holding: &Holding<'_>, approval: &Approval) -> bool {
    let same = |text: &str, id: &str, name: Option<&str>| {
        text == id || fold(text).is_some_and(|text| Some(text) == name.and_then(fold))
    };
    let (account, set) = (&holding.assignment.account, &holding.assignment.permission_set);
    same(&approval.account, account.as_str(), world.past.account_name(account))
        && same(&approval.permission_set, set.as_str(), world.past.set_name(set))
}

/// What a person is called, folded: ids, sign-in names and addresses.
fn names(world: &World<'_, '_>, life: Option<&Life<'_>>, holding: &Holding<'_>) -> Vec<String> {
    let mut names = vec![holding.user.to_string()];
    names.extend(world.past.user_name(holding.user).map(str::to_owned));
    for user in life.into_iter().flat_map(|life| &life.users) {
        let record = world.ledger.users().binary_search_by(|record| record.id.cmp(user)).ok();
        names.extend(record.and_then(|at| world.ledger.users().get(at)?.email.clone()));
    }
    let person = life.and_then(|life| life.person).and_then(|person| world.ledger.people().get(person));
    for record in person.into_iter().flat_map(|p| &p.idp_users).filter_map(|at| world.ledger.idp_user(*at)) {
        names.push(record.id.to_string());
        names.push(record.user_name.clone());
        names.extend(record.email.clone());
        names.extend(record.aliases.iter().cloned());
    }
    let mut folded: Vec<String> = names.iter().filter_map(|name| fold(name)).collect();
    folded.sort_unstable();
    folded.dedup();
    folded
}
