//! One file per subcommand. A command composes the steps of [`workflow`](crate::workflow) and decides how it ends.

pub mod audit;
pub mod check;
pub mod collect;
pub mod completions;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod init;
pub mod man;
pub mod rules;
pub mod schema;
pub mod store;
pub mod verify;
