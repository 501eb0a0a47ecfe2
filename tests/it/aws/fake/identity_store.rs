//! `identitystore`: users, groups and memberships.

use serde_json::{Value, json};

use super::Shared;
use super::dispatch::{Denial, Reply};
use super::pages::Cut;
use super::world::{CREATED_AT, Group, User};

type Handled = Result<Reply, Denial>;

pub(super) fn handle(shared: &Shared, name: &str, region: &str, cut: &Cut<'_>) -> Option<Handled> {
    let handler: fn(&Shared, &Cut<'_>) -> Handled = match name {
        "ListUsers" => list_users,
        "ListGroups" => list_groups,
        "ListGroupMemberships" => list_memberships,
        "DescribeUser" => describe_user,
        "DescribeGroup" => describe_group,
        _ => return None,
    };
    Some(check_store(shared, region, cut.body).and_then(|()| handler(shared, cut)))
}

/// The store answers in every Region of the instance.
fn check_store(shared: &Shared, region: &str, body: &Value) -> Result<(), Denial> {
    let asked = body.get("IdentityStoreId").and_then(Value::as_str).unwrap_or_default();
    let here = shared.world.instance.as_ref().is_some_and(|instance| {
        instance.identity_store == asked && instance.regions.iter().any(|other| other == region)
    });
    if here { Ok(()) } else { Err(Denial::not_found("IDENTITY_STORE")) }
}

fn store(shared: &Shared) -> &str {
    shared.world.instance.as_ref().map_or("", |instance| instance.identity_store.as_str())
}

fn external_ids(ids: &[(String, String)]) -> Value {
    ids.iter().map(|(issuer, id)| json!({ "Issuer": issuer, "Id": id })).collect()
}

fn user_json(shared: &Shared, user: &User) -> Value {
    let mut told = json!({
        "IdentityStoreId": store(shared),
        "UserId": user.id,
        "UserArn": format!("arn:aws:identitystore:::user/{}", user.id),
        "Revision": "1",
        "UserName": user.user_name,
        "DisplayName": user.display_name,
        "Name": { "GivenName": user.display_name, "FamilyName": "Example" },
        "Emails": [{ "Value": user.email, "Type": "work", "Primary": true }],
        "CreatedAt": CREATED_AT,
        "CreatedBy": "scim",
        "UpdatedAt": CREATED_AT + 3600.5,
        "UpdatedBy": "scim",
    });
    if let Some(enabled) = user.enabled {
        told["UserStatus"] = if enabled { "ENABLED" } else { "DISABLED" }.into();
    }
    if !user.external_ids.is_empty() {
        told["ExternalIds"] = external_ids(&user.external_ids);
    }
    told
}

fn group_json(shared: &Shared, group: &Group) -> Value {
    let mut told = json!({
        "IdentityStoreId": store(shared),
        "GroupId": group.id,
        "GroupArn": format!("arn:aws:identitystore:::group/{}", group.id),
        "Revision": "1",
        "DisplayName": group.name,
        "CreatedAt": CREATED_AT,
    });
    if !group.external_ids.is_empty() {
        told["ExternalIds"] = external_ids(&group.external_ids);
    }
    told
}

fn list_users(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let users = &shared.index.listed_users;
    cut.page("Users", |at| user_json(shared, &shared.world.users[users[at]]), users.len())
}

fn list_groups(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let groups = &shared.world.groups;
    cut.page("Groups", |at| group_json(shared, &groups[at]), groups.len())
}

fn id<'a>(cut: &'a Cut<'_>, key: &str) -> &'a str {
    cut.body.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list_memberships(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let group = id(cut, "GroupId");
    if !shared.index.groups.contains_key(group) {
        return Err(Denial::not_found("GROUP"));
    }
    let members: &[String] = shared.world.members.get(group).map_or(&[], Vec::as_slice);
    let membership = |at: usize| {
        let membership_id = format!("{group}/{at}");
        json!({
            "IdentityStoreId": store(shared),
            "MembershipId": membership_id,
            "MembershipArn": format!("arn:aws:identitystore:::membership/{membership_id}"),
            "GroupId": group,
            "MemberId": { "UserId": members[at] },
            "CreatedAt": CREATED_AT + 60.0,
            "CreatedBy": "scim",
        })
    };
    cut.page("GroupMemberships", membership, members.len())
}

fn describe_user(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let found = shared.index.users.get(id(cut, "UserId"));
    let user = found.map(|at| &shared.world.users[*at]).ok_or_else(|| Denial::not_found("USER"))?;
    Ok(Reply::one(user_json(shared, user)))
}

fn describe_group(shared: &Shared, cut: &Cut<'_>) -> Handled {
    let found = shared.index.groups.get(id(cut, "GroupId"));
    let group = found.map(|at| &shared.world.groups[*at]).ok_or_else(|| Denial::not_found("GROUP"))?;
    Ok(Reply::one(group_json(shared, group)))
}
