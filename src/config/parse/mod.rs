//! From text to [`Config`], section by section.

mod access;
mod approvals;
mod aws;
mod connection;
mod exception;
mod idp;
mod logs;
mod people;
mod policy;
mod store;

use std::sync::Arc;

use toml::de::DeTable;

use super::problems::Problems;
use super::read::Table;
use super::{Config, Term};
use crate::diagnostic::Diagnostic;
use crate::model::Pattern;

/// Above this many rows spreadsheets stop being usable well before their limit of 1,048,576.
const GRANTS_CSV_ROWS: u64 = 250_000;

pub(super) fn parse(text: &str, file: &str) -> Result<Config, Vec<Diagnostic>> {
    let problems = Problems::new(file, text);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        problems.note_syntax(error);
    }
    let config = Table::root(&problems, document.get_ref(), config);
    if !problems.is_empty() {
        return Err(problems.into_diagnostics());
    }
    Ok(Config { text: Arc::from(text), file: file.to_owned(), ..config })
}

/// Values that are wrong are noted and left out of the result, which is then not used.
fn config(root: &mut Table<'_, '_>) -> Config {
    let mut terms: Vec<Term> = Vec::new();
    let organization = root.section("organization", "[organization]", |table| {
        table.need_text("name", "give the name for the cover: name = \"Example Ltd\"")
    });
    let aws = root.section("aws", "[aws]", aws::aws);
    let idps = idp::idps(root);
    let hr = root.section("hr", "[hr]", people::hr);
    let scope = root.section_or_empty("scope", "[scope]", |table| access::scope(table, &mut terms));
    let identities = root.section_or_empty("identities", "[identities]", people::identities);
    let approvals = root.section("approvals", "[approvals]", approvals::approvals);
    let calendar = root.section("calendar", "[calendar]", people::calendar);
    let policy = root.section_or_empty("policy", "[policy]", policy::policy);
    let review = root.section_or_empty("review", "[review]", |table| policy::review(table, &policy));
    let access = access::entries(root);
    let separation_of_duties = access::separation_of_duties(root);
    let exceptions = exception::exceptions(root, &mut terms);
    let grants_csv_rows =
        root.section("pack", "[pack]", |table| table.take("grants_csv_rows")?.number(1..=1_000_000_000));
    let security_accounts =
        root.section("accounts", "[accounts]", |table| table.take("security")?.list(|value| value.account()));
    let signing_key = root.section("signing", "[signing]", signing_key);
    let store = root.section("store", "[store]", store::store);
    Config {
        text: Arc::default(),
        file: String::new(),
        organization,
        aws,
        idps,
        hr,
        scope,
        identities,
        approvals,
        calendar,
        review,
        policy: policy.config,
        access,
        separation_of_duties,
        exceptions,
        grants_csv_rows: grants_csv_rows.unwrap_or(GRANTS_CSV_ROWS),
        security_accounts: security_accounts.unwrap_or_default(),
        signing_key,
        store,
        terms,
    }
}

fn signing_key(table: &mut Table<'_, '_>) -> Option<String> {
    let value = table.need("key", "name the key's file: key = \"~/.ssh/audit_ed25519\"")?;
    let key = value.text()?;
    if key.contains("PRIVATE KEY") {
        value.note(
            "the signing key itself must not be written into the config, which every pack carries",
            "name its file, or an agent's key by its fingerprint",
        );
        return None;
    }
    Some(key)
}

/// The words of patterns, as they take part in the detection of duplicates.
fn words(patterns: &[&Pattern]) -> String {
    let words: Vec<&str> = patterns.iter().map(|pattern| pattern.as_str()).collect();
    words.join("\n")
}
