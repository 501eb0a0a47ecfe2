//! `overstay store`: what is in the store, how fresh it is, and what may go.

mod import;
mod removal;

use std::path::PathBuf;

use crate::error::Error;
use crate::evidence::stored::{ListView, StatusView, StoredView};
use crate::exit::Status;
use crate::model::{Instant, Span};
use crate::render::store_text;
use crate::store::{Entry, Store};
use crate::workflow::snapshot_store::{self, lock_view};
use crate::workflow::{Format, Shell, load};

/// What `store` was asked for.
#[derive(Debug, Clone)]
pub enum Task {
    /// List the snapshots.
    List {
        /// The form of the result.
        format: Format,
    },
    /// Say how fresh the store is.
    Status {
        /// How old the newest may be, and how far apart two.
        max_age: Span,
        /// How far back it is looked for snapshots that are further apart.
        look_back: Span,
        /// The form of the result.
        format: Format,
    },
    /// Add snapshots.
    Add {
        /// Their files.
        files: Vec<PathBuf>,
    },
    /// Keep a listing.
    Import {
        /// Its file.
        file: PathBuf,
    },
    /// Let go what a run's pack rests on.
    Release {
        /// The run.
        run_id: String,
        /// Whether its pack may still be there.
        yes: bool,
    },
    /// Remove old snapshots.
    Prune {
        /// What is older goes.
        older_than: Span,
        /// Whether not to ask.
        yes: bool,
    },
}

/// Does what was asked.
///
/// # Errors
/// When the config has no store, or it can't be read or written.
pub fn run(shell: &Shell, task: Task) -> Result<Status, Error> {
    let config = shell.load_config()?;
    let Some(place) = snapshot_store::place(shell, &config)? else {
        return Err(Error::Usage {
            message: format!("{} has no [store]", config.file),
            hint: "add a section [store]; its `url` is ./.overstay unless it says otherwise".to_owned(),
        });
    };
    match &task {
        Task::Add { files } => return add(&Store::create(&place)?, files),
        Task::Import { file } => return import::import(shell, &Store::create(&place)?, file),
        Task::List { .. } | Task::Status { .. } | Task::Release { .. } | Task::Prune { .. } => {}
    }
    let store = Store::open(&place)?;
    let now = shell.as_of.map_or_else(|| shell.clock.now(), |as_of| as_of.instant());
    match task {
        Task::List { format } => {
            let snapshots = listed(&store, store.entries()?);
            let view = ListView::of(&place.to_string(), snapshots, listed(&store, store.listings()?));
            Shell::print_view(format, &view, |view, out| store_text::list(view, out))?;
            Ok(Status::Clean)
        }
        Task::Status { max_age, look_back, format } => {
            let mut view = StatusView::of(&place.to_string(), &times(&store)?, now, max_age, look_back);
            view.lock = store.lock().map(lock_view);
            Shell::print_view(format, &view, |view, out| store_text::status(view, out))?;
            Ok(if view.fresh { Status::Clean } else { Status::Findings })
        }
        Task::Release { run_id, yes } => removal::release(shell, &store, &run_id, yes),
        Task::Prune { older_than, yes } => removal::prune(shell, &store, now, older_than, yes),
        Task::Add { .. } | Task::Import { .. } => Ok(Status::Clean),
    }
}

fn times(store: &Store) -> Result<Vec<Instant>, Error> {
    Ok(store.entries()?.iter().map(Entry::at).collect())
}

fn listed(store: &Store, entries: Vec<Entry>) -> Vec<StoredView> {
    let view = |entry: Entry| StoredView {
        ended_at: entry.at().to_string(),
        digest: entry.digest().to_owned(),
        path: store.locate(&entry),
    };
    entries.into_iter().map(view).collect()
}

fn add(store: &Store, files: &[PathBuf]) -> Result<Status, Error> {
    for file in files {
        Shell::print(&store.add(&load(file)?)?)?;
    }
    Ok(Status::Clean)
}
