//! `logs` of `[[idp]]`.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::config::LogFiles;
use crate::config::read::Table;
use crate::config::value::Value;
use crate::config::words::quoted;
use crate::model::Instant;
use crate::model::event::Window;

/// `logs = "logs/*.jsonl"`, or a table with what is known of the files.
pub(super) fn logs(table: &mut Table<'_, '_>) -> Option<LogFiles> {
    let value = table.take("logs")?;
    if value.is_text() {
        return Some(LogFiles { files: value.text()?, covers: None, application: None });
    }
    value.table("`logs`", |table| {
        let files = table.need_text("files", "name the files: files = \"logs/*.jsonl\"");
        let covers = table.take("covers").and_then(|value| days(&value));
        let application = table.text("application");
        Some(LogFiles { files: files?, covers, application })
    })
}

/// The first and the last day, in UTC: `2026-07-01..2026-09-30`.
fn days(value: &Value<'_, '_>) -> Option<Window> {
    let text = value.str()?;
    let day = |text: &str| if text.len() == 10 { Date::strptime("%Y-%m-%d", text).ok() } else { None };
    let begin = |day: Date| day.to_zoned(TimeZone::UTC).ok().map(|begin| Instant::new(begin.timestamp()));
    let window = text.split_once("..").and_then(|(first, last)| {
        let (first, last) = (day(first)?, day(last)?);
        let window = Window { from: begin(first)?, to: begin(last.tomorrow().ok()?)? };
        (first <= last).then_some(window)
    });
    if window.is_none() {
        let message = format!("{} is not a first and a last day", quoted(text));
        value.note(message, "write both, the earlier one first: \"2026-07-01..2026-09-30\"");
    }
    window
}
