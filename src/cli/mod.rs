//! The command line: clap types, and their conversion into the options of the commands.

mod options;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::finding::Severity;
use crate::model::{Days, Instant, Span};

/// Finds AWS access that outlived its reason, and writes evidence that the rest is right.
#[derive(Debug, Parser)]
#[command(name = "overstay", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    /// Options of every command.
    pub global: Global,
    #[command(subcommand)]
    /// The command.
    pub command: Command,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  nothing at or above the threshold
  1  findings at or above the threshold (`audit --fail-on`)
  2  the command line, the config or an input file is wrong
  3  something that was asked for could not be read; wins over 1
  4  verification failed
  5  reading or writing failed, or an internal error

Start with `overstay demo`, then `overstay init`.";

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The config file
    #[arg(short, long, global = true, value_name = "FILE", default_value = "overstay.toml", env = "OVERSTAY_CONFIG")]
    pub config: PathBuf,
    /// The instant of conclusions, such as 2026-09-30T17:00:00Z [default: the snapshot's end, or now]
    #[arg(long, global = true, value_name = "RFC3339", value_parser = parse_instant)]
    pub as_of: Option<Instant>,
    /// Do not use the network
    #[arg(long, global = true)]
    pub offline: bool,
    /// Say what each source was asked and how it answered
    // Typed twice, as `-vv` is elsewhere, it says the same.
    #[arg(short, long, global = true, conflicts_with = "quiet", overrides_with = "verbose")]
    pub verbose: bool,
    /// Say no more than errors and results
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Show no progress
    #[arg(long, global = true)]
    pub no_progress: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The form of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For a terminal
    Text,
    /// For programs, versioned
    Json,
}

/// How much a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckProfile {
    /// Names and reasons
    Internal,
    /// Counts and rule ids only
    Aggregate,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the evidence packs of the bundled scenario
    Demo {
        /// Where the pack goes [default: reports/demo]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Replace another pack, or a folder that is empty
        #[arg(long)]
        force: bool,
    },
    /// Write an annotated config
    Init {
        /// The file [default: the one --config names]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        /// What to look at first.
        discover: Discover,
    },
    /// Read every source into a sealed snapshot
    Collect {
        /// The file [default: the store's, if the config has one, else overstay-TIME.snapshot.json.zst]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Replace a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Write an evidence pack, from a fresh collection or a saved snapshot
    Audit {
        /// Audit this snapshot instead of collecting
        #[arg(long, value_name = "FILE")]
        snapshot: Option<PathBuf>,
        /// The days it is about, both included: 2026-07-01..2026-09-30
        #[arg(long, value_name = "FIRST..LAST", value_parser = parse_days)]
        period: Option<Days>,
        /// Where the pack goes [default: reports/DATE-RUN]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Replace a pack, or a folder that is empty
        #[arg(long)]
        force: bool,
        /// Exit with 1 when an open finding is at least this severe: info, low, medium, high or critical
        #[arg(long, value_name = "SEVERITY", value_parser = parse_severity)]
        fail_on: Option<Severity>,
    },
    /// Say what is wrong now, and fail on it: for scheduled jobs
    Check {
        /// Check this snapshot instead of collecting
        #[arg(long, value_name = "FILE")]
        snapshot: Option<PathBuf>,
        /// Exit with 1 when an open finding is at least this severe: info, low, medium, high or critical
        #[arg(long, value_name = "SEVERITY", value_parser = parse_severity, default_value = "high")]
        fail_on: Severity,
        /// The form of the result
        #[arg(long, default_value = "text")]
        format: OutputFormat,
        /// How much to say: aggregate gives counts and rule ids, and no names
        #[arg(long, default_value = "internal")]
        profile: CheckProfile,
    },
    /// Show what differs between two snapshots or packs; exits with 0 whatever it is
    Diff {
        /// The earlier snapshot, or the pack that carries it
        #[arg(value_name = "BEFORE")]
        before: PathBuf,
        /// The later one
        #[arg(value_name = "AFTER")]
        after: PathBuf,
        /// The form of the result
        #[arg(long, default_value = "text")]
        format: OutputFormat,
    },
    /// Check that a pack was not changed, and that its conclusions follow from what is in it
    Verify {
        /// The pack's folder
        #[arg(value_name = "PACK")]
        pack: PathBuf,
        /// Hold the history of a period's pack against the snapshots that it cites: those of the config's store, or of a copy
        /// of it in this folder
        #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true)]
        store: Option<Option<PathBuf>>,
        /// The form of the result
        #[arg(long, default_value = "text")]
        format: OutputFormat,
    },
    /// Show why somebody has access, as a tree
    Explain {
        /// A user name, an email address, an id or an employee id
        #[arg(value_name = "WHO")]
        who: String,
        /// Only this account, by id or name
        #[arg(long, value_name = "ACCOUNT")]
        account: Option<String>,
        /// Look into this snapshot or pack instead of collecting
        #[arg(long, value_name = "FILE")]
        snapshot: Option<PathBuf>,
        /// The form of the result
        #[arg(long, default_value = "text")]
        format: OutputFormat,
    },
    /// List what can be found, or explain one rule
    Rules {
        /// The rule to explain
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
    /// Look after the store of snapshots
    Store {
        #[command(subcommand)]
        /// What to do with it.
        command: StoreCommand,
    },
    /// Show what can be read, what is missing and what that costs
    Doctor {
        #[command(flatten)]
        /// What to print instead of the result.
        mode: DoctorMode,
        /// The form of the result
        #[arg(long, default_value = "text", conflicts_with_all = ["policy", "scopes"])]
        format: OutputFormat,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of the program or of one command
    Man {
        /// The command
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
    /// List the kinds of machine-readable output, or print the schema of one
    Schema {
        /// The kind
        #[arg(value_name = "KIND")]
        kind: Option<String>,
    },
}

/// What is done with the store.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// List the snapshots, the earliest first, then imported listings; no file is opened for it
    List {
        /// The form of the result
        #[arg(long, default_value = "text")]
        format: OutputFormat,
    },
    /// Say how fresh the store is; exits with 1 when the newest snapshot is too old, or there is none
    Status {
        /// How old the newest snapshot may be, and how far apart two of them: 26h, 2d
        #[arg(long, value_name = "TIME", default_value = "26h")]
        max_age: Span,
        /// How far to look back for snapshots that are further apart
        #[arg(long, value_name = "TIME", default_value = "90d")]
        look_back: Span,
        /// The form of the result
        #[arg(long, default_value = "text")]
        format: OutputFormat,
    },
    /// Add snapshots that were saved elsewhere
    Add {
        /// The snapshots
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Keep a listing from before there was a store, such as a pack's grants.csv; --as-of says when it was so
    Import {
        /// The listing, as CSV
        #[arg(value_name = "LISTING")]
        file: PathBuf,
    },
    /// Let go the snapshots that a run's pack rests on, so that they can be removed when they are old
    Release {
        /// The run, as `store prune` names it: r_…
        #[arg(value_name = "RUN_ID")]
        run_id: String,
        /// Even if its pack is still there
        #[arg(long)]
        yes: bool,
    },
    /// Remove old snapshots and imported listings, but for those that packs rest on or a bucket locks
    Prune {
        /// Remove what was collected longer ago than this: 400d
        #[arg(long, value_name = "TIME")]
        older_than: Span,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What `doctor` prints instead of its result.
#[derive(Debug, Clone, Copy, Args)]
pub struct DoctorMode {
    /// Print the least-privilege IAM policy instead: for reading AWS, and for a store in S3 if the config has one
    #[arg(long)]
    pub policy: bool,
    /// Print the permissions that reading identity providers takes instead; needs no config
    #[arg(long, conflicts_with = "policy")]
    pub scopes: bool,
}

/// What `init` looks at before it writes.
#[derive(Debug, Clone, Default, Args)]
pub struct Discover {
    /// Look at what is in reach, and write a config for it that today's assignments imply
    #[arg(long)]
    pub discover: bool,
    /// The AWS Region to start from [default: as AWS tools find it]
    #[arg(long, value_name = "REGION", requires = "discover")]
    pub region: Option<String>,
    /// The organisation's name, for the cover
    #[arg(long, value_name = "NAME", requires = "discover")]
    pub organization: Option<String>,
    /// The identity provider's users, as CSV
    #[arg(long, value_name = "FILE", requires = "discover")]
    pub users: Option<PathBuf>,
    /// The identity provider's groups, as CSV
    #[arg(long, value_name = "FILE", requires = "users")]
    pub groups: Option<PathBuf>,
    /// The members of its groups, as CSV, or a pattern such as members/*.csv
    #[arg(long, value_name = "FILE", requires = "users")]
    pub members: Option<PathBuf>,
    /// The HR roster, as CSV
    #[arg(long, value_name = "FILE", requires_all = ["discover", "time_zone"])]
    pub roster: Option<PathBuf>,
    /// The zone of the roster's dates, such as Europe/London
    #[arg(long, value_name = "ZONE", requires = "roster")]
    pub time_zone: Option<String>,
}

fn parse_instant(text: &str) -> Result<Instant, String> {
    text.parse::<Instant>().map_err(|e| e.to_string())
}

fn parse_days(text: &str) -> Result<Days, String> {
    text.parse::<Days>().map_err(|e| e.to_string())
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    Severity::from_word(text).ok_or_else(|| "write info, low, medium, high or critical".to_owned())
}
