//! What the pack of a story says.

use std::collections::BTreeMap;

use crate::place::{Csv, Ended};

/// What a pack says.
pub(super) struct Told {
    pub(super) ended: Ended,
    tables: BTreeMap<String, Csv>,
    pub(super) report: String,
}

/// A table's row.
pub(super) type Row = BTreeMap<String, String>;

impl Told {
    /// What the files of a pack say.
    pub(super) fn of(ended: Ended, data: &BTreeMap<String, Vec<u8>>) -> Self {
        let tables = data.iter().filter_map(|(name, bytes)| Some((name.strip_suffix(".csv")?, Csv::parse(bytes))));
        Self {
            tables: tables.map(|(name, table)| (name.to_owned(), table)).collect(),
            report: String::from_utf8(data["report.html"].clone()).unwrap(),
            ended,
        }
    }

    /// The rows of a table.
    pub(super) fn rows(&self, table: &str) -> &[Row] {
        &self.tables[table].rows
    }

    /// The only row of a table for which this holds.
    #[track_caller]
    pub(super) fn only(&self, table: &str, is_it: impl Fn(&Row) -> bool) -> &Row {
        let found: Vec<&Row> = self.rows(table).iter().filter(|row| is_it(row)).collect();
        assert_eq!(found.len(), 1, "{found:#?} of {table}: {:#?}", self.rows(table));
        found[0]
    }

    /// The findings of a rule about somebody, or whatever it is about.
    pub(super) fn findings(&self, rule: &str) -> Vec<&Row> {
        self.rows("findings").iter().filter(|row| row["rule"] == rule).collect()
    }
}

/// Cells of a row.
pub(super) fn cells<'r, const N: usize>(row: &'r Row, columns: [&str; N]) -> [&'r str; N] {
    columns.map(|column| row.get(column).unwrap_or_else(|| panic!("no column {column}")).as_str())
}
