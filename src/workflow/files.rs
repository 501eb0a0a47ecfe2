//! Files written complete or not at all.

use std::io::Write;
use std::path::Path;

use crate::error::Error;

/// Writes beside the place and moves it there, so that a reader sees the old file, the new one, or none.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(parent)?;
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    };
    write().map_err(|e| Error::io("write", path, e))
}

/// Writes a file that is not there yet: whole, or not at all.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), Error> {
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
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => Err(Error::OutputExists(path.to_owned())),
        Err(e) => Err(Error::io("write", path, e.error)),
    }
}
