//! Everything one collection learnt, sealed: sorted, digested, versioned, never changed again.
//!
//! The file is one zstd frame around a header line and a JSON body. The header carries the format's version and the body's
//! SHA-256, so a truncated, altered or newer file is refused with its reason, and nothing half-read is ever used.

mod file;
mod history;

use serde::{Deserialize, Serialize};

use crate::collect::{Batch, Facts};
use crate::model::{
    Approval, AwsFacts, DeclaredLink, EventLog, Fact, Gap, History, Holiday, HrFacts, IdpFacts, Instant, SourceRecord,
};

pub use file::{SnapshotError, read};
pub use history::{Bearers, HistoryBuilder, Names};

/// All facts of one collection. Made by [`Snapshot::seal`] or [`read`], and no other way.
#[derive(Debug, Clone)]
pub struct Snapshot {
    body: Body,
    bytes: Vec<u8>,
    digest: String,
}

/// What the file holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Body {
    started_at: Instant,
    ended_at: Instant,
    sources: Vec<SourceRecord>,
    aws: Option<Box<AwsFacts>>,
    idps: Vec<IdpFacts>,
    hr: Option<HrFacts>,
    links: Vec<DeclaredLink>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    approvals: Vec<Approval>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    holidays: Vec<Holiday>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<EventLog>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<Box<History>>,
}

/// How much of a fact was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage<'a> {
    /// All that was asked for.
    Complete,
    /// It was asked for, and these parts are missing.
    Partial(Vec<(&'a str, &'a Gap)>),
    /// No source was asked for it.
    NotAsked,
}

impl Snapshot {
    /// Seals what the collectors brought.
    ///
    /// # Errors
    /// When the facts cannot be serialised, which would be a bug.
    pub fn seal(batches: Vec<Batch>, started_at: Instant, ended_at: Instant) -> Result<Self, SnapshotError> {
        let mut body = Body {
            started_at,
            ended_at,
            sources: Vec::new(),
            aws: None,
            idps: Vec::new(),
            hr: None,
            links: Vec::new(),
            approvals: Vec::new(),
            holidays: Vec::new(),
            events: Vec::new(),
            history: None,
        };
        for Batch { mut record, facts, events } in batches {
            body.events.extend(events);
            record.operations.sort();
            record.gaps.sort();
            record.gaps.dedup();
            for file in &mut record.files {
                // A file from the future has a wrong clock behind it, and its age is not known.
                file.modified_at = file.modified_at.filter(|at| *at <= ended_at);
            }
            body.sources.push(record);
            match facts {
                Facts::Aws(aws) => body.aws = aws,
                Facts::Idp(mut idp) => {
                    idp.users.sort_by(|a, b| a.id.cmp(&b.id));
                    // Members are looked up by bisection, so their order is not left to the collector.
                    for group in idp.groups.iter_mut().flatten() {
                        group.members.sort_unstable();
                        group.members.dedup();
                        group.nested.sort_unstable();
                        group.nested.dedup();
                    }
                    idp.activations.sort();
                    idp.activations.dedup();
                    if let Some(application) = &mut idp.application {
                        application.users.sort_unstable();
                        application.users.dedup();
                        application.groups.sort_unstable();
                        application.groups.dedup();
                        application.provisioned_users.sort();
                        application.provisioned_groups.sort();
                    }
                    if let Some(groups) = &mut idp.groups {
                        groups.sort_by(|a, b| a.id.cmp(&b.id));
                    }
                    body.idps.push(*idp);
                }
                Facts::Hr(hr) => body.hr = Some(hr),
                Facts::Links(links) => body.links = links,
                Facts::Events => {}
                Facts::Approvals(approvals) => body.approvals = approvals,
                Facts::Holidays(holidays) => body.holidays = holidays,
            }
        }
        body.sources.sort_by(|a, b| a.source.cmp(&b.source));
        body.idps.sort_by(|a, b| a.name.cmp(&b.name));
        for log in &mut body.events {
            log.events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            log.events.dedup_by(|a, b| a.id == b.id);
        }
        body.events.sort_by(|a, b| (&a.source, a.kind).cmp(&(&b.source, b.kind)));
        if let Some(aws) = body.aws.as_deref_mut() {
            sort(aws);
        }
        let (bytes, digest) = file::write(&body)?;
        Ok(Self { body, bytes, digest })
    }

    /// The file's bytes, to be written or copied as they are.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the body, lower-case hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// When collecting began.
    pub fn started_at(&self) -> Instant {
        self.body.started_at
    }

    /// When collecting ended.
    pub fn ended_at(&self) -> Instant {
        self.body.ended_at
    }

    /// The sources, sorted by name.
    pub fn sources(&self) -> &[SourceRecord] {
        &self.body.sources
    }

    /// What AWS told; none when it was not asked or the instance could not be found.
    pub fn aws(&self) -> Option<&AwsFacts> {
        self.body.aws.as_deref()
    }

    /// What the identity providers told.
    pub fn idps(&self) -> &[IdpFacts] {
        &self.body.idps
    }

    /// What HR told.
    pub fn hr(&self) -> Option<&HrFacts> {
        self.body.hr.as_ref()
    }

    /// The declared links.
    pub fn links(&self) -> &[DeclaredLink] {
        &self.body.links
    }

    /// Approvals of access, in the order of their file.
    pub fn approvals(&self) -> &[Approval] {
        &self.body.approvals
    }

    /// Days off besides weekends, sorted.
    pub fn holidays(&self) -> &[Holiday] {
        &self.body.holidays
    }

    /// What logs told, sorted by source and kind.
    pub fn events(&self) -> &[EventLog] {
        &self.body.events
    }

    /// What earlier snapshots showed, where a period asked for it.
    pub fn history(&self) -> Option<&History> {
        self.body.history.as_deref()
    }

    /// The same facts with what earlier snapshots showed, sealed anew: what a period's conclusions rest on is then all in it.
    ///
    /// # Errors
    /// When the facts cannot be serialised, which would be a bug.
    pub fn with_history(self, history: History) -> Result<Self, SnapshotError> {
        let mut body = self.body;
        body.history = Some(Box::new(history));
        let (bytes, digest) = file::write(&body)?;
        Ok(Self { body, bytes, digest })
    }

    /// The same facts without what earlier snapshots showed: the look that [`Snapshot::with_history`] was called on.
    ///
    /// # Errors
    /// When the facts cannot be serialised, which would be a bug.
    pub fn without_history(&self) -> Result<Self, SnapshotError> {
        let mut body = self.body.clone();
        body.history = None;
        let (bytes, digest) = file::write(&body)?;
        Ok(Self { body, bytes, digest })
    }

    /// Why a fact is not told by sources that could tell it.
    pub fn not_offered(&self, fact: Fact) -> impl Iterator<Item = (&str, &str)> {
        let offers = self
            .body
            .sources
            .iter()
            .flat_map(|record| record.not_offered.iter().map(move |lack| (record.source.as_str(), lack)));
        offers.filter(move |(_, lack)| lack.fact == fact).map(|(source, lack)| (source, lack.reason.as_str()))
    }

    /// Everything that was asked for and could not be read, with its source.
    pub fn gaps(&self) -> impl Iterator<Item = (&str, &Gap)> {
        self.body.sources.iter().flat_map(|record| record.gaps.iter().map(|gap| (record.source.as_str(), gap)))
    }

    /// Whether everything that was asked for was read.
    pub fn is_complete(&self) -> bool {
        self.gaps().next().is_none()
    }

    /// How much of a fact was read.
    pub fn coverage(&self, fact: Fact) -> Coverage<'_> {
        // Earlier snapshots come from no source: a period's history is there or was not asked for.
        if fact == Fact::History {
            return if self.body.history.is_some() { Coverage::Complete } else { Coverage::NotAsked };
        }
        if !self.body.sources.iter().any(|record| record.asked.contains(&fact)) {
            return Coverage::NotAsked;
        }
        let gaps: Vec<_> = self.gaps().filter(|(_, gap)| gap.fact == fact).collect();
        if gaps.is_empty() { Coverage::Complete } else { Coverage::Partial(gaps) }
    }
}

/// Puts every list in the order the model documents, so that equal facts are equal bytes.
fn sort(aws: &mut AwsFacts) {
    aws.accounts.sort_by(|a, b| a.id.cmp(&b.id));
    aws.accounts.dedup_by(|a, b| a.id == b.id);
    aws.users.sort_by(|a, b| a.id.cmp(&b.id));
    aws.users.dedup_by(|a, b| a.id == b.id);
    aws.groups.sort_by(|a, b| a.id.cmp(&b.id));
    aws.groups.dedup_by(|a, b| a.id == b.id);
    aws.memberships.sort_by(|a, b| (&a.group, &a.user).cmp(&(&b.group, &b.user)));
    aws.memberships.dedup_by(|a, b| a.group == b.group && a.user == b.user);
    aws.permission_sets.sort_by(|a, b| a.arn.cmp(&b.arn));
    aws.permission_sets.dedup_by(|a, b| a.arn == b.arn);
    aws.provisioned.sort();
    aws.provisioned.dedup();
    aws.assignments.sort();
    aws.assignments.dedup();
    aws.lookups.sort();
    aws.lookups.dedup();
}
