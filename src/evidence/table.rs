//! CSV tables of the pack: their columns are a contract, so each is declared once, with its meaning.

use std::io::{self, Write};

use crate::assess::Assessment;

/// The version of all tables. Raised when a column is added; a column is never moved or removed.
pub const SCHEMA_VERSION: &str = "1";

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// `id`, `text`, `word`, `list`, `instant`, `hours`, `count` or `digest`.
    pub kind: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// The columns every table starts with.
pub const COMMON: [Column; 2] = [
    Column { name: "schema_version", kind: "count", meaning: "version of the tables' columns" },
    Column { name: "run_id", kind: "id", meaning: "the run, a digest of snapshot, config, as-of, period and profile" },
];

/// A row of a table.
pub trait Row {
    /// The cells, in the order of the columns.
    fn cells(&self) -> Vec<&str>;
}

/// A table: its file, its columns and how its rows are made.
#[derive(Debug)]
pub struct Table {
    /// The file's name in the pack's `data/`.
    pub file: &'static str,
    /// What it lists.
    pub about: &'static str,
    /// The columns its rows are sorted by.
    pub sorted_by: &'static [&'static str],
    /// Its columns after the common ones.
    pub columns: &'static [Column],
    /// Gives every row to the writer.
    pub rows: fn(&Assessment<'_>, &mut RowWriter<'_>) -> io::Result<()>,
}

/// Writes rows as they come: RFC 4180, CRLF, every field quoted, formula characters neutralised.
pub struct RowWriter<'w> {
    csv: csv::Writer<Box<dyn Write + 'w>>,
    run_id: &'w str,
    rows: u64,
    neutralised: u64,
    seen: &'w mut dyn FnMut(&[&str]),
}

impl std::fmt::Debug for RowWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RowWriter({} rows)", self.rows)
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Rows, without the header.
    pub rows: u64,
    /// Cells that began with a formula character.
    pub neutralised: u64,
}

impl Table {
    /// Writes the whole table.
    ///
    /// # Errors
    /// When `out` does.
    pub fn write<'w>(
        &self,
        assessment: &Assessment<'_>,
        run_id: &'w str,
        out: &'w mut dyn Write,
    ) -> io::Result<Written> {
        self.write_seen(assessment, run_id, out, &mut |_| {})
    }

    /// Writes the whole table, and shows `seen` the cells of every row.
    ///
    /// # Errors
    /// When `out` does.
    pub fn write_seen<'w>(
        &self,
        assessment: &Assessment<'_>,
        run_id: &'w str,
        out: &'w mut dyn Write,
        seen: &'w mut dyn FnMut(&[&str]),
    ) -> io::Result<Written> {
        let csv = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::Always)
            .terminator(csv::Terminator::CRLF)
            .from_writer(Box::new(out) as Box<dyn Write + 'w>);
        let mut writer = RowWriter { csv, run_id, rows: 0, neutralised: 0, seen };
        writer.csv.write_record(COMMON.iter().chain(self.columns).map(|column| column.name))?;
        (self.rows)(assessment, &mut writer)?;
        writer.csv.flush()?;
        Ok(Written { rows: writer.rows, neutralised: writer.neutralised })
    }
}

impl RowWriter<'_> {
    /// Writes one row.
    ///
    /// # Errors
    /// When the underlying writer does.
    pub fn row(&mut self, row: &dyn Row) -> io::Result<()> {
        self.csv.write_field(SCHEMA_VERSION)?;
        self.csv.write_field(self.run_id)?;
        let cells = row.cells();
        (self.seen)(&cells);
        for cell in cells {
            match neutralise(cell) {
                Some(safe) => {
                    self.neutralised += 1;
                    self.csv.write_field(safe)?;
                }
                None => self.csv.write_field(cell)?,
            }
        }
        self.csv.write_record(None::<&[u8]>)?;
        self.rows += 1;
        Ok(())
    }
}

/// The safe form of a cell that a spreadsheet would take for a formula; none when it is safe as it is.
///
/// A quote goes before any text whose first visible character is `= + - @` (also in full width), and before any that
/// already starts with a quote, so that taking one quote off gives the value back (CWE-1236; OWASP CSV injection).
/// Control characters become spaces.
pub fn neutralise(cell: &str) -> Option<String> {
    let has_control = cell.chars().any(char::is_control);
    let first = cell.chars().find(|c| !c.is_whitespace() && *c != '\u{feff}' && !c.is_control());
    let dangerous = first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '\'' | '＝' | '＋' | '－' | '＠'));
    if !has_control && !dangerous {
        return None;
    }
    let clean: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Some(if dangerous { format!("'{clean}") } else { clean })
}

/// Declares a table's row: one line a column, with its kind and meaning.
macro_rules! columns {
    ($(#[$doc:meta])* $row:ident { $($column:ident: $kind:ident $meaning:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default)]
        pub(crate) struct $row {
            $(pub(crate) $column: String,)+
        }

        impl $row {
            /// The columns.
            pub(crate) const COLUMNS: &'static [$crate::evidence::table::Column] = &[
                $($crate::evidence::table::Column {
                    name: stringify!($column),
                    kind: stringify!($kind),
                    meaning: $meaning,
                },)+
            ];
        }

        impl $crate::evidence::table::Row for $row {
            fn cells(&self) -> Vec<&str> {
                let Self { $($column),+ } = self;
                vec![$($column.as_str()),+]
            }
        }
    };
}
pub(crate) use columns;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        for (cell, safe) in [
            ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
            ("  +1", "'  +1"),
            ("\u{feff}@SUM", "'\u{feff}@SUM"),
            ("\t=1", "' =1"),
            ("＝1", "'＝1"),
            ("'quoted", "''quoted"),
        ] {
            assert_eq!(neutralise(cell).as_deref(), Some(safe), "{cell:?}");
        }
        for plain in ["", "ada@example.org", "a=b", "2026-09-30T00:00:00Z", "g_abc"] {
            assert_eq!(neutralise(plain), None, "{plain:?}");
        }
        assert_eq!(neutralise("a\0b\r\n").as_deref(), Some("a b  "));
    }

    proptest::proptest! {
        #[test]
        fn one_quote_off_gives_the_value_back(cell in "[=+@'\\- a-zé]{0,12}") {
            let written = neutralise(&cell).unwrap_or_else(|| cell.clone());
            let read = written.strip_prefix('\'').unwrap_or(&written);
            proptest::prop_assert_eq!(read, cell.as_str());
        }

        #[test]
        fn no_cell_starts_a_formula(cell in "\\PC{0,20}") {
            let written = neutralise(&cell).unwrap_or(cell);
            let first = written.trim_start().chars().next();
            proptest::prop_assert!(!first.is_some_and(|c| "=+-@".contains(c)));
        }
    }
}
