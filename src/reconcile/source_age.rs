//! How old the data of files are. A file shows nothing of what happened after it was exported, so what rests on an old one must
//! not pass for today.

use super::Ledger;
use crate::model::{Fact, Instant, SourceRecord};

/// A file whose data are too old for conclusions about the time of the collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleFile<'a> {
    /// Its path, as the config has it.
    pub path: &'a str,
    /// When it was last modified.
    pub as_of: Instant,
    /// How many days that was before the collection.
    pub days: i64,
    /// The facts that the source was asked for.
    pub facts: &'a [Fact],
}

impl StaleFile<'_> {
    /// What it means, one sentence.
    pub fn describe(&self) -> String {
        format!(
            "`{}` is as of {}, {} days before the collection, so later changes are missing",
            self.path,
            self.as_of.date(),
            self.days
        )
    }
}

impl<'a> Ledger<'a> {
    /// The files of people and approvals that are older than `policy.max_source_age`. Holidays do not age.
    pub fn stale_files(&self) -> Vec<StaleFile<'a>> {
        let most = self.config().policy.max_source_age.duration();
        let snapshot = self.snapshot();
        let ages = |record: &'a SourceRecord| {
            let files = record.files.iter().filter(|_| record.asked != [Fact::Holidays]);
            files.filter_map(move |file| {
                let as_of = file.modified_at?;
                (snapshot.ended_at().since(as_of) > most).then(|| StaleFile {
                    path: &file.path,
                    as_of,
                    days: snapshot.ended_at().days_since(as_of),
                    facts: &record.asked,
                })
            })
        };
        snapshot.sources().iter().flat_map(ages).collect()
    }

    /// By how many days the instant of conclusions precedes the collection; none where it does not. Such conclusions are a
    /// rehearsal: nothing after that instant is judged.
    pub fn rehearsal(&self) -> Option<i64> {
        let started = self.snapshot().started_at();
        (self.as_of() < started).then(|| started.days_since(self.as_of()))
    }
}
