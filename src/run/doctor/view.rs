//! The result of `overstay doctor`, from the probes.

use std::collections::BTreeSet;

use super::evidence_window;
use super::outlook::Reach;
use super::probe::status;
use crate::collect::{Check, CheckOutcome, Probe};
use crate::config::Config;
use crate::evidence::doctor::{CheckView, DoctorView, FORMAT, FactView, NotAsked, SourceView, Told, VERSION};
use crate::evidence::tests::TESTS;
use crate::exit::Status;
use crate::model::Fact;
use crate::rules::{RULES, RuleMeta};
use crate::workflow::Shell;

pub(super) fn view(shell: &Shell, config: &Config, probes: &[Probe]) -> DoctorView {
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
        periods: evidence_window::describe(shell, config),
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
