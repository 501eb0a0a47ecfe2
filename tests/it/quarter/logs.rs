//! What logs tell of the quarter, as CloudTrail and Entra ID write it; and who approved what.

use jiff::SignedDuration;
use overstay::model::Instant;
use serde_json::{Value, json};

use super::people::{PEOPLE, Person};
use super::{BY_HAND, Base, FIRST, LAST, address, at, changed, idp_id, user_id, within};
use crate::place::Place;

const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
const OWNER: &str = "210000000001";
/// Who works where, beyond those of the story. Freya Holt is on leave.
const ACTIVE: &[(&str, &[&str])] = &[
    ("Engineering", &["amara.osei", "bruno.tavares", "chiara.lombardi", "grace.lindqvist", "hiro.tanaka"]),
    ("Engineering", &["ines.duarte", "nadia.rahman", "viktor.hale"]),
    ("DevOps", &["dara.quinn", "emeka.nwosu", "tomas.berg", "yara.mansour"]),
    ("Security", &["leila.haddad", "marcus.stone", "oona.virtanen", "paolo.ricci"]),
];

/// What a group's members use: nobody has needed `legacy` this quarter.
fn used(group: &str) -> (&'static str, &'static [&'static str]) {
    match group {
        "Engineering" => ("ReadOnly", &["dev", "staging", "prod"]),
        "DevOps" => ("PowerUser", &["dev", "staging", "prod"]),
        _ => ("SecurityAudit", &["management", "log-archive", "dev", "staging", "prod"]),
    }
}

/// Writes the files that the config names.
pub(super) fn write(base: &Base, place: &Place) {
    let mut records = trail(base);
    records.sort_by_key(|record| record["eventTime"].as_str().unwrap().to_owned());
    // Ids in the order of time, as invented as everything else.
    for (number, record) in records.iter_mut().enumerate() {
        record["eventID"] = format!("5b0e7c1a-2f64-4d3b-9a10-{number:012x}").into();
    }
    place.write("trail/quarter.json", json!({"Records": records}).to_string());
    let mut audits = audits(base);
    audits.sort_by_key(|entry| entry["activityDateTime"].as_str().unwrap().to_owned());
    let lines = audits.iter_mut().enumerate().map(|(number, entry)| {
        entry["id"] = format!("Directory_7d90b1e4-{number:04x}_C3A1F").into();
        format!("{entry}\n")
    });
    place.write("logs/audits.jsonl", lines.collect::<String>());
    place.write(
        "approvals.csv",
        "user,account,permission_set,requested_by,approved_by,approved_at,reference\n\
         arjun.mehta@idsentinel.example,dev,IDSentinel-ReadOnly,dara.quinn@idsentinel.example,viktor.hale@idsentinel.example,2026-07-03T14:20:00Z,REQ-2041\n\
         arjun.mehta@idsentinel.example,staging,IDSentinel-ReadOnly,dara.quinn@idsentinel.example,viktor.hale@idsentinel.example,2026-07-03T14:20:00Z,REQ-2041\n\
         arjun.mehta@idsentinel.example,prod,IDSentinel-ReadOnly,dara.quinn@idsentinel.example,viktor.hale@idsentinel.example,2026-07-03T14:20:00Z,REQ-2041\n\
         arjun.mehta@idsentinel.example,dev,IDSentinel-PowerUser,viktor.hale@idsentinel.example,dara.quinn@idsentinel.example,2026-09-01T10:05:00Z,REQ-2197\n\
         arjun.mehta@idsentinel.example,staging,IDSentinel-PowerUser,viktor.hale@idsentinel.example,dara.quinn@idsentinel.example,2026-09-01T10:05:00Z,REQ-2197\n\
         arjun.mehta@idsentinel.example,prod,IDSentinel-PowerUser,viktor.hale@idsentinel.example,dara.quinn@idsentinel.example,2026-09-01T10:05:00Z,REQ-2197\n\
         arjun.mehta@idsentinel.example,legacy,IDSentinel-PowerUser,viktor.hale@idsentinel.example,dara.quinn@idsentinel.example,2026-09-01T10:05:00Z,REQ-2197\n\
         pavel.horak@idsentinel.example,dev,IDSentinel-PowerUser,viktor.hale@idsentinel.example,dara.quinn@idsentinel.example,2026-08-21T09:40:00Z,REQ-2166\n\
         pavel.horak@idsentinel.example,staging,IDSentinel-PowerUser,viktor.hale@idsentinel.example,dara.quinn@idsentinel.example,2026-08-21T09:40:00Z,REQ-2166\n\
         pavel.horak@idsentinel.example,prod,IDSentinel-PowerUser,viktor.hale@idsentinel.example,dara.quinn@idsentinel.example,2026-08-21T09:40:00Z,REQ-2166\n\
         pavel.horak@idsentinel.example,legacy,IDSentinel-PowerUser,viktor.hale@idsentinel.example,dara.quinn@idsentinel.example,2026-08-21T09:40:00Z,REQ-2166\n",
    );
}

fn record(when: &str, source: &str, name: &str, identity: Value) -> Value {
    json!({
        "eventVersion": "1.11", "userIdentity": identity, "eventTime": when,
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1",
        "requestParameters": null, "responseElements": null, "eventType": "AwsApiCall", "managementEvent": true,
        "recipientAccountId": OWNER, "eventCategory": "Management",
    })
}

fn scim(when: &str, name: &str, request: Value, id: &str) -> Value {
    let mut record = record(when, "identitystore-scim", name, json!({"type": "WebIdentityUser", "accountId": OWNER}));
    record["requestParameters"] = request;
    record["responseElements"] = json!({"id": id});
    record
}

fn by_administrator(when: &str, name: &str, base: &Base, user: &str, set: &str, account: &str) -> Value {
    let session = format!("arn:aws:sts::{OWNER}:assumed-role/AWSReservedSSO_IDSentinel-PowerUser_4c1f/tomas.berg");
    let issuer = json!({"type": "Role", "userName": "AWSReservedSSO_IDSentinel-PowerUser_4c1f0e9d2b3a5768"});
    let identity = json!({
        "type": "AssumedRole", "arn": session, "accountId": OWNER, "sessionContext": {"sessionIssuer": issuer},
    });
    let mut record = record(when, "sso", name, identity);
    record["requestParameters"] = json!({
        "instanceArn": base.aws["facts"]["instance"]["arn"], "targetId": base.account(account), "targetType": "AWS_ACCOUNT",
        "permissionSetArn": base.set(set), "principalType": "USER", "principalId": base.user(user),
    });
    record
}

/// Somebody took the credentials of a permission set.
fn taken(when: &str, base: &Base, user: &str, set: &str, account: &str) -> Value {
    let store = format!("arn:aws:identitystore::{OWNER}:identitystore/d-9067a1b2c3");
    let on_behalf_of = json!({"userId": base.user(user), "identityStoreArn": store});
    let identity = json!({"type": "IdentityCenterUser", "accountId": OWNER, "onBehalfOf": on_behalf_of});
    let mut record = record(when, "sso", "GetRoleCredentials", identity);
    record["serviceEventDetails"] =
        json!({"role_name": format!("IDSentinel-{set}"), "account_id": base.account(account)});
    record
}

fn trail(base: &Base) -> Vec<Value> {
    let mut records = vec![
        by_administrator(BY_HAND.1, "CreateAccountAssignment", base, BY_HAND.0, "PowerUser", "prod"),
        by_administrator("2026-08-19T13:20:07Z", "DeleteAccountAssignment", base, "ruben.castell", "PowerUser", "prod"),
        taken("2026-08-16T20:11:34Z", base, "ruben.castell", "PowerUser", "prod"),
        taken("2026-09-17T11:45:00Z", base, "hiro.tanaka", "PowerUser", "prod"),
    ];
    for person in PEOPLE {
        let id = user_id(person);
        if let Some(made) = person.user.0 {
            let body = json!({"userName": HIDDEN, "displayName": HIDDEN, "active": true, "externalId": idp_id(person)});
            records.push(scim(made, "CreateUser", json!({"httpBody": body, "tenantId": "7c1f0d2e"}), &id));
        }
        if let Some(disabled) = person.user.1 {
            let body = json!({"operations": [{"op": "replace", "path": "active", "value": HIDDEN}]});
            records.push(scim(disabled, "PatchUser", json!({"httpBody": body, "id": id, "tenantId": "7c1f0d2e"}), &id));
        }
        for (group, held) in person.held {
            let group = &base.groups[*group].1;
            for (changed, op) in [(held.0, "add"), (held.1, "remove")] {
                let Some(changed) = changed else { continue };
                let body = json!({"operations": [{"op": op, "path": "members", "value": HIDDEN}]});
                let request = json!({"httpBody": body, "id": group, "tenantId": "7c1f0d2e"});
                records.push(scim(changed, "PatchGroup", request, group));
            }
        }
    }
    // Everybody else works: every third day, one account after the other.
    let everybody = ACTIVE.iter().flat_map(|(group, names)| names.iter().map(|name| (*name, *group)));
    let mut now = at(FIRST);
    let mut round = 0;
    while now < at(LAST) {
        for (number, (name, group)) in everybody.clone().enumerate() {
            let (set, accounts) = used(group);
            records.push(taken(
                &after(now, 180 + 7 * number),
                base,
                name,
                set,
                accounts[(round + number) % accounts.len()],
            ));
        }
        for (number, person) in PEOPLE.iter().enumerate() {
            let when = after(now, 230 + 11 * number);
            for (group, _) in person.held.iter().filter(|(_, held)| works(person, *held, &when)) {
                let (set, accounts) = used(group);
                records.push(taken(&when, base, person.name, set, accounts[(round + number) % accounts.len()]));
            }
        }
        now = Instant::new(now.timestamp() + SignedDuration::from_hours(72));
        round += 1;
    }
    records
}

/// Whether a person still works with what a group gives: nobody after the last day, and a mover with the newest only.
fn works(person: &Person, held: super::While, when: &str) -> bool {
    let now = at(when);
    let newer = |(_, other): &(&str, super::While)| other.0 > held.0 && within(*other, now);
    person.ends.is_none_or(|end| now.date().as_str() <= end)
        && within(person.user, now)
        && within(held, now)
        && !person.held.iter().any(newer)
}

fn after(now: Instant, minutes: usize) -> String {
    let minutes = i64::try_from(minutes).unwrap();
    Instant::new(now.timestamp() + SignedDuration::from_mins(minutes)).to_string()
}

fn audit(when: &str, activity: &str, person: &Person, modified: Value) -> Value {
    json!({
        "activityDateTime": when, "activityDisplayName": activity, "category": "UserManagement", "result": "success",
        "loggedByService": "Core Directory",
        "initiatedBy": {"user": {"id": "1c2b7e58-6a30-4b1e-8f5d-90e4d6c7a215", "userPrincipalName": "helpdesk@idsentinel.example"}},
        "targetResources": [{
            "id": idp_id(person), "type": "User", "userPrincipalName": address(person), "modifiedProperties": modified,
        }],
    })
}

fn audits(base: &Base) -> Vec<Value> {
    let mut entries = Vec::new();
    for person in PEOPLE {
        if let Some(made) = person.account.0 {
            entries.push(audit(made, "Add user", person, json!([])));
        }
        if let Some(disabled) = person.account.1 {
            entries.push(audit(disabled, "Disable account", person, json!([])));
        }
        for (group, asked) in person.asked {
            let id = format!("\"{}\"", base.groups[*group].0);
            let name = format!("\"GRP-AWS-{group}\"");
            if let Some(added) = asked.0 {
                let modified = json!([
                    {"displayName": "Group.ObjectID", "oldValue": null, "newValue": id},
                    {"displayName": "Group.DisplayName", "oldValue": null, "newValue": name},
                ]);
                entries.push(audit(added, "Add member to group", person, modified));
            }
            if let Some(removed) = asked.1 {
                let modified = json!([
                    {"displayName": "Group.ObjectID", "oldValue": id, "newValue": null},
                    {"displayName": "Group.DisplayName", "oldValue": name, "newValue": null},
                ]);
                entries.push(audit(removed, "Remove member from group", person, modified));
            }
        }
        for (from, department, title) in person.roles.iter().skip(1) {
            let (before, old_title) = (person.roles[0].1, person.roles[0].2);
            let modified = json!([
                {"displayName": "Department", "oldValue": format!("[\"{before}\"]"), "newValue": format!("[\"{department}\"]")},
                {"displayName": "JobTitle", "oldValue": format!("[\"{old_title}\"]"), "newValue": format!("[\"{title}\"]")},
            ]);
            entries.push(audit(&changed(from).to_string(), "Update user", person, modified));
        }
    }
    entries
}
