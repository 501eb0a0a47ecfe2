//! A store in a folder: files are made under another name beside their place, brought to disk, and given their name only if
//! nobody else has it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::SNAPSHOTS;
use super::files::{Contents, Files, Hold, Lock};
use crate::error::Error;
use crate::model::Instant;

/// What files are called until they are whole.
const TEMPORARY: (&str, &str) = (".overstay-", ".tmp");
/// A file that has been in the making for longer than this is left of a writer that died.
const ABANDONED: Duration = Duration::from_hours(24);

/// The folder.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Calls `each` with every file below a folder of the store.
    fn walk(&self, folder: &str, mut each: impl FnMut(PathBuf)) -> Result<(), Error> {
        let mut folders = vec![self.root.join(folder.trim_end_matches('/'))];
        while let Some(folder) = folders.pop() {
            let listing = match fs::read_dir(&folder) {
                Ok(listing) => listing,
                Err(e) if e.kind() == ErrorKind::NotFound => continue,
                Err(e) => return Err(Error::io("list", &folder, e)),
            };
            for found in listing {
                let found = found.map_err(|e| Error::io("list", &folder, e))?;
                if found.file_type().map_err(|e| Error::io("list", &folder, e))?.is_dir() {
                    folders.push(found.path());
                } else {
                    each(found.path());
                }
            }
        }
        Ok(())
    }

    /// The key of a file; none for a name that is no text, which no file of ours has.
    fn key(&self, path: &Path) -> Option<String> {
        let within = path.strip_prefix(&self.root).ok()?;
        let parts: Option<Vec<&str>> = within.components().map(|part| part.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    }
}

impl Files for Folder {
    fn prepare(&self) -> Result<(), Error> {
        let snapshots = self.root.join(SNAPSHOTS.trim_end_matches('/'));
        fs::create_dir_all(&snapshots).map_err(|e| Error::io("create", &snapshots, e))?;
        temporary(&snapshots).map(drop).map_err(|e| Error::io("write to", &snapshots, e))
    }

    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<bool, Error> {
        let path = self.root.join(key);
        put_new(&path, bytes).map_err(|e| Error::io("write", &path, e))
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.root.join(key);
        #[expect(clippy::disallowed_methods, reason = "the store reads its own files")]
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::io("read", &path, e)),
        }
    }

    fn get_each(&self, keys: Vec<String>) -> Contents<'_> {
        Box::new(keys.into_iter().map(|key| self.get(&key)))
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let mut keys = Vec::new();
        self.walk(prefix, |path| keys.extend(self.key(&path)))?;
        Ok(keys)
    }

    fn holds(&self, keys: &[String], _now: Instant) -> Result<Vec<Hold>, Error> {
        Ok(vec![Hold::Free; keys.len()])
    }

    fn remove(&self, key: &str) -> Result<(), Error> {
        let path = self.root.join(key);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io("remove", &path, e)),
            _ => Ok(()),
        }
    }

    fn clean(&self) -> Result<(), Error> {
        // The place's own clock: that of the files, which another machine may have made.
        let Ok(now) = temporary(&self.root).and_then(|file| file.as_file().metadata()?.modified()) else {
            return Ok(());
        };
        self.walk(SNAPSHOTS, |path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1) && is_abandoned(&path, now) {
                // It may be gone already, and if it can't be removed it still does no harm.
                let _ = fs::remove_file(&path);
            }
        })
    }

    fn lock(&self) -> Option<Lock> {
        None
    }

    fn locate(&self, key: &str) -> String {
        self.root.join(key).display().to_string()
    }
}

fn put_new(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    if path.exists() {
        return Ok(false);
    }
    let mut file = temporary(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => {}
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        Err(e) => return Err(e.error),
    }
    // The name survives a power cut once its folder is on disk, and a new folder's once the one above is. Not every
    // system can do that to folders; the file itself is safe already.
    for folder in folder.ancestors().take(3) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(true)
}

fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(TEMPORARY.0).suffix(TEMPORARY.1).tempfile_in(folder)
}

fn is_abandoned(path: &Path, now: SystemTime) -> bool {
    let touched = fs::metadata(path).and_then(|facts| facts.modified());
    touched.is_ok_and(|touched| now.duration_since(touched).is_ok_and(|age| age > ABANDONED))
}
