//! Numbers and times as people read them. Files for programs keep ISO 8601 and plain digits.

use crate::model::Instant;

/// `12345` → `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 grant`, `12,345 grants`.
pub(super) fn number_of(count: usize, one: &str) -> String {
    format!("{} {one}{}", thousands(count as u64), if count == 1 { "" } else { "s" })
}

/// The text, with every instant in it as `30 Sep 2026, 17:00 UTC`.
pub fn times(text: &str) -> String {
    /// `2026-09-30T17:00:00Z`
    const LENGTH: usize = 20;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Only what has the mark of an instant at its place is tried as one.
    while let Some(mark) = rest.find('T') {
        let instant = mark.checked_sub(10).and_then(|from| Some((from, rest.get(from..from + LENGTH)?)));
        let instant = instant.filter(|(_, word)| word.ends_with('Z')).and_then(|(from, word)| {
            let before = rest.get(..from)?;
            // A longer word that holds an instant, such as a file's name, stays as it is.
            let apart = !before.ends_with(|c: char| c.is_ascii_alphanumeric());
            let instant = word.parse::<Instant>().ok().filter(|_| apart)?;
            Some((before, instant, rest.get(from + LENGTH..)?))
        });
        if let Some((before, instant, after)) = instant {
            out.push_str(before);
            out.push_str(&instant.timestamp().strftime("%-d %b %Y, %H:%M UTC").to_string());
            rest = after;
        } else {
            let (before, after) = rest.split_at(mark + 1);
            out.push_str(before);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// At most so many characters, with an ellipsis where some are left out.
pub(super) fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators() {
        let all = [0, 999, 1_000, 12_345, 1_234_567].map(thousands);
        assert_eq!(all, ["0", "999", "1,000", "12,345", "1,234,567"]);
        assert_eq!([number_of(1, "grant"), number_of(2_000, "grant")], ["1 grant", "2,000 grants"]);
    }

    #[test]
    fn instants_are_written_for_people_and_nothing_else_changes() {
        for (text, expected) in [
            ("2026-09-30T17:00:00Z", "30 Sep 2026, 17:00 UTC"),
            ("Terminated at 2026-08-04T07:05:59Z; T.", "Terminated at 4 Aug 2026, 07:05 UTC; T."),
            ("é 2026-09-30T17:00:00Z to 2026-10-01T00:00:00Z", "é 30 Sep 2026, 17:00 UTC to 1 Oct 2026, 00:00 UTC"),
            ("2026-09-30T17:00Z", "2026-09-30T17:00Z"),
            ("2026-13-30T17:00:00Z", "2026-13-30T17:00:00Z"),
            ("export-v2026-09-30T17:00:00Z", "export-v2026-09-30T17:00:00Z"),
            ("TéTTTT", "TéTTTT"),
        ] {
            assert_eq!(times(text), expected);
        }
    }

    #[test]
    fn long_texts_are_clipped_between_characters() {
        assert_eq!([clip("äöü", 2), clip("äöü", 3)], ["äö…", "äöü"]);
    }
}
