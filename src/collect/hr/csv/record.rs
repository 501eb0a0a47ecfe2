//! From a row of the roster to an engagement.

use jiff::Span;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::dialect::Dialect;
use super::status::{self, Word};
use crate::collect::table::{Column, Columns, Dates, Defect, Row, Table, Written};
use crate::config::HrDialect;
use crate::model::{HrRecord, HrStatus, Instant};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

pub(super) struct RosterReader<'t> {
    pub(super) dialect: &'static Dialect,
    pub(super) table: &'t Table<'t>,
    pub(super) columns: &'t Columns,
    pub(super) dates: Dates<'t>,
    pub(super) zone: TimeZone,
    pub(super) now: Instant,
}

impl RosterReader<'_> {
    /// An engagement. A date that can't be read spoils the row: an end that is passed over would be no end.
    pub(super) fn record(&self, row: &Row, origin: String) -> Result<HrRecord, Defect> {
        let text = |ours| row.text(self.columns.of(row, ours));
        let employee_id = key(row, self.columns.get("employee_id"))?;
        let email = key(row, self.columns.of(row, "email"))?;
        if employee_id.is_none() && email.is_none() {
            let column = self.columns.get("employee_id").or(self.columns.get("email"));
            return Err(Defect::cell(
                column,
                "the row has neither an employee id nor an email",
                "fill one in, or remove the row",
            ));
        }
        let begins = |ours| Ok(self.date(row, ours)?.and_then(|date: Written| date.start(&self.zone)));
        let ends = |ours| Ok(self.date(row, ours)?.and_then(|date: Written| date.end(&self.zone)));
        let start = begins("start_date")?.max(begins("rehire_date")?);
        let end = ends("end_date")?.or(ends("contract_end_date")?);
        // HR systems keep the date of the last termination on whom they hired again: it ended the engagement before.
        let begun = start.filter(|start| *start <= self.now);
        let of_an_earlier_one = |end: Instant| begun.is_some_and(|start| start >= end);
        let end = end.filter(|end| !of_an_earlier_one(*end));
        let name = || match (text("first_name"), text("last_name")) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (first, last) => first.or(last),
        };
        Ok(HrRecord {
            employee_id,
            email,
            display_name: text("display_name").or_else(name),
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

    fn date(&self, row: &Row, ours: &str) -> Result<Option<Written>, Defect> {
        let column = self.columns.get(ours);
        self.dates.cell_or(row, column, |text| match self.dialect.vendor {
            Some(HrDialect::Workday) => dated_with_offset(text),
            Some(HrDialect::SapSuccessFactors) => odata(text),
            _ => None,
        })
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
        let lies_ahead = start.is_some_and(|start| start > self.now);
        match status::word(self.dialect.vendor, self.table.name(column), word) {
            Some(Word::Is(HrStatus::Terminated)) if self.dialect.vendor.is_some() && end.is_none() && lies_ahead => {
                Err(Defect::cell(
                    Some(column),
                    format!("`{word}` says that the engagement is over, and its start that it lies ahead"),
                    "export the date of termination as well",
                ))
            }
            Some(Word::Is(status)) => Ok(status),
            Some(Word::NotAtWork) if end.is_some() => Ok(HrStatus::Terminated),
            Some(Word::NotAtWork) if lies_ahead => Ok(HrStatus::NotStarted),
            Some(Word::NotAtWork) => match row.value(self.columns.get("on_leave")).and_then(status::yes_or_no) {
                Some(true) => Ok(HrStatus::Active),
                _ => Err(Defect::cell(
                    Some(column),
                    format!("`{word}` without a date of termination may be leave, which is not leaving"),
                    "add Worker_Status, Termination_Date or On_Leave to the report",
                )),
            },
            None => Err(Defect::cell(
                Some(column),
                format!("`{word}` is not a known status"),
                "write active, not_started or terminated",
            )),
        }
    }
}

fn key(row: &Row, column: Option<Column>) -> Result<Option<String>, Defect> {
    match row.value(column) {
        Some(text) if text.chars().any(char::is_control) => {
            Err(Defect::cell(column, "the cell has control characters", "export it again"))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// Workday writes the offset of its server behind a date (XML Schema's `date`), which says nothing about the day.
fn dated_with_offset(text: &str) -> Option<Written> {
    let (day, offset) = text.split_at_checked(10)?;
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    let is_offset = match offset.as_bytes() {
        b"Z" => true,
        [b'+' | b'-', a, b, b':', c, d] => digits(&[*a, *b, *c, *d]),
        _ => false,
    };
    if !is_offset {
        return None;
    }
    day.parse().ok().map(Written::Day)
}

/// OData's `/Date(1767225600000)/`: milliseconds since 1970. Whole days are days and not midnights of UTC, as the fields
/// of dates are; with an offset behind the number it is an instant (OData Version 2.0, JSON format).
fn odata(text: &str) -> Option<Written> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    // The first character may be the number's own sign.
    let number = match inner.get(1..).and_then(|rest| rest.find(['+', '-'])) {
        Some(at) => inner.get(..=at)?,
        None => inner,
    };
    let milliseconds: i64 = number.parse().ok()?;
    if number.len() == inner.len() && milliseconds % DAY == 0 {
        let days = Span::new().try_days(milliseconds / DAY).ok()?;
        return date(1970, 1, 1).checked_add(days).ok().map(Written::Day);
    }
    jiff::Timestamp::from_millisecond(milliseconds).ok().map(Written::Instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_exports_are_days() {
        let day = |text: &str| Some(Written::Day(text.parse().unwrap()));
        assert_eq!(dated_with_offset("2026-08-31-07:00"), day("2026-08-31"));
        assert_eq!(dated_with_offset("2026-08-31Z"), day("2026-08-31"));
        assert_eq!(odata("/Date(1788134400000)/"), day("2026-08-31"));
        assert_eq!(odata("/Date(-86400000)/"), day("1969-12-31"));
        assert_eq!(odata("/Date(253402214400000)/"), day("9999-12-31"));
        let instant = |text: &str| Some(Written::Instant(text.parse().unwrap()));
        assert_eq!(odata("/Date(1788134400000+0000)/"), instant("2026-08-31T00:00:00Z"));
        assert_eq!(odata("/Date(1788134400500)/"), instant("2026-08-31T00:00:00.5Z"));
        for wrong in ["2026-08-31", "2026-08-31T07:00", "2026-13-31Z", "31-08-2026-07:00"] {
            assert_eq!(dated_with_offset(wrong), None, "{wrong}");
        }
        for wrong in [
            "/Date()/",
            "/Date(-)/",
            "/Date(x)/",
            "/Date(99999999999999999999)/",
            "/Date(864000000000000000)/",
            "Date(0)",
            "/Date(1",
        ] {
            assert_eq!(odata(wrong), None, "{wrong}");
        }
    }
}
