//! What `doctor` found, as its JSON has it.

use schemars::JsonSchema;
use serde::Serialize;

/// The JSON's format.
pub const FORMAT: &str = "overstay-doctor";
/// Its version: new keys raise the second number, anything else the first.
pub const VERSION: &str = "1.1";

/// Everything `doctor` tells.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DoctorView {
    /// [`FORMAT`].
    pub format: &'static str,
    /// [`VERSION`].
    pub version: &'static str,
    /// The config's path, as given.
    pub config: String,
    /// `fine`, `incomplete` or `wrong`.
    pub result: &'static str,
    /// The sources, in the order of the config.
    pub sources: Vec<SourceView>,
    /// Facts that no source is asked for, with what would provide them.
    pub not_asked: Vec<NotAsked>,
    /// What there is to prove a period with: since when snapshots are kept without a break, and how far logs reach.
    pub periods: Vec<String>,
    /// Every rule, with what a run now could say of it.
    pub rules: Vec<OutlookView>,
    /// Every control test, likewise.
    pub tests: Vec<OutlookView>,
}

/// One source.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SourceView {
    /// `aws`, `idp:NAME`, `hr` or `links`.
    pub source: String,
    /// What it is.
    pub kind: String,
    /// What it says about itself.
    pub told: Vec<Told>,
    /// What was tried.
    pub checks: Vec<CheckView>,
    /// What a collection would not look at.
    pub not_read: Vec<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A name and a value.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Told {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// One thing that was tried.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CheckView {
    /// An IAM action, or a file.
    pub what: String,
    /// `fine`, `warning`, `not_tried`, `unreadable` or `wrong`.
    pub outcome: &'static str,
    /// Why it is unreadable: `denied`, `network`, ….
    pub cause: Option<String>,
    /// In words.
    pub detail: String,
    /// What to do about it.
    pub hint: String,
    /// The facts that are incomplete because of it.
    pub loses: Vec<FactView>,
    /// The rules that say nothing, or not all, because of it.
    pub rules: Vec<&'static str>,
    /// The control tests without a result because of it.
    pub tests: Vec<&'static str>,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FactView {
    /// Its key, as in snapshots.
    pub fact: String,
    /// In words.
    pub name: &'static str,
}

/// A fact that no source is asked for.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NotAsked {
    /// The fact.
    #[serde(flatten)]
    pub fact: FactView,
    /// What to add to the config.
    pub hint: &'static str,
}

/// What a run could say of a rule or a test.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OutlookView {
    /// The rule's or test's id.
    pub id: &'static str,
    /// What it says.
    pub title: &'static str,
    /// `evaluated`, `partial` or `not_evaluated`.
    pub outlook: &'static str,
    /// Facts that were asked for and can't be read.
    pub lost: Vec<&'static str>,
    /// Facts that no source is asked for.
    pub not_asked: Vec<&'static str>,
}
