//! `overstay store`: what is in the store, how fresh it is, and what may go.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::audit::load;
use super::check::Format;
use super::{Shell, keep};
use crate::error::Error;
use crate::evidence::stored::{ListView, StatusView, StoredView};
use crate::exit::Status;
use crate::model::{Instant, Span};
use crate::render::store_text;
use crate::store::{Citation, Entry, Listing, Store};

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
    let Some(root) = keep::place(shell, &config)? else {
        return Err(Error::Usage {
            message: format!("{} has no [store]", config.file),
            hint: "add a section [store]; its `url` is ./.overstay unless it says otherwise".to_owned(),
        });
    };
    match &task {
        Task::Add { files } => return add(&Store::create(&root)?, files),
        Task::Import { file } => return import(shell, &Store::create(&root)?, file),
        Task::List { .. } | Task::Status { .. } | Task::Prune { .. } => {}
    }
    let store = Store::open(&root)?;
    let now = shell.as_of.map_or_else(|| shell.clock.now(), |as_of| as_of.instant());
    match task {
        Task::List { format } => {
            let view = ListView::of(&store.root().display().to_string(), listed(&store)?);
            show(format, &view, |out| store_text::list(&view, out))?;
            Ok(Status::Clean)
        }
        Task::Status { max_age, look_back, format } => {
            let view = StatusView::of(&store.root().display().to_string(), &times(&store)?, now, max_age, look_back);
            show(format, &view, |out| store_text::status(&view, out))?;
            Ok(if view.fresh { Status::Clean } else { Status::Findings })
        }
        Task::Prune { older_than, yes } => prune(shell, &store, before(now, older_than)?, older_than, yes),
        Task::Add { .. } | Task::Import { .. } => Ok(Status::Clean),
    }
}

fn times(store: &Store) -> Result<Vec<Instant>, Error> {
    Ok(store.entries()?.iter().map(Entry::at).collect())
}

fn listed(store: &Store) -> Result<Vec<StoredView>, Error> {
    let view = |entry: Entry| StoredView {
        ended_at: entry.at().to_string(),
        digest: entry.digest().to_owned(),
        path: entry.path().display().to_string(),
    };
    Ok(store.entries()?.into_iter().map(view).collect())
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
        let path = store.add(&load(file)?)?;
        Shell::print(&path.display().to_string())?;
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
    let path = store.import(&listing)?;
    shell.say(&format!("{} grants as of {as_of}: evidence that somebody kept, and labelled so", listing.len()));
    Shell::print(&path.display().to_string())?;
    Ok(Status::Clean)
}

fn before(now: Instant, older_than: Span) -> Result<Instant, Error> {
    now.timestamp().checked_sub(older_than.duration()).map(Instant::new).map_err(|_| Error::Usage {
        message: format!("{older_than} before {now} is not in the calendar"),
        hint: "give a shorter time with --older-than".to_owned(),
    })
}

fn prune(shell: &Shell, store: &Store, before: Instant, older_than: Span, yes: bool) -> Result<Status, Error> {
    let found = store.prunable(before)?;
    for (entry, Citation { run_id, pack, .. }) in &found.cited {
        shell.say(&format!("kept: {}, on which run {run_id} rests, whose pack is {pack}", entry.path().display()));
    }
    let count = match found.free.as_slice() {
        [] => {
            shell.say(&format!("Nothing to remove: no other snapshot is older than {older_than}"));
            return Ok(Status::Clean);
        }
        [_] => "1 snapshot".to_owned(),
        many => format!("{} snapshots", many.len()),
    };
    let (first, last) = (found.free.first().map(Entry::at), found.free.last().map(Entry::at));
    let span = first.zip(last).map(|(first, last)| format!(", from {first} to {last}")).unwrap_or_default();
    if !yes {
        if !std::io::stdin().is_terminal() {
            return Err(Error::Usage {
                message: format!("this would remove {count}{span}, and nobody can be asked"),
                hint: "give --yes if that is meant".to_owned(),
            });
        }
        if !confirmed(&format!("Remove {count}{span}? [y/N] "), &mut std::io::stdin().lock()) {
            shell.say("Nothing was removed");
            return Ok(Status::Clean);
        }
    }
    store.remove(&found.free)?;
    store.clean(shell.clock.now())?;
    for entry in &found.free {
        Shell::print(&entry.path().display().to_string())?;
    }
    shell.say(&format!("Removed {count}{span}"));
    Ok(Status::Clean)
}

/// Asks, and takes nothing but yes for a yes.
fn confirmed(question: &str, answers: &mut impl BufRead) -> bool {
    let mut stderr = anstream::stderr();
    let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
    let mut answer = String::new();
    answers.read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes" | "YES")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for (answer, yes) in
            [("y\n", true), ("yes\n", true), ("\n", false), ("", false), ("no\n", false), ("yn\n", false)]
        {
            assert_eq!(confirmed("", &mut answer.as_bytes()), yes, "{answer:?}");
        }
    }
}
