//! Holds the dependency tree to licences, one TLS stack, one source and few duplicates.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Licences that go with Apache-2.0 and ask for no more than their notice. `.cargo/deny.toml` has the same list.
const LICENCES: [&str; 7] =
    ["Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-3-Clause", "ISC", "MIT", "Unicode-3.0", "Zlib"];

/// There is one TLS stack: rustls with aws-lc-rs.
const BANNED: [&str; 4] = ["native-tls", "openssl", "openssl-sys", "ring"];

/// Crates that others need in two versions; each waits for them.
const TWICE: [&str; 11] = [
    "base64",
    "block-buffer",
    "cpufeatures",
    "crypto-common",
    "digest",
    "getrandom",
    "hashbrown",
    "sha1",
    "syn",
    "synstructure",
    "untrusted",
];

struct Package {
    name: String,
    version: String,
    /// Empty for what comes from the registry.
    source: String,
    licence: String,
}

/// What is built for this machine, build scripts and tests included.
fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal,build,dev", "--no-dedupe", "--prefix", "none"])
        .args(["--format", "{p}\t{l}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: BTreeSet<&str> = str::from_utf8(&output.stdout).unwrap().lines().collect();
    let package = |line: &&str| {
        let (id, licence) = line.split_once('\t').expect("a package and its licence");
        // A procedural macro says so; that is no source.
        let id = id.replace(" (proc-macro)", "");
        let mut words = id.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        Package { name: word(), version: word(), source: word(), licence: licence.to_owned() }
    };
    lines.iter().map(package).filter(|package| package.name != env!("CARGO_PKG_NAME")).collect()
}

/// Whether a licence expression can be met with `allowed`.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    // `/` is how `OR` was written once.
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = either(&words, &mut at, allowed);
    assert_eq!(at, words.len(), "{expression}");
    met
}

fn either(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(words, at, allowed);
    }
    met
}

fn both(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let word = words[*at];
    *at += 1;
    if word == "(" {
        let met = either(words, at, allowed);
        assert_eq!(words[*at], ")");
        *at += 1;
        return met;
    }
    let mut licence = word.to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{word} WITH {}", words[*at + 1]);
        *at += 2;
    }
    allowed.contains(&licence.as_str())
}

#[test]
fn licence_expressions_are_understood() {
    for (expression, met) in [
        ("MIT", true),
        ("MIT/GPL-3.0", true),
        ("GPL-3.0-only OR MPL-2.0", false),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("GPL-3.0-only AND MIT OR Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0 WITH Some-exception", false),
    ] {
        assert_eq!(is_met(expression, &LICENCES), met, "{expression}");
    }
}

#[test]
fn dependencies_have_licences_that_fit() {
    let packages = packages();
    assert!(packages.len() > 100, "{} packages", packages.len());
    for Package { name, version, licence, .. } in packages {
        assert!(is_met(&licence, &LICENCES), "{name} {version} has the licence `{licence}`");
    }
}

#[test]
fn dependencies_come_from_the_registry_and_bring_one_tls_stack() {
    for Package { name, version, source, .. } in packages() {
        assert_eq!(source, "", "{name} {version} comes from elsewhere");
        assert!(!BANNED.contains(&name.as_str()), "{name} {version} is banned");
    }
}

#[test]
fn no_further_crate_is_there_twice() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Package { name, version, .. } in packages() {
        versions.entry(name).or_default().insert(version);
    }
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        assert!(TWICE.contains(&name.as_str()), "{name} is there as {versions:?}");
    }
}

#[test]
fn cargo_deny_is_told_the_same() {
    let deny = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".cargo/deny.toml");
    let text = std::io::read_to_string(std::fs::File::open(deny).unwrap()).unwrap();
    let list =
        |items: &[&str]| format!("[{}]", items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", "));
    assert!(text.contains(&format!("allow = {}\n", list(&LICENCES))));
    assert!(text.contains(&format!("deny = {}\n", list(&BANNED))));
}
