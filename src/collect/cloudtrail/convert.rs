//! A CloudTrail record → an event of ours, or nothing where it is not about access.
//!
//! Shapes are those of AWS's "CloudTrail record contents" and of the IAM Identity Center user guide ("Logging IAM Identity
//! Center API calls", "Logging SCIM API calls", "Understanding CloudTrail events"). What AWS masks stays unknown: names, and
//! every value in a SCIM patch, so who joined or left a group by SCIM can't be told from records.

use serde::Deserialize;
use serde_json::Value;

use crate::model::Instant;
use crate::model::event::{Action, Actor, ActorKind, Event};

/// The text that stands where AWS hides a value.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// The major version of records that this reads (`eventVersion`); 1.0 to 1.11 are known.
const MAJOR: &str = "1";

/// The parts of a record that are used. Everything else is dropped while reading.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    event_version: Option<String>,
    event_time: Option<String>,
    event_source: Option<String>,
    event_name: Option<String>,
    #[serde(rename = "eventID")]
    event_id: Option<String>,
    error_code: Option<String>,
    recipient_account_id: Option<String>,
    user_identity: Option<UserIdentity>,
    request_parameters: Option<Value>,
    response_elements: Option<Value>,
    service_event_details: Option<Value>,
    additional_event_data: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity {
    r#type: Option<String>,
    arn: Option<String>,
    user_name: Option<String>,
    invoked_by: Option<String>,
    on_behalf_of: Option<OnBehalfOf>,
    session_context: Option<SessionContext>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OnBehalfOf {
    user_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext {
    session_issuer: Option<SessionIssuer>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionIssuer {
    user_name: Option<String>,
}

/// What a record is worth.
#[derive(Debug)]
pub(crate) enum Converted {
    /// It is about access.
    Event(Box<Event>),
    /// It is about something else.
    Elsewhere,
    /// It can't be read; why, one sentence in lower case.
    Unreadable(String),
}

/// Takes what a record says about access.
pub(crate) fn convert(record: &Record, origin: impl FnOnce() -> String) -> Converted {
    let Some(version) = &record.event_version else {
        return Converted::Unreadable("the record has no eventVersion".to_owned());
    };
    if version.split('.').next() != Some(MAJOR) {
        return Converted::Unreadable(format!("the record has version {version}, and this program reads version 1"));
    }
    let Some(told) = told(record) else {
        return Converted::Elsewhere;
    };
    let at = record.event_time.as_deref().and_then(|time| time.parse::<Instant>().ok());
    let (Some(at), Some(id)) = (at, &record.event_id) else {
        let name = record.event_name.as_deref().unwrap_or_default();
        return Converted::Unreadable(format!("the record of {name} has no time or no id"));
    };
    let actor = actor(record);
    if told.needs_user && told.user.is_none() && told.user_name.is_none() {
        let name = record.event_name.as_deref().unwrap_or_default();
        return Converted::Unreadable(format!("the record of {name} names no user"));
    }
    Converted::Event(Box::new(Event {
        at,
        id: id.clone(),
        action: told.action,
        actor,
        user: told.user,
        user_name: told.user_name,
        group: told.group,
        group_name: told.group_name,
        account: told.account,
        permission_set: told.permission_set,
        detail: told.detail.or_else(|| record.error_code.clone()),
        succeeded: Some(record.error_code.is_none()),
        origin: origin(),
    }))
}

/// What a record says, before who did it and when.
#[derive(Debug)]
struct Told {
    action: Action,
    user: Option<String>,
    user_name: Option<String>,
    group: Option<String>,
    group_name: Option<String>,
    account: Option<String>,
    permission_set: Option<String>,
    detail: Option<String>,
    /// Without a user it says nothing.
    needs_user: bool,
}

impl Told {
    fn new(action: Action) -> Self {
        Self {
            action,
            user: None,
            user_name: None,
            group: None,
            group_name: None,
            account: None,
            permission_set: None,
            detail: None,
            needs_user: false,
        }
    }
}

/// A text at a path, unless it is hidden.
fn text(value: Option<&Value>, pointer: &str) -> Option<String> {
    let text = value?.pointer(pointer)?.as_str()?;
    (!text.is_empty() && text != HIDDEN).then(|| text.to_owned())
}

/// The first of several paths that has a text.
fn first(value: Option<&Value>, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| text(value, pointer))
}

fn told(record: &Record) -> Option<Told> {
    let (source, name) = (record.event_source.as_deref()?, record.event_name.as_deref()?);
    match source.strip_suffix(".amazonaws.com")? {
        "sso" => assignments(record, name).or_else(|| portal(record, name)),
        "sso-directory" | "identitystore" => directory(record, name),
        "identitystore-scim" => return scim(record, name),
        "signin" => portal(record, name),
        _ => None,
    }
    // Any other call is a use of the session's role, also a call of these services that changes nothing.
    .or_else(|| session(record, name))
}

/// The management plane of Identity Center: who is given what.
fn assignments(record: &Record, name: &str) -> Option<Told> {
    let asked = record.request_parameters.as_ref();
    let action = match name {
        "CreateAccountAssignment" => Action::AssignmentCreated,
        "DeleteAccountAssignment" => Action::AssignmentDeleted,
        "CreatePermissionSet" => Action::PermissionSetCreated,
        "DeletePermissionSet" => Action::PermissionSetDeleted,
        "UpdatePermissionSet"
        | "PutInlinePolicyToPermissionSet"
        | "DeleteInlinePolicyFromPermissionSet"
        | "AttachManagedPolicyToPermissionSet"
        | "DetachManagedPolicyFromPermissionSet"
        | "AttachCustomerManagedPolicyReferenceToPermissionSet"
        | "DetachCustomerManagedPolicyReferenceFromPermissionSet"
        | "PutPermissionsBoundaryToPermissionSet"
        | "DeletePermissionsBoundaryFromPermissionSet" => Action::PermissionSetChanged,
        _ => return None,
    };
    let mut told = Told::new(action);
    told.permission_set = text(asked, "/permissionSetArn")
        .or_else(|| text(record.response_elements.as_ref(), "/permissionSet/permissionSetArn"));
    if matches!(action, Action::AssignmentCreated | Action::AssignmentDeleted) {
        told.account = text(asked, "/targetId");
        let principal = text(asked, "/principalId");
        match text(asked, "/principalType").as_deref() {
            Some("USER") => told.user = principal,
            Some("GROUP") => told.group = principal,
            _ => {}
        }
    } else {
        told.detail = Some(name.to_owned());
    }
    Some(told)
}

/// The directory, by console (`sso-directory`) or by public API (`identitystore`).
fn directory(record: &Record, name: &str) -> Option<Told> {
    let asked = record.request_parameters.as_ref();
    let answered = record.response_elements.as_ref();
    let mut told = Told::new(match name {
        "CreateUser" => Action::UserCreated,
        "UpdateUser" => Action::UserChanged,
        "EnableUser" => Action::UserEnabled,
        "DisableUser" => Action::UserDisabled,
        "DeleteUser" => Action::UserDeleted,
        "CreateGroup" => Action::GroupCreated,
        "UpdateGroup" => Action::GroupChanged,
        "DeleteGroup" => Action::GroupDeleted,
        "AddMemberToGroup" | "CreateGroupMembership" => Action::MemberAdded,
        "RemoveMemberFromGroup" | "DeleteGroupMembership" => Action::MemberRemoved,
        "CreateBearerToken" => Action::TokenCreated,
        "DeleteBearerToken" => Action::TokenDeleted,
        _ => return None,
    });
    let member = ["/member/memberId", "/memberId/userId", "/memberId"];
    told.user = first(asked, &["/userId", "/member/memberId", "/memberId/userId"])
        .or_else(|| first(asked, &member))
        .or_else(|| first(answered, &["/user/userId", "/userId"]));
    told.user_name = first(asked, &["/userName", "/user/userName"]);
    told.group = text(asked, "/groupId").or_else(|| first(answered, &["/group/groupId", "/groupId"]));
    told.group_name = first(asked, &["/displayName"]).filter(|_| name == "CreateGroup" || name == "UpdateGroup");
    told.detail = match name {
        // A membership's removal by the public API names the membership only.
        "DeleteGroupMembership" => text(asked, "/membershipId").map(|id| format!("membership {id}")),
        // Which token it is, where that is told: a tenant has two while one takes over from the other.
        "CreateBearerToken" | "DeleteBearerToken" => {
            let id = |value| first(value, &["/tokenId", "/bearerTokenId", "/bearerToken/tokenId"]);
            id(asked).or_else(|| id(answered)).map(|id| format!("token {id}"))
        }
        "UpdateUser" => changed_paths(asked),
        _ => None,
    };
    Some(told)
}

/// The provisioner's calls.
fn scim(record: &Record, name: &str) -> Option<Told> {
    let asked = record.request_parameters.as_ref();
    let active = asked.and_then(|asked| asked.pointer("/httpBody/active")).and_then(Value::as_bool);
    let mut told = Told::new(match name {
        "CreateUser" => Action::UserCreated,
        "PutUser" if active == Some(false) => Action::UserDisabled,
        "PutUser" | "PatchUser" => Action::UserChanged,
        "DeleteUser" => Action::UserDeleted,
        "CreateGroup" => Action::GroupCreated,
        "PutGroup" | "PatchGroup" => Action::GroupChanged,
        "DeleteGroup" => Action::GroupDeleted,
        _ => return None,
    });
    let id = text(asked, "/id").or_else(|| text(record.response_elements.as_ref(), "/id"));
    if name.ends_with("User") {
        told.user = id;
    } else {
        told.group = id;
    }
    told.detail = changed_paths(asked);
    Some(told)
}

/// The attributes that a change names; their values are hidden.
fn changed_paths(asked: Option<&Value>) -> Option<String> {
    let asked = asked?;
    let operations = asked.pointer("/httpBody/operations").or_else(|| asked.pointer("/operations"))?.as_array()?;
    let mut paths: Vec<&str> = operations
        .iter()
        .filter_map(|operation| operation.get("path").or_else(|| operation.get("attributePath"))?.as_str())
        .filter(|path| *path != HIDDEN)
        .collect();
    paths.sort_unstable();
    paths.dedup();
    (!paths.is_empty()).then(|| paths.join(", "))
}

/// What people do in the access portal, with the CLI, and when they sign in.
fn portal(record: &Record, name: &str) -> Option<Told> {
    let details = record.service_event_details.as_ref();
    let action = match name {
        "GetRoleCredentials" | "Federate" => Action::RoleUsed,
        "Authenticate" | "UserAuthentication" => Action::SignedIn,
        _ => return None,
    };
    // A sign-in that failed is no sign-in of theirs.
    if text(details, "/UserAuthentication").is_some_and(|word| word != "Success") {
        return None;
    }
    let mut told = Told::new(action);
    told.needs_user = true;
    told.user = on_behalf_of(record);
    told.user_name = text(record.additional_event_data.as_ref(), "/UserName").or_else(|| {
        let identity = record.user_identity.as_ref()?;
        identity.user_name.clone().filter(|name| !name.is_empty() && name != HIDDEN)
    });
    if action == Action::RoleUsed {
        let asked = record.request_parameters.as_ref();
        told.account = text(details, "/account_id").or_else(|| first(asked, &["/account_id", "/accountId"]));
        told.permission_set = text(details, "/role_name").or_else(|| first(asked, &["/role_name", "/roleName"]));
    }
    Some(told)
}

fn on_behalf_of(record: &Record) -> Option<String> {
    let identity = record.user_identity.as_ref().and_then(|identity| identity.on_behalf_of.as_ref());
    let user = identity.and_then(|user| user.user_id.clone());
    user.or_else(|| text(record.additional_event_data.as_ref(), "/identitystore:UserId"))
}

/// What a session of a permission set's role does in an account, or the taking of that role.
fn session(record: &Record, name: &str) -> Option<Told> {
    // A console sign-in that failed opened no session.
    if text(record.response_elements.as_ref(), "/ConsoleLogin").is_some_and(|word| word != "Success") {
        return None;
    }
    let identity = record.user_identity.as_ref()?;
    let mut told = Told::new(Action::RoleUsed);
    told.account = record.recipient_account_id.clone();
    if name == "AssumeRoleWithSAML" {
        // It bears no user id; the session's name is the user's.
        let role = text(record.request_parameters.as_ref(), "/roleArn")?;
        told.permission_set = Some(permission_set(role.rsplit('/').next()?)?.to_owned());
        told.user_name = text(record.request_parameters.as_ref(), "/roleSessionName");
    } else {
        let issuer = identity.session_context.as_ref()?.session_issuer.as_ref()?.user_name.as_deref()?;
        told.permission_set = Some(permission_set(issuer)?.to_owned());
        told.user = on_behalf_of(record);
        told.user_name = identity.arn.as_deref().and_then(|arn| arn.rsplit('/').next()).map(str::to_owned);
    }
    (told.user.is_some() || told.user_name.is_some()).then_some(told)
}

/// The permission set whose role this is: `AWSReservedSSO_<name>_<16 hex digits>`.
fn permission_set(role: &str) -> Option<&str> {
    let (name, digits) = role.strip_prefix("AWSReservedSSO_")?.rsplit_once('_')?;
    (digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(name)
}

fn actor(record: &Record) -> Actor {
    let unknown = Actor { kind: ActorKind::Unknown, name: None };
    if record.event_source.as_deref() == Some("identitystore-scim.amazonaws.com") {
        // Neither the token nor who holds it is told, only the tenant it provisions for.
        return Actor {
            kind: ActorKind::Scim,
            name: text(record.request_parameters.as_ref(), "/tenantId").map(|tenant| format!("tenant {tenant}")),
        };
    }
    let Some(identity) = &record.user_identity else { return unknown };
    let kind = match identity.r#type.as_deref() {
        // `Unknown` with a user is what records before July 2025 have, and some after.
        Some("IdentityCenterUser") => ActorKind::User,
        Some("Unknown") if identity.on_behalf_of.is_some() || identity.user_name.is_some() => ActorKind::User,
        Some("AWSService") => ActorKind::Service,
        Some("Root" | "IAMUser" | "AssumedRole" | "FederatedUser" | "SAMLUser" | "WebIdentityUser" | "Role") => {
            ActorKind::Administrator
        }
        _ => ActorKind::Unknown,
    };
    let on_behalf = || identity.on_behalf_of.as_ref().and_then(|user| user.user_id.clone());
    let name = identity.arn.clone().filter(|arn| !arn.is_empty());
    let name = name.or_else(on_behalf).or_else(|| identity.user_name.clone()).or_else(|| identity.invoked_by.clone());
    Actor { kind, name: name.filter(|name| !name.is_empty() && name != HIDDEN) }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
