//! Wildcard patterns as config writes them.

use std::fmt;

use wildmatch::WildMatch;

/// A wildcard pattern (`*` and `?`) that remembers how it was written. Matches without regard to case.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    matcher: WildMatch,
}

impl Pattern {
    /// Makes a pattern of `text`.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), matcher: WildMatch::new(&text.to_lowercase()) }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        self.matcher.matches(&text.to_lowercase())
    }

    /// Whether everything matches.
    pub fn is_any(&self) -> bool {
        self.text == "*"
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
