//! What `overstay verify` says of a pack.

use schemars::JsonSchema;
use serde::Serialize;

/// The version of the JSON form: new keys raise the second number, anything else the first.
const VERSION: &str = "1.0";

/// Whether a pack is what it says it is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VerifyView {
    /// `overstay-verify`.
    pub format: &'static str,
    /// The format's version.
    pub version: &'static str,
    /// The pack's folder.
    pub pack: String,
    /// Whether every check that decides passed. The signature's does not: nothing is signed yet.
    pub verified: bool,
    /// The run that the pack says it is of; empty when it does not say.
    pub run_id: String,
    /// The instant of its conclusions; empty when it does not say.
    pub as_of: String,
    /// The period it is about, `2026-07-01..2026-09-30`; none when it is about none.
    pub period: Option<String>,
    /// The version of overstay that made it; empty when it does not say.
    pub made_by: String,
    /// The version of overstay that checked it.
    pub checked_by: &'static str,
    /// SHA-256 of `tagmanifest-sha256.txt`, which covers every other file: to be compared with a digest that came another
    /// way. Empty when the pack has no such file.
    pub digest: String,
    /// What was checked, in order.
    pub checks: Vec<Check>,
    /// What a reader should know, and that decides nothing.
    pub notes: Vec<String>,
    /// What it comes to, in words.
    pub conclusion: String,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// `bag`, `files`, `inputs`, `conclusions`, `store` or `signature`.
    pub name: &'static str,
    /// `pass`, `fail` or `not_checked`.
    pub result: Outcome,
    /// What was checked and how it went, in words.
    pub detail: String,
    /// Everything that is not as it should be.
    pub defects: Vec<Defect>,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// Nobody can say: it was not possible, or not for this version.
    NotChecked,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Defect {
    /// The file, by its path within the pack; or what else it is about.
    pub file: String,
    /// The line, from one.
    pub line: Option<u64>,
    /// The column in characters, from one.
    pub column: Option<u64>,
    /// What it is, in words that go on after the file's name.
    pub what: String,
}

impl Defect {
    /// Of a file as a whole.
    pub fn of(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, column: None, what: what.into() }
    }

    /// Of a line.
    pub fn at(file: &str, line: u64, what: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::of(file, what) }
    }
}

impl Check {
    /// Passed, or failed when there are defects; in words for either.
    pub fn of(name: &'static str, defects: Vec<Defect>, passed: String, failed: String) -> Self {
        if defects.is_empty() {
            Self { name, result: Outcome::Pass, detail: passed, defects }
        } else {
            Self { name, result: Outcome::Fail, detail: failed, defects }
        }
    }

    /// Could not be made.
    pub fn not_made(name: &'static str, why: String, defects: Vec<Defect>) -> Self {
        Self { name, result: Outcome::NotChecked, detail: why, defects }
    }
}

/// The name of the check that never decides.
pub const SIGNATURE: &str = "signature";

/// What a pack says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The run.
    pub run_id: String,
    /// The instant of conclusions.
    pub as_of: String,
    /// The period.
    pub period: Option<String>,
    /// The version that made it.
    pub made_by: String,
}

impl VerifyView {
    /// The view of a pack's checks.
    pub fn of(pack: &str, told: Told, digest: String, checks: Vec<Check>, notes: Vec<String>) -> Self {
        let deciding = || checks.iter().filter(|check| check.name != SIGNATURE);
        let verified = deciding().all(|check| check.result == Outcome::Pass);
        let failed = deciding().any(|check| check.result == Outcome::Fail);
        let checked_by = env!("CARGO_PKG_VERSION");
        let conclusion = match (verified, failed) {
            (true, _) => {
                "The pack is as it was sealed, and what it concludes follows from the facts in it. When and by whom it \
                          was made is not shown by this: compare the digest with one that came to you another way."
                    .to_owned()
            }
            (_, false) if told.made_by != checked_by => format!(
                "The pack is as it was sealed. Whether what it concludes follows from the facts in it, only overstay {} can \
                 tell, which made it: verify it with that version.",
                told.made_by
            ),
            _ => "Do not rely on the pack. Ask whoever made it for the original.".to_owned(),
        };
        Self {
            format: "overstay-verify",
            version: VERSION,
            pack: pack.to_owned(),
            verified,
            run_id: told.run_id,
            as_of: told.as_of,
            period: told.period,
            made_by: told.made_by,
            checked_by,
            digest,
            checks,
            notes,
            conclusion,
        }
    }
}
