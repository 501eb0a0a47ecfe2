use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A record with the parts every record has, and these.
fn record(source: &str, name: &str, more: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "eventTime": "2026-08-03T09:00:00Z",
        "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name,
        "eventID": "5a1d4ef0-0000-4000-8000-000000000001",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/Access/ci"},
        "requestParameters": null,
        "responseElements": null,
    });
    let (into, from) = (record.as_object_mut().unwrap(), more.as_object().unwrap().clone());
    into.extend(from);
    record
}

fn read(record: &Value) -> Converted {
    convert(&Record::deserialize(record).unwrap(), || "trail.json, record 1".to_owned())
}

fn event(source: &str, name: &str, more: Value) -> Event {
    match read(&record(source, name, more)) {
        Converted::Event(event) => *event,
        other => panic!("{other:?}"),
    }
}

fn person(user: &str) -> Value {
    json!({"type": "IdentityCenterUser", "accountId": "111122223333", "onBehalfOf": {"userId": user}})
}

#[test]
fn an_assignment_bears_its_whole_tuple() {
    let asked = json!({
        "targetId": "444455556666", "targetType": "AWS_ACCOUNT", "principalType": "GROUP", "principalId": "g-1",
        "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1",
    });
    let made = event("sso", "CreateAccountAssignment", json!({"requestParameters": asked}));
    assert_eq!((made.action, made.group.as_deref(), made.user), (Action::AssignmentCreated, Some("g-1"), None));
    assert_eq!(made.account.as_deref(), Some("444455556666"));
    assert_eq!(made.permission_set.as_deref(), Some("arn:aws:sso:::permissionSet/ssoins-1/ps-1"));
    assert_eq!(made.actor.kind, ActorKind::Administrator);
    let refused = json!({"requestParameters": asked, "errorCode": "AccessDenied"});
    let refused = event("sso", "DeleteAccountAssignment", refused);
    assert_eq!((refused.succeeded, refused.detail.as_deref()), (Some(false), Some("AccessDenied")));
}

#[test]
fn use_is_told_by_the_user_the_account_and_the_name_of_the_permission_set() {
    let details = json!({"account_id": "444455556666", "role_name": "ReadOnly"});
    let used =
        event("sso", "GetRoleCredentials", json!({"userIdentity": person("u-1"), "serviceEventDetails": details}));
    assert_eq!((used.action, used.user.as_deref()), (Action::RoleUsed, Some("u-1")));
    assert_eq!((used.account.as_deref(), used.permission_set.as_deref()), (Some("444455556666"), Some("ReadOnly")));
    assert_eq!(used.actor, Actor { kind: ActorKind::User, name: Some("u-1".to_owned()) });
    for source in ["sso", "signin"] {
        let entered = json!({"userIdentity": person("u-1"), "serviceEventDetails": details});
        assert_eq!(event(source, "Federate", entered).permission_set.as_deref(), Some("ReadOnly"));
    }
}

#[test]
fn sign_ins_before_and_after_july_2025_name_their_user() {
    let before = json!({"type": "Unknown", "userName": "ada", "accountId": "111122223333"});
    let details = json!({"UserAuthentication": "Success"});
    let old = event("signin", "UserAuthentication", json!({"userIdentity": before, "serviceEventDetails": details}));
    assert_eq!((old.user, old.user_name.as_deref(), old.actor.kind), (None, Some("ada"), ActorKind::User));
    let new = json!({
        "userIdentity": person("u-1"), "serviceEventDetails": details, "additionalEventData": {"UserName": HIDDEN},
    });
    let new = event("signin", "UserAuthentication", new);
    assert_eq!((new.action, new.user.as_deref(), new.user_name), (Action::SignedIn, Some("u-1"), None));
    let failed = json!({"userIdentity": person("u-1"), "serviceEventDetails": {"UserAuthentication": "Failure"}});
    assert!(matches!(read(&record("signin", "UserAuthentication", failed)), Converted::Elsewhere));
    let nobody = json!({"userIdentity": {"type": "Unknown"}, "serviceEventDetails": details});
    assert!(
        matches!(read(&record("signin", "UserAuthentication", nobody)), Converted::Unreadable(why) if why.contains("names no user"))
    );
}

#[test]
fn the_provisioners_patches_hide_what_they_set() {
    let patch = json!({
        "tenantId": "t-1", "id": "u-1",
        "httpBody": {"operations": [{"op": "REPLACE", "path": "active", "value": HIDDEN}, {"op": "ADD", "path": HIDDEN}]},
    });
    let patched = event(
        "identitystore-scim",
        "PatchUser",
        json!({
            "userIdentity": {"type": "WebIdentityUser", "accountId": "111122223333"}, "requestParameters": patch,
        }),
    );
    assert_eq!((patched.action, patched.user.as_deref()), (Action::UserChanged, Some("u-1")));
    assert_eq!(patched.detail.as_deref(), Some("active"), "neither enabled nor disabled is told");
    assert_eq!(patched.actor, Actor { kind: ActorKind::Scim, name: Some("tenant t-1".to_owned()) });
    let put = json!({"requestParameters": {"id": "u-1", "httpBody": {"active": false}}});
    assert_eq!(event("identitystore-scim", "PutUser", put).action, Action::UserDisabled);
    let made = json!({"requestParameters": {"httpBody": {"active": true}}, "responseElements": {"id": "u-2"}});
    assert_eq!(event("identitystore-scim", "CreateUser", made).user.as_deref(), Some("u-2"));
    let group = json!({"requestParameters": {"id": "g-1", "httpBody": {"operations": []}}});
    let group = event("identitystore-scim", "PatchGroup", group);
    assert_eq!((group.action, group.group.as_deref(), group.user), (Action::GroupChanged, Some("g-1"), None));
}

#[test]
fn memberships_and_tokens_by_console_and_by_api() {
    let console = json!({"requestParameters": {"groupId": "g-1", "member": {"memberId": "u-1"}}});
    let api = json!({"requestParameters": {"groupId": "g-1", "memberId": {"userId": "u-1"}}});
    for (source, name, asked) in
        [("sso-directory", "AddMemberToGroup", console), ("identitystore", "CreateGroupMembership", api)]
    {
        let added = event(source, name, asked);
        assert_eq!(
            (added.action, added.user.as_deref(), added.group.as_deref()),
            (Action::MemberAdded, Some("u-1"), Some("g-1"))
        );
    }
    let removed =
        event("identitystore", "DeleteGroupMembership", json!({"requestParameters": {"membershipId": "m-1"}}));
    assert_eq!((removed.user, removed.detail.as_deref()), (None, Some("membership m-1")));
    let off = event("sso-directory", "DisableUser", json!({"requestParameters": {"userId": "u-1"}}));
    assert_eq!((off.action, off.user.as_deref()), (Action::UserDisabled, Some("u-1")));
    let answer =
        json!({"requestParameters": {"tenantId": "t-1"}, "responseElements": {"bearerToken": {"tokenId": "k-1"}}});
    let token = event("sso-directory", "CreateBearerToken", answer);
    assert_eq!((token.action, token.detail.as_deref()), (Action::TokenCreated, Some("token k-1")));
    let silent = event("sso-directory", "DeleteBearerToken", json!({"requestParameters": {"tenantId": "t-1"}}));
    assert_eq!((silent.action, silent.detail), (Action::TokenDeleted, None), "which token is not told");
    let made = json!({"requestParameters": {"displayName": HIDDEN}, "responseElements": {"group": {"groupId": "g-9"}}});
    let made = event("sso-directory", "CreateGroup", made);
    assert_eq!((made.group.as_deref(), made.group_name), (Some("g-9"), None));
}

#[test]
fn sessions_in_member_accounts_are_uses_of_their_permission_set() {
    let role = "AWSReservedSSO_Power_User_7243976e43c75fc5";
    let session = json!({"userIdentity": {
        "type": "AssumedRole", "arn": format!("arn:aws:sts::444455556666:assumed-role/{role}/ada@example.com"),
        "sessionContext": {"sessionIssuer": {"userName": role}}, "onBehalfOf": {"userId": "u-1"},
    }, "recipientAccountId": "444455556666"});
    let used = event("ec2", "RunInstances", session);
    assert_eq!((used.action, used.permission_set.as_deref()), (Action::RoleUsed, Some("Power_User")));
    assert_eq!((used.user.as_deref(), used.user_name.as_deref()), (Some("u-1"), Some("ada@example.com")));
    assert_eq!(used.account.as_deref(), Some("444455556666"));
    let taken = json!({"requestParameters": {
        "roleArn": format!("arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/{role}"),
        "roleSessionName": "ada@example.com",
    }, "recipientAccountId": "444455556666"});
    let taken = event("sts", "AssumeRoleWithSAML", taken);
    assert_eq!((taken.user, taken.user_name.as_deref()), (None, Some("ada@example.com")));
    for other in ["Deploy", "AWSReservedSSO_X_short", "AWSReservedSSO_7243976e43c75fc5"] {
        let session =
            json!({"userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"userName": other}}}});
        assert!(matches!(read(&record("ec2", "RunInstances", session)), Converted::Elsewhere), "{other}");
    }
}

#[test]
fn what_can_not_be_read_is_said_and_what_is_not_about_access_is_left() {
    assert!(matches!(read(&record("s3", "GetObject", json!({}))), Converted::Elsewhere));
    assert!(matches!(read(&record("sso", "ListApplications", json!({}))), Converted::Elsewhere));
    let newer = record("sso", "CreateAccountAssignment", json!({"eventVersion": "2.0"}));
    assert!(matches!(read(&newer), Converted::Unreadable(why) if why.contains("version 2.0")));
    let timeless = record("sso", "CreateAccountAssignment", json!({"eventTime": "xxxx"}));
    assert!(matches!(read(&timeless), Converted::Unreadable(why) if why.contains("no time")));
    assert!(matches!(read(&json!({})), Converted::Unreadable(_)));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z_]{0,8}|AWSReservedSSO_[a-z_]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("httpBody|operations|member|memberId|userId|id|path|groupId", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_record_makes_it_panic(
        source in "sso|signin|sso-directory|identitystore|identitystore-scim|sts",
        name in "CreateUser|PatchUser|AddMemberToGroup|GetRoleCredentials|CreateAccountAssignment|AssumeRoleWithSAML",
        asked in any_json(),
        details in any_json(),
    ) {
        let json = record(&source, &name, json!({"requestParameters": asked, "serviceEventDetails": details}));
        if let Ok(record) = Record::deserialize(&json) {
            let _ = convert(&record, String::new);
        }
    }
}

#[test]
fn every_call_of_a_session_is_a_use_and_a_failed_console_sign_in_is_none() {
    let role = "AWSReservedSSO_Power_User_7243976e43c75fc5";
    let session = |answer: &str| {
        json!({"userIdentity": {
            "type": "AssumedRole", "arn": format!("arn:aws:sts::444455556666:assumed-role/{role}/ada@example.com"),
            "sessionContext": {"sessionIssuer": {"userName": role}},
        }, "responseElements": {"ConsoleLogin": answer}})
    };
    let used = event("signin", "ConsoleLogin", session("Success"));
    assert_eq!((used.action, used.user_name.as_deref()), (Action::RoleUsed, Some("ada@example.com")));
    assert!(matches!(read(&record("signin", "ConsoleLogin", session("Failure"))), Converted::Elsewhere));
    assert_eq!(event("sso", "ListInstances", session("Success")).action, Action::RoleUsed);
    assert_eq!(event("identitystore", "DescribeUser", session("Success")).action, Action::RoleUsed);
}

#[test]
fn the_user_id_may_stand_in_additional_event_data_alone() {
    let told = json!({"userIdentity": {"type": "Unknown"}, "additionalEventData": {"identitystore:UserId": "u-1"},
        "serviceEventDetails": {"UserAuthentication": "Success"}});
    assert_eq!(event("signin", "UserAuthentication", told).user.as_deref(), Some("u-1"));
}
