//! What a rule sees, and the words rules share.

mod exposure;
mod groups;
mod hr;
mod judged;
mod live;
mod owners;

use std::cell::OnceCell;

use crate::model::exception::Exception;
use crate::model::finding::{Confidence, Evidence, Finding, GrantKey, Subject, SubjectKind};
use crate::model::{Fact, standing::Standing};
use crate::model::{IdpUser, Instant, Interval, Known, PermissionSet, PrincipalKind};
use crate::reconcile::link::{LinkOutcome, Strength};
use crate::reconcile::policy::Policy;
use crate::reconcile::text::guest_address;
use crate::reconcile::{AccountView, Approvals, Counterparts, Ledger, Person, StaleFile};
use crate::snapshot::Coverage;

/// The read-only world of a rule.
#[derive(Debug)]
pub struct RuleCx<'a> {
    ledger: &'a Ledger<'a>,
    policy: Policy<'a>,
    /// Files that are too old to show what happened up to the collection.
    stale: Vec<StaleFile<'a>>,
    /// Made when a rule first asks, as most configs name few people.
    names: OnceCell<owners::Names<'a>>,
    approvals: OnceCell<Approvals<'a>>,
    counterparts: OnceCell<Counterparts<'a>>,
}

pub(super) use crate::reconcile::Counterpart;
pub(super) use exposure::Exposure;
pub(super) use judged::{ByPolicy, Judged};
pub(super) use live::App;
pub(super) use owners::Owner;

/// Whether any of some grants is privileged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnyPrivileged {
    Yes,
    No,
}

impl<'a> RuleCx<'a> {
    pub(super) fn new(ledger: &'a Ledger<'a>) -> Self {
        Self {
            ledger,
            policy: Policy::new(ledger),
            stale: ledger.stale_files(),
            names: OnceCell::new(),
            approvals: OnceCell::new(),
            counterparts: OnceCell::new(),
        }
    }

    /// The ledger.
    pub fn ledger(&self) -> &'a Ledger<'a> {
        self.ledger
    }

    /// Why silence of a rule that rests on these facts is no pass for the time since old files were exported. Links that the
    /// operator declared do not age.
    pub(super) fn stale(&self, facts: impl Iterator<Item = Fact> + Clone) -> impl Iterator<Item = String> {
        let rests_on = move |file: &&StaleFile<'_>| {
            facts.clone().any(|fact| fact != Fact::DeclaredLinks && file.facts.contains(&fact))
        };
        self.stale.iter().filter(rests_on).map(StaleFile::describe)
    }

    pub(super) fn policy(&self) -> &Policy<'a> {
        &self.policy
    }

    /// The approvals, by grant.
    pub(super) fn approvals(&self) -> &Approvals<'a> {
        self.approvals.get_or_init(|| Approvals::new(self.ledger))
    }

    pub(super) fn as_of(&self) -> Instant {
        self.ledger.as_of()
    }

    /// Positions of all directory users.
    pub(super) fn users(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.ledger.users().len()).unwrap_or(u32::MAX)
    }

    /// Directory users who hold grants, with their person and grants.
    pub(super) fn holders(&self) -> impl Iterator<Item = (u32, &'a Person, Vec<GrantKey>)> + '_ {
        self.users().filter_map(|user| {
            let grants = self.ledger.grants().of_user(user);
            if grants.is_empty() { None } else { Some((user, self.ledger.person_of(user)?, grants)) }
        })
    }

    pub(super) fn any_privileged(&self, grants: &[GrantKey]) -> AnyPrivileged {
        let privileged = grants.iter().any(|grant| self.ledger.entitlements().privilege(grant.assignment).is_yes());
        if privileged { AnyPrivileged::Yes } else { AnyPrivileged::No }
    }

    /// A directory user as subject.
    pub(super) fn user_subject(&self, user: u32) -> Subject {
        let (id, name) =
            self.ledger.user(user).map_or((String::new(), String::new()), |u| (u.id.to_string(), u.user_name.clone()));
        Subject { kind: SubjectKind::User, ids: vec![id], name, account: None, permission_set: None }
    }

    /// A permission set as subject.
    pub(super) fn set_subject(set: &PermissionSet) -> Subject {
        Subject {
            kind: SubjectKind::PermissionSet,
            ids: vec![set.arn.to_string()],
            name: set.label().to_owned(),
            account: None,
            permission_set: Some(set.arn.clone()),
        }
    }

    /// An exception of the config as subject.
    pub(super) fn exception_subject(exception: &Exception) -> Subject {
        let scope = &exception.scope;
        let name = format!(
            "{}: user {}, account {}, permission set {}",
            exception.rule, scope.user, scope.account, scope.permission_set
        );
        let ids = vec![exception.id.clone()];
        Subject { kind: SubjectKind::Exception, ids, name, account: None, permission_set: None }
    }

    /// An exception's place in the config as evidence.
    pub(super) fn exception_evidence(exception: &Exception, says: String) -> Evidence {
        Evidence { source: "config".to_owned(), at: format!("[[exception]] {}", exception.id), says }
    }

    /// An assignment as subject, under the name of whom it is given to.
    pub(super) fn assignment_subject(&self, assignment: u32, name: String) -> Subject {
        let record = self.ledger.entitlements().assignments().get(assignment as usize);
        Subject {
            kind: SubjectKind::Assignment,
            ids: vec![self.ledger.assignment_id(assignment)],
            name,
            account: record.map(|record| record.account.clone()),
            permission_set: record.map(|record| record.permission_set.clone()),
        }
    }

    /// How sure a conclusion about a person is, by the weakest link it rests on.
    pub(super) fn confidence(&self, person: &Person) -> Confidence {
        confidence_of(person.strength)
    }

    /// Whether no user record and no declared link was lost.
    pub(super) fn identities_were_read(&self) -> bool {
        let whole = |fact| !matches!(self.ledger.snapshot().coverage(fact), Coverage::Partial(_));
        [Fact::IdpUsers, Fact::DirectoryUsers, Fact::DeclaredLinks].into_iter().all(whole)
    }

    /// Whether what could not be read leaves it certain that a person who looks gone is gone.
    ///
    /// An unread record may be the one that still signs in, or the second one that makes a name ambiguous. So with anything
    /// missing a weak link proves nothing, and a missing part of a provider that does not know the person yet may hold them.
    /// A record that was read and is found by its id stands, whatever other rows of the same file were lost.
    pub(super) fn is_certainly_gone(&self, person: &Person) -> bool {
        if !person.standing.standing.is_gone() {
            return false;
        }
        if self.identities_were_read() {
            return true;
        }
        if person.strength == Some(Strength::Weak) {
            return false;
        }
        let Coverage::Partial(gaps) = self.ledger.snapshot().coverage(Fact::IdpUsers) else { return true };
        let known = |source: &str| {
            let name = source.strip_prefix("idp:").unwrap_or(source);
            person.idp_users.iter().any(|(idp, _)| self.idp_name(*idp) == name)
        };
        person.standing.standing == Standing::Ended || gaps.iter().all(|(source, _)| known(source))
    }

    /// The directory's record of a user.
    pub(super) fn user_evidence(&self, user: u32) -> Evidence {
        let says = self.ledger.user(user).map_or_else(String::new, |user| {
            let status = match &user.status {
                Known::Value(status) => status.as_str(),
                Known::Absent | Known::Unknown(_) => "of unknown status",
            };
            format!("user {} ({}) is {status}", user.user_name, user.id)
        });
        Evidence { source: "aws".to_owned(), at: "identitystore:ListUsers".to_owned(), says }
    }

    /// What every source says of a person, and how the records were linked.
    pub(super) fn person_evidence(&self, person: &Person) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        for (idp, user) in &person.idp_users {
            let (Some(facts), Some(record)) =
                (self.ledger.snapshot().idps().get(*idp as usize), self.ledger.idp_user((*idp, *user)))
            else {
                continue;
            };
            let since = match &record.status_changed_at {
                Known::Value(at) => format!(" since {at}"),
                Known::Absent | Known::Unknown(_) => String::new(),
            };
            evidence.push(Evidence {
                source: format!("idp:{}", facts.name),
                at: record.origin.clone(),
                says: format!("{} is {}{since}", record.user_name, record.status.as_str()),
            });
        }
        for record in person.hr_records.iter().filter_map(|at| self.ledger.snapshot().hr()?.records.get(*at as usize)) {
            let end = record.end.map_or_else(String::new, |end| format!(", ends at {end}"));
            let who = record.key();
            evidence.push(Evidence {
                source: "hr".to_owned(),
                at: record.origin.clone(),
                says: format!("{who} is {}{end}", record.status.as_str()),
            });
        }
        for user in &person.users {
            for link in self.ledger.links().linked(*user) {
                let (Some(from), Some(to)) = (self.ledger.user(*user), self.ledger.idp_user((link.idp, link.user)))
                else {
                    continue;
                };
                evidence.push(Evidence {
                    source: "link".to_owned(),
                    at: link.rung.as_str().to_owned(),
                    says: format!("{} is {} ({} link)", from.user_name, to.user_name, link.strength.as_str()),
                });
            }
        }
        evidence
    }

    /// AWS's record behind a grant, and the membership it comes by.
    pub(super) fn grant_evidence(&self, grants: &[GrantKey]) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        for key in grants {
            let Some(grant) = self.ledger.grant(*key) else { continue };
            let account = self.ledger.account_of(*key).map_or("?", AccountView::name);
            let set = self.ledger.entitlements().set_label(key.assignment);
            evidence.push(Evidence {
                source: "aws".to_owned(),
                at: "sso:ListAccountAssignments".to_owned(),
                says: format!(
                    "{set} on {account} is assigned to {} {}",
                    grant.assignment.principal.kind().as_str(),
                    grant.assignment.principal.id()
                ),
            });
            if let Some(group) = grant.group {
                let since = grant
                    .membership
                    .and_then(|m| m.created_at.value())
                    .map_or_else(String::new, |at| format!(" since {at}"));
                evidence.push(Evidence {
                    source: "aws".to_owned(),
                    at: "identitystore:ListGroupMemberships".to_owned(),
                    says: format!("{} is in {}{since}", grant.user.user_name, group.name),
                });
            }
        }
        evidence
    }

    /// An assignment's record.
    pub(super) fn assignment_evidence(&self, assignment: u32) -> Evidence {
        let record = self.ledger.entitlements().assignments().get(assignment as usize);
        let set = self.ledger.entitlements().set_label(assignment);
        let account = self.ledger.entitlements().account_of(assignment).map_or("?", AccountView::name);
        let says = record.map_or_else(String::new, |record| {
            format!("{set} on {account} is assigned to {} {}", record.principal.kind().as_str(), record.principal.id())
        });
        Evidence { source: "aws".to_owned(), at: "sso:ListAccountAssignments".to_owned(), says }
    }

    /// What the ladder said of a directory user in each provider.
    pub(super) fn outcomes(&self, user: u32) -> impl Iterator<Item = (u32, &'a LinkOutcome)> {
        (0u32..).zip(self.ledger.links().of_user(user))
    }

    /// A provider's name.
    pub(super) fn idp_name(&self, idp: u32) -> &'a str {
        self.ledger.idp_name(idp)
    }

    /// Grants in words, at most eight of them.
    pub(super) fn list_grants(&self, grants: &[GrantKey]) -> String {
        list(grants.iter().map(|grant| self.ledger.describe_grant(*grant)), grants.len())
    }

    /// Assignments in words, at most eight of them.
    pub(super) fn list_assignments(&self, assignments: &[u32]) -> String {
        let words = assignments.iter().map(|at| {
            let account = self.ledger.entitlements().account_of(*at);
            let (name, id) = account.map_or(("?", ""), |account| (account.name(), account.id.as_str()));
            format!("{} on {name} ({id})", self.ledger.entitlements().set_label(*at))
        });
        list(words, assignments.len())
    }

    /// `user` or `group`.
    pub(super) fn principal_word(kind: PrincipalKind) -> &'static str {
        match kind {
            PrincipalKind::User => "user",
            PrincipalKind::Group => "group",
        }
    }
}

/// Whether an exception of the finding's rule covers it: everything it is about, or it covers nothing.
///
/// A finding about grants is covered grant by grant; one about assignments that nobody holds, assignment by assignment
/// under the subject's name; one about a permission set by that set's name; any other by its subject's name.
pub fn is_covered(ledger: &Ledger<'_>, exception: &Exception, finding: &Finding) -> bool {
    let scope = &exception.scope;
    let entitlements = ledger.entitlements();
    let covers = |names: &[&str], assignment: u32| {
        let account = entitlements.account_of(assignment);
        account.is_some_and(|a| scope.covers(names, (a.id, a.name()), entitlements.set_label(assignment)))
    };
    if !finding.grants.is_empty() {
        return finding.grants.iter().all(|key| {
            ledger.user(key.user).is_some_and(|user| {
                let names: Vec<&str> = std::iter::once(user.user_name.as_str()).chain(user.email.as_deref()).collect();
                covers(&names, key.assignment)
            })
        });
    }
    if !finding.assignments.is_empty() {
        return finding.assignments.iter().all(|at| covers(&[&finding.subject.name], *at));
    }
    if finding.subject.kind == SubjectKind::PermissionSet {
        return scope.user.is_any() && scope.account.is_any() && scope.permission_set.matches(&finding.subject.name);
    }
    scope.covers_user(&finding.subject.name) && scope.is_whole_user()
}

/// How sure a conclusion is that rests on a link; certain where nothing needed linking.
pub(super) fn confidence_of(strength: Option<Strength>) -> Confidence {
    match strength {
        Some(Strength::Weak) => Confidence::Low,
        Some(Strength::Medium) => Confidence::Medium,
        Some(Strength::Strong) | None => Confidence::High,
    }
}

fn list(items: impl Iterator<Item = String>, total: usize) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = items.take(SHOWN).collect();
    let rest = total.saturating_sub(SHOWN);
    if rest > 0 { format!("{} and {rest} more", shown.join("; ")) } else { shown.join("; ") }
}

/// Whether a provider says that a user is somebody else's: invited rather than hired.
pub(super) fn is_guest(user: &IdpUser) -> bool {
    let words = ["guest", "external", "partner", "vendor"];
    match user.user_type.as_deref() {
        Some(word) => words.iter().any(|guest| word.eq_ignore_ascii_case(guest)),
        None => guest_address(&user.user_name).is_some(),
    }
}

/// `one grant`, `3 grants`.
pub(super) fn plural(count: usize, one: &str) -> String {
    if count == 1 { format!("one {one}") } else { format!("{count} {one}s") }
}

/// When something was: `at T`, `between A and B`, or the bound that is known.
pub(super) fn when(at: &Interval) -> String {
    match (at.earliest(), at.latest()) {
        (Some(earliest), Some(latest)) if earliest == latest => format!("at {latest}"),
        (Some(earliest), Some(latest)) => format!("between {earliest} and {latest}"),
        (None, Some(latest)) => format!("before {latest}"),
        (Some(earliest), None) => format!("after {earliest}, if at all"),
        (None, None) => "at an unknown time".to_owned(),
    }
}
