//! One file per kind of question; the helpers are here.

mod entra;
mod policy;
mod sections;
mod survival;
mod syntax;
mod whole;

use super::*;
use crate::diagnostic::render_all;

/// Every key there is.
const EVERYTHING: &str = include_str!("everything.toml");

fn parse(text: &str) -> Result<Config, Vec<Diagnostic>> {
    Config::parse(text, "overstay.toml")
}

fn valid(text: &str) -> Config {
    parse(text).unwrap_or_else(|errors| panic!("{}", render_all(&errors, false)))
}

/// What is wrong with `text`, each as `line:column message | help`.
fn wrong(text: &str) -> Vec<String> {
    let errors = parse(text).map(|_| ()).unwrap_err();
    errors.iter().map(brief).collect()
}

fn brief(error: &Diagnostic) -> String {
    let rendered = error.render(false);
    let place = rendered.split("--> overstay.toml:").nth(1).unwrap();
    let place = place.lines().next().unwrap().trim();
    format!("{place} {} | {}", error.message, error.help)
}

/// The one thing wrong with `text`.
#[track_caller]
fn only(text: &str) -> String {
    let errors = wrong(text);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].clone()
}

#[track_caller]
fn says(text: &str, expected: &str) {
    let error = only(text);
    assert!(error.contains(expected), "{error}\ndoes not contain\n{expected}");
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The template with every example switched on.
fn switched_on() -> String {
    let example = |line: &str| {
        let rest = line.strip_prefix('#');
        rest.filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[')).unwrap_or(line).to_owned()
    };
    let lines: Vec<String> = TEMPLATE.lines().map(example).collect();
    lines.join("\n")
}
