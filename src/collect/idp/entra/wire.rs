//! What Graph's answers have in common. Every field may be missing, and every word may be one that is not known yet.

use serde::Deserialize;
use serde_json::Value;

use crate::model::Instant;

/// A page of a collection (Microsoft Graph, "Paging Microsoft Graph data in your app"). It may hold nothing and still not
/// be the last.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) value: Option<Vec<T>>,
    /// Where the next page is; it is followed as it stands.
    #[serde(rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
}

/// A text that says something.
pub(super) fn text(value: Option<String>) -> Option<String> {
    let value = value?;
    let trimmed = value.trim();
    if trimmed.is_empty() {
        None
    } else if trimmed.len() == value.len() {
        Some(value)
    } else {
        Some(trimmed.to_owned())
    }
}

/// An instant as Graph writes it, with up to seven digits of a second.
pub(super) fn instant(text: &str) -> Option<Instant> {
    text.parse().ok()
}

/// A value of an audited property. It is a text that holds JSON, most often a list of one: `"[false]"`, `"[\"False\"]"`,
/// `"\"Sales\""`; an empty list is no value.
pub(super) fn audited(value: Option<&Value>) -> Option<String> {
    let value = match value? {
        Value::String(written) => {
            serde_json::from_str::<Value>(written).unwrap_or_else(|_| Value::String(written.clone()))
        }
        other => other.clone(),
    };
    let single = match value {
        Value::Array(list) => list.into_iter().next()?,
        other => other,
    };
    match single {
        Value::String(inner) => text(Some(inner)),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn audited_values_are_unpacked() {
        let told = |value: Value| audited(Some(&value));
        for value in [json!("[false]"), json!("false"), json!([false]), json!(false)] {
            assert_eq!(told(value).as_deref(), Some("false"));
        }
        for value in [json!("[\"False\"]"), json!("\"False\""), json!("False")] {
            assert_eq!(told(value).as_deref(), Some("False"));
        }
        for value in [json!(null), json!("[]"), json!(""), json!("\"\""), json!("[{}]")] {
            assert_eq!(told(value), None);
        }
        assert_eq!(audited(None), None);
    }

    #[test]
    fn instants_have_seven_digits_of_a_second() {
        assert_eq!(instant("2018-01-09T21:20:02.7215374Z").unwrap().to_string(), "2018-01-09T21:20:02Z");
        assert_eq!(instant("2022-06-27T09:56:28.7147707+00:00").unwrap().date(), "2022-06-27");
        assert_eq!(instant("yesterday"), None);
    }
}
