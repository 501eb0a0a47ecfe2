//! HR's words for where an engagement stands. A word that is not here is refused, never guessed.

use crate::config::HrDialect;
use crate::model::HrStatus;

/// What a status word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Where the engagement stands.
    Is(HrStatus),
    /// Not at work: gone, on leave or not here yet; other columns say which.
    NotAtWork,
}

/// What a status word of an export means; `header` is the column's name, since `1` says nothing by itself.
pub(super) fn word(vendor: Option<HrDialect>, header: &str, word: &str) -> Option<Word> {
    let vendors = match vendor {
        None => None,
        Some(HrDialect::Workday) => workday(header, word),
        Some(HrDialect::SapSuccessFactors) => successfactors(word).map(Word::Is),
        // An employee whom BambooHR calls inactive has left; leave is an employment status of its own.
        Some(HrDialect::BambooHr) => None,
        Some(HrDialect::Rippling) => rippling(word).map(Word::Is),
    };
    vendors.or_else(|| status(word).map(Word::Is))
}

/// Some kinds of leave make a worker inactive in Workday, so that inactive is not yet gone.
fn workday(header: &str, word: &str) -> Option<Word> {
    match plain(word).as_str() {
        "inactive" | "not active" => return Some(Word::NotAtWork),
        _ => {}
    }
    match plain(header).as_str() {
        "active status" | "currently active" => {
            Some(if yes_or_no(word)? { Word::Is(HrStatus::Active) } else { Word::NotAtWork })
        }
        _ => None,
    }
}

/// The external codes of the pick list `employee-status` (SAP Knowledge Base Article 2505526). Dormant is the employment
/// at home of somebody on a global assignment; discarded is one abroad that is over.
fn successfactors(word: &str) -> Option<HrStatus> {
    Some(match word {
        "A" | "U" | "P" | "S" | "D" | "F" => HrStatus::Active,
        "R" | "T" | "O" => HrStatus::Terminated,
        _ => match plain(word).as_str() {
            "suspended" | "dormant" | "furlough" => HrStatus::Active,
            "discarded" => HrStatus::Terminated,
            _ => return None,
        },
    })
}

/// The values of `roleState` (Rippling API, Employees).
fn rippling(word: &str) -> Option<HrStatus> {
    Some(match plain(word).as_str() {
        "init" | "hired" | "accepted" => HrStatus::NotStarted,
        _ => return None,
    })
}

/// An answer of yes or no.
pub(super) fn yes_or_no(word: &str) -> Option<bool> {
    match plain(word).as_str() {
        "1" | "true" | "yes" | "y" => Some(true),
        "0" | "false" | "no" | "n" => Some(false),
        _ => None,
    }
}

/// A word without case, with one space for whatever stands between its parts.
fn plain(word: &str) -> String {
    let spaced: String =
        word.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).flat_map(char::to_lowercase).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a status word means.
pub(super) fn status(word: &str) -> Option<HrStatus> {
    Some(match plain(word).as_str() {
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
    fn vendors_words_hold_in_their_exports_only() {
        use HrDialect::{BambooHr, Rippling, SapSuccessFactors, Workday};
        use HrStatus::{Active, NotStarted, Terminated};
        for (vendor, header, said, meaning) in [
            (Workday, "Worker_Status", "On Leave", Some(Word::Is(Active))),
            (Workday, "Worker_Status", "Inactive", Some(Word::NotAtWork)),
            (Workday, "Active_Status", "1", Some(Word::Is(Active))),
            (Workday, "Active Status", "No", Some(Word::NotAtWork)),
            (Workday, "Worker_Status", "1", None),
            (SapSuccessFactors, "emplStatus", "A", Some(Word::Is(Active))),
            (SapSuccessFactors, "emplStatus", "S", Some(Word::Is(Active))),
            (SapSuccessFactors, "emplStatus", "T", Some(Word::Is(Terminated))),
            (SapSuccessFactors, "emplStatus", "t", None),
            (SapSuccessFactors, "emplStatus", "5586", None),
            (SapSuccessFactors, "emplStatus", "Unpaid Leave", Some(Word::Is(Active))),
            (BambooHr, "status", "Inactive", Some(Word::Is(Terminated))),
            (BambooHr, "status", "A", None),
            (Rippling, "roleState", "ACCEPTED", Some(Word::Is(NotStarted))),
            (Rippling, "roleState", "TERMINATED", Some(Word::Is(Terminated))),
            (Rippling, "roleState", "GONE", None),
        ] {
            assert_eq!(word(Some(vendor), header, said), meaning, "{vendor:?} {header} {said}");
        }
        assert_eq!(word(None, "emplStatus", "T"), None);
    }

    #[test]
    fn our_own_words_are_read_back() {
        for word in [HrStatus::Active, HrStatus::NotStarted, HrStatus::Terminated] {
            assert_eq!(status(word.as_str()), Some(word));
        }
    }
}
