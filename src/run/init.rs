//! `overstay init`: the annotated config, or one for what is in reach.

mod access;
mod draft;
mod sources;
mod toml;

use std::path::{Path, PathBuf};

use crate::config::{Config, TEMPLATE};
use crate::diagnostic::render_all;
use crate::error::Error;
use crate::exit::Status;
use crate::model::HrStatus;
use crate::workflow::{Shell, gather, unread, write_new};

pub use sources::Discover;

/// Writes a config where there is none: the annotated one, or one for what there is to `discover`.
///
/// # Errors
/// When the file exists, what is to be looked at can't be, or the file can't be written.
pub async fn run(shell: &Shell, out: Option<PathBuf>, discover: Option<Discover>) -> Result<Status, Error> {
    let out = out.unwrap_or_else(|| shell.config.clone());
    if out.exists() {
        return Err(exists(&out));
    }
    if let Some(discover) = discover {
        return look_and_write(shell, &out, &discover).await;
    }
    write(&out, TEMPLATE)?;
    shell.say("Every key is explained in the file. Fill in [aws] and [[idp]], then run `overstay audit`.");
    Shell::print(&out.display().to_string())?;
    Ok(Status::Clean)
}

fn exists(out: &Path) -> Error {
    Error::Usage {
        message: format!("{} exists already", out.display()),
        hint: "give another name with --out; init replaces nothing".to_owned(),
    }
}

async fn look_and_write(shell: &Shell, out: &Path, discover: &Discover) -> Result<Status, Error> {
    if shell.offline {
        return Err(Error::Usage {
            message: "--offline forbids looking at AWS".to_owned(),
            hint: "leave --offline out, or leave --discover out for the annotated config".to_owned(),
        });
    }
    let mut sources = sources::sources(out, discover)?;
    let asked = Config::parse(&sources.text(), "the options of --discover").map_err(Error::Input)?;
    // Paths of the config start from where it will be.
    let there = Shell { config: out.to_owned(), ..shell.clone() };
    let snapshot = gather(&there, &asked).await?;
    if let Some(aws) = snapshot.aws() {
        sources.region = Some(aws.instance.region.clone());
    }
    if let (Some(roster), Some(hr)) = (&mut sources.roster, snapshot.hr()) {
        roster.lists_leavers = hr.records.iter().any(|record| record.status == HrStatus::Terminated);
    }
    let proposal = access::propose(&snapshot);
    let text = draft::config(&sources, &snapshot, &proposal);
    // What is written is read again first: a config that does not hold is worse than none.
    Config::parse(&text, &out.display().to_string()).map_err(|wrong| {
        Error::Internal(format!("the proposed config does not read: {}", render_all(&wrong, false)))
    })?;
    write(out, &text)?;
    for line in unread(&snapshot) {
        shell.say(&line);
    }
    shell.say(&format!(
        "{} [[access]] entries are proposed. Read every line that begins with `# review:`, then run `overstay audit`.",
        proposal.entries.len()
    ));
    Shell::print(&out.display().to_string())?;
    Ok(if snapshot.is_complete() { Status::Clean } else { Status::Incomplete })
}

/// Writes the config; a file that appeared in the meantime is not replaced.
fn write(out: &Path, text: &str) -> Result<(), Error> {
    write_new(out, text).map_err(|e| if matches!(e, Error::OutputExists(_)) { exists(out) } else { e })
}
