//! `overstay` finds AWS access that outlived its reason, and produces evidence that the rest is right.
//!
//! Data flows one way, and no stage can be skipped:
//!
//! ```text
//! config ─┐
//!         ├→ collect ──→ Snapshot ──→ reconcile ──→ Ledger ──→ rules ──→ assess ──→ Assessment ──→ evidence ──→ render ──→ pack
//! sources ┘   async,       sealed        pure                   pure      exceptions               frozen view   csv html json
//!             all I/O
//! ```
//!
//! - [`config`]: the config file, parsed once, all errors at once.
//! - [`collect`]: one collector per source; failures become gaps, not crashes.
//! - [`snapshot`]: everything one collection learnt, sealed, versioned, digested.
//! - [`store`]: snapshots kept over time, in a folder or an S3 bucket that is only added to.
//! - [`reconcile`]: links identities, derives standing, expands grants.
//! - [`rules`]: one file per rule; each says what it needs, and is not evaluated without it.
//! - [`assess`]: findings meet exceptions and configured severities.
//! - [`evidence`]: the frozen view that renderers see.
//! - [`render`]: CSV, HTML, JSON and the BagIt pack.
//! - [`workflow`]: the steps that commands share: load the config, collect, conclude, publish.
//! - [`run`]: one file per subcommand; each composes the steps.
//! - [`cli`]: the command line, converted into the options of the commands.
//!
//! Beside the pipeline: [`aws`] is what the AWS collector and the store in S3 share; [`error`], [`diagnostic`] and [`exit`]
//! are how a run fails and ends.
//!
//! Right of the snapshot nothing knows the clock, the network, files or the environment.

pub mod assess;
pub mod aws;
pub mod cli;
pub mod collect;
pub mod config;
pub mod diagnostic;
pub mod error;
pub mod evidence;
pub mod exit;
pub mod model;
pub mod reconcile;
pub mod render;
pub mod rules;
pub mod run;
pub mod snapshot;
pub mod store;
pub mod workflow;
