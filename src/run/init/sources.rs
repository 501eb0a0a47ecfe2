//! The sources that the options of `--discover` name, as the proposed config has to write them.

use std::path::{Path, PathBuf};

use super::draft::{Roster, Sources};
use crate::error::Error;

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

pub(super) fn sources(out: &Path, discover: &Discover) -> Result<Sources, Error> {
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
