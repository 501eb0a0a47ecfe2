//! An identity provider as CSV files: our own header, or what the consoles and tools of Entra, Okta and Google export.
//!
//! | file | columns |
//! |---|---|
//! | users | `id`, `user_name`, `status`, and what more there is of [`USER_COLUMNS`](crate::config::columns::USER_COLUMNS) |
//! | groups | `id`, `name` |
//! | members | `group_id`, `user_id`; or one file per group, named after it |

mod dialect;
mod groups;
mod state;
mod status;
mod users;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use crate::collect::table::{self, ColumnsFound, Loaded, RawFile};
use crate::collect::{Batch, BoxFuture, Clock, CollectCx, Collector, Facts, Probe};
use crate::config::CsvIdpConfig;
use crate::error::Error;
use crate::model::id::IdpName;
use crate::model::{Fact, IdpFacts, SourceRecord};

/// The contents of an identity provider's files.
#[derive(Debug, Clone)]
pub struct CsvFiles<'a> {
    /// The users file.
    pub users: RawFile<'a>,
    /// The groups file, if the config names one.
    pub groups: Option<RawFile<'a>>,
    /// The members file, or one file per group, sorted by path.
    pub members: Vec<RawFile<'a>>,
}

/// Reads an identity provider from CSV files.
#[derive(Debug, Clone)]
pub struct CsvIdp {
    name: IdpName,
    config: CsvIdpConfig,
}

impl CsvIdp {
    /// A collector for the identity provider of this name.
    pub fn new(name: IdpName, config: CsvIdpConfig) -> Self {
        Self { name, config }
    }

    fn load(&self, base: &std::path::Path) -> Result<Vec<Loaded>, Error> {
        let mut paths = vec![self.config.users.clone()];
        paths.extend(self.config.groups.clone());
        match &self.config.members {
            Some(pattern) if is_pattern(pattern) => paths.extend(table::matching(base, pattern)?),
            Some(path) => paths.push(PathBuf::from(path)),
            None => {}
        }
        table::load_all(base, &paths)
    }

    /// The files by what they are, in the order in which [`CsvIdp::load`] gives them.
    fn contents<'f>(&self, files: &'f [Loaded]) -> Result<CsvFiles<'f>, Error> {
        let mut files = files.iter().map(Loaded::raw);
        let missing = || Error::Internal("a file that was loaded is not there".to_owned());
        Ok(CsvFiles {
            users: files.next().ok_or_else(missing)?,
            groups: match self.config.groups {
                Some(_) => Some(files.next().ok_or_else(missing)?),
                None => None,
            },
            members: files.collect(),
        })
    }

    fn load_and_read(&self, base: &std::path::Path, clock: &Clock) -> Result<Batch, Error> {
        let started = clock.now();
        let files = self.load(base)?;
        let mut batch = read(&self.name, &self.config, &self.contents(&files)?, clock)?;
        batch.record.started_at = started;
        Ok(batch)
    }

    fn look(
        &self,
        base: &std::path::Path,
        clock: &Clock,
    ) -> Result<(SourceRecord, Vec<(String, ColumnsFound)>), Error> {
        let files = self.load(base)?;
        let contents = self.contents(&files)?;
        let record = read(&self.name, &self.config, &contents, clock)?.record;
        let told = |file: RawFile<'_>, found: ColumnsFound| (file.path.to_owned(), found);
        let mut columns = vec![told(contents.users, users::columns_of(contents.users, &self.config.columns)?)];
        if let Some(file) = contents.groups {
            columns.push(told(file, groups::groups_columns(file, &self.config.group_columns)?));
        }
        for file in contents.members {
            columns.push(told(file, groups::members_columns(file, &self.config)?));
        }
        Ok((record, columns))
    }
}

fn asked(config: &CsvIdpConfig) -> Vec<Fact> {
    let mut asked = vec![Fact::IdpUsers];
    if config.groups.is_some() || config.members.is_some() {
        asked.push(Fact::IdpGroups);
    }
    asked
}

impl Collector for CsvIdp {
    fn source(&self) -> String {
        source(&self.name)
    }

    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>> {
        let (this, base, clock) = (self.clone(), cx.base.clone(), cx.clock.clone());
        table::off_thread(move || this.load_and_read(&base, &clock))
    }

    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe> {
        let (this, base, clock) = (self.clone(), cx.base.clone(), cx.clock.clone());
        Box::pin(async move {
            let read = table::off_thread(move || this.look(&base, &clock)).await;
            Probe::of_files(self.source(), asked(&self.config), read)
        })
    }
}

fn source(name: &IdpName) -> String {
    format!("idp:{name}")
}

/// Whether `members` means one file per group.
pub(crate) fn is_pattern(members: &str) -> bool {
    members.contains(['*', '?'])
}

/// Reads an identity provider from the contents of its files. A row that can't be read is a gap.
///
/// # Errors
/// When a file is empty or lacks a required column.
pub fn read(name: &IdpName, config: &CsvIdpConfig, files: &CsvFiles<'_>, clock: &Clock) -> Result<Batch, Error> {
    let started_at = clock.now();
    let mut users = users::read(files.users, config, started_at)?;
    let mut record_files = vec![users.file];
    let mut groups = None;
    if config.groups.is_some() || config.members.is_some() {
        let read = groups::read(config, files, &users.list)?;
        record_files.extend(read.files);
        users.gaps.extend(read.gaps);
        users.notes.extend(read.notes);
        groups = Some(read.list);
    }
    Ok(Batch {
        record: SourceRecord {
            source: source(name),
            kind: "csv".to_owned(),
            started_at,
            ended_at: clock.now(),
            asked: asked(config),
            operations: Vec::new(),
            files: record_files,
            gaps: users.gaps,
            not_offered: Vec::new(),
            notes: users.notes,
        },
        facts: Facts::Idp(Box::new(IdpFacts::of_people(name.clone(), "csv", users.list, groups))),
        events: Vec::new(),
    })
}
