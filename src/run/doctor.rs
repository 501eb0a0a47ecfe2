//! `overstay doctor`: what each source can be read for, what is missing, and what that costs.

use std::collections::BTreeSet;

use tokio::task::JoinSet;

use super::check::Format;
use super::collect::collectors;
use super::proof::proof;
use super::{Shell, check_terms};
use crate::collect::aws::iam_policy;
use crate::collect::idp::permissions;
use crate::collect::{Check, CheckOutcome, CollectCx, Probe};
use crate::config::{BucketConfig, CloudTrail, Config, StoreConfig};
use crate::error::Error;
use crate::evidence::doctor::{
    CheckView, DoctorView, FORMAT, FactView, NotAsked, OutlookView, SourceView, Told, VERSION,
};
use crate::evidence::tests::TESTS;
use crate::exit::Status;
use crate::model::Fact;
use crate::render::doctor_text;
use crate::rules::{RULES, RuleMeta};
use crate::store::policy;

/// What `doctor` is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// What can be read.
    Reach,
    /// The IAM policy.
    Policy,
    /// The permissions at identity providers.
    Scopes,
}

/// Looks at every source, or prints the IAM policy or the permissions at identity providers.
///
/// # Errors
/// When the config is not there or wrong, or standard output fails.
pub async fn run(shell: &Shell, show: Show, format: Format) -> Result<Status, Error> {
    match show {
        Show::Reach => {}
        Show::Policy => {
            let config = if shell.config.exists() { Some(shell.load_config()?) } else { None };
            Shell::print(allowed(config.as_ref()).trim_end())?;
            return Ok(Status::Clean);
        }
        Show::Scopes => {
            print_scopes()?;
            return Ok(Status::Clean);
        }
    }
    let config = shell.load_config()?;
    check_terms(&config, shell.clock.now())?;
    let probes = probe(shell, &config).await?;
    shell.progress.finish();
    let view = view(shell, &config, &probes);
    match format {
        Format::Text => Shell::print(doctor_text::text(&view).trim_end())?,
        Format::Json => Shell::print_json(&view)?,
    }
    Ok(status(&probes))
}

/// The IAM policy for what a config asks for; without one, for what every run needs.
fn allowed(config: Option<&Config>) -> String {
    let aws = config.and_then(|config| config.aws.as_ref());
    let region = aws.and_then(|aws| aws.region.as_deref());
    let trail = match aws.map(|aws| &aws.cloudtrail) {
        Some(CloudTrail::Bucket(bucket)) => Some(&bucket.place),
        _ => None,
    };
    let store = match config.and_then(|config| config.store.as_ref()) {
        Some(StoreConfig::S3(BucketConfig { location, region: own, .. })) => {
            policy(location, own.as_deref().or(region))
        }
        Some(StoreConfig::Directory(_)) | None => Vec::new(),
    };
    iam_policy(trail, region, store)
}

/// Every permission at an identity provider, with the calls it allows and what is lost without it.
fn print_scopes() -> Result<(), Error> {
    let mut kind = "";
    for permission in permissions() {
        if permission.kind != kind {
            kind = permission.kind;
            Shell::print(kind)?;
        }
        let facts: Vec<&str> = permission.facts.iter().map(|fact| fact.describe()).collect();
        Shell::print(&format!("  {}\n    for {}", permission.name, facts.join(", ")))?;
        for call in permission.calls {
            Shell::print(&format!("    {call}"))?;
        }
    }
    Ok(())
}

/// Looks at all sources at once; gives them in the order of the config.
async fn probe(shell: &Shell, config: &Config) -> Result<Vec<Probe>, Error> {
    let cx = CollectCx { clock: shell.clock.clone(), progress: shell.progress.clone(), base: shell.base() };
    let live = config.live_sources();
    let mut tasks = JoinSet::new();
    let mut probes = Vec::new();
    for (place, collector) in collectors(config).into_iter().enumerate() {
        let source = collector.source();
        let remote = live.iter().find(|(name, _)| *name == source).filter(|_| shell.offline);
        if let Some((_, kind)) = remote {
            let mut probe = Probe::new(source, kind, Vec::new());
            probe.checks.push(Check::not_tried(*kind, "--offline forbids the network"));
            probes.push((place, probe));
            continue;
        }
        let cx = cx.clone();
        tasks.spawn(async move { (place, collector.probe(&cx).await) });
    }
    while let Some(joined) = tasks.join_next().await {
        probes.push(joined.map_err(|e| Error::Internal(format!("a probe stopped: {e}")))?);
    }
    probes.sort_by_key(|(place, _)| *place);
    Ok(probes.into_iter().map(|(_, probe)| probe).collect())
}

/// What stops a collection wins over what makes it incomplete: nothing would be read at all.
fn status(probes: &[Probe]) -> Status {
    let outcomes = || probes.iter().flat_map(|probe| &probe.checks).map(|check| check.outcome);
    if outcomes().any(|outcome| outcome == CheckOutcome::Wrong) {
        Status::Usage
    } else if outcomes().any(|outcome| matches!(outcome, CheckOutcome::Unreadable(_))) {
        Status::Incomplete
    } else {
        Status::Clean
    }
}

/// Which facts a run now would have.
#[derive(Clone)]
struct Reach {
    asked: BTreeSet<Fact>,
    lost: BTreeSet<Fact>,
}

impl Reach {
    fn of(config: &Config, probes: &[Probe]) -> Self {
        let mut asked: BTreeSet<Fact> = probes.iter().flat_map(|probe| probe.asked.iter().copied()).collect();
        // A links file adds evidence; having none leaves nothing out.
        asked.insert(Fact::DeclaredLinks);
        if !config.access.is_empty() {
            asked.insert(Fact::Policy);
        }
        Self { asked, lost: probes.iter().flat_map(Probe::lost).collect() }
    }

    /// As if only `lost` could not be read.
    fn losing(&self, lost: &[Fact]) -> Self {
        Self { asked: self.asked.clone(), lost: lost.iter().copied().collect() }
    }

    fn rule(&self, rule: &RuleMeta) -> Outlook {
        let needs = || rule.requires.iter().chain(rule.covers).copied();
        // What a rule looks at only where there is such a source can be lost, and is not missed.
        let looked_at = needs().chain(rule.if_asked.iter().copied());
        let lost: BTreeSet<Fact> = looked_at.filter(|fact| self.lost.contains(fact)).collect();
        let not_asked: BTreeSet<Fact> = needs().filter(|fact| !self.asked.contains(fact)).collect();
        let silent = !not_asked.is_empty() || rule.requires.iter().any(|fact| self.lost.contains(fact));
        let reach = match (silent, lost.is_empty()) {
            (true, _) => "not_evaluated",
            (false, false) => "partial",
            (false, true) => "evaluated",
        };
        Outlook { reach, lost, not_asked }
    }

    /// A test needs every one of its rules in full.
    fn test(&self, rules: &[&str]) -> Outlook {
        let mut outlook = Outlook { reach: "evaluated", lost: BTreeSet::new(), not_asked: BTreeSet::new() };
        for rule in rules.iter().filter_map(|id| crate::rules::find(id)) {
            let Outlook { reach, lost, not_asked } = self.rule(rule.meta());
            if reach != "evaluated" {
                outlook.reach = "not_evaluated";
            }
            outlook.lost.extend(lost);
            outlook.not_asked.extend(not_asked);
        }
        outlook
    }
}

/// What a run now could say of a rule or test.
struct Outlook {
    reach: &'static str,
    lost: BTreeSet<Fact>,
    not_asked: BTreeSet<Fact>,
}

impl Outlook {
    fn view(self, id: &'static str, title: &'static str) -> OutlookView {
        let names = |facts: BTreeSet<Fact>| facts.into_iter().map(Fact::describe).collect();
        OutlookView { id, title, outlook: self.reach, lost: names(self.lost), not_asked: names(self.not_asked) }
    }
}

fn view(shell: &Shell, config: &Config, probes: &[Probe]) -> DoctorView {
    let reach = Reach::of(config, probes);
    let rules: Vec<&RuleMeta> = RULES.iter().map(|rule| rule.meta()).collect();
    let needed: BTreeSet<Fact> =
        rules.iter().flat_map(|rule| rule.requires.iter().chain(rule.covers)).copied().collect();
    DoctorView {
        format: FORMAT,
        version: VERSION,
        config: shell.config.display().to_string(),
        result: match status(probes) {
            Status::Clean => "fine",
            Status::Usage => "wrong",
            _ => "incomplete",
        },
        sources: probes.iter().map(|probe| source(&reach, probe)).collect(),
        not_asked: needed
            .difference(&reach.asked)
            .map(|fact| NotAsked { fact: fact_view(*fact), hint: provider(*fact, config) })
            .collect(),
        periods: proof(shell, config),
        rules: rules.iter().map(|rule| reach.rule(rule).view(rule.id, rule.title)).collect(),
        tests: TESTS.iter().map(|test| reach.test(test.rules).view(test.id, test.title)).collect(),
    }
}

fn source(reach: &Reach, probe: &Probe) -> SourceView {
    SourceView {
        source: probe.source.clone(),
        kind: probe.kind.clone(),
        told: probe.told.iter().map(|(name, value)| Told { name: (*name).to_owned(), value: value.clone() }).collect(),
        checks: probe.checks.iter().map(|check| check_view(reach, check)).collect(),
        not_read: probe.not_read.clone(),
        notes: probe.notes.clone(),
    }
}

fn check_view(reach: &Reach, check: &Check) -> CheckView {
    let (outcome, cause) = match check.outcome {
        CheckOutcome::Fine => ("fine", None),
        CheckOutcome::Warning => ("warning", None),
        CheckOutcome::NotTried => ("not_tried", None),
        CheckOutcome::Unreadable(kind) => ("unreadable", Some(word(&kind))),
        CheckOutcome::Wrong => ("wrong", None),
    };
    // What this check costs by itself: a rule that is silent anyway, for want of a source, is not its fault.
    let (with, without) = (reach.losing(&[]), reach.losing(&check.loses));
    let rules = RULES.iter().map(|rule| rule.meta());
    let rules = rules.filter(|rule| with.rule(rule).reach != without.rule(rule).reach).map(|rule| rule.id).collect();
    let tests = TESTS.iter().filter(|test| with.test(test.rules).reach != without.test(test.rules).reach);
    CheckView {
        what: check.what.clone(),
        outcome,
        cause,
        detail: check.detail.clone(),
        hint: check.hint.clone(),
        loses: check.loses.iter().map(|fact| fact_view(*fact)).collect(),
        rules,
        tests: tests.map(|test| test.id).collect(),
    }
}

fn fact_view(fact: Fact) -> FactView {
    FactView { fact: word(&fact), name: fact.describe() }
}

/// The word by which snapshots call it.
fn word(value: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// What to add to the config for a fact.
fn provider(fact: Fact, config: &Config) -> &'static str {
    match fact {
        Fact::Accounts
        | Fact::DirectoryUsers
        | Fact::DirectoryGroups
        | Fact::Memberships
        | Fact::PermissionSets
        | Fact::Boundaries
        | Fact::Assignments
        | Fact::Provisioning => match &config.aws {
            None => "add [aws]",
            Some(_) if fact == Fact::Provisioning => "under [aws] write enumeration = \"provisioned\"",
            Some(_) => "add \"permission_set\" to aws.planes",
        },
        Fact::IdpUsers => "add [[idp]] with the identity provider's users",
        Fact::IdpGroups => "give groups and members under [[idp]]",
        Fact::HrRecords => "add [hr] with the roster",
        Fact::DeclaredLinks => "give links under [identities]",
        Fact::IdpApplication | Fact::ProvisioningJob | Fact::ProvisioningLog | Fact::Activations => {
            "name the application of AWS under a live [[idp]]: application = \"AWS IAM Identity Center\""
        }
        Fact::SecondFactors | Fact::SignIns | Fact::EmploymentDates | Fact::IdpEvents => {
            "read the identity provider itself under [[idp]], and leave nothing out by `without`"
        }
        Fact::CloudTrail => "under [aws] write cloudtrail = { lookup = true }",
        Fact::Approvals => "add [approvals] with the ticket system's export",
        Fact::Holidays => "under [calendar] name the holidays' file",
        Fact::History => "keep snapshots in [store] and collect every day",
        Fact::Policy => "add [[access]] entries; `overstay init --discover` proposes some",
    }
}
