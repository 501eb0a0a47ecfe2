//! The HR roster as a CSV file.

mod status;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::collect::table::{self, BadRows, Columns, Defect, Names, RawFile, Row, Table, time_cell};
use crate::collect::{Batch, BoxFuture, Clock, CollectCx, Collector, Facts, Probe};
use crate::config::columns::ROSTER_COLUMNS;
use crate::config::{HrConfig, HrDialect};
use crate::error::Error;
use crate::model::{Fact, HrFacts, HrRecord, HrStatus, Instant, SourceRecord};

const NAMES: [Names; 10] = [
    own("employee_id", &["employee_id"]),
    own("email", &["email"]),
    own("display_name", &["display_name"]),
    own("status", &["status"]),
    own("start_date", &["start_date"]),
    own("end_date", &["end_date"]),
    own("department", &["department"]),
    own("title", &["title"]),
    own("manager", &["manager"]),
    own("worker_type", &["worker_type"]),
];

const fn own(ours: &'static str, theirs: &'static [&'static str]) -> Names {
    Names { ours, theirs }
}

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

    fn load_and_read(&self, base: &Path, clock: &Clock) -> Result<Batch, Error> {
        let started = clock.now();
        let file = table::load(base, &self.config.path)?;
        let mut batch = read(&self.config, file.raw(), clock)?;
        batch.record.started_at = started;
        Ok(batch)
    }
}

impl Collector for HrCsv {
    fn source(&self) -> String {
        "hr".to_owned()
    }

    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>> {
        let (this, base, clock) = (self.clone(), cx.base.clone(), cx.clock.clone());
        table::off_thread(move || this.load_and_read(&base, &clock))
    }

    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe> {
        let (this, base, clock) = (self.clone(), cx.base.clone(), cx.clock.clone());
        Box::pin(async move {
            let read = table::off_thread(move || {
                let file = table::load(&base, &this.config.path)?;
                let record = read(&this.config, file.raw(), &clock)?.record;
                let table = Table::read(file.raw(), &ROSTER_COLUMNS.join(","))?;
                let columns = table.columns(&NAMES, &this.config.columns, "columns")?;
                Ok((record, vec![(file.raw().path.to_owned(), table.found(&ROSTER_COLUMNS, &columns))]))
            });
            Probe::of_files(self.source(), vec![Fact::HrRecords], read.await)
        })
    }
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
    let columns = table.columns(&NAMES, &config.columns, "columns")?;
    for either in [["employee_id", "email"], ["status", "end_date"]] {
        if either.iter().all(|ours| columns.get(ours).is_none()) {
            let [one, other] = either;
            return Err(table.missing(&format!("`{one}` or `{other}`"), &either, "columns"));
        }
    }

    let reader = RosterReader { columns: &columns, zone, now: started_at };
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
    let HrDialect::Own = config.dialect;
    let dialect = if config.columns.is_empty() { "own header" } else { "mapped columns" };
    Ok(Batch {
        record: SourceRecord {
            source: "hr".to_owned(),
            kind: "csv".to_owned(),
            started_at,
            ended_at: clock.now(),
            asked: vec![Fact::HrRecords],
            operations: Vec::new(),
            files: vec![table.input_file(dialect, rows.read())],
            gaps: bad.finish(),
            not_offered: Vec::new(),
            notes,
        },
        facts: Facts::Hr(HrFacts { records, lists_leavers: config.lists_leavers, time_zone: config.time_zone.clone() }),
        events: Vec::new(),
    })
}

struct RosterReader<'t> {
    columns: &'t Columns,
    zone: TimeZone,
    now: Instant,
}

impl RosterReader<'_> {
    /// An engagement. A date that can't be read spoils the row: an end that is passed over would be no end.
    fn record(&self, row: &Row, origin: String) -> Result<HrRecord, Defect> {
        let text = |ours| row.text(self.columns.get(ours));
        let employee_id = self.key(row, "employee_id")?;
        let email = self.key(row, "email")?;
        if employee_id.is_none() && email.is_none() {
            let column = self.columns.get("employee_id").or(self.columns.get("email"));
            return Err(Defect::cell(
                column,
                "the row has neither an employee id nor an email",
                "fill one in, or remove the row",
            ));
        }
        let start = time_cell(row, self.columns.get("start_date"))?.and_then(|date| date.start(&self.zone));
        let end = time_cell(row, self.columns.get("end_date"))?.and_then(|date| date.end(&self.zone));
        Ok(HrRecord {
            employee_id,
            email,
            display_name: text("display_name"),
            status: self.status(row, start, end)?,
            start,
            end,
            department: text("department"),
            title: text("title"),
            manager: text("manager"),
            worker_type: text("worker_type"),
            origin,
        })
    }

    fn key(&self, row: &Row, ours: &str) -> Result<Option<String>, Defect> {
        let column = self.columns.get(ours);
        match row.value(column) {
            Some(text) if text.chars().any(char::is_control) => {
                Err(Defect::cell(column, "the cell has control characters", "export it again"))
            }
            text => Ok(text.map(str::to_owned)),
        }
    }

    fn status(&self, row: &Row, start: Option<Instant>, end: Option<Instant>) -> Result<HrStatus, Defect> {
        let Some(column) = self.columns.get("status") else {
            return Ok(match (start, end) {
                (_, Some(end)) if end <= self.now => HrStatus::Terminated,
                (Some(start), _) if start > self.now => HrStatus::NotStarted,
                _ => HrStatus::Active,
            });
        };
        let word = row.value(Some(column)).ok_or_else(|| Defect::empty(Some(column)))?;
        status::status(word).ok_or_else(|| {
            Defect::cell(
                Some(column),
                format!("`{word}` is not a known status"),
                "write active, not_started or terminated",
            )
        })
    }
}
