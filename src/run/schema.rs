//! `overstay schema`: what machine-readable output means.

use schemars::JsonSchema;
use serde_json::Value;

use crate::error::Error;
use crate::evidence::check::CheckView;
use crate::evidence::diff::DiffView;
use crate::evidence::doctor::DoctorView;
use crate::evidence::explain::ExplainView;
use crate::evidence::schema::schema as pack;
use crate::evidence::stored::{ListView, StatusView};
use crate::evidence::verify::VerifyView;
use crate::exit::Status;
use crate::workflow::Shell;

/// A kind of output: its name, what it is, and its schema.
type Kind = (&'static str, &'static str, fn() -> Value);

const KINDS: [Kind; 8] = [
    ("pack", "every file and column of an evidence pack; packs carry it as schema.json", pack),
    ("check", "what `overstay check --format json` prints, as JSON Schema", of::<CheckView>),
    ("doctor", "what `overstay doctor --format json` prints, as JSON Schema", of::<DoctorView>),
    ("explain", "what `overstay explain --format json` prints, as JSON Schema", of::<ExplainView>),
    ("diff", "what `overstay diff --format json` prints, as JSON Schema", of::<DiffView>),
    ("verify", "what `overstay verify --format json` prints, as JSON Schema", of::<VerifyView>),
    ("store-list", "what `overstay store list --format json` prints, as JSON Schema", of::<ListView>),
    ("store-status", "what `overstay store status --format json` prints, as JSON Schema", of::<StatusView>),
];

fn of<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

/// Lists the kinds, or prints the schema of one.
///
/// # Errors
/// When there is no such kind.
pub fn run(kind: Option<&str>) -> Result<Status, Error> {
    let Some(kind) = kind else {
        for (name, about, _) in KINDS {
            Shell::print(&format!("{name:<12} {about}"))?;
        }
        return Ok(Status::Clean);
    };
    let Some((_, _, schema)) = KINDS.iter().find(|(name, ..)| *name == kind) else {
        let names: Vec<&str> = KINDS.iter().map(|(name, ..)| *name).collect();
        return Err(Error::Usage {
            message: format!("there is no schema `{kind}`"),
            hint: format!("the kinds are {}", names.join(", ")),
        });
    };
    Shell::print(&format!("{:#}", schema()))?;
    Ok(Status::Clean)
}
