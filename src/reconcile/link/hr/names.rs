//! Names as evidence against a link. Likeness links nobody: it only tells whether two records can be two people.

use crate::reconcile::text::fold;

/// Parts of an account name that say what the account is for, not whose it is.
const PURPOSE: [&str; 12] =
    ["a", "adm", "admin", "administrator", "da", "ext", "priv", "privileged", "sa", "su", "t0", "x"];

/// The words of a name, folded and sorted.
fn words(name: &str) -> Vec<String> {
    let folded = fold(name).unwrap_or_default();
    let mut words: Vec<String> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The form in which two names for people are equal: `Lee, Ann` is `Ann Lee`.
pub(super) fn name_key(name: &str) -> Option<String> {
    let words = words(name);
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether two names, or names and account names, can be one person's: every word of the shorter is a word of the longer.
pub(super) fn are_alike(a: &str, b: &str) -> bool {
    let (a, b) = (whose(a), whose(b));
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    !short.is_empty() && short.iter().all(|word| long.iter().any(|other| is_same_word(word, other, &long)))
}

/// The words before the `@` that say whose the name is.
fn whose(name: &str) -> Vec<String> {
    let local = name.rsplit_once('@').map_or(name, |(local, _)| local);
    let all = words(local);
    let named: Vec<String> = all.iter().filter(|word| !PURPOSE.contains(&word.as_str())).cloned().collect();
    if named.is_empty() { all } else { named }
}

/// Whether two words are equal, one is the other's initial, or one holds the other and says what the account is for
/// (`annadm`) or another word's initial (`alee` of Ann Lee).
fn is_same_word(one: &str, other: &str, among: &[String]) -> bool {
    let is_initial = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    let holds = |long: &str, short: &str| {
        let rest = long.strip_prefix(short).or_else(|| long.strip_suffix(short));
        short.chars().count() >= 3
            && rest.is_some_and(|rest| {
                (rest.len() > 1 && PURPOSE.contains(&rest))
                    || among.iter().any(|word| word != short && word != long && is_initial(rest, word))
            })
    };
    one == other || is_initial(one, other) || is_initial(other, one) || holds(one, other) || holds(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_for_administration_is_alike_and_another_person_is_not() {
        for (a, b) in [
            ("ann@example.org", "ann-adm@example.org"),
            ("Ann Lee", "adm.ann.lee@example.org"),
            ("Lee, Ann", "ann lee"),
            ("Ann Lee", "alee"),
            ("Ann Lee", "a.lee@example.org"),
            ("ann", "annadm"),
        ] {
            assert!(are_alike(a, b) && are_alike(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("ann@example.org", "bob@example.org"),
            ("Ann Smith", "Bob Smith"),
            ("Ann", "Anna"),
            ("person1", "person10"),
            ("Ann Smith", "bsmith"),
            ("", "Ann"),
        ] {
            assert!(!are_alike(a, b) && !are_alike(b, a), "{a} {b}");
        }
        assert_eq!(name_key("Lee, Ann"), name_key(" ann  LEE"));
    }
}
