//! Holds README, config template and help to what the program is. `UPDATE=1` rewrites the README's generated blocks.

use std::fmt::Write as _;
use std::path::Path;

use clap::{CommandFactory, Parser};
use overstay::cli::Cli;
use overstay::collect::aws::iam_policy;
use overstay::config::columns::USER_COLUMNS;
use overstay::config::reserved::RESERVED;
use overstay::config::{Config, TEMPLATE};
use overstay::evidence::tables::TABLES;
use overstay::exit::Status;
use overstay::rules::RULES;

use crate::place::{Place, files, updating};

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

type Block = (&'static str, fn() -> String);

/// The generated blocks, in the order of the page.
const BLOCKS: &[Block] = &[
    ("demo", demo),
    ("commands", commands),
    ("iam-policy", policy),
    ("exit-codes", exit_codes),
    ("pack", pack),
    ("rules", rules),
    ("reserved", reserved),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    let mut text = String::new();
    let mut file = std::fs::File::open(root().join("README.md")).unwrap();
    std::io::Read::read_to_string(&mut file, &mut text).unwrap();
    text
}

/// What the demo tells people of its first pack.
fn demo() -> String {
    let told = Place::new().run(&["demo"]).with(0).stderr;
    let first = told.trim().split("\n\n").next().unwrap();
    let lines: Vec<String> = first
        .lines()
        .map(|line| {
            // Fourteen addresses in a row say no more than three of them do here.
            let names: Vec<&str> = line.split(", ").collect();
            if names.len() > 4 && line.starts_with("  ") {
                format!("{}, …", names[..3].join(", "))
            } else {
                line.to_owned()
            }
        })
        .collect();
    format!("```text\n{}\n```", lines.join("\n"))
}

fn commands() -> String {
    let mut text = String::from("| command | what it does |\n|---|---|\n");
    for command in Cli::command().get_subcommands() {
        let about = command.get_about().unwrap();
        writeln!(text, "| `overstay {}` | {about} |", command.get_name()).unwrap();
    }
    text.trim_end().to_owned()
}

fn policy() -> String {
    format!("```json\n{}\n```", iam_policy(None, None, vec![]).trim_end())
}

fn exit_codes() -> String {
    let mut text = String::from("| code | meaning |\n|---|---|\n");
    for status in Status::ALL {
        writeln!(text, "| {} | {} |", status.code(), status.describe()).unwrap();
    }
    text.trim_end().to_owned()
}

fn pack() -> String {
    let mut text = String::from("| file | what it has |\n|---|---|\n");
    let mut file = |name: &str, about: &str| writeln!(text, "| `{name}` | {about} |").unwrap();
    file("data/report.html", "the cover, results per control and test, findings, populations; one file, no network");
    for table in TABLES {
        file(&format!("data/{}", table.file), table.about);
    }
    file(
        "data/ipe.json",
        "provenance: who ran what, every operation with its pages and items, what was not read, tie-outs",
    );
    file("data/config.toml", "the config as used; secrets are never in it");
    file("data/snapshot.json.zst", "every fact this rests on, sealed");
    file("data/schema.json", "what every column means");
    file("manifest-sha256.txt", "the digest of every file in `data/`");
    file("tagmanifest-sha256.txt", "the digests of the files beside it");
    file("bagit.txt", "the format's declaration");
    file("bag-info.txt", "whose bag it is, and when it was made");
    text.trim_end().to_owned()
}

fn rules() -> String {
    let mut text = String::from("| rule | title | severity |\n|---|---|---|\n");
    for rule in RULES {
        let meta = rule.meta();
        writeln!(text, "| `{}` | {} | {} |", meta.id, meta.title, meta.severity).unwrap();
    }
    text.trim_end().to_owned()
}

fn reserved() -> String {
    let keys: Vec<String> = RESERVED.iter().map(|key| format!("`{key}`")).collect();
    format!("{}.", keys.join(", "))
}

/// The page with every block as it should be.
fn rewritten(page: &str) -> String {
    let mut page = page.to_owned();
    for (name, make) in BLOCKS {
        let begin = format!("{BEGIN}{name} -->\n");
        let start = page.find(&begin).unwrap_or_else(|| panic!("README.md has no block `{name}`")) + begin.len();
        let length = page[start..].find(END).unwrap_or_else(|| panic!("the block `{name}` has no end"));
        page.replace_range(start..start + length, &format!("\n{}\n\n", make()));
    }
    page
}

#[test]
fn generated_blocks_are_what_the_program_says() {
    let page = readme();
    let expected = rewritten(&page);
    if updating() && page != expected {
        let mut file = std::fs::File::create(root().join("README.md")).unwrap();
        std::io::Write::write_all(&mut file, expected.as_bytes()).unwrap();
    } else if let Some((is, should)) = page.lines().zip(expected.lines()).find(|(is, should)| is != should) {
        panic!("README.md has\n  {is}\nfor\n  {should}\nrewrite it with UPDATE=1 cargo test");
    } else {
        assert_eq!(page, expected, "rewrite README.md with UPDATE=1 cargo test");
    }
    assert_eq!(page.matches(BEGIN).count(), BLOCKS.len(), "a block that nothing generates");
}

#[test]
fn the_packs_files_are_the_ones_listed() {
    let listed = pack();
    for name in files(&root().join("reports/sample")).keys() {
        assert!(listed.contains(&format!("`{name}`")), "{name} is not in the README's table");
    }
}

/// The code blocks of a kind, without their indentation.
fn fenced(page: &str, kind: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in page.lines() {
        match (line.trim(), &mut open) {
            ("```", Some(block)) => {
                blocks.push(block.join("\n"));
                open = None;
            }
            (_, Some(block)) => block.push(line.strip_prefix("   ").unwrap_or(line)),
            (fence, None) if fence == format!("```{kind}") => open = Some(Vec::new()),
            _ => {}
        }
    }
    blocks
}

/// What is typed after `overstay` in shell blocks and in `overstay …` within sentences.
fn typed(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in fenced(text, "sh").iter().flat_map(|block| block.lines()) {
        let command = line.strip_prefix("overstay ").or_else(|| line.strip_prefix("cargo run --release -- "));
        found.extend(command.map(str::to_owned));
    }
    for rest in text.split("`overstay ").skip(1) {
        found.extend(rest.split('`').next().map(str::to_owned));
    }
    found
}

#[test]
fn commands_in_the_documents_can_be_typed() {
    let page = readme();
    let commands = typed(&page);
    assert!(commands.len() > 8, "{commands:?}");
    let names: Vec<String> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for command in commands.iter().chain(&typed(TEMPLATE)) {
        let words: Vec<&str> = command.split_whitespace().collect();
        assert!(names.iter().any(|name| name == words[0]), "`overstay {command}`: there is no such command");
        if words.len() > 1 {
            let parsed = Cli::try_parse_from(std::iter::once("overstay").chain(words));
            assert!(parsed.is_ok(), "`overstay {command}`: {}", parsed.unwrap_err());
        }
    }
    assert!(
        page.contains("```sh\ncargo run --release -- demo\ncargo test\n```"),
        "the two commands that matter come first"
    );
}

#[test]
fn configs_in_the_documents_are_valid() {
    assert!(Config::parse(TEMPLATE, "config.toml").is_ok());
    let examples = fenced(&readme(), "toml");
    assert!(!examples.is_empty());
    for example in examples {
        if let Err(wrong) = Config::parse(&example, "README.md") {
            panic!("{}", overstay::diagnostic::render_all(&wrong, false));
        }
    }
}

#[test]
fn the_users_files_columns_are_all_named() {
    let page = readme();
    let row = page.lines().find(|line| line.trim_start().starts_with("| users |")).unwrap();
    for column in USER_COLUMNS {
        assert!(row.split(['`', ',', ' ']).any(|word| word == column), "{column}");
    }
}

#[test]
fn links_lead_somewhere() {
    let page = readme();
    let anchors: Vec<String> = page
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"))
        .collect();
    for rest in page.split("](").skip(1) {
        let target = rest.split(')').next().unwrap();
        if let Some(anchor) = target.strip_prefix('#') {
            assert!(anchors.iter().any(|known| known == anchor), "#{anchor}");
        } else if !target.starts_with("https://") {
            // Screenshots are made by the browser tests, and kept once they were looked at.
            let made_later = target.starts_with("reports/screens/") && !root().join("reports/screens").exists();
            assert!(made_later || root().join(target).exists(), "{target} is not there");
        }
    }
}

#[test]
fn the_changelog_and_the_licence_are_of_this_version() {
    let read = |name: &str| std::io::read_to_string(std::fs::File::open(root().join(name)).unwrap()).unwrap();
    assert!(read("CHANGELOG.md").contains(&format!("## [{}]", env!("CARGO_PKG_VERSION"))));
    assert!(read("LICENSE").contains("Apache License\n                           Version 2.0, January 2004"));
    assert!(read("Cargo.toml").contains("license = \"Apache-2.0\""));
}

#[test]
fn nothing_concludes_from_a_reserved_key() {
    for folder in ["src/rules", "src/reconcile"] {
        for (name, bytes) in files(&root().join(folder)) {
            let text = String::from_utf8(bytes).unwrap();
            for path in RESERVED {
                let field = path.rsplit('.').next().unwrap();
                let used = text.contains(&format!(".policy.{field}")) || text.contains(&format!("config().{field}"));
                assert!(
                    !used,
                    "{folder}/{name} acts on {path}: take it out of RESERVED, and `(later)` out of the template"
                );
            }
        }
    }
}
