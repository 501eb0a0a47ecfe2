//! The proposed config as text.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::access::{Entry, Proposal};
use super::toml::{comment, list, quoted};
use crate::snapshot::Snapshot;

/// The sources to name.
#[derive(Debug, Clone)]
pub(super) struct Sources {
    pub(super) organization: Option<String>,
    pub(super) region: Option<String>,
    pub(super) users: Option<String>,
    pub(super) groups: Option<String>,
    pub(super) members: Option<String>,
    pub(super) roster: Option<Roster>,
}

/// The HR roster.
#[derive(Debug, Clone)]
pub(super) struct Roster {
    pub(super) path: String,
    pub(super) time_zone: String,
    pub(super) lists_leavers: bool,
}

impl Sources {
    /// The sections alone, for looking at what they name.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match &self.organization {
            Some(name) => line(text, &format!("[organization]\nname = {}", quoted(name))),
            None => {
                line(text, "# review: the name on the cover of the evidence\n#[organization]\n#name = \"Example Ltd\"")
            }
        }
        line(text, "\n# Credentials are found as by any AWS tool; #profile and #role_arn choose among them.\n[aws]");
        match &self.region {
            Some(region) => {
                line(text, &format!("# The primary Region of IAM Identity Center.\nregion = {}", quoted(region)))
            }
            None => line(text, "# review: the Region of IAM Identity Center\n#region = \"us-east-1\""),
        }
        text.push('\n');
        match &self.users {
            Some(users) => {
                line(text, "[[idp]]\nname = \"export\"\ntype = \"csv\"");
                line(text, &format!("users = {}", quoted(users)));
                for (key, value) in [("groups", &self.groups), ("members", &self.members)] {
                    match value {
                        Some(value) => line(text, &format!("{key} = {}", quoted(value))),
                        None => line(
                            text,
                            &format!(
                                "# review: without {key} what policy allows can't be tested\n#{key} = \"{key}.csv\""
                            ),
                        ),
                    }
                }
            }
            None => line(
                text,
                "# review: without an identity provider nobody is known to have left\n\
                 #[[idp]]\n#name = \"export\"\n#type = \"csv\"\n#users = \"users.csv\"\n#groups = \"groups.csv\"\n#members = \"members.csv\"",
            ),
        }
        text.push('\n');
        match &self.roster {
            Some(roster) => {
                line(text, &format!("[hr]\ntype = \"csv\"\npath = {}", quoted(&roster.path)));
                let (word, why) = if roster.lists_leavers {
                    ("all", "the roster lists people who left")
                } else {
                    ("active", "the roster lists nobody who left; write \"all\" if leavers would stay in it")
                };
                line(text, &format!("# review: {why}\nlists = \"{word}\""));
                line(text, &format!("time_zone = {}", quoted(&roster.time_zone)));
            }
            None => line(
                text,
                "# review: without HR, leavers are known from the identity provider alone\n\
                 #[hr]\n#type = \"csv\"\n#path = \"roster.csv\"\n#lists = \"all\"\n#time_zone = \"Europe/London\"",
            ),
        }
    }
}

/// The whole config.
pub(super) fn config(sources: &Sources, snapshot: &Snapshot, proposal: &Proposal) -> String {
    let mut text = String::from(
        "# Written by `overstay init --discover`. What could be read stands here; what has to be decided begins with\n\
         # `# review:`. `overstay init --out FILE` writes every key with its explanation, `overstay doctor` shows what this\n\
         # config reaches.\n",
    );
    unread(&mut text, snapshot);
    text.push('\n');
    sources.write(&mut text);
    seen(&mut text, snapshot);
    access(&mut text, proposal);
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn unread(text: &mut String, snapshot: &Snapshot) {
    let reasons: BTreeSet<String> = snapshot
        .gaps()
        .map(|(source, gap)| format!("{source}: {} were not read whole: {}", gap.fact, gap.reason))
        .collect();
    if reasons.is_empty() {
        return;
    }
    line(text, "#\n# review: INCOMPLETE. What follows rests on what could be read; this could not:");
    for reason in reasons {
        line(text, &format!("#   {}", comment(&reason)));
    }
}

/// What the proposal rests on.
fn seen(text: &mut String, snapshot: &Snapshot) {
    let Some(aws) = snapshot.aws() else { return };
    let _ = writeln!(
        text,
        "\n# Seen in {}:\n#   {} accounts, {} permission sets, {} users, {} groups, {} assignments",
        comment(aws.instance.arn.as_str()),
        aws.accounts.len(),
        aws.permission_sets.len(),
        aws.users.len(),
        aws.groups.len(),
        aws.assignments.len()
    );
}

fn access(text: &mut String, proposal: &Proposal) {
    if !proposal.entries.is_empty() {
        line(
            text,
            "\n# Who should have what. That somebody has access today does not mean that they should: keep what is right,",
        );
        line(text, "# remove the rest, and give each entry an owner.");
    }
    for entry in &proposal.entries {
        line(text, "\n# review: implied by today's assignments\n[[access]]");
        line(text, &format!("match = {{ group = {} }}", quoted(&entry.who)));
        line(text, &format!("permission_set = {}", quoted(&entry.permission_set)));
        line(text, &format!("accounts = {}", list(&entry.accounts)));
        line(text, "#owner = \"platform-leads@example.com\"");
    }
    if !proposal.unwritten.is_empty() {
        line(text, "\n# review: groups hold this too, and no entry says so, for the reason given");
        for (entry, why) in &proposal.unwritten {
            line(text, &format!("#   {}: {}", held(entry), comment(why)));
        }
    }
    if !proposal.direct.is_empty() {
        line(
            text,
            "\n# review: given to users directly, and not allowed by any entry: give it through a group, or accept it as an",
        );
        line(text, "# [[exception]]");
        for entry in &proposal.direct {
            line(text, &format!("#   {}", held(entry)));
        }
    }
}

/// `"ada@example.com" holds "Admin" on ["prod"]`; quoted text can't leave its line.
fn held(entry: &Entry) -> String {
    format!("{} holds {} on {}", quoted(&entry.who), quoted(&entry.permission_set), list(&entry.accounts))
}
