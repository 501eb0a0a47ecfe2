//! Config keys that this version checks and does not act on yet. Who sets one is told so, and not left to believe
//! that it was applied.

use toml::{Table, Value};

/// The keys, by their path. A path to a section stands for all of it.
pub const RESERVED: &[&str] = &[
    "access.s3",
    "access.task_roles",
    "aws.member_role",
    "pack.grants_csv_rows",
    "policy.key_max_age",
    "review.cadence",
    "signing",
];

/// The reserved keys that a config sets.
pub(super) fn set_in(config: &str) -> Vec<&'static str> {
    // A config that does not parse was refused before.
    let Ok(document) = config.parse::<Table>() else { return Vec::new() };
    let document = Value::Table(document);
    RESERVED.iter().copied().filter(|path| holds(&document, path)).collect()
}

fn holds(value: &Value, path: &str) -> bool {
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    match value {
        Value::Table(table) => table.get(key).is_some_and(|value| rest.is_none_or(|rest| holds(value, rest))),
        Value::Array(entries) => entries.iter().any(|entry| holds(entry, path)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_found_in_sections_and_in_lists_of_them() {
        let config = "[signing]\nkey = \"k\"\n[policy]\nleaver_sla = \"24h\"\nkey_max_age = \"5d\"\n\
                      [[access]]\nowner = \"a\"\n[[access]]\ns3 = []\n";
        assert_eq!(set_in(config), ["access.s3", "policy.key_max_age", "signing"]);
        assert_eq!(set_in(""), [""; 0]);
    }

    /// Keys and sections of the template, by their path, with the comment before them.
    fn commented() -> Vec<(String, String)> {
        let (mut section, mut comment, mut found) = (String::new(), String::new(), Vec::new());
        let is_key = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b"_0123456789".contains(&b))
        };
        for line in crate::config::TEMPLATE.lines() {
            if line.starts_with("# ") {
                line.clone_into(&mut comment);
                continue;
            }
            let line = line.trim_start_matches('#');
            let header = line.trim_matches(['[', ']']);
            if line.starts_with('[') && is_key(header) {
                header.clone_into(&mut section);
                found.push((section.clone(), comment.clone()));
            } else if let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| is_key(key)) {
                found.push((format!("{section}.{key}"), comment.clone()));
            }
        }
        found
    }

    #[test]
    fn the_template_marks_what_is_reserved_and_nothing_else() {
        let commented = commented();
        for path in RESERVED {
            assert!(commented.iter().any(|(key, _)| key == path), "the template has no {path}");
        }
        for (path, comment) in commented {
            let reserved = RESERVED.iter().any(|known| *known == path || path.starts_with(&format!("{known}.")));
            let within = path.split_once('.').is_some_and(|(section, _)| RESERVED.contains(&section));
            assert!(within || reserved == comment.ends_with("(later)"), "{path}: {comment}");
        }
    }
}
