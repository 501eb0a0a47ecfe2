//! A pack's folder: which files are in it, and what they hold.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::evidence::bag::{DECLARATION, IPE, MANIFEST, SNAPSHOT, TAG_MANIFEST};
use crate::evidence::verify::Defect;

/// What makes a folder a pack, be it a broken one.
const MARKS: [&str; 4] = [DECLARATION, MANIFEST, TAG_MANIFEST, IPE];

/// A text of a pack that is longer is none of ours; the largest are the provenance and the config.
const LONGEST_TEXT: u64 = 256 << 20;

/// A folder that looks like a pack, with the files that are in it.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// The size of every file, by its path within the pack.
    files: BTreeMap<String, u64>,
    /// What is in it and no file.
    odd: Vec<Defect>,
}

impl Folder {
    /// Looks what is in a folder. No link is followed.
    ///
    /// # Errors
    /// When it is no pack at all, or can't be listed.
    pub(super) fn open(root: &Path) -> Result<Self, Error> {
        let usage = |message: String| Error::Usage {
            message,
            hint: "give the folder that `overstay audit` wrote, with bagit.txt and data/ in it".to_owned(),
        };
        match std::fs::metadata(root) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(usage(format!("{} is not a folder, and a pack is one", root.display()))),
            Err(e) if e.kind() == ErrorKind::NotFound => {
                return Err(usage(format!("there is no pack at {}", root.display())));
            }
            Err(e) => return Err(Error::io("read", root, e)),
        }
        let mut folder = Self { root: root.to_owned(), files: BTreeMap::new(), odd: Vec::new() };
        folder.walk()?;
        if MARKS.iter().any(|mark| folder.files.contains_key(*mark)) {
            return Ok(folder);
        }
        Err(usage(format!("{} is not an evidence pack", root.display())))
    }

    fn walk(&mut self) -> Result<(), Error> {
        let mut folders = vec![(self.root.clone(), String::new())];
        while let Some((path, name)) = folders.pop() {
            let failed = |e: io::Error| Error::io("list", &path, e);
            for found in std::fs::read_dir(&path).map_err(failed)? {
                let found = found.map_err(failed)?;
                let kind = found.file_type().map_err(failed)?;
                let own = found.file_name();
                let name = format!("{name}{}", own.to_string_lossy());
                if own.to_str().is_none() {
                    self.odd.push(Defect::of(&name, "has a name that is not UTF-8, which no manifest can list"));
                } else if kind.is_dir() {
                    folders.push((found.path(), format!("{name}/")));
                } else if kind.is_file() {
                    let size = found.metadata().map_err(|e| Error::io("read", &found.path(), e))?.len();
                    self.files.insert(name, size);
                } else if kind.is_symlink() {
                    self.odd.push(Defect::of(&name, "is a symbolic link, and a pack holds everything itself"));
                } else {
                    self.odd.push(Defect::of(&name, "is neither a file nor a folder"));
                }
            }
        }
        self.odd.sort();
        Ok(())
    }

    /// The pack's folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The size of every file, by its path within the pack.
    pub(super) fn files(&self) -> &BTreeMap<String, u64> {
        &self.files
    }

    /// What is in it and no file.
    pub(super) fn odd(&self) -> &[Defect] {
        &self.odd
    }

    /// A small file's content; none when it is not there. What is too long to be ours is cut, and so is not what it should be.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn text(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.read(name, LONGEST_TEXT)
    }

    /// The snapshot's bytes; none when it is not there.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn snapshot(&self) -> Result<Option<Vec<u8>>, Error> {
        self.read(SNAPSHOT, u64::MAX)
    }

    fn read(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, Error> {
        if !self.files.contains_key(name) {
            return Ok(None);
        }
        let path = self.root.join(name);
        let read = || -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            File::open(&path)?.take(most).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map(Some).map_err(|e| Error::io("read", &path, e))
    }

    /// SHA-256 of a file, lower-case hex. However large it is, it is never held whole.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn digest(&self, name: &str) -> Result<String, Error> {
        let path = self.root.join(name);
        let read = || -> io::Result<String> {
            let mut file = File::open(&path)?;
            let mut hasher = Sha256::new();
            let mut buffer = vec![0; 1 << 16];
            loop {
                match file.read(&mut buffer) {
                    Ok(0) => return Ok(HEXLOWER.encode(&hasher.finalize())),
                    Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
                    Err(e) if e.kind() == ErrorKind::Interrupted => {}
                    Err(e) => return Err(e),
                }
            }
        };
        read().map_err(|e| Error::io("read", &path, e))
    }
}
