//! What a reader has to know before any number: that data are old, or that the instant of conclusions precedes them.

use crate::model::Known;
use crate::reconcile::{Ledger, StaleFile};

/// The warnings of a ledger, each a sentence. They stand on the first screen, on the terminal and in ipe.json.
pub fn warnings(ledger: &Ledger<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(days) = ledger.rehearsal() {
        let ahead = if days > 0 { format!("{days} days") } else { "less than a day".to_owned() };
        warnings.push(format!(
            "This is a rehearsal: it concludes as of {}, {ahead} before the data were collected ({}). Nothing after that time is tested.",
            ledger.as_of(),
            ledger.snapshot().started_at()
        ));
    }
    let allowed = ledger.config().policy.max_source_age;
    warnings.extend(ledger.stale_files().iter().map(|file: &StaleFile<'_>| {
        format!(
            "Old data: {}. Tests that need newer data are marked as not tested (policy.max_source_age is {allowed}).",
            file.describe()
        )
    }));
    for idp in ledger.snapshot().idps() {
        let collected = ledger.snapshot().ended_at();
        let ahead = |at: &Known<crate::model::Instant>| at.value().is_some_and(|at| *at > collected);
        let users =
            idp.users.iter().filter(|user| ahead(&user.status_changed_at) || ahead(&user.last_sign_in_at)).count();
        if users > 0 {
            warnings.push(format!(
                "Wrong clock or data error: {users} users of {} have a status or sign-in time after the collection. Such a time is ignored.",
                idp.name
            ));
        }
    }
    warnings
}
