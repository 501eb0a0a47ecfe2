//! Which of the file's columns is which of ours.

use std::collections::BTreeMap;
use std::fmt;

use super::rows::Row;
use super::{Table, plain_error};
use crate::error::Error;

/// A column of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column(usize);

impl Column {
    pub(super) fn at(index: usize) -> Self {
        Self(index)
    }

    pub(super) fn index(self) -> usize {
        self.0
    }
}

/// Our name of a column, and the headers it goes by, best first.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// Our name.
    pub ours: &'static str,
    /// Theirs.
    pub theirs: &'static [&'static str],
}

/// The columns found in a file, by our names.
#[derive(Debug, Clone, Default)]
pub struct Columns(BTreeMap<&'static str, Vec<Column>>);

impl Columns {
    /// The column of our name, if the file has it: the best of those that go by it.
    pub fn get(&self, ours: &str) -> Option<Column> {
        self.all(ours).first().copied()
    }

    /// All columns of the file that go by our name, best first.
    pub fn all(&self, ours: &str) -> &[Column] {
        self.0.get(ours).map_or(&[], Vec::as_slice)
    }

    /// The column of our name in one row: the best that is filled in there, else the best.
    pub fn of(&self, row: &Row, ours: &str) -> Option<Column> {
        let filled = self.all(ours).iter().find(|column| row.value(Some(**column)).is_some());
        filled.copied().or_else(|| self.get(ours))
    }
}

/// Which columns of ours a file has, for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnsFound {
    /// Ours, and the header it goes by where that is another.
    pub found: Vec<String>,
    /// Ours that the file lacks.
    pub missing: Vec<&'static str>,
}

impl fmt::Display for ColumnsFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "columns {}", self.found.join(", "))?;
        if self.missing.is_empty() { Ok(()) } else { write!(f, "; without {}", self.missing.join(", ")) }
    }
}

impl Table<'_> {
    /// Says which of our columns were found. `ours` are those that a reader may expect.
    pub fn found(&self, ours: &[&'static str], columns: &Columns) -> ColumnsFound {
        let mut told = ColumnsFound::default();
        for name in ours.iter().copied() {
            match columns.get(name).map(|column| self.name(column)) {
                Some(header) if header.eq_ignore_ascii_case(name) => told.found.push(name.to_owned()),
                Some(header) => told.found.push(format!("{name} (`{header}`)")),
                None => told.missing.push(name),
            }
        }
        told
    }

    /// Finds our columns: by the config's mapping, which stands under `key`, else by the names they go by.
    ///
    /// # Errors
    /// When the mapping names a column of ours that does not exist, or a header that the file does not have.
    pub fn columns(&self, names: &[Names], mapping: &BTreeMap<String, String>, key: &str) -> Result<Columns, Error> {
        if let Some(unknown) = mapping.keys().find(|ours| names.iter().all(|name| name.ours != ours.as_str())) {
            let known: Vec<String> = names.iter().map(|name| format!("`{}`", name.ours)).collect();
            return Err(plain_error(
                self.path(),
                format!("`{key}` maps `{unknown}`, which is not a column that is read"),
                format!("the columns are {}", known.join(", ")),
            ));
        }
        let mut found = BTreeMap::new();
        for name in names {
            let columns: Vec<Column> = match mapping.get(name.ours) {
                Some(theirs) => {
                    vec![self.find(theirs.trim_ascii()).ok_or_else(|| self.not_mapped(name.ours, theirs, key))?]
                }
                None => name.theirs.iter().filter_map(|theirs| self.find(theirs)).collect(),
            };
            if !columns.is_empty() {
                found.insert(name.ours, columns);
            }
        }
        Ok(Columns(found))
    }

    fn not_mapped(&self, ours: &str, theirs: &str, key: &str) -> Error {
        self.header_error(
            format!("`{key}` says that `{ours}` is called `{theirs}`, and `{}` has no such column", self.path()),
            &format!("no `{theirs}` here"),
            format!("its columns are {}", self.listed()),
        )
    }

    /// A column that must be there.
    ///
    /// # Errors
    /// When it is not; the message names every required column that is missing.
    pub fn require(&self, columns: &Columns, required: &[&str], key: &str) -> Result<(), Error> {
        let missing: Vec<&str> = required.iter().copied().filter(|ours| columns.get(ours).is_none()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let quoted: Vec<String> = missing.iter().map(|ours| format!("`{ours}`")).collect();
        Err(self.missing(&quoted.join(" and "), &missing, key))
    }

    /// The error that `what` is missing; `examples` are names of ours that the config could map under `key`.
    pub fn missing(&self, what: &str, examples: &[&str], key: &str) -> Error {
        let listed = self.listed();
        let help = if key.is_empty() {
            format!("its columns are {listed}")
        } else {
            let entries: Vec<String> = examples.iter().map(|ours| format!("{ours} = \"…\"")).collect();
            format!(
                "its columns are {listed}; if one of them is meant, name it in the config: {key} = {{ {} }}",
                entries.join(", ")
            )
        };
        self.header_error(format!("`{}` has no column {what}", self.path()), "not among these", help)
    }

    fn listed(&self) -> String {
        let names: Vec<String> = self.header().iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    }
}
