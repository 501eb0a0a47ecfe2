//! What `overstay verify` says, for a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::check_text::wrapped;
use super::plain;
use crate::evidence::verify::{Check, Defect, Outcome, VerifyView};

/// Writes a line per check, everything that is wrong below it, and what it comes to.
///
/// # Errors
/// When `out` does.
pub fn write(view: &VerifyView, out: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    let said = |text: &str| if text.is_empty() { "unknown".to_owned() } else { plain(text) };
    write!(out, "{bold}{}{bold:#}  run {}  as of {}", plain(&view.pack), said(&view.run_id), said(&view.as_of))?;
    if let Some(period) = &view.period {
        write!(out, "  about {}", plain(period))?;
    }
    writeln!(out, "  made by overstay {}", said(&view.made_by))?;
    if !view.digest.is_empty() {
        writeln!(out, "digest {}", view.digest)?;
    }
    writeln!(out)?;
    for check in &view.checks {
        write_check(check, out)?;
    }
    for note in &view.notes {
        writeln!(out, "  note: {}", plain(note))?;
    }
    writeln!(out)?;
    let (word, color) = if view.verified { ("Verified", AnsiColor::Green) } else { ("Not verified", AnsiColor::Red) };
    let style = color.on_default().bold();
    writeln!(out, "{style}{word}{style:#}")?;
    wrapped(out, &view.conclusion, 2)
}

fn write_check(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let (style, mark) = match check.result {
        Outcome::Pass => (AnsiColor::Green.on_default(), "✓"),
        Outcome::Fail => (AnsiColor::Red.on_default(), "✗"),
        Outcome::NotChecked => (AnsiColor::Yellow.on_default(), "-"),
    };
    let unchecked = if check.result == Outcome::NotChecked { "not checked: " } else { "" };
    writeln!(out, "{style}{mark}{style:#} {:<12} {unchecked}{}", check.name, plain(&check.detail))?;
    check.defects.iter().try_for_each(|defect| writeln!(out, "    {}", plain(&words(defect))))
}

/// `data/grants.csv, line 3, column 7: …`, and without a place `bagit.txt …`.
fn words(defect: &Defect) -> String {
    let Defect { file, line, column, what } = defect;
    match (line, column) {
        (Some(line), Some(column)) => format!("{file}, line {line}, column {column}: {what}"),
        (Some(line), None) => format!("{file}, line {line}: {what}"),
        _ => format!("{file} {what}"),
    }
}
