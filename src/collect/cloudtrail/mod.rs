//! AWS CloudTrail: who was given what, by whom, and who used it. From trail files here; from the event history API in
//! [`aws`](super::aws), which converts and condenses with the same two functions.

mod condense;
mod convert;
mod files;
mod records;

use std::path::Path;

use super::{Batch, BoxFuture, Clock, CollectCx, Collector, Facts, Probe, table};
use crate::collect::{Check, CheckOutcome};
use crate::config::TrailFiles;
use crate::error::Error;
use crate::model::event::{LogKind, Window};
use crate::model::{EventLog, Fact, SourceRecord};

pub(crate) use condense::Condenser;
pub(crate) use convert::{Converted, Record, convert};

/// Reads CloudTrail from trail files on disk, as a trail or a SIEM wrote them: `.json` or `.json.gz`, an object with
/// `Records` or one record a line.
#[derive(Debug, Clone)]
pub struct TrailCollector {
    config: TrailFiles,
}

/// What the source is called.
const SOURCE: &str = "cloudtrail";

impl TrailCollector {
    /// Reads the files that `config` names.
    pub fn new(config: TrailFiles) -> Self {
        Self { config }
    }

    fn load_and_read(&self, base: &Path, clock: &Clock) -> Result<Batch, Error> {
        let started_at = clock.now();
        let paths = files::matching(base, &self.config.pattern)?;
        let read = files::read(base, &self.config.pattern, &paths);
        let mut notes = read.notes;
        let covered = match self.config.covers {
            Some(window) => {
                notes.push(format!(
                    "`covers` states that the files hold all records from {} to {}",
                    window.from, window.to
                ));
                without(window, &read.holes)
            }
            None => {
                notes.push(
                    "what the files cover is not stated (cloudtrail.covers), so that what they do not show proves nothing"
                        .to_owned(),
                );
                Vec::new()
            }
        };
        Ok(Batch {
            record: SourceRecord {
                source: SOURCE.to_owned(),
                kind: "CloudTrail files".to_owned(),
                started_at,
                ended_at: clock.now(),
                asked: vec![Fact::CloudTrail],
                operations: Vec::new(),
                files: vec![read.file],
                gaps: read.gaps,
                not_offered: Vec::new(),
                notes,
            },
            facts: Facts::Events,
            events: vec![EventLog {
                source: SOURCE.to_owned(),
                kind: LogKind::CloudTrail,
                covered,
                events: read.events,
            }],
        })
    }

    fn look(&self, base: &Path) -> Result<usize, Error> {
        files::matching(base, &self.config.pattern).map(|paths| paths.len())
    }
}

impl Collector for TrailCollector {
    fn source(&self) -> String {
        SOURCE.to_owned()
    }

    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>> {
        let (this, base, clock) = (self.clone(), cx.base.clone(), cx.clock.clone());
        table::off_thread(move || this.load_and_read(&base, &clock))
    }

    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe> {
        let (this, base) = (self.clone(), cx.base.clone());
        Box::pin(async move {
            let probe = Probe::new(SOURCE.to_owned(), "CloudTrail files", vec![Fact::CloudTrail]);
            let pattern = this.config.pattern.clone();
            let covers = this.config.covers;
            match table::off_thread(move || this.look(&base)).await {
                Err(error) => probe.failed(&error),
                Ok(count) => {
                    let mut check = Check::fine(pattern);
                    check.detail = format!("{count} {}", if count == 1 { "file" } else { "files" });
                    if covers.is_none() {
                        check.outcome = CheckOutcome::Warning;
                        check.detail.push_str("; what they cover is not stated");
                        "write covers = \"2026-07-01..2026-09-30\" if they hold all records of that time"
                            .clone_into(&mut check.hint);
                    }
                    Probe { checks: vec![check], ..probe }
                }
            }
        })
    }
}

/// What is left of a window when the holes are cut out of it.
fn without(window: Window, holes: &[Window]) -> Vec<Window> {
    let mut holes = holes.to_vec();
    holes.sort_unstable();
    let mut left = Vec::new();
    let mut from = window.from;
    for hole in holes {
        if hole.from > from {
            left.push(Window { from, to: hole.from.min(window.to) });
        }
        from = from.max(hole.to);
        if from >= window.to {
            return left.into_iter().filter(|window| window.from < window.to).collect();
        }
    }
    left.push(Window { from, to: window.to });
    left.retain(|window| window.from < window.to);
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Instant;

    fn window(from: i64, to: i64) -> Window {
        Window { from: Instant::from_epoch_seconds(from).unwrap(), to: Instant::from_epoch_seconds(to).unwrap() }
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_window_without_the_holes(holes in prop::collection::vec((0i64..100, 0i64..30), 0..6)) {
            let holes: Vec<Window> = holes.into_iter().map(|(from, length)| window(from, from + length)).collect();
            let whole = window(20, 80);
            let left = without(whole, &holes);
            for second in 0..130 {
                let at = Instant::from_epoch_seconds(second).unwrap();
                let within = |window: &Window| window.from <= at && at < window.to;
                let expected = within(&whole) && !holes.iter().any(within);
                prop_assert_eq!(left.iter().filter(|window| within(window)).count(), usize::from(expected), "at {}", second);
            }
        }
    }
}
