//! The bundled scenario: its configs and snapshots.

use serde::Deserialize;

use crate::collect::hr::csv as hr;
use crate::collect::idp::csv::{self as idp, CsvFiles};
use crate::collect::table::RawFile;
use crate::collect::{Batch, Clock, Facts};
use crate::config::{Config, IdpSource};
use crate::error::Error;
use crate::model::{AwsFacts, Days, Instant, SourceRecord};
use crate::snapshot::{self, Snapshot};

macro_rules! bundled {
    ($name:literal) => {
        include_str!(concat!("../../../templates/demo/", $name))
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
const QUARTER: &[u8] = include_bytes!("../../../templates/demo/quarter.snapshot.json.zst");
const QUARTER_CONFIG: &str = bundled!("quarter.toml");
const QUARTER_DAYS: &str = "2026-07-01..2026-09-30";

/// A recorded collection of AWS.
#[derive(Deserialize)]
struct Recorded {
    record: SourceRecord,
    facts: AwsFacts,
}

/// The config of the reviews.
pub(super) fn review_config() -> Result<Config, Error> {
    Config::parse(CONFIG, "the bundled overstay.toml").map_err(Error::Input)
}

/// The snapshots of the review and of the month after.
pub(super) fn reviews(config: &Config) -> Result<Vec<Snapshot>, Error> {
    DAYS.iter().map(|(day, exported, aws)| snapshot(config, day, exported, aws)).collect()
}

/// The quarter: its snapshot, config and days.
pub(super) fn quarter() -> Result<(Snapshot, Config, Days), Error> {
    let config = Config::parse(QUARTER_CONFIG, "the bundled quarter.toml").map_err(Error::Input)?;
    let broken = |e: &dyn std::fmt::Display| Error::Internal(format!("the bundled quarter: {e}"));
    let days: Days = QUARTER_DAYS.parse().map_err(|e| broken(&e))?;
    let snapshot = snapshot::read(QUARTER.to_vec()).map_err(|e| broken(&e))?;
    Ok((snapshot, config, days))
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
