//! The steps that commands share, from the config to the published result. A command in [`run`](crate::run) composes them:
//! load the config, collect or load a snapshot, store it, conclude, publish or print.

mod collect;
mod collectors;
mod conclude;
mod files;
mod load_snapshot;
pub(crate) mod period;
mod preflight;
mod publish;
mod shell;
pub(crate) mod snapshot_store;
mod summary;

pub(crate) use collect::gather;
pub(crate) use collectors::collectors;
pub(crate) use conclude::{conclude, status};
pub(crate) use files::{write_atomically, write_new};
pub(crate) use load_snapshot::{load, take_snapshot};
pub(crate) use preflight::{check_terms, check_writable, refuse_existing};
pub(crate) use publish::publish;
pub use shell::{Format, Shell};
pub(crate) use summary::unread;
