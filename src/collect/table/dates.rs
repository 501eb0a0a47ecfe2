//! The dates of one file: how it writes them, and which stand for none.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::bad_rows::Defect;
use super::columns::Column;
use super::rows::Row;
use super::{Table, Written};
use crate::config::DateFormat;

/// What to do about a date that can't be read.
const HINT: &str = "write it year first, 2026-08-31; or say in the config how the file writes its dates, such as \
                    date_format = \"%d/%m/%Y\" or \"excel\"";

/// Reads the dates of one file, and counts its placeholders.
#[derive(Debug)]
pub(crate) struct Dates<'t> {
    format: &'t DateFormat,
    /// Of each column with placeholders: how many, and the first as the file writes it.
    placeholders: RefCell<BTreeMap<usize, (u64, String)>>,
}

impl<'t> Dates<'t> {
    /// Of a file that writes its dates so.
    pub(crate) fn new(format: &'t DateFormat) -> Self {
        Self { format, placeholders: RefCell::default() }
    }

    /// A cell that is a date or time; none when it is empty or holds a placeholder.
    ///
    /// # Errors
    /// When the cell is no date, or can be read in two ways.
    pub(crate) fn cell(&self, row: &Row, column: Option<Column>) -> Result<Option<Written>, Defect> {
        self.cell_or(row, column, |_| None)
    }

    /// The same for a file with a notation of `its_own`, which comes first.
    ///
    /// # Errors
    /// As [`Dates::cell`].
    pub(crate) fn cell_or(
        &self,
        row: &Row,
        column: Option<Column>,
        its_own: impl FnOnce(&str) -> Option<Written>,
    ) -> Result<Option<Written>, Defect> {
        let Some((column, text)) = column.and_then(|column| Some((column, row.value(Some(column))?))) else {
            return Ok(None);
        };
        let read = match its_own(text) {
            Some(written) => Some(written),
            None => Written::parse_as(text, self.format).map_err(|why| Defect::cell(Some(column), why, HINT))?,
        };
        if read.is_some_and(Written::is_placeholder) {
            let mut placeholders = self.placeholders.borrow_mut();
            placeholders.entry(column.index()).or_insert_with(|| (0, text.to_owned())).0 += 1;
            return Ok(None);
        }
        Ok(read)
    }

    /// What to say about the placeholders.
    pub(crate) fn notes(&self, table: &Table<'_>) -> Vec<String> {
        let note = |(index, (count, first)): (&usize, &(u64, String))| {
            let (path, column) = (table.path(), table.name(Column::at(*index)));
            let cells = if *count == 1 { "1 cell holds".to_owned() } else { format!("{count} cells hold") };
            format!("`{path}`, column `{column}`: {cells} a placeholder such as {first}, which is read as no date")
        };
        self.placeholders.borrow().iter().map(note).collect()
    }
}
