//! What Microsoft's directories write into attributes, however these are read: over Graph, over LDAP or from an export.

/// The addresses of mail in `proxyAddresses`, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ProxyAddresses {
    /// The one marked `SMTP:`.
    pub(super) primary: Option<String>,
    /// All of them, sorted.
    pub(super) all: Vec<String>,
    /// Whether an entry is neither an address nor of another kind than mail.
    pub(super) unreadable: bool,
}

/// Reads entries such as `smtp:ann@example.com`. `SMTP:` marks the primary address and `smtp:` the others; entries of other
/// kinds (`SIP:`, `X500:`) are no mail (Microsoft Exchange, "Recipient proxy addresses").
pub(super) fn proxy_addresses(entries: impl IntoIterator<Item = impl AsRef<str>>) -> ProxyAddresses {
    let mut read = ProxyAddresses::default();
    for entry in entries {
        let entry = entry.as_ref();
        let (kind, address) = match kind_of(entry) {
            Some((kind, address)) if kind.eq_ignore_ascii_case("smtp") => (kind, address.trim()),
            Some(_) => continue,
            None => ("", entry.trim()),
        };
        if !is_address(address) {
            read.unreadable |= !address.is_empty();
            continue;
        }
        if kind == "SMTP" {
            read.primary.get_or_insert_with(|| address.to_owned());
        }
        read.all.push(address.to_owned());
    }
    read.all.sort_unstable();
    read.all.dedup();
    read
}

/// The entries of a list that an export has joined into one cell: by semicolons, commas, bars, spaces, line breaks, or by the
/// plus sign of the Microsoft 365 admin center. An entry such as `X500:/o=Some Name` may hold spaces itself.
pub(super) fn joined_entries(cell: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    let is_enclosing = |c: char| ['{', '}', '[', ']', '"', '\'', '<', '>'].contains(&c);
    for part in cell.split([';', ',', '|', ' ', '\t', '\r', '\n']) {
        for part in split_at_plus(part) {
            let part = part.trim_matches(is_enclosing);
            let of_another_kind =
                |entry: &String| kind_of(entry).is_some_and(|(kind, _)| !kind.eq_ignore_ascii_case("smtp"));
            match entries.last_mut() {
                _ if part.is_empty() => {}
                Some(last) if kind_of(part).is_none() && !is_address(part) && of_another_kind(last) => {
                    last.push(' ');
                    last.push_str(part);
                }
                _ => entries.push(part.to_owned()),
            }
        }
    }
    entries
}

/// A plus sign may be part of an address, unless the next entry's kind follows.
fn split_at_plus(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(at) = rest.get(from..).and_then(|tail| tail.find('+')).map(|at| from + at) {
        let (before, after) = rest.split_at(at);
        let after = after.strip_prefix('+').unwrap_or(after);
        if kind_of(after).is_some_and(|(kind, _)| !kind.contains('@') && !kind.contains('+')) {
            parts.push(before);
            (rest, from) = (after, 0);
        } else {
            from = at + 1;
        }
    }
    parts.push(rest);
    parts
}

/// The kind before the colon, and what follows.
fn kind_of(entry: &str) -> Option<(&str, &str)> {
    let (kind, rest) = entry.split_once(':')?;
    let kind = kind.trim();
    (!kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric())).then_some((kind, rest))
}

/// Whether a text can be an address of mail. Shortened lists end in dots.
fn is_address(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !['@', ':', ',', ';', '…'].contains(&c);
    !name.is_empty()
        && !domain.is_empty()
        && !text.contains("..")
        && !text.ends_with('.')
        && name.chars().chain(domain.chars()).all(plain)
}

/// The user name before a deletion: Entra puts the object id of a deleted user, without dashes, before the name, so that the
/// name is free again.
pub(super) fn name_before_deletion(id: &str, name: &str) -> Option<String> {
    let prefix = id.replace('-', "");
    let rest = name.get(prefix.len()..).filter(|rest| !rest.is_empty() && !rest.starts_with('@'))?;
    let is_own = prefix.len() == 32 && name.get(..prefix.len())?.eq_ignore_ascii_case(&prefix);
    is_own.then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(cell: &str) -> (Vec<String>, bool) {
        let entries = joined_entries(cell);
        let read = proxy_addresses(entries);
        (read.all, read.unreadable)
    }

    #[test]
    fn lists_are_read_however_they_are_joined() {
        let both = (vec!["a@x".to_owned(), "b@x".to_owned()], false);
        for cell in [
            "SMTP:a@x;smtp:b@x",
            "smtp:b@x SMTP:a@x",
            "SMTP:a@x, smtp:b@x",
            "SMTP:a@x|smtp:b@x",
            "SMTP:a@x\nsmtp:b@x",
            "SMTP:a@x+smtp:b@x",
            "{SMTP:a@x, smtp:b@x}",
            "[\"SMTP:a@x\",\"smtp:b@x\"]",
            "a@x; b@x;;",
            "SIP:a@x;smtp:b@x;X500:/o=Some Org/ou=Group (ABC)/cn=a;SMTP:a@x",
            "X500:/o=Some Org/ou=Group (ABC)/cn=a smtp:b@x SMTP:a@x",
            "smtp:b@x;smtp:B@x;SMTP:a@x",
        ] {
            let (mut read, unreadable) = all(cell);
            read.retain(|address| address != "B@x");
            assert_eq!((read, unreadable), both, "{cell}");
        }
        assert_eq!(all("smtp:ann+aws@x"), (vec!["ann+aws@x".to_owned()], false));
    }

    #[test]
    fn what_is_no_address_is_unreadable() {
        for cell in ["System.String[]", "smtp:b", "{SMTP:a...}", "ann", "a@b@c"] {
            assert_eq!(all(cell), (Vec::new(), true), "{cell}");
        }
        assert_eq!(all("SMTP:a@x smtp:b@exa..."), (vec!["a@x".to_owned()], true));
        assert_eq!(all(" ; "), (Vec::new(), false));
    }

    #[test]
    fn the_primary_address_is_the_marked_one() {
        let read = proxy_addresses(["smtp:a@x", "SMTP:b@x", "SIP:c@x", "smtp: "]);
        assert_eq!((read.primary.as_deref(), read.all.len(), read.unreadable), (Some("b@x"), 2, false));
    }

    #[test]
    fn a_deleted_name_is_free_again() {
        let id = "1a2b3c4d-1111-4222-8333-444455556666";
        let name = "1A2B3C4D111142228333444455556666bob@x";
        assert_eq!(name_before_deletion(id, name).as_deref(), Some("bob@x"));
        assert_eq!(name_before_deletion(id, "bob@x"), None);
        assert_eq!(name_before_deletion("i1", "i1bob@x"), None);
    }

    proptest! {
        #[test]
        fn every_address_of_a_joined_list_is_read(
            addresses in prop::collection::btree_set("[a-z]{1,6}(\\+[a-z]{1,4})?@[a-z]{1,6}\\.example", 0..6),
            kind in prop::sample::select(vec!["smtp:", "SMTP:"]),
            separator in prop::sample::select(vec![";", ",", ", ", " ", "|", "\n", "+"]),
        ) {
            let entries: Vec<String> = addresses.iter().map(|address| format!("{kind}{address}")).collect();
            let expected: Vec<String> = addresses.into_iter().collect();
            prop_assert_eq!(all(&entries.join(separator)), (expected, false));
        }

        #[test]
        fn no_cell_makes_it_panic(cell in any::<String>()) {
            let _ = all(&cell);
        }
    }
}
