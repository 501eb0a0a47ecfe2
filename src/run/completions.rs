//! `overstay completions`: a script by which a shell completes our commands and options.

use crate::error::Error;
use crate::exit::Status;
use crate::workflow::Shell;

/// Prints the script for `program`.
///
/// # Errors
/// When standard output fails.
pub fn run(mut program: clap::Command, shell: clap_complete::Shell) -> Result<Status, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, "overstay", &mut script);
    Shell::print(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Status::Clean)
}
