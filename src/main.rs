//! The shell: parses the command line, takes the clock, runs the command, maps its end to the documented exit code.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use overstay::cli::{Cli, Color, Command, Global};
use overstay::collect::{Clock, Progress};
use overstay::error::Error;
use overstay::exit::Status;
use overstay::model::{AsOf, Instant};
use overstay::run::check::Check;
use overstay::run::explain::Explain;
use overstay::run::verify::Verify;
use overstay::run::{self, audit::Audit};
use overstay::workflow::Shell;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a closed pipe while printing them is none either.
            let _ = error.print();
            return if error.use_stderr() { Status::Usage.into() } else { Status::Clean.into() };
        }
    };
    match cli.global.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let shell = shell(&cli.global);
    match execute(&shell, cli.command) {
        Ok(status) => status.into(),
        Err(error) => {
            let mut stderr = anstream::stderr();
            let _ = writeln!(stderr, "{}", error.render(true));
            error.status().into()
        }
    }
}

fn shell(global: &Global) -> Shell {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    let clock = Clock::new(|| Instant::new(jiff::Timestamp::now()));
    let progress = if global.no_progress || global.quiet {
        Progress::silent()
    } else if std::io::stderr().is_terminal() {
        Progress::terminal()
    } else {
        Progress::lines()
    };
    Shell {
        clock,
        config: global.config.clone(),
        as_of: global.as_of.map(AsOf::new),
        offline: global.offline,
        quiet: global.quiet,
        verbose: global.verbose,
        progress,
    }
}

fn execute(shell: &Shell, command: Command) -> Result<Status, Error> {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|e| Error::Internal(format!("the runtime did not start: {e}")))
    };
    match command {
        Command::Demo { out, force } => run::demo::run(shell, out, force),
        Command::Init { out, discover } => runtime()?.block_on(run::init::run(shell, out, discover.into())),
        Command::Collect { out, force } => runtime()?.block_on(run::collect::run(shell, out, force)),
        Command::Audit { snapshot, period, out, force, fail_on } => {
            runtime()?.block_on(run::audit::run(shell, Audit { snapshot, period, out, force, fail_on }))
        }
        Command::Check { snapshot, fail_on, format, profile } => runtime()?.block_on(run::check::run(
            shell,
            Check { snapshot, fail_on, format: format.into(), profile: profile.into() },
        )),
        Command::Explain { who, account, snapshot, format } => {
            runtime()?.block_on(run::explain::run(shell, Explain { who, account, snapshot, format: format.into() }))
        }
        Command::Rules { id } => run::rules::run(id.as_deref()),
        Command::Doctor { mode, format } => runtime()?.block_on(run::doctor::run(shell, mode.into(), format.into())),
        Command::Diff { before, after, format } => run::diff::run(&before, &after, format.into()),
        Command::Verify { pack, store, format } => {
            run::verify::run(shell, Verify { pack, store: store.map(Into::into), format: format.into() })
        }
        Command::Store { command } => run::store::run(shell, command.into()),
        Command::Completions { shell } => run::completions::run(Cli::command(), shell),
        Command::Man { command } => run::man::run(Cli::command(), command.as_deref()),
        Command::Schema { kind } => run::schema::run(kind.as_deref()),
    }
}
