//! Rows that can't be read, as gaps.

use super::columns::Column;
use super::rows::Row;
use super::{Table, Written};
use crate::config::DateFormat;
use crate::model::{Fact, Gap, GapKind};

/// More than this many bad rows in one file are counted, not listed: a wrong column makes every row bad.
const LISTED: usize = 1000;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The column, if one is to blame.
    pub column: Option<Column>,
    /// What is wrong, one sentence in lower case.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

impl Defect {
    /// A defect of a cell.
    pub fn cell(column: Option<Column>, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { column, reason: reason.into(), hint: hint.into() }
    }

    /// A cell that must not be empty and is.
    pub fn empty(column: Option<Column>) -> Self {
        Self::cell(column, "the cell is empty", "fill it in, or remove the row if it is nobody's")
    }

    /// A cell that is not a time; `why` comes from [`Written::parse`].
    pub fn time(column: Option<Column>, why: String) -> Self {
        Self::cell(column, why, super::ISO_HINT)
    }
}

/// A cell that is a time, of a file that writes its dates in its own way.
pub(crate) fn time_cell_as(row: &Row, column: Option<Column>, format: &DateFormat) -> Result<Option<Written>, Defect> {
    const HINT: &str = "write it year first, 2026-08-31; or say in the config how the file writes its dates, such as \
                        date_format = \"%d/%m/%Y\" or \"excel\"";
    match row.value(column) {
        Some(text) => Written::parse_as(text, format).map_err(|why| Defect::cell(column, why, HINT)),
        None => Ok(None),
    }
}

/// A cell that is a time.
pub(crate) fn time_cell(row: &Row, column: Option<Column>) -> Result<Option<Written>, Defect> {
    match row.value(column) {
        Some(text) => Written::parse(text).map_err(|why| Defect::time(column, why)),
        None => Ok(None),
    }
}

/// The bad rows of one file.
#[derive(Debug)]
pub struct BadRows<'t> {
    table: &'t Table<'t>,
    fact: Fact,
    gaps: Vec<Gap>,
    unlisted: u64,
}

impl<'t> BadRows<'t> {
    /// No bad rows yet; `fact` is incomplete with the first.
    pub fn new(table: &'t Table<'t>, fact: Fact) -> Self {
        Self { table, fact, gaps: Vec::new(), unlisted: 0 }
    }

    /// Where a row stands: `users.csv row 13 (line 14)`.
    pub fn at(&self, row: &Row) -> String {
        format!("{} row {} (line {})", self.table.path(), row.number(), row.line())
    }

    /// Whether the cells of a row can be told apart; if not, it is noted.
    pub fn is_whole(&mut self, row: &Row) -> bool {
        let Some(defect) = row.defect() else {
            return true;
        };
        let hint = "quote cells that contain the separator, a quote or a line break";
        self.add(row, Defect::cell(None, defect, hint));
        false
    }

    /// Notes a bad row.
    pub fn add(&mut self, row: &Row, defect: Defect) {
        let mut at = self.at(row);
        if let Some(column) = defect.column {
            at = format!("{at}, column {}", self.table.name(column));
        }
        self.add_at(at, defect.reason, defect.hint);
    }

    /// Notes a bad row that was left behind earlier.
    pub fn add_at(&mut self, at: String, reason: String, hint: String) {
        if self.gaps.len() >= LISTED {
            self.unlisted += 1;
            return;
        }
        self.gaps.push(Gap { fact: self.fact, kind: GapKind::BadRow, at, reason, hint });
    }

    /// The gaps, in the order of the file.
    pub fn finish(mut self) -> Vec<Gap> {
        if self.unlisted > 0 {
            self.gaps.push(Gap {
                fact: self.fact,
                kind: GapKind::BadRow,
                at: self.table.path().to_owned(),
                reason: format!("{} more defects of rows are not listed", self.unlisted),
                hint: "put the listed rows right first; they probably share one cause".to_owned(),
            });
        }
        self.gaps
    }
}
