//! HR's words for where an engagement stands. A word that is not here is refused, never guessed.

use crate::model::HrStatus;

/// What a status word means.
pub(super) fn status(word: &str) -> Option<HrStatus> {
    let spaced: String =
        word.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    Some(match words.join(" ").as_str() {
        "active" | "employed" | "current" | "working" => HrStatus::Active,
        // Leave is not leaving, and who serves notice still works.
        "leave" | "on leave" | "active on leave" | "leave of absence" | "loa" | "paid leave" | "unpaid leave"
        | "parental leave" | "maternity leave" | "paternity leave" | "sick leave" | "medical leave"
        | "garden leave" | "gardening leave" | "sabbatical" | "notice" | "on notice" | "notice period" => {
            HrStatus::Active
        }
        "not started" | "notstarted" | "pre hire" | "prehire" | "future hire" | "pending hire" | "pending start" => {
            HrStatus::NotStarted
        }
        "terminated" | "inactive" | "ended" | "left" | "leaver" | "former" | "former employee" | "resigned"
        | "retired" | "dismissed" | "separated" | "deceased" => HrStatus::Terminated,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_hr_systems_are_understood() {
        for (word, meaning) in [
            ("Active", HrStatus::Active),
            ("On Leave", HrStatus::Active),
            ("Active - On Leave", HrStatus::Active),
            ("Pre-Hire", HrStatus::NotStarted),
            ("not_started", HrStatus::NotStarted),
            ("TERMINATED", HrStatus::Terminated),
            ("Inactive", HrStatus::Terminated),
        ] {
            assert_eq!(status(word), Some(meaning), "{word}");
        }
        for word in ["", "-", "suspended", "aktiv", "terminate"] {
            assert_eq!(status(word), None, "{word}");
        }
    }

    #[test]
    fn our_own_words_are_read_back() {
        for word in [HrStatus::Active, HrStatus::NotStarted, HrStatus::Terminated] {
            assert_eq!(status(word.as_str()), Some(word));
        }
    }
}
