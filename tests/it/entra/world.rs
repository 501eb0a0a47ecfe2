//! A tenant, and how Microsoft Graph would answer for it: plain functions from a path and a query to a status and a body,
//! in the shapes of its published reference. No network here, so that tests and benches can serve it as they like.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Everything a tenant holds, as Graph's records.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) users: Vec<Value>,
    pub(crate) deleted: Vec<Value>,
    pub(crate) groups: Vec<Value>,
    /// Members by group id: objects with `@odata.type` and `id`.
    pub(crate) members: BTreeMap<String, Vec<Value>>,
    pub(crate) principals: Vec<Value>,
    /// By service principal.
    pub(crate) assigned: BTreeMap<String, Vec<Value>>,
    /// Instances of schedules that make people members and owners of groups.
    pub(crate) schedules: Vec<Value>,
    pub(crate) jobs: BTreeMap<String, Vec<Value>>,
    /// By job.
    pub(crate) schemas: BTreeMap<String, Value>,
    pub(crate) audits: Vec<Value>,
    pub(crate) provisioning: Vec<Value>,
    pub(crate) registrations: Vec<Value>,
    pub(crate) policies: Vec<Value>,
    pub(crate) security_defaults: bool,
    /// Whether it has Entra ID P1 or P2.
    pub(crate) premium: bool,
    /// The permissions that were not granted.
    pub(crate) withheld: Vec<&'static str>,
    /// Pages are no longer than this, whatever is asked for.
    pub(crate) page: usize,
}

/// Query parameters by name.
pub(crate) type Query = BTreeMap<String, String>;

/// A status and a body.
pub(crate) type Answer = (u16, Value);

pub(crate) const APP: &str = "5b2f7c40-0001-4000-8000-00000000a001";
pub(crate) const APP_ID: &str = "5b2f7c40-0002-4000-8000-00000000a002";

/// The id of the `n`th user or group.
pub(crate) fn guid(kind: u32, n: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{n:012x}")
}

/// A user as Graph lists it.
pub(crate) fn user(n: usize) -> Value {
    json!({
        "id": guid(1, n), "userPrincipalName": format!("user{n}@example.com"), "mail": format!("user{n}@example.com"),
        "mailNickname": format!("user{n}"), "otherMails": [format!("private{n}@example.net")],
        "proxyAddresses": [format!("SMTP:user{n}@example.com"), format!("smtp:alias{n}@example.com")],
        "displayName": format!("User {n}"), "accountEnabled": true, "userType": "Member", "department": "Engineering",
        "jobTitle": "Engineer", "employeeId": format!("E{n}"), "employeeHireDate": "2020-01-31T00:00:00Z",
        "employeeLeaveDateTime": null, "createdDateTime": "2024-01-15T08:00:00Z", "onPremisesImmutableId": null,
        "mobilePhone": "+44 20 7946 0000", "streetAddress": "1 Private Road",
        "signInActivity": {"lastSignInDateTime": "2026-09-29T08:00:00Z", "lastSignInRequestId": "r",
                           "lastSuccessfulSignInDateTime": "2026-09-28T08:00:00Z"},
    })
}

/// A group as Graph lists it.
pub(crate) fn group(n: usize, name: &str) -> Value {
    json!({"id": guid(2, n), "displayName": name, "securityEnabled": true, "groupTypes": []})
}

/// A member of a group.
pub(crate) fn member(kind: &str, id: &str) -> Value {
    json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": id})
}

/// An entry of the audit log.
pub(crate) fn audit(n: usize, at: &str, activity: &str, target: &str, modified: Value) -> Value {
    json!({
        "id": format!("Directory_{n:04}"), "category": "UserManagement", "correlationId": guid(9, n), "result": "success",
        "resultReason": "", "activityDisplayName": activity, "activityDateTime": at, "loggedByService": "Core Directory",
        "operationType": "Update",
        "initiatedBy": {"app": null, "user": {"id": guid(1, 1), "displayName": null,
                        "userPrincipalName": "user1@example.com", "ipAddress": "192.0.2.1"}},
        "targetResources": [{"id": target, "displayName": null, "type": "User", "userPrincipalName": null,
                             "groupType": null, "modifiedProperties": modified}],
        "additionalDetails": [],
    })
}

/// An entry of the provisioning log.
pub(crate) fn provisioned(n: usize, at: &str, action: &str, source: &str, target: &str, kind: &str) -> Value {
    json!({
        "id": guid(8, n), "activityDateTime": at, "tenantId": guid(7, 0), "jobId": "scim.1", "cycleId": guid(6, n),
        "changeId": guid(5, n), "provisioningAction": action, "durationInMilliseconds": 200,
        "provisioningStatusInfo": {"status": "success", "errorInformation": null}, "provisioningSteps": [],
        "modifiedProperties": [], "servicePrincipal": {"id": APP, "displayName": "AWS IAM Identity Center"},
        "initiatedBy": {"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system"},
        "sourceSystem": {"id": "s", "displayName": "Azure Active Directory", "details": {}},
        "targetSystem": {"id": "t", "displayName": "AWS IAM Identity Center", "details": {}},
        "sourceIdentity": {"id": source, "displayName": "", "identityType": kind, "details": {}},
        "targetIdentity": {"id": target, "displayName": "", "identityType": kind, "details": {}},
    })
}

impl World {
    /// Four users and three groups, one within another; an application that all of it is provisioned through.
    pub(crate) fn small() -> Self {
        let mut users: Vec<Value> = (1..=4).map(user).collect();
        users[1]["accountEnabled"] = json!(false);
        users[2]["manager"] = json!({"id": guid(1, 1), "userPrincipalName": "user1@example.com"});
        let mut deleted = user(9);
        let id = guid(1, 9);
        deleted["userPrincipalName"] = json!(format!("{}user9@example.com", id.replace('-', "")));
        deleted["deletedDateTime"] = json!("2026-09-20T12:00:00Z");
        let members = [
            (guid(2, 1), vec![member("user", &guid(1, 1)), member("group", &guid(2, 2))]),
            (guid(2, 2), vec![member("user", &guid(1, 2)), member("user", &guid(1, 3)), member("device", &guid(3, 1))]),
            (guid(2, 3), Vec::new()),
        ];
        let job = json!({
            "id": "scim.1", "templateId": "scim", "schedule": {"interval": "PT40M", "state": "Active"},
            "status": {"code": "Active", "countSuccessiveCompleteFailures": 0, "escrowsPruned": false, "progress": [],
                       "synchronizedEntryCountByType": [],
                       "lastSuccessfulExecution": {"activityIdentifier": "1", "countEntitled": 0,
                           "countEntitledForProvisioning": 0, "countEscrowed": 0, "countEscrowedRaw": 0,
                           "countExported": 0, "countExports": 0, "countImported": 0, "countImportedDeltas": 0,
                           "countImportedReferenceDeltas": 0, "state": "Succeeded",
                           "timeBegan": "2026-09-30T11:00:00Z", "timeEnded": "2026-09-30T11:10:00Z"}},
        });
        let schema = json!({"id": "scim.1", "version": "1", "synchronizationRules": [{
            "id": "r", "name": "USER_TO_USER", "objectMappings": [{
                "sourceObjectName": "User", "targetObjectName": "User", "enabled": true, "flowTypes": "Add, Update, Delete",
                "attributeMappings": [
                    {"targetAttributeName": "externalId",
                     "source": {"expression": "[mailNickname]", "name": "mailNickname", "type": "Attribute", "parameters": []}},
                    {"targetAttributeName": "active",
                     "source": {"expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")",
                                "name": "Switch", "type": "Function", "parameters": []}}]}]}]});
        let off = json!([{"displayName": "AccountEnabled", "oldValue": "[true]", "newValue": "[false]"}]);
        Self {
            users,
            deleted: vec![deleted],
            groups: vec![group(1, "GRP-AWS-Admins"), group(2, "Engineering"), group(3, "Empty")],
            members: members.into(),
            principals: vec![json!({
                "id": APP, "appId": APP_ID, "displayName": "AWS IAM Identity Center", "accountEnabled": true,
                "appRoleAssignmentRequired": true})],
            assigned: [(
                APP.to_owned(),
                vec![
                    json!({"id": "a1", "principalId": guid(2, 1), "principalType": "Group", "appRoleId": guid(4, 1),
                       "resourceId": APP, "createdDateTime": "2024-02-01T00:00:00Z"}),
                    json!({"id": "a2", "principalId": guid(1, 4), "principalType": "User", "appRoleId": guid(4, 1),
                       "resourceId": APP, "createdDateTime": "2024-02-01T00:00:00Z"}),
                ],
            )]
            .into(),
            jobs: [(APP.to_owned(), vec![job])].into(),
            schemas: [("scim.1".to_owned(), schema)].into(),
            audits: vec![
                audit(1, "2026-09-02T00:00:00Z", "Reset user password", &guid(1, 4), json!([])),
                audit(2, "2026-09-25T10:00:00.1234567Z", "Update user", &guid(1, 2), off),
            ],
            provisioning: vec![
                provisioned(1, "2026-09-03T00:00:00Z", "create", &guid(1, 4), "idc-user-4", "User"),
                provisioned(2, "2026-09-04T00:00:00Z", "create", &guid(2, 1), "idc-group-1", "Group"),
            ],
            registrations: vec![
                json!({"id": guid(1, 1), "methodsRegistered": ["mobilePhone", "microsoftAuthenticatorPush"],
                       "userPrincipalName": "user1@example.com"}),
                json!({"id": guid(1, 3), "methodsRegistered": ["mobilePhone"]}),
                json!({"id": guid(1, 4), "methodsRegistered": []}),
            ],
            policies: vec![json!({
                "id": guid(10, 1), "displayName": "MFA for all", "state": "enabled", "createdDateTime": null,
                "conditions": {"clientAppTypes": ["all"], "signInRiskLevels": [], "userRiskLevels": [], "platforms": null,
                    "locations": null,
                    "applications": {"includeApplications": ["All"], "excludeApplications": [], "includeUserActions": []},
                    "users": {"includeUsers": ["All"], "excludeUsers": [guid(1, 1)], "includeGroups": [],
                              "excludeGroups": [], "includeRoles": [], "excludeRoles": []}},
                "grantControls": {"operator": "OR", "builtInControls": ["mfa"], "customAuthenticationFactors": [],
                                  "termsOfUse": []}})],
            premium: true,
            page: 999,
            ..Self::default()
        }
    }

    /// So many users and groups, each group with so many of the users.
    pub(crate) fn large(users: usize, groups: usize, each: usize) -> Self {
        let members = (0..groups).map(|n| {
            let of = (0..each).map(|k| member("user", &guid(1, (n * 31 + k * 7) % users))).collect();
            (guid(2, n), of)
        });
        Self {
            users: (0..users).map(user).collect(),
            members: members.collect(),
            groups: (0..groups).map(|n| group(n, &format!("Group {n}"))).collect(),
            deleted: Vec::new(),
            registrations: (0..users).map(|n| json!({"id": guid(1, n), "methodsRegistered": ["fido2"]})).collect(),
            ..Self::small()
        }
    }

    /// How Graph answers; `base` is where it is reached, for links to further pages.
    pub(crate) fn answer(&self, base: &str, path: &str, query: &Query) -> Answer {
        let Some(path) = path.strip_prefix("/v1.0/") else { return not_found(path) };
        let parts: Vec<&str> = path.split('/').collect();
        let asks = |field: &str| query.get("$select").is_some_and(|select| select.split(',').any(|name| name == field));
        let list = |items: &[Value], most: usize| Paged { world: self, base, path, query, most }.page(items);
        let needs = |permission: &'static str| self.withheld.contains(&permission);
        match parts.as_slice() {
            ["users"] if asks("signInActivity") => {
                if needs("AuditLog.Read.All") {
                    denied()
                } else if !self.premium {
                    not_premium()
                } else {
                    list(&self.users, 500)
                }
            }
            ["users"] if asks("employeeLeaveDateTime") && needs("User-LifeCycleInfo.Read.All") => denied(),
            ["users"] => {
                if needs("User.Read.All") {
                    denied()
                } else {
                    list(&self.users, 999)
                }
            }
            ["directory", "deletedItems", "microsoft.graph.user"] => {
                if needs("User.Read.All") || needs("deletedItems") { denied() } else { list(&self.deleted, 999) }
            }
            ["groups"] => {
                if needs("GroupMember.Read.All") {
                    denied()
                } else {
                    list(&self.groups, 999)
                }
            }
            ["groups", id, "members"] => match self.members.get(*id) {
                _ if needs("GroupMember.Read.All") => denied(),
                Some(members) => list(members, 999),
                None => not_found(path),
            },
            ["servicePrincipals", ..] if needs("Application.Read.All") && !parts.contains(&"synchronization") => {
                denied()
            }
            ["servicePrincipals"] => {
                let filter = query.get("$filter").map(String::as_str).unwrap_or_default();
                let found: Vec<Value> = self.principals.iter().filter(|one| meets(one, filter)).cloned().collect();
                list(&found, 999)
            }
            ["servicePrincipals", id] => match self.principals.iter().find(|one| one["id"] == **id) {
                Some(one) => (200, project(one, query)),
                None => not_found(path),
            },
            ["servicePrincipals", id, "appRoleAssignedTo"] => {
                list(self.assigned.get(*id).map_or(&[], Vec::as_slice), 999)
            }
            ["servicePrincipals", _, "synchronization", ..] if needs("Synchronization.Read.All") => denied(),
            ["servicePrincipals", id, "synchronization", "jobs"] => {
                list(self.jobs.get(*id).map_or(&[], Vec::as_slice), 999)
            }
            ["servicePrincipals", _, "synchronization", "jobs", job, "schema"] => match self.schemas.get(*job) {
                Some(schema) => (200, schema.clone()),
                None => not_found(path),
            },
            ["auditLogs", ..] | ["reports", ..] if needs("AuditLog.Read.All") => denied(),
            ["auditLogs", "directoryAudits"] => list(&self.logged(&self.audits, query), 999),
            ["auditLogs", "provisioning"] => list(&self.logged(&self.provisioning, query), 999),
            ["reports", "authenticationMethods", "userRegistrationDetails"] => {
                if self.premium {
                    list(&self.registrations, 999)
                } else {
                    not_premium()
                }
            }
            ["identityGovernance", ..] if needs("PrivilegedAssignmentSchedule.Read.AzureADGroup") => denied(),
            ["identityGovernance", "privilegedAccess", "group", "assignmentScheduleInstances"] => {
                match query.get("$filter") {
                    _ if !self.premium => {
                        let message = "The tenant needs to have Microsoft Entra ID P2 or Entra ID Governance license.";
                        error(400, "AadPremiumLicenseRequired", message)
                    }
                    Some(filter) => {
                        let found: Vec<Value> =
                            self.schedules.iter().filter(|one| meets(one, filter)).cloned().collect();
                        list(&found, 999)
                    }
                    None => error(400, "MissingParameters", "A filter by group or principal is required."),
                }
            }
            ["identity", "conditionalAccess", "policies"] | ["policies", ..] if needs("Policy.Read.All") => denied(),
            ["identity", "conditionalAccess", "policies"] => list(&self.policies, 999),
            ["policies", "identitySecurityDefaultsEnforcementPolicy"] => {
                (200, json!({"id": "0", "displayName": "Security Defaults", "isEnabled": self.security_defaults}))
            }
            _ => not_found(path),
        }
    }

    /// The entries of a log that a filter lets through, in the order asked for.
    fn logged(&self, entries: &[Value], query: &Query) -> Vec<Value> {
        let filter = query.get("$filter").map(String::as_str).unwrap_or_default();
        let mut found: Vec<Value> = entries.iter().filter(|entry| meets(entry, filter)).cloned().collect();
        if query.get("$orderby").is_some_and(|order| order == "activityDateTime asc") {
            found.sort_by(|a, b| a["activityDateTime"].as_str().cmp(&b["activityDateTime"].as_str()));
        }
        found
    }
}

/// As much of OData's filters as is used: comparisons joined by `and`, and alternatives in brackets.
fn meets(entry: &Value, filter: &str) -> bool {
    if filter.is_empty() {
        return true;
    }
    let (plain, alternatives) = match filter.split_once(" and (") {
        Some((plain, rest)) => (plain, rest.trim_end_matches(')').split(" or ").collect::<Vec<_>>()),
        None => (filter, Vec::new()),
    };
    plain.split(" and ").all(|one| compare(entry, one))
        && (alternatives.is_empty() || alternatives.iter().any(|one| compare(entry, one)))
}

fn compare(entry: &Value, comparison: &str) -> bool {
    let mut words = comparison.splitn(3, ' ');
    let (property, operator, literal) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
    let own = entry.pointer(&format!("/{property}")).and_then(Value::as_str).unwrap_or_default();
    let literal =
        literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(literal).replace("''", "'");
    match operator {
        "eq" => own == literal,
        "ge" => own >= literal.as_str(),
        "gt" => own > literal.as_str(),
        other => panic!("the filter has {other}"),
    }
}

/// Only what was asked for.
fn project(item: &Value, query: &Query) -> Value {
    let Some(select) = query.get("$select") else { return item.clone() };
    let expanded = query.get("$expand").is_some_and(|expand| expand.starts_with("manager("));
    let fields = item.as_object().unwrap();
    let kept = fields.iter().filter(|(name, _)| {
        let asked = name.starts_with('@') || select.split(',').any(|field| field == *name);
        asked || (*name == "manager" && expanded)
    });
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

struct Paged<'a> {
    world: &'a World,
    base: &'a str,
    path: &'a str,
    query: &'a Query,
    most: usize,
}

impl Paged<'_> {
    fn page(&self, items: &[Value]) -> Answer {
        let top = self.query.get("$top").map_or(100, |top| top.parse::<usize>().unwrap());
        if top == 0 || top > self.most {
            return error(400, "Request_UnsupportedQuery", &format!("Invalid page size specified: '{top}'."));
        }
        let start = self.query.get("$skiptoken").map_or(0, |token| token.trim_start_matches("m~").parse().unwrap());
        let end = (start + top.min(self.world.page)).min(items.len());
        let page: Vec<Value> = items[start.min(end)..end].iter().map(|item| project(item, self.query)).collect();
        let mut body = json!({"@odata.context": format!("{}/v1.0/$metadata#{}", self.base, self.path), "value": page});
        // `$top` is the size of a page: the rest is offered, also to a client that wanted one entry.
        if end < items.len() {
            let others = self.query.iter().filter(|(name, _)| *name != "$skiptoken");
            let mut link: Vec<String> =
                others.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            link.push(format!("{}=m~{end}", encode("$skiptoken")));
            body["@odata.nextLink"] = json!(format!("{}/v1.0/{}?{}", self.base, self.path, link.join("&")));
        }
        (200, body)
    }
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// An error in Graph's shape.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Answer {
    let inner = json!({"date": "2026-09-30T12:00:00", "request-id": guid(0, 1), "client-request-id": guid(0, 1)});
    (status, json!({"error": {"code": code, "message": message, "innerError": inner}}))
}

fn denied() -> Answer {
    error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

fn not_premium() -> Answer {
    let message = "Neither tenant is B2C or tenant doesn't have premium license";
    error(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", message)
}

fn not_found(path: &str) -> Answer {
    error(404, "Request_ResourceNotFound", &format!("Resource '{path}' does not exist."))
}
