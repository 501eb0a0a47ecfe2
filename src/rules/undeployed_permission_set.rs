//! `undeployed-permission-set`.

use std::collections::{BTreeMap, BTreeSet};

use super::cx::RuleCx;
use super::{Evaluation, declare_rule};
use crate::model::Known;
use crate::model::finding::{Evidence, Finding, Severity};
use crate::model::id::{AccountId, PermissionSetArn};

declare_rule! {
    /// ## What it checks
    /// A permission set was changed and not provisioned again to some accounts: the role there is an older version.
    ///
    /// ## Why it matters
    /// What reviewers read is not what runs. A privilege taken out of the permission set is still in the role.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: the reviewed roles are the roles in force.
    ///
    /// ## Example
    /// `s3:*` was removed from `DataEngineer` in June; on `prod` the role still has it.
    ///
    /// ## How to fix
    /// Provision the permission set to the accounts named (`sso-admin provision-permission-set`).
    ///
    /// ## Known limits
    /// Not evaluated with `aws.enumeration = "exhaustive"`, which does not ask for deployments.
    UndeployedPermissionSet {
        id: "undeployed-permission-set",
        title: "Permission set change is not deployed",
        severity: Medium,
        requires: [],
        covers: [Provisioning, PermissionSets],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("deployments of permission sets");
    let entitlements = cx.ledger().entitlements();
    let excluded = entitlements.accounts().iter().filter(|account| account.excluded.is_some());
    let excluded: BTreeSet<&AccountId> = excluded.map(|account| account.id).collect();
    let mut stale: BTreeMap<&PermissionSetArn, Vec<&AccountId>> = BTreeMap::new();
    for deployed in cx.ledger().aws().map_or(&[][..], |aws| &aws.provisioned) {
        if excluded.contains(&deployed.account) {
            continue;
        }
        evaluation.population += 1;
        match deployed.latest {
            Known::Value(true) => {}
            Known::Value(false) => stale.entry(&deployed.permission_set).or_default().push(&deployed.account),
            Known::Absent | Known::Unknown(_) => evaluation.undecided += 1,
        }
    }
    for (arn, accounts) in stale {
        let Some(set) = entitlements.sets().iter().find(|view| view.set.arn == *arn) else {
            evaluation.undecided += accounts.len() as u64;
            continue;
        };
        let names: Vec<String> = accounts
            .iter()
            .map(|id| {
                let account = entitlements.accounts().iter().find(|account| account.id == *id);
                account.map_or_else(|| id.to_string(), |account| format!("{} ({id})", account.name()))
            })
            .collect();
        evaluation.findings.push(
            Finding::new(
                "undeployed-permission-set",
                Severity::Medium,
                RuleCx::set_subject(set.set),
                format!("Its latest version is not deployed to {}.", names.join(", ")),
                Evidence {
                    source: "aws".to_owned(),
                    at: "sso:ListAccountsForProvisionedPermissionSet".to_owned(),
                    says: format!("{} of {} is not the latest version", plural_accounts(names.len()), set.set.label()),
                },
            )
            .remedy("Provision the permission set to these accounts again."),
        );
    }
    evaluation
}

fn plural_accounts(count: usize) -> String {
    if count == 1 { "the role in one account".to_owned() } else { format!("the role in {count} accounts") }
}
