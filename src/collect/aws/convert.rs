//! From AWS's types to ours. A field that AWS says is always there and that is missing or empty is not known, never a value.

use std::collections::HashMap;
use std::str::FromStr;

use aws_smithy_types::DateTime;

use crate::model::{Instant, Known, Span};

/// A text that is there: the SDK fills missing required members with "".
pub(super) fn text(value: Option<&str>) -> Option<&str> {
    value.filter(|text| !text.is_empty())
}

/// An identifier, when it is there and is one.
pub(super) fn id<T: FromStr>(value: Option<&str>) -> Option<T> {
    text(value).and_then(|text| text.parse().ok())
}

/// A time that AWS keeps but doesn't always tell.
pub(super) fn instant(value: Option<&DateTime>) -> Known<Instant> {
    match value.and_then(|time| Instant::from_epoch_seconds(time.secs())) {
        Some(instant) => Known::Value(instant),
        None => Known::Unknown("AWS did not tell".to_owned()),
    }
}

/// A session length as permission sets have it, `PT8H` (ISO 8601).
pub(super) fn session(value: Option<&str>) -> Known<Span> {
    let Some(text) = text(value) else {
        return Known::Absent;
    };
    let seconds = text.parse::<jiff::SignedDuration>().ok().and_then(|duration| u64::try_from(duration.as_secs()).ok());
    let minutes = seconds.filter(|seconds| seconds % 60 == 0).map(|seconds| seconds / 60);
    match minutes.and_then(|minutes| u32::try_from(minutes).ok()) {
        Some(minutes) if minutes > 0 => Known::Value(Span::minutes(minutes)),
        _ => Known::Unknown(format!("AWS gave `{text}`, which is no length of time in minutes")),
    }
}

/// Keeps one copy of every identifier: a million memberships name the same users again and again.
#[derive(Debug)]
pub(super) struct Interner<T> {
    known: HashMap<Box<str>, T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { known: HashMap::new() }
    }
}

impl<T: Clone + FromStr> Interner<T> {
    /// The identifier, shared with earlier ones of the same text.
    pub(super) fn id(&mut self, value: Option<&str>) -> Option<T> {
        let text = text(value)?;
        if let Some(id) = self.known.get(text) {
            return Some(id.clone());
        }
        let id: T = text.parse().ok()?;
        self.known.insert(text.into(), id.clone());
        Some(id)
    }
}

/// The last part of an ARN, for messages.
pub(super) fn tail(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::UserId;

    #[test]
    fn session_lengths_are_read() {
        assert_eq!(session(Some("PT8H")), Known::Value(Span::hours(8)));
        assert_eq!(session(Some("PT1H30M")), Known::Value(Span::minutes(90)));
        assert_eq!(session(Some("PT5400S")), Known::Value(Span::minutes(90)));
        assert_eq!(session(None), Known::Absent);
        assert!(session(Some("soon")).is_unknown());
    }

    #[test]
    fn an_empty_required_field_is_no_value() {
        assert_eq!(id::<UserId>(Some("")), None);
        assert_eq!(text(Some("")), None);
        assert!(instant(None).is_unknown());
    }

    #[test]
    fn identifiers_are_shared() {
        let mut interner = Interner::<UserId>::default();
        let (one, two) = (interner.id(Some("u-1")).unwrap(), interner.id(Some("u-1")).unwrap());
        assert!(std::ptr::eq(one.as_str(), two.as_str()));
    }
}
