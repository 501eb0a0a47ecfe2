//! Holds every text that a reader sees to plain professional English: no banned phrases, no long sentences.
//!
//! `cargo test --test it -- wording::list --ignored --nocapture` lists every violation with its file and line.

mod exempt;
mod texts;

use std::collections::BTreeMap;
use std::path::Path;

use clap::CommandFactory;
use overstay::cli::Cli;
use overstay::evidence::tests::TESTS;
use overstay::rules::RULES;

use crate::place::files;
use exempt::EXEMPT;
use texts::Text;

/// The longest sentence, in words: a plain one, and one with a list in it.
const LONGEST: (usize, usize) = (25, 30);

/// Words and phrases that our readers had to decode, with what to write.
const BANNED: &[(&[&str], &str)] = &[
    (
        &["told", "tell", "tells", "untold", "said", "says", "say", "saying", "speaks", "spoken"],
        "report, show, state, provide",
    ),
    (
        &["nobody", "somebody", "everybody", "anybody", "whoever", "whomever"],
        "the noun: the user, the approver, no user",
    ),
    (
        &["looks", "looked", "looks at", "look at", "look into", "a look", "looking"],
        "snapshot, collection, inspect, check",
    ),
    (
        &["gone", "went away", "goes away", "people who left", "who has left", "still here", "is here"],
        "leaver, terminated, disabled, deleted, active",
    ),
    (
        &[
            "what was asked",
            "not asked",
            "asked for",
            "was asked",
            "were asked",
            "is asked",
            "are asked",
            "asks",
            "asking",
        ],
        "request, query, configure",
    ),
    (&["read whole", "whole", "not whole", "half the way"], "complete, completely"),
    (&["second factor", "second factors"], "MFA"),
    (
        &["one way", "the other way", "ties out", "tie-out", "tie-outs", "tie out"],
        "reconciliation check, count A, count B",
    ),
    (
        &["undecided", "indeterminate", "cannot be decided", "could not be decided", "not decided", "decides it"],
        "inconclusive",
    ),
    (&["not evaluated"], "not tested"),
    (&["at the identity provider"], "in the identity provider"),
    (&["accepted risk", "accepted risks"], "exception"),
    (
        &["what nothing covers", "what it shows", "what this report does not say"],
        "gaps in coverage, summary, limitations",
    ),
    (
        &["goes on", "go on", "carries on", "carry on", "lives on", "live on", "works on", "lives", "may live"],
        "remains active",
    ),
    (
        &[
            "taken away",
            "take away",
            "takes away",
            "given beforehand",
            "beforehand",
            "is given",
            "are given",
            "was given",
            "were given",
            "was taken",
            "were taken",
        ],
        "granted, revoked, removed, in advance",
    ),
    (&["kept apart", "apart from each other", "separation of duties"], "segregated, segregation of duties"),
    (
        &[
            "has an end",
            "have an end",
            "out of use",
            "stands still",
            "stand still",
            "ends by itself",
            "end by themselves",
        ],
        "expires, stalled",
    ),
    (
        &[
            "answers for",
            "answer for",
            "heed",
            "heeds",
            "the like",
            "theirs",
            "of its own",
            "of their own",
            "a life of",
        ],
        "owner, applies to; name the thing",
    ),
    (&["by hand", "made by hand"], "manually"),
    (
        &["hangs on", "hang on", "rests on", "rest on", "leads nowhere", "led nowhere", "finds its way"],
        "depends on, is based on",
    ),
    (
        &[
            "the same person's",
            "in the name of",
            "in whose name",
            "no more than that",
            "as well as it can",
            "of old",
            "thereby",
            "whereby",
            "wherein",
            "herein",
        ],
        "plain words",
    ),
    (&["moot", "afterthought", "riddle", "judge", "judged", "judges"], "not applicable, evaluate, assess"),
    (
        &["wants", "wanted", "wishes", "knows of", "nothing knows", "knows nothing"],
        "requires, expects, has a record of",
    ),
    (&["a hint", "in doubt", "doubtful", "doubt"], "inconclusive"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a file of `src` is compiled for tests only.
fn is_test(name: &str) -> bool {
    name != "evidence/tests.rs" && name.split('/').any(|part| part == "tests" || part == "tests.rs")
}

/// Every text by the file, page or command that shows it.
fn all() -> BTreeMap<String, Vec<Text>> {
    let mut all = BTreeMap::new();
    let read = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    for (name, bytes) in files(&root().join("src")) {
        if name.ends_with(".rs") && !is_test(&name) {
            all.insert(format!("src/{name}"), texts::rust(&read(bytes)));
        }
    }
    for (name, bytes) in files(&root().join("templates")) {
        if name.ends_with(".hbs") {
            all.insert(format!("templates/{name}"), texts::template(&read(bytes)));
        } else if name.ends_with(".js") {
            all.insert(format!("templates/{name}"), texts::rust(&read(bytes)));
        } else if name == "config.toml" {
            all.insert("templates/config.toml".to_owned(), texts::config(&read(bytes)));
        }
    }
    for name in ["README.md", "CHANGELOG.md"] {
        let page = std::io::read_to_string(std::fs::File::open(root().join(name)).unwrap()).unwrap();
        all.insert(name.to_owned(), texts::markdown(&page));
    }
    let mut command = Cli::command();
    command.build();
    all.insert("--help".to_owned(), texts::help(&command));
    for rule in RULES {
        all.insert(format!("rules {}", rule.meta().id), texts::markdown(rule.meta().doc));
    }
    all
}

/// A text without code spans and placeholders, each of which reads as one word.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '{']) {
        plain.push_str(&rest[..at]);
        let close = if rest[at..].starts_with('`') { '`' } else { '}' };
        match rest[at + 1..].find(close) {
            Some(end) => {
                plain.push('#');
                rest = &rest[at + 1 + end + 1..];
            }
            None => rest = &rest[at + 1..],
        }
    }
    plain.push_str(rest);
    plain
}

/// Whether a literal is prose: several words, not an identifier, an address, a pattern or a piece of code.
fn is_prose(text: &str) -> bool {
    let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
    let code = ["=>", "::", "</", "();", "&&", "\": "].iter().any(|mark| text.contains(mark));
    words > 0 && text.trim().contains(' ') && !code
}

/// The sentences of a text: they end with a mark and a space, or with a blank line.
fn sentences(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = vec![String::new()];
    for (at, word) in words.iter().enumerate() {
        let last = found.len() - 1;
        found[last].push_str(word);
        found[last].push(' ');
        let ends = word.trim_end_matches(['"', ')', '*', '\'']).ends_with(['.', '!', '?']) && !word.ends_with("e.g.");
        let next = words.get(at + 1).and_then(|next| next.chars().find(|c| c.is_alphanumeric() || *c == '#'));
        if ends && next.is_some_and(|c| !c.is_lowercase()) {
            found.push(String::new());
        }
    }
    found
}

/// What is wrong with a text.
fn violations(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for paragraph in text.split("\n\n") {
        let paragraph = plain(paragraph);
        if !is_prose(&paragraph) {
            continue;
        }
        let mut padded = String::from(" ");
        for word in
            paragraph.split(|c: char| !c.is_alphanumeric() && !"-_'’".contains(c)).filter(|word| !word.is_empty())
        {
            padded.push_str(&word.to_lowercase().replace('’', "'"));
            padded.push(' ');
        }
        for (phrases, instead) in BANNED {
            for phrase in *phrases {
                for _ in padded.matches(&format!(" {phrase} ")) {
                    found.push(format!("\"{phrase}\": write {instead}"));
                }
            }
        }
        for sentence in sentences(&paragraph) {
            let words = sentence
                .split_whitespace()
                .filter(|word| word.chars().any(|c| c.is_alphanumeric() || c == '#'))
                .count();
            let list = sentence.matches(',').count() > 1 || sentence.contains(':');
            let longest = if list { LONGEST.1 } else { LONGEST.0 };
            if words > longest {
                found.push(format!("{words} words, {longest} at most: {}", sentence.trim()));
            }
        }
    }
    found
}

/// The violations of everything, by where it stands.
fn found() -> BTreeMap<String, Vec<(usize, String)>> {
    let mut found: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
    for (place, texts) in all() {
        for Text { line, text } in texts {
            for violation in violations(&text) {
                found.entry(place.clone()).or_default().push((line, violation));
            }
        }
    }
    found
}

#[test]
fn texts_are_plain() {
    let found = found();
    let mut wrong = Vec::new();
    for (place, violations) in &found {
        let exempt = EXEMPT.iter().find(|(name, _)| name == place).map_or(0, |(_, count)| *count);
        if violations.len() > exempt {
            wrong.push(format!("{place} has {} violations, {exempt} are exempted:", violations.len()));
            wrong.extend(violations.iter().map(|(line, violation)| format!("  {place}:{line}: {violation}")));
        }
    }
    for (name, _) in EXEMPT.iter().filter(|(name, _)| !found.contains_key(*name)) {
        wrong.push(format!("{name} has no violation any more: remove its line from EXEMPT"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "fails with the list of all violations"]
fn list() {
    let mut lines = Vec::new();
    for (place, violations) in found() {
        lines.push(format!("    (\"{place}\", {}),", violations.len()));
        lines.extend(violations.iter().map(|(line, violation)| format!("{place}:{line}: {violation}")));
    }
    panic!("{}", lines.join("\n"));
}

#[test]
fn every_control_test_has_a_plain_title() {
    for test in TESTS {
        assert_eq!(violations(test.title), Vec::<String>::new(), "{}", test.id);
    }
}

#[test]
fn literals_are_found_and_comments_are_not() {
    let code = "// \"a comment\"\nlet a = 'x'; let b: &'static str = \"one \\\n   two\";\nlet c = r#\"a \"raw\" one\"#;\n#[cfg(test)]\nmod tests { \"no\" }";
    let found: Vec<(usize, String)> = texts::rust(code).into_iter().map(|text| (text.line, text.text)).collect();
    assert_eq!(found, [(2, "one two".to_owned()), (4, "a \"raw\" one".to_owned())]);
}

#[test]
fn phrases_and_long_sentences_are_found() {
    assert_eq!(violations("HR told us that the user is gone.").len(), 2);
    assert_eq!(violations("gone"), Vec::<String>::new());
    assert_eq!(violations("`policy.told` is a key. {gone} is a value."), Vec::<String>::new());
    assert_eq!(violations(&"word ".repeat(LONGEST.0 + 1)).len(), 1);
    assert_eq!(violations(&format!("{}. {}", "Word ".repeat(20), "Word ".repeat(20))), Vec::<String>::new());
}

#[test]
fn templates_are_read_by_their_text() {
    let page =
        "<p title=\"Not tested\">{{#if a}}It is <b>gone</b>{{else}}It is <i>not</i>{{/if}}</p>\n<p>{{name}} left</p>";
    let found: Vec<String> = texts::template(page).into_iter().map(|text| text.text.trim().to_owned()).collect();
    assert!(
        ["Not tested", "It is gone", "It is not", "{} left"].iter().all(|text| found.iter().any(|f| f == text)),
        "{found:?}"
    );
}
