//! Values of the file and what they may be read as. What is wrong is noted in place, and reading goes on.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problems::{DATE_HELP, Problems};
use super::read::Table;
use super::words::{closest, nearest, quoted};
use crate::model::event::Window;
use crate::model::{Days, Instant, Pattern, Period, Span};

/// One value of the file.
pub(super) struct Value<'p, 't> {
    problems: &'p Problems<'t>,
    /// The key it belongs to.
    name: &'p str,
    span: Range<usize>,
    value: &'p DeValue<'t>,
}

impl<'p, 't> Value<'p, 't> {
    /// The value of a key.
    pub(super) fn new(problems: &'p Problems<'t>, name: &'p str, value: &'p Spanned<DeValue<'t>>) -> Self {
        Self { problems, name, span: value.span(), value: value.get_ref() }
    }

    /// The key it belongs to.
    pub(super) fn key(&self) -> &str {
        self.name
    }

    /// Its place.
    pub(super) fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// Notes that the value is wrong.
    pub(super) fn note(&self, message: impl Into<String>, help: impl Into<String>) {
        self.problems.note(&self.span, message, help);
    }

    fn element(&self, item: &'p Spanned<DeValue<'t>>) -> Self {
        Self::new(self.problems, self.name, item)
    }

    fn wrong_type<T>(&self, expected: &str, example: &str) -> Option<T> {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a decimal number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.note(format!("{} must be {expected}, not {found}", quoted(self.name)), example);
        None
    }

    /// Whether it is a text, whatever its content.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.value, DeValue::String(_))
    }

    /// A text with something in it.
    pub(super) fn str(&self) -> Option<&'p str> {
        let DeValue::String(text) = self.value else {
            return self.wrong_type("a text", "put it in double quotes");
        };
        if text.trim().is_empty() {
            self.note(
                format!("{} must not be empty", quoted(self.name)),
                "write something, or remove the key if it is optional",
            );
            return None;
        }
        Some(text.as_ref())
    }

    /// A text with something in it, owned.
    pub(super) fn text(&self) -> Option<String> {
        self.str().map(str::to_owned)
    }

    /// A wildcard pattern.
    pub(super) fn pattern(&self) -> Option<Pattern> {
        self.str().map(Pattern::new)
    }

    /// A wildcard pattern of account ids and names. Digits alone are an id and have to be twelve.
    pub(super) fn account(&self) -> Option<Pattern> {
        let text = match self.value {
            DeValue::Integer(_) => return self.wrong_type("a text", "put the account id in double quotes"),
            _ => self.str()?,
        };
        if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() != 12 {
            let message = format!("account id {} has {} digits instead of twelve", quoted(text), text.len());
            self.note(message, "write all twelve digits, leading zeros included");
            return None;
        }
        Some(Pattern::new(text))
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(value) => Some(*value),
            _ => self.wrong_type("true or false", "write it without quotes"),
        }
    }

    /// A whole number within bounds.
    pub(super) fn number(&self, bounds: RangeInclusive<u64>) -> Option<u64> {
        let DeValue::Integer(digits) = self.value else {
            return self.wrong_type("a whole number", "write it without quotes");
        };
        let number = u64::from_str_radix(digits.as_str(), digits.radix()).ok();
        let within = number.filter(|number| bounds.contains(number));
        if within.is_none() {
            let message = format!("`{}` must be from {} to {}", self.name, bounds.start(), bounds.end());
            self.note(message, format!("write a whole number up to {}", bounds.end()));
        }
        within
    }

    /// A length of time such as `24h`.
    pub(super) fn duration(&self) -> Option<Span> {
        const HELP: &str = "write a whole number and a unit in quotes: \"40m\", \"24h\", \"30d\" or \"2w\"";
        if !self.is_text() {
            return self.wrong_type("a length of time", HELP);
        }
        let text = self.str()?;
        let span = text.parse().ok();
        if span.is_none() {
            let message = format!("`{}` is not a length of time: {}", self.name, quoted(text));
            self.note(message, HELP);
        }
        span
    }

    /// A calendar date, as a TOML date or as text.
    pub(super) fn date(&self) -> Option<Date> {
        let date = match self.value {
            DeValue::Datetime(value) if value.time.is_none() => value.date.and_then(civil),
            // Exactly this form: shorter ones and ones with a time could mean something else.
            DeValue::String(text) if text.len() == 10 => Date::strptime("%Y-%m-%d", text.as_ref()).ok(),
            DeValue::String(_) | DeValue::Datetime(_) => None,
            _ => return self.wrong_type("a date without a time", DATE_HELP),
        };
        if date.is_none() {
            self.note(format!("`{}` is not a date", self.name), DATE_HELP);
        }
        date
    }

    /// Days from one to another, both included, in UTC: `2026-07-01..2026-09-30`.
    pub(super) fn days(&self) -> Option<Window> {
        let period = self.str()?.parse::<Days>().map_err(|error| error.to_string());
        match period.map(|days| Period::new(days, &TimeZone::UTC)) {
            Ok(Some(period)) => Some(Window { from: period.from(), to: period.end() }),
            Ok(None) => {
                self.note(format!("`{}` is out of the calendar", self.name), "give nearer days");
                None
            }
            Err(message) => {
                self.note(format!("`{}`: {message}", self.name), "write its first and its last day in quotes");
                None
            }
        }
    }

    /// The beginning of a day in UTC.
    pub(super) fn first_day(&self) -> Option<Instant> {
        let begins = self.date()?.to_zoned(TimeZone::UTC);
        if begins.is_err() {
            self.note(format!("`{}` is out of the calendar", self.name), "give a nearer date");
        }
        begins.ok().map(|begins| Instant::new(begins.timestamp()))
    }

    /// The close of a day in UTC, and the day.
    pub(super) fn last_day(&self) -> Option<(Date, Instant)> {
        let date = self.date()?;
        let close = date.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC));
        match close {
            Ok(close) => Some((date, Instant::new(close.timestamp()))),
            Err(_) => {
                self.note(format!("`{}` is too far in the future", self.name), "give a nearer date");
                None
            }
        }
    }

    /// The name of an IANA time zone, as the database spells it. The bundled database decides, so that every
    /// machine agrees.
    pub(super) fn zone(&self) -> Option<String> {
        let text = self.str()?;
        let zones = TimeZoneDatabase::bundled();
        if let Ok(zone) = zones.get(text)
            && let Some(name) = zone.iana_name()
        {
            return Some(name.to_owned());
        }
        let names: Vec<String> = zones.available().map(|name| name.as_str().to_owned()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let help = match closest(text, &names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "write an IANA name such as \"Europe/London\" or \"UTC\"".to_owned(),
        };
        self.note(format!("unknown time zone {}", quoted(text)), help);
        None
    }

    /// One of a fixed set of words. `kind` is what they are words for.
    pub(super) fn word<T: Copy>(&self, kind: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.str()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.note(format!("unknown {kind} {}", quoted(text)), nearest(text, &known));
        }
        found
    }

    /// A table within braces. `name` is how messages call it.
    pub(super) fn table<T>(&self, name: &'static str, read: impl FnOnce(&mut Table<'p, 't>) -> Option<T>) -> Option<T> {
        let DeValue::Table(entries) = self.value else {
            return self.wrong_type("a table", "write { key = value, … }");
        };
        Table::with(self.problems, name, self.span.clone(), Some(entries), read)
    }

    /// A section under its own header.
    pub(super) fn section<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&mut Table<'p, 't>) -> Option<T>,
    ) -> Option<T> {
        let entries = self.section_entries(name)?;
        Table::with(self.problems, name, self.span.clone(), Some(entries), read)
    }

    /// The keys of a section.
    pub(super) fn section_entries(&self, name: &'static str) -> Option<&'p DeTable<'t>> {
        match self.value {
            DeValue::Table(entries) => Some(entries),
            DeValue::Array(_) => {
                let message = format!("`{}` can be given once only", self.name);
                self.note(message, format!("write {name} with single brackets, once"));
                None
            }
            _ => self.wrong_type("a section", &format!("write {name} on a line of its own, and its keys below")),
        }
    }

    /// The sections of a header that may be given several times.
    pub(super) fn section_list(&self, name: &'static str) -> Option<Vec<Self>> {
        let DeValue::Array(items) = self.value else {
            let message = format!("`{}` is a list of sections", self.name);
            self.note(message, format!("write {name} with double brackets, once for each"));
            return None;
        };
        Some(items.iter().map(|item| self.element(item)).collect())
    }

    /// A list; nothing if any element is wrong.
    pub(super) fn list<T>(&self, mut read: impl FnMut(Self) -> Option<T>) -> Option<Vec<T>> {
        let DeValue::Array(items) = self.value else {
            return self.wrong_type("a list", "write [ … ], even around a single element");
        };
        let read: Vec<Option<T>> = items.iter().map(|item| read(self.element(item))).collect();
        read.into_iter().collect()
    }

    /// A list with something in it.
    pub(super) fn full_list<T>(&self, read: impl FnMut(Self) -> Option<T>) -> Option<Vec<T>> {
        let list = self.list(read)?;
        if list.is_empty() {
            self.note(
                format!("{} must not be empty", quoted(self.name)),
                "name at least one, or remove the key if it is optional",
            );
            return None;
        }
        Some(list)
    }

    /// A table of the operator's own keys; nothing if any entry is wrong.
    pub(super) fn entries<T>(&self, mut read: impl FnMut(&Spanned<Cow<'t, str>>, Self) -> Option<T>) -> Option<Vec<T>> {
        let DeValue::Table(entries) = self.value else {
            return self.wrong_type("a table", "write { key = \"value\", … }");
        };
        let read: Vec<Option<T>> =
            entries.iter().map(|(key, item)| read(key, Self::new(self.problems, key.get_ref(), item))).collect();
        read.into_iter().collect()
    }

    /// The collector of what is wrong.
    pub(super) fn problems(&self) -> &'p Problems<'t> {
        self.problems
    }
}

fn civil(date: toml::value::Date) -> Option<Date> {
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    Date::new(i16::try_from(date.year).ok()?, month, day).ok()
}
