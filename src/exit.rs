//! The documented exit codes.

use std::process::ExitCode;

/// How a run ended. The README's table is tested against this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings at or above the threshold.
    Findings,
    /// The command line, the config or an input file is wrong.
    Usage,
    /// Something that was asked for could not be read. Wins over [`Status::Findings`].
    Incomplete,
    /// A pack, snapshot or signature does not verify.
    Verification,
    /// Reading or writing failed, or a bug.
    Failure,
}

impl Status {
    /// Every status, in the order of its code.
    pub const ALL: [Self; 6] =
        [Self::Clean, Self::Findings, Self::Usage, Self::Incomplete, Self::Verification, Self::Failure];

    /// The process exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Verification => 4,
            Self::Failure => 5,
        }
    }

    /// What it means, for the README and `--help`.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Clean => "nothing at or above the threshold",
            Self::Findings => "findings at or above the threshold",
            Self::Usage => "the command line, the config or an input file is wrong",
            Self::Incomplete => "something that was asked for could not be read; wins over 1",
            Self::Verification => "verification failed",
            Self::Failure => "reading or writing failed, or an internal error",
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}
