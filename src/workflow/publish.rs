//! Writes an evidence pack and prints the summary.

use std::path::Path;

use super::shell::Shell;
use super::summary::headline;
use crate::assess::Assessment;
use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::ipe::RunFacts;
use crate::render::pack::{self, Overwrite};

/// Writes the pack, shows the summary, and prints the pack's path.
pub(crate) fn publish(
    shell: &Shell,
    assessment: &Assessment<'_>,
    run: &RunId,
    facts: &RunFacts,
    out: &Path,
    overwrite: Overwrite,
) -> Result<(), Error> {
    pack::write(assessment, run, facts, out, overwrite)?;
    for line in headline(assessment) {
        shell.say(&line);
    }
    shell.say(&format!("Report: {}", out.join("data").join("report.html").display()));
    Shell::print(&out.display().to_string())
}
