//! `permission_sets.csv`.

use std::collections::{BTreeSet, HashMap};
use std::io;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{known, list};
use crate::assess::Assessment;
use crate::evidence::table::{RowWriter, Table, columns};
use crate::model::Known;
use crate::model::permission_set::Boundary;
use crate::reconcile::{Ledger, SetView};

columns! {
    /// A permission set: the definition reviewers and auditors read.
    PermissionSetRow {
        permission_set_arn: id "the permission set",
        permission_set_name: text "its name",
        description: text "its description",
        tier: word "none, read, write, power, admin or unknown",
        tier_reason: text "why that tier",
        session_duration: text "how long a role session lasts",
        managed_policies: list "AWS managed policies attached",
        customer_policies: list "customer managed policies referred to, by path and name",
        inline_digest: digest "SHA-256 of the inline policy's text",
        boundary: text "the permissions boundary",
        accounts: count "accounts it is assigned on, in scope",
        assignments: count "assignments of it, in scope",
        people: count "Identity Center users who hold it",
        owner: list "who answers for it, by [[access]]",
        deployed: word "latest when every account runs the latest version, outdated when one does not, or unknown",
        changed_since_last_review: word "yes, no or unknown",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "permission_sets.csv",
    about: "what each permission set is, and how far it reaches",
    sorted_by: &["permission_set_arn"],
    columns: PermissionSetRow::COLUMNS,
    rows,
};

#[derive(Default)]
struct Reach<'a> {
    accounts: BTreeSet<&'a str>,
    assignments: u64,
    people: u64,
}

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    let ledger = assessment.ledger();
    let reach = reach(ledger);
    for (at, set) in (0u32..).zip(ledger.entitlements().sets()) {
        out.row(&row(ledger, set, reach.get(&at)))?;
    }
    Ok(())
}

fn reach<'a>(ledger: &Ledger<'a>) -> HashMap<u32, Reach<'a>> {
    let entitlements = ledger.entitlements();
    let mut reach: HashMap<u32, Reach<'a>> = HashMap::new();
    for (at, record) in (0u32..).zip(entitlements.assignments()) {
        if let (Some(set), false) = (entitlements.resolved(at).and_then(|r| r.set), entitlements.is_excluded(at)) {
            let entry = reach.entry(set).or_default();
            entry.accounts.insert(record.account.as_str());
            entry.assignments += 1;
        }
    }
    for user in 0..u32::try_from(ledger.users().len()).unwrap_or(u32::MAX) {
        let grants = ledger.grants().of_user(user);
        let mut sets: Vec<u32> =
            grants.iter().filter_map(|grant| entitlements.resolved(grant.assignment)?.set).collect();
        sets.sort_unstable();
        sets.dedup();
        for set in sets {
            reach.entry(set).or_default().people += 1;
        }
    }
    reach
}

fn row(ledger: &Ledger<'_>, view: &SetView<'_>, reach: Option<&Reach<'_>>) -> PermissionSetRow {
    let set = view.set;
    let owners = ledger
        .config()
        .access
        .iter()
        .filter(|entry| entry.permission_set.matches(set.label()))
        .filter_map(|entry| entry.owner.clone());
    PermissionSetRow {
        permission_set_arn: set.arn.to_string(),
        permission_set_name: known(&set.name),
        description: known(&set.description),
        tier: view.tier.as_str().to_owned(),
        tier_reason: view.tier_reason.clone(),
        session_duration: known(&set.session),
        managed_policies: known(&set.managed.map(|policies| list(policies.iter().map(|policy| policy.name.clone())))),
        customer_policies: known(
            &set.customer.map(|policies| list(policies.iter().map(|p| format!("{}{}", p.path, p.name)))),
        ),
        inline_digest: known(&set.inline.map(|text| HEXLOWER.encode(&Sha256::digest(text.as_bytes())))),
        boundary: known(&set.boundary.map(|boundary| match boundary {
            Boundary::Managed(arn) => arn.clone(),
            Boundary::Customer(policy) => format!("{}{}", policy.path, policy.name),
        })),
        accounts: reach.map_or(0, |reach| reach.accounts.len()).to_string(),
        assignments: reach.map_or(0, |reach| reach.assignments).to_string(),
        people: reach.map_or(0, |reach| reach.people).to_string(),
        owner: list(owners),
        deployed: deployed(ledger, view).to_owned(),
        changed_since_last_review: super::unknown(),
    }
}

fn deployed(ledger: &Ledger<'_>, view: &SetView<'_>) -> &'static str {
    let Some(aws) = ledger.aws() else { return "unknown" };
    let mut latest: Vec<&Known<bool>> = aws
        .provisioned
        .iter()
        .filter(|deployment| deployment.permission_set == view.set.arn)
        .map(|deployment| &deployment.latest)
        .collect();
    latest.dedup();
    if latest.contains(&&Known::Value(false)) {
        "outdated"
    } else if latest.is_empty() || latest.iter().any(|known| known.value().is_none()) {
        "unknown"
    } else {
        "latest"
    }
}
