//! `logs` of `[[idp]]`.

use crate::config::LogFiles;
use crate::config::read::Table;

/// `logs = "logs/*.jsonl"`, or a table with what is known of the files.
pub(super) fn logs(table: &mut Table<'_, '_>) -> Option<LogFiles> {
    let value = table.take("logs")?;
    if value.is_text() {
        return Some(LogFiles { files: value.text()?, covers: None, application: None });
    }
    value.table("`logs`", |table| {
        let files = table.need_text("files", "name the files: files = \"logs/*.jsonl\"");
        let covers = table.take("covers").and_then(|value| value.days());
        let application = table.text("application");
        Some(LogFiles { files: files?, covers, application })
    })
}
