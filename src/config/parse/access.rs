//! `[scope]`, `[[access]]` and `[[separation_of_duties]]`: what is looked at and who should have what.

use super::words;
use crate::config::problems::Seen;
use crate::config::read::Table;
use crate::config::value::Value;
use crate::config::words::quoted;
use crate::config::{
    AccessEntry, AccessMatch, AccountExclusion, AccountPattern, EntitlementPattern, ScopeConfig, SeparationOfDuties,
    Term,
};
use crate::model::{Instant, Pattern};

pub(super) fn scope(table: &mut Table<'_, '_>, terms: &mut Vec<Term>) -> ScopeConfig {
    let mut seen = Seen::default();
    let excluded = table.take("exclude_accounts").and_then(|value| {
        value.list(|item| item.table("an excluded account", |table| exclusion(table, &mut seen, terms)))
    });
    ScopeConfig { exclude_accounts: excluded.unwrap_or_default() }
}

fn exclusion(table: &mut Table<'_, '_>, seen: &mut Seen, terms: &mut Vec<Term>) -> Option<AccountExclusion> {
    let account = table.need("account", "name accounts: account = \"sandbox-*\"").and_then(|value| {
        let account = account(&value)?;
        let what = format!("exclusion of {}", quoted(account.as_str()));
        seen.once(value.problems(), account.as_str(), value.span(), &what).then_some(account)
    });
    let reason = table.need_text("reason", "say why: reason = \"no customer data\"");
    let approved_by = table.need_text("approved_by", "name who decided: approved_by = \"ciso@example.com\"");
    let expires = table.take("expires").and_then(|value| {
        let (last_day, close) = value.last_day()?;
        terms.push(Term {
            what: format!(
                "the exclusion of {}",
                account.as_ref().map_or("an account".to_owned(), |account| quoted(account.as_str()))
            ),
            last_day,
            span: value.span().clone(),
        });
        Some(close)
    });
    Some(AccountExclusion { account: account?, reason: reason?, approved_by: approved_by?, expires })
}

pub(super) fn entries(root: &mut Table<'_, '_>) -> Vec<AccessEntry> {
    let mut seen = Seen::default();
    root.sections("access", "[[access]]", |number, table| entry(number, table, &mut seen))
}

fn entry(number: usize, table: &mut Table<'_, '_>, seen: &mut Seen) -> Option<AccessEntry> {
    let matches = table
        .need("match", "say whom it is for: match = { group = \"Engineering\" }")
        .and_then(|value| value.table("`match`", conditions));
    let permission_set = table
        .need("permission_set", "name the permission set: permission_set = \"ReadOnly\"")
        .and_then(|value| value.pattern());
    let accounts = table
        .need("accounts", "name accounts: accounts = [\"dev\", \"ou:Workloads/*\", \"123456789012\"]")
        .and_then(|value| value.full_list(|item| account(&item)));
    let owner = table.text("owner");
    let expires = table.take("expires").and_then(|value| value.last_day());
    let s3 = texts(table, "s3", "s3://", "write \"s3://bucket/prefix/*:read\"");
    let task_roles = texts(table, "task_roles", "arn:", "write \"arn:aws:iam::*:role/name-*\"");
    let entry = AccessEntry {
        number,
        matches: matches?,
        permission_set: permission_set?,
        accounts: accounts?,
        owner,
        expires: expires.map(|(_, close): (_, Instant)| close),
        s3: s3.unwrap_or_default(),
        task_roles: task_roles.unwrap_or_default(),
    };
    seen.once(table.problems(), &identity(&entry), table.span(), "the same access for the same people").then_some(entry)
}

/// What makes two entries the same, whatever the order of their accounts.
fn identity(entry: &AccessEntry) -> String {
    let AccessMatch { group, department, title, user_type, person } = &entry.matches;
    let condition = |pattern: &Option<Pattern>| pattern.as_ref().map_or(String::new(), |p| p.as_str().to_owned());
    let mut parts = vec![
        group.clone().unwrap_or_default(),
        condition(department),
        condition(title),
        condition(user_type),
        condition(person),
        entry.permission_set.as_str().to_owned(),
    ];
    let mut accounts: Vec<String> = entry.accounts.iter().map(|account| account.as_str().to_lowercase()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    parts.extend(accounts);
    parts.join("\n")
}

fn conditions(table: &mut Table<'_, '_>) -> Option<AccessMatch> {
    let group = table.take("group").and_then(|value| group(&value));
    let mut pattern = |key| table.take(key).and_then(|value| value.pattern());
    let matches = AccessMatch {
        group,
        department: pattern("department"),
        title: pattern("title"),
        user_type: pattern("type"),
        person: pattern("person"),
    };
    if table.is_empty() {
        table.note(
            "`match` needs at least one condition",
            "give `group`, `department`, `title`, `type` or `person`; for everyone write { person = \"*\" }",
        );
        return None;
    }
    Some(matches)
}

/// A group is named, for its members are read by name: a pattern would silently match nobody.
fn group(value: &Value<'_, '_>) -> Option<String> {
    let group = value.text()?;
    if group.contains('*') {
        value.note(
            format!("group {} is a pattern, and groups are matched by their exact name", quoted(&group)),
            "write one [[access]] entry per group",
        );
        return None;
    }
    Some(group)
}

fn account(value: &Value<'_, '_>) -> Option<AccountPattern> {
    if value.is_text()
        && let Some(path) = value.str()?.strip_prefix("ou:")
    {
        if path.trim().is_empty() {
            value.note("`ou:` needs a path", "write \"ou:Workloads/*\"");
            return None;
        }
        return Some(AccountPattern::new(value.str()?));
    }
    value.account().map(|pattern| AccountPattern::new(pattern.as_str()))
}

fn texts(table: &mut Table<'_, '_>, key: &'static str, prefix: &str, help: &str) -> Option<Vec<String>> {
    table.take(key)?.list(|item| {
        let text = item.text()?;
        if !text.starts_with(prefix) {
            item.note(format!("each of `{key}` must begin with `{prefix}`"), help);
            return None;
        }
        Some(text)
    })
}

pub(super) fn separation_of_duties(root: &mut Table<'_, '_>) -> Vec<SeparationOfDuties> {
    let mut seen = Seen::default();
    root.sections("separation_of_duties", "[[separation_of_duties]]", |_, table| {
        let name = table.need("name", "name the pair: name = \"deploy and approve\"").and_then(|value| {
            let name = value.text()?;
            let what = format!("separation of duties {}", quoted(&name));
            seen.once(value.problems(), &name, value.span(), &what).then_some(name)
        });
        let mut side = |key, title| {
            let value = table.need(key, "name what is held: { permission_set = \"Deployer\" }")?;
            value.table(title, entitlement)
        };
        let left = side("left", "`left`");
        let right = side("right", "`right`");
        let (left, right) = (left?, right?);
        if same(&left, &right) {
            table.note(
                "both sides of the pair are the same, so whoever holds it would violate it",
                "name two different permission sets or accounts",
            );
            return None;
        }
        Some(SeparationOfDuties { name: name?, left, right })
    })
}

fn entitlement(table: &mut Table<'_, '_>) -> Option<EntitlementPattern> {
    let permission_set = table
        .need("permission_set", "name the permission set: permission_set = \"Deployer\"")
        .and_then(|value| value.pattern());
    let account = table.take("account").and_then(|value| value.account());
    Some(EntitlementPattern { permission_set: permission_set?, account })
}

fn same(left: &EntitlementPattern, right: &EntitlementPattern) -> bool {
    let any = Pattern::new("*");
    let key = |side: &EntitlementPattern| {
        let account = side.account.as_ref().unwrap_or(&any);
        words(&[&side.permission_set, account]).to_lowercase()
    };
    key(left) == key(right)
}
