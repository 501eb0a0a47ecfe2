//! `[[idp]]`.

use std::collections::BTreeMap;

use crate::config::columns::{GROUP_COLUMNS, MEMBER_COLUMNS, USER_COLUMNS};
use crate::config::problems::Seen;
use crate::config::read::Table;
use crate::config::redact::SECRET_KEYS;
use crate::config::value::Value;
use crate::config::words::{nearest, quoted};
use crate::config::{CsvIdpConfig, IdpConfig, IdpSource};
use crate::model::id::IdpName;

#[derive(Clone, Copy)]
enum Kind {
    Csv,
    /// Known, and read by a later version.
    Later(&'static str),
}

const KINDS: &[(&str, Kind)] = &[
    ("csv", Kind::Csv),
    ("entra", Kind::Later("entra")),
    ("okta", Kind::Later("okta")),
    ("google", Kind::Later("google")),
    ("keycloak", Kind::Later("keycloak")),
    ("scim", Kind::Later("scim")),
    ("ldap", Kind::Later("ldap")),
];

pub(super) fn idps(root: &mut Table<'_, '_>) -> Vec<IdpConfig> {
    let mut seen = Seen::default();
    root.sections("idp", "[[idp]]", |_, table| idp(table, &mut seen))
}

fn idp(table: &mut Table<'_, '_>, seen: &mut Seen) -> Option<IdpConfig> {
    let name = table.need("name", "give it a name of your own: name = \"entra\"").and_then(|value| name(&value, seen));
    let kind = table.need("type", "say how it is read: type = \"csv\"").and_then(|value| {
        let kind = value.word("identity provider type", KINDS)?;
        if let Kind::Later(word) = kind {
            value.note(
                format!("identity provider type `{word}` is not built into this version"),
                "export its users as CSV and use type = \"csv\"",
            );
        }
        Some(kind)
    });
    let secrets_kept_out = SECRET_KEYS.map(|key| secret_kept_out(table, key));
    let source = match kind {
        Some(Kind::Csv) => csv(table).map(IdpSource::Csv),
        Some(Kind::Later(_)) | None => {
            // What else may stand here depends on the type.
            table.ignore_unknown();
            None
        }
    };
    if secrets_kept_out.contains(&false) {
        return None;
    }
    Some(IdpConfig { name: name?, source: source? })
}

fn name(value: &Value<'_, '_>, seen: &mut Seen) -> Option<IdpName> {
    let text = value.text()?;
    let Ok(name) = text.parse::<IdpName>() else {
        value.note("`name` must be a short text without control characters", "write a plain word, such as \"entra\"");
        return None;
    };
    let what = format!("identity provider name {}", quoted(&text));
    seen.once(value.problems(), &text, value.span(), &what).then_some(name)
}

/// Refuses a secret that is written out: every pack carries the config as it is.
fn secret_kept_out(table: &mut Table<'_, '_>, key: &'static str) -> bool {
    let Some(value) = table.peek(key).filter(Value::is_text) else {
        return true;
    };
    table.take(key);
    value.note(
        format!("`{key}` must not be written out in the config, which every pack carries"),
        format!("write {key} = {{ env = \"NAME\" }} or {key} = {{ file = \"PATH\" }}, and change the secret"),
    );
    false
}

fn csv(table: &mut Table<'_, '_>) -> Option<CsvIdpConfig> {
    let users = table.need_text("users", "name the users file: users = \"users.csv\"");
    let groups = table.path("groups");
    let members = table.text("members");
    let mut columns_of = |key, known| table.take(key).and_then(|value| columns(&value, known)).unwrap_or_default();
    let columns = columns_of("columns", &USER_COLUMNS);
    let group_columns = columns_of("group_columns", &GROUP_COLUMNS);
    let member_columns = columns_of("member_columns", &MEMBER_COLUMNS);
    Some(CsvIdpConfig { users: users?.into(), groups, members, columns, group_columns, member_columns })
}

/// A map from names of ours to headers of theirs.
pub(super) fn columns(value: &Value<'_, '_>, known: &[&str]) -> Option<BTreeMap<String, String>> {
    let entries = value.entries(|key, header| {
        let ours = key.get_ref().as_ref();
        if !known.contains(&ours) {
            let message = format!("unknown column {}", quoted(ours));
            value.problems().note(&key.span(), message, nearest(ours, known));
            return None;
        }
        Some((ours.to_owned(), header.text()?))
    })?;
    Some(entries.into_iter().collect())
}
