//! The files of a store by their keys, wherever they are. A key is a path within the store with `/` between its parts.

use std::fmt;

use crate::error::Error;
use crate::model::Instant;

/// What a store needs of the place that it is kept in. Nothing can be written over.
pub(super) trait Files: fmt::Debug + Send + Sync {
    /// Finds out whether anything can be written at all, where that is not seen anyway by marking the store.
    fn prepare(&self) -> Result<(), Error>;

    /// Writes a file that is not there yet, whole or not at all. False when there is one of that key.
    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<bool, Error>;

    /// Reads a file; none when it is not there.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Reads files in the order of `keys`, each when it is asked for or not long before.
    fn get_each(&self, keys: Vec<String>) -> Contents<'_>;

    /// The keys that begin with `prefix`, which ends with `/`; in no order.
    fn list(&self, prefix: &str) -> Result<Vec<String>, Error>;

    /// What forbids that each of `keys` is removed at `now`.
    fn holds(&self, keys: &[String], now: Instant) -> Result<Vec<Hold>, Error>;

    /// Removes a file. One that is not there is no error.
    fn remove(&self, key: &str) -> Result<(), Error>;

    /// Removes what writers that died have left, a day ago or longer by the place's own clock.
    fn clean(&self) -> Result<(), Error>;

    /// What locks files as they are written; none where nothing can.
    fn lock(&self) -> Option<Lock>;

    /// Where a file is, for people.
    fn locate(&self, key: &str) -> String;
}

/// Files as they are read.
pub(super) type Contents<'a> = Box<dyn Iterator<Item = Result<Option<Vec<u8>>, Error>> + 'a>;

/// What forbids that a file is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Nothing.
    Free,
    /// It is locked until then, in a mode: `GOVERNANCE` or `COMPLIANCE`.
    Until(Instant, String),
    /// Somebody put a legal hold on it.
    Legal,
    /// It can't be seen whether it is locked; in words.
    Unknown(String),
}

/// How a bucket locks what is put into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// Everything, for a time from when it is put.
    Default {
        /// `GOVERNANCE` or `COMPLIANCE`.
        mode: String,
        /// For how many days; none when it is in years.
        days: Option<i32>,
        /// For how many years; none when it is in days.
        years: Option<i32>,
    },
    /// It can, and nothing is locked unless somebody does so.
    NoDefault,
    /// Nothing.
    Off,
    /// It can't be seen; in words.
    Unknown(String),
}
