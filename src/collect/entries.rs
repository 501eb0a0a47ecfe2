//! Log entries out of a stream of JSON, one at a time: JSON lines, lists, documents that hold a list, and several documents in
//! a row. One reader for CloudTrail and for the logs of identity providers, since the same tools export both.

mod envelope;

use std::fmt;
use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

pub(super) use envelope::unwrapped;

/// The lists that documents hold: CloudTrail's `Records`; `Events` of `aws cloudtrail lookup-events`; `logEvents` of CloudWatch
/// Logs; `value` of a Graph page; `records` of Entra's diagnostic settings.
const LISTS: [&str; 5] = ["Records", "Events", "logEvents", "value", "records"];

/// Hands every entry of a stream to `sink`, as it stands there.
///
/// A document that begins with `Records`, and a list, are read entry by entry, so that a file is never held whole.
///
/// # Errors
/// When the stream ends early or is not JSON. Entries that were handed on before remain valid.
pub(super) fn each(mut reader: impl BufRead, mut sink: impl FnMut(Value)) -> Result<(), serde_json::Error> {
    let start = reader.fill_buf().map_err(serde_json::Error::io)?;
    if start.starts_with(&[0xef, 0xbb, 0xbf]) {
        reader.consume(3);
    }
    let start = reader.fill_buf().map_err(serde_json::Error::io)?.trim_ascii_start();
    let fields = start.strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
    if fields.starts_with(b"\"Records\"") {
        Document(&mut sink).deserialize(&mut serde_json::Deserializer::from_reader(&mut reader))?;
    } else if start.starts_with(b"[") {
        List(&mut sink).deserialize(&mut serde_json::Deserializer::from_reader(&mut reader))?;
    }
    // What follows: the next lines, or the next document where files were joined.
    for value in serde_json::Deserializer::from_reader(reader).into_iter::<Value>() {
        held(value?, &mut sink);
    }
    Ok(())
}

/// Hands on the entries of a document, or the document where it is an entry itself.
fn held(document: Value, sink: &mut impl FnMut(Value)) {
    let mut fields = match document {
        Value::Object(fields) => fields,
        Value::Array(items) => return items.into_iter().for_each(sink),
        other => return sink(other),
    };
    let list = LISTS.iter().find_map(|name| match fields.get_mut(*name) {
        Some(Value::Array(items)) => Some(std::mem::take(items)),
        _ => None,
    });
    match list {
        Some(items) => items.into_iter().for_each(sink),
        None => sink(Value::Object(fields)),
    }
}

/// An object whose `Records` are handed on as they come.
struct Document<'s, F>(&'s mut F);

impl<'de, F: FnMut(Value)> DeserializeSeed<'de> for Document<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Value)> Visitor<'de> for Document<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `Records`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "Records" {
                map.next_value_seed(List(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// A list whose items are handed on as they come.
struct List<'s, F>(&'s mut F);

impl<'de, F: FnMut(Value)> DeserializeSeed<'de> for List<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Value)> Visitor<'de> for List<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element::<Value>()? {
            (self.0)(entry);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (Vec<i64>, bool) {
        let mut found = Vec::new();
        let complete = each(text.as_bytes(), |value| found.extend(unwrapped(value)["n"].as_i64())).is_ok();
        (found, complete)
    }

    #[test]
    fn documents_lists_and_lines_give_the_same_entries() {
        for text in [
            r#" { "Records" : [{"n":1},{"n":2}], "more": {} } "#,
            "{\"n\":1}\n{\"n\":2}\r\n",
            "\u{feff}{\"Records\":[{\"n\":1},{\"n\":2}]}",
            r#"[{"n":1},{"n":2}]"#,
            r#"{"more":1,"Records":[{"n":1},{"n":2}]}"#,
            r#"{"Records":[{"n":1}]}{"Records":[{"n":2}]}"#,
            "[{\"n\":1}]\n[{\"n\":2}]",
            r#"{"Events":[{"CloudTrailEvent":"{\"n\":1}"},{"CloudTrailEvent":"{\"n\":2}"}]}"#,
            r#"{"logEvents":[{"message":"{\"n\":1}"},{"message":"{\"n\":2}"}]}"#,
            "{\"detail\":{\"n\":1}}\n{\"result\":{\"_raw\":\"{\\\"n\\\":2}\"}}",
            "{\"event\":{\"original\":\"{\\\"n\\\":1}\"}}\n{\"n\":2}",
        ] {
            assert_eq!(read(text), (vec![1, 2], true), "{text}");
        }
        assert_eq!(read(""), (vec![], true));
    }

    #[test]
    fn entries_before_a_defect_remain() {
        assert_eq!(read(r#"{"Records":[{"n":1},{"n":2"#), (vec![1], false));
        assert_eq!(read("{\"n\":1}\n{\"n\":"), (vec![1], false));
        assert_eq!(read(r#"{"Records":{"n":1}}"#), (vec![], false));
        assert_eq!(read(r#"{"Records":[{"n":1}]} x"#), (vec![1], false));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = each(bytes.as_slice(), |_| {});
        }
    }
}
