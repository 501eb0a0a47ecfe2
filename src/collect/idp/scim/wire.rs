//! What a SCIM service provider sends (RFC 7643), as far as it is used. Providers deviate, so that everything may be missing.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// One page of a list (RFC 7644, 3.4.2; RFC 9865 for cursors).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<T> {
    pub(super) total_results: Option<u64>,
    pub(super) next_cursor: Option<String>,
    /// Missing where there is nothing.
    #[serde(rename = "Resources", alias = "resources")]
    pub(super) resources: Option<Vec<Item<T>>>,
}

/// A resource, or something that is none: one bad entry must not lose its page.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Item<T> {
    Good(T),
    Bad(IgnoredAny),
}

/// What the provider can do (RFC 7643, 5; RFC 9865, 4).
#[derive(Debug, Default, Deserialize)]
pub(super) struct Provider {
    pub(super) pagination: Option<Pagination>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Pagination {
    #[serde(default)]
    pub(super) cursor: bool,
}

/// A user (RFC 7643, 4.1).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    pub(super) external_id: Option<String>,
    pub(super) user_name: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) name: Option<Name>,
    pub(super) title: Option<String>,
    pub(super) user_type: Option<String>,
    pub(super) active: Option<Flag>,
    pub(super) emails: Option<Vec<Email>>,
    pub(super) meta: Option<Meta>,
    #[serde(rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")]
    pub(super) enterprise: Option<Enterprise>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Name {
    pub(super) formatted: Option<String>,
}

/// A truth value; some write it as a text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Flag {
    Plain(bool),
    Text(String),
}

impl Flag {
    /// None if the text is neither.
    pub(super) fn value(&self) -> Option<bool> {
        match self {
            Self::Plain(value) => Some(*value),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Self::Text(_) => None,
        }
    }

    /// As it was written.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Plain(true) => "true",
            Self::Plain(false) => "false",
            Self::Text(text) => text,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Email {
    pub(super) value: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) primary: Option<Flag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) last_modified: Option<String>,
}

/// The enterprise extension (RFC 7643, 4.3).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Enterprise {
    pub(super) employee_number: Option<String>,
    pub(super) department: Option<String>,
    pub(super) manager: Option<Manager>,
}

/// A manager; some write the id alone.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Manager {
    Id(String),
    #[serde(rename_all = "camelCase")]
    Full {
        value: Option<String>,
        display_name: Option<String>,
    },
}

/// A group (RFC 7643, 4.2).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) display_name: Option<String>,
    pub(super) members: Option<Vec<Member>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Member {
    pub(super) value: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}
