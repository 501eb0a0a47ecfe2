//! An Okta organisation that there is not: its users, groups, application, policies and log, and how its API answers for them
//! (Okta Management API 2026.06.3). It knows nothing of HTTP beyond paths and query parameters.

use std::collections::BTreeMap;

use overstay::model::Instant;
use serde_json::{Value, json};

/// The organisation. What stands in it is what its API tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Org {
    /// By id.
    pub(crate) users: BTreeMap<String, Value>,
    /// Left out of the answers to searches, as if the index lagged behind.
    pub(crate) unindexed: Vec<String>,
    /// By id.
    pub(crate) groups: BTreeMap<String, Value>,
    /// Group → users.
    pub(crate) members: BTreeMap<String, Vec<String>>,
    pub(crate) apps: Vec<Value>,
    /// Application → its users.
    pub(crate) app_users: BTreeMap<String, Vec<Value>>,
    /// Application → its groups.
    pub(crate) app_groups: BTreeMap<String, Vec<Value>>,
    /// Application → push mappings.
    pub(crate) pushes: BTreeMap<String, Vec<Value>>,
    pub(crate) policies: Vec<Value>,
    /// Policy → rules.
    pub(crate) rules: BTreeMap<String, Vec<Value>>,
    /// User → factors.
    pub(crate) factors: BTreeMap<String, Vec<Value>>,
    pub(crate) logs: Vec<Value>,
    /// At most so many items on a page, whatever is asked for.
    pub(crate) page: Option<usize>,
    /// Every page of the log names a next one, also the empty ones after its end.
    pub(crate) endless_log: bool,
}

/// What the API says, before it is put on the wire.
#[derive(Debug)]
pub(crate) enum Said {
    One(Value),
    /// Items, with the path and query of the next page.
    Page(Vec<Value>, Option<String>),
    Error(u16, &'static str, &'static str),
}

const NOT_FOUND: Said = Said::Error(404, "E0000007", "Not found: Resource not found");

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

impl Org {
    /// An organisation with an application for AWS, provisioning everything, and a policy that asks everybody for two factors.
    pub(crate) fn with_aws() -> Self {
        let mut org = Self::default();
        org.apps.push(json!({
            "id": "0oaAWS", "name": "amazon_aws_sso", "label": "AWS IAM Identity Center", "status": "ACTIVE",
            "created": "2024-01-09T15:36:04.000Z", "lastUpdated": "2024-01-09T15:36:04.000Z", "signOnMode": "SAML_2_0",
            "features": ["GROUP_PUSH", "PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES", "PUSH_USER_DEACTIVATION"],
            "_links": {"accessPolicy": {"href": "https://example.okta.com/api/v1/policies/rstAWS"}},
        }));
        org.policies
            .push(json!({"id": "rstAWS", "name": "Any two factors", "type": "ACCESS_POLICY", "status": "ACTIVE"}));
        org.rules.insert("rstAWS".to_owned(), vec![app_rule("Catch-all Rule", "2FA")]);
        org.policies
            .push(json!({"id": "00pSession", "name": "Default Policy", "type": "OKTA_SIGN_ON", "status": "ACTIVE"}));
        org.rules.insert(
            "00pSession".to_owned(),
            vec![json!({
                "id": "0prSession", "name": "Default Rule", "status": "ACTIVE", "type": "SIGN_ON",
                "actions": {"signon": {"access": "ALLOW", "requireFactor": false}},
            })],
        );
        org
    }

    /// An organisation of so many users, one in ten of them deactivated, in so many groups of a hundred.
    pub(crate) fn sized(users: usize, groups: usize) -> Self {
        let mut org = Self::with_aws();
        let id = |n: usize| format!("00u{n:017}");
        for n in 0..users {
            org.user(&id(n), &format!("user.{n}"), if n % 10 == 9 { "DEPROVISIONED" } else { "ACTIVE" });
        }
        for n in 0..groups {
            let members: Vec<String> = (0..100).map(|m| id((n * 37 + m * 11) % users)).collect();
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            org.group(&format!("00g{n:017}"), &format!("group {n}"), &members);
        }
        org
    }

    /// A user in a state; the login is `NAME@example.com`.
    pub(crate) fn user(&mut self, id: &str, name: &str, status: &str) -> &mut Value {
        let (first, last) = name.split_once('.').unwrap_or((name, "Example"));
        let user = json!({
            "id": id, "status": status, "created": "2024-01-09T15:36:04.000Z", "activated": "2024-01-09T15:36:05.000Z",
            "statusChanged": "2026-03-01T10:00:00.000Z", "lastLogin": "2026-09-01T08:30:00.000Z",
            "lastUpdated": "2026-03-01T10:00:00.000Z", "passwordChanged": "2024-01-09T15:36:05.000Z",
            "type": {"id": "otyzhh29g7Python90g3"},
            "profile": {
                "firstName": first, "lastName": last, "login": format!("{name}@example.com"),
                "email": format!("{name}@example.com"), "secondEmail": null, "mobilePhone": null,
            },
            "credentials": {"password": {}, "provider": {"type": "OKTA", "name": "OKTA"}},
            "_links": {"self": {"href": format!("https://example.okta.com/api/v1/users/{id}")}},
        });
        self.users.entry(id.to_owned()).insert_entry(user).into_mut()
    }

    /// A group with members.
    pub(crate) fn group(&mut self, id: &str, name: &str, members: &[&str]) {
        self.groups.insert(id.to_owned(), json!({
            "id": id, "created": "2024-01-09T15:36:04.000Z", "lastUpdated": "2024-01-09T15:36:04.000Z",
            "lastMembershipUpdated": "2024-01-09T15:36:04.000Z", "objectClass": ["okta:user_group"], "type": "OKTA_GROUP",
            "profile": {"name": name, "description": ""},
        }));
        self.members.insert(id.to_owned(), members.iter().map(|member| (*member).to_owned()).collect());
    }

    /// Assigns a user to the application for AWS; `target` is their id there.
    pub(crate) fn assign(&mut self, user: &str, target: Option<&str>, status: &str) {
        self.app_users.entry("0oaAWS".to_owned()).or_default().push(json!({
            "id": user, "externalId": target, "created": "2024-01-31T18:25:01.000Z",
            "lastUpdated": "2024-01-31T18:25:03.000Z", "scope": "USER", "status": status,
            "statusChanged": "2024-01-31T18:25:03.000Z", "syncState": "SYNCHRONIZED", "lastSync": "2024-01-31T18:25:03.000Z",
            "credentials": {"userName": format!("{user}@example.com")}, "profile": {"mobilePhone": "+44 7700 900123"},
        }));
    }

    /// Assigns a group to the application for AWS, and pushes it there as `target`.
    pub(crate) fn push(&mut self, group: &str, target: &str, status: &str) {
        self.app_groups.entry("0oaAWS".to_owned()).or_default().push(json!({
            "id": group, "lastUpdated": "2024-01-31T18:25:03.000Z", "priority": 0, "profile": {},
        }));
        self.pushes.entry("0oaAWS".to_owned()).or_default().push(json!({
            "id": format!("gPm{group}"), "sourceGroupId": group, "targetGroupId": target, "status": status,
            "errorSummary": "", "created": "2025-01-01T00:00:00Z", "lastUpdated": "2025-01-01T00:00:00Z",
            "lastPush": "2025-01-01T00:00:00Z",
        }));
    }

    /// Gives a user an active second factor.
    pub(crate) fn factor(&mut self, user: &str, kind: &str) {
        self.factors.entry(user.to_owned()).or_default().push(json!({
            "id": format!("fct{user}{kind}"), "factorType": kind, "provider": "OKTA", "vendorName": "OKTA", "status": "ACTIVE",
            "profile": {"phoneNumber": "+44 7700 900123"},
        }));
    }

    /// Writes an event about a user into the log.
    pub(crate) fn event(&mut self, id: &str, at: &str, kind: &str, user: &str) -> &mut Value {
        self.logs.push(json!({
            "uuid": id, "published": at, "eventType": kind, "version": "0", "severity": "INFO", "displayMessage": kind,
            "actor": {"id": "00uAdmin", "type": "User", "alternateId": "admin@example.com", "displayName": "Admin",
                      "detailEntry": null},
            "client": {"ipAddress": "203.0.113.9", "geographicalContext": {"city": "London"}},
            "outcome": {"result": "SUCCESS", "reason": null},
            "target": [{"id": user, "type": "User", "alternateId": format!("{user}@example.com"), "displayName": user,
                        "detailEntry": null}],
        }));
        self.logs.last_mut().unwrap()
    }

    /// What the API answers to a request with these parts of its path after `/api/v1/`.
    pub(crate) fn answer(&self, path: &[&str], query: &BTreeMap<String, String>) -> Said {
        let here = || path.join("/");
        let list = |items: Vec<&Value>, most: usize| self.page_of(&here(), query, &items, most);
        let app = |id: &str| self.apps.iter().find(|app| text(app, "/id") == id);
        match path {
            ["users"] => list(self.users_for(query), 200),
            ["users", id] => self.users.get(*id).map_or(NOT_FOUND, |user| Said::One(user.clone())),
            ["users", id, "factors"] if self.users.contains_key(*id) => list(of(&self.factors, id), usize::MAX),
            ["groups"] => list(self.groups.values().collect(), 10_000),
            ["groups", id, "users"] if self.groups.contains_key(*id) => {
                let members = self.members.get(*id).into_iter().flatten();
                list(members.filter_map(|member| self.users.get(member)).collect(), 1000)
            }
            ["apps"] => {
                let begin = query.get("q").map(|q| q.to_lowercase()).unwrap_or_default();
                let all = query.get("includeNonDeleted").is_some_and(|value| value == "true");
                let matches = |app: &&Value| {
                    let begins = |pointer| text(app, pointer).to_lowercase().starts_with(&begin);
                    (all || text(app, "/status") == "ACTIVE") && (begins("/label") || begins("/name"))
                };
                list(self.apps.iter().filter(matches).collect(), 200)
            }
            ["apps", id] => app(id).map_or(NOT_FOUND, |app| Said::One(app.clone())),
            ["apps", id, rest @ ..] if app(id).is_some() => match rest {
                ["users"] => list(of(&self.app_users, id), 500),
                ["groups"] => list(of(&self.app_groups, id), 200),
                ["group-push", "mappings"] => list(of(&self.pushes, id), 1000),
                _ => NOT_FOUND,
            },
            ["policies"] => {
                let kind = query.get("type").map(String::as_str).unwrap_or_default();
                list(self.policies.iter().filter(|policy| text(policy, "/type") == kind).collect(), 200)
            }
            ["policies", id] => {
                let policy = self.policies.iter().find(|policy| text(policy, "/id") == *id);
                policy.map_or(NOT_FOUND, |policy| Said::One(policy.clone()))
            }
            ["policies", id, "rules"] if self.rules.contains_key(*id) => list(of(&self.rules, id), 200),
            ["logs"] => self.log(query),
            _ => NOT_FOUND,
        }
    }

    fn users_for(&self, query: &BTreeMap<String, String>) -> Vec<&Value> {
        let status = |user: &Value, word: &str| text(user, "/status") == word;
        let users = self.users.iter();
        match (query.get("search").map(String::as_str), query.get("filter").map(String::as_str)) {
            (Some("status pr"), None) => {
                users.filter(|(id, _)| !self.unindexed.contains(id)).map(|(_, user)| user).collect()
            }
            (None, Some(filter)) => {
                let wanted = filter.strip_prefix("status eq \"").and_then(|rest| rest.strip_suffix('"')).unwrap();
                users.filter(|(_, user)| status(user, wanted)).map(|(_, user)| user).collect()
            }
            (None, None) => users.filter(|(_, user)| !status(user, "DEPROVISIONED")).map(|(_, user)| user).collect(),
            other => panic!("a question that was not foreseen: {other:?}"),
        }
    }

    /// A bounded query is answered oldest first; without `until` there is always a next page.
    fn log(&self, query: &BTreeMap<String, String>) -> Said {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let bound = |name: &str| query.get(name).map(|text| at(text));
        let (since, until) = (bound("since"), bound("until"));
        let filter = query.get("filter").map(String::as_str).unwrap_or_default();
        let mut events: Vec<&Value> = self
            .logs
            .iter()
            .filter(|event| {
                let published = at(text(event, "/published"));
                since.is_none_or(|since| published >= since) && until.is_none_or(|until| published < until)
            })
            .filter(|event| matches(event, filter))
            .collect();
        events.sort_by_key(|event| text(event, "/published").to_owned());
        let page = self.page_of("logs", query, &events, 1000);
        match page {
            Said::Page(items, None) if until.is_none() => Said::Page(items, Some("/api/v1/logs?after=poll".to_owned())),
            Said::Page(items, None) if self.endless_log => {
                let from: usize = query.get("after").map_or(0, |at| at.trim_start_matches("cursor").parse().unwrap());
                let others = query.iter().filter(|(name, _)| *name != "after");
                let pairs: Vec<String> = others.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
                Said::Page(items, Some(format!("/api/v1/logs?{}&after=cursor{}", pairs.join("&"), from + 1000)))
            }
            other => other,
        }
    }

    fn page_of(&self, path: &str, query: &BTreeMap<String, String>, items: &[&Value], most: usize) -> Said {
        let asked = query.get("limit").map_or(most, |limit| limit.parse().unwrap());
        assert!((1..=most).contains(&asked), "limit {asked} for {path}");
        let size = asked.min(self.page.unwrap_or(usize::MAX));
        let from: usize = query.get("after").map_or(0, |after| after.trim_start_matches("cursor").parse().unwrap());
        let next = (from + size < items.len()).then(|| {
            let others = query.iter().filter(|(name, _)| *name != "after");
            let mut pairs: Vec<String> = others.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
            pairs.push(format!("after=cursor{}", from + size));
            format!("/api/v1/{path}?{}", pairs.join("&"))
        });
        Said::Page(items.iter().skip(from).take(size).map(|item| (*item).clone()).collect(), next)
    }
}

fn of<'a>(map: &'a BTreeMap<String, Vec<Value>>, id: &str) -> Vec<&'a Value> {
    map.get(id).into_iter().flatten().collect()
}

/// A rule of an application's policy for everybody.
pub(crate) fn app_rule(name: &str, mode: &str) -> Value {
    json!({
        "id": format!("rul{name}"), "name": name, "status": "ACTIVE", "type": "ACCESS_POLICY", "priority": 99, "system": true,
        "conditions": null,
        "actions": {"appSignOn": {"access": "ALLOW", "verificationMethod": {
            "factorMode": mode, "type": "ASSURANCE", "reauthenticateIn": "PT2H", "constraints": [],
        }}},
    })
}

/// As much of a log filter as is asked: comparisons under `and`, in parentheses if need be, under `or`.
fn matches(event: &Value, filter: &str) -> bool {
    filter.split(" or ").any(|part| {
        let part = part.trim_start_matches('(').trim_end_matches(')');
        part.split(" and ").all(|comparison| {
            let [field, operator, value] = comparison.splitn(3, ' ').collect::<Vec<_>>()[..] else {
                panic!("{comparison}")
            };
            let value = value.trim_matches('"');
            match (field, operator) {
                ("eventType", "eq") => text(event, "/eventType") == value,
                ("eventType", "sw") => text(event, "/eventType").starts_with(value),
                ("target.id", "eq") => {
                    event["target"].as_array().unwrap().iter().any(|target| text(target, "/id") == value)
                }
                _ => panic!("{comparison}"),
            }
        })
    })
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
