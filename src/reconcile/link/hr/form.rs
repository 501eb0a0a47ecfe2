//! Employee ids as they are compared: which values are ids at all, and in which form two sources write the same one.

use std::collections::{HashMap, HashSet};

use crate::reconcile::text::fold;

/// Words that stand where an id is missing.
const PLACEHOLDERS: [&str; 22] = [
    "n/a",
    "na",
    "none",
    "null",
    "nil",
    "nan",
    "tbd",
    "tba",
    "tbc",
    "pending",
    "unknown",
    "undefined",
    "unassigned",
    "not applicable",
    "not available",
    "not assigned",
    "missing",
    "empty",
    "blank",
    "x",
    "xx",
    "xxx",
];

/// An employee id in the form in which two are compared; none for a value that identifies nobody.
pub(in crate::reconcile) fn id_key(text: &str) -> Option<String> {
    let key = fold(text)?;
    // `0`, `000`, `-` and `?` hold neither a letter nor a digit that counts.
    let says_something = key.chars().any(|c| c.is_alphanumeric() && c != '0');
    let bare = key.trim_matches(|c: char| !c.is_alphanumeric());
    let is_placeholder = PLACEHOLDERS.iter().any(|word| *word == key || *word == bare);
    (says_something && !is_placeholder).then_some(key)
}

/// How an identity provider writes the roster's employee ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdForm {
    /// As the roster does.
    Exact,
    /// One of the two writes leading zeros that the other does not.
    WithoutLeadingZeros,
}

impl IdForm {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::WithoutLeadingZeros => "without_leading_zeros",
        }
    }

    /// Whether two ids are one in this form.
    pub fn is_same(self, one: &str, other: &str) -> bool {
        id_key(one).zip(id_key(other)).is_some_and(|(one, other)| self.of(&one) == self.of(&other))
    }

    /// A key in this form.
    pub(super) fn of(self, key: &str) -> &str {
        match self {
            Self::Exact => key,
            Self::WithoutLeadingZeros => unpadded(key),
        }
    }
}

pub(super) fn unpadded(key: &str) -> &str {
    key.trim_start_matches('0')
}

/// What the vote of one provider's users came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HrVote {
    /// The form that explains the most ids.
    pub form: IdForm,
    /// Users whose id is in the roster, in that form.
    pub matched: usize,
    /// Users with an id.
    pub total: usize,
}

impl HrVote {
    /// Lets one provider's employee ids decide. Equality wins unless most of the ids that it does not explain are in the
    /// roster but for leading zeros, each of one id on both sides: one coincidence among many makes no form.
    pub(super) fn of(ids: &[String], roster: &HashSet<&str>) -> Self {
        let once = |keys: &mut dyn Iterator<Item = &str>| {
            let mut forms: HashMap<String, Option<String>> = HashMap::new();
            for key in keys {
                let owner = forms.entry(unpadded(key).to_owned()).or_insert_with(|| Some(key.to_owned()));
                if owner.as_deref() != Some(key) {
                    *owner = None;
                }
            }
            forms
        };
        let theirs = once(&mut roster.iter().copied());
        let ours = once(&mut ids.iter().map(String::as_str));
        let exact = ids.iter().filter(|id| roster.contains(id.as_str())).count();
        let is_once =
            |forms: &HashMap<String, Option<String>>, id: &str| forms.get(unpadded(id)).is_some_and(Option::is_some);
        let more = ids.iter().filter(|id| !roster.contains(id.as_str()) && is_once(&theirs, id) && is_once(&ours, id));
        let more = more.count();
        let (form, matched) = if more * 2 > ids.len() - exact {
            (IdForm::WithoutLeadingZeros, exact + more)
        } else {
            (IdForm::Exact, exact)
        };
        Self { form, matched, total: ids.len() }
    }

    /// Whether the form explains more than half of the ids, so that an id it does not explain contradicts.
    pub(super) fn explains_most(self) -> bool {
        self.matched * 2 > self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(ids: &[&str], roster: &[&str]) -> HrVote {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        HrVote::of(&ids, &roster.iter().copied().collect())
    }

    #[test]
    fn what_stands_for_a_missing_id_is_none() {
        for text in ["", " ", "0", "0000", "-", "--", "?", "N/A", "n/a.", "TBD", "(none)", "null", "x", "０"] {
            assert_eq!(id_key(text), None, "{text:?}");
        }
        for text in ["1", "10", "E0", "NA12", "x1", "00001018"] {
            assert!(id_key(text).is_some(), "{text:?}");
        }
        assert_eq!(id_key(" e12 "), id_key("E12"));
    }

    #[test]
    fn the_form_that_explains_most_wins_and_equality_goes_first() {
        let padded = vote(&["1018", "1019"], &["00001018", "00001019"]);
        assert_eq!((padded.form, padded.matched, padded.total), (IdForm::WithoutLeadingZeros, 2, 2));
        assert_eq!(vote(&["1", "2"], &["1", "2", "03"]).form, IdForm::Exact);
        let coincidence = vote(&["1", "2", "3", "04", "55", "66"], &["1", "2", "3", "4"]);
        assert_eq!((coincidence.form, coincidence.matched), (IdForm::Exact, 3));
        let nothing = vote(&["a", "b"], &["1", "2"]);
        assert_eq!((nothing.form, nothing.matched), (IdForm::Exact, 0));
    }

    #[test]
    fn an_id_of_two_people_but_for_zeros_votes_for_nothing() {
        assert_eq!(vote(&["1018"], &["01018", "001018"]).matched, 0);
        assert_eq!(vote(&["1018", "01018"], &["001018"]).matched, 0);
    }
}
