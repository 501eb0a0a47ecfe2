//! What vendors write into files: CloudTrail's records as trails hold them (AWS, "Logging IAM Identity Center SCIM API calls"
//! and "CloudTrail record contents"), and Entra's logs as Graph gives them.

use std::io::Write;

use serde_json::{Value, json};

/// The management account's number in every record.
const ACCOUNT: &str = "111122223333";
/// Where AWS hides a value.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
/// The application that provisions, as the config names it.
pub(super) const APPLICATION: &str = "AWS IAM Identity Center";

fn record(at: &str, source: &str, name: &str, more: &Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.10", "eventTime": at, "eventSource": source, "eventName": name, "awsRegion": "us-east-1",
        "eventID": format!("{name}-{at}"), "requestID": "r-1", "readOnly": false, "eventType": "AwsApiCall",
        "managementEvent": true, "recipientAccountId": ACCOUNT, "eventCategory": "Management",
        "sourceIPAddress": "203.0.113.10", "userAgent": "Go-http-client/2.0",
    });
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

/// A call of the provisioner, whose values are hidden.
fn scim(at: &str, name: &str, asked: &Value, answered: &Value) -> Value {
    let mut parameters = json!({"tenantId": "t-1"});
    parameters.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
    record(
        at,
        "identitystore-scim.amazonaws.com",
        name,
        &json!({
            "userIdentity": {"type": "WebIdentityUser", "accountId": ACCOUNT, "accessKeyId": "k-1"},
            "requestParameters": parameters, "responseElements": answered,
        }),
    )
}

/// The provisioner made a user.
pub(super) fn user_made(at: &str, user: &str) -> Value {
    let body = json!({"displayName": HIDDEN, "active": true, "userName": HIDDEN});
    // AWS writes the time in its answer as people of one country do; nobody relies on it.
    let answer =
        json!({"id": user, "active": true, "userName": HIDDEN, "meta": {"created": "Jul 7, 2026, 9:31:00 AM"}});
    scim(at, "CreateUser", &json!({"httpBody": body}), &answer)
}

/// The provisioner changed a user or a group; to what is hidden.
pub(super) fn patched(at: &str, name: &str, id: &str, path: &str) -> Value {
    let body = json!({"operations": [{"op": "REPLACE", "path": path, "value": HIDDEN}], "schemas": [HIDDEN]});
    scim(at, name, &json!({"httpBody": body, "id": id}), &Value::Null)
}

/// The provisioner deleted a user.
pub(super) fn user_deleted(at: &str, user: &str) -> Value {
    scim(at, "DeleteUser", &json!({"id": user}), &Value::Null)
}

/// An administrator put a user into a group, or took them out, by the public API.
pub(super) fn member(at: &str, name: &str, group: &str, user: &str) -> Value {
    record(
        at,
        "identitystore.amazonaws.com",
        name,
        &json!({
            "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/identity-sync/sync"},
            "requestParameters": {"identityStoreId": "d-1", "groupId": group, "memberId": {"userId": user}},
            "responseElements": {"membershipId": "m-1"},
        }),
    )
}

/// Somebody opened an account with a permission set from the access portal.
pub(super) fn federated(at: &str, user: &str, set: &str, account: &str) -> Value {
    record(
        at,
        "sso.amazonaws.com",
        "Federate",
        &json!({
            "eventVersion": "1.11", "eventType": "AwsServiceEvent", "readOnly": true,
            "userIdentity": {"type": "IdentityCenterUser", "accountId": ACCOUNT, "onBehalfOf": {"userId": user}},
            "requestParameters": null, "responseElements": null,
            "serviceEventDetails": {"role_name": set, "account_id": account},
        }),
    )
}

/// An entry of Entra's directory audit log about a user.
pub(super) fn audit(at: &str, activity: &str, user: &str, more: &[Value]) -> Value {
    json!({
        "id": format!("{activity} {user} {at}"), "category": "UserManagement", "result": "success",
        "activityDisplayName": activity, "activityDateTime": at, "loggedByService": "Core Directory",
        "initiatedBy": {"app": null, "user": {"id": "adm", "userPrincipalName": "admin@example.com"}},
        "targetResources": [{"id": user, "type": "User", "userPrincipalName": format!("{user}@example.com"), "modifiedProperties": more}],
    })
}

/// What such an entry says of the group that somebody joined.
pub(super) fn joined(group: &str) -> Vec<Value> {
    let said = |value: &str| format!("\"{value}\"");
    vec![
        json!({"displayName": "Group.ObjectID", "oldValue": null, "newValue": said(group)}),
        json!({"displayName": "Group.DisplayName", "oldValue": null, "newValue": said(group)}),
    ]
}

/// What such an entry says of the group that somebody left.
pub(super) fn parted(group: &str) -> Vec<Value> {
    vec![json!({"displayName": "Group.ObjectID", "oldValue": format!("\"{group}\""), "newValue": null})]
}

/// An entry of Entra's provisioning log: what it did to a user in Identity Center.
pub(super) fn provisioning(at: &str, action: &str, user: &str, target: &str) -> Value {
    json!({
        "id": format!("{action} {user} {at}"), "activityDateTime": at, "jobId": "scim.1", "provisioningAction": action,
        "provisioningStatusInfo": {"status": "success", "errorInformation": null},
        "servicePrincipal": {"id": "sp-1", "displayName": APPLICATION},
        "initiatedBy": {"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system"},
        "sourceIdentity": {"id": user, "displayName": user, "identityType": "User", "details": {}},
        "targetIdentity": {"id": target, "displayName": "", "identityType": "User", "details": {}},
    })
}

/// When a record or an entry says that something happened.
pub(super) fn time(entry: &Value) -> &str {
    entry["eventTime"].as_str().or(entry["activityDateTime"].as_str()).unwrap()
}

/// A record that says nothing about access.
pub(super) fn unrelated_record() -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": "2026-01-01T00:00:00Z", "eventSource": "kms.amazonaws.com", "eventName": "Decrypt",
        "eventID": "unrelated", "recipientAccountId": ACCOUNT, "userIdentity": {"type": "AWSService", "invokedBy": "x"},
    })
}

/// A trail's file of these records, packed.
pub(super) fn packed(records: &[Value]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(json!({"Records": records}).to_string().as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// Where a trail puts the records of a time, `2026-07-07T09:31:00Z`.
pub(super) fn trail_path(at: &str) -> String {
    let stamp: String = at.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect();
    let (day, minute) = (at[..10].replace('-', "/"), &stamp[..13]);
    format!("trail/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/{day}/{ACCOUNT}_CloudTrail_us-east-1_{minute}Z_a1.json.gz")
}

/// Entries one a line.
pub(super) fn lines(entries: &[&Value]) -> String {
    entries.iter().map(|entry| format!("{entry}\n")).collect()
}
