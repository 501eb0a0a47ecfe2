//! What differs between two snapshots, for a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::plain;
use crate::evidence::diff::{DiffView, SectionView};

/// Writes the differences. Styles are always written; the stream decides whether they reach the reader.
///
/// # Errors
/// When `out` does.
pub fn write(view: &DiffView, out: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    writeln!(out, "{bold}From {} to {}{bold:#}", view.before.ended_at, view.after.ended_at)?;
    for section in view.sections.iter().filter(|section| !section.is_same()) {
        write_section(section, out)?;
    }
    let same: Vec<&str> = view.sections.iter().filter(|section| section.is_same()).map(|s| s.title).collect();
    if !same.is_empty() {
        writeln!(out, "\nNo difference: {}", same.join(", "))?;
    }
    if !view.limits.is_empty() {
        writeln!(out, "\n{bold}What can't be said{bold:#}")?;
    }
    for limit in &view.limits {
        let withheld = match (limit.withheld, limit.side) {
            (0, _) => String::new(),
            (n, "before") => format!("; {n} seen only after may have been there before"),
            (n, _) => format!("; {n} seen only before may still be there"),
        };
        writeln!(out, "  {}, {}: {}{withheld}", limit.title, limit.side, plain(&limit.reason))?;
    }
    Ok(())
}

fn write_section(section: &SectionView, out: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    let (green, red, yellow) = (color(AnsiColor::Green), color(AnsiColor::Red), color(AnsiColor::Yellow));
    let counts: Vec<String> =
        [(section.added.len(), "added"), (section.removed.len(), "removed"), (section.changed.len(), "changed")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
    writeln!(out, "\n{bold}{}{bold:#}: {}", section.title, counts.join(", "))?;
    for item in &section.added {
        writeln!(out, "  {green}+ {}{green:#}", plain(&item.name))?;
    }
    for item in &section.removed {
        writeln!(out, "  {red}- {}{red:#}", plain(&item.name))?;
    }
    for change in &section.changed {
        writeln!(out, "  {yellow}~ {}{yellow:#}", plain(&change.name))?;
        for field in &change.fields {
            let value = |value: &Option<String>| value.as_deref().map_or_else(|| "none".to_owned(), plain);
            writeln!(out, "      {}: {}, now {}", field.field, value(&field.before), value(&field.after))?;
        }
        if !change.policy.is_empty() {
            writeln!(out, "      inline policy:")?;
        }
        for line in &change.policy {
            let style = match line.get(..1) {
                Some("+") => green,
                Some("-") => red,
                _ => Style::new(),
            };
            writeln!(out, "        {style}{}{style:#}", plain(line))?;
        }
    }
    Ok(())
}

fn color(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(color.into()))
}
