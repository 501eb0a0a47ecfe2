//! AWS CloudTrail: who was given what, by whom, and who used it. From trail files on disk here; from a trail's bucket and from
//! the event history API in [`aws`](super::aws), with the same code but for where bytes come from.

mod condense;
mod convert;
pub(crate) mod digest;
mod files;
pub(crate) mod name;
pub(crate) mod reading;

use std::path::Path;

use jiff::SignedDuration;

use super::{Batch, BoxFuture, Clock, CollectCx, Collector, Facts, Probe, table};
use crate::collect::{Check, CheckOutcome};
use crate::config::TrailFiles;
use crate::error::Error;
use crate::model::event::LogKind;
use crate::model::{EventLog, Fact, SourceRecord};

use crate::model::windows::without;
pub(crate) use condense::Condenser;
pub(crate) use convert::{Converted, Record, convert};

/// How long an event may take to be delivered (AWS CloudTrail user guide: "typically within an average of about 5 minutes"); the
/// newest stretch of a log is not called covered.
pub(crate) const DELAY: SignedDuration = SignedDuration::from_mins(15);

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
        let read = files::read(base, &self.config.pattern, &paths, self.config.covers);
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
