//! Whether an account can be used, from every cell of a row that says something about it.

use jiff::tz::TimeZone;

use super::dialect::Flags;
use super::status;
use crate::collect::idp::microsoft::name_before_deletion;
use crate::collect::table::{Column, Columns, Dates, Defect, Row, Table};
use crate::model::{IdpStatus, Instant, Known};

/// The state of an account.
pub(super) struct State {
    pub(super) status: IdpStatus,
    /// When it was deleted, if it is.
    pub(super) deleted_at: Option<Known<Instant>>,
    /// The user name before the deletion, where that changed it.
    pub(super) former_name: Option<String>,
    /// Two cells that do not agree, so that `status` is not known.
    pub(super) contradiction: Option<String>,
}

/// Reads the state of accounts in one file.
#[derive(Clone, Copy)]
pub(super) struct StateReader<'t> {
    pub(super) table: &'t Table<'t>,
    pub(super) columns: &'t Columns,
    pub(super) dates: &'t Dates<'t>,
    /// None where the config says which column is the status.
    pub(super) flags: Flags,
    pub(super) now: Instant,
}

/// What a cell about deletion says.
enum Deletion {
    No,
    At(Instant),
    /// Something, and not when.
    Unclear(String),
}

impl StateReader<'_> {
    /// The state in a row. A deletion counts more than a flag: directories keep the flag of a deleted account as it was.
    pub(super) fn read(&self, row: &Row, id: &str, user_name: &str) -> Result<State, Defect> {
        let former_name = name_before_deletion(id, user_name);
        let deleted = |at| State {
            status: IdpStatus::Deleted,
            deleted_at: Some(at),
            former_name: former_name.clone(),
            contradiction: None,
        };
        match self.deletion(row) {
            Deletion::At(at) => Ok(deleted(Known::Value(at))),
            Deletion::Unclear(cell) if former_name.is_some() => Ok(deleted(Known::Unknown(cell))),
            Deletion::No if former_name.is_some() => {
                Ok(deleted(Known::Unknown("the user name is that of a deleted account, without a date".to_owned())))
            }
            Deletion::No => self.by_flags(row, None),
            Deletion::Unclear(cell) => self.by_flags(row, Some(cell)),
        }
    }

    fn deletion(&self, row: &Row) -> Deletion {
        let column = self.columns.of(row, "deleted_at");
        let cell = || self.cell(row, column);
        match self.dates.cell(row, column) {
            Ok(None) => Deletion::No,
            Ok(Some(written)) => match written.start(&TimeZone::UTC).filter(|at| *at <= self.now) {
                Some(at) => Deletion::At(at),
                None => Deletion::Unclear(format!("{}, which is later than the collection", cell())),
            },
            Err(_) => Deletion::Unclear(format!("{}, which is not a date that can be read", cell())),
        }
    }

    /// The state by the column of the status and the flags beside it. `unclear` is a cell that speaks against the account.
    fn by_flags(&self, row: &Row, unclear: Option<String>) -> Result<State, Defect> {
        let main = self.columns.of(row, "status");
        let told = match row.value(main) {
            Some(word) => Some(self.status(main, word).ok_or_else(|| not_a_status(main, word))?),
            None => None,
        };
        let (Flags::Same(headers) | Flags::Each(headers)) = self.flags;
        let mut against = unclear;
        let mut flags: Vec<(Column, IdpStatus)> = Vec::new();
        for column in headers.iter().filter_map(|header| self.table.find(header)).filter(|column| Some(*column) != main)
        {
            let Some(word) = row.value(Some(column)) else { continue };
            match self.status(Some(column), word) {
                Some(status) => flags.push((column, status)),
                None => against = Some(format!("{}, which is neither yes nor no", self.cell(row, Some(column)))),
            }
        }
        let worst = flags.iter().map(|(_, status)| *status).max();
        let status = match (told, self.flags) {
            (Some(told), Flags::Each(_)) => told.max(worst.unwrap_or(told)),
            (Some(told), Flags::Same(_)) => told,
            (None, Flags::Each(_)) => worst.filter(|status| status.is_gone()).ok_or_else(|| Defect::empty(main))?,
            (None, Flags::Same(_)) => worst.ok_or_else(|| Defect::empty(main))?,
        };
        let differs = |(_, other): &&(Column, IdpStatus)| other.is_gone() != status.is_gone();
        let differing = match self.flags {
            Flags::Same(_) => flags.iter().find(differs).map(|(column, _)| self.cell(row, Some(*column))),
            Flags::Each(_) => None,
        };
        let contradiction = differing.or(against.filter(|_| !status.is_gone()));
        let contradiction = contradiction.map(|other| self.contradiction(row, main, &other));
        // A status that is not known is nobody's end.
        let status = if contradiction.is_some() { IdpStatus::Active } else { status };
        Ok(State { status, deleted_at: None, former_name: None, contradiction })
    }

    fn status(&self, column: Option<Column>, word: &str) -> Option<IdpStatus> {
        status::status(column.map_or("", |column| self.table.name(column)), word)
    }

    fn contradiction(&self, row: &Row, main: Option<Column>, other: &str) -> String {
        format!(
            "{} and {other} ({} row {}, line {})",
            self.cell(row, main),
            self.table.path(),
            row.number(),
            row.line()
        )
    }

    /// A cell for people: `accountEnabled` is `True`.
    fn cell(&self, row: &Row, column: Option<Column>) -> String {
        let header = column.map_or("", |column| self.table.name(column));
        match row.value(column) {
            Some(word) => format!("`{header}` is `{word}`"),
            None => format!("`{header}` is empty"),
        }
    }
}

fn not_a_status(column: Option<Column>, word: &str) -> Defect {
    Defect::cell(
        column,
        format!("`{word}` is not a known status"),
        "write active, staged, suspended, disabled or deleted, or the vendor's own word for it",
    )
}
