//! `overstay demo`: the bundled scenario, through the same stages as real input.
//!
//! The story that started the project: fourteen live assignments of people disabled for over thirty days, two of them
//! contractors. A second pack shows the month after, with the fourteen removed; a third one how the whole quarter went.

mod scenario;

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::bag::IPE;
use crate::evidence::ipe::RunFacts;
use crate::exit::Status;
use crate::model::{AsOf, Period};
use crate::render::pack::{Overwrite, check_place};
use crate::snapshot::Snapshot;
use crate::workflow::{Shell, conclude, period, publish};

/// Writes the scenario's packs: the review's at `out`, the one of the month after and the one of the quarter beside it.
///
/// # Errors
/// When the places are taken by something else, or writing fails.
pub fn run(shell: &Shell, out: Option<PathBuf>, force: bool) -> Result<Status, Error> {
    let out = out.unwrap_or_else(|| PathBuf::from("reports/demo"));
    let (after, quarter) = (sibling(&out, "-a-month-later"), sibling(&out, "-quarter"));
    let config = scenario::review_config()?;
    // The demo's own packs may be written again without being asked: nobody's work is in them.
    let overwrite = |dir: &Path| if force || is_demo(dir) { Overwrite::Replace } else { Overwrite::Refuse };
    // All packs or none.
    for dir in [&out, &after, &quarter] {
        check_place(dir, overwrite(dir))?;
    }
    for (snapshot, dir) in scenario::reviews(&config)?.iter().zip([&out, &after]) {
        write(shell, snapshot, &config, None, dir, overwrite(dir))?;
    }
    let (snapshot, config, days) = scenario::quarter()?;
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
