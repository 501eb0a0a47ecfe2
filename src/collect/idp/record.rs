//! What every vendor's records have in common: fields of odd types, records that can't be used, and words about them.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::collect::calls::{CallError, Gaps};
use crate::collect::http::Endpoint;
use crate::model::{IdpStatus, IdpUser, Instant, Known};

/// A text that may be missing, blank, or of another JSON type: profiles can be given attributes by their owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    text: Option<String>,
    stated: bool,
}

impl Text {
    fn stated(text: Option<String>) -> Self {
        Self { text, stated: true }
    }

    /// The text; none if blank.
    pub(super) fn get(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The text, owned.
    pub(super) fn owned(&self) -> Option<String> {
        self.text.clone()
    }

    /// Whether the field was there at all, be it `null`.
    pub(super) fn is_stated(&self) -> bool {
        self.stated
    }

    /// Whether it is this word.
    pub(super) fn is(&self, word: &str) -> bool {
        self.get() == Some(word)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        let text = text.trim();
        Ok(Text::stated((!text.is_empty()).then(|| text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text::stated(Some(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(Text::stated(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
        Ok(Text::stated(Some(number.to_string())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
        Ok(Text::stated(None))
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text::stated(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Text, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::stated(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Text, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::stated(None))
    }
}

/// A record of which only the id is read: a member, an assigned group.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    pub(super) id: Text,
}

/// Reads `null` as if the field were missing.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Why a record can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Defect {
    /// Whose record it is, by id; may be empty.
    pub(super) subject: String,
    /// One sentence in lower case, the same for every subject with the same defect.
    pub(super) reason: String,
}

impl Defect {
    /// A defect of this subject's record.
    pub(super) fn of(subject: impl ToString, reason: impl Into<String>) -> Self {
        Self { subject: subject.to_string(), reason: reason.into() }
    }
}

/// Records that a record can't be used.
pub(super) fn defect(gaps: &mut Gaps, endpoint: &Endpoint, defect: &Defect) {
    gaps.add(endpoint, &defect.subject, &CallError::malformed(endpoint, &defect.reason));
}

/// Why a status is not known: a word of the vendor's that has no meaning here.
pub(super) fn unknown_status(word: &str) -> Known<Instant> {
    Known::Unknown(format!("the status `{}` is not known", shortened(word)))
}

/// The users whose status is not known, counted and named; none where there are none.
pub(super) fn unknown_statuses<'u>(users: impl IntoIterator<Item = &'u IdpUser>) -> Option<String> {
    const NAMED: usize = 8;
    let unknown: Vec<&IdpUser> = users.into_iter().filter(|user| user.status == IdpStatus::Unknown).collect();
    let name = |user: &&IdpUser| match &user.status_changed_at {
        Known::Unknown(why) => format!("{} ({why})", user.user_name),
        Known::Value(_) | Known::Absent => user.user_name.clone(),
    };
    let named: Vec<String> = unknown.iter().take(NAMED).map(name).collect();
    let more = match unknown.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let count = u64::try_from(unknown.len()).unwrap_or(u64::MAX);
    let counted = counted(count, "user has a status that is not known", "users have a status that is not known");
    (count > 0).then(|| format!("{counted}, and count as neither active nor disabled: {}{more}", named.join(", ")))
}

/// A vendor's text for a person, of bounded length.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    let mut short: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}

/// A number with its noun.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
