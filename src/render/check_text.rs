//! A check for a terminal: by person, the worst first, readable at 80 columns and when piped.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::plain;
use crate::evidence::check::{CheckFinding, CheckView, SubjectView};
use crate::evidence::words::times;

const WIDTH: usize = 80;
/// Paths shown per finding; the rest is counted.
const PATHS: usize = 8;

/// Writes the check. Styles are always written; the stream decides whether they reach the reader.
///
/// # Errors
/// When `out` does.
pub fn write(view: &CheckView, out: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    writeln!(out, "{bold}{}{bold:#}  as of {}  run {}", view.status, times(&view.as_of), view.run_id)?;
    for gap in &view.gaps {
        if gap.reason.is_empty() {
            writeln!(out, "  {}: {} incomplete", gap.source, gap.fact)?;
        } else {
            wrapped(out, &format!("{}: {}: {}", gap.source, gap.at, gap.reason), 2)?;
            wrapped(out, &gap.hint, 4)?;
        }
    }
    for subject in &view.subjects {
        writeln!(out)?;
        write_subject(subject, out)?;
    }
    writeln!(out)?;
    for count in view.rules.iter().filter(|count| count.open + count.pending + count.excepted > 0) {
        let mut words = vec![format!("{} open", count.open)];
        if count.pending > 0 {
            words.push(format!("{} pending", count.pending));
        }
        if count.excepted > 0 {
            words.push(format!("{} excepted", count.excepted));
        }
        writeln!(out, "{:<30} {}", count.rule, words.join(", "))?;
    }
    let silent: Vec<&str> = view.rules.iter().filter(|r| r.outcome != "evaluated").map(|r| r.rule).collect();
    if !silent.is_empty() {
        wrapped(out, &format!("Not evaluated, or only in part: {}", silent.join(", ")), 0)?;
    }
    let counts: Vec<String> = view
        .severities
        .iter()
        .filter(|count| count.open > 0)
        .map(|count| format!("{} {}", count.open, count.severity))
        .collect();
    let counts = if counts.is_empty() { "no open findings".to_owned() } else { counts.join(", ") };
    writeln!(out, "{bold}{counts}{bold:#}")
}

fn write_subject(subject: &SubjectView, out: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    let display = if subject.display_name.is_empty() { String::new() } else { format!("  {}", subject.display_name) };
    writeln!(out, "{bold}{}{bold:#}{}", plain(&subject.name), plain(&display))?;
    subject.findings.iter().try_for_each(|finding| write_finding(finding, out))
}

fn write_finding(finding: &CheckFinding, out: &mut dyn Write) -> io::Result<()> {
    let style = severity_style(finding.severity);
    let status = if finding.status == "open" { String::new() } else { format!(" ({})", finding.status) };
    let since = if finding.since.is_empty() { String::new() } else { format!("  since {}", times(&finding.since)) };
    writeln!(out, "  {style}{:<8}{style:#} {}{status}{since}", finding.severity, finding.rule)?;
    for path in finding.paths.iter().take(PATHS) {
        wrapped(out, path, 11)?;
    }
    if finding.paths.len() > PATHS {
        writeln!(out, "{:11}and {} more", "", finding.paths.len() - PATHS)?;
    }
    if finding.paths.is_empty() {
        wrapped(out, &times(&finding.detail), 11)?;
    }
    wrapped(out, &finding.remediation, 11)
}

fn severity_style(severity: &str) -> Style {
    let color = match severity {
        "critical" | "high" => AnsiColor::Red,
        "medium" => AnsiColor::Yellow,
        _ => AnsiColor::Cyan,
    };
    let style = Style::new().fg_color(Some(color.into()));
    if severity == "critical" { style.bold() } else { style }
}

/// Writes words in lines of at most [`WIDTH`] columns, indented.
pub(super) fn wrapped(out: &mut dyn Write, text: &str, indent: usize) -> io::Result<()> {
    let mut line = String::new();
    for word in plain(text).split_whitespace() {
        if !line.is_empty() && indent + line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{:indent$}{line}", "")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.is_empty() { Ok(()) } else { writeln!(out, "{:indent$}{line}", "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_eighty_columns_and_obey_no_escape() {
        let mut out = Vec::new();
        wrapped(&mut out, &format!("{} \u{1b}[31mred\u{7}", "word ".repeat(60)), 11).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line.starts_with("           ")));
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'));
    }
}
