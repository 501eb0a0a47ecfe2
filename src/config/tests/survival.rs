//! No text makes it panic.

use proptest::prelude::*;

use super::*;

/// Parses and renders, which must not panic whatever the text.
fn survive(text: &str) {
    match parse(text) {
        Ok(config) => {
            let _ = render_all(&config.check_at(at("2026-09-30T00:00:00Z")), false);
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a reason");
            let _ = render_all(&errors, true);
        }
    }
}

/// `text` with the characters between two places replaced.
fn mutate(text: &str, from: usize, length: usize, with: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let from = from % characters.len();
    let to = (from + length).min(characters.len());
    let head: String = characters[..from].iter().collect();
    let tail: String = characters[to..].iter().collect();
    format!("{head}{with}{tail}")
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        survive(&text);
    }

    #[test]
    fn no_toml_like_text_makes_it_panic(lines in prop::collection::vec("\\[{0,2}(aws|idp|policy|exception|a)?[.\\]]{0,2}( ?(name|type|b|severity|token) ?= ?[\"'{\\[0-9a-z\u{e9}\n]{0,6})?", 0..12)) {
        survive(&lines.join("\n"));
    }

    #[test]
    fn no_change_to_a_config_makes_it_panic(
        whole in any::<bool>(),
        from in any::<usize>(),
        length in 0usize..40,
        with in "[\\[\\]{}=\"'.,#\n\r\t a-z0-9\u{e9}\u{1f600}\u{202e}\\\\*-]{0,6}",
    ) {
        let text = if whole { switched_on() } else { EVERYTHING.to_owned() };
        survive(&mutate(&text, from, length, &with));
    }
}
