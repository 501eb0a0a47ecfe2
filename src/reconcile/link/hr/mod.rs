//! Identity provider user → HR records: a ladder of its own.
//!
//! | rung | evidence |
//! |---|---|
//! | declared | the links file gives the employee id of an identity provider user |
//! | employee id | equal in the form that the provider's users vote for, and of one person on both sides |
//! | work email | primary or verified alias, equal after folding, and of one person on both sides |
//!
//! A value that several people share identifies nobody: the next rung decides. Where id and email point at different
//! records, or several records remain, nothing is linked and the records are named. Who is not found is without a record
//! only if every record that nobody claims can be held against a key of theirs; a provider none of whose users is found
//! says nothing.

mod form;
mod names;
mod outcome;
mod possible;
mod workers;

use std::collections::{BTreeSet, HashMap};

use crate::model::{DeclaredLink, HrFacts, HrRecord, IdpFacts, IdpUser};
use crate::reconcile::text::fold;
use names::{are_alike, name_key};
use possible::Leftover;
use workers::{Worker, Workers};

pub(in crate::reconcile) use form::id_key;
pub use form::{HrVote, IdForm};
pub use outcome::{HrBasis, HrLink, HrLinkQuality};

/// What one user says of themselves, in comparable form.
struct Subject<'a> {
    user: &'a IdpUser,
    id: Option<String>,
    addresses: BTreeSet<String>,
    /// Workers with that id; none where it is in no record.
    by_id: Vec<u32>,
    by_email: Vec<u32>,
    /// The number that the operator gives.
    declared: Option<&'a str>,
}

/// All links to HR, provider by provider, and how well each provider is linked.
pub(super) fn link(
    roster: &HrFacts,
    idps: &[IdpFacts],
    declared: &[DeclaredLink],
) -> (Vec<Vec<HrLink>>, Vec<HrLinkQuality>) {
    let workers = Workers::new(&roster.records);
    let ids = workers.ids();
    let declared: HashMap<String, &str> =
        declared.iter().filter_map(|link| Some((fold(&link.idp_user)?, link.employee_id.as_deref()?))).collect();
    let mut all: Vec<(HrVote, Vec<Subject<'_>>)> = Vec::new();
    for idp in idps {
        let keys: Vec<String> =
            idp.users.iter().filter_map(|user| user.employee_id.as_deref().and_then(id_key)).collect();
        let vote = HrVote::of(&keys, &ids);
        let subjects = idp.users.iter().map(|user| Subject::new(user, vote.form, &workers, &declared)).collect();
        all.push((vote, subjects));
    }
    let ladder = Ladder::new(&roster.records, &workers, &all);
    let mut links: Vec<Vec<HrLink>> = Vec::new();
    for ((vote, subjects), idp) in all.iter().zip(0u32..) {
        let shared = shared(subjects);
        links.push(subjects.iter().map(|subject| ladder.climb(idp, *vote, subject, &shared)).collect());
    }
    let leftover = Leftover::new(&workers, links.iter().flatten());
    let mut qualities = Vec::new();
    for (((vote, subjects), links), idp) in all.iter().zip(&mut links).zip(0u32..) {
        let comparable = (vote.matched > 0, subjects.iter().any(|subject| !subject.by_email.is_empty()));
        // Another account with the same number was found by its address, or may be one of several records.
        let behind = |link: &HrLink| [link.records.as_slice(), &link.candidates].concat();
        let numbers = subjects.iter().zip(links.iter()).filter(|(_, link)| !behind(link).is_empty());
        let numbers = numbers.filter_map(|(subject, link)| Some((subject.id.as_deref()?, behind(link))));
        let siblings: HashMap<&str, Vec<u32>> = numbers.collect();
        let unlinked = links.len() > 1 && links.iter().all(|link| link.basis == HrBasis::Unmatched);
        for (link, subject) in links.iter_mut().zip(subjects).filter(|(link, _)| link.basis == HrBasis::Unmatched) {
            if unlinked {
                link.basis = HrBasis::NotCompared;
                continue;
            }
            let sibling = subject.id.as_deref().and_then(|id| siblings.get(id)).cloned();
            let other = || leftover.could_be(subject.user, subject.id.as_deref(), comparable);
            if let Some(candidates) = sibling.or_else(other) {
                let reason = format!("no key matches, and the user could be {}", ladder.list(&candidates));
                *link = HrLink { basis: HrBasis::Possible, candidates, reason: Some(reason), records: Vec::new() };
            }
        }
        qualities.push(HrLinkQuality::new(idp, *vote, links));
    }
    (links, qualities)
}

/// Ids that several users of a provider have.
fn shared<'s>(subjects: &'s [Subject<'_>]) -> HashMap<&'s str, usize> {
    let mut counts = HashMap::new();
    for id in subjects.iter().filter_map(|subject| subject.id.as_deref()) {
        *counts.entry(id).or_insert(0) += 1;
    }
    counts
}

impl<'a> Subject<'a> {
    fn new(user: &'a IdpUser, form: IdForm, workers: &Workers, declared: &HashMap<String, &'a str>) -> Self {
        let id = user.employee_id.as_deref().and_then(id_key);
        let addresses: BTreeSet<String> =
            user.email.iter().chain(&user.aliases).filter_map(|address| fold(address)).collect();
        let mut by_email: Vec<u32> = addresses.iter().flat_map(|address| workers.by_email(address)).copied().collect();
        by_email.sort_unstable();
        by_email.dedup();
        let by_id = id.as_deref().map_or_else(Vec::new, |id| workers.by_id(form, id).to_vec());
        let said = (!declared.is_empty()).then(|| {
            let of = |name: &str| fold(name).and_then(|name| declared.get(&name)).copied();
            of(user.id.as_str()).or_else(|| of(&user.user_name))
        });
        Self { user, id, addresses, by_id, by_email, declared: said.flatten() }
    }

    fn has_the_name_of(&self, worker: &Worker) -> bool {
        self.user.display_name.as_deref().and_then(name_key).is_some_and(|name| worker.names.contains(&name))
    }

    /// Whether the user's name or sign-in name is the worker's.
    fn is_named_as(&self, worker: &Worker) -> bool {
        self.has_the_name_of(worker) || fold(&self.user.user_name).is_some_and(|name| worker.emails.contains(&name))
    }

    /// The same, or like it.
    fn is_like(&self, worker: &Worker) -> bool {
        let mut names = self.user.display_name.iter().chain([&self.user.user_name]);
        self.is_named_as(worker) || names.any(|name| worker.is_like(name))
    }

    /// Whether an address or name of the user is the worker's, or like it, so that an id that several users share can be
    /// this user's.
    fn fits(&self, worker: &Worker) -> bool {
        let addresses = || self.addresses.iter().map(String::as_str);
        self.is_like(worker) || addresses().any(|address| worker.emails.contains(address) || worker.is_like(address))
    }

    /// Whether two users who claim one worker can be one person.
    fn can_be(&self, other: &Self) -> bool {
        let names = |subject: &Self| {
            let mut names: Vec<String> = subject.addresses.iter().cloned().collect();
            names.extend(subject.user.display_name.iter().cloned());
            names.push(subject.user.user_name.clone());
            names
        };
        let (mine, theirs) = (names(self), names(other));
        mine.iter().any(|mine| theirs.iter().any(|theirs| are_alike(mine, theirs)))
    }
}

/// Everything that the rungs ask.
struct Ladder<'a> {
    records: &'a [HrRecord],
    workers: &'a Workers,
    /// Users, of all providers, that an id leads to one worker.
    claims: HashMap<u32, Vec<&'a Subject<'a>>>,
    /// How many users of one provider an address leads to one worker.
    by_email: HashMap<(u32, u32), usize>,
}

/// Whose an employee id is that several users have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bearer {
    /// The user's, or all of them are accounts of one person.
    Own,
    /// Another user's, whom the roster's name or address fits.
    Others,
    /// Nothing says whose.
    Unclear,
}

/// More users than one person has: then no likeness among them is looked for.
const ACCOUNTS: usize = 8;

impl<'a> Ladder<'a> {
    fn new(records: &'a [HrRecord], workers: &'a Workers, all: &'a [(HrVote, Vec<Subject<'a>>)]) -> Self {
        let mut ladder = Self { records, workers, claims: HashMap::new(), by_email: HashMap::new() };
        for (idp, (_, subjects)) in (0u32..).zip(all) {
            for subject in subjects {
                if let [one] = subject.by_id.as_slice() {
                    ladder.claims.entry(*one).or_default().push(subject);
                }
                for worker in &subject.by_email {
                    *ladder.by_email.entry((idp, *worker)).or_insert(0) += 1;
                }
            }
        }
        ladder
    }

    /// Whose the id is that leads a user to one worker: several people may have it.
    fn bearer(&self, subject: &Subject<'_>, at: u32) -> Bearer {
        let Some(worker) = self.workers.get(at) else { return Bearer::Unclear };
        let claims = self.claims.get(&at).map_or(&[][..], Vec::as_slice);
        let are_few = claims.len() <= ACCOUNTS;
        if claims.len() < 2 || subject.fits(worker) {
            Bearer::Own
        } else if are_few && claims.iter().any(|other| other.fits(worker)) {
            Bearer::Others
        } else if are_few
            && claims.iter().all(|one| one.by_email.is_empty() || one.by_email.contains(&at))
            && claims.iter().all(|one| claims.iter().all(|other| one.can_be(other)))
        {
            // Where an address of one of them points elsewhere, the number of all is in doubt.
            Bearer::Own
        } else {
            Bearer::Unclear
        }
    }

    /// Whether the address that leads a user to one worker is not that of another user's as well.
    fn is_own_address(&self, idp: u32, subject: &Subject<'_>, at: u32) -> bool {
        let sharing = self.by_email.get(&(idp, at)).copied().unwrap_or(0);
        sharing < 2 || self.workers.get(at).is_some_and(|worker| subject.is_like(worker))
    }

    fn climb(&self, idp: u32, vote: HrVote, subject: &Subject<'_>, shared: &HashMap<&str, usize>) -> HrLink {
        let (id, emails) = (subject.by_id.as_slice(), subject.by_email.as_slice());
        if let Some(number) = subject.declared {
            return self.declared(number, emails);
        }
        let what = subject.user.employee_id.as_deref().unwrap_or_default();
        let bearer = match id {
            &[one] => Some(self.bearer(subject, one)),
            _ => None,
        };
        match (id, emails) {
            (&[one], _) if bearer == Some(Bearer::Own) || bearer == Some(Bearer::Unclear) && !emails.is_empty() => {
                if emails.is_empty() || emails.contains(&one) {
                    self.linked(one, HrBasis::EmployeeId)
                } else {
                    let (by_id, by_email) = (self.records_of(id), self.records_of(emails));
                    let (first, second) = (self.list(&by_id), self.list(&by_email));
                    let why = format!("employee id {what} is that of {first}, and the work email that of {second}");
                    self.unclear(HrBasis::Contradicted, [by_id, by_email].concat(), why)
                }
            }
            ([], []) => HrLink::default(),
            (_, []) => {
                let records = self.records_of(id);
                let why =
                    format!("employee id {what} stands for several people, and could mean {}", self.list(&records));
                self.unclear(HrBasis::Ambiguous, records, why)
            }
            ([_, _, ..], _) => {
                // Who has both the id and the address is meant; else the two contradict each other.
                let both: Vec<u32> = emails.iter().filter(|worker| id.contains(worker)).copied().collect();
                match both.as_slice() {
                    &[one] => self.by_address(idp, subject, one),
                    [] => {
                        let records = [self.records_of(id), self.records_of(emails)].concat();
                        let second = self.list(&self.records_of(emails));
                        let why = format!(
                            "employee id {what} stands for {}, and the work email is that of {second}",
                            self.list(&self.records_of(id))
                        );
                        self.unclear(HrBasis::Contradicted, records, why)
                    }
                    several => self.ambiguous_address(several),
                }
            }
            (_, &[one]) => {
                let unknown = id.is_empty() && subject.id.as_deref().is_some_and(|id| shared.get(id) == Some(&1));
                let worker = self.workers.get(one);
                let other = worker.is_some_and(|worker| !worker.ids.is_empty() && !subject.has_the_name_of(worker));
                // A number that should be in the roster and is not says that the address may have been given anew.
                if unknown && other && vote.explains_most() {
                    let records = self.records_of(&[one]);
                    let why = format!(
                        "no record has employee id {what}, and the work email is that of {}",
                        self.list(&records)
                    );
                    return self.unclear(HrBasis::Contradicted, records, why);
                }
                self.by_address(idp, subject, one)
            }
            (_, several) => self.ambiguous_address(several),
        }
    }

    fn by_address(&self, idp: u32, subject: &Subject<'_>, worker: u32) -> HrLink {
        if self.is_own_address(idp, subject, worker) {
            return self.linked(worker, HrBasis::Email);
        }
        let records = self.records_of(&[worker]);
        let why = format!("several users have the work email of {}", self.list(&records));
        self.unclear(HrBasis::Ambiguous, records, why)
    }

    fn ambiguous_address(&self, workers: &[u32]) -> HrLink {
        let records = self.records_of(workers);
        let why = format!("the work email is shared by {}", self.list(&records));
        self.unclear(HrBasis::Ambiguous, records, why)
    }

    /// The operator's word; where several people have the number, the address says which of them is meant.
    fn declared(&self, number: &str, emails: &[u32]) -> HrLink {
        let named = id_key(number).map_or(&[][..], |key| self.workers.by_id(IdForm::Exact, &key));
        let both: Vec<u32> = named.iter().filter(|worker| emails.contains(worker)).copied().collect();
        match (named, both.as_slice()) {
            (&[one], _) | (_, &[one]) => {
                let records = self.records_of(&[one]);
                HrLink { records, basis: HrBasis::Declared, candidates: Vec::new(), reason: None }
            }
            ([], _) => {
                let why = format!("the links file gives employee id {number}, which no record has");
                self.unclear(HrBasis::Ambiguous, self.records_of(emails), why)
            }
            _ => {
                let records = self.records_of(named);
                let why =
                    format!("the links file gives employee id {number}, which is that of {}", self.list(&records));
                self.unclear(HrBasis::Ambiguous, records, why)
            }
        }
    }

    /// A link to one worker, with those who may be the same person under another number.
    fn linked(&self, worker: u32, basis: HrBasis) -> HrLink {
        let others: Vec<u32> =
            self.workers.namesakes(worker).into_iter().filter(|other| !self.claims.contains_key(other)).collect();
        let candidates = self.records_of(&others);
        let reason = (!candidates.is_empty())
            .then(|| format!("{} has the same work email and may be the same person", self.list(&candidates)));
        HrLink { records: self.records_of(&[worker]), basis, candidates, reason }
    }

    fn unclear(&self, basis: HrBasis, mut candidates: Vec<u32>, reason: String) -> HrLink {
        candidates.sort_unstable();
        candidates.dedup();
        HrLink { records: Vec::new(), basis, candidates, reason: Some(reason) }
    }

    fn records_of(&self, workers: &[u32]) -> Vec<u32> {
        let workers = workers.iter().filter_map(|worker| self.workers.get(*worker));
        let mut records: Vec<u32> = workers.flat_map(|worker| &worker.records).copied().collect();
        records.sort_unstable();
        records
    }

    /// Records in words, at most four of them.
    fn list(&self, records: &[u32]) -> String {
        const SHOWN: usize = 4;
        let named = records.iter().take(SHOWN).filter_map(|at| self.records.get(*at as usize));
        let named: Vec<String> = named.map(|record| format!("{} ({})", record.key(), record.origin)).collect();
        let rest = records.len().saturating_sub(SHOWN);
        if rest > 0 { format!("{} and {rest} more", named.join(", ")) } else { named.join(", ") }
    }
}
