//! Keys that every source over the network has: its address, where its secrets are, and how it is reached.

use crate::config::read::Table;
use crate::config::redact::SECRET_KEYS;
use crate::config::words::quoted;
use crate::config::{Connection, Part, Secret};

/// Where a secret is found: `{ env = "NAME" }` or `{ file = "PATH" }`.
pub(super) fn secret(table: &mut Table<'_, '_>, key: &'static str) -> Option<Secret> {
    let value = table.take(key)?;
    if value.is_text() {
        // One that is written out was refused before.
        if !SECRET_KEYS.contains(&key) {
            value.note(
                format!("`{key}` must say where it is found"),
                format!("write {key} = {{ env = \"NAME\" }} or {key} = {{ file = \"PATH\" }}"),
            );
        }
        return None;
    }
    value.table("a secret", |table| {
        let env = table.text("env");
        let file = table.path("file");
        match (env, file) {
            (Some(name), None) => {
                if name.contains(['=', '\0']) {
                    table.note("`env` is not the name of an environment variable", "write its name, such as \"TOKEN\"");
                    return None;
                }
                Some(Secret::Env(name))
            }
            (None, Some(path)) => Some(Secret::File(path)),
            _ => {
                table.note("a secret is found in one place", "write { env = \"NAME\" } or { file = \"PATH\" }");
                None
            }
        }
    })
}

/// An HTTPS address without a slash at its end. Plain HTTP is for this machine only.
pub(super) fn address(table: &mut Table<'_, '_>, key: &'static str, default: Option<&str>) -> Option<String> {
    let value = match default {
        Some(default) => match table.take(key) {
            Some(value) => value,
            None => return Some(default.to_owned()),
        },
        None => table.need(key, &format!("give its address: {key} = \"https://…\""))?,
    };
    let text = value.text()?;
    let plain = text.strip_prefix("http://");
    let Some(rest) = text.strip_prefix("https://").or(plain) else {
        let message = format!("{} is not an HTTPS address", quoted(&text));
        value.note(message, "write it from https:// on");
        return None;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let blank = |c: char| c.is_whitespace() || c.is_control();
    if authority.is_empty() || rest.contains(['?', '#']) || rest.contains(blank) {
        let message = format!("{} is not an address", quoted(&text));
        value.note(message, "write scheme, host and path, and nothing behind them");
        return None;
    }
    if authority.contains('@') {
        value.note(
            format!("`{key}` must not hold a user name or password"),
            "write the address without what stands before the @",
        );
        return None;
    }
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    if plain.is_some() && !["127.0.0.1", "[::1]", "localhost"].contains(&host) {
        value
            .note(format!("`{key}` would send its token in clear"), "write https://; http:// is for this machine only");
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

/// `ca`, `requests_at_once`, `longest_wait` and `without`.
pub(super) fn connection(table: &mut Table<'_, '_>) -> Connection {
    let ca = table.path("ca");
    let at_once = table.take("requests_at_once").and_then(|value| value.number(1..=64));
    let longest_wait = table.take("longest_wait").and_then(|value| value.duration());
    let without = table.take("without").and_then(|value| value.list(|item| item.word("part", &Part::ALL)));
    let mut without = without.unwrap_or_default();
    without.sort_unstable();
    without.dedup();
    Connection { ca, at_once: at_once.and_then(|number| number.try_into().ok()), longest_wait, without }
}
