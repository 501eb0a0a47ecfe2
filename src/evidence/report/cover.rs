//! The cover: verdict, scope, what was asked, the numbers that matter, and what is not said.

use serde::Serialize;

use super::chart::{Segment, bar};
use crate::assess::{Assessed, Assessment, FindingStatus};
use crate::evidence::counted;
use crate::evidence::tests::{TestOutcome, TestResult};
use crate::model::finding::Severity;
use crate::model::{self, Known, Plane};
use crate::reconcile::{Approvals, Ledger, ResolvedPrincipal};
use crate::rules::Verdict;
use crate::snapshot::Coverage;

/// A label and its value.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// The label.
    pub label: &'static str,
    /// The value.
    pub value: String,
}

/// An account left out.
#[derive(Debug, Serialize)]
pub struct Exclusion {
    /// The pattern.
    pub account: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub approved_by: String,
    /// Until when.
    pub expires: String,
}

/// A source that was asked.
#[derive(Debug, Serialize)]
pub struct Reading {
    /// Its name.
    pub source: String,
    /// What it is.
    pub kind: String,
    /// What was asked of it, in words.
    pub asked: String,
    /// Whether all of it was read.
    pub complete: bool,
    /// How many things could not be read.
    pub gaps: usize,
}

/// A number that matters.
#[derive(Debug, Serialize)]
pub struct Number {
    /// What it counts.
    pub label: &'static str,
    /// The number; with `≥` where not all was read, and `?` where nothing was.
    pub value: String,
    /// A few words beside it, which say what the bar shows.
    pub note: String,
    /// `bad`, `good` or `plain`.
    pub tone: &'static str,
    /// The number as part of a whole.
    pub bar: Vec<Segment>,
}

/// Findings of one severity.
#[derive(Debug, Serialize)]
pub struct SeverityCount {
    /// The severity.
    pub severity: &'static str,
    /// Open.
    pub open: u64,
    /// Within the time that policy allows.
    pub pending: u64,
    /// Covered by exceptions.
    pub excepted: u64,
    /// The three, against the severity that has the most.
    pub bar: Vec<Segment>,
}

/// The leavers who hold access, and their grants: facts, whatever exceptions or the SLA make of them.
struct LeaverFacts {
    leavers: usize,
    grants: usize,
    /// Grants of findings that an exception covers.
    excepted: usize,
    /// Grants of findings within the SLA.
    pending: usize,
}

fn leaver_facts(assessment: &Assessment<'_>) -> LeaverFacts {
    let all: Vec<&Assessed> = assessment.findings_of("leaver-holds-access").collect();
    let grants = |status: Option<FindingStatus>| {
        let of_status = all.iter().filter(|assessed| status.is_none_or(|status| assessed.status == status));
        of_status.map(|assessed| assessed.finding.grants.len()).sum()
    };
    LeaverFacts {
        leavers: all.len(),
        grants: grants(None),
        excepted: grants(Some(FindingStatus::Excepted)),
        pending: grants(Some(FindingStatus::Pending)),
    }
}

impl LeaverFacts {
    /// What was decided about them, in brackets; empty where nothing was.
    fn decided(&self) -> String {
        let parts = [(self.excepted, "under exception"), (self.pending, "within the SLA")];
        let words: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
    }
}

pub(super) fn summary(assessment: &Assessment<'_>, tests: &[TestOutcome]) -> String {
    let count = |result: TestResult| tests.iter().filter(|outcome| outcome.result == result).count();
    let facts = leaver_facts(assessment);
    let leavers = match assessment.result("leaver-holds-access").map(|result| &result.verdict) {
        Some(Verdict::NotEvaluated(_)) | None => "Leavers with access: not tested".to_owned(),
        Some(Verdict::Evaluated) if facts.grants == 0 => "No leaver holds access in scope".to_owned(),
        Some(_) if facts.grants == 0 => "No leaver holds access in the data that was read".to_owned(),
        Some(_) => {
            let holds = if facts.leavers == 1 { "holds" } else { "hold" };
            let (leavers, grants) = (counted(facts.leavers, "leaver"), counted(facts.grants, "grant"));
            format!("{leavers} {holds} {grants}{}", facts.decided())
        }
    };
    let mut words = vec![format!("{} of {} control tests failed", count(TestResult::Fail), tests.len()), leavers];
    for (result, what) in [
        (TestResult::Indeterminate, "inconclusive"),
        (TestResult::NotEvaluated, "not tested"),
        (TestResult::NoOccurrences, "without occurrences"),
    ] {
        if count(result) > 0 {
            words.push(format!("{} {what}", count(result)));
        }
    }
    match assessment.ledger().entitlements().excluded().count() {
        0 => {}
        out => words.push(format!("{out} assignments are in accounts out of scope")),
    }
    format!("{}.", words.join("; "))
}

pub(super) fn scope(ledger: &Ledger<'_>) -> Vec<Fact> {
    let known = |value: &Known<String>| match value {
        Known::Value(value) => value.clone(),
        Known::Absent => "none".to_owned(),
        Known::Unknown(why) => format!("unknown: {why}"),
    };
    let mut facts = Vec::new();
    if let Some(aws) = ledger.aws() {
        facts.push(Fact { label: "Identity Center instance", value: aws.instance.arn.to_string() });
        facts.push(Fact { label: "Identity store", value: aws.instance.identity_store.to_string() });
        facts.push(Fact { label: "Region", value: aws.instance.region.clone() });
        facts
            .push(Fact { label: "Management account", value: known(&aws.management_account.map(ToString::to_string)) });
        facts.push(Fact { label: "Collected as", value: known(&aws.caller) });
        let planes: Vec<&str> = aws.planes.iter().map(|plane| plane.describe()).collect();
        facts.push(Fact { label: "Access looked at", value: planes.join(", ") });
    } else {
        facts.push(Fact { label: "AWS", value: "nothing was read".to_owned() });
    }
    let idps: Vec<String> = ledger
        .snapshot()
        .idps()
        .iter()
        .map(|idp| format!("{} ({}, {} users)", idp.name, idp.kind, idp.users.len()))
        .collect();
    facts.push(Fact {
        label: "Identity providers",
        value: if idps.is_empty() { "none".to_owned() } else { idps.join(", ") },
    });
    let hr = ledger.snapshot().hr().map_or_else(
        || "none; the leaver population rests on the identity provider alone".to_owned(),
        |hr| format!("{} records, dates in {}", hr.records.len(), hr.time_zone),
    );
    facts.push(Fact { label: "HR roster", value: hr });
    facts
}

pub(super) fn exclusions(ledger: &Ledger<'_>) -> Vec<Exclusion> {
    let exclusions = &ledger.config().scope.exclude_accounts;
    exclusions
        .iter()
        .map(|exclusion| Exclusion {
            account: exclusion.account.as_str().to_owned(),
            reason: exclusion.reason.clone(),
            approved_by: exclusion.approved_by.clone(),
            expires: exclusion.expires.map_or_else(|| "no end".to_owned(), |end| end.to_string()),
        })
        .collect()
}

pub(super) fn readings(ledger: &Ledger<'_>) -> Vec<Reading> {
    let sources = ledger.snapshot().sources();
    sources
        .iter()
        .map(|record| {
            let asked: Vec<&str> = record.asked.iter().map(|fact| fact.describe()).collect();
            Reading {
                source: record.source.clone(),
                kind: record.kind.clone(),
                asked: asked.join(", "),
                complete: record.gaps.is_empty(),
                gaps: record.gaps.len(),
            }
        })
        .collect()
}

/// What this report does not say. Silence about these is no pass.
pub fn limits(assessment: &Assessment<'_>) -> Vec<String> {
    let ledger = assessment.ledger();
    let asked: &[Plane] = ledger.aws().map_or(&[], |aws| &aws.planes);
    let mut limits: Vec<String> = Plane::ALL
        .iter()
        .filter(|plane| !asked.contains(plane))
        .map(|plane| format!("Not looked at: {}.", plane.describe()))
        .collect();
    limits.push("Not looked at: IAM users and access keys, root users, other SAML or OIDC providers, and trust between accounts.".to_owned());
    if ledger.usage().was_asked() {
        limits.push(
            "Use of access is looked at where the log reaches: what it does not cover is called neither used nor unused."
                .to_owned(),
        );
    } else {
        limits.push(
            "Use of access is not looked at: no log of it is read, so nothing is called used or unused.".to_owned(),
        );
    }
    limits.push(
        "AWS keeps no date for an assignment: when a direct assignment was made is known from a log or from earlier snapshots, or not at all."
            .to_owned(),
    );
    let reserved = ledger.config().reserved_keys();
    if !reserved.is_empty() {
        limits.push(format!("Set in the config, and not acted on by this version: {}.", reserved.join(", ")));
    }
    if ledger.snapshot().hr().is_none() {
        limits.push(
            "No HR roster was given: whoever the identity provider did not disable is not known to be a leaver."
                .to_owned(),
        );
    }
    for quality in ledger.links().hr_quality() {
        let idp = ledger.idp_name(quality.idp);
        limits.extend(quality.limitation(idp));
    }
    for record in ledger.snapshot().sources() {
        for lack in &record.not_offered {
            limits.push(format!("{} does not tell {}: {}.", record.source, lack.fact, lack.reason));
        }
    }
    limits.extend(idle_approvals(ledger));
    limits.extend(unevaluated(assessment));
    let unread: Vec<&str> = ledger
        .entitlements()
        .sets()
        .iter()
        .filter(|set| set.tier == crate::model::Tier::Unknown)
        .map(|set| set.set.label())
        .collect();
    if !unread.is_empty() {
        limits.push(format!(
            "Whether these permission sets are privileged is unknown, as a policy of theirs was not judged: {}.",
            unread.join(", ")
        ));
    }
    limits
}

/// Approvals that stand behind no grant, each kind in a sentence: with a wrong column of their file all of them would, and
/// all grants would look unapproved.
pub fn idle_approvals(ledger: &Ledger<'_>) -> Vec<String> {
    const SHOWN: usize = 3;
    let all = ledger.snapshot().approvals().len();
    use model::Fact::{Accounts, Assignments, DirectoryUsers, Memberships, PermissionSets};
    let facts = [Accounts, Assignments, DirectoryUsers, Memberships, PermissionSets];
    let whole = facts.into_iter().all(|fact| ledger.snapshot().coverage(fact) == Coverage::Complete);
    let read = if whole { "" } else { "As far as was read, " };
    let idle = Approvals::new(ledger).idle(ledger);
    let said = idle.iter().map(|idle| {
        let first: Vec<&str> = idle.approvals.iter().take(SHOWN).map(|approval| approval.name()).collect();
        let more = if idle.approvals.len() > SHOWN { ", …" } else { "" };
        let count = idle.approvals.len();
        format!("{read}{count} of {all} approvals {}, and stand behind no grant: {}{more}.", idle.why, first.join(", "))
    });
    said.collect()
}

/// Rules that were not tested, grouped by reason, in the order of the rules.
pub fn not_tested(assessment: &Assessment<'_>) -> Vec<(String, Vec<&'static str>)> {
    let mut by_reason: Vec<(String, Vec<&'static str>)> = Vec::new();
    for result in assessment.results() {
        let Verdict::NotEvaluated(reasons) = &result.verdict else { continue };
        let why = reasons.join("; ");
        match by_reason.iter_mut().find(|(known, _)| *known == why) {
            Some((_, rules)) => rules.push(result.rule.id),
            None => by_reason.push((why, vec![result.rule.id])),
        }
    }
    by_reason
}

/// The limitations that follow from rules that were not tested, one sentence a reason.
fn unevaluated(assessment: &Assessment<'_>) -> Vec<String> {
    let sentence = |(why, rules): (String, Vec<&str>)| format!("Not tested: {}. Reason: {why}.", rules.join(", "));
    not_tested(assessment).into_iter().map(sentence).collect()
}

pub(super) fn numbers(assessment: &Assessment<'_>, tests: &[TestOutcome]) -> Vec<Number> {
    let ledger = assessment.ledger();
    let of_facts = |facts: &[model::Fact]| match ledger.aws() {
        Some(_) => Seen::of(facts.iter().map(|fact| ledger.snapshot().coverage(*fact))),
        // Asked for, and not even the instance was found.
        None => Seen::Nothing,
    };
    let leavers = match assessment.result("leaver-holds-access").map(|result| &result.verdict) {
        Some(Verdict::Evaluated) => Seen::All,
        Some(Verdict::Partial(_)) if ledger.aws().is_some() => Seen::Part,
        Some(Verdict::Partial(_) | Verdict::NotEvaluated(_)) | None => Seen::Nothing,
    };
    let rules = match assessment.results().iter().any(|result| !matches!(result.verdict, Verdict::NotEvaluated(_))) {
        true if ledger.snapshot().is_complete() => Seen::All,
        true => Seen::Part,
        false => Seen::Nothing,
    };
    vec![
        stale_grants(assessment).seen(leavers),
        urgent_findings(assessment).seen(rules),
        failed_tests(tests),
        holders(ledger).seen(of_facts(&[
            model::Fact::Assignments,
            model::Fact::Memberships,
            model::Fact::DirectoryUsers,
        ])),
        assignments(ledger).seen(of_facts(&[model::Fact::Assignments])),
        accounts(ledger).seen(of_facts(&[model::Fact::Accounts])),
    ]
}

/// How much of what a number counts was seen. A zero that nobody looked for is no zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    /// Nobody looked.
    Nothing,
    /// Not all of it was read.
    Part,
    /// All of it was.
    All,
}

impl Seen {
    /// A count, as far as it is one.
    pub(super) fn counted(self, count: u64) -> String {
        match self {
            Self::All => count.to_string(),
            Self::Part => format!("≥ {count}"),
            Self::Nothing if count > 0 => format!("≥ {count}"),
            Self::Nothing => "?".to_owned(),
        }
    }

    /// What was seen of these facts together.
    pub(super) fn of<'a>(facts: impl Iterator<Item = Coverage<'a>>) -> Self {
        let seen = facts.map(|coverage| match coverage {
            Coverage::Complete => Self::All,
            Coverage::Partial(_) => Self::Part,
            Coverage::NotAsked => Self::Nothing,
        });
        seen.min().unwrap_or(Self::Nothing)
    }
}

impl Number {
    fn seen(mut self, seen: Seen) -> Self {
        match seen {
            Seen::All => {}
            Seen::Part => {
                self.value = format!("≥ {}", self.value);
                self.note = format!("{}, in what was read", self.note);
            }
            Seen::Nothing => {
                self.value = "?".to_owned();
                self.note = "no data was collected".to_owned();
                self.bar = Vec::new();
            }
        }
        // Good is only what was looked for and not found.
        if seen != Seen::All && self.tone == "good" {
            self.tone = "plain";
        }
        self
    }
}

fn stale_grants(assessment: &Assessment<'_>) -> Number {
    let facts = leaver_facts(assessment);
    let stale = facts.grants as u64;
    let ledger = assessment.ledger();
    let grants: u64 = (0u32..).zip(ledger.users()).map(|(at, _)| ledger.grants().count_of_user(at) as u64).sum();
    Number {
        label: "grants of leavers",
        value: stale.to_string(),
        note: format!("of {grants} grants{}", facts.decided()),
        tone: if stale > 0 { "bad" } else { "good" },
        bar: bar(&[(stale, "bad"), (grants.saturating_sub(stale), "rest")], grants),
    }
}

fn urgent_findings(assessment: &Assessment<'_>) -> Number {
    let total = assessment.findings().len() as u64;
    let open = |severity| count(assessment, severity, FindingStatus::Open);
    let parts = Severity::WORST_FIRST.map(|severity| (open(severity), severity.as_str()));
    let urgent = open(Severity::Critical) + open(Severity::High);
    let words: Vec<String> =
        parts.iter().filter(|(open, _)| *open > 0).map(|(open, severity)| format!("{open} {severity}")).collect();
    let note = if words.is_empty() {
        format!("none open, of {total} findings")
    } else {
        format!("open: {}; {total} findings in all", words.join(", "))
    };
    Number {
        label: "critical and high findings",
        value: urgent.to_string(),
        note,
        tone: if urgent > 0 { "bad" } else { "good" },
        bar: bar(&parts, total),
    }
}

fn failed_tests(tests: &[TestOutcome]) -> Number {
    let of = |result| tests.iter().filter(|outcome| outcome.result == result).count() as u64;
    let (failed, passed) = (of(TestResult::Fail), of(TestResult::Pass));
    let rest = of(TestResult::Indeterminate) + of(TestResult::NotEvaluated) + of(TestResult::NoOccurrences);
    let mut note = format!("of {}; {passed} pass", tests.len());
    if rest > 0 {
        note.push_str(&format!(", {rest} could not be decided"));
    }
    Number {
        label: "control tests that fail",
        value: failed.to_string(),
        note,
        tone: if failed > 0 {
            "bad"
        } else if rest > 0 {
            "plain"
        } else {
            "good"
        },
        bar: bar(&[(failed, "bad"), (rest, "undecided"), (passed, "good")], tests.len() as u64),
    }
}

fn holders(ledger: &Ledger<'_>) -> Number {
    let users = ledger.users().len() as u64;
    let holders = (0u32..).zip(ledger.users()).filter(|(at, _)| ledger.grants().count_of_user(*at) > 0).count() as u64;
    Number {
        label: "users with access",
        value: holders.to_string(),
        note: format!("of {users} in Identity Center"),
        tone: "plain",
        bar: bar(&[(holders, "plain"), (users.saturating_sub(holders), "rest")], users),
    }
}

fn assignments(ledger: &Ledger<'_>) -> Number {
    let entitlements = ledger.entitlements();
    let (mut groups, mut users, mut nobody) = (0, 0, 0);
    for (at, _) in (0u32..).zip(entitlements.assignments()) {
        match entitlements.resolved(at).map(|resolved| resolved.principal) {
            Some(ResolvedPrincipal::Group(_)) => groups += 1,
            Some(ResolvedPrincipal::User(_)) => users += 1,
            Some(ResolvedPrincipal::Missing(_)) | None => nobody += 1,
        }
    }
    let total = entitlements.assignments().len() as u64;
    let mut note = format!("{groups} to groups, {users} to users");
    if nobody > 0 {
        note.push_str(&format!(", {nobody} to nobody known"));
    }
    Number {
        label: "assignments",
        value: total.to_string(),
        note,
        tone: "plain",
        bar: bar(&[(groups, "plain"), (users, "medium"), (nobody, "bad")], total),
    }
}

fn accounts(ledger: &Ledger<'_>) -> Number {
    let accounts = ledger.entitlements().accounts();
    let in_scope = accounts.iter().filter(|account| account.excluded.is_none()).count() as u64;
    let known = accounts.len() as u64;
    Number {
        label: "accounts in scope",
        value: in_scope.to_string(),
        note: format!("of {known} known"),
        tone: "plain",
        bar: bar(&[(in_scope, "plain"), (known.saturating_sub(in_scope), "rest")], known),
    }
}

fn count(assessment: &Assessment<'_>, severity: Severity, status: FindingStatus) -> u64 {
    let of = |assessed: &&Assessed| assessed.finding.severity == severity && assessed.status == status;
    assessment.findings().iter().filter(of).count() as u64
}

pub(super) fn severities(assessment: &Assessment<'_>) -> Vec<SeverityCount> {
    let counts = Severity::WORST_FIRST.map(|severity| {
        let of = |status| count(assessment, severity, status);
        (severity.as_str(), of(FindingStatus::Open), of(FindingStatus::Pending), of(FindingStatus::Excepted))
    });
    let most = counts.iter().map(|(_, open, pending, excepted)| open + pending + excepted).max().unwrap_or(0);
    counts
        .into_iter()
        .map(|(severity, open, pending, excepted)| SeverityCount {
            severity,
            open,
            pending,
            excepted,
            bar: bar(&[(open, severity), (pending, "pending"), (excepted, "excepted")], most),
        })
        .collect()
}
