//! Text into TOML, whatever the text.

/// A basic string. What could break the line, hide or turn text around is escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if is_hidden(c) => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A list of basic strings.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| self::quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// Text for a comment: one line, as it looks.
pub(super) fn comment(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// Controls, line separators, and marks that make a line look like another. All of them are in the basic plane.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reads_as(written: &str) -> toml::Value {
        let table: toml::Table = toml::from_str(&format!("key = {written}\nnext = 1\n")).unwrap();
        assert_eq!(table.len(), 2);
        table["key"].clone()
    }

    #[test]
    fn hostile_names_stay_names() {
        for name in ["a\"b", "'''", "\"\"\"", "a\nb = 1", "\\", "\\u0041", "x\"\n[aws]\nprofile = \"evil", "\u{202e}a"]
        {
            assert_eq!(reads_as(&quoted(name)).as_str(), Some(name));
            assert!(!quoted(name).contains('\n'));
        }
    }

    proptest! {
        #[test]
        fn any_text_reads_as_it_was(text in any::<String>()) {
            let read = reads_as(&quoted(&text));
            prop_assert_eq!(read.as_str(), Some(text.as_str()));
        }

        #[test]
        fn any_list_reads_as_it_was(texts in prop::collection::vec(any::<String>(), 0..5)) {
            let read = reads_as(&list(&texts));
            let read: Vec<&str> = read.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
            prop_assert_eq!(read, texts);
        }

        #[test]
        fn any_comment_is_one_line_that_says_nothing(text in any::<String>()) {
            let table: toml::Table = toml::from_str(&format!("# {}\nnext = 1\n", comment(&text))).unwrap();
            prop_assert_eq!(table.len(), 1);
        }
    }
}
