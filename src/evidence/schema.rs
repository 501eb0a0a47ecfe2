//! `schema.json`: what every column means.

use serde_json::{Value, json};

use super::table::{COMMON, SCHEMA_VERSION};
use super::tables::TABLES;

/// The schema of all tables.
pub fn schema() -> Value {
    let tables: Vec<Value> = TABLES
        .iter()
        .map(|table| {
            let columns: Vec<Value> = COMMON
                .iter()
                .chain(table.columns)
                .map(|column| json!({ "name": column.name, "kind": column.kind, "meaning": column.meaning }))
                .collect();
            json!({ "file": table.file, "about": table.about, "sorted_by": table.sorted_by, "columns": columns })
        })
        .collect();
    json!({
        "schema_version": SCHEMA_VERSION,
        "format": "RFC 4180, UTF-8 without BOM, CRLF, every field quoted",
        "empty": "the column does not apply",
        "unknown": "the word `unknown`: nobody could say",
        "kinds": {
            "id": "an identifier, compared as text",
            "text": "free text; a leading quote before = + - @ or a quote is not part of the value",
            "word": "one of the words that the meaning lists",
            "list": "sorted, joined with ;",
            "instant": "RFC 3339 in UTC",
            "hours": "a decimal number of hours",
            "count": "a whole number",
            "digest": "SHA-256, lower-case hex"
        },
        "tables": tables
    })
}
