//! Rows that can't be read, as gaps; and optional cells that can't be read, as notes.

use std::collections::BTreeMap;

use super::Table;
use super::columns::Column;
use super::rows::Row;
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
}

/// The bad rows of one file.
#[derive(Debug)]
pub struct BadRows<'t> {
    table: &'t Table<'t>,
    fact: Fact,
    gaps: Vec<Gap>,
    unlisted: u64,
    /// Of each column with optional cells that can't be read: how many, and the first.
    unreadable: BTreeMap<usize, (u64, String)>,
}

impl<'t> BadRows<'t> {
    /// No bad rows yet; `fact` is incomplete with the first.
    pub fn new(table: &'t Table<'t>, fact: Fact) -> Self {
        Self { table, fact, gaps: Vec::new(), unlisted: 0, unreadable: BTreeMap::new() }
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

    /// Notes an optional cell that can't be read: it costs its own value, and neither the row nor the file.
    pub fn unreadable(&mut self, row: &Row, column: Column, reason: &str, hint: &str) {
        let first = || format!("row {} (line {}): {reason}. To fix it, {hint}", row.number(), row.line());
        self.unreadable.entry(column.index()).or_insert_with(|| (0, first())).0 += 1;
    }

    /// What to say about the optional cells that can't be read.
    pub fn notes(&self) -> Vec<String> {
        let note = |(index, (count, first)): (&usize, &(u64, String))| {
            let (path, column) = (self.table.path(), self.table.name(Column::at(*index)));
            let cells = if *count == 1 { "1 cell is".to_owned() } else { format!("{count} cells are") };
            format!("`{path}`, column `{column}`: {cells} not readable, and the values are not known. First in {first}")
        };
        self.unreadable.iter().map(note).collect()
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
