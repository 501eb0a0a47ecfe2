//! Days off besides weekends, for deadlines in business time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::table::{BadRows, ColumnsFound, Dates, Defect, Names, OneFile, RawFile, Table, Written};
use super::{Batch, Clock, Facts};
use crate::config::DateFormat;
use crate::config::columns::HOLIDAY_COLUMNS;
use crate::error::Error;
use crate::model::{Fact, Holiday, SourceRecord};

const NAMES: [Names; 2] = [Names { ours: "date", theirs: &["date"] }, Names { ours: "name", theirs: &["name"] }];

/// Reads the holidays file.
#[derive(Debug, Clone)]
pub struct HolidaysCsv {
    path: PathBuf,
    date_format: DateFormat,
}

impl HolidaysCsv {
    /// A collector for the holidays file at `path`, relative to the config.
    pub fn new(path: PathBuf, date_format: DateFormat) -> Self {
        Self { path, date_format }
    }
}

impl OneFile for HolidaysCsv {
    const SOURCE: &'static str = "calendar";
    const FACT: Fact = Fact::Holidays;

    fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self, file: RawFile<'_>, clock: &Clock) -> Result<Batch, Error> {
        read(file, &self.date_format, clock)
    }

    fn columns(&self, file: RawFile<'_>) -> Result<ColumnsFound, Error> {
        let table = Table::read(file, &HOLIDAY_COLUMNS.join(","))?;
        let columns = table.columns(&NAMES, &BTreeMap::new(), "")?;
        Ok(table.found(&HOLIDAY_COLUMNS, &columns))
    }
}

/// Reads holidays from the content of their file. A row that can't be read is a gap.
///
/// # Errors
/// When the file is empty or lacks the column of dates.
pub fn read(file: RawFile<'_>, date_format: &DateFormat, clock: &Clock) -> Result<Batch, Error> {
    let started_at = clock.now();
    let table = Table::read(file, &HOLIDAY_COLUMNS.join(","))?;
    let columns = table.columns(&NAMES, &BTreeMap::new(), "")?;
    table.require(&columns, &["date"], "")?;
    let (dates, column) = (Dates::new(date_format), columns.get("date"));
    let mut bad = BadRows::new(&table, Fact::Holidays);
    let mut holidays = BTreeMap::new();
    let mut rows = table.rows();
    for row in rows.by_ref() {
        if !bad.is_whole(&row) {
            continue;
        }
        match dates.cell(&row, column) {
            // Regions of one country may each have a row for the same day.
            Ok(Some(Written::Day(date))) => {
                let (name, origin) = (row.text(columns.get("name")), bad.at(&row));
                holidays.entry(date).or_insert(Holiday { date, name, origin });
            }
            Ok(Some(_)) => {
                let reason = "a day off is a day, without a time";
                bad.add(&row, Defect::cell(column, reason, "write the date alone"));
            }
            Ok(None) => bad.add(&row, Defect::empty(column)),
            Err(defect) => bad.add(&row, defect),
        }
    }
    let mut notes = table.notes(&rows, "holidays");
    if let (Some((first, _)), Some((last, _))) = (holidays.first_key_value(), holidays.last_key_value()) {
        notes.push(format!("`{}` has holidays from {first} to {last}; other years have none", table.path()));
    }
    Ok(Batch::new(
        SourceRecord {
            source: "calendar".to_owned(),
            kind: "csv".to_owned(),
            started_at,
            ended_at: clock.now(),
            asked: vec![Fact::Holidays],
            operations: Vec::new(),
            files: vec![table.input_file("own header", rows.read())],
            gaps: bad.finish(),
            not_offered: Vec::new(),
            notes,
        },
        Facts::Holidays(holidays.into_values().collect()),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Instant;

    fn read_text(text: &str, format: &DateFormat) -> (Vec<Holiday>, SourceRecord) {
        let clock = Clock::fixed(Instant::from_epoch_seconds(1_790_000_000).unwrap());
        let batch =
            read(RawFile { path: "holidays.csv", bytes: text.as_bytes(), modified_at: None }, format, &clock).unwrap();
        match batch.facts {
            Facts::Holidays(holidays) => (holidays, batch.record),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn holidays_are_days_each_once_and_in_order() {
        let text = "date,name\n2026-12-25,Christmas Day\n2026-01-01,New Year\n2026-12-25,Noël\n,Nothing\n\
                    03/12/2026,Old Year\n2026-05-01T12:00:00,May Day\n";
        let (holidays, record) = read_text(text, &DateFormat::YearFirst);
        let told: Vec<_> =
            holidays.iter().map(|h| (h.date.to_string(), h.name.as_deref().unwrap_or_default())).collect();
        assert_eq!(told, [("2026-01-01".to_owned(), "New Year"), ("2026-12-25".to_owned(), "Christmas Day")]);
        assert_eq!(holidays[1].origin, "holidays.csv row 1 (line 2)");
        let reasons: Vec<_> = record.gaps.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "the cell is empty",
                "`03/12/2026` does not say which number is the day and which the month",
                "a day off is a day, without a time"
            ]
        );
        assert_eq!(record.notes, ["`holidays.csv` has holidays from 2026-01-01 to 2026-12-25; other years have none"]);
        let (told, _) = read_text(text, &DateFormat::Pattern("%d/%m/%Y".to_owned()));
        assert_eq!(told.len(), 3);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), header in any::<bool>()) {
            let mut all = if header { b"date,name\n".to_vec() } else { Vec::new() };
            all.extend(bytes);
            let clock = Clock::fixed(Instant::from_epoch_seconds(1_790_000_000).unwrap());
            let _ = read(RawFile { path: "holidays.csv", bytes: &all, modified_at: None }, &DateFormat::YearFirst, &clock);
        }
    }
}
