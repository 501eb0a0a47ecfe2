//! What a command runs in: the global options, the clock, and its output to people and to programs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::collect::{Clock, Progress};
use crate::config::Config;
use crate::error::Error;
use crate::model::{AsOf, OperationRecord};
use crate::render::plain;
use crate::snapshot::Snapshot;

/// The form of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
}

/// What the command line and `main` decided for every subcommand.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The clock.
    pub clock: Clock,
    /// The config's path.
    pub config: PathBuf,
    /// The instant of conclusions, if given.
    pub as_of: Option<AsOf>,
    /// Whether the network may be used.
    pub offline: bool,
    /// Whether to say no more than errors and results.
    pub quiet: bool,
    /// Whether to say what each source was asked.
    pub verbose: bool,
    /// Where progress is told.
    pub progress: Progress,
}

impl Shell {
    /// Writes a line for people, to standard error.
    pub(crate) fn say(&self, line: &str) {
        if !self.quiet {
            // Names come from directories and files: none of them may steer the terminal, or begin a line of its own.
            let line = plain(line);
            // Nobody listens any more: not a reason to stop.
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }

    /// Says what each source was asked and how it answered, if that was wished for.
    pub(crate) fn say_sources(&self, snapshot: &Snapshot) {
        if !self.verbose {
            return;
        }
        for record in snapshot.sources() {
            self.say(&format!("{} ({})", record.source, record.kind));
            for operation in &record.operations {
                let OperationRecord { operation, requests, items, retries, throttles, failures, .. } = operation;
                self.say(&format!(
                    "  {operation}: {requests} requests, {items} items, {retries} sent again, {throttles} throttled, {failures} failed"
                ));
            }
            for file in &record.files {
                self.say(&format!("  {}: {} rows, {}", file.path, file.rows, file.read_as));
            }
            for note in &record.notes {
                self.say(&format!("  {note}"));
            }
        }
    }

    /// Writes a line of result, to standard output.
    ///
    /// # Errors
    /// When standard output fails otherwise than by being closed.
    pub(crate) fn print(line: &str) -> Result<(), Error> {
        match writeln!(anstream::stdout(), "{line}") {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("write", Path::new("standard output"), e)),
            _ => Ok(()),
        }
    }

    /// Writes a result for programs, to standard output.
    ///
    /// # Errors
    /// As [`Shell::print`], and when the value does not serialise, which would be a bug.
    pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Error> {
        Self::print(&serde_json::to_string_pretty(value).map_err(|e| Error::Internal(format!("JSON: {e}")))?)
    }

    /// Writes a view to standard output, in the form that the user chose.
    ///
    /// # Errors
    /// As [`Shell::print`], and when the view does not serialise, which would be a bug.
    pub(crate) fn print_view<T: serde::Serialize>(
        format: Format,
        view: &T,
        write: impl FnOnce(&T, &mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        match format {
            Format::Json => Self::print_json(view),
            Format::Text => {
                let mut text = Vec::new();
                write(view, &mut text).map_err(|e| Error::Internal(format!("text: {e}")))?;
                Self::print_bytes(&text)
            }
        }
    }

    /// Writes a whole result, to standard output; the stream drops colours where they don't belong.
    ///
    /// # Errors
    /// When standard output fails otherwise than by being closed.
    pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Error> {
        let mut stdout = anstream::stdout();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("write", Path::new("standard output"), e)),
            _ => Ok(()),
        }
    }

    /// Reads the config.
    ///
    /// # Errors
    /// When it is not there, or anything in it is wrong.
    pub(crate) fn load_config(&self) -> Result<Config, Error> {
        let name = self.config.display().to_string();
        #[expect(clippy::disallowed_methods, reason = "the shell reads the config file")]
        let text = std::fs::read_to_string(&self.config).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Error::Usage {
                message: format!("there is no config at {name}"),
                hint: "write one with `overstay init`, or name one with --config".to_owned(),
            },
            io::ErrorKind::InvalidData => {
                Error::Usage { message: format!("{name} is not UTF-8 text"), hint: "save it as UTF-8".to_owned() }
            }
            _ => Error::io("read", &self.config, e),
        })?;
        let config = Config::parse(&text, &name).map_err(Error::Input)?;
        let reserved = config.reserved_keys();
        if !reserved.is_empty() {
            self.say(&format!("note: this version does nothing with {} of the config", reserved.join(", ")));
        }
        Ok(config)
    }

    /// The folder that the config's relative paths start from.
    pub(crate) fn base(&self) -> PathBuf {
        self.config.parent().map_or_else(PathBuf::new, Path::to_owned)
    }
}
