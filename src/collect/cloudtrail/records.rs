//! Records out of a stream, one at a time, whatever holds them: an object with `Records`, or one record a line.

use std::fmt;
use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Hands every record of a stream to `sink`.
///
/// # Errors
/// When the stream ends early or is not JSON. What was handed on before stands.
pub(super) fn each(mut reader: impl BufRead, mut sink: impl FnMut(Value)) -> Result<(), serde_json::Error> {
    let start = reader.fill_buf().map_err(serde_json::Error::io)?;
    let mut text = start.trim_ascii_start();
    text = text.strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
    if text.starts_with(b"\"Records\"") {
        let mut json = serde_json::Deserializer::from_reader(reader);
        Document(&mut sink).deserialize(&mut json)?;
        return json.end();
    }
    for value in serde_json::Deserializer::from_reader(reader).into_iter::<Value>() {
        sink(value?);
    }
    Ok(())
}

/// An object whose `Records` are handed on as they come, so that a file is never held whole.
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
                map.next_value_seed(Records(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Records<'s, F>(&'s mut F);

impl<'de, F: FnMut(Value)> DeserializeSeed<'de> for Records<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Value)> Visitor<'de> for Records<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(record) = list.next_element::<Value>()? {
            (self.0)(record);
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
        let whole = each(text.as_bytes(), |value| found.extend(value["n"].as_i64())).is_ok();
        (found, whole)
    }

    #[test]
    fn documents_and_lines_give_the_same_records() {
        assert_eq!(read(r#" { "Records" : [{"n":1},{"n":2}], "more": {} } "#), (vec![1, 2], true));
        assert_eq!(read("{\"n\":1}\n{\"n\":2}\r\n"), (vec![1, 2], true));
        assert_eq!(read(""), (vec![], true));
    }

    #[test]
    fn what_came_before_the_end_stands() {
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
