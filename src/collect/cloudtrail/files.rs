//! Trail files on disk, as a trail or a SIEM wrote them, or as a trail's bucket was copied: digests and other logs beside the
//! records are known by their names.

use std::path::{Path, PathBuf};

use super::digest::{self, Checked};
use super::name::{Kind, kind};
use super::reading::{Content, Reading, Told, one};
use crate::collect::table::plain_error;
use crate::error::Error;
use crate::model::event::Window;

/// The files that a pattern means, sorted. `**` stands for any depth of folders.
///
/// # Errors
/// When the pattern is none, or no file of records matches.
pub(super) fn matching(base: &Path, pattern: &str) -> Result<Vec<PathBuf>, Error> {
    let full = base.join(pattern);
    let wrong = |message: String, help: &str| plain_error(pattern, message, help.to_owned());
    let text = full.to_str().ok_or_else(|| wrong(format!("`{pattern}` is not UTF-8"), "rename the folder"))?;
    let found = glob::glob(text)
        .map_err(|error| wrong(format!("`{pattern}` is not a pattern: {}", error.msg), "write trail/**/*.json.gz"))?;
    let mut paths = Vec::new();
    for path in found {
        let path = path.map_err(|error| {
            let folder = error.path().to_owned();
            Error::io("read", &folder, error.into())
        })?;
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        let message = format!("no file matches `{pattern}`");
        return Err(wrong(message, "paths are relative to the config file; `**` stands for any depth of folders"));
    }
    if !paths.iter().any(|path| kind(&shown(base, path)) == Kind::Records) {
        let message =
            format!("`{pattern}` matches no file of CloudTrail records, only digests, insights or other logs");
        return Err(wrong(message, "name the folder that has the folder CloudTrail in it"));
    }
    Ok(paths)
}

fn shown(base: &Path, path: &Path) -> String {
    path.strip_prefix(base).unwrap_or(path).display().to_string()
}

/// Reads the files. Within `covers`, what digests name has to be there.
pub(super) fn read(base: &Path, pattern: &str, paths: &[PathBuf], covers: Option<Window>) -> Told {
    let mut reading = Reading::default();
    let (mut digests, mut others) = (Vec::new(), 0_u64);
    for path in paths {
        let shown = shown(base, path);
        let content = Content::File(path);
        match kind(&shown) {
            Kind::Records => reading.add(one(&shown, &content)),
            Kind::Digest => match digest::read(&shown, &content) {
                Ok(digest) => digests.push(digest),
                Err(gap) => reading.add_gap(gap),
            },
            Kind::Other => others += 1,
        }
    }
    let count = digests.len();
    // Which account and Region count is not known here, so that digests prove nothing; they may disprove.
    let Checked { gaps, holes, matched, .. } = digest::check(digests, reading.contents(), covers, true);
    for gap in gaps {
        reading.add_gap(gap);
    }
    for hole in holes {
        reading.add_hole(hole);
    }
    let mut told = reading.finish(pattern.to_owned());
    if count > 0 {
        told.notes.push(format!(
            "{matched} of the files are as {count} digest files of CloudTrail describe them; the digests' signatures were not verified"
        ));
    }
    if others > 0 {
        told.notes
            .push(format!("{others} files of insights or of other services lie beside the records and were not read"));
    }
    told
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
