//! Whether a pack is as it was sealed: its form, and the digest of every file.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::Folder;
use crate::error::Error;
use crate::evidence::bag::{
    DATA, DECLARATION, FETCH, INFO, Listed, MANIFEST, SIGNATURE, TAG_MANIFEST, TAGS, declaration, is_payload, manifest,
    oxum,
};
use crate::evidence::verify::{Check, Defect};

/// The two checks, and what lies beside the pack and belongs to nobody.
pub(super) fn check(folder: &Folder) -> Result<(Vec<Check>, Vec<String>), Error> {
    let mut form = folder.odd().to_vec();
    let mut text = |name: &str| -> Result<Option<Vec<u8>>, Error> {
        let bytes = folder.text(name)?;
        if bytes.is_none() {
            form.push(Defect::of(name, "is not there"));
        }
        Ok(bytes)
    };
    let (bagit, info) = (text(DECLARATION)?, text(INFO)?);
    let (payload, tags) = (text(MANIFEST)?, text(TAG_MANIFEST)?);
    form.extend(bagit.as_deref().and_then(declaration));
    let mut listed = |file, bytes: Option<Vec<u8>>| -> Vec<Listed> {
        let (listed, defects) = bytes.map(|bytes| manifest(file, &bytes)).unwrap_or_default();
        form.extend(defects);
        listed
    };
    let (payload, tags) = (listed(MANIFEST, payload), listed(TAG_MANIFEST, tags));
    if folder.files().contains_key(FETCH) {
        form.push(Defect::of(FETCH, "names files that are elsewhere, and a pack holds everything itself"));
    }
    let mut files = Vec::new();
    match info.as_deref().map(oxum) {
        Some(Ok(said)) => files.extend(counted(folder, said)),
        Some(Err(defect)) => form.push(defect),
        None => {}
    }
    let digested = digests(folder, &payload, &tags, &mut files)?;
    let checks = vec![
        Check::of(
            "bag",
            form,
            "the declaration and both manifests are in the form that they should be".to_owned(),
            "the folder is not in the form of a pack".to_owned(),
        ),
        Check::of(
            "files",
            files,
            format!("{digested} files, each with the digest that its manifest says, and none besides"),
            "the files are not the ones that the manifests list".to_owned(),
        ),
    ];
    Ok((checks, strangers(folder, &tags)))
}

/// That the payload has as many bytes and files as is said.
fn counted(folder: &Folder, (bytes, files): (u64, u64)) -> Option<Defect> {
    let sizes: Vec<u64> = folder.files().iter().filter(|(name, _)| is_payload(name)).map(|(_, size)| *size).collect();
    let (is_bytes, is_files) = (sizes.iter().sum::<u64>(), sizes.len() as u64);
    (is_bytes != bytes || is_files != files).then(|| {
        let what = format!(
            "says that {DATA}/ has {bytes} bytes in {files} files (Payload-Oxum), and it has {is_bytes} in {is_files}"
        );
        Defect::of(INFO, what)
    })
}

/// Compares what is listed with what is there, and says how many files have their digests.
fn digests(folder: &Folder, payload: &[Listed], tags: &[Listed], defects: &mut Vec<Defect>) -> Result<usize, Error> {
    let mut right = 0;
    for (manifest, file) in payload.iter().map(|file| (MANIFEST, file)).chain(tags.iter().map(|f| (TAG_MANIFEST, f))) {
        if !folder.files().contains_key(&file.path) {
            let what = format!("is not there, and line {} of {manifest} lists it", file.line);
            defects.push(Defect::of(&file.path, what));
            continue;
        }
        let digest = folder.digest(&file.path)?;
        if digest == file.digest {
            right += 1;
        } else {
            let what = format!("has the digest {digest}, and line {} of {manifest} says {}", file.line, file.digest);
            defects.push(Defect::of(&file.path, what));
        }
    }
    let names: BTreeMap<&str, &Listed> = payload.iter().chain(tags).map(|file| (file.path.as_str(), file)).collect();
    let unlisted = folder.files().keys().filter(|name| is_payload(name) || TAGS.contains(&name.as_str()));
    for name in unlisted.filter(|name| !names.contains_key(name.as_str())) {
        let manifest = if is_payload(name) { MANIFEST } else { TAG_MANIFEST };
        defects.push(Defect::of(name, format!("is there, and {manifest} does not list it")));
    }
    defects.sort();
    Ok(right)
}

/// Files beside the payload that no manifest covers. The format allows them; nobody should take them for evidence.
fn strangers(folder: &Folder, tags: &[Listed]) -> Vec<String> {
    let known: BTreeSet<&str> =
        tags.iter().map(|file| file.path.as_str()).chain(TAGS).chain([TAG_MANIFEST, SIGNATURE, FETCH]).collect();
    let names = folder.files().keys().filter(|name| !is_payload(name) && !known.contains(name.as_str()));
    names.map(|name| format!("{name} lies in the folder and is no part of the pack: no digest covers it")).collect()
}
