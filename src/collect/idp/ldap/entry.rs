//! One entry of an answer, read without trusting its form.

use std::collections::BTreeMap;

use ldap3::ResultEntry;
use ldap3::asn1::{PL, StructureTag};

/// An entry: its name, and the values of the attributes that were asked for.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The distinguished name.
    pub(super) dn: String,
    /// By attribute in lower case, options included (`member;range=0-1499`).
    values: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    /// Reads a `SearchResultEntry` (RFC 4511, 4.5.2). None if it is something else.
    pub(super) fn read(entry: ResultEntry) -> Option<Self> {
        let [name, attributes] = constructed(entry.0)?.try_into().ok()?;
        let mut values: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for attribute in constructed(attributes)? {
            let [kind, set] = constructed(attribute)?.try_into().ok()?;
            let kind = String::from_utf8(primitive(kind)?).ok()?.to_lowercase();
            let set: Vec<Vec<u8>> = constructed(set)?.into_iter().map(primitive).collect::<Option<_>>()?;
            values.entry(kind).or_default().extend(set);
        }
        Some(Self { dn: String::from_utf8_lossy(&primitive(name)?).into_owned(), values })
    }

    /// The first value of an attribute, as it is.
    pub(super) fn bytes(&self, attribute: &str) -> Option<&[u8]> {
        self.values.get(attribute)?.first().map(Vec::as_slice)
    }

    /// All values that are text, without blanks around them; empty ones don't count. A line break within one is a blank.
    pub(super) fn texts(&self, attribute: &str) -> impl Iterator<Item = String> {
        let values = self.values.get(attribute).map(Vec::as_slice).unwrap_or_default();
        values.iter().filter_map(|value| {
            let text = str::from_utf8(value).ok()?.trim().replace(char::is_control, " ");
            (!text.is_empty()).then_some(text)
        })
    }

    /// The first value that is text.
    pub(super) fn text(&self, attribute: &str) -> Option<String> {
        self.texts(attribute).next()
    }

    /// The first text of the first attribute that has one.
    pub(super) fn first_of(&self, attributes: &[&str]) -> Option<String> {
        attributes.iter().find_map(|attribute| self.text(attribute))
    }

    /// The first value as a number. None if there is none or it is something else.
    pub(super) fn number(&self, attribute: &str) -> Option<i64> {
        self.text(attribute)?.parse().ok()
    }

    /// Whether an attribute is there at all.
    pub(super) fn has(&self, attribute: &str) -> bool {
        self.values.contains_key(attribute)
    }

    /// The attributes that are there, by their names in lower case, options included.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

fn constructed(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(parts) => Some(parts),
        PL::P(_) => None,
    }
}

fn primitive(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An entry with these texts.
    pub(in crate::collect::idp::ldap) fn entry(dn: &str, attributes: &[(&str, &[u8])]) -> Entry {
        let mut entry = Entry { dn: dn.to_owned(), ..Entry::default() };
        for (name, value) in attributes {
            entry.values.entry(name.to_lowercase()).or_default().push(value.to_vec());
        }
        entry
    }

    fn tag(payload: PL) -> StructureTag {
        StructureTag { class: ldap3::asn1::TagClass::Universal, id: 4, payload }
    }

    #[test]
    fn values_are_read_as_what_is_asked() {
        let entry = entry(
            "uid=a",
            &[("Mail", b" a@example.com "), ("mail", b""), ("title", b"Head\nof it"), ("n", b"-1"), ("b", &[0xff, 0])],
        );
        assert_eq!(entry.texts("mail").collect::<Vec<_>>(), ["a@example.com"]);
        assert_eq!(entry.text("title").unwrap(), "Head of it");
        assert_eq!(entry.number("n"), Some(-1));
        assert_eq!(entry.number("title"), None);
        assert_eq!(entry.text("b"), None);
        assert_eq!(entry.bytes("b"), Some(&[0xff, 0][..]));
        assert_eq!(entry.first_of(&["b", "sn", "mail"]).unwrap(), "a@example.com");
        assert!(entry.has("b") && !entry.has("sn"));
    }

    #[test]
    fn what_is_not_an_entry_is_refused() {
        let text = |text: &str| tag(PL::P(text.as_bytes().to_vec()));
        let attribute = |parts| tag(PL::C(vec![tag(PL::C(parts))]));
        let good = vec![text("cn=a"), attribute(vec![text("CN"), tag(PL::C(vec![text("a")]))])];
        let read = |payload| Entry::read(ResultEntry::new(tag(payload)));
        assert_eq!(read(PL::C(good.clone())).unwrap().text("cn").unwrap(), "a");
        for wrong in [
            PL::P(Vec::new()),
            PL::C(Vec::new()),
            PL::C(good[..1].to_vec()),
            PL::C(vec![good[1].clone(), good[0].clone()]),
            PL::C(vec![text("cn=a"), attribute(vec![text("cn")])]),
            PL::C(vec![text("cn=a"), attribute(vec![text("cn"), text("a")])]),
            PL::C(vec![text("cn=a"), attribute(vec![tag(PL::P(vec![0xff])), tag(PL::C(Vec::new()))])]),
        ] {
            assert!(read(wrong.clone()).is_none(), "{wrong:?}");
        }
    }
}
