//! The HR roster as a CSV file: our own header, or the export of an HR system.

mod dialect;
mod record;
mod status;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::collect::table::{BadRows, Columns, ColumnsFound, Dates, Defect, OneFile, RawFile, Table};
use crate::collect::{Batch, Clock, Facts};
use crate::config::HrConfig;
use crate::config::columns::ROSTER_COLUMNS;
use crate::error::Error;
use crate::model::{Fact, HrFacts, SourceRecord};

use dialect::Dialect;
use record::RosterReader;

/// Reads the roster.
#[derive(Debug, Clone)]
pub struct HrCsv {
    config: HrConfig,
}

impl HrCsv {
    /// A collector for this roster.
    pub fn new(config: HrConfig) -> Self {
        Self { config }
    }
}

impl OneFile for HrCsv {
    const SOURCE: &'static str = "hr";
    const FACT: Fact = Fact::HrRecords;

    fn path(&self) -> &Path {
        &self.config.path
    }

    fn read(&self, file: RawFile<'_>, clock: &Clock) -> Result<Batch, Error> {
        read(&self.config, file, clock)
    }

    fn columns(&self, file: RawFile<'_>) -> Result<ColumnsFound, Error> {
        let table = Table::read(file, &ROSTER_COLUMNS.join(","))?;
        let (_, columns) = understand(&self.config, &table)?;
        Ok(table.found(&ROSTER_COLUMNS, &columns))
    }
}

/// Whose export the file is and which of its columns are ours. The config decides; else the header does, unless the config
/// names its columns, as it would not for an export that is known.
fn understand(config: &HrConfig, table: &Table<'_>) -> Result<(&'static Dialect, Columns), Error> {
    let dialect = match config.dialect {
        Some(vendor) => dialect::of(vendor),
        None if config.columns.is_empty() => dialect::recognise(table),
        None => &dialect::OWN,
    };
    let columns = table.columns(dialect.names, &config.columns, "columns")?;
    Ok((dialect, columns))
}

/// Reads the roster from the content of its file. A row that can't be read is a gap.
///
/// # Errors
/// When the file is empty or lacks a required column, or the zone does not exist.
pub fn read(config: &HrConfig, file: RawFile<'_>, clock: &Clock) -> Result<Batch, Error> {
    let started_at = clock.now();
    let zone = TimeZone::get(&config.time_zone).map_err(|_| Error::Usage {
        message: format!("`{}` is not a time zone", config.time_zone),
        hint: "write `hr.time_zone` as an IANA name, such as \"Europe/London\"".to_owned(),
    })?;
    let table = Table::read(file, &ROSTER_COLUMNS.join(","))?;
    let (dialect, columns) = understand(config, &table)?;
    for either in [["employee_id", "email"], ["status", "end_date"]] {
        if either.iter().all(|ours| columns.get(ours).is_none()) {
            let [one, other] = either;
            return Err(table.missing(&format!("`{one}` or `{other}`"), &either, "columns"));
        }
    }

    let reader = RosterReader {
        dialect,
        table: &table,
        columns: &columns,
        dates: Dates::new(&config.date_format),
        zone,
        now: started_at,
    };
    let mut bad = BadRows::new(&table, Fact::HrRecords);
    let mut records = Vec::new();
    let mut first: HashMap<String, u64> = HashMap::new();
    let mut rows = table.rows();
    for row in rows.by_ref() {
        if !bad.is_whole(&row) {
            continue;
        }
        // The unit separator keeps `a,bc` and `ab,c` apart.
        let cells = row.cells().iter().collect::<Vec<_>>().join("\u{1f}");
        if let Some(earlier) = first.get(&cells) {
            let reason = format!("rows {earlier} and {} are identical, and only the first is used", row.number());
            bad.add(&row, Defect::cell(None, reason, "remove one; a rehire has dates of its own"));
            continue;
        }
        first.insert(cells, row.number());
        match reader.record(&row, bad.at(&row)) {
            Ok(record) => records.push(record),
            Err(defect) => bad.add(&row, defect),
        }
    }

    let mut notes = table.notes(&rows, "HR records");
    if columns.get("status").is_none() {
        notes.push(format!(
            "`{}` has no status column: where an engagement stands follows from its dates at the time of collection",
            table.path()
        ));
    }
    notes.extend(reader.dates.notes(&table));
    let read_as = match (dialect.vendor, config.columns.is_empty()) {
        (Some(_), true) => dialect.name.to_owned(),
        (Some(_), false) => format!("{} with mapped columns", dialect.name),
        (None, true) => "own header".to_owned(),
        (None, false) => "mapped columns".to_owned(),
    };
    Ok(Batch {
        record: SourceRecord {
            source: "hr".to_owned(),
            kind: "csv".to_owned(),
            started_at,
            ended_at: clock.now(),
            asked: vec![Fact::HrRecords],
            operations: Vec::new(),
            files: vec![table.input_file(&read_as, rows.read())],
            gaps: bad.finish(),
            not_offered: Vec::new(),
            notes,
        },
        facts: Facts::Hr(HrFacts { records, lists_leavers: config.lists_leavers, time_zone: config.time_zone.clone() }),
        events: Vec::new(),
    })
}
