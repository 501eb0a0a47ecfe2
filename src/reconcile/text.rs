//! How identities are compared: after NFKC and Unicode case folding, and with a guest's address restored.

use unicode_normalization::UnicodeNormalization;

/// The form in which two user names or addresses are equal. Empty text has none.
pub fn fold(text: &str) -> Option<String> {
    let text = text.trim();
    // ASCII is its own NFKC form and folds to lower case: the ordinary case, and many times faster.
    if text.is_ascii() {
        return (!text.is_empty()).then(|| text.to_ascii_lowercase());
    }
    let folded: String = caseless::default_case_fold_str(&text.nfkc().collect::<String>()).nfkc().collect();
    // A no-break space becomes a space in NFKC, so what was no margin before may be one now.
    let folded = folded.trim().to_owned();
    (!folded.is_empty()).then_some(folded)
}

/// The address inside an Entra guest's user name: `ada_example.org#EXT#@tenant.onmicrosoft.com` → `ada@example.org`.
///
/// Entra replaces the `@` of a guest's address by the last `_` before `#EXT#` (Entra External ID, "User principal name of guests").
pub fn guest_address(user_name: &str) -> Option<String> {
    let folded = fold(user_name)?;
    let (local, _) = folded.split_once("#ext#")?;
    let (name, domain) = local.rsplit_once('_')?;
    (!name.is_empty() && domain.contains('.')).then(|| format!("{name}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_width_do_not_matter() {
        assert_eq!(fold(" ADA@Example.ORG "), fold("ada@example.org"));
        assert_eq!(fold("ａｄａ"), fold("ada"));
        assert_eq!(fold("STRASSE"), fold("straße"));
        assert_eq!(fold("e\u{301}va"), fold("Éva"));
        assert_eq!(fold("  "), None);
        let cedilla = fold("¸").unwrap();
        assert_eq!(fold(&cedilla), Some(cedilla), "its NFKC form begins with a space");
        assert_eq!(fold("\u{37a}"), fold("\u{3b9}"));
    }

    #[test]
    fn a_guest_is_known_by_the_address_invited() {
        assert_eq!(
            guest_address("Ada.King_Example.org#EXT#@corp.onmicrosoft.com").as_deref(),
            Some("ada.king@example.org")
        );
        assert_eq!(guest_address("a_b_example.org#EXT#@c.onmicrosoft.com").as_deref(), Some("a_b@example.org"));
        assert_eq!(guest_address("ada@example.org"), None);
        assert_eq!(guest_address("noaddress#EXT#@c"), None);
    }

    proptest::proptest! {
        #[test]
        fn the_short_way_for_ascii_is_the_long_way(text in "[ -~]{1,40}") {
            let long: String = caseless::default_case_fold_str(&text.trim().nfkc().collect::<String>()).nfkc().collect();
            proptest::prop_assert_eq!(fold(&text).unwrap_or_default(), long);
        }

        #[test]
        fn folding_is_idempotent(text in "\\PC{0,40}") {
            if let Some(once) = fold(&text) {
                proptest::prop_assert_eq!(fold(&once), Some(once));
            }
        }
    }
}
