//! What can go wrong with a run as a whole, by whose fault, with what to do about it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::diagnostic::{self, Diagnostic};
use crate::exit::Status;

/// Why a run stopped. What merely could not be read is a [`Gap`](crate::model::Gap), not an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something impossible. The user's fault.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A config or input file is wrong. The user's fault.
    #[error("{}", summary(.0))]
    Input(Vec<Diagnostic>),
    /// The output exists. The user decides.
    #[error("{} exists already", .0.display())]
    OutputExists(PathBuf),
    /// A snapshot or pack is not what it should be.
    #[error("{message}")]
    Verification {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A file could not be read or written. The machine's fault.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// `read`, `write`, `create`, ….
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A service that keeps something for us could not be asked, or refused. The network's fault, or a permission's.
    #[error("{message}")]
    Service {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Our fault.
    #[error("internal error: {0}")]
    Internal(String),
}

fn summary(diagnostics: &[Diagnostic]) -> String {
    match diagnostics {
        [one] => one.message.clone(),
        many => format!("{} errors in the input", many.len()),
    }
}

impl Error {
    /// An error of the operating system about a file.
    pub fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// The exit code this error ends with.
    pub fn status(&self) -> Status {
        match self {
            Self::Usage { .. } | Self::Input(_) | Self::OutputExists(_) => Status::Usage,
            Self::Verification { .. } => Status::Verification,
            Self::Io { .. } | Self::Service { .. } | Self::Internal(_) => Status::Failure,
        }
    }

    /// The whole message for people: what went wrong, where, and how to fix it.
    pub fn render(&self, color: bool) -> String {
        let text = match self {
            Self::Input(diagnostics) => return diagnostic::render_all(diagnostics, color),
            Self::Io { source, .. } => format!("error: {self}: {source}"),
            other => format!("error: {other}"),
        };
        match self.hint() {
            "" => text,
            hint => format!("{text}\n  help: {hint}"),
        }
    }

    /// What the user can do about it; empty when the message says it all.
    pub fn hint(&self) -> &str {
        match self {
            Self::Usage { hint, .. } | Self::Verification { hint, .. } | Self::Service { hint, .. } => hint,
            Self::OutputExists(_) => "give another name with --out, or --force to replace it",
            Self::Internal(_) => "this is a bug in overstay; please report it with the command you ran",
            Self::Io { source, .. } => about_the_machine(source.kind()),
            Self::Input(_) => "",
        }
    }
}

/// What to do about what the operating system said, where that is plain.
fn about_the_machine(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::PermissionDenied => "let whoever runs overstay read and write there, or name another place",
        ErrorKind::ReadOnlyFilesystem => "it can't be written to: name another place",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "make room there, or name another place; what was there before is as it was"
        }
        _ => "",
    }
}
