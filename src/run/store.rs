//! `overstay store`: what is in the store, how fresh it is, and what may go.

mod removal;

use std::io::Write;
use std::path::{Path, PathBuf};

use super::audit::load;
use super::check::Format;
use super::{Shell, keep};
use crate::error::Error;
use crate::evidence::stored::{ListView, LockView, StatusView, StoredView};
use crate::exit::Status;
use crate::model::{Instant, Span};
use crate::render::store_text;
use crate::store::{Entry, Listing, Lock, Store};

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
    let Some(place) = keep::place(shell, &config)? else {
        return Err(Error::Usage {
            message: format!("{} has no [store]", config.file),
            hint: "add a section [store]; its `url` is ./.overstay unless it says otherwise".to_owned(),
        });
    };
    match &task {
        Task::Add { files } => return add(&Store::create(&place)?, files),
        Task::Import { file } => return import(shell, &Store::create(&place)?, file),
        Task::List { .. } | Task::Status { .. } | Task::Release { .. } | Task::Prune { .. } => {}
    }
    let store = Store::open(&place)?;
    let now = shell.as_of.map_or_else(|| shell.clock.now(), |as_of| as_of.instant());
    match task {
        Task::List { format } => {
            let snapshots = listed(&store, store.entries()?);
            let view = ListView::of(&place.to_string(), snapshots, listed(&store, store.listings()?));
            show(format, &view, |out| store_text::list(&view, out))?;
            Ok(Status::Clean)
        }
        Task::Status { max_age, look_back, format } => {
            let mut view = StatusView::of(&place.to_string(), &times(&store)?, now, max_age, look_back);
            view.lock = store.lock().map(lock_view);
            show(format, &view, |out| store_text::status(&view, out))?;
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

/// How a bucket locks what is put into it.
pub(super) fn lock_view(lock: Lock) -> LockView {
    match lock {
        Lock::Default { mode, days, years } => LockView { mode: Some(mode), days, years, ..LockView::new("locked") },
        Lock::NoDefault => LockView::new("no_default"),
        Lock::Off => LockView::new("off"),
        Lock::Unknown(reason) => LockView { reason: Some(reason), ..LockView::new("unknown") },
    }
}

fn show<T: serde::Serialize>(
    format: Format,
    view: &T,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Error> {
    match format {
        Format::Json => Shell::print_json(view),
        Format::Text => {
            let mut text = Vec::new();
            write(&mut text).map_err(|e| Error::Internal(format!("text: {e}")))?;
            Shell::print_bytes(&text)
        }
    }
}

fn add(store: &Store, files: &[PathBuf]) -> Result<Status, Error> {
    for file in files {
        Shell::print(&store.add(&load(file)?)?)?;
    }
    Ok(Status::Clean)
}

fn import(shell: &Shell, store: &Store, file: &Path) -> Result<Status, Error> {
    let usage = |message: String, hint: &str| Error::Usage { message, hint: hint.to_owned() };
    let Some(as_of) = shell.as_of.map(|as_of| as_of.instant()) else {
        let message = "a listing does not say when it was so".to_owned();
        return Err(usage(message, "say it with --as-of, such as --as-of 2026-06-30T17:00:00Z"));
    };
    if as_of > shell.clock.now() {
        return Err(usage(format!("{as_of} is still to come"), "give the instant at which the listing was made"));
    }
    #[expect(clippy::disallowed_methods, reason = "the shell reads the listing")]
    let bytes = std::fs::read(file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => usage(format!("there is no file {}", file.display()), "check the name"),
        _ => Error::io("read", file, e),
    })?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let listing = Listing::parse(&name, &bytes, as_of)?;
    let place = store.import(&listing)?;
    shell.say(&format!("{} grants as of {as_of}: evidence that somebody kept, and labelled so", listing.len()));
    Shell::print(&place)?;
    Ok(Status::Clean)
}
