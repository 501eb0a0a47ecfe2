//! `[[exception]]`: accepted risks, each with an owner and an end.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::policy::{known_rule, rule_help};
use super::words;
use crate::config::Term;
use crate::config::problems::Seen;
use crate::config::read::Table;
use crate::config::value::Value;
use crate::config::words::quoted;
use crate::model::Pattern;
use crate::model::exception::{Exception, ExceptionScope};
use crate::model::finding::stable_id;

pub(super) fn exceptions(root: &mut Table<'_, '_>, terms: &mut Vec<Term>) -> Vec<Exception> {
    let mut seen = Seen::default();
    root.sections("exception", "[[exception]]", |_, table| exception(table, &mut seen, terms))
}

fn exception(table: &mut Table<'_, '_>, seen: &mut Seen, terms: &mut Vec<Term>) -> Option<Exception> {
    let rule = table
        .need("rule", "name the rule whose findings it accepts: rule = \"direct-assignment\"")
        .and_then(|value| rule(&value));
    let scope = table
        .need("subject", "say for whom: subject = { user = \"break.glass@example.com\" }")
        .and_then(|value| value.table("`subject`", subject));
    let reason = table.need_text("reason", "say why the risk is accepted: reason = \"…\"");
    let approved_by = table.need_text("approved_by", "name who accepted it: approved_by = \"ciso@example.com\"");
    let approved_at = table.take("approved_at").and_then(|value| value.date());
    let ticket = table.text("ticket");
    let compensating_control = table.text("compensating_control");
    let expires =
        table.need("expires", "give its last day, at most 12 months ahead: expires = 2027-01-31").and_then(|value| {
            let (last_day, close) = value.last_day()?;
            terms.push(Term {
                what: format!("the exception for `{}`", rule.unwrap_or_default()),
                last_day,
                span: value.span().clone(),
            });
            approved_at.is_none_or(|from| within_a_year(&value, from, last_day)).then_some(close)
        });
    let (rule, scope) = (rule?, scope?);
    let ExceptionScope { user, account, permission_set } = &scope;
    let key = format!("{rule}\n{}", words(&[user, account, permission_set]));
    let what = format!("an exception for `{rule}` with the same subject");
    let new = seen.once(table.problems(), &key, table.span(), &what);
    let id = stable_id("x_", &[rule, user.as_str(), account.as_str(), permission_set.as_str()]);
    new.then_some(Exception {
        id,
        rule,
        scope,
        reason: reason?,
        approved_by: approved_by?,
        ticket,
        compensating_control,
        expires: expires?,
    })
}

fn rule(value: &Value<'_, '_>) -> Option<&'static str> {
    let id = value.str()?;
    let rule = known_rule(id);
    if rule.is_none() {
        value.note(format!("unknown rule {}", quoted(id)), rule_help(id));
    }
    rule
}

/// What is not given is not restricted; the table itself has to be there, so that nobody accepts everything by omission.
fn subject(table: &mut Table<'_, '_>) -> Option<ExceptionScope> {
    let any = || Some(Pattern::new("*"));
    let user = table.take("user").map_or_else(any, |value| value.pattern());
    let account = table.take("account").map_or_else(any, |value| value.account());
    let permission_set = table.take("permission_set").map_or_else(any, |value| value.pattern());
    Some(ExceptionScope { user: user?, account: account?, permission_set: permission_set? })
}

fn within_a_year(expires: &Value<'_, '_>, approved_at: Date, last_day: Date) -> bool {
    if last_day < approved_at {
        expires.note(
            format!("`expires` lies before `approved_at`, {approved_at}"),
            "give a later day, or remove the exception",
        );
        return false;
    }
    let limit = approved_at.checked_add(12.months()).unwrap_or(Date::MAX);
    if last_day > limit {
        expires.note(
            format!("the exception ends more than 12 months after `approved_at`, {approved_at}"),
            format!("let it end on {limit} or before, and approve it anew then"),
        );
        return false;
    }
    true
}
