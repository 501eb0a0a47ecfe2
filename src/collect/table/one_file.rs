//! Collectors that read one file of rows: what they have in common.

use std::path::Path;

use super::{ColumnsFound, RawFile, load, off_thread};
use crate::collect::{Batch, BoxFuture, Clock, CollectCx, Collector, Probe};
use crate::error::Error;
use crate::model::Fact;

/// A source that is one file.
pub(crate) trait OneFile: Clone + Send + Sync + 'static {
    /// What the source is called.
    const SOURCE: &'static str;
    /// The fact that the file tells.
    const FACT: Fact;

    /// The file, relative to the config.
    fn path(&self) -> &Path;

    /// Reads the content of the file.
    ///
    /// # Errors
    /// When the file is empty or lacks a column.
    fn read(&self, file: RawFile<'_>, clock: &Clock) -> Result<Batch, Error>;

    /// Which columns the file has.
    ///
    /// # Errors
    /// As [`OneFile::read`].
    fn columns(&self, file: RawFile<'_>) -> Result<ColumnsFound, Error>;
}

impl<T: OneFile> Collector for T {
    fn source(&self) -> String {
        T::SOURCE.to_owned()
    }

    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>> {
        let (this, base, clock) = (self.clone(), cx.base.clone(), cx.clock.clone());
        off_thread(move || {
            let started = clock.now();
            let file = load(&base, this.path())?;
            let mut batch = this.read(file.raw(), &clock)?;
            batch.record.started_at = started;
            Ok(batch)
        })
    }

    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe> {
        let (this, base, clock) = (self.clone(), cx.base.clone(), cx.clock.clone());
        Box::pin(async move {
            let read = off_thread(move || {
                let file = load(&base, this.path())?;
                let record = this.read(file.raw(), &clock)?.record;
                let columns = this.columns(file.raw())?;
                Ok((record, vec![(file.raw().path.to_owned(), columns)]))
            });
            Probe::of_files(self.source(), vec![T::FACT], read.await)
        })
    }
}
