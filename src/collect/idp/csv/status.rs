//! The vendors' words for the state of an account. A word that is not here is refused, never guessed.

use crate::model::IdpStatus;

/// What a word in a status column means; `header` is the column's name, since `True` says nothing by itself.
pub(super) fn status(header: &str, word: &str) -> Option<IdpStatus> {
    let word = plain(word);
    match boolean(&word) {
        Some(yes) => flag(&plain(header), yes),
        None => named(&word),
    }
}

fn named(word: &str) -> Option<IdpStatus> {
    Some(match word {
        "active" | "enabled" => IdpStatus::Active,
        // Okta: the account lives, its owner has something to do before or while signing in.
        "provisioned" | "pendinguseraction" | "recovery" | "passwordreset" | "passwordexpired" | "lockedout" => {
            IdpStatus::Active
        }
        "staged" => IdpStatus::Staged,
        "suspended" => IdpStatus::Suspended,
        // Google's archived accounts keep their data and can't sign in.
        "disabled" | "inactive" | "deprovisioned" | "deactivated" | "blocked" | "archived" => IdpStatus::Disabled,
        "deleted" => IdpStatus::Deleted,
        _ => return None,
    })
}

fn boolean(word: &str) -> Option<bool> {
    match word {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// A column that answers yes or no.
fn flag(header: &str, yes: bool) -> Option<IdpStatus> {
    let if_yes = match header {
        "accountenabled" | "enabled" | "isenabled" | "active" | "isactive" => {
            return Some(if yes { IdpStatus::Active } else { IdpStatus::Disabled });
        }
        "disabled" | "isdisabled" | "accountdisabled" | "blocked" | "isblocked" | "blocksignin" | "blockcredential"
        | "archived" => IdpStatus::Disabled,
        "suspended" | "issuspended" => IdpStatus::Suspended,
        "deleted" | "isdeleted" => IdpStatus::Deleted,
        _ => return None,
    };
    Some(if yes { if_yes } else { IdpStatus::Active })
}

/// A word without case, spaces and underscores: `PASSWORD_EXPIRED` is `Password expired`.
fn plain(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_words_are_understood() {
        for (word, meaning) in [
            ("ACTIVE", IdpStatus::Active),
            ("Enabled", IdpStatus::Active),
            ("PROVISIONED", IdpStatus::Active),
            ("Pending user action", IdpStatus::Active),
            ("RECOVERY", IdpStatus::Active),
            ("PASSWORD_EXPIRED", IdpStatus::Active),
            ("Password expired", IdpStatus::Active),
            ("LOCKED_OUT", IdpStatus::Active),
            ("STAGED", IdpStatus::Staged),
            ("SUSPENDED", IdpStatus::Suspended),
            ("DEPROVISIONED", IdpStatus::Disabled),
            ("Archived", IdpStatus::Disabled),
            ("inactive", IdpStatus::Disabled),
            ("deleted", IdpStatus::Deleted),
        ] {
            assert_eq!(status("status", word), Some(meaning), "{word}");
        }
        for word in ["", "aktiv", "gone", "activ", "true", "1"] {
            assert_eq!(status("status", word), None, "{word}");
        }
    }

    #[test]
    fn yes_and_no_mean_what_the_header_asks() {
        assert_eq!(status("accountEnabled", "True"), Some(IdpStatus::Active));
        assert_eq!(status("accountEnabled", "False"), Some(IdpStatus::Disabled));
        assert_eq!(status("Suspended", "TRUE"), Some(IdpStatus::Suspended));
        assert_eq!(status("Suspended", "false"), Some(IdpStatus::Active));
        assert_eq!(status("Block sign in", "yes"), Some(IdpStatus::Disabled));
        assert_eq!(status("Block credential", "False"), Some(IdpStatus::Active));
        assert_eq!(status("BlockCredential", "True"), Some(IdpStatus::Disabled));
        assert_eq!(status("archived", "True"), Some(IdpStatus::Disabled));
        assert_eq!(status("status", "True"), None);
    }

    #[test]
    fn our_own_words_are_read_back() {
        use IdpStatus::{Active, Deleted, Disabled, Staged, Suspended};
        for word in [Active, Staged, Suspended, Disabled, Deleted] {
            assert_eq!(status("status", word.as_str()), Some(word));
        }
    }
}
