//! `overstay demo`: the bundled scenario, through the same stages as real input.
//!
//! The story that started the project: fourteen live assignments of people disabled for over thirty days, two of them
//! contractors. A second pack shows the month after, with the fourteen removed; a third one how the whole quarter went.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::audit::{parse, publish};
use super::{Shell, conclude, period};
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
use crate::model::{AsOf, AwsFacts, Days, Instant, Period, SourceRecord};
use crate::render::pack::{Overwrite, check_place};
use crate::snapshot::{self, Snapshot};

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
/// The day of the review and a day a month later: the collection, when HR had exported its roster, and what AWS answered. The
/// roster of the review is older than policy allows, as it happens.
const DAYS: [(&str, &str, &str); 2] = [
    ("2026-09-30T17:00:00Z", "2026-09-21T06:00:00Z", bundled!("aws-2026-09-30.json")),
    ("2026-10-31T17:00:00Z", "2026-10-30T06:00:00Z", bundled!("aws-2026-10-31.json")),
];
/// The quarter, looked at every morning: what a store and logs make of it, as one snapshot with its history. A test makes it.
const QUARTER: &[u8] = include_bytes!("../../templates/demo/quarter.snapshot.json.zst");
const QUARTER_CONFIG: &str = bundled!("quarter.toml");
const QUARTER_DAYS: &str = "2026-07-01..2026-09-30";

/// A recorded collection of AWS.
#[derive(Deserialize)]
struct Recorded {
    record: SourceRecord,
    facts: AwsFacts,
}

/// Writes the scenario's packs: the review's at `out`, the one of the month after and the one of the quarter beside it.
///
/// # Errors
/// When the places are taken by something else, or writing fails.
pub fn run(shell: &Shell, out: Option<PathBuf>, force: bool) -> Result<Status, Error> {
    let out = out.unwrap_or_else(|| PathBuf::from("reports/demo"));
    let (after, quarter) = (sibling(&out, "-a-month-later"), sibling(&out, "-quarter"));
    let config = parse(CONFIG, "the bundled overstay.toml")?;
    // The demo's own packs may be written again without being asked: nobody's work is in them.
    let overwrite = |dir: &Path| if force || is_demo(dir) { Overwrite::Replace } else { Overwrite::Refuse };
    // All packs or none.
    for dir in [&out, &after, &quarter] {
        check_place(dir, overwrite(dir))?;
    }
    for ((day, exported, aws), dir) in DAYS.iter().zip([&out, &after]) {
        write(shell, &snapshot(&config, day, exported, aws)?, &config, None, dir, overwrite(dir))?;
    }
    let config = parse(QUARTER_CONFIG, "the bundled quarter.toml")?;
    let broken = |e: &dyn std::fmt::Display| Error::Internal(format!("the bundled quarter: {e}"));
    let days: Days = QUARTER_DAYS.parse().map_err(|e| broken(&e))?;
    let snapshot = snapshot::read(QUARTER.to_vec()).map_err(|e| broken(&e))?;
    write(shell, &snapshot, &config, Some(period::of(days, &config)?), &quarter, overwrite(&quarter))?;
    Ok(Status::Clean)
}

/// Writes one pack, and tells people what it says.
fn write(
    shell: &Shell,
    snapshot: &Snapshot,
    config: &Config,
    period: Option<Period>,
    dir: &Path,
    overwrite: Overwrite,
) -> Result<(), Error> {
    let as_of = shell.as_of.unwrap_or(AsOf::new(snapshot.ended_at()));
    let run = RunId::new(snapshot.digest(), &config.text, as_of, period);
    let facts = RunFacts { started_at: snapshot.ended_at(), command: "demo".to_owned() };
    let name = config.organization.as_deref().unwrap_or_default();
    shell.say("");
    shell.say(&match period {
        Some(period) => format!("{name} in the period {period}"),
        None => format!("{name} as of {as_of}"),
    });
    conclude(snapshot, config, as_of, period, |assessment| publish(shell, assessment, &run, &facts, dir, overwrite))
}

/// `reports/demo` → `reports/demo-quarter`.
fn sibling(out: &Path, suffix: &str) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
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
fn snapshot(config: &Config, day: &str, exported: &str, aws: &str) -> Result<Snapshot, Error> {
    let broken = |what: &str, e: &dyn std::fmt::Display| Error::Internal(format!("the bundled {what}: {e}"));
    let at: Instant = day.parse().map_err(|e| broken("day", &e))?;
    let exported: Instant = exported.parse().map_err(|e| broken("day", &e))?;
    let clock = Clock::fixed(at);
    let Recorded { record, facts } = serde_json::from_str(aws).map_err(|e| broken("AWS facts", &e))?;
    let mut batches = vec![Batch::new(record, Facts::Aws(Some(Box::new(facts))))];
    for source in &config.idps {
        let IdpSource::Csv(csv) = &source.source else { continue };
        let files = CsvFiles {
            users: RawFile { path: "users.csv", bytes: USERS.as_bytes(), modified_at: None },
            groups: Some(RawFile { path: "groups.csv", bytes: GROUPS.as_bytes(), modified_at: None }),
            members: vec![RawFile { path: "members.csv", bytes: MEMBERS.as_bytes(), modified_at: None }],
        };
        batches.push(idp::read(&source.name, csv, &files, &clock)?);
    }
    if let Some(roster) = &config.hr {
        batches.push(hr::read(
            roster,
            RawFile { path: "roster.csv", bytes: ROSTER.as_bytes(), modified_at: Some(exported) },
            &clock,
        )?);
    }
    Snapshot::seal(batches, at, at).map_err(|e| broken("scenario", &e))
}
