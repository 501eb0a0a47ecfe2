//! Logs of identity providers as files, beside whatever else is read of the provider.
//!
//! Which log a file holds is seen entry by entry, so that one folder may hold several.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::entra::EntraEntries;
use super::okta::okta_entry;
use super::status_times::{self, StatusLog};
use crate::collect::entries::{self, unwrapped};
use crate::collect::packed;
use crate::collect::table::{self, off_thread};
use crate::collect::{Batch, BoxFuture, Check, CheckOutcome, Clock, CollectCx, Collector, Facts, Probe};
use crate::config::LogFiles;
use crate::error::Error;
use crate::model::coverage::InputFile;
use crate::model::event::{EventLog, LogKind, Window};
use crate::model::{Event, Fact, Gap, GapKind, Instant};

/// A collector of an identity provider, and the provider's log as files.
pub struct WithLogs {
    inner: Box<dyn Collector>,
    logs: LogFiles,
}

impl WithLogs {
    /// What `inner` reads, with these logs added.
    pub fn new(inner: Box<dyn Collector>, logs: LogFiles) -> Self {
        Self { inner, logs }
    }

    fn told(&self, cx: &CollectCx) -> BoxFuture<'static, Result<Told, Error>> {
        let (logs, base, clock) = (self.logs.clone(), cx.base.clone(), cx.clock.clone());
        off_thread(move || read(&base, &logs, &clock))
    }
}

impl Collector for WithLogs {
    fn source(&self) -> String {
        self.inner.source()
    }

    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>> {
        Box::pin(async move {
            // What is wrong with the files is known before the network is asked.
            let told = self.told(cx).await?;
            let mut batch = self.inner.collect(cx).await?;
            told.join(&mut batch);
            Ok(batch)
        })
    }

    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe> {
        Box::pin(async move {
            let mut probe = self.inner.probe(cx).await;
            match self.told(cx).await {
                Ok(told) => told.show(&mut probe),
                Err(error) => {
                    probe.asked.push(Fact::IdpEvents);
                    probe = probe.failed(&error);
                }
            }
            probe
        })
    }
}

/// What the files told.
#[derive(Debug)]
struct Told {
    logs: BTreeMap<LogKind, Vec<Event>>,
    covered: Option<Window>,
    /// When the files were read.
    read_at: Instant,
    file: InputFile,
    gaps: Vec<Gap>,
    notes: Vec<String>,
}

impl Told {
    fn asked(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.logs.keys().map(|kind| fact(*kind)).collect();
        facts.extend(self.gaps.iter().map(|gap| gap.fact));
        if facts.is_empty() {
            facts.push(Fact::IdpEvents);
        }
        facts.sort_unstable();
        facts.dedup();
        facts
    }

    /// Adds what was told to what the provider itself told.
    fn join(self, batch: &mut Batch) {
        // Only where the files hold everything up to now: a switch that came after would make the date too early.
        if let Facts::Idp(idp) = &mut batch.facts
            && let Some(covered) = self.covered.filter(|covered| covered.to == self.read_at)
        {
            let log = StatusLog { name: "the log", begins: Some(covered.from), holds_all: false };
            status_times::date(&mut idp.users, self.logs.values().flatten(), log);
        }
        let record = &mut batch.record;
        for fact in self.asked() {
            record.not_offered.retain(|lack| lack.fact != fact);
            if !record.asked.contains(&fact) {
                record.asked.push(fact);
            }
        }
        record.files.push(self.file);
        record.gaps.extend(self.gaps);
        record.notes.extend(self.notes);
        let source = record.source.clone();
        for (kind, events) in self.logs {
            match batch.events.iter_mut().find(|log| log.kind == kind) {
                Some(log) => {
                    log.events.extend(events);
                    log.covered = union(log.covered.iter().copied().chain(self.covered));
                }
                None => batch.events.push(EventLog {
                    source: source.clone(),
                    kind,
                    covered: self.covered.into_iter().collect(),
                    events,
                }),
            }
        }
    }

    fn show(self, probe: &mut Probe) {
        for fact in self.asked() {
            if !probe.asked.contains(&fact) {
                probe.asked.push(fact);
            }
        }
        let entries = if self.file.rows == 1 { "entry" } else { "entries" };
        let detail = format!("{} {entries}; {}", self.file.rows, self.file.read_as);
        probe.checks.push(Check { detail, ..Check::fine(self.file.path) });
        probe.checks.extend(self.gaps.into_iter().map(|gap| Check {
            what: gap.at,
            outcome: CheckOutcome::Unreadable(gap.kind),
            detail: gap.reason,
            hint: gap.hint,
            loses: vec![gap.fact],
        }));
        probe.notes.extend(self.notes);
    }
}

/// Windows that touch or overlap, as one.
fn union(windows: impl Iterator<Item = Window>) -> Vec<Window> {
    let mut sorted: Vec<Window> = windows.collect();
    sorted.sort_unstable();
    let mut apart: Vec<Window> = Vec::new();
    for window in sorted {
        match apart.last_mut() {
            Some(last) if window.from <= last.to => last.to = last.to.max(window.to),
            _ => apart.push(window),
        }
    }
    apart
}

fn fact(kind: LogKind) -> Fact {
    if kind == LogKind::EntraProvisioning { Fact::ProvisioningLog } else { Fact::IdpEvents }
}

/// Reads the files.
///
/// # Errors
/// When no file matches.
fn read(base: &Path, logs: &LogFiles, clock: &Clock) -> Result<Told, Error> {
    let now = clock.now();
    let paths = table::matching(base, &logs.files)?;
    let mut reading = Reading::new(logs.application.as_deref());
    let (mut list, mut bytes) = (Sha256::new(), 0);
    for path in &paths {
        let shown = path.display().to_string();
        let before = reading.entries;
        let outcome = packed::read(&base.join(path), &WORDS, |reader| {
            entries::each(reader, |entry| reading.take(&shown, before, entry))
        });
        list.update(format!("{}  {shown}\n", outcome.digest));
        bytes += outcome.bytes;
        if let Some(error) = outcome.error {
            let kind = if outcome.opened { GapKind::Malformed } else { GapKind::Unreadable };
            reading.gap(kind, shown, error, "export it again; the entries after this place were not read");
        }
    }
    let count = paths.len();
    let file = InputFile {
        path: logs.files.clone(),
        sha256: HEXLOWER.encode(&list.finalize()),
        bytes,
        rows: reading.entries,
        read_as: format!("log entries from {count} {}", if count == 1 { "file" } else { "files" }),
        modified_at: None,
    };
    Ok(reading.finish(logs, file, now))
}

/// The messages about files that hold no log entries.
const WORDS: packed::Words = packed::Words { cut: "it ends in the middle of an entry", other: "it is not JSON" };

/// Whether an entry is of another log of Entra, such as sign-ins: understood, and not needed.
fn is_of_another_log(entry: &Value) -> bool {
    const OTHERS: [&str; 12] = [
        "SignInLogs",
        "NonInteractiveUserSignInLogs",
        "ServicePrincipalSignInLogs",
        "ManagedIdentitySignInLogs",
        "ADFSSignInLogs",
        "RiskyUsers",
        "UserRiskEvents",
        "RiskyServicePrincipals",
        "ServicePrincipalRiskEvents",
        "MicrosoftGraphActivityLogs",
        "NetworkAccessTrafficLogs",
        "EnrichedOffice365AuditLogs",
    ];
    let category = entry.get("category").or(entry.get("Type")).and_then(Value::as_str);
    category.is_some_and(|category| OTHERS.contains(&category)) || entry.get("appDisplayName").is_some()
}

/// How many entries of what sort came by.
struct Reading<'c> {
    application: Option<&'c str>,
    entra: EntraEntries,
    okta: Vec<Event>,
    kinds: Vec<LogKind>,
    entries: u64,
    strange: u64,
    /// Why entries can't be used: the first of them, and how many there are.
    unusable: BTreeMap<(Fact, String), (String, u64)>,
    gaps: Vec<Gap>,
}

impl<'c> Reading<'c> {
    fn new(application: Option<&'c str>) -> Self {
        Self {
            application,
            entra: EntraEntries::new(application.map(str::to_owned)),
            okta: Vec::new(),
            kinds: Vec::new(),
            entries: 0,
            strange: 0,
            unusable: BTreeMap::new(),
            gaps: Vec::new(),
        }
    }

    fn gap(&mut self, kind: GapKind, at: String, reason: String, hint: &str) {
        self.gaps.push(Gap { fact: Fact::IdpEvents, kind, at, reason, hint: hint.to_owned() });
    }

    /// Takes an entry of a file in; `before` is how many entries other files had.
    fn take(&mut self, file: &str, before: u64, entry: Value) {
        self.entries += 1;
        let origin = format!("{file}, entry {}", self.entries - before);
        let entry = unwrapped(entry);
        let is_okta = entry.get("eventType").is_some() && entry.get("published").is_some();
        let kind = if is_okta { Some(LogKind::OktaSystemLog) } else { EntraEntries::recognise(&entry) };
        let Some(kind) = kind else {
            self.strange += u64::from(!is_of_another_log(&entry));
            return;
        };
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
        let taken = match kind {
            LogKind::OktaSystemLog => okta_entry(entry, self.application, &origin).map(|event| self.okta.extend(event)),
            LogKind::EntraProvisioning => self.entra.provisioning(entry, &origin),
            _ => self.entra.audit(entry, &origin),
        };
        if let Err(reason) = taken {
            self.unusable.entry((fact(kind), reason)).or_insert((origin, 0)).1 += 1;
        }
    }

    fn finish(mut self, logs: &LogFiles, file: InputFile, now: Instant) -> Told {
        for ((fact, reason), (first, count)) in std::mem::take(&mut self.unusable) {
            let at = if count > 1 { format!("{first} and {} more", count - 1) } else { first };
            let hint = "export the log again; report it if the entry is genuine".to_owned();
            self.gaps.push(Gap { fact, kind: GapKind::BadRow, at, reason, hint });
        }
        let mut notes = Vec::new();
        if self.strange > 0 && logs.covers.is_some() && !self.kinds.is_empty() {
            // Any of them may be the event whose absence would be concluded from.
            let reason = format!("{} entries have a shape that is not understood", self.strange);
            let hint = "export the log as its vendor writes it, without the envelope of another tool";
            self.gap(GapKind::Malformed, logs.files.clone(), reason, hint);
        } else if self.strange > 0 {
            notes.push(format!("{} entries of `{}` have a shape that is not understood", self.strange, logs.files));
        }
        if self.entries == 0 && logs.covers.is_some() && self.gaps.is_empty() {
            // An export that matched nothing looks the same as a log in which nothing happened.
            let hint = "export the log again; an empty export does not show that nothing happened";
            self.gap(GapKind::Malformed, logs.files.clone(), "the log files hold no entry".to_owned(), hint);
        }
        if self.kinds.is_empty() && self.entries > 0 && self.gaps.is_empty() {
            let reason = "no entry is of a log that is understood".to_owned();
            let hint = "export Entra's audit or provisioning log, or Okta's system log, as JSON";
            self.gap(GapKind::Malformed, logs.files.clone(), reason, hint);
        }
        if self.entra.of_some_application > 0 {
            notes.push(format!(
                "{} entries of provisioning were passed over; name the application: logs = {{ application = \"…\", … }}",
                self.entra.of_some_application
            ));
        }
        let said = logs.covers.map(|window| Window { to: window.to.min(now), ..window });
        let said = said.filter(|window| window.from < window.to);
        notes.push(match (&said, self.gaps.is_empty()) {
            (Some(window), true) => {
                format!("the operator states that `{}` holds all from {} to {}", logs.files, window.from, window.to)
            }
            (Some(_), false) => {
                format!("`{}` could not be read whole, so that its silence says nothing", logs.files)
            }
            (None, _) => format!(
                "nothing says of which days `{}` holds everything, so that its silence says nothing; say it with `covers`",
                logs.files
            ),
        });
        let mut told: BTreeMap<LogKind, Vec<Event>> = self.kinds.iter().map(|kind| (*kind, Vec::new())).collect();
        for (kind, events) in self.entra.finish().into_iter().chain([(LogKind::OktaSystemLog, self.okta)]) {
            if let Some(log) = told.get_mut(&kind) {
                log.extend(events);
            }
        }
        let covered = said.filter(|_| self.gaps.is_empty());
        Told { logs: told, covered, read_at: now, file, gaps: self.gaps, notes }
    }
}
