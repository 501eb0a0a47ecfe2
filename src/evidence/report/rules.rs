//! The appendix: every rule with its outcome and its page.

use serde::Serialize;

use crate::assess::{Assessment, RuleResult};
use crate::rules::Verdict;

/// A rule with its page.
#[derive(Debug, Serialize)]
pub struct RuleView {
    /// Its id.
    pub id: &'static str,
    /// What it says.
    pub title: &'static str,
    /// evaluated, evaluated in part or not evaluated.
    pub outcome: &'static str,
    /// Why not.
    pub reasons: Vec<String>,
    /// How many subjects it looked at, and what they are.
    pub population: String,
    /// Findings.
    pub findings: usize,
    /// The sections of its page: heading and paragraphs.
    pub sections: Vec<Section>,
}

/// A section of a rule's page.
#[derive(Debug, Serialize)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// The paragraphs.
    pub paragraphs: Vec<Vec<Span>>,
}

/// A run of text in one style.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The text.
    pub text: String,
    /// Whether it is a name from config or files.
    pub code: bool,
    /// Whether it is stressed.
    pub stress: bool,
}

pub(super) fn rules(assessment: &Assessment<'_>) -> Vec<RuleView> {
    assessment.results().iter().map(|result| rule(assessment, result)).collect()
}

fn rule(assessment: &Assessment<'_>, result: &RuleResult) -> RuleView {
    let (outcome, reasons) = match &result.verdict {
        Verdict::Evaluated => ("evaluated", Vec::new()),
        Verdict::Partial(reasons) => ("evaluated in part", reasons.clone()),
        Verdict::NotEvaluated(reasons) => ("not evaluated", reasons.clone()),
    };
    RuleView {
        id: result.rule.id,
        title: result.rule.title,
        outcome,
        reasons,
        population: format!("{} {}", result.population, result.of).trim().to_owned(),
        findings: assessment.findings_of(result.rule.id).count(),
        sections: sections(result.rule.doc),
    }
}

/// A rule's page as headings and paragraphs.
fn sections(doc: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut paragraph = String::new();
    for line in doc.lines().map(str::trim).chain([""]) {
        if let Some(heading) = line.strip_prefix("## ") {
            sections.push(Section { heading: heading.to_owned(), paragraphs: Vec::new() });
        } else if line.is_empty() {
            if let (Some(section), false) = (sections.last_mut(), paragraph.is_empty()) {
                section.paragraphs.push(spans(&std::mem::take(&mut paragraph)));
            }
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
    }
    sections
}

/// Text with `code` and *stress*, which is all the markup that pages of rules use.
fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    // Every second part between back quotes is code; the same goes for stars outside of code.
    for (at, part) in text.split('`').enumerate() {
        if at % 2 == 1 {
            spans.push(Span { text: part.to_owned(), code: true, stress: false });
            continue;
        }
        for (at, part) in part.split('*').enumerate() {
            spans.push(Span { text: part.to_owned(), code: false, stress: at % 2 == 1 });
        }
    }
    spans.retain(|span| !span.text.is_empty());
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_spans() {
        let span = |text: &str, code, stress| Span { text: text.to_owned(), code, stress };
        assert_eq!(
            spans("Set `accounts = [\"*\"]` or *nothing*."),
            [
                span("Set ", false, false),
                span("accounts = [\"*\"]", true, false),
                span(" or ", false, false),
                span("nothing", false, true),
                span(".", false, false),
            ]
        );
    }

    #[test]
    fn pages_of_rules_have_paired_markup() {
        for rule in crate::rules::RULES {
            assert_eq!(rule.meta().doc.matches('`').count() % 2, 0, "{}", rule.meta().id);
            for section in sections(rule.meta().doc) {
                assert!(!section.paragraphs.is_empty(), "{}: {}", rule.meta().id, section.heading);
            }
        }
    }
}
