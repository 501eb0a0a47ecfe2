//! The organization: its accounts, its management account, its delegated administrators.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::types;

use super::convert::{id, text};
use super::operation::{DESCRIBE_ORGANIZATION, DESCRIBE_UNIT, LIST_ACCOUNTS, LIST_DELEGATED};
use super::paged::{PagedOperation, paged};
use super::session::Client;
use crate::collect::calls::{CallError, Gaps};
use crate::model::id::AccountId;
use crate::model::{Account, AccountState, Known};

/// What Organizations told.
#[derive(Debug)]
pub(super) struct Organization {
    pub(super) management: Known<AccountId>,
    pub(super) delegated: Known<Vec<AccountId>>,
    /// Sorted by id.
    pub(super) accounts: Vec<Account>,
    pub(super) gaps: Gaps,
}

/// The accounts as far as they are known, and why there are no more.
#[derive(Debug, Clone)]
pub(super) struct AccountList {
    pub(super) ids: Vec<AccountId>,
    pub(super) end: Result<(), CallError>,
}

/// Reads the organization. `tell` gets the accounts as soon as they are listed.
pub(super) async fn read(client: &Client, tell: impl FnOnce(AccountList)) -> Organization {
    let mut gaps = Gaps::default();
    let (management, delegated, (accounts, end, unnamed)) =
        tokio::join!(management_account(client), delegated_admins(client), async {
            let (mut accounts, end) = accounts(client).await;
            tell(AccountList { ids: accounts.keys().cloned().collect(), end: end.clone() });
            let unnamed = name_units(client, &mut accounts).await;
            (accounts, end, unnamed)
        });
    for (unit, error) in &unnamed {
        gaps.add(&DESCRIBE_UNIT, unit, error);
    }
    if let Err(error) = &end {
        gaps.add(&LIST_ACCOUNTS, "", error);
    }
    let management = gaps.known(&DESCRIBE_ORGANIZATION, "", management);
    let delegated = gaps.known(&LIST_DELEGATED, "", delegated);
    Organization { management, delegated, accounts: accounts.into_values().collect(), gaps }
}

/// The management account (`organizations:DescribeOrganization`, `MasterAccountId`).
pub(super) async fn management_account(client: &Client) -> Result<AccountId, CallError> {
    let operation = &DESCRIBE_ORGANIZATION;
    client.calls.progress().plan(1);
    let answer = client.calls.call(operation, || client.organizations.describe_organization().send()).await?;
    let organization = answer.organization.as_ref();
    id(organization.and_then(|organization| organization.master_account_id()))
        .ok_or_else(|| CallError::malformed(operation, "the answer names no management account"))
}

/// The delegated administrators (`organizations:ListDelegatedAdministrators`).
pub(super) async fn delegated_admins(client: &Client) -> Result<Vec<AccountId>, CallError> {
    let delegated = paged(
        client,
        &LIST_DELEGATED,
        |size, token| {
            let request = client.organizations.list_delegated_administrators();
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| (answer.delegated_administrators.unwrap_or_default(), answer.next_token),
    );
    let mut admins = Vec::new();
    let each = |page: Vec<types::DelegatedAdministrator>| {
        admins.extend(page.iter().filter_map(|admin| id::<AccountId>(admin.id())))
    };
    delegated.each_page(each).await?;
    admins.sort();
    admins.dedup();
    Ok(admins)
}

async fn accounts(client: &Client) -> (BTreeMap<AccountId, Account>, Result<(), CallError>) {
    let mut accounts = BTreeMap::new();
    let mut nameless = 0_u64;
    let each = |page: Vec<Option<Account>>| {
        for account in page {
            match account {
                Some(account) => {
                    accounts.insert(account.id.clone(), account);
                }
                None => nameless += 1,
            }
        }
        client.calls.progress().accounts(accounts.len() as u64);
    };
    let end = list_accounts(client).each_page(each).await;
    let end = match end {
        Ok(()) if nameless > 0 => Err(CallError::malformed(&LIST_ACCOUNTS, "an account without an id")),
        end => end,
    };
    (accounts, end)
}

/// The accounts (`organizations:ListAccounts`).
pub(super) fn list_accounts(client: &Client) -> impl PagedOperation<Item = Option<Account>> {
    paged(
        client,
        &LIST_ACCOUNTS,
        |size, token| client.organizations.list_accounts().set_max_results(size).set_next_token(token).send(),
        |answer| (answer.accounts.unwrap_or_default().iter().map(account).collect(), answer.next_token),
    )
}

/// Puts names for the ids in the accounts' paths, since config names organizational units by name
/// (`organizations:DescribeOrganizationalUnit`, once for each unit that holds an account). Gives back what has no name.
async fn name_units(client: &Client, accounts: &mut BTreeMap<AccountId, Account>) -> Vec<(String, CallError)> {
    let ids: BTreeSet<String> = accounts
        .values()
        .filter_map(|account| account.path.value())
        .flat_map(|path| units(path))
        .map(str::to_owned)
        .collect();
    let operation = &DESCRIBE_UNIT;
    client.calls.progress().plan(ids.len() as u64);
    let (mut names, mut unnamed) = (BTreeMap::new(), Vec::new());
    for unit in ids {
        let send = || client.organizations.describe_organizational_unit().organizational_unit_id(&unit).send();
        let named = client.calls.call(operation, send).await.and_then(|answer| {
            let name = answer.organizational_unit.as_ref().and_then(|unit| text(unit.name())).map(str::to_owned);
            name.ok_or_else(|| CallError::malformed(operation, "an organizational unit without a name"))
        });
        match named {
            Ok(name) => drop(names.insert(unit, name)),
            Err(error) => unnamed.push((unit, error)),
        }
    }
    for account in accounts.values_mut() {
        let Some(path) = account.path.value() else { continue };
        let named: Option<Vec<&str>> = units(path).map(|unit| names.get(unit).map(String::as_str)).collect();
        account.path = named.map_or_else(
            || Known::Unknown("an organizational unit above it could not be read".to_owned()),
            |names| Known::Value(names.join("/")),
        );
    }
    unnamed
}

/// The organizational units of a path of ids; the root has no name worth telling.
pub(super) fn units(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| part.starts_with("ou-"))
}

fn account(account: &types::Account) -> Option<Account> {
    let id: AccountId = id(account.id())?;
    // `Status` was to be retired in September 2026 in favour of `State`; servers give the one, the other, or both.
    let word = text(account.state().map(|state| state.as_str()))
        .or_else(|| text(account.status().map(|status| status.as_str())));
    let state = match word {
        None => Known::Unknown("Organizations told neither State nor Status".to_owned()),
        Some(word) => AccountState::from_aws(word)
            .map_or_else(|| Known::Unknown(format!("Organizations told the unknown state {word}")), Known::Value),
    };
    Some(Account {
        name: text(account.name()).unwrap_or(id.as_str()).to_owned(),
        state,
        path: path(account.paths()),
        id,
    })
}

/// `o-x/r-x/ou-x/ou-y/123456789012/` without the organization and the account: both are known otherwise.
fn path(paths: &[String]) -> Known<String> {
    let units: Vec<&str> = paths
        .first()
        .map(|path| path.split('/').filter(|part| part.starts_with("r-") || part.starts_with("ou-")).collect())
        .unwrap_or_default();
    if units.is_empty() {
        Known::Unknown("Organizations told no path".to_owned())
    } else {
        Known::Value(units.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_comes_before_status() {
        let builder = types::Account::builder().id("012345678901");
        let both = builder.clone().state("CLOSED".into()).status("SUSPENDED".into()).build();
        assert_eq!(account(&both).unwrap().state, Known::Value(AccountState::Closed));
        let old = builder.clone().status("SUSPENDED".into()).build();
        assert_eq!(account(&old).unwrap().state, Known::Value(AccountState::Suspended));
        assert!(account(&builder.clone().build()).unwrap().state.is_unknown());
        assert!(account(&builder.state("DORMANT".into()).build()).unwrap().state.is_unknown());
        assert!(account(&types::Account::builder().build()).is_none());
    }

    #[test]
    fn a_path_runs_from_the_root_down() {
        let told = ["o-a1/r-b2/ou-b2-c3/ou-b2-d4/012345678901/".to_owned()];
        assert_eq!(path(&told), Known::Value("r-b2/ou-b2-c3/ou-b2-d4".to_owned()));
        assert!(path(&[]).is_unknown());
    }
}
