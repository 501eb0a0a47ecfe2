//! `overstay demo`: the bundled scenario, through the same stages as real input.
//!
//! The story that started the project: fourteen live assignments of people disabled for over thirty days, two of them
//! contractors. A second pack shows the month after, with the fourteen removed.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::audit::{parse, publish};
use super::{Shell, conclude};
use crate::collect::hr::csv as hr;
use crate::collect::idp::csv::{self as idp, CsvFiles};
use crate::collect::table::RawFile;
use crate::collect::{Batch, Clock, Facts};
use crate::config::{Config, IdpSource};
use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::bag::IPE;
use crate::evidence::ipe::RunFacts;
use crate::exit::Status;
use crate::model::{AsOf, AwsFacts, Instant, SourceRecord};
use crate::render::pack::{Overwrite, check_place};
use crate::snapshot::Snapshot;

macro_rules! bundled {
    ($name:literal) => {
        include_str!(concat!("../../templates/demo/", $name))
    };
}

const CONFIG: &str = bundled!("overstay.toml");
const USERS: &str = bundled!("users.csv");
const GROUPS: &str = bundled!("groups.csv");
const MEMBERS: &str = bundled!("members.csv");
const ROSTER: &str = bundled!("roster.csv");
/// What AWS said on the day of the review, and a month on.
const DAYS: [(&str, &str); 2] = [
    ("2026-09-30T17:00:00Z", bundled!("aws-2026-09-30.json")),
    ("2026-10-31T17:00:00Z", bundled!("aws-2026-10-31.json")),
];

/// A recorded collection of AWS.
#[derive(Deserialize)]
struct Recorded {
    record: SourceRecord,
    facts: AwsFacts,
}

/// Writes the scenario's packs: the review's at `out`, the one of the month after beside it.
///
/// # Errors
/// When the places are taken by something else, or writing fails.
pub fn run(shell: &Shell, out: Option<PathBuf>, force: bool) -> Result<Status, Error> {
    let out = out.unwrap_or_else(|| PathBuf::from("reports/demo"));
    let after = sibling(&out);
    let config = parse(CONFIG, "the bundled overstay.toml")?;
    // The demo's own packs may be written again without being asked: nobody's work is in them.
    let overwrite = |dir: &Path| if force || is_demo(dir) { Overwrite::Replace } else { Overwrite::Refuse };
    // Both packs or none.
    for dir in [&out, &after] {
        check_place(dir, overwrite(dir))?;
    }
    for ((day, aws), dir) in DAYS.iter().zip([&out, &after]) {
        let snapshot = snapshot(&config, day, aws)?;
        let as_of = shell.as_of.unwrap_or(AsOf::new(snapshot.ended_at()));
        let run = RunId::new(snapshot.digest(), &config.text, as_of, None);
        let facts = RunFacts { started_at: snapshot.ended_at(), command: "demo".to_owned() };
        shell.say("");
        shell.say(&format!("{} as of {}", config.organization.as_deref().unwrap_or_default(), as_of));
        conclude(&snapshot, &config, as_of, None, |assessment| {
            publish(shell, assessment, &run, &facts, dir, overwrite(dir))
        })?;
    }
    Ok(Status::Clean)
}

/// `reports/demo` → `reports/demo-a-month-later`.
fn sibling(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push("-a-month-later");
    out.with_file_name(name)
}

/// Whether a folder holds a pack of this demo.
fn is_demo(dir: &Path) -> bool {
    #[expect(clippy::disallowed_methods, reason = "the shell looks whether the folder is the demo's own")]
    let ipe = std::fs::read_to_string(dir.join(IPE));
    ipe.ok()
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .is_some_and(|ipe| ipe.pointer("/run/command").and_then(serde_json::Value::as_str) == Some("demo"))
}

/// The scenario's snapshot of one day: recorded AWS facts, and the bundled files through the real collectors.
fn snapshot(config: &Config, day: &str, aws: &str) -> Result<Snapshot, Error> {
    let broken = |what: &str, e: &dyn std::fmt::Display| Error::Internal(format!("the bundled {what}: {e}"));
    let at: Instant = day.parse().map_err(|e| broken("day", &e))?;
    let clock = Clock::fixed(at);
    let Recorded { record, facts } = serde_json::from_str(aws).map_err(|e| broken("AWS facts", &e))?;
    let mut batches = vec![Batch::new(record, Facts::Aws(Some(Box::new(facts))))];
    for source in &config.idps {
        let IdpSource::Csv(csv) = &source.source else { continue };
        let files = CsvFiles {
            users: RawFile { path: "users.csv", bytes: USERS.as_bytes() },
            groups: Some(RawFile { path: "groups.csv", bytes: GROUPS.as_bytes() }),
            members: vec![RawFile { path: "members.csv", bytes: MEMBERS.as_bytes() }],
        };
        batches.push(idp::read(&source.name, csv, &files, &clock)?);
    }
    if let Some(roster) = &config.hr {
        batches.push(hr::read(roster, RawFile { path: "roster.csv", bytes: ROSTER.as_bytes() }, &clock)?);
    }
    Snapshot::seal(batches, at, at).map_err(|e| broken("scenario", &e))
}
