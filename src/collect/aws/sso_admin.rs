//! Permission sets and who has them where.
//!
//! The plan with the fewest calls goes permission set → accounts it is deployed to → assignments. Starting from assignments rather than
//! from people shows principals that no longer exist. The exhaustive plan asks every account × permission set instead.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use aws_sdk_ssoadmin::types;
use tokio::sync::oneshot;

use super::convert::{Interner, tail};
use super::operation::{
    LIST_ACCOUNTS, LIST_ASSIGNMENTS, LIST_OUTDATED, LIST_PERMISSION_SETS, LIST_PROVISIONED, Operation,
};
use super::organizations::AccountList;
use super::paged::PagedOperation;
use super::permission_set::{Answer, Draft, Question, ask};
use super::session::Client;
use super::sso_lists::{assignments, deployments, permission_sets};
use crate::collect::calls::{CallError, Crew, Gaps, Job, Page, Pager};
use crate::model::id::{AccountId, GroupId, InstanceArn, PermissionSetArn, UserId};
use crate::model::{Assignment, Fact, Known, PermissionSet, Principal, Provisioned};

/// What sso-admin told.
#[derive(Debug)]
pub(super) struct Access {
    /// Sorted by ARN.
    pub(super) permission_sets: Vec<PermissionSet>,
    /// Why there may be more permission sets.
    pub(super) sets_end: Result<(), CallError>,
    /// Sorted.
    pub(super) provisioned: Vec<Provisioned>,
    /// Sorted, without duplicates.
    pub(super) assignments: Vec<Assignment>,
    pub(super) gaps: Gaps,
    pub(super) notes: Vec<String>,
}

/// Which pairs of permission set and account to ask for.
pub(super) enum Plan {
    /// Those that AWS lists as deployed.
    Provisioned,
    /// All, once the accounts are known.
    Exhaustive(oneshot::Receiver<AccountList>),
}

/// Keeps the queue short while pairs are many.
const QUEUE: usize = 64;

/// Reads permission sets and assignments.
pub(super) async fn read(client: &Arc<Client>, instance: &InstanceArn, plan: Plan) -> Access {
    let (exhaustive, mut pending) = match plan {
        Plan::Provisioned => (false, None),
        Plan::Exhaustive(accounts) => (true, Some(accounts)),
    };
    let mut sweep = Sweep {
        instance: instance.clone(),
        crew: Crew::new(client),
        exhaustive,
        sets: BTreeMap::new(),
        sets_end: Ok(()),
        uncrossed: VecDeque::new(),
        assignments: Vec::new(),
        principals: Principals::default(),
        gaps: Gaps::default(),
    };
    let mut accounts: Option<Vec<AccountId>> = None;
    sweep.first(Task::Sets(Pager::default()));
    loop {
        if let Some(accounts) = &accounts {
            sweep.cross(accounts);
        }
        let listed = async {
            match &mut pending {
                Some(receiver) => receiver.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(outcome) = sweep.crew.next() => sweep.take(outcome),
            listed = listed, if exhaustive && accounts.is_none() => {
                pending = None;
                accounts = Some(sweep.accounts(listed));
            }
            else => break,
        }
    }
    sweep.finish()
}

/// The work of one sweep and what it brought so far.
struct Sweep {
    instance: InstanceArn,
    crew: Crew<SsoJob>,
    exhaustive: bool,
    sets: BTreeMap<PermissionSetArn, SetState>,
    sets_end: Result<(), CallError>,
    /// Permission sets that are still to be asked for on every account.
    uncrossed: VecDeque<PermissionSetArn>,
    assignments: Vec<Assignment>,
    principals: Principals,
    gaps: Gaps,
}

struct SetState {
    draft: Draft,
    accounts: BTreeSet<AccountId>,
    outdated: BTreeSet<AccountId>,
    /// Why it is not known which deployments are outdated.
    outdated_unknown: Option<String>,
}

/// One call, with the instance that all of them need.
struct SsoJob {
    instance: InstanceArn,
    task: Task,
}

enum Task {
    Sets(Pager),
    Ask(PermissionSetArn, Question),
    Accounts(PermissionSetArn, Pager),
    Outdated(PermissionSetArn, Pager),
    Assignments(PermissionSetArn, AccountId, Pager),
}

enum Outcome {
    Sets(Page<Option<PermissionSetArn>>),
    Ask(PermissionSetArn, Answer),
    Accounts(PermissionSetArn, Page<Option<AccountId>>),
    Outdated(PermissionSetArn, Page<Option<AccountId>>),
    Assignments(PermissionSetArn, AccountId, Page<types::AccountAssignment>),
}

impl Job for SsoJob {
    type Team = Client;
    type Outcome = Outcome;

    async fn run(self, client: Arc<Client>) -> Outcome {
        let instance = &self.instance;
        match self.task {
            Task::Sets(pager) => {
                Outcome::Sets(permission_sets(&client, &LIST_PERMISSION_SETS, instance).page(pager).await)
            }
            Task::Ask(set, question) => {
                let answer = ask(&client, instance, &set, question).await;
                Outcome::Ask(set, answer)
            }
            Task::Accounts(set, pager) => {
                let page = deployments(&client, &LIST_PROVISIONED, instance, &set).page(pager).await;
                Outcome::Accounts(set, page)
            }
            Task::Outdated(set, pager) => {
                let page = deployments(&client, &LIST_OUTDATED, instance, &set).page(pager).await;
                Outcome::Outdated(set, page)
            }
            Task::Assignments(set, account, pager) => {
                let page = assignments(&client, instance, &set, &account).page(pager).await;
                Outcome::Assignments(set, account, page)
            }
        }
    }
}

impl Sweep {
    fn job(&self, task: Task) -> SsoJob {
        SsoJob { instance: self.instance.clone(), task }
    }

    fn add(&mut self, task: Task) {
        let job = self.job(task);
        self.crew.add(job);
    }

    /// What shows how much there is to do comes first.
    fn first(&mut self, task: Task) {
        let job = self.job(task);
        self.crew.add_first(job);
    }

    /// Takes the organization's accounts, which an exhaustive sweep crosses with every permission set.
    fn accounts(&mut self, listed: Result<AccountList, oneshot::error::RecvError>) -> Vec<AccountId> {
        let lost = |_| AccountList {
            ids: Vec::new(),
            end: Err(CallError::malformed(&LIST_ACCOUNTS, "the accounts were not listed")),
        };
        let list = listed.unwrap_or_else(lost);
        if let Err(error) = &list.end {
            self.gaps.add_fact(Fact::Assignments, &LIST_ACCOUNTS, "", error);
        }
        list.ids
    }

    fn cross(&mut self, accounts: &[AccountId]) {
        while self.crew.waiting() < QUEUE {
            let Some(set) = self.uncrossed.pop_front() else { return };
            for account in accounts {
                self.add(Task::Assignments(set.clone(), account.clone(), Pager::default()));
            }
        }
    }

    fn take(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Sets(page) => self.sets(page),
            Outcome::Ask(set, answer) => {
                let Some(state) = self.sets.get_mut(&set) else { return };
                if let Some(next) = state.draft.take(answer, &mut self.gaps) {
                    self.add(Task::Ask(set, next));
                }
            }
            Outcome::Accounts(set, page) => {
                self.deployed(&set, &LIST_PROVISIONED, page.items);
                if let Some(pager) = self.gaps.next_page(&LIST_PROVISIONED, tail(set.as_str()), page.rest) {
                    self.first(Task::Accounts(set, pager));
                }
            }
            Outcome::Outdated(set, page) => {
                let accounts = self.deployed(&set, &LIST_OUTDATED, page.items);
                if let Some(state) = self.sets.get_mut(&set) {
                    state.outdated.extend(accounts);
                }
                match page.rest {
                    Ok(Some(pager)) => self.first(Task::Outdated(set, pager)),
                    Ok(None) => {}
                    Err(error) => {
                        self.gaps.add(&LIST_OUTDATED, tail(set.as_str()), &error);
                        if let Some(state) = self.sets.get_mut(&set) {
                            state.outdated_unknown = Some(error.reason);
                        }
                    }
                }
            }
            Outcome::Assignments(set, account, page) => self.assignments(set, account, page),
        }
    }

    fn sets(&mut self, page: Page<Option<PermissionSetArn>>) {
        let nameless = page.items.iter().any(Option::is_none);
        match page.rest {
            Ok(Some(pager)) => self.first(Task::Sets(pager)),
            end => self.sets_end = end.map(drop),
        }
        if nameless && self.sets_end.is_ok() {
            self.sets_end = Err(CallError::malformed(&LIST_PERMISSION_SETS, "a permission set without an ARN"));
        }
        let mut fresh = Vec::new();
        for set in page.items.into_iter().flatten() {
            if self.sets.contains_key(&set) {
                continue;
            }
            let state = SetState {
                draft: Draft::new(set.clone()),
                accounts: BTreeSet::new(),
                outdated: BTreeSet::new(),
                outdated_unknown: None,
            };
            self.sets.insert(set.clone(), state);
            fresh.push(set);
        }
        for set in &fresh {
            if self.exhaustive {
                self.uncrossed.push_back(set.clone());
            } else {
                self.add(Task::Accounts(set.clone(), Pager::default()));
                self.add(Task::Outdated(set.clone(), Pager::default()));
            }
        }
        for set in fresh {
            for question in Question::all() {
                self.add(Task::Ask(set.clone(), question));
            }
        }
    }

    /// Asks who has `set` on each account that was not seen before. An account only on the list of outdated ones came in between.
    fn deployed(
        &mut self,
        set: &PermissionSetArn,
        operation: &Operation,
        accounts: Vec<Option<AccountId>>,
    ) -> Vec<AccountId> {
        if accounts.iter().any(Option::is_none) {
            let error = CallError::malformed(operation, "an account id that is none");
            self.gaps.add(operation, tail(set.as_str()), &error);
        }
        let accounts: Vec<AccountId> = accounts.into_iter().flatten().collect();
        for account in &accounts {
            let fresh = self.sets.get_mut(set).is_some_and(|state| state.accounts.insert(account.clone()));
            if fresh {
                self.add(Task::Assignments(set.clone(), account.clone(), Pager::default()));
            }
        }
        accounts
    }

    fn assignments(&mut self, set: PermissionSetArn, account: AccountId, page: Page<types::AccountAssignment>) {
        let subject = || format!("{} on {account}", tail(set.as_str()));
        for row in &page.items {
            let told = row.account_id().is_none_or(|told| told == account.as_str())
                && row.permission_set_arn().is_none_or(|told| told == set.as_str());
            let principal = self.principals.of(row.principal_type(), row.principal_id());
            match principal.filter(|_| told) {
                Some(principal) => self.assignments.push(Assignment {
                    account: account.clone(),
                    permission_set: set.clone(),
                    principal,
                }),
                None => {
                    let error = CallError::malformed(&LIST_ASSIGNMENTS, "a row that does not answer the question");
                    self.gaps.add(&LIST_ASSIGNMENTS, &subject(), &error);
                }
            }
        }
        if let Some(pager) = self.gaps.next_page(&LIST_ASSIGNMENTS, &subject(), page.rest) {
            self.add(Task::Assignments(set, account, pager));
        }
    }

    fn finish(mut self) -> Access {
        if let Err(error) = &self.sets_end {
            self.gaps.add(&LIST_PERMISSION_SETS, "", error);
        }
        let mut provisioned = Vec::new();
        let mut permission_sets = Vec::new();
        for (arn, state) in self.sets {
            for account in state.accounts {
                let latest = match &state.outdated_unknown {
                    // What was listed as outdated is, even if the list broke off later.
                    _ if state.outdated.contains(&account) => Known::Value(false),
                    Some(reason) => Known::Unknown(reason.clone()),
                    None => Known::Value(true),
                };
                provisioned.push(Provisioned { permission_set: arn.clone(), account, latest });
            }
            permission_sets.push(state.draft.set);
        }
        let rows = self.assignments.len();
        self.assignments.sort_unstable();
        self.assignments.dedup();
        let mut notes = Vec::new();
        if rows > self.assignments.len() {
            let repeated = rows - self.assignments.len();
            notes.push(format!(
                "{repeated} assignment rows were given twice by sso:ListAccountAssignments and are kept once"
            ));
        }
        Access {
            permission_sets,
            sets_end: self.sets_end,
            provisioned,
            assignments: self.assignments,
            gaps: self.gaps,
            notes,
        }
    }
}

/// Principals of rows, each id kept once.
#[derive(Default)]
pub(super) struct Principals {
    users: Interner<UserId>,
    groups: Interner<GroupId>,
}

impl Principals {
    /// The principal of a row; none when its type or id is not understood.
    pub(super) fn of(&mut self, kind: Option<&types::PrincipalType>, id: Option<&str>) -> Option<Principal> {
        match kind? {
            types::PrincipalType::User => self.users.id(id).map(Principal::User),
            types::PrincipalType::Group => self.groups.id(id).map(Principal::Group),
            _ => None,
        }
    }
}
