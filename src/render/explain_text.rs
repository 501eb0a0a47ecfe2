//! An explanation as a tree.

use std::io::{self, Write};

use anstyle::Style;

use super::plain;
use crate::evidence::explain::{ExplainView, GrantExplained, UserExplained};

/// Writes the explanation.
///
/// # Errors
/// When `out` does.
pub fn write(view: &ExplainView, out: &mut dyn Write) -> io::Result<()> {
    for user in &view.users {
        write_user(user, out)?;
    }
    let more = if view.status == "COMPLETE" { "" } else { ": not everything was read, there may be more" };
    writeln!(out, "{}{more}, as of {}", view.status, view.as_of)
}

fn write_user(user: &UserExplained, out: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    let UserExplained { user_id, user_name, display_name, idc_status, person_type, standing, .. } = user;
    writeln!(out, "{bold}{}{bold:#}  {}", plain(user_name), plain(display_name))?;
    writeln!(out, "├─ {person_type}, {standing}: {}", plain(&user.standing_reason))?;
    writeln!(out, "├─ Identity Center user {user_id}, {idc_status}")?;
    for record in &user.records {
        let at = if record.at.is_empty() { String::new() } else { format!("  [{}]", plain(&record.at)) };
        writeln!(out, "├─ {}: {}{at}", plain(&record.source), plain(&record.says))?;
        writeln!(out, "│    {}", record.link)?;
    }
    if user.grants.is_empty() {
        writeln!(out, "└─ holds nothing that was looked at")?;
    }
    for (at, grant) in user.grants.iter().enumerate() {
        write_grant(grant, at + 1 == user.grants.len(), out)?;
    }
    writeln!(out)
}

fn write_grant(grant: &GrantExplained, last: bool, out: &mut dyn Write) -> io::Result<()> {
    let bold = Style::new().bold();
    let (branch, trunk) = if last { ("└─", "  ") } else { ("├─", "│ ") };
    let GrantExplained { permission_set, account, account_id, tier, privileged, path, policy, findings, grant_id } =
        grant;
    writeln!(out, "{branch} {bold}{}{bold:#} on {} ({account_id})  {grant_id}", plain(permission_set), plain(account))?;
    writeln!(out, "{trunk} ├─ tier {tier}")?;
    if !privileged.is_empty() {
        writeln!(out, "{trunk} ├─ privileged: {}", plain(privileged))?;
    }
    writeln!(out, "{trunk} ├─ allowed by policy: {policy}")?;
    for finding in findings {
        writeln!(out, "{trunk} ├─ finding: {finding}")?;
    }
    for (depth, step) in path.iter().enumerate() {
        writeln!(out, "{trunk} {:indent$}└─ {}", "", plain(step), indent = depth * 3)?;
    }
    Ok(())
}
