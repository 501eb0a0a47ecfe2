//! `doctor` for people, readable at 80 columns. Colours are written always; the stream takes them off where there are none.

use anstyle::{AnsiColor, Style};

use crate::evidence::doctor::{CheckView, DoctorView, OutlookView, SourceView};

const WIDTH: usize = 80;
/// Where the text of a check begins.
const INDENT: usize = 10;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const CARE: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// The view as text.
pub fn text(view: &DoctorView) -> String {
    let mut page = Page::default();
    for source in &view.sources {
        page.source(source);
    }
    if view.sources.is_empty() {
        page.line("The config names no source: add [aws], [[idp]] or [hr].");
        page.blank();
    }
    page.cost(view);
    page.periods(view);
    page.not_asked(view);
    page.verdict(view);
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.line(&format!("{BOLD}{text}{BOLD:#}"));
    }

    /// A text that begins at a column and goes on below itself.
    fn wrapped(&mut self, indent: usize, text: &str) {
        for line in wrap(text, WIDTH.saturating_sub(indent)) {
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    fn source(&mut self, source: &SourceView) {
        self.heading(&format!("{} ({})", source.source, shown(&source.kind)));
        for told in &source.told {
            let mut value = wrap(&shown(&told.value), WIDTH - 22).into_iter();
            self.line(&format!("  {:<19} {}", told.name, value.next().unwrap_or_default()));
            for more in value {
                self.line(&format!("{:22}{more}", ""));
            }
        }
        if !source.told.is_empty() {
            self.blank();
        }
        for check in &source.checks {
            self.check(check);
        }
        for not_read in &source.not_read {
            self.wrapped(2, &format!("Not read: {not_read}"));
        }
        for note in &source.notes {
            self.wrapped(2, &format!("Note: {}", shown(note)));
        }
        self.blank();
    }

    fn check(&mut self, check: &CheckView) {
        let (style, word) = match (check.outcome, check.cause.as_deref()) {
            ("fine", _) => (GOOD, "ok"),
            ("warning", _) => (CARE, "look"),
            ("not_tried", _) => (DIM, "-"),
            ("wrong", _) => (BAD, "wrong"),
            (_, Some("denied")) => (BAD, "denied"),
            _ => (BAD, "failed"),
        };
        self.line(&format!("  {style}{word:<6}{style:#}  {}", shown(&check.what)));
        if !check.detail.is_empty() {
            self.wrapped(INDENT, &shown(&check.detail));
        }
        if !check.hint.is_empty() {
            self.wrapped(INDENT, &format!("To do: {}", shown(&check.hint)));
        }
        if !check.loses.is_empty() {
            let facts: Vec<&str> = check.loses.iter().map(|fact| fact.name).collect();
            self.wrapped(INDENT, &format!("Incomplete without it: {}", facts.join(", ")));
        }
        if !check.rules.is_empty() {
            self.wrapped(INDENT, &format!("Rules it costs: {}", check.rules.join(", ")));
        }
        if !check.tests.is_empty() {
            self.wrapped(INDENT, &format!("Control tests it costs: {}", check.tests.join(", ")));
        }
    }

    /// What an audit now would not say because something asked for can't be read.
    fn cost(&mut self, view: &DoctorView) {
        let lost = |of: &[OutlookView], outlook: &str| -> Vec<OutlookView> {
            of.iter().filter(|one| one.outlook == outlook && !one.lost.is_empty()).cloned().collect()
        };
        let lists = [
            ("Rules that would not be evaluated", lost(&view.rules, "not_evaluated")),
            ("Rules whose silence would mean nothing", lost(&view.rules, "partial")),
            ("Control tests without a result", lost(&view.tests, "not_evaluated")),
        ];
        for (heading, of) in lists {
            if of.is_empty() {
                continue;
            }
            self.heading(heading);
            for one in of {
                self.line(&format!("  {}", one.id));
                self.wrapped(INDENT, &format!("not read whole: {}", one.lost.join(", ")));
            }
            self.blank();
        }
    }

    /// From when on a period can be proven.
    fn periods(&mut self, view: &DoctorView) {
        self.heading("What a period can be proven with");
        for said in &view.periods {
            self.wrapped(2, &shown(said));
        }
        self.blank();
    }

    /// Limits that the config sets; no error.
    fn not_asked(&mut self, view: &DoctorView) {
        if view.not_asked.is_empty() {
            return;
        }
        self.heading("Not asked for");
        // What one line of the config would provide is told together.
        let mut hints: Vec<&'static str> = view.not_asked.iter().map(|one| one.hint).collect();
        hints.dedup();
        for hint in hints {
            let facts: Vec<&'static str> =
                view.not_asked.iter().filter(|one| one.hint == hint).map(|one| one.fact.name).collect();
            self.wrapped(2, &facts.join(", "));
            self.wrapped(INDENT, &format!("To do: {hint}"));
            let silent = |of: &[OutlookView]| -> Vec<&'static str> {
                let hit = |view: &&OutlookView| {
                    view.outlook == "not_evaluated" && view.not_asked.iter().any(|fact| facts.contains(fact))
                };
                of.iter().filter(hit).map(|view| view.id).collect()
            };
            for (what, ids) in [("Rules", silent(&view.rules)), ("Control tests", silent(&view.tests))] {
                if !ids.is_empty() {
                    self.wrapped(INDENT, &format!("{what} not evaluated: {}", ids.join(", ")));
                }
            }
        }
        self.blank();
    }

    fn verdict(&mut self, view: &DoctorView) {
        let evaluated = view.rules.iter().filter(|rule| rule.outlook == "evaluated").count();
        let (style, text) = match view.result {
            "fine" if view.sources.is_empty() => (CARE, "Nothing is asked for"),
            "fine" => (GOOD, "Everything that the config asks for can be read"),
            "wrong" => (BAD, "A collection would not begin: put right what is marked wrong"),
            _ => (BAD, "A collection would be incomplete"),
        };
        self.line(&format!("{style}{text}{style:#}"));
        self.line(&format!("{evaluated} of {} rules have all that they need.", view.rules.len()));
    }
}

/// What comes from outside can't move the cursor or colour the page.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Breaks a text between words; a word that is too long stands alone.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a wordthatistoolong b", 5), ["a", "wordthatistoolong", "b"]);
        assert!(wrap("", 5).is_empty());
    }

    #[test]
    fn control_characters_are_not_passed_on() {
        assert_eq!(shown("a\u{1b}[31mb"), "a\u{fffd}[31mb");
    }
}
