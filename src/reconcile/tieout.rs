//! Counts that must agree: the cheapest strong evidence that a listing is whole.

use super::Ledger;
use super::entitlements::ResolvedPrincipal;
use crate::model::{Fact, Known};
use crate::snapshot::Coverage;

/// Two counts of the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieOut {
    /// What is counted.
    pub what: &'static str,
    /// One way.
    pub expected: Known<u64>,
    /// The other way.
    pub actual: Known<u64>,
    /// Why they differ, or why one is not known, or how they were counted.
    pub explanation: String,
}

impl TieOut {
    /// Whether the counts agree; none when one of them is not known.
    pub fn agrees(&self) -> Option<bool> {
        match (&self.expected, &self.actual) {
            (Known::Value(expected), Known::Value(actual)) => Some(expected == actual),
            _ => None,
        }
    }
}

fn count(len: usize) -> u64 {
    len as u64
}

/// All tie-outs that the facts allow.
pub fn tie_out(ledger: &Ledger<'_>) -> Vec<TieOut> {
    let Some(aws) = ledger.aws() else { return Vec::new() };
    let mut outs = vec![users_against_idp(ledger), accounts(ledger), rows(ledger)];
    outs.push(match &aws.cross_check {
        Known::Value(check) => TieOut {
            what: "Assignments by account and permission set, against assignments by principal",
            expected: Known::Value(check.rows),
            actual: Known::Value(
                check.rows + count(check.only_by_account.len()) - count(check.only_by_principal.len()),
            ),
            explanation: format!(
                "assignments of principals that exist; {} only by account, {} only by principal",
                check.only_by_account.len(),
                check.only_by_principal.len()
            ),
        },
        Known::Absent | Known::Unknown(_) => TieOut {
            what: "Assignments by account and permission set, against assignments by principal",
            expected: Known::Unknown("not asked for".to_owned()),
            actual: Known::Value(count(aws.assignments.len())),
            explanation: match &aws.cross_check {
                Known::Unknown(why) => format!("not performed: {why}"),
                _ => "not performed; aws.enumeration = \"exhaustive\" asks for it".to_owned(),
            },
        },
    });
    for (what, second, first) in [
        ("Identity Center users, counted again at the end of the run", &aws.recount.users, aws.users.len()),
        ("Identity Center groups, counted again at the end of the run", &aws.recount.groups, aws.groups.len()),
        (
            "Permission sets, counted again at the end of the run",
            &aws.recount.permission_sets,
            aws.permission_sets.len(),
        ),
    ] {
        let explanation = match second {
            Known::Value(second) if *second != count(first) => "the directory changed while it was read",
            Known::Value(_) => "nothing changed in number while it was read",
            Known::Absent | Known::Unknown(_) => "the second count could not be taken",
        };
        outs.push(TieOut {
            what,
            expected: Known::Value(count(first)),
            actual: second.clone(),
            explanation: explanation.to_owned(),
        });
    }
    outs.push(pagers(ledger));
    outs
}

fn users_against_idp(ledger: &Ledger<'_>) -> TieOut {
    let linked = (0u32..).zip(ledger.users()).filter(|(at, _)| ledger.links().linked(*at).next().is_some()).count();
    let total = ledger.users().len();
    let expected = match ledger.snapshot().coverage(Fact::IdpUsers) {
        Coverage::NotAsked => Known::Unknown("no identity provider was asked".to_owned()),
        Coverage::Complete | Coverage::Partial(_) => Known::Value(count(linked)),
    };
    TieOut {
        what: "Identity Center users with a counterpart in an identity provider, against Identity Center users",
        expected,
        actual: Known::Value(count(total)),
        explanation: if linked == total {
            "every user has a counterpart".to_owned()
        } else {
            format!("{} without a counterpart; identities.csv names them", total - linked)
        },
    }
}

fn accounts(ledger: &Ledger<'_>) -> TieOut {
    let accounts = ledger.entitlements().accounts();
    let listed = accounts.iter().filter(|account| account.listed.is_some()).count();
    let unlisted: Vec<&str> =
        accounts.iter().filter(|account| account.listed.is_none()).map(|a| a.id.as_str()).collect();
    let expected = match ledger.snapshot().coverage(Fact::Accounts) {
        Coverage::Complete => Known::Value(count(listed)),
        Coverage::Partial(_) => Known::Unknown("the account list was not read whole".to_owned()),
        Coverage::NotAsked => Known::Unknown("Organizations was not asked".to_owned()),
    };
    TieOut {
        what: "Accounts that Organizations lists, against accounts scanned",
        expected,
        actual: Known::Value(count(accounts.len())),
        explanation: if unlisted.is_empty() {
            "assignments name no account that Organizations does not list".to_owned()
        } else {
            format!("assignments also name accounts that Organizations does not list: {}", unlisted.join(", "))
        },
    }
}

/// Every assignment read is in a grant, dangling, memberless, or excluded by a named reason.
fn rows(ledger: &Ledger<'_>) -> TieOut {
    let entitlements = ledger.entitlements();
    let (mut held, mut dangling, mut memberless, mut excluded) = (0u64, 0u64, 0u64, 0u64);
    for at in 0..u32::try_from(entitlements.assignments().len()).unwrap_or(u32::MAX) {
        if entitlements.is_excluded(at) {
            excluded += 1;
            continue;
        }
        match entitlements.resolved(at).map(|resolved| resolved.principal) {
            Some(ResolvedPrincipal::User(_)) => held += 1,
            Some(ResolvedPrincipal::Group(group)) if ledger.grants().members(group).is_empty() => memberless += 1,
            Some(ResolvedPrincipal::Group(_)) => held += 1,
            Some(ResolvedPrincipal::Missing(_)) | None => dangling += 1,
        }
    }
    TieOut {
        what: "Assignments read, against assignments accounted for",
        expected: Known::Value(count(entitlements.assignments().len())),
        actual: Known::Value(held + dangling + memberless + excluded),
        explanation: format!(
            "{held} held by somebody, {memberless} of groups without members, {dangling} of principals that do not exist, {excluded} in excluded accounts"
        ),
    }
}

fn pagers(ledger: &Ledger<'_>) -> TieOut {
    let aws = ledger.snapshot().sources().iter().filter(|record| record.source == "aws");
    let (mut operations, mut failed) = (0u64, 0u64);
    for operation in aws.flat_map(|record| &record.operations) {
        operations += 1;
        failed += u64::from(operation.failures > 0);
    }
    TieOut {
        what: "AWS operations called, against operations whose every call and page came back",
        expected: Known::Value(operations),
        actual: Known::Value(operations - failed),
        explanation: "a list counts as read only when its last page carried no token".to_owned(),
    }
}
