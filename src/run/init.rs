//! `overstay init`: the annotated config, or one for what is in reach.

mod access;
mod draft;
mod toml;

use std::io::Write;
use std::path::{Path, PathBuf};

use super::collect::gather;
use super::{Shell, unread};
use crate::config::{Config, TEMPLATE};
use crate::diagnostic::render_all;
use crate::error::Error;
use crate::exit::Status;
use crate::model::HrStatus;

use draft::{Roster, Sources};

/// What to look at first.
#[derive(Debug, Clone, Default)]
pub struct Discover {
    /// The Region to start from.
    pub region: Option<String>,
    /// The organisation's name.
    pub organization: Option<String>,
    /// The identity provider's users.
    pub users: Option<PathBuf>,
    /// Its groups.
    pub groups: Option<PathBuf>,
    /// Their members.
    pub members: Option<PathBuf>,
    /// The HR roster.
    pub roster: Option<PathBuf>,
    /// The zone of its dates.
    pub time_zone: Option<String>,
}

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
    write_new(&out, TEMPLATE)?;
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
    let mut sources = sources(out, discover)?;
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
    write_new(out, &text)?;
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

fn sources(out: &Path, discover: &Discover) -> Result<Sources, Error> {
    let path = |path: &Option<PathBuf>| path.as_deref().map(|path| from(out, path)).transpose();
    let roster = match (&discover.roster, &discover.time_zone) {
        // Until it is read it is not known whether leavers stay in it.
        (Some(path), Some(zone)) => {
            Some(Roster { path: from(out, path)?, time_zone: zone.clone(), lists_leavers: true })
        }
        _ => None,
    };
    Ok(Sources {
        organization: discover.organization.clone(),
        region: discover.region.clone(),
        users: path(&discover.users)?,
        groups: path(&discover.groups)?,
        members: path(&discover.members)?,
        roster,
    })
}

/// A path of the command line as the config at `out` has to write it.
fn from(out: &Path, path: &Path) -> Result<String, Error> {
    let base = out.parent().filter(|base| !base.as_os_str().is_empty());
    let written = match base {
        Some(base) if path.is_relative() => {
            let absolute = |path: &Path| std::path::absolute(path).map_err(|e| Error::io("find", path, e));
            let (base, path) = (absolute(base)?, absolute(path)?);
            path.strip_prefix(&base).map(Path::to_owned).unwrap_or(path)
        }
        _ => path.to_owned(),
    };
    written.to_str().map(str::to_owned).ok_or_else(|| Error::Usage {
        message: format!("{} is not UTF-8, and the config has to name it", path.display()),
        hint: "rename the file".to_owned(),
    })
}

/// Writes a file that is not there yet: whole, or not at all.
fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prepare = || -> std::io::Result<tempfile::NamedTempFile> {
        std::fs::create_dir_all(parent)?;
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    let file = prepare().map_err(|e| Error::io("write", path, e))?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        // Somebody made it while we looked.
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(e) => Err(Error::io("write", path, e.error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_from_the_config() {
        let from = |out: &str, path: &str| from(Path::new(out), Path::new(path)).unwrap();
        assert_eq!(from("overstay.toml", "idp/users.csv"), "idp/users.csv");
        assert_eq!(from("audit/overstay.toml", "audit/users.csv"), "users.csv");
        assert_eq!(from("audit/overstay.toml", "/data/users.csv"), "/data/users.csv");
        assert!(Path::new(&from("audit/overstay.toml", "users.csv")).is_absolute());
    }
}
