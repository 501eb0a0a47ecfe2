//! Extracts the texts that a reader sees from source code, templates, Markdown and the help pages.

use clap::{Arg, Command};

/// A text with the line at which it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) line: usize,
    pub(super) text: String,
}

fn text(line: usize, text: impl Into<String>) -> Text {
    Text { line, text: text.into() }
}

/// The string literals of Rust code, without comments, tests, and attributes that no reader sees.
pub(super) fn rust(code: &str) -> Vec<Text> {
    Scanner { rest: code, line: 1 }.literals()
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Scanner<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn through(&mut self, end: &str) -> &'a str {
        let length = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.take(length)
    }

    fn literals(mut self) -> Vec<Text> {
        let mut found = Vec::new();
        while let Some(next) = self.rest.chars().next() {
            if self.rest.starts_with("//") {
                self.through("\n");
            } else if self.rest.starts_with("/*") {
                self.through("*/");
            } else if self.rest.starts_with("#[cfg(test)]\nmod ") {
                // A file's tests are its end.
                return found;
            } else if ["#[expect(", "#[allow(", "#[serde(", "#[cfg"].iter().any(|start| self.rest.starts_with(start)) {
                self.through("]\n");
            } else if self.rest.starts_with("r\"") || self.rest.starts_with("r#\"") || self.rest.starts_with("r##\"") {
                let hashes = self.rest[1..].bytes().take_while(|byte| *byte == b'#').count();
                self.take(hashes + 2);
                let line = self.line;
                let end = format!("\"{}", "#".repeat(hashes));
                let literal = self.through(&end);
                found.push(text(line, literal.strip_suffix(&end).unwrap_or(literal)));
            } else if next == '"' {
                self.take(1);
                let line = self.line;
                found.push(text(line, self.quoted()));
            } else if next == '\'' {
                self.character();
            } else if next.is_alphanumeric() || next == '_' {
                let word = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
                self.take(word);
            } else {
                self.take(next.len_utf8());
            }
        }
        found
    }

    /// A string after its opening quote, unescaped.
    fn quoted(&mut self) -> String {
        let mut literal = String::new();
        while let Some(next) = self.rest.chars().next() {
            self.take(next.len_utf8());
            match next {
                '"' => break,
                '\\' => {
                    let escaped = self.rest.chars().next().unwrap_or_default();
                    self.take(escaped.len_utf8());
                    match escaped {
                        'n' => literal.push('\n'),
                        't' => literal.push(' '),
                        '\n' => {
                            let blank = self.rest.find(|c: char| !c.is_whitespace()).unwrap_or(0);
                            self.take(blank);
                        }
                        other => literal.push(other),
                    }
                }
                other => literal.push(other),
            }
        }
        literal
    }

    /// A character literal or a lifetime.
    fn character(&mut self) {
        let mut chars = self.rest.chars().skip(1);
        let (first, second) = (chars.next(), chars.next());
        if first == Some('\\') {
            self.take(3);
            self.through("'");
        } else if second == Some('\'') {
            self.take(2 + first.map_or(0, char::len_utf8));
        } else {
            self.take(1);
        }
    }
}

/// The texts of a Handlebars template: what stands between tags, and the attributes that are read out or shown.
pub(super) fn template(page: &str) -> Vec<Text> {
    const INLINE: [&str; 11] = ["a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "time", "wbr"];
    let mut found = Vec::new();
    let (mut rest, mut line, mut start, mut current) = (page, 1, 1, String::new());
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '{' if rest.starts_with("{{!--") => rest.find("--}}").map_or(rest.len(), |at| at + 4),
            '{' if rest.starts_with("{{") => rest.find("}}").map_or(rest.len(), |at| at + 2),
            '<' if rest.starts_with("<!--") => rest.find("-->").map_or(rest.len(), |at| at + 3),
            '<' => tag_length(rest),
            _ => next.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        if piece.starts_with("{{else") {
            found.push(text(start, std::mem::take(&mut current)));
        } else if piece.starts_with("{{") {
            let value = !piece.starts_with("{{#") && !piece.starts_with("{{/") && !piece.starts_with("{{!");
            current.push_str(if value { "{}" } else { "" });
        } else if next == '<' {
            let name = piece.trim_start_matches(['<', '/']);
            let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            if !INLINE.contains(&name) {
                found.push(text(start, std::mem::take(&mut current)));
            }
            for attribute in ["title=\"", "aria-label=\"", "placeholder=\"", "alt=\""] {
                let value = piece.split_once(attribute).and_then(|(_, value)| value.split('"').next());
                found.extend(value.map(|value| text(line, value)));
            }
        } else {
            if current.trim().is_empty() {
                start = line;
            }
            current.push_str(piece);
        }
        line += piece.matches('\n').count();
        rest = after;
    }
    found.push(text(start, current));
    found
}

/// The length of a tag; expressions within its attributes may hold angle brackets.
fn tag_length(rest: &str) -> usize {
    let mut quoted = false;
    for (at, c) in rest.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The comments of a TOML file that are prose; a setting that is commented out is none.
pub(super) fn config(file: &str) -> Vec<Text> {
    let mut blocks = Blocks::default();
    for (line, content) in (1..).zip(file.lines()) {
        match content.strip_prefix("# ") {
            Some(heading) if heading.starts_with("---") => blocks.alone(line, heading.trim_matches(['-', ' '])),
            Some(prose) => blocks.add(line, prose),
            None => {
                blocks.end();
                let comment = content.rsplit_once(" # ").map(|(_, comment)| comment);
                comment.into_iter().for_each(|comment| blocks.alone(line, comment));
            }
        }
    }
    blocks.finish()
}

/// The paragraphs, headings, list items and table cells of a Markdown page, without code blocks.
pub(super) fn markdown(page: &str) -> Vec<Text> {
    let mut blocks = Blocks::default();
    let mut code = false;
    for (line, content) in (1..).zip(page.lines()) {
        let content = content.trim();
        if content.starts_with("```") {
            code = !code;
            blocks.end();
        } else if code || content.is_empty() || content.starts_with("<!--") {
            blocks.end();
        } else if content.starts_with('#') {
            blocks.alone(line, content.trim_start_matches(['#', ' ']));
        } else if content.starts_with('|') {
            blocks.end();
            content.split('|').for_each(|cell| blocks.alone(line, cell.trim()));
        } else {
            let item = content.strip_prefix("- ").or_else(|| content.strip_prefix("* "));
            let numbered = content.split_once(". ").filter(|(number, _)| number.bytes().all(|b| b.is_ascii_digit()));
            if item.is_some() || numbered.is_some() {
                blocks.end();
            }
            blocks.add(line, item.or(numbered.map(|(_, rest)| rest)).unwrap_or(content));
        }
    }
    blocks.finish()
}

/// The help of a command and of all below it.
pub(super) fn help(command: &Command) -> Vec<Text> {
    let mut found = Vec::new();
    let pages = [command.get_about(), command.get_long_about(), command.get_before_help(), command.get_after_help()];
    for page in pages.into_iter().flatten() {
        found.extend(page.to_string().lines().map(|line| text(0, line.trim())));
    }
    // Every command repeats the options of all commands.
    let root = command.get_name() == "overstay";
    for argument in command.get_arguments().filter(|argument| root || !argument.is_global_set()) {
        found.extend(of_argument(argument));
    }
    for below in command.get_subcommands() {
        found.extend(help(below));
    }
    found
}

fn of_argument(argument: &Arg) -> Vec<Text> {
    let own = [argument.get_help(), argument.get_long_help()];
    let values = argument.get_possible_values();
    let of_values = values.iter().filter_map(|value| value.get_help());
    own.into_iter().flatten().chain(of_values).map(|help| text(0, help.to_string())).collect()
}

/// Joins lines into blocks.
#[derive(Default)]
struct Blocks {
    done: Vec<Text>,
    open: Option<Text>,
}

impl Blocks {
    fn add(&mut self, line: usize, prose: &str) {
        match &mut self.open {
            Some(open) => {
                open.text.push(' ');
                open.text.push_str(prose);
            }
            None => self.open = Some(text(line, prose)),
        }
    }

    fn alone(&mut self, line: usize, prose: &str) {
        self.end();
        self.done.push(text(line, prose));
    }

    fn end(&mut self) {
        self.done.extend(self.open.take());
    }

    fn finish(mut self) -> Vec<Text> {
        self.end();
        self.done
    }
}
