//! The evidence pack: a BagIt folder (RFC 8493), written beside its place and moved there whole.

mod compare;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::html;
use crate::assess::Assessment;
use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::bag::{DATA, DECLARATION, INFO, IPE, MANIFEST, TAG_MANIFEST, VERSION, manifest_line};
use crate::evidence::ipe::{FileFacts, RunFacts, ipe};
use crate::evidence::report::{FileView, report};
use crate::evidence::schema::schema;
use crate::evidence::self_check::SelfCheck;
use crate::evidence::tables::TABLES;
use crate::evidence::tests::outcomes;

pub use compare::{Compared, compare};

/// What to do about a folder that is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Refuse.
    Refuse,
    /// Replace it, once the new pack is whole.
    Replace,
}

/// Refuses early, before anything is collected, what [`write()`] would refuse in the end.
///
/// # Errors
/// When `dir` exists and may not be replaced.
pub fn check_place(dir: &Path, overwrite: Overwrite) -> Result<(), Error> {
    match overwrite {
        Overwrite::Refuse if dir.exists() => Err(Error::OutputExists(dir.to_owned())),
        Overwrite::Replace if dir.exists() && !is_pack(dir) && !is_empty(dir) => Err(Error::Usage {
            message: format!("{} is not an evidence pack, so --force does not replace it", dir.display()),
            hint: "give another folder with --out, or remove it yourself".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Whether a folder is a pack of ours. `--force` replaces nothing else, so that a slip of the keys costs no home folder.
fn is_pack(dir: &Path) -> bool {
    dir.join(DECLARATION).is_file() && dir.join(IPE).is_file()
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}

/// Writes the pack to `dir`.
///
/// # Errors
/// When the place is taken, or writing fails; then nothing stands at `dir` that did not stand there before.
pub fn write(
    assessment: &Assessment<'_>,
    run: &RunId,
    facts: &RunFacts,
    dir: &Path,
    overwrite: Overwrite,
) -> Result<(), Error> {
    check_place(dir, overwrite)?;
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|e| Error::io("create", parent, e))?;
    // Beside its place, so that moving it there is one step within one file system.
    let staging = tempfile::Builder::new()
        .prefix(".overstay-")
        .tempdir_in(parent)
        .map_err(|e| Error::io("create a folder in", parent, e))?;
    let whole = staging.path().join("pack");
    let mut folder = Folder::new(&whole)?;
    fill(assessment, run, facts, &mut folder)?;
    if dir.exists() {
        let old = staging.path().join("old");
        fs::rename(dir, &old).map_err(|e| Error::io("replace", dir, e))?;
        if let Err(e) = fs::rename(&whole, dir) {
            // The old pack goes back where it was.
            let _ = fs::rename(&old, dir);
            return Err(Error::io("write", dir, e));
        }
    } else {
        fs::rename(&whole, dir).map_err(|e| Error::io("write", dir, e))?;
    }
    Ok(())
}

/// Where the files of a pack go. Every file is written once, whole, in the order that the pack needs.
trait Sink {
    /// A file that is being written.
    type File: Write;

    /// Begins a file, by its path within the pack.
    fn begin(&mut self, name: &str) -> Result<Self::File, Error>;

    /// Ends it.
    fn end(&mut self, name: &str, file: Self::File) -> Result<(), Error>;

    /// What it means that writing to a file failed.
    fn failed(&self, name: &str, source: io::Error) -> Error;
}

/// A new folder; every file is on disk when it is ended. Names, addresses and employment dates are in it, so that nobody else
/// on the machine may read it until its owner hands it on.
struct Folder {
    dir: PathBuf,
}

impl Folder {
    fn new(dir: &Path) -> Result<Self, Error> {
        let data = dir.join(DATA);
        let mut folders = fs::DirBuilder::new();
        folders.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
        folders.create(&data).map_err(|e| Error::io("create", &data, e))?;
        Ok(Self { dir: dir.to_owned() })
    }
}

impl Sink for Folder {
    type File = BufWriter<File>;

    fn begin(&mut self, name: &str) -> Result<Self::File, Error> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.dir.join(name)).map(BufWriter::new).map_err(|e| self.failed(name, e))
    }

    fn end(&mut self, name: &str, mut file: Self::File) -> Result<(), Error> {
        file.flush().and_then(|()| file.get_ref().sync_all()).map_err(|e| self.failed(name, e))
    }

    fn failed(&self, name: &str, source: io::Error) -> Error {
        Error::io("write", &self.dir.join(name), source)
    }
}

fn fill<S: Sink>(assessment: &Assessment<'_>, run: &RunId, facts: &RunFacts, sink: &mut S) -> Result<(), Error> {
    let mut bag = Bag { sink, entries: Vec::new(), bytes: 0 };
    let tests = outcomes(assessment);
    let mut files: Vec<FileFacts> = Vec::new();
    let mut listed: Vec<FileView> = Vec::new();
    let mut check = SelfCheck::new(assessment.ledger().timelines().is_some());
    for table in TABLES {
        let written = bag.add(table.file, |out| {
            table.write_seen(assessment, run.as_str(), out, &mut |cells| check.row(table, cells))
        })?;
        let sha256 = bag.digest_of_last();
        listed.push(FileView {
            name: table.file.to_owned(),
            about: table.about,
            rows: written.rows.to_string(),
            sha256: sha256.clone(),
        });
        files.push(FileFacts {
            name: table.file.to_owned(),
            sha256,
            rows: Some(written.rows),
            neutralised: Some(written.neutralised),
        });
    }
    let mut plain = |bag: &mut Bag<'_, S>, name: &str, about: &'static str, bytes: &[u8]| -> Result<(), Error> {
        bag.add(name, |out| out.write_all(bytes))?;
        let sha256 = bag.digest_of_last();
        listed.push(FileView { name: name.to_owned(), about, rows: String::new(), sha256: sha256.clone() });
        files.push(FileFacts { name: name.to_owned(), sha256, rows: None, neutralised: None });
        Ok(())
    };
    let ledger = assessment.ledger();
    plain(&mut bag, "config.toml", "the config as used; secrets are never in it", ledger.config().text.as_bytes())?;
    plain(&mut bag, "snapshot.json.zst", "every fact this rests on, sealed", ledger.snapshot().bytes())?;
    plain(&mut bag, "schema.json", "what every column means", &pretty(&schema())?)?;
    let view = report(assessment, &tests, run, listed);
    check.conclude(&tests, &view).map_err(|contradiction| Error::Internal(contradiction.to_string()))?;
    let page = html::html(&view)?;
    bag.add("report.html", |out| out.write_all(page.as_bytes()))?;
    files.push(FileFacts {
        name: "report.html".to_owned(),
        sha256: bag.digest_of_last(),
        rows: None,
        neutralised: None,
    });
    let provenance = pretty(&ipe(assessment, &tests, run, facts, &files))?;
    bag.add("ipe.json", |out| out.write_all(&provenance))?;
    bag.seal(run, facts, ledger.config().organization.as_deref())
}

fn pretty(value: &serde_json::Value) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| Error::Internal(format!("JSON: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The payload as it grows.
struct Bag<'s, S> {
    sink: &'s mut S,
    entries: Vec<(String, String)>,
    bytes: u64,
}

impl<S: Sink> Bag<'_, S> {
    /// Writes a payload file through a digest.
    fn add<T>(&mut self, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> Result<T, Error> {
        let name = format!("{DATA}/{name}");
        let mut out = Digesting { out: self.sink.begin(&name)?, hasher: Sha256::new(), bytes: 0 };
        let result = fill(&mut out).map_err(|e| self.sink.failed(&name, e))?;
        self.sink.end(&name, out.out)?;
        self.entries.push((name, HEXLOWER.encode(&out.hasher.finalize())));
        self.bytes += out.bytes;
        Ok(result)
    }

    fn digest_of_last(&self) -> String {
        self.entries.last().map_or_else(String::new, |(_, digest)| digest.clone())
    }

    /// Writes the tag files around the payload.
    fn seal(mut self, run: &RunId, facts: &RunFacts, organization: Option<&str>) -> Result<(), Error> {
        self.entries.sort();
        // A tag's value ends at the line's end; a name can't be allowed to begin another tag.
        let organization: String = organization.unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
        let info = format!(
            "Source-Organization: {organization}\nExternal-Identifier: {}\nBagging-Date: {}\nPayload-Oxum: {}.{}\nBag-Software-Agent: overstay {}\n",
            run.as_str(),
            facts.started_at.date(),
            self.bytes,
            self.entries.len(),
            env!("CARGO_PKG_VERSION"),
        );
        let tags = [(INFO, info), (DECLARATION, VERSION.to_owned()), (MANIFEST, lines(&self.entries))];
        let mut digests = Vec::new();
        for (name, text) in tags {
            self.put(name, &text)?;
            digests.push((name.to_owned(), HEXLOWER.encode(&Sha256::digest(text.as_bytes()))));
        }
        self.put(TAG_MANIFEST, &lines(&digests))
    }

    fn put(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let mut file = self.sink.begin(name)?;
        file.write_all(text.as_bytes()).map_err(|e| self.sink.failed(name, e))?;
        self.sink.end(name, file)
    }
}

fn lines(entries: &[(String, String)]) -> String {
    entries.iter().map(|(name, digest)| manifest_line(digest, name)).collect()
}

struct Digesting<W> {
    out: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buf)?;
        self.hasher.update(buf.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
