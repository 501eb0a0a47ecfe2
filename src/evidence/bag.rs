//! A pack as a BagIt bag (RFC 8493): the names of its files, and its tag files read strictly.
//!
//! Stricter than the RFC where `overstay` writes one form only: whoever checks a pack with another program should not read
//! other files, or other digests, than whoever checks it with this one. A manifest without defects is therefore the same
//! text when it is written again.

use std::collections::BTreeMap;

use super::verify::Defect;

/// The folder of the payload.
pub const DATA: &str = "data";
/// Says that the folder is a bag.
pub const DECLARATION: &str = "bagit.txt";
/// What [`DECLARATION`] holds.
pub const VERSION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/// Whose bag it is.
pub const INFO: &str = "bag-info.txt";
/// The digests of the payload.
pub const MANIFEST: &str = "manifest-sha256.txt";
/// The digests of the files beside the payload.
pub const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// A signature of [`TAG_MANIFEST`].
pub const SIGNATURE: &str = "tagmanifest-sha256.txt.sig";
/// Names files of the payload that are elsewhere. No pack has it: what is elsewhere is not evidence yet.
pub const FETCH: &str = "fetch.txt";
/// The provenance.
pub const IPE: &str = "data/ipe.json";
/// The config as used.
pub const CONFIG: &str = "data/config.toml";
/// Every fact the pack rests on.
pub const SNAPSHOT: &str = "data/snapshot.json.zst";

/// The files beside the payload that a tag manifest has to list.
pub const TAGS: [&str; 3] = [INFO, DECLARATION, MANIFEST];

/// Whether a file of the pack, by its path, belongs to the payload.
pub fn is_payload(path: &str) -> bool {
    path.strip_prefix(DATA).is_some_and(|rest| rest.starts_with('/'))
}

/// A line of a manifest, in the form that `sha256sum -c` reads.
pub fn manifest_line(digest: &str, path: &str) -> String {
    format!("{digest}  {path}\n")
}

/// A file that a manifest lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its path within the pack.
    pub path: String,
    /// SHA-256, lower-case hex.
    pub digest: String,
    /// The line that lists it, from one.
    pub line: u64,
}

/// Reads a manifest. `file` is [`MANIFEST`] or [`TAG_MANIFEST`]; the first lists the payload and nothing else, the other
/// never does. A line with a defect is named and lists nothing.
pub fn manifest(file: &'static str, bytes: &[u8]) -> (Vec<Listed>, Vec<Defect>) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return (Vec::new(), vec![Defect::of(file, "is not UTF-8 text")]);
    };
    let mut listed = Vec::new();
    let mut defects = Vec::new();
    let mut lines_of: BTreeMap<&str, u64> = BTreeMap::new();
    for (number, line) in (1u64..).zip(text.split_inclusive('\n')) {
        match entry(line, file == MANIFEST) {
            Ok((digest, path)) => match lines_of.get(path) {
                Some(first) => {
                    defects.push(Defect::at(file, number, format!("lists {path} again, after line {first}")));
                }
                None => {
                    lines_of.insert(path, number);
                    listed.push(Listed { path: path.to_owned(), digest: digest.to_owned(), line: number });
                }
            },
            Err(what) => defects.push(Defect::at(file, number, what)),
        }
    }
    if text.is_empty() {
        defects.push(Defect::of(file, "is empty"));
    }
    (listed, defects)
}

/// The digest and the path of a manifest's line, its end included.
fn entry(line: &str, payload: bool) -> Result<(&str, &str), &'static str> {
    let line = line.strip_suffix('\n').ok_or("the last line does not end")?;
    let (digest, rest) = line.split_at_checked(64).ok_or("does not begin with the 64 digits of a SHA-256")?;
    if !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err("does not begin with the 64 digits of a SHA-256");
    }
    if digest.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("the digest has upper-case letters, and overstay writes lower-case ones");
    }
    let path = rest.strip_prefix("  ").ok_or("has no two spaces between digest and path")?;
    if path.chars().any(char::is_control) {
        return Err("the path has control characters");
    }
    if path.starts_with('/') || path.contains('\\') {
        return Err("the path is not relative to the pack, with / between its parts");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("the path has an empty part, or one of dots");
    }
    match (is_payload(path), payload) {
        (true, false) => Err("lists a file of the payload, which is for the other manifest"),
        (false, true) => Err("lists a file that is not below data/"),
        _ => Ok((digest, path)),
    }
}

/// What `bagit.txt` has to be.
pub fn declaration(bytes: &[u8]) -> Option<Defect> {
    let wrong = "is not the declaration of BagIt 1.0 in UTF-8 that overstay writes";
    (bytes != VERSION.as_bytes()).then(|| Defect::of(DECLARATION, wrong))
}

/// How many bytes and files the payload has, as `bag-info.txt` says.
///
/// # Errors
/// When it does not say so, once and in the RFC's form.
pub fn oxum(bytes: &[u8]) -> Result<(u64, u64), Defect> {
    let text = std::str::from_utf8(bytes).map_err(|_| Defect::of(INFO, "is not UTF-8 text"))?;
    let mut found = (1u64..).zip(text.lines()).filter_map(|(number, line)| {
        let (label, value) = line.split_once(':')?;
        label.trim().eq_ignore_ascii_case("Payload-Oxum").then_some((number, value.trim()))
    });
    let (number, value) = found.next().ok_or_else(|| Defect::of(INFO, "has no Payload-Oxum"))?;
    if let Some((again, _)) = found.next() {
        return Err(Defect::at(INFO, again, format!("has Payload-Oxum again, after line {number}")));
    }
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let both = value.split_once('.').and_then(|(bytes, files)| digits(bytes).zip(digits(files)));
    both.ok_or_else(|| {
        Defect::at(INFO, number, "Payload-Oxum is not a number of bytes, a dot and a number of files".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn written(listed: &[Listed]) -> String {
        listed.iter().map(|file| manifest_line(&file.digest, &file.path)).collect()
    }

    #[test]
    fn what_is_not_in_our_form_is_named_with_its_line() {
        let good = format!("{DIGEST}  data/a.csv\n");
        for (line, words) in [
            (format!("{}  data/b.csv\n", DIGEST.to_uppercase()), "upper-case"),
            (format!("{}  data/b.csv\n", &DIGEST[1..]), "64 digits"),
            ("data/b.csv\n".to_owned(), "64 digits"),
            ("\n".to_owned(), "64 digits"),
            (format!("{DIGEST} *data/b.csv\n"), "two spaces"),
            (format!("{DIGEST}\tdata/b.csv\n"), "two spaces"),
            (format!("{DIGEST}  data/b.csv\r\n"), "control characters"),
            (format!("{DIGEST}  /etc/passwd\n"), "relative"),
            (format!("{DIGEST}  data\\b.csv\n"), "relative"),
            (format!("{DIGEST}  data/../../b.csv\n"), "of dots"),
            (format!("{DIGEST}  ./data/b.csv\n"), "of dots"),
            (format!("{DIGEST}  data//b.csv\n"), "empty part"),
            (format!("{DIGEST}  data/\n"), "empty part"),
            (format!("{DIGEST}  \n"), "empty part"),
            (format!("{DIGEST}  database/b.csv\n"), "not below data/"),
            (format!("{DIGEST}  bagit.txt\n"), "not below data/"),
            (format!("{DIGEST}  data/a.csv\n"), "again, after line 1"),
            (format!("{DIGEST}  data/b.csv"), "does not end"),
        ] {
            let (listed, defects) = manifest(MANIFEST, format!("{good}{line}").as_bytes());
            assert_eq!(listed.len(), 1, "{line:?}");
            let [defect] = &defects[..] else { panic!("{line:?}: {defects:?}") };
            assert!(defect.line == Some(2) && defect.what.contains(words), "{line:?}: {defect:?}");
        }
        let (listed, defects) = manifest(TAG_MANIFEST, good.as_bytes());
        assert!(listed.is_empty() && defects[0].what.contains("the other manifest"), "{defects:?}");
        for (bytes, words) in [(&b""[..], "is empty"), (b"\xff", "UTF-8")] {
            assert!(manifest(MANIFEST, bytes).1[0].what.contains(words));
        }
    }

    #[test]
    fn one_defect_hides_no_other() {
        let text = format!("x\n{DIGEST}  data/a.csv\ny\n{DIGEST}  data/a.csv\n");
        let lines: Vec<Option<u64>> = manifest(MANIFEST, text.as_bytes()).1.iter().map(|defect| defect.line).collect();
        assert_eq!(lines, [Some(1), Some(3), Some(4)]);
    }

    #[test]
    fn the_payloads_size_is_said_once() {
        assert_eq!(oxum(b"Bagging-Date: 2026-09-30\nPayload-Oxum: 1234.5\n"), Ok((1234, 5)));
        for (text, words) in [
            ("", "no Payload-Oxum"),
            ("Payload-Oxum: 1.2\npayload-oxum: 1.2\n", "again, after line 1"),
            ("Payload-Oxum: 12\n", "a dot"),
            ("Payload-Oxum: +1.2\n", "a dot"),
            ("Payload-Oxum: 1.2.3\n", "a dot"),
            ("Payload-Oxum: .1\n", "a dot"),
            ("Payload-Oxum: 99999999999999999999.1\n", "a dot"),
        ] {
            assert!(oxum(text.as_bytes()).unwrap_err().what.contains(words), "{text:?}");
        }
    }

    #[test]
    fn the_declaration_is_ours_to_the_byte() {
        assert_eq!(declaration(VERSION.as_bytes()), None);
        for other in ["", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n", VERSION.trim_end()] {
            assert!(declaration(other.as_bytes()).is_some());
        }
    }

    fn lines() -> impl Strategy<Value = String> {
        let pieces = prop_oneof![
            Just(DIGEST.to_owned()),
            "[0-9a-fA-F]{60,66}",
            Just("  ".to_owned()),
            Just(" *".to_owned()),
            Just("data/".to_owned()),
            Just("../".to_owned()),
            Just("\n".to_owned()),
            "[a-z./\\\\ \\r\u{e9}]{0,6}",
        ];
        proptest::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0u8.., 0..300)) {
            for file in [MANIFEST, TAG_MANIFEST] {
                let _ = manifest(file, &bytes);
            }
            let _ = oxum(&bytes);
        }

        #[test]
        fn what_has_no_defect_is_what_we_would_write(text in lines()) {
            let (listed, defects) = manifest(MANIFEST, text.as_bytes());
            for file in &listed {
                prop_assert!(is_payload(&file.path) && !file.path.split('/').any(|part| part == ".."), "{}", file.path);
            }
            prop_assert_eq!(defects.is_empty(), !text.is_empty() && written(&listed) == text);
        }

        #[test]
        fn what_we_write_reads_back(names in proptest::collection::btree_set("[a-zA-Z0-9_.-]{0,8}[a-z]", 1..20)) {
            let digest = |n: u64| format!("{n:064x}");
            let mut n = 0;
            let files: Vec<Listed> = names.into_iter().map(|name| {
                n += 1;
                Listed { path: format!("data/{name}"), digest: digest(n), line: n }
            }).collect();
            prop_assert_eq!(manifest(MANIFEST, written(&files).as_bytes()), (files, Vec::new()));
        }

        #[test]
        fn one_byte_less_or_another_is_seen(at in 0usize..1000, byte in 0u8.., less in any::<bool>()) {
            let files = ["data/a.csv", "data/b.csv"].map(|path| Listed { path: path.to_owned(), digest: DIGEST.to_owned(), line: 1 });
            let text = written(&files);
            let mut bytes = text.clone().into_bytes();
            let at = at % bytes.len();
            if less { bytes.remove(at); } else { bytes[at] = byte; }
            let (listed, defects) = manifest(MANIFEST, &bytes);
            prop_assert!(!defects.is_empty() || written(&listed) != text || bytes == text.as_bytes());
        }
    }
}
