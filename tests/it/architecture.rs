//! Holds the source to its layout: who may import whom, how long a file may be, and what must never appear.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module of the crate with the modules it may import. What a stage may not name, it can't depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("exit", &[]),
    ("diagnostic", &[]),
    ("error", &["diagnostic", "exit"]),
    ("model", &[]),
    ("config", &["diagnostic", "model"]),
    // What the AWS collector and the store in a bucket share; neither may import the other.
    ("aws", &[]),
    ("collect", &["aws", "config", "diagnostic", "error", "model"]),
    ("snapshot", &["collect", "model"]),
    ("store", &["aws", "error", "model", "snapshot"]),
    ("reconcile", &["config", "model", "snapshot"]),
    ("rules", &["config", "model", "reconcile", "snapshot"]),
    ("assess", &["config", "model", "reconcile", "rules"]),
    ("evidence", &["assess", "config", "model", "reconcile", "rules", "snapshot"]),
    ("render", &["assess", "error", "evidence"]),
    // The steps that commands share.
    (
        "workflow",
        &[
            "assess",
            "collect",
            "config",
            "error",
            "evidence",
            "exit",
            "model",
            "reconcile",
            "render",
            "rules",
            "snapshot",
            "store",
        ],
    ),
    (
        "run",
        &[
            "collect",
            "config",
            "diagnostic",
            "error",
            "evidence",
            "exit",
            "model",
            "reconcile",
            "render",
            "rules",
            "snapshot",
            "store",
            "workflow",
        ],
    ),
    ("cli", &["evidence", "model", "run", "workflow"]),
    ("lib", &[]),
    // The shell composes everything through the crate's public face.
    ("main", &[]),
];

/// Conclusions are drawn from values alone.
const PURE: &[&str] = &["model", "config", "reconcile", "rules", "assess", "evidence"];

/// Who calls AWS: the collector, the store in a bucket, and what they share.
const AWS: &[&str] = &["src/aws/", "src/collect/aws/", "src/store/bucket"];

/// The longest a source file may be.
const LINES: usize = 600;
/// Files that are longer, each with its reason. A line that is no longer needed fails the test.
const LONGER: &[(&str, &str)] = &[];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

fn read(path: &Path) -> String {
    let bytes = fs::File::open(path).and_then(|mut file| {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes).map(|_| bytes)
    });
    String::from_utf8_lossy(&bytes.unwrap()).into_owned()
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/")
}

/// A source file's shipped code: without comments, and without what is compiled for tests only.
struct Source {
    name: String,
    module: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    let texts: Vec<(PathBuf, String)> = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "rs"))
        .map(|path| (path.clone(), read(&path)))
        .collect();
    let mut test_modules: BTreeSet<PathBuf> = BTreeSet::new();
    for (path, text) in &texts {
        let stem = path.file_stem().unwrap();
        let dir = if stem == "mod" || stem == "lib" { path.parent().unwrap().into() } else { path.with_extension("") };
        for rest in text.split("#[cfg(test)]").skip(1) {
            let line = rest.trim_start().lines().next().unwrap_or_default();
            if let Some(module) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                test_modules.insert(dir.join(module));
            }
        }
    }
    let shipped = texts.into_iter().filter(|(path, _)| {
        !test_modules.iter().any(|module| path.starts_with(module) || path.with_extension("") == *module)
    });
    shipped
        .map(|(path, text)| {
            // By convention a file's tests are its end.
            let end = text.match_indices("#[cfg(test)]").find(|(at, _)| {
                let line = text[*at..].lines().nth(1).unwrap_or_default();
                line.starts_with("mod ") && line.ends_with('{')
            });
            let code = end.map_or(text.as_str(), |(at, _)| &text[..at]);
            let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let name = name(&path);
            let module = name.trim_start_matches("src/").split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            Source { module, code: lines.join("\n"), name }
        })
        .collect()
}

/// The modules named after `crate::` in a piece of code, `use crate::{a, b::C}` included.
fn imports(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (at, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && c.is_alphabetic() => {
                        found.insert(word(&list[at..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            found.insert(word(rest));
        }
    }
    found
}

#[test]
fn modules_import_only_what_stands_left_of_them() {
    for Source { name, module, code } in sources() {
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == module) else {
            panic!("{name}: the module `{module}` has no place in LAYERS");
        };
        for import in imports(&code) {
            assert!(
                import == module || allowed.contains(&import.as_str()),
                "{name} imports crate::{import}, but `{module}` may import only {allowed:?}"
            );
        }
    }
}

#[test]
fn grouped_imports_are_seen() {
    let code = "use crate::{model::{A, B}, run};\nlet x = crate::rules::find();";
    assert_eq!(imports(code), ["model", "rules", "run"].map(String::from).into());
}

#[test]
fn conclusions_know_no_clock_network_file_or_environment() {
    for Source { name, module, code } in sources() {
        if !PURE.contains(&module.as_str()) {
            continue;
        }
        for word in ["std::fs", "std::net", "std::env::var", "tokio::", "Timestamp::now", "SystemTime", "Instant::now"]
        {
            assert!(!code.contains(word), "{name} names {word}");
        }
    }
}

#[test]
fn only_who_calls_aws_names_the_sdk() {
    for Source { name, code, .. } in sources() {
        if !AWS.iter().any(|place| name.starts_with(place)) {
            for sdk in ["aws_sdk", "aws_config", "aws_smithy", "aws_credential"] {
                assert!(!code.contains(sdk), "{name} names {sdk}");
            }
        }
    }
}

#[test]
fn source_files_are_short() {
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    walk(&root().join("tests"), &mut files);
    for path in files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs")) {
        let (name, lines) = (name(path), read(path).lines().count());
        if let Some((_, why)) = LONGER.iter().find(|(longer, _)| *longer == name) {
            assert!(lines > LINES, "{name} has {lines} lines; its line in LONGER ({why}) can go");
        } else {
            assert!(lines <= LINES, "{name} has {lines} lines, more than {LINES}");
        }
    }
    assert!(read(&root().join("src/main.rs")).lines().count() < 120, "main.rs is only the shell");
}

#[test]
fn templates_escape_everything() {
    let mut files = Vec::new();
    walk(&root().join("templates"), &mut files);
    for path in files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "hbs")) {
        let text = read(path);
        assert!(!text.contains("{{{") && !text.contains("{{&"), "{} prints something unescaped", name(path));
    }
}

#[test]
fn nothing_points_outside_the_repository() {
    let outside = [["..", "shared"].join("/"), ["", "work", "shared"].join("/")];
    let mut files = Vec::new();
    for dir in ["src", "templates", "tests", ".ci", ".cargo"] {
        if root().join(dir).is_dir() {
            walk(&root().join(dir), &mut files);
        }
    }
    files.extend(["README.md", "CHANGELOG.md", "Cargo.toml", ".gitignore"].map(|file| root().join(file)));
    for path in files {
        let text = read(&path);
        for word in &outside {
            assert!(!text.contains(word.as_str()), "{} mentions {word}", name(&path));
        }
    }
}
