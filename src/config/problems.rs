//! Collects what is wrong with a file, so that one run shows every mistake.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::redact::redact;
use super::words::quoted;
use crate::diagnostic::Diagnostic;

/// How messages of the TOML parser begin.
const NOT_TOML: &str = "not valid TOML";
/// What to write for a date.
pub(super) const DATE_HELP: &str = "write year, month and day: 2027-01-31";

/// Something wrong, before it is known whether it is worth telling.
struct Note {
    message: String,
    help: String,
    span: Range<usize>,
    /// Whether it complains that something is missing, which a syntax error elsewhere may explain.
    absence: bool,
}

/// Collects what is wrong with one file.
pub(super) struct Problems<'t> {
    file: &'t str,
    text: &'t str,
    notes: RefCell<Vec<Note>>,
    misread_from: Cell<Option<usize>>,
}

impl<'t> Problems<'t> {
    /// Nothing wrong so far.
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, notes: RefCell::default(), misread_from: Cell::new(None) }
    }

    /// Notes that `span` is wrong.
    pub(super) fn note(&self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.push(span, message.into(), help.into(), false);
    }

    /// Notes that something is missing in `span`, unless the file could not be read anyway.
    pub(super) fn note_absence(&self, span: &Range<usize>, message: String, help: &str) {
        self.push(span, message, help.to_owned(), true);
    }

    fn push(&self, span: &Range<usize>, message: String, help: String, absence: bool) {
        self.notes.borrow_mut().push(Note { message, help, span: span.clone(), absence });
    }

    /// Notes what the TOML parser could not read. After the first such place the tree may be wrong, so what is said of
    /// the rest of the file is not told; a key given twice does not derail the parser.
    pub(super) fn note_syntax(&self, error: &toml::de::Error) {
        let span = error.span().unwrap_or(0..0);
        if error.message() == "duplicate key" {
            let key = self.text.get(span.clone()).unwrap_or_default();
            self.note(&span, format!("{} is given twice", quoted(key)), "keep one of the two");
            return;
        }
        let first = self.misread_from.get().unwrap_or(usize::MAX);
        self.misread_from.set(Some(first.min(span.start)));
        let help = if error.message().contains("date") {
            DATE_HELP
        } else {
            "texts are quoted, and each key stands on a line of its own"
        };
        self.note(&span, format!("{NOT_TOML}: {}", error.message()), help);
    }

    /// The line that a byte stands on, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or_default();
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.notes.borrow().is_empty()
    }

    /// What is worth telling, in the order of the file. Secrets are blanked in the lines that are shown.
    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut notes = self.notes.into_inner();
        if let Some(misread_from) = self.misread_from.get() {
            notes
                .retain(|note| note.message.starts_with(NOT_TOML) || (!note.absence && note.span.start < misread_from));
        }
        notes.sort_by_key(|note| (note.span.start, note.span.end));
        let source: Arc<str> = Arc::from(redact(self.text));
        let diagnostic = |note: Note| Diagnostic {
            message: note.message,
            file: self.file.to_owned(),
            source: Some(Arc::clone(&source)),
            span: note.span,
            label: String::new(),
            help: note.help,
        };
        notes.into_iter().map(diagnostic).collect()
    }
}

/// What was seen already, and where.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<String, usize>);

impl Seen {
    /// Notes a second `key`, naming the line of the first. Matching ignores case as patterns and names do.
    pub(super) fn once(&mut self, problems: &Problems<'_>, key: &str, span: &Range<usize>, what: &str) -> bool {
        let first = *self.0.entry(key.to_lowercase()).or_insert(span.start);
        if first == span.start {
            return true;
        }
        let line = problems.line(first);
        problems.note(span, format!("{what} is given twice, first on line {line}"), "keep one of the two");
        false
    }
}
