//! Any CSV file: bytes to text, text to rows, and what is wrong with either.
//!
//! A file is read whole or refused with a diagnostic; a row that can't be read becomes a [`Gap`](crate::model::Gap) through
//! [`BadRows`] and is never passed over in silence.

mod bad_rows;
mod columns;
mod dates;
mod decode;
mod load;
mod one_file;
mod rows;
mod when;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::model::Instant;
use crate::model::coverage::InputFile;

pub use bad_rows::{BadRows, Defect};
pub use columns::{Column, Columns, ColumnsFound, Names};
pub(crate) use dates::Dates;
pub(crate) use load::off_thread;
pub use load::{Loaded, load, load_all, matching};
pub(crate) use one_file::OneFile;
pub use rows::{Row, Rows};
pub use when::Written;

use decode::Text;

/// What may stand between two cells, in the order in which a tie is decided.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// As much of the head of a file as a diagnostic quotes.
const QUOTED: usize = 4096;

/// A file's bytes, under the path that the config gives it.
#[derive(Debug, Clone, Copy)]
pub struct RawFile<'a> {
    /// The path, for messages and provenance.
    pub path: &'a str,
    /// The content.
    pub bytes: &'a [u8],
    /// When the file was last modified, where that is known.
    pub modified_at: Option<Instant>,
}

/// A CSV file with a header that makes sense; its rows are read as they are asked for.
#[derive(Debug)]
pub struct Table<'a> {
    file: RawFile<'a>,
    text: Text<'a>,
    separator: u8,
    header: Vec<String>,
    header_span: Range<usize>,
    /// Whether the file begins with the line in which PowerShell names the type of its objects.
    typed: bool,
}

impl<'a> Table<'a> {
    /// Reads the header. `expected` is the header we would write ourselves, for the hint.
    ///
    /// # Errors
    /// When there is nothing in the file, or its header is malformed or names a column twice.
    pub fn read(file: RawFile<'a>, expected: &str) -> Result<Self, Error> {
        let text = Text::decode(file.bytes);
        let typed = type_line(text.as_str());
        let start = typed.unwrap_or(0);
        let (of_separator, declared) = excel_separator(text.as_str().get(start..).unwrap_or_default());
        let start = start + of_separator;
        let content = text.as_str().get(start..).unwrap_or_default();
        let separator = declared.unwrap_or_else(|| detect_separator(content));
        let Some(head) = rows::head(content, separator) else {
            return Err(plain_error(
                file.path,
                format!("`{}` is empty", file.path),
                format!("its first line must name its columns: {expected}"),
            ));
        };
        let header: Vec<String> =
            head.record.iter().map(|name| name.trim_matches(is_header_padding).to_owned()).collect();
        let header_span = start + head.span.start..start + head.span.end;
        let table = Self { file, text, separator, header, header_span, typed: typed.is_some() };
        table.check_header(head.malformed, expected)?;
        Ok(table)
    }

    fn check_header(&self, malformed: Option<&'static str>, expected: &str) -> Result<(), Error> {
        let path = self.path();
        if let Some(why) = malformed {
            return Err(self.header_error(
                format!("the header of `{path}` is malformed: {why}"),
                "",
                format!("its first line must name its columns: {expected}"),
            ));
        }
        if self.header.iter().any(|name| name.chars().any(char::is_control)) {
            return Err(self.header_error(
                format!("the header of `{path}` has control characters in it"),
                "",
                "save the file as UTF-8; UTF-16 is read only with a byte order mark".to_owned(),
            ));
        }
        for (index, name) in self.header.iter().enumerate() {
            let earlier = self.header.iter().take(index);
            if !name.is_empty() && earlier.into_iter().any(|other| same_header(other, name)) {
                return Err(self.header_error(
                    format!("`{path}` has two columns called `{name}`"),
                    "one name, one column",
                    "rename or remove one of them".to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// The path, as the config gives it.
    pub fn path(&self) -> &'a str {
        self.file.path
    }

    /// The names of the columns, in the order of the file.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Whether a column goes by this name, whatever its case.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The column that goes by this name, whatever its case.
    pub fn find(&self, name: &str) -> Option<Column> {
        self.header.iter().position(|other| same_header(other, name)).map(Column::at)
    }

    /// A column's name as the file has it.
    pub fn name(&self, column: Column) -> &str {
        self.header.get(column.index()).map_or("", String::as_str)
    }

    /// The data rows, blank ones included.
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(self.text.as_str(), self.header_span.end, self.separator, self.header.len(), self.text.is_damaged())
    }

    /// The entry of this file in the provenance; `dialect` says whose header it is.
    pub fn input_file(&self, dialect: &str, rows: u64) -> InputFile {
        let separator = match self.separator {
            b',' => "comma",
            b';' => "semicolon",
            b'\t' => "tab",
            _ => "its own character",
        };
        InputFile {
            path: self.path().to_owned(),
            sha256: HEXLOWER.encode(&Sha256::digest(self.file.bytes)),
            bytes: self.file.bytes.len() as u64,
            rows,
            modified_at: self.file.modified_at,
            read_as: format!("{dialect}, separated by {separator}, {}", self.text.encoding()),
        }
    }

    /// What a reader should know about how the file was read as a whole.
    pub fn notes(&self, rows: &Rows<'_>, nouns: &str) -> Vec<String> {
        let path = self.path();
        let mut notes = Vec::new();
        if self.text.is_guessed() {
            notes.push(format!(
                "`{path}` is not UTF-8 and was read as {}; letters beyond ASCII are wrong if it is in another code page",
                self.text.encoding()
            ));
        }
        if self.typed {
            notes.push(format!("`{path}` begins with a `#TYPE` line of PowerShell, which is skipped"));
        }
        if rows.blank() > 0 {
            notes.push(format!("`{path}` has {} blank rows, which were passed over", rows.blank()));
        }
        if rows.read() == 0 {
            notes.push(format!("`{path}` lists 0 {nouns}"));
        }
        notes
    }

    /// An error about the header, pointing at it.
    pub fn header_error(&self, message: String, label: &str, help: String) -> Error {
        let text = self.text.as_str();
        let end = text.floor_char_boundary(self.header_span.end.min(QUOTED));
        let quoted = text.get(..end).unwrap_or_default().trim_end_matches(['\r', '\n']);
        Error::Input(vec![Diagnostic {
            message,
            file: self.path().to_owned(),
            source: Some(Arc::from(quoted)),
            span: self.header_span.start.min(quoted.len())..quoted.len(),
            label: label.to_owned(),
            help,
        }])
    }
}

/// An error about a file as a whole.
pub fn plain_error(path: &str, message: String, help: String) -> Error {
    Error::Input(vec![Diagnostic {
        message,
        file: path.to_owned(),
        source: None,
        span: 0..0,
        label: String::new(),
        help,
    }])
}

/// A byte order mark in the middle comes from files glued together.
fn is_header_padding(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{feff}'
}

fn same_header(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
}

/// Where the line ends in which Windows PowerShell names the type of what it exports (`Export-Csv` without
/// `-NoTypeInformation`). A spreadsheet that saves the file again adds separators to it.
fn type_line(text: &str) -> Option<usize> {
    let is_type = text.as_bytes().get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"#TYPE "));
    is_type.then(|| text.find(['\r', '\n']).unwrap_or(text.len()))
}

/// Excel writes and obeys a first line `sep=;`, which is no part of the table.
fn excel_separator(text: &str) -> (usize, Option<u8>) {
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    let line = text.get(..end).unwrap_or_default();
    let Some(b"sep=") = line.as_bytes().get(..4).map(|start| start.to_ascii_lowercase()).as_deref() else {
        return (0, None);
    };
    match line.as_bytes().get(4..) {
        Some([separator]) if SEPARATORS.contains(separator) => (end, Some(*separator)),
        _ => (0, None),
    }
}

/// The separator that splits the header into the most columns; one that tears quoted names apart only if no other splits it.
fn detect_separator(content: &str) -> u8 {
    let score = |separator| match rows::head(content, separator) {
        Some(head) if head.record.len() > 1 => (1 + u8::from(head.malformed.is_none()), head.record.len()),
        _ => (0, 0),
    };
    let mut best = (score(b','), b',');
    for separator in SEPARATORS {
        if score(separator) > best.0 {
            best = (score(separator), separator);
        }
    }
    best.1
}
