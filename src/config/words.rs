//! How messages quote what the user wrote and what could have been meant.

/// Below this likeness a suggestion confuses more than it helps.
const ALIKE: f64 = 0.8;

/// The user's words in backticks; control characters are escaped so that a file can't move the terminal's cursor.
pub(super) fn quoted(text: &str) -> String {
    let mut safe = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == 80 {
            safe.push('…');
            break;
        }
        if character.is_control() {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    format!("`{safe}`")
}

/// The known word most like `word`, if any is like enough.
pub(super) fn closest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let fold = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let word = fold(word);
    let scored = known.iter().map(|k| (strsim::jaro_winkler(&word, &fold(k)), *k));
    scored.filter(|(score, _)| *score >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, k)| k)
}

/// A suggestion for `word`, or else all there is.
pub(super) fn nearest(word: &str, known: &[&str]) -> String {
    match closest(word, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => "remove it".to_owned(),
        None => format!("known here: {}", listed(known)),
    }
}

/// Words in backticks, with commas.
pub(super) fn listed(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_was_meant() {
        assert_eq!(closest("leaver_slaa", &["leaver_sla", "mover_sla"]), Some("leaver_sla"));
        assert_eq!(closest("Leaver-SLA", &["leaver_sla", "mover_sla"]), Some("leaver_sla"));
        assert_eq!(closest("zzz", &["leaver_sla", "mover_sla"]), None);
        assert_eq!(nearest("zzz", &["a", "b"]), "known here: `a`, `b`");
    }

    #[test]
    fn quotes_cannot_move_the_cursor() {
        assert_eq!(quoted("a\u{1b}[2Jb"), "`a\\u{1b}[2Jb`");
        assert!(quoted(&"x".repeat(500)).chars().count() < 90);
    }
}
