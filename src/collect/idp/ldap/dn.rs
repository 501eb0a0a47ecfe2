//! Distinguished names (RFC 4514), as far as telling whether two of them mean the same entry.

use std::fmt::Write as _;

/// A distinguished name in one form, whatever the letter case, blanks and escapes it was written with.
///
/// Servers write the names of an entry and of a group's member alike, but not always: one may write `\2C` where the other
/// writes `\,`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Dn {
    /// The entry's own part first.
    parts: Vec<String>,
}

impl Dn {
    /// Understands a name. What is not one is taken as one part, so that it equals itself only.
    pub(super) fn of(text: &str) -> Self {
        let parts = split(text, &[',', ';']);
        Self { parts: parts.iter().map(|part| canonical(part)).filter(|part| !part.is_empty()).collect() }
    }

    /// Whether the entry is `other`, or stands below it.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.parts.ends_with(&other.parts)
    }

    /// Whether the parent is a container of this name, such as `cn=foreignsecurityprincipals`.
    pub(super) fn is_child_of(&self, container: &str) -> bool {
        self.parts.get(1).is_some_and(|parent| parent == container)
    }

    /// The name as the key of a map.
    pub(super) fn into_key(self) -> String {
        self.parts.join("\n")
    }

    /// The DNS name that the domain components spell: `DC=corp,DC=example,DC=com` is `corp.example.com`.
    pub(super) fn domain(&self) -> Option<String> {
        let labels: Vec<&str> = self.parts.iter().filter_map(|part| part.strip_prefix("dc=")).collect();
        (!labels.is_empty()).then(|| labels.join("."))
    }
}

/// Splits at separators that are not escaped.
fn split<'t>(text: &'t str, separators: &[char]) -> Vec<&'t str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if separators.contains(&c) {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at + c.len_utf8();
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// One part: its attributes sorted (there may be several, joined by `+`), in lower case.
fn canonical(part: &str) -> String {
    let mut pairs: Vec<String> = split(part, &['+'])
        .into_iter()
        .map(|pair| match pair.split_once('=') {
            Some((kind, value)) => format!("{}={}", kind.trim().to_lowercase(), escape(&unescape(value))),
            None => escape(&unescape(pair)),
        })
        .collect();
    pairs.sort_unstable();
    pairs.join("+")
}

/// A value without its escapes, in lower case. Unescaped blanks at its ends don't count.
fn unescape(value: &str) -> String {
    let mut bytes: Vec<u8> = Vec::with_capacity(value.len());
    let mut rest = value.trim_start().bytes().peekable();
    // Blanks behind this length are not escaped, and may go.
    let mut kept = 0;
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            if byte != b' ' {
                kept = bytes.len();
            }
            continue;
        }
        let Some(first) = rest.next() else { break };
        let pair = hex(first).zip(rest.peek().copied().and_then(hex));
        match pair {
            Some((high, low)) => {
                rest.next();
                bytes.push(high << 4 | low);
            }
            None => bytes.push(first),
        }
        kept = bytes.len();
    }
    bytes.truncate(kept);
    String::from_utf8_lossy(&bytes).to_lowercase()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Everything that has a meaning in a name, in one form.
fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_control() || ['\\', ',', '+', ';', '='].contains(&c) {
            // Writing to a text does not fail.
            let _ = write!(text, "\\{:02x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_the_same_however_they_are_written() {
        let same = [
            "CN=Smith\\, Ann,OU=Staff,DC=example,DC=com",
            "cn=smith\\2c ann, ou=staff ,dc=Example,dc=COM",
            "CN = Smith\\2C\\20Ann;OU=Staff;DC=example;DC=com",
        ];
        for text in same {
            assert_eq!(Dn::of(text), Dn::of(same[0]), "{text}");
        }
        assert_ne!(Dn::of("CN=Smith,CN=Ann,OU=Staff,DC=example,DC=com"), Dn::of(same[0]));
        assert_eq!(Dn::of("uid=a+cn=B,o=x"), Dn::of("CN=b+UID=A,O=x"));
        assert_eq!(Dn::of("cn=Z\\c3\\bcrich"), Dn::of("CN=Zürich"));
        assert_ne!(Dn::of("cn=a\\ "), Dn::of("cn=a "));
    }

    #[test]
    fn a_value_cannot_pass_for_two() {
        assert_ne!(Dn::of("cn=a\\0acn=b").into_key(), Dn::of("cn=a,cn=b").into_key());
        assert_ne!(Dn::of("cn=a\\2bcn=b"), Dn::of("cn=a+cn=b"));
    }

    #[test]
    fn places_and_domains_are_known() {
        let user = Dn::of("CN=Ann,OU=Staff,DC=corp,DC=example,DC=com");
        assert!(user.is_within(&Dn::of("ou=staff,dc=corp,dc=example,dc=com")));
        assert!(user.is_within(&user) && user.is_within(&Dn::of("")));
        assert!(!user.is_within(&Dn::of("ou=taff,dc=corp,dc=example,dc=com")));
        assert!(!Dn::of("dc=com").is_within(&user));
        assert_eq!(user.domain().as_deref(), Some("corp.example.com"));
        assert_eq!(Dn::of("o=x").domain(), None);
        assert!(Dn::of("CN=S-1-5-11,CN=ForeignSecurityPrincipals,DC=x").is_child_of("cn=foreignsecurityprincipals"));
        assert!(!user.is_child_of("cn=foreignsecurityprincipals"));
    }

    proptest! {
        #[test]
        fn any_text_is_understood_somehow(text in "\\PC*") {
            let name = Dn::of(&text);
            prop_assert!(name.is_within(&Dn::of("")));
        }

        #[test]
        fn escaped_values_mean_what_they_were(value in "[ -~äöü]{1,20}") {
            let byte = |byte: u8| format!("\\{byte:02x}");
            let written: String = value.bytes().map(byte).collect();
            let one = Dn::of(&format!("cn={written},o=x"));
            prop_assert_eq!(&one, &Dn::of(&format!("CN={},O=X", ldap3::dn_escape(value.as_str()))));
            prop_assert_eq!(one.parts.len(), 2);
        }
    }
}
