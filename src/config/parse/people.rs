//! `[hr]`, `[identities]` and `[calendar]`: what is known of people beyond the identity providers.

use super::idp::columns;
use crate::config::columns::ROSTER_COLUMNS;
use crate::config::dates::why_wrong;
use crate::config::problems::Seen;
use crate::config::read::Table;
use crate::config::value::Value;
use crate::config::words::quoted;
use crate::config::{CalendarConfig, DateFormat, DeclaredIdentity, HrConfig, HrDialect, IdentitiesConfig};

const DIALECTS: &[(&str, HrDialect)] = &[
    ("workday", HrDialect::Workday),
    ("sap-successfactors", HrDialect::SapSuccessFactors),
    ("bamboohr", HrDialect::BambooHr),
    ("rippling", HrDialect::Rippling),
];

const DAYS: &[(&str, &str)] = &[
    ("monday", "monday"),
    ("tuesday", "tuesday"),
    ("wednesday", "wednesday"),
    ("thursday", "thursday"),
    ("friday", "friday"),
    ("saturday", "saturday"),
    ("sunday", "sunday"),
];

pub(super) fn hr(table: &mut Table<'_, '_>) -> Option<HrConfig> {
    if let Some(kind) = table.take("type") {
        kind.word("roster type", &[("csv", ())]);
    }
    let path = table.need_text("path", "name the roster: path = \"roster.csv\"");
    // No default: taken for a full list, a list of current workers makes leavers look like people HR never knew.
    let lists_leavers = table
        .need("lists", "say whether leavers stay in the roster: lists = \"all\", or else lists = \"active\"")
        .and_then(|value| value.word("kind of roster", &[("all", true), ("active", false)]));
    let dialect = table.take("dialect").and_then(|value| value.word("roster dialect", DIALECTS));
    let date_format = date_format(table);
    let columns = table.take("columns").and_then(|value| columns(&value, &ROSTER_COLUMNS));
    // No default: a day's end in the wrong zone moves a leaver's deadline.
    let time_zone = table
        .need("time_zone", "name the zone of the roster's dates: time_zone = \"Europe/London\"")
        .and_then(|value| value.zone());
    Some(HrConfig {
        path: path?.into(),
        lists_leavers: lists_leavers?,
        dialect,
        columns: columns.unwrap_or_default(),
        date_format,
        time_zone: time_zone?,
    })
}

/// `date_format`: a pattern, or `excel`.
pub(super) fn date_format(table: &mut Table<'_, '_>) -> DateFormat {
    const HELP: &str = "write a pattern with %d, %m and %Y, such as \"%d/%m/%Y\", or \"excel\" for counts of days";
    let Some(value) = table.take("date_format") else { return DateFormat::YearFirst };
    let Some(text) = value.text() else { return DateFormat::YearFirst };
    if text == "excel" {
        return DateFormat::Excel;
    }
    if let Some(why) = why_wrong(&text) {
        value.note(format!("{} is not a format of dates: {why}", quoted(&text)), HELP);
    }
    DateFormat::Pattern(text)
}

pub(super) fn identities(table: &mut Table<'_, '_>) -> IdentitiesConfig {
    let links = table.path("links");
    // One identity can't be both, so both lists share what was seen.
    let mut seen = Seen::default();
    let mut declared = |key| {
        let value = table.take(key)?;
        value.list(|item| item.table("a declared identity", |table| identity(table, &mut seen)))
    };
    let service = declared("service").unwrap_or_default();
    let break_glass = declared("break_glass").unwrap_or_default();
    let automation = table.take("automation").and_then(|value| value.list(|item| item.pattern()));
    IdentitiesConfig { links, service, break_glass, automation: automation.unwrap_or_default() }
}

fn identity(table: &mut Table<'_, '_>, seen: &mut Seen) -> Option<DeclaredIdentity> {
    let user = table.need("user", "name it by user name or email: user = \"svc-*\"").and_then(|value| {
        let user = value.pattern()?;
        let what = format!("identity {}", quoted(user.as_str()));
        seen.once(value.problems(), user.as_str(), value.span(), &what).then_some(user)
    });
    let owner = table.need_text("owner", "name who answers for it: owner = \"platform-leads@example.com\"");
    let purpose = table.text("purpose");
    Some(DeclaredIdentity { user: user?, owner: owner?, purpose })
}

pub(super) fn calendar(table: &mut Table<'_, '_>) -> Option<CalendarConfig> {
    let time_zone = table
        .need("time_zone", "name the zone of business hours: time_zone = \"Europe/London\"")
        .and_then(|value| value.zone());
    let weekend = table.take("weekend").and_then(|value| weekend(&value));
    let holidays = table.path("holidays");
    let date_format = date_format(table);
    Some(CalendarConfig {
        time_zone: time_zone?,
        weekend: weekend.unwrap_or_else(|| vec!["saturday".to_owned(), "sunday".to_owned()]),
        holidays,
        date_format,
    })
}

fn weekend(value: &Value<'_, '_>) -> Option<Vec<String>> {
    let mut seen = Seen::default();
    let days = value.list(|item| {
        let day = item.word("day", DAYS)?;
        seen.once(item.problems(), day, item.span(), &format!("day `{day}`")).then(|| day.to_owned())
    })?;
    if days.len() == DAYS.len() {
        value.note("`weekend` leaves no day to work on", "name the days off only");
        return None;
    }
    Some(days)
}
