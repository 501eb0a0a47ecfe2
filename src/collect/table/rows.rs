//! Text to rows, each with its number and line.

use std::ops::Range;

use csv::{Reader, ReaderBuilder, StringRecord};

use super::columns::Column;

fn reader(text: &str, separator: u8) -> Reader<&[u8]> {
    ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// The header row.
pub(super) struct Head {
    pub(super) record: StringRecord,
    /// Its bytes in the content, line end included.
    pub(super) span: Range<usize>,
    pub(super) malformed: Option<&'static str>,
}

/// The first row that is not blank.
pub(super) fn head(content: &str, separator: u8) -> Option<Head> {
    let mut cursor = Cursor::new(content, separator);
    loop {
        let (record, span) = cursor.next()?;
        let malformed = quoting(content.as_bytes().get(span.clone()).unwrap_or_default(), separator);
        // While the separator is still being found, a row of another one's is not a name.
        let names_something = record.iter().any(|cell| !cell.trim_matches([' ', '\t', ',', ';']).is_empty());
        if malformed.is_some() || names_something {
            return Some(Head { record, span, malformed });
        }
    }
}

/// The csv crate's reader with the true start of each record: its own position is the end of the record before, blank
/// lines between the two included.
struct Cursor<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str, separator: u8) -> Self {
        Self { text, reader: reader(text, separator) }
    }

    fn next(&mut self) -> Option<(StringRecord, Range<usize>)> {
        let before = self.byte();
        let mut record = StringRecord::new();
        // Text in memory is valid UTF-8 and can't fail to be read, so an error can only be the end.
        if !self.reader.read_record(&mut record).unwrap_or(false) {
            return None;
        }
        let end = self.byte();
        let raw = self.text.as_bytes().get(before..end).unwrap_or_default();
        let blank = raw.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        Some((record, before + blank..end))
    }

    fn byte(&self) -> usize {
        usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX)
    }
}

/// The data rows of a file.
pub struct Rows<'t> {
    text: &'t str,
    cursor: Cursor<'t>,
    /// Where the cursor's text begins in `text`.
    offset: usize,
    separator: u8,
    columns: usize,
    damaged: bool,
    counted: usize,
    line: u64,
    number: u64,
    read: u64,
    blank: u64,
}

impl<'t> Rows<'t> {
    pub(super) fn new(text: &'t str, offset: usize, separator: u8, columns: usize, damaged: bool) -> Self {
        Self {
            text,
            cursor: Cursor::new(text.get(offset..).unwrap_or_default(), separator),
            offset,
            separator,
            columns,
            damaged,
            counted: 0,
            line: 1,
            number: 0,
            read: 0,
            blank: 0,
        }
    }

    /// Rows handed out so far, unreadable ones included.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Rows without a single value so far.
    pub fn blank(&self) -> u64 {
        self.blank
    }

    fn defect(&self, record: &StringRecord, raw: &str) -> Option<String> {
        if let Some(why) = quoting(raw.as_bytes(), self.separator) {
            return Some(why.to_owned());
        }
        if record.len() != self.columns {
            return Some(format!("it has {} cells and the header has {}", record.len(), self.columns));
        }
        (self.damaged && raw.contains('\u{fffd}'))
            .then(|| "some of its bytes are not valid in the file's encoding".into())
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        loop {
            let (record, span) = self.cursor.next()?;
            let span = self.offset + span.start..self.offset + span.end;
            self.line += line_breaks(self.text.as_bytes().get(self.counted..span.start).unwrap_or_default());
            self.counted = span.start;
            self.number += 1;
            let raw = self.text.get(span).unwrap_or_default();
            if is_blank(&record) && quoting(raw.as_bytes(), self.separator).is_none() {
                self.blank += 1;
                continue;
            }
            self.read += 1;
            return Some(Row { number: self.number, line: self.line, defect: self.defect(&record, raw), record });
        }
    }
}

/// One data row.
#[derive(Debug, Clone)]
pub struct Row {
    number: u64,
    line: u64,
    record: StringRecord,
    defect: Option<String>,
}

impl Row {
    /// Its number among the data rows, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The line it begins on, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Why its cells can't be told apart, if so.
    pub fn defect(&self) -> Option<&str> {
        self.defect.as_deref()
    }

    /// A cell without the ASCII white space around it; none when the column is missing or the cell empty.
    pub fn value(&self, column: Option<Column>) -> Option<&str> {
        let cell = self.record.get(column?.index())?.trim_ascii();
        (!cell.is_empty()).then_some(cell)
    }

    /// A cell as an owned text.
    pub fn text(&self, column: Option<Column>) -> Option<String> {
        self.value(column).map(str::to_owned)
    }

    /// All cells as they stand.
    pub fn cells(&self) -> &StringRecord {
        &self.record
    }
}

fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| cell.trim_ascii().is_empty())
}

/// Line ends in `bytes`: `\n`, `\r\n`, or `\r` alone.
fn line_breaks(bytes: &[u8]) -> u64 {
    let mut breaks = 0;
    let mut after_return = false;
    for byte in bytes {
        match byte {
            b'\n' if after_return => after_return = false,
            b'\n' => breaks += 1,
            b'\r' => {
                breaks += 1;
                after_return = true;
            }
            _ => after_return = false,
        }
    }
    breaks
}

/// Why a record's quotes can't be trusted. A quote that is not closed, or closed by the next stray quote, swallows the rows
/// in between, and a lenient reader would not tell.
fn quoting(raw: &[u8], separator: u8) -> Option<&'static str> {
    enum At {
        Start,
        Plain,
        Quoted,
        Closed,
        Padding,
    }
    if !raw.contains(&b'"') {
        return None;
    }
    let mut at = At::Start;
    for &byte in raw {
        let boundary = byte == separator || matches!(byte, b'\r' | b'\n');
        at = match at {
            At::Quoted if byte == b'"' => At::Closed,
            At::Quoted => At::Quoted,
            At::Closed if byte == b'"' => At::Quoted,
            _ if boundary => At::Start,
            At::Closed | At::Padding if byte == b' ' => At::Padding,
            At::Closed | At::Padding => return Some("text follows a closing quote"),
            At::Start if byte == b'"' => At::Quoted,
            At::Start | At::Plain => At::Plain,
        };
    }
    matches!(at, At::Quoted).then_some("a quote is opened and not closed")
}
