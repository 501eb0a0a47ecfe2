//! `overstay rules`: what can be found, and each rule's page.

use crate::error::Error;
use crate::exit::Status;
use crate::rules::{RULES, RuleMeta, find};
use crate::workflow::Shell;

/// Lists the rules, or prints one rule's page.
///
/// # Errors
/// When there is no such rule.
pub fn run(id: Option<&str>) -> Result<Status, Error> {
    match id {
        None => {
            for rule in RULES {
                let RuleMeta { id, title, severity, .. } = rule.meta();
                Shell::print(&format!("{id:<28} {:<9} {title}", severity.as_str()))?;
            }
        }
        Some(id) => {
            let Some(rule) = find(id) else {
                let near = RULES
                    .iter()
                    .map(|rule| rule.meta().id)
                    .max_by(|a, b| strsim::jaro_winkler(a, id).total_cmp(&strsim::jaro_winkler(b, id)));
                return Err(Error::Usage {
                    message: format!("there is no rule `{id}`"),
                    hint: near
                        .map_or_else(String::new, |near| format!("did you mean `{near}`? `overstay rules` lists all")),
                });
            };
            Shell::print(&page(rule.meta()))?;
        }
    }
    Ok(Status::Clean)
}

/// A rule's page.
pub fn page(rule: &RuleMeta) -> String {
    let RuleMeta { id, title, doc, severity, requires, covers, if_asked, controls } = rule;
    let facts: Vec<&str> = requires.iter().chain(*covers).map(|fact| fact.describe()).collect();
    let heeded: Vec<&str> = if_asked.iter().map(|fact| fact.describe()).collect();
    let heeded = if heeded.is_empty() { String::new() } else { format!(" Heeds, where given: {}.", heeded.join(", ")) };
    let controls: Vec<&str> = controls.iter().map(|control| control.as_str()).collect();
    let text: Vec<&str> = doc.lines().map(str::trim).collect();
    format!(
        "# {id}\n\n{title}.\n\nSeverity: {}. Controls: {}. Needs: {}.{heeded}\n\n{}\n",
        severity.as_str(),
        controls.join(", "),
        if facts.is_empty() { "nothing".to_owned() } else { facts.join(", ") },
        text.join("\n").trim_end()
    )
}
