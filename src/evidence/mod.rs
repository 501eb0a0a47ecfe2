//! The frozen view that renderers see: tables, tests, the report and its provenance. Nothing here decides anything new.

pub mod bag;
pub mod check;
pub mod decisions;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod ipe;
pub mod report;
pub mod schema;
pub mod self_check;
pub mod stored;
pub mod table;
pub mod tables;
pub mod tests;
pub mod verify;
pub mod warnings;
pub mod words;

use crate::model::finding::stable_id;
use crate::model::{AsOf, Period};
use crate::reconcile::Ledger;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// `1 grant`, `3 grants`.
fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// Which run this is: a digest of everything that decides its conclusions, so that equal inputs have equal ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId {
    id: String,
    config_digest: String,
}

impl RunId {
    /// The id of a run on a snapshot with a config at an instant, perhaps for a period.
    pub fn new(snapshot_digest: &str, config_text: &str, as_of: AsOf, period: Option<Period>) -> Self {
        let config_digest = HEXLOWER.encode(&Sha256::digest(config_text.as_bytes()));
        let period = period.map(|period| period.to_string()).unwrap_or_default();
        // The profile stands in the digest from the start, so that runs keep their ids when it can be chosen.
        // The whole instant, not as it is printed: two instants of one second may differ in their conclusions.
        let as_of = as_of.instant().timestamp().to_string();
        let id = stable_id("r_", &[snapshot_digest, &config_digest, &as_of, &period, "internal"]);
        Self { id, config_digest }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.id
    }

    /// SHA-256 of the config's text.
    pub fn config_digest(&self) -> &str {
        &self.config_digest
    }
}

/// Directory users in the order tables list them: by user name, then id.
pub(crate) fn by_user_name(ledger: &Ledger<'_>) -> Vec<u32> {
    let mut users: Vec<(&str, u32)> =
        (0u32..).zip(ledger.users()).map(|(at, user)| (user.user_name.as_str(), at)).collect();
    // Positions follow ids, so equal names stay in the order of their ids.
    users.sort_unstable();
    users.into_iter().map(|(_, at)| at).collect()
}

/// Who should act on an assignment: the owner of its account under `[review]`, else the fallback reviewer.
pub(crate) fn owner(ledger: &Ledger<'_>, assignment: Option<u32>) -> String {
    let review = &ledger.config().review;
    let account = assignment.and_then(|at| ledger.entitlements().account_of(at));
    let owned = account.and_then(|account| {
        review
            .owners
            .iter()
            .find(|(pattern, _)| pattern.matches(account.id.as_str()) || pattern.matches(account.name()))
    });
    owned.map(|(_, owner)| owner.clone()).or_else(|| review.fallback_reviewer.clone()).unwrap_or_default()
}
