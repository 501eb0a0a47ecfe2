//! `organizations`: the organization and its accounts.

use serde_json::{Value, json};

use super::Shared;
use super::dispatch::{Denial, Reply};
use super::pages::Cut;
use super::world::{Account, World};

type Handled = Result<Reply, Denial>;

pub(super) fn handle(shared: &Shared, name: &str, cut: &Cut<'_>) -> Option<Handled> {
    let handler: fn(&Shared, &Cut<'_>) -> Handled = match name {
        "ListAccounts" => list_accounts,
        "DescribeOrganization" => describe_organization,
        "ListDelegatedAdministrators" => list_delegated,
        "DescribeOrganizationalUnit" => describe_unit,
        _ => return None,
    };
    if !shared.world.in_organization {
        let text = "Your account is not a member of an organization.";
        return Some(Err(Denial::new("AWSOrganizationsNotInUseException", text)));
    }
    Some(handler(shared, cut))
}

fn account_json(world: &World, account: &Account) -> Value {
    let mut told = json!({
        "Id": account.id,
        "Arn": format!("arn:aws:organizations::{}:account/o-fake000000/{}", world.management, account.id),
        "Email": format!("aws+{}@example.com", account.id),
        "Name": account.name,
        "State": account.state,
        "Paths": [format!("o-fake000000/r-fake/{}/{}/", account.path, account.id)],
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": 1_600_000_000.5,
    });
    if world.tells_status {
        told["Status"] = match account.state {
            "CLOSED" => "SUSPENDED",
            "PENDING_ACTIVATION" => "ACTIVE",
            state => state,
        }
        .into();
    }
    told
}

/// The name of a unit is its id without the prefix.
fn describe_unit(_: &Shared, cut: &Cut<'_>) -> Handled {
    let id = cut.body["OrganizationalUnitId"].as_str().unwrap_or_default();
    let name = id.strip_prefix("ou-").unwrap_or(id);
    Ok(Reply::one(json!({ "OrganizationalUnit": { "Id": id, "Name": name } })))
}

fn list_accounts(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let accounts = &shared.index.listed_accounts;
    let account = |at: usize| account_json(&shared.world, &shared.world.accounts[accounts[at]]);
    cut.page("Accounts", account, accounts.len())
}

fn describe_organization(shared: &Shared, _: &Cut<'_>) -> Handled {
    let management = &shared.world.management;
    Ok(Reply::one(json!({ "Organization": {
        "Id": "o-fake000000",
        "Arn": format!("arn:aws:organizations::{management}:organization/o-fake000000"),
        "FeatureSet": "ALL",
        "MasterAccountArn": format!("arn:aws:organizations::{management}:account/o-fake000000/{management}"),
        "MasterAccountId": management,
        "MasterAccountEmail": format!("aws+{management}@example.com"),
    } })))
}

fn list_delegated(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let admins: Vec<&Account> =
        shared.world.accounts.iter().filter(|account| shared.world.delegated_admins.contains(&account.id)).collect();
    let admin = |at: usize| {
        let mut told = account_json(&shared.world, admins[at]);
        told["DelegationEnabledDate"] = 1_610_000_000.into();
        told
    };
    cut.page("DelegatedAdministrators", admin, admins.len())
}
