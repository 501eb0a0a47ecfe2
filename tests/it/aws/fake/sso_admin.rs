//! `sso-admin`: instances, permission sets, where they are deployed, and assignments.

use serde_json::{Value, json};

use super::Shared;
use super::dispatch::{Denial, Reply};
use super::pages::Cut;
use super::world::{Boundary, Instance, PermissionSet, Principal};

type Handled = Result<Reply, Denial>;

pub(super) fn handle(shared: &Shared, name: &str, region: &str, cut: &Cut<'_>) -> Option<Handled> {
    let handler: fn(&Shared, &Cut<'_>) -> Handled = match name {
        "ListInstances" => return Some(list_instances(shared, region, cut)),
        "ListPermissionSets" => list_permission_sets,
        "DescribePermissionSet" => describe_permission_set,
        "ListManagedPoliciesInPermissionSet" => list_managed,
        "ListCustomerManagedPolicyReferencesInPermissionSet" => list_customer,
        "GetInlinePolicyForPermissionSet" => get_inline,
        "GetPermissionsBoundaryForPermissionSet" => get_boundary,
        "ListAccountsForProvisionedPermissionSet" => list_accounts_for,
        "ListPermissionSetsProvisionedToAccount" => list_provisioned_to,
        "ListAccountAssignments" => list_assignments,
        "ListAccountAssignmentsForPrincipal" => list_assignments_for,
        _ => return None,
    };
    Some(check_instance(shared, region, cut.body).and_then(|()| handler(shared, cut)))
}

fn check_instance(shared: &Shared, region: &str, body: &Value) -> Result<(), Denial> {
    let asked = text(body, "InstanceArn")?;
    match &shared.world.instance {
        Some(instance) if instance.arn == asked && instance.primary_region == region => Ok(()),
        Some(instance) if instance.arn == asked && instance.regions.iter().any(|other| other == region) => {
            Err(Denial::validation("The operation is supported only in the primary Region of the instance."))
        }
        _ => Err(Denial::not_found("Instance")),
    }
}

fn text<'a>(body: &'a Value, key: &str) -> Result<&'a str, Denial> {
    body.get(key).and_then(Value::as_str).ok_or_else(|| Denial::validation(&format!("{key} is required.")))
}

fn permission_set<'a>(shared: &'a Shared, body: &Value) -> Result<&'a PermissionSet, Denial> {
    let arn = text(body, "PermissionSetArn")?;
    let found = shared.index.permission_sets.get(arn).map(|at| &shared.world.permission_sets[*at]);
    found.ok_or_else(|| Denial::not_found("PermissionSet"))
}

fn list_instances(shared: &Shared, region: &str, cut: &Cut<'_>) -> Handled {
    let everywhere = cut.body.get("RegionScope").and_then(Value::as_str) == Some("ALL_REGIONS");
    let seen = |instance: &&Instance| everywhere || instance.regions.iter().any(|other| other == region);
    let instances: Vec<_> = shared.world.instance.iter().filter(seen).collect();
    cut.page("Instances", |at| instance_json(instances[at]), instances.len())
}

fn instance_json(instance: &Instance) -> Value {
    let region = |name: &String| {
        json!({
            "RegionName": name, "Status": "ACTIVE", "AddedDate": 1_650_000_000,
            "IsPrimaryRegion": *name == instance.primary_region,
        })
    };
    let store = &instance.identity_store;
    json!({
        "InstanceArn": instance.arn,
        "IdentityStoreId": instance.identity_store,
        "IdentityStoreArn": format!("arn:aws:identitystore::{}:identitystore/{store}", instance.owner),
        "OwnerAccountId": instance.owner,
        "Name": "workforce",
        "CreatedDate": 1_650_000_000.25,
        "Status": "ACTIVE",
        "PrimaryRegion": instance.primary_region,
        "Regions": instance.regions.iter().map(region).collect::<Vec<_>>(),
    })
}

fn list_permission_sets(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let sets = &shared.world.permission_sets;
    cut.page("PermissionSets", |at| sets[at].arn.as_str().into(), sets.len())
}

fn describe_permission_set(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let set = permission_set(shared, cut.body)?;
    let mut described = json!({
        "Name": set.name, "PermissionSetArn": set.arn, "CreatedDate": 1_655_000_000.5, "SessionDuration": set.session,
    });
    if !set.description.is_empty() {
        described["Description"] = set.description.as_str().into();
    }
    Ok(Reply::one(json!({ "PermissionSet": described })))
}

fn list_managed(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let managed = &permission_set(shared, cut.body)?.managed;
    let policy = |at: usize| {
        let arn: &String = &managed[at];
        json!({ "Name": arn.rsplit('/').next(), "Arn": arn })
    };
    cut.page("AttachedManagedPolicies", policy, managed.len())
}

fn list_customer(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let customer = &permission_set(shared, cut.body)?.customer;
    let policy = |at: usize| json!({ "Name": customer[at].1, "Path": customer[at].0 });
    cut.page("CustomerManagedPolicyReferences", policy, customer.len())
}

fn get_inline(shared: &Shared, cut: &Cut<'_>) -> Handled {
    Ok(Reply::one(json!({ "InlinePolicy": permission_set(shared, cut.body)?.inline })))
}

fn get_boundary(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let boundary = match &permission_set(shared, cut.body)?.boundary {
        None => return Err(Denial::not_found("PermissionsBoundary")),
        Some(Boundary::Managed(arn)) => json!({ "ManagedPolicyArn": arn }),
        Some(Boundary::Customer(path, name)) => {
            json!({ "CustomerManagedPolicyReference": { "Name": name, "Path": path } })
        }
    };
    Ok(Reply::one(json!({ "PermissionsBoundary": boundary })))
}

/// Whether a deployment is asked for, by the optional `ProvisioningStatus`.
fn wanted(body: &Value, latest: bool) -> bool {
    match body.get("ProvisioningStatus").and_then(Value::as_str) {
        Some("LATEST_PERMISSION_SET_PROVISIONED") => latest,
        Some("LATEST_PERMISSION_SET_NOT_PROVISIONED") => !latest,
        _ => true,
    }
}

fn list_accounts_for(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let set = permission_set(shared, cut.body)?;
    let accounts: Vec<&String> = shared
        .world
        .provisioned
        .get(&set.arn)
        .into_iter()
        .flatten()
        .filter(|(_, latest)| wanted(cut.body, **latest))
        .map(|(account, _)| account)
        .collect();
    cut.page("AccountIds", |at| accounts[at].as_str().into(), accounts.len())
}

fn list_provisioned_to(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let account = text(cut.body, "AccountId")?;
    let here = |accounts: &std::collections::BTreeMap<String, bool>| {
        accounts.get(account).is_some_and(|latest| wanted(cut.body, *latest))
    };
    let sets: Vec<&String> =
        shared.world.provisioned.iter().filter(|(_, accounts)| here(accounts)).map(|(arn, _)| arn).collect();
    cut.page("PermissionSets", |at| sets[at].as_str().into(), sets.len())
}

fn row(account: &str, set: &str, principal: &Principal) -> Value {
    json!({
        "AccountId": account, "PermissionSetArn": set,
        "PrincipalType": principal.kind(), "PrincipalId": principal.id(),
    })
}

fn list_assignments(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let account = text(cut.body, "AccountId")?;
    let set = &permission_set(shared, cut.body)?.arn;
    let principals = shared.world.assignments.get(&(set.clone(), account.to_owned()));
    let principals: &[Principal] = principals.map_or(&[], Vec::as_slice);
    cut.page("AccountAssignments", |at| row(account, set, &principals[at]), principals.len())
}

/// A user's rows include those of its groups, as rows of the group.
fn list_assignments_for(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let id = text(cut.body, "PrincipalId")?;
    let holders: Vec<Principal> = match text(cut.body, "PrincipalType")? {
        "GROUP" if shared.index.groups.contains_key(id) => vec![Principal::Group(id.to_owned())],
        "USER" if shared.index.users.contains_key(id) => {
            let groups = shared.index.groups_of.get(id).into_iter().flatten();
            let inherited = groups.map(|group| Principal::Group(group.clone()));
            std::iter::once(Principal::User(id.to_owned())).chain(inherited).collect()
        }
        "GROUP" | "USER" => return Err(Denial::not_found("Principal")),
        _ => return Err(Denial::validation("PrincipalType must be USER or GROUP.")),
    };
    let only = cut.body.pointer("/Filter/AccountId").and_then(Value::as_str);
    let held = |holder: &Principal| shared.index.held.get(holder).cloned().unwrap_or_default();
    let rows: Vec<Value> = holders
        .iter()
        .flat_map(|holder| held(holder).into_iter().map(move |(set, account)| (set, account, holder)))
        .filter(|(_, account, _)| only.is_none_or(|only| only == account))
        .map(|(set, account, holder)| row(&account, &set, holder))
        .collect();
    cut.page("AccountAssignments", |at| rows[at].clone(), rows.len())
}
