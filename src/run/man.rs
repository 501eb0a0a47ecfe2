//! `overstay man`: the manual page.

use std::path::Path;

use crate::error::Error;
use crate::exit::Status;
use crate::workflow::Shell;

/// Prints the page of `program`, or of one of its commands.
///
/// # Errors
/// When there is no such command, or standard output fails.
pub fn run(mut program: clap::Command, command: Option<&str>) -> Result<Status, Error> {
    program.build();
    let page = match command {
        None => clap_mangen::Man::new(program),
        Some(name) => {
            let Some(found) = program.find_subcommand(name) else {
                return Err(Error::Usage {
                    message: format!("there is no command `{name}`"),
                    hint: "`overstay help` lists them".to_owned(),
                });
            };
            // The page is found as `man overstay-audit`, and shows the command as it is typed.
            clap_mangen::Man::new(found.clone()).title(format!("overstay-{name}"))
        }
    };
    let mut roff = Vec::new();
    page.render(&mut roff).map_err(|e| Error::io("write", Path::new("the manual page"), e))?;
    Shell::print(String::from_utf8_lossy(&roff).trim_end())?;
    Ok(Status::Clean)
}
