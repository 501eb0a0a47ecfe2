//! What `overstay` can find. One file per rule, one line per rule in [`RULES`].
//!
//! A rule is pure: it reads the ledger and says what it sees. It declares the facts it cannot do without; [`evaluate`] holds
//! them against what was read, and a rule without its facts is *not evaluated*, never passed.

mod cx;

mod access_before_start;
mod access_outside_policy;
mod access_without_mfa;
mod activity_after_leaving;
mod ambiguous_identity;
mod closed_account_assignment;
mod dangling_assignment;
mod deprovisioning_disabled;
mod direct_assignment;
mod disabled_account_holds_access;
mod disabled_user_holds_grants;
mod dormant_access;
mod duplicate_identity;
mod empty_group_assignment;
mod exception_expired;
mod exception_unowned;
mod exception_unused;
mod expired_access;
mod guest_access;
mod identity_mismatch;
mod leaver_holds_access;
mod leaver_sla_breach;
mod long_session;
mod management_account_access;
mod membership_drift;
mod missing_expected_access;
mod mover_kept_access;
mod never_used_access;
mod no_hr_record;
mod orphaned_identity;
mod out_of_band_change;
mod provisioning_token_expiring;
mod recreated_group;
mod residual_exposure;
mod reused_identity;
mod separation_of_duties;
mod standing_privileged_access;
mod sync_error;
mod sync_stalled;
mod terminated_still_enabled;
mod unapproved_access;
mod unassigned_account_holds_access;
mod unassigned_permission_set;
mod undeployed_permission_set;
mod unmanaged_group;
mod unmanaged_identity;
mod unowned_permission_set;
mod unowned_service_identity;
mod unprovisioned_joiner;

use crate::model::control::Control;
use crate::model::finding::{Finding, Severity};
use crate::model::{Fact, SourceRecord};
use crate::reconcile::Ledger;
use crate::snapshot::{Coverage, Snapshot};

pub use cx::{RuleCx, is_covered};

/// Every rule, in the order reports list them.
pub static RULES: &[&dyn Rule] = &[
    &leaver_holds_access::LeaverHoldsAccess,
    &disabled_account_holds_access::DisabledAccountHoldsAccess,
    &unassigned_account_holds_access::UnassignedAccountHoldsAccess,
    &terminated_still_enabled::TerminatedStillEnabled,
    &orphaned_identity::OrphanedIdentity,
    &no_hr_record::NoHrRecord,
    &dangling_assignment::DanglingAssignment,
    &disabled_user_holds_grants::DisabledUserHoldsGrants,
    &residual_exposure::ResidualExposure,
    &activity_after_leaving::ActivityAfterLeaving,
    &leaver_sla_breach::LeaverSlaBreach,
    &access_before_start::AccessBeforeStart,
    &unapproved_access::UnapprovedAccess,
    &ambiguous_identity::AmbiguousIdentity,
    &reused_identity::ReusedIdentity,
    &identity_mismatch::IdentityMismatch,
    &duplicate_identity::DuplicateIdentity,
    &unmanaged_identity::UnmanagedIdentity,
    &guest_access::GuestAccess,
    &unowned_service_identity::UnownedServiceIdentity,
    &mover_kept_access::MoverKeptAccess,
    &access_outside_policy::AccessOutsidePolicy,
    &management_account_access::ManagementAccountAccess,
    &expired_access::ExpiredAccess,
    &standing_privileged_access::StandingPrivilegedAccess,
    &separation_of_duties::SeparationOfDuties,
    &missing_expected_access::MissingExpectedAccess,
    &membership_drift::MembershipDrift,
    &unmanaged_group::UnmanagedGroup,
    &deprovisioning_disabled::DeprovisioningDisabled,
    &sync_stalled::SyncStalled,
    &sync_error::SyncError,
    &unprovisioned_joiner::UnprovisionedJoiner,
    &access_without_mfa::AccessWithoutMfa,
    &dormant_access::DormantAccess,
    &never_used_access::NeverUsedAccess,
    &recreated_group::RecreatedGroup,
    &direct_assignment::DirectAssignment,
    &empty_group_assignment::EmptyGroupAssignment,
    &closed_account_assignment::ClosedAccountAssignment,
    &long_session::LongSession,
    &undeployed_permission_set::UndeployedPermissionSet,
    &unassigned_permission_set::UnassignedPermissionSet,
    &unowned_permission_set::UnownedPermissionSet,
    &out_of_band_change::OutOfBandChange,
    &provisioning_token_expiring::ProvisioningTokenExpiring,
    &exception_expired::ExceptionExpired,
    &exception_unowned::ExceptionUnowned,
    &exception_unused::ExceptionUnused,
];

/// What is known of a rule without running it.
#[derive(Debug)]
pub struct RuleMeta {
    /// Its id: the file's name, the key in config, part of every fingerprint. Never changes meaning.
    pub id: &'static str,
    /// What it says, in a few words.
    pub title: &'static str,
    /// Its page for users, in Markdown.
    pub doc: &'static str,
    /// Its usual severity; the rule raises or lowers it.
    pub severity: Severity,
    /// Facts that must be whole for the rule to say anything.
    pub requires: &'static [Fact],
    /// Facts that must be whole for silence to be a pass. What is found without them still stands.
    pub covers: &'static [Fact],
    /// Facts that need not be asked for, but must be whole if they were, for silence to be a pass.
    pub if_asked: &'static [Fact],
    /// Clauses it supports.
    pub controls: &'static [Control],
}

/// A rule.
pub trait Rule: Sync {
    /// What is known of it.
    fn meta(&self) -> &'static RuleMeta;

    /// Looks at everything it is about.
    fn evaluate(&self, cx: &RuleCx<'_>) -> Evaluation;

    /// For a rule about findings: looks at what all rules said, and replaces what it said itself; none for all others.
    ///
    /// Such a rule can't be ordered behind the others by its place in [`RULES`], which is the reports' order, so it is
    /// asked once more when all have spoken. It stays as pure: it sees outcomes, before exceptions are applied, and the
    /// same [`is_covered`] that applies them.
    fn after(&self, _cx: &RuleCx<'_>, _outcomes: &[Outcome]) -> Option<Evaluation> {
        None
    }
}

/// A subject that could not be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inconclusive {
    /// Its name for people.
    pub subject: String,
    /// Why, naming the records.
    pub reason: String,
}

/// What a rule looked at, and what it says.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// How many subjects were looked at.
    pub population: u64,
    /// What the subjects are, in words.
    pub of: &'static str,
    /// How many of them could not be decided.
    pub undecided: u64,
    /// Which of these, and why, where the rule states it.
    pub inconclusive: Vec<Inconclusive>,
    /// What it says.
    pub findings: Vec<Finding>,
    /// Why its silence is no pass, beyond facts that were not read whole.
    pub limits: Vec<String>,
    /// Why it can say nothing here, though all facts were read: nothing in the config to judge by, for example.
    pub moot: Vec<String>,
}

impl Evaluation {
    /// An evaluation of `of` that has looked at nothing yet.
    fn of(of: &'static str) -> Self {
        Self { of, ..Self::default() }
    }

    /// The evaluation of a rule that has nothing to judge by.
    fn moot(why: &str) -> Self {
        Self { moot: vec![why.to_owned()], ..Self::default() }
    }

    /// Counts a subject as undecided, with the reason.
    fn inconclusive(&mut self, subject: impl Into<String>, reason: impl Into<String>) {
        self.undecided += 1;
        self.inconclusive.push(Inconclusive { subject: subject.into(), reason: reason.into() });
    }
}

/// How far a rule's silence can be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything it needs was read.
    Evaluated,
    /// What it found stands; what it did not find may be missing, for these reasons.
    Partial(Vec<String>),
    /// It can say nothing, for these reasons.
    NotEvaluated(Vec<String>),
}

impl Verdict {
    /// The word used in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Evaluated => "evaluated",
            Self::Partial(_) => "partial",
            Self::NotEvaluated(_) => "not_evaluated",
        }
    }

    /// Why it can't be relied on in full; empty when it can.
    pub fn reasons(&self) -> &[String] {
        match self {
            Self::Evaluated => &[],
            Self::Partial(reasons) | Self::NotEvaluated(reasons) => reasons,
        }
    }
}

/// A rule's outcome on one ledger.
#[derive(Debug)]
pub struct Outcome {
    /// The rule.
    pub rule: &'static RuleMeta,
    /// How far it can be relied on.
    pub verdict: Verdict,
    /// What it looked at and says; empty when not evaluated.
    pub evaluation: Evaluation,
}

/// The rule of an id.
pub fn find(id: &str) -> Option<&'static dyn Rule> {
    RULES.iter().copied().find(|rule| rule.meta().id == id)
}

/// Runs every rule.
pub fn evaluate(ledger: &Ledger<'_>) -> Vec<Outcome> {
    let cx = RuleCx::new(ledger);
    let mut outcomes: Vec<Outcome> = RULES.iter().map(|rule| run(*rule, &cx)).collect();
    let afterthoughts: Vec<Option<Evaluation>> = RULES.iter().map(|rule| rule.after(&cx, &outcomes)).collect();
    for (outcome, after) in outcomes.iter_mut().zip(afterthoughts) {
        if let (Some(after), Verdict::Evaluated | Verdict::Partial(_)) = (after, &outcome.verdict) {
            outcome.evaluation = after;
        }
    }
    outcomes
}

fn run(rule: &dyn Rule, cx: &RuleCx<'_>) -> Outcome {
    let meta = rule.meta();
    let missing: Vec<String> = meta.requires.iter().filter_map(|fact| why_missing(cx.ledger(), *fact)).collect();
    if !missing.is_empty() {
        return Outcome { rule: meta, verdict: Verdict::NotEvaluated(missing), evaluation: Evaluation::default() };
    }
    let snapshot = cx.ledger().snapshot();
    let not_asked = |fact: Fact| snapshot.coverage(fact) == Coverage::NotAsked || !is_told(snapshot, fact);
    let asked = meta.covers.iter().filter(|fact| not_asked(**fact));
    let missing: Vec<String> = asked.filter_map(|fact| why_missing(cx.ledger(), *fact)).collect();
    if !missing.is_empty() {
        return Outcome { rule: meta, verdict: Verdict::NotEvaluated(missing), evaluation: Evaluation::default() };
    }
    let asked = |fact: &&Fact| !not_asked(**fact);
    let partial = meta.covers.iter().chain(meta.if_asked.iter().filter(asked));
    let mut partial: Vec<String> = partial.filter_map(|fact| why_missing(cx.ledger(), *fact)).collect();
    let mut evaluation = rule.evaluate(cx);
    if !evaluation.moot.is_empty() {
        let moot = std::mem::take(&mut evaluation.moot);
        return Outcome { rule: meta, verdict: Verdict::NotEvaluated(moot), evaluation: Evaluation::default() };
    }
    partial.extend(evaluation.limits.iter().cloned());
    partial.extend(cx.stale(meta.requires.iter().chain(meta.covers).chain(meta.if_asked).copied()));
    let verdict = if partial.is_empty() { Verdict::Evaluated } else { Verdict::Partial(partial) };
    Outcome { rule: meta, verdict, evaluation }
}

/// Why a fact can't be relied on; none when it can.
fn why_missing(ledger: &Ledger<'_>, fact: Fact) -> Option<String> {
    if fact == Fact::Policy {
        return ledger.config().access.is_empty().then(|| "the config has no [[access]] entries".to_owned());
    }
    let snapshot = ledger.snapshot();
    match snapshot.coverage(fact) {
        Coverage::Complete if !is_told(snapshot, fact) => Some(untold(snapshot, fact)),
        Coverage::Complete => None,
        // A links file adds evidence; having none leaves nothing out.
        Coverage::NotAsked if fact == Fact::DeclaredLinks => None,
        Coverage::NotAsked if fact == Fact::History => Some("no review period is given (`--period A..B`)".to_owned()),
        Coverage::NotAsked => Some(untold(snapshot, fact)),
        Coverage::Partial(gaps) => {
            let first = gaps.first().map_or_else(String::new, |(_, gap)| format!("{}: {}", gap.at, gap.reason));
            let more = if gaps.len() > 1 { format!(" (and {} more)", gaps.len() - 1) } else { String::new() };
            Some(format!("{fact} were not read whole: {first}{more}"))
        }
    }
}

/// Whether some source that was asked for a fact could tell it. A log may be told for a part of the time, and says so in its
/// windows; earlier snapshots come from no source.
fn is_told(snapshot: &Snapshot, fact: Fact) -> bool {
    let log = matches!(fact, Fact::IdpEvents | Fact::ProvisioningLog | Fact::CloudTrail | Fact::History);
    let lacks = |record: &SourceRecord| record.not_offered.iter().any(|lack| lack.fact == fact);
    let mut asked = snapshot.sources().iter().filter(|record| record.asked.contains(&fact));
    log || asked.any(|record| !lacks(record))
}

/// That no source tells a fact, with what sources say about why.
fn untold(snapshot: &Snapshot, fact: Fact) -> String {
    let reasons: Vec<String> =
        snapshot.not_offered(fact).map(|(source, reason)| format!("{source}: {reason}")).collect();
    if reasons.is_empty() {
        format!("no data source provides {fact}")
    } else {
        format!("no source tells {fact} ({})", reasons.join("; "))
    }
}

/// Declares a rule: its doc comment is its page for users, captured as [`RuleMeta::doc`].
macro_rules! declare_rule {
    (
        $(#[doc = $doc:literal])+
        $name:ident {
            id: $id:literal,
            title: $title:literal,
            severity: $severity:ident,
            requires: [$($requires:ident),*],
            covers: [$($covers:ident),*],
            $(if_asked: [$($if_asked:ident),*],)?
            controls: [$($control:ident),+] $(,)?
        }
        $evaluate:path
        $(, $after:path)?
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub(super) struct $name;

        impl $crate::rules::Rule for $name {
            fn meta(&self) -> &'static $crate::rules::RuleMeta {
                static META: $crate::rules::RuleMeta = $crate::rules::RuleMeta {
                    id: $id,
                    title: $title,
                    doc: concat!($($doc, "\n"),+),
                    severity: $crate::model::finding::Severity::$severity,
                    requires: &[$($crate::model::Fact::$requires),*],
                    covers: &[$($crate::model::Fact::$covers),*],
                    if_asked: &[$($($crate::model::Fact::$if_asked),*)?],
                    controls: &[$($crate::model::control::Control::$control),+],
                };
                &META
            }

            fn evaluate(&self, cx: &$crate::rules::RuleCx<'_>) -> $crate::rules::Evaluation {
                $evaluate(cx)
            }

            $(
                fn after(
                    &self,
                    cx: &$crate::rules::RuleCx<'_>,
                    outcomes: &[$crate::rules::Outcome],
                ) -> Option<$crate::rules::Evaluation> {
                    Some($after(cx, outcomes))
                }
            )?
        }
    };
}
use declare_rule;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_page_with_the_fixed_headings() {
        for rule in RULES {
            let RuleMeta { id, title, doc, controls, .. } = rule.meta();
            let headings: Vec<&str> = doc.lines().filter_map(|line| line.trim().strip_prefix("## ")).collect();
            let expected = [
                "What it checks",
                "Why it matters",
                "What an auditor reads from it",
                "Example",
                "How to fix",
                "Known limits",
            ];
            assert_eq!(headings, expected, "{id}");
            assert!(!title.is_empty() && !controls.is_empty(), "{id}");
        }
    }

    #[test]
    fn ids_are_known_to_the_config_and_unique() {
        let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.meta().id).collect();
        for id in &ids {
            assert!(crate::config::RULE_IDS.contains(id), "{id} is in the catalogue");
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
    }

    #[test]
    fn every_rule_file_is_registered() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
            if !["mod", "cx"].contains(&name.as_str()) {
                assert!(find(&name.replace('_', "-")).is_some(), "src/rules/{name}.rs has no line in RULES");
            }
        }
    }
}
