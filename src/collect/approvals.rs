//! Approvals of access as a CSV file: our own header, a ticket system's export by its mapped columns, or the requests that
//! tools for temporary access keep.

mod dialect;
mod record;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;

use super::table::{BadRows, Columns, ColumnsFound, Dates, OneFile, RawFile, Table};
use super::{Batch, Clock, Facts};
use crate::config::ApprovalsConfig;
use crate::config::columns::APPROVAL_COLUMNS;
use crate::error::Error;
use crate::model::{Approval, Fact, Instant, SourceRecord};

use dialect::Dialect;
use record::{ApprovalReader, Entry};

/// Reads the approvals.
#[derive(Debug, Clone)]
pub struct ApprovalsCsv {
    config: ApprovalsConfig,
}

impl ApprovalsCsv {
    /// A collector for these approvals.
    pub fn new(config: ApprovalsConfig) -> Self {
        Self { config }
    }
}

impl OneFile for ApprovalsCsv {
    const SOURCE: &'static str = "approvals";
    const FACT: Fact = Fact::Approvals;

    fn path(&self) -> &Path {
        &self.config.path
    }

    fn read(&self, file: RawFile<'_>, clock: &Clock) -> Result<Batch, Error> {
        read(&self.config, file, clock)
    }

    fn columns(&self, file: RawFile<'_>) -> Result<ColumnsFound, Error> {
        let table = Table::read(file, &APPROVAL_COLUMNS.join(","))?;
        let (_, columns) = understand(&self.config, &table)?;
        Ok(table.found(&APPROVAL_COLUMNS, &columns))
    }
}

/// Whose export the file is and which of its columns are ours. The config decides; else the header does, unless the config
/// names its columns, as it would not for an export that is known.
fn understand(config: &ApprovalsConfig, table: &Table<'_>) -> Result<(&'static Dialect, Columns), Error> {
    let dialect = match config.dialect {
        Some(tool) => dialect::of(tool),
        None if config.columns.is_empty() => dialect::recognise(table),
        None => &dialect::OWN,
    };
    let columns = table.columns(dialect.names, &config.columns, "columns")?;
    table.require(&columns, dialect.required, "columns")?;
    Ok((dialect, columns))
}

/// Reads approvals from the content of their file. A row that can't be read is a gap; one that was not approved is counted.
///
/// # Errors
/// When the file is empty or lacks a required column, or the zone does not exist.
pub fn read(config: &ApprovalsConfig, file: RawFile<'_>, clock: &Clock) -> Result<Batch, Error> {
    let started_at = clock.now();
    let zone = TimeZone::get(&config.time_zone).map_err(|_| Error::Usage {
        message: format!("`{}` is not a time zone", config.time_zone),
        hint: "write `approvals.time_zone` as an IANA name, such as \"Europe/London\"".to_owned(),
    })?;
    let table = Table::read(file, &APPROVAL_COLUMNS.join(","))?;
    let (dialect, columns) = understand(config, &table)?;
    let reader = ApprovalReader {
        tool: dialect.tool,
        columns: &columns,
        dates: Dates::new(&config.date_format),
        zone,
        now: started_at,
    };
    let mut bad = BadRows::new(&table, Fact::Approvals);
    let mut approvals: Vec<Approval> = Vec::new();
    let mut revoked: BTreeMap<String, Instant> = BTreeMap::new();
    let (mut refused, mut unnamed, mut unclear, mut of_groups) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut rows = table.rows();
    for row in rows.by_ref() {
        if !bad.is_whole(&row) {
            continue;
        }
        match reader.entry(&row, bad.at(&row)) {
            Ok(Entry::Approved(approval)) => approvals.push(*approval),
            Ok(Entry::NotApproved) => refused += 1,
            Ok(Entry::Unclear) => unclear += 1,
            Ok(Entry::OfGroup) => of_groups += 1,
            Ok(Entry::Revoked(Some(request), at)) => {
                let first = revoked.entry(request).or_insert(at);
                *first = at.min(*first);
            }
            Ok(Entry::Revoked(None, _)) => unnamed += 1,
            Err(defect) => bad.add(&row, defect),
        }
    }
    for approval in &mut approvals {
        let end = approval.reference.as_ref().and_then(|request| revoked.get(request)).copied();
        approval.until = [approval.until, end].into_iter().flatten().min();
    }

    let path = table.path();
    let mut notes = table.notes(&rows, "approvals");
    if refused > 0 {
        notes.push(format!("`{path}` lists {refused} requests that were not approved, which count for nothing"));
    }
    if unclear > 0 {
        notes.push(format!(
            "`{path}` lists {unclear} requests that are over and do not say who approved them and when, or when they ended. \
             They are not counted as approvals; add the approver, the time of the approval and the end"
        ));
    }
    if of_groups > 0 {
        notes.push(format!(
            "`{path}` lists {of_groups} entries about groups. They approve no account access and are not evaluated"
        ));
    }
    notes.extend(reader.dates.notes(&table));
    if unnamed > 0 {
        notes.push(format!(
            "`{path}` lists {unnamed} revocations without a request; what they ended ends by its own time"
        ));
    }
    let read_as = match (dialect.tool, config.columns.is_empty()) {
        (Some(_), true) => dialect.name.to_owned(),
        (Some(_), false) => format!("{} with mapped columns", dialect.name),
        (None, true) => "own header".to_owned(),
        (None, false) => "mapped columns".to_owned(),
    };
    Ok(Batch::new(
        SourceRecord {
            source: "approvals".to_owned(),
            kind: "csv".to_owned(),
            started_at,
            ended_at: clock.now(),
            asked: vec![Fact::Approvals],
            operations: Vec::new(),
            files: vec![table.input_file(&read_as, rows.read())],
            gaps: bad.finish(),
            not_offered: Vec::new(),
            notes,
        },
        Facts::Approvals(approvals),
    ))
}
