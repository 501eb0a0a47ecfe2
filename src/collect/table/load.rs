//! Files from disk.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use wildmatch::WildMatch;

use super::{RawFile, plain_error};
use crate::collect::BoxFuture;
use crate::error::Error;
use crate::model::Instant;

/// The largest file that is read: beyond it something else than a list of people was named by mistake.
const LARGEST: u64 = 1 << 30;

/// A file read from disk.
#[derive(Debug, Clone)]
pub struct Loaded {
    path: String,
    bytes: Vec<u8>,
    modified_at: Option<Instant>,
}

impl Loaded {
    /// The file for a reader.
    pub fn raw(&self) -> RawFile<'_> {
        RawFile { path: &self.path, bytes: &self.bytes, modified_at: self.modified_at }
    }
}

/// Reads a file; `path` is as the config has it, relative to `base`.
///
/// # Errors
/// When it is missing, not a file, too large, or the operating system refuses.
pub fn load(base: &Path, path: &Path) -> Result<Loaded, Error> {
    let shown = path.display().to_string();
    let full = base.join(path);
    let meta = match std::fs::metadata(&full) {
        Ok(meta) => meta,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(plain_error(
                &shown,
                format!("there is no file `{shown}`"),
                format!("paths are relative to the config file; it was looked for at `{}`", full.display()),
            ));
        }
        Err(error) => return Err(Error::io("read", &full, error)),
    };
    if meta.is_dir() {
        return Err(plain_error(&shown, format!("`{shown}` is a folder, not a file"), "name a CSV file".to_owned()));
    }
    if meta.len() > LARGEST {
        return Err(plain_error(
            &shown,
            format!("`{shown}` has {} bytes, and at most {LARGEST} are read", meta.len()),
            "name a CSV file of identities".to_owned(),
        ));
    }
    #[expect(clippy::disallowed_methods, reason = "collectors read the files that the config names")]
    let bytes = std::fs::read(&full).map_err(|error| Error::io("read", &full, error))?;
    let modified_at = meta.modified().ok().and_then(|at| jiff::Timestamp::try_from(at).ok()).map(Instant::new);
    Ok(Loaded { path: shown, bytes, modified_at })
}

/// Does `work` on a thread of its own: the calls that other collectors pace must not wait for a disk.
pub(crate) fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> BoxFuture<'static, Result<T, Error>> {
    Box::pin(async move {
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| Error::Internal(error.to_string()))?
    })
}

/// Reads several files.
///
/// # Errors
/// Everything that is wrong with any of them, at once.
pub fn load_all(base: &Path, paths: &[PathBuf]) -> Result<Vec<Loaded>, Error> {
    let mut files = Vec::with_capacity(paths.len());
    let mut wrong = Vec::new();
    for path in paths {
        match load(base, path) {
            Ok(file) => files.push(file),
            Err(Error::Input(diagnostics)) => wrong.extend(diagnostics),
            Err(other) => return Err(other),
        }
    }
    if wrong.is_empty() { Ok(files) } else { Err(Error::Input(wrong)) }
}

/// The files that a pattern such as `members/*.csv` means, by name. Wildcards stand in the file name only.
///
/// # Errors
/// When the folder can't be listed or nothing in it matches.
pub fn matching(base: &Path, pattern: &str) -> Result<Vec<PathBuf>, Error> {
    let path = Path::new(pattern);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new(""));
    if folder.to_string_lossy().contains(['*', '?']) {
        return Err(plain_error(
            pattern,
            format!("`{pattern}` has a wildcard in a folder's name"),
            "wildcards can stand in the file's name only: members/*.csv".to_owned(),
        ));
    }
    let full = base.join(folder);
    let entries = match std::fs::read_dir(if full.as_os_str().is_empty() { Path::new(".") } else { &full }) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(plain_error(
                pattern,
                format!("there is no folder `{}`", folder.display()),
                format!("paths are relative to the config file; it was looked for at `{}`", full.display()),
            ));
        }
        Err(error) => return Err(Error::io("read", &full, error)),
    };
    let wanted = WildMatch::new(name);
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::io("read", &full, error))?;
        let name = entry.file_name();
        // A leading dot marks a file that a person did not put there: editors and file systems leave such behind.
        let hidden = name.to_string_lossy().starts_with('.');
        if !hidden && wanted.matches(&name.to_string_lossy()) && entry.path().is_file() {
            found.push(folder.join(name));
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(plain_error(
            pattern,
            format!("no file matches `{pattern}`"),
            format!("it was looked for in `{}`", full.display()),
        ));
    }
    Ok(found)
}
