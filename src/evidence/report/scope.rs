//! What the report covers: data sources, accounts out of scope, and where the data come from.

use serde::Serialize;

use crate::evidence::words::thousands;
use crate::model::Known;
use crate::reconcile::Ledger;

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

/// A data source.
#[derive(Debug, Serialize)]
pub struct Reading {
    /// Its name.
    pub source: String,
    /// What it is.
    pub kind: String,
    /// The facts that were collected from it.
    pub asked: String,
    /// Whether all of it was read.
    pub complete: bool,
    /// How many things could not be read.
    pub gaps: usize,
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
        facts.push(Fact { label: "Access types in scope", value: planes.join(", ") });
    } else {
        facts.push(Fact { label: "AWS", value: "no AWS data source was read".to_owned() });
    }
    let idps: Vec<String> = ledger
        .snapshot()
        .idps()
        .iter()
        .map(|idp| format!("{} ({}, {} users)", idp.name, idp.kind, thousands(idp.users.len() as u64)))
        .collect();
    facts.push(Fact {
        label: "Identity providers",
        value: if idps.is_empty() { "none".to_owned() } else { idps.join(", ") },
    });
    let hr = ledger.snapshot().hr().map_or_else(
        || "none; leavers are known from the identity provider only".to_owned(),
        |hr| format!("{} records, dates in {}", thousands(hr.records.len() as u64), hr.time_zone),
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
