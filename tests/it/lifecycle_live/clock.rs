//! `overstay collect` at another time. The program reads the clock in `main` and nowhere else, so a look at an instant of a
//! story is everything below `main`, with a clock of the story's: in a process of its own, because credentials are found in
//! the environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use overstay::collect::{Clock, Progress};
use overstay::model::Instant;
use overstay::run::collect;
use overstay::workflow::Shell;

use crate::place::Ended;

/// When a look begins and ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) from: Instant,
    pub(super) to: Instant,
}

const FROM: &str = "LOOK_FROM";
const TO: &str = "LOOK_TO";
const CONFIG: &str = "LOOK_CONFIG";

/// Looks in a folder that has a config, with these variables. Gives a process that can be waited for.
pub(super) fn begin(folder: &Path, config: &str, look: Look, env: &[(&str, &str)]) -> Looking {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "lifecycle_live::clock::collect_at_another_time", "--ignored"]);
    // Nothing of the caller's environment: no credentials, no profile, no proxy, no settings of our own.
    command.env_clear().env("HOME", folder).env("AWS_EC2_METADATA_DISABLED", "true").envs(env.iter().copied());
    for kept in ["PATH", "TMPDIR", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command.env(CONFIG, config).env(FROM, look.from.to_string()).env(TO, look.to.to_string());
    let pipes = command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Looking(pipes.spawn().unwrap())
}

/// A look under way.
pub(super) struct Looking(std::process::Child);

impl Looking {
    /// How it ended.
    pub(super) fn ended(self) -> Ended {
        let ended = Ended::from(self.0.wait_with_output().unwrap());
        assert!(ended.stdout.contains("running 1 test"), "there is no test of that name: {}", ended.stdout);
        ended
    }
}

fn variable(name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "what this process is to do")]
    let value = std::env::var(name);
    value.unwrap_or_else(|_| panic!("{name} is not set: other tests start this one"))
}

#[test]
#[ignore = "is no test: others start it, as the program at another time"]
fn collect_at_another_time() {
    let at = |name| variable(name).parse::<Instant>().unwrap();
    let (from, to, begun) = (at(FROM), at(TO), AtomicBool::new(false));
    let shell = Shell {
        // The first who asks begins the look, and everybody else is told its end.
        clock: Clock::new(move || if begun.swap(true, Ordering::SeqCst) { to } else { from }),
        config: PathBuf::from(variable(CONFIG)),
        as_of: None,
        offline: false,
        quiet: false,
        verbose: true,
        progress: Progress::silent(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let status = runtime.block_on(collect::run(&shell, None, false)).unwrap_or_else(|error| {
        eprint(&error.render(false));
        error.status()
    });
    #[expect(clippy::exit, reason = "this process is the program, and its end the program's")]
    std::process::exit(status.code().into());
}

fn eprint(text: &str) {
    use std::io::Write;
    writeln!(std::io::stderr(), "{text}").unwrap();
}
