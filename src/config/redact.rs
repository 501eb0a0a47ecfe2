//! Blanks secrets in the lines that messages show.
//!
//! A secret in the config is refused, and the refusal must not print it: messages end up in CI logs. The text is searched
//! rather than the parsed tree, because a file with a syntax error has no reliable tree.

/// Keys whose value is a secret.
pub(super) const SECRET_KEYS: [&str; 5] = ["client_secret", "token", "password", "private_key", "federated_token"];

/// Where the body of a PEM or OpenSSH private key begins, whatever key it was pasted under.
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// The text with every value of a secret key, and every private key, replaced by asterisks, byte for byte, so that
/// places stay the same.
pub(super) fn redact(text: &str) -> String {
    let mut blank: Vec<std::ops::Range<usize>> = Vec::new();
    for key in SECRET_KEYS {
        for (start, _) in text.match_indices(key) {
            let value = start + key.len();
            blank.extend(secret_after(text, value));
        }
    }
    for (start, begin) in text.match_indices(PRIVATE_KEY) {
        let body = start + begin.len();
        let end = text.get(body..).and_then(|rest| rest.find("-----END"));
        blank.push(body..end.map_or(text.len(), |end| body + end));
    }
    let mut redacted = String::with_capacity(text.len());
    for (offset, character) in text.char_indices() {
        let secret = blank.iter().any(|range| range.contains(&offset));
        if secret && character != '\n' && character != '\r' {
            redacted.extend(std::iter::repeat_n('*', character.len_utf8()));
        } else {
            redacted.push(character);
        }
    }
    redacted
}

/// What follows a key and an equals sign, within its quotes; to the end of the line if they are not closed. A table in
/// braces only says where the secret is.
fn secret_after(text: &str, offset: usize) -> Option<std::ops::Range<usize>> {
    let rest = text.get(offset..)?;
    // The key itself may be quoted.
    let rest = rest.trim_start_matches(['"', '\'', ' ', '\t']).strip_prefix('=')?;
    let rest = rest.trim_start_matches([' ', '\t']);
    let (inside, end) = ["\"\"\"", "'''"]
        .iter()
        .find_map(|quote| rest.strip_prefix(quote).map(|inside| (inside, *quote)))
        .map(|(inside, quote)| (inside, inside.find(quote).unwrap_or(inside.len())))
        .or_else(|| {
            if rest.starts_with('{') {
                return None;
            }
            let inside = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
            let line = inside.split('\n').next()?;
            let quote = rest.chars().next()?;
            // Without quotes, or with an escaped one inside, the whole line is blanked rather than half of the secret.
            let closed = inside.len() < rest.len() && !line.contains('\\');
            let end = if closed { line.find(quote) } else { None };
            Some((inside, end.unwrap_or(line.len())))
        })?;
    let start = text.len() - inside.len();
    Some(start..start + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secret_keys_are_blanked_in_place() {
        let cases = [
            ("token = \"abc\" # x", "token = \"***\" # x"),
            ("\"password\"='ab'", "\"password\"='**'"),
            ("a = { token = \"abc\", b = \"c\" }", "a = { token = \"***\", b = \"c\" }"),
            ("token = \"abc\nb = 1", "token = \"***\nb = 1"),
            ("token = \"a\\\"b\" }\nb = 1", "token = \"*******\nb = 1"),
            ("private_key = \"\"\"\nab\ncd\n\"\"\"\nx", "private_key = \"\"\"\n**\n**\n\"\"\"\nx"),
            ("private_key = '''\nab", "private_key = '''\n**"),
            ("token = { env = \"T\" }", "token = { env = \"T\" }"),
            ("token_warning = \"90d\"", "token_warning = \"90d\""),
            ("token = \"é\"", "token = \"**\""),
            (
                "key = \"-----BEGIN X PRIVATE KEY-----\\nab-----END X\"",
                "key = \"-----BEGIN X PRIVATE KEY-----****-----END X\"",
            ),
            ("token = abc\nb = 1", "token = ***\nb = 1"),
        ];
        for (text, redacted) in cases {
            assert_eq!(redact(text), redacted);
            assert_eq!(redact(text).len(), text.len());
        }
    }
}
