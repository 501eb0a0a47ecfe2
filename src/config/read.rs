//! A cursor over the parsed file. Asking a table for a key makes the key known, so that no list of known keys can be out
//! of step with what is read.

use std::ops::Range;
use std::path::PathBuf;

use toml::de::DeTable;

use super::problems::Problems;
use super::value::Value;
use super::words::{nearest, quoted};

/// A table of the file. Keys that nobody asked for are unknown keys.
pub(super) struct Table<'p, 't> {
    problems: &'p Problems<'t>,
    /// How messages call it: `[policy]`, or the key of an inline table.
    name: &'static str,
    span: Range<usize>,
    /// Nothing when the file has no such table.
    entries: Option<&'p DeTable<'t>>,
    asked: Vec<&'static str>,
    lenient: bool,
}

impl<'p, 't> Table<'p, 't> {
    /// Reads the file's outermost table and complains of unknown sections.
    pub(super) fn root<T>(
        problems: &'p Problems<'t>,
        entries: &'p DeTable<'t>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        Self::with(problems, "the config", 0..0, Some(entries), read)
    }

    /// Reads a table, or an empty one where the file has none, and complains of keys that nobody asked for.
    pub(super) fn with<T>(
        problems: &'p Problems<'t>,
        name: &'static str,
        span: Range<usize>,
        entries: Option<&'p DeTable<'t>>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut table = Self { problems, name, span, entries, asked: Vec::new(), lenient: false };
        let value = read(&mut table);
        table.note_unknown();
        value
    }

    fn note_unknown(&self) {
        if self.lenient {
            return;
        }
        for key in self.entries.into_iter().flat_map(DeTable::keys) {
            let word = key.get_ref().as_ref();
            if !self.asked.contains(&word) {
                let message = format!("unknown key {} in {}", quoted(word), self.name);
                self.problems.note(&key.span(), message, nearest(word, &self.asked));
            }
        }
    }

    /// Where to point when the table as a whole is wrong.
    pub(super) fn note(&self, message: impl Into<String>, help: impl Into<String>) {
        self.problems.note(&self.span, message, help);
    }

    /// Its place: the header, or the braces.
    pub(super) fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// The collector of what is wrong.
    pub(super) fn problems(&self) -> &'p Problems<'t> {
        self.problems
    }

    /// Gives up on keys not asked for: the table as a whole was refused, and more complaints would be noise.
    pub(super) fn ignore_unknown(&mut self) {
        self.lenient = true;
    }

    /// The value of `key`, without making the key known.
    pub(super) fn peek(&self, key: &'static str) -> Option<Value<'p, 't>> {
        let value = self.entries?.get(key)?;
        Some(Value::new(self.problems, key, value))
    }

    /// Whether nothing at all is given.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_none_or(DeTable::is_empty)
    }

    /// The value of an optional key.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value<'p, 't>> {
        self.asked.push(key);
        self.peek(key)
    }

    /// The value of a key that has to be there; `help` says what to write.
    pub(super) fn need(&mut self, key: &'static str, help: &str) -> Option<Value<'p, 't>> {
        let value = self.take(key);
        if value.is_none() {
            let message = format!("missing key `{key}` in {}", self.name);
            self.problems.note_absence(&self.span, message, help);
        }
        value
    }

    /// An optional text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.take(key).and_then(|value| value.text())
    }

    /// A text that has to be there.
    pub(super) fn need_text(&mut self, key: &'static str, help: &str) -> Option<String> {
        self.need(key, help).and_then(|value| value.text())
    }

    /// A path; nothing is known of the file yet.
    pub(super) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    /// Reads the section `[key]` if the file has it.
    pub(super) fn section<T>(
        &mut self,
        key: &'static str,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        self.take(key)?.section(name, read)
    }

    /// Reads the section `[key]`, or an empty one: for sections whose keys all have defaults.
    pub(super) fn section_or_empty<T>(
        &mut self,
        key: &'static str,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let value = self.take(key);
        let entries = value.as_ref().and_then(|value| value.section_entries(name));
        let span = value.map_or(0..0, |value| value.span().clone());
        Self::with(self.problems, name, span, entries, read)
    }

    /// Reads every `[[key]]`; those that are wrong are noted and left out.
    pub(super) fn sections<T>(
        &mut self,
        key: &'static str,
        name: &'static str,
        mut read: impl FnMut(usize, &mut Self) -> Option<T>,
    ) -> Vec<T> {
        let items = self.take(key).and_then(|value| value.section_list(name)).unwrap_or_default();
        let mut found = Vec::new();
        for (index, value) in items.into_iter().enumerate() {
            found.extend(value.section(name, |table| read(index + 1, table)));
        }
        found
    }
}
