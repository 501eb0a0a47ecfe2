//! Installs moto once, and runs it on the loopback.
#![expect(clippy::disallowed_methods, reason = "a virtual environment is made once and marked as ready")]

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const VERSION: &str = "moto[server]==5.2.5";

/// A moto of one's own, killed when dropped.
pub(super) struct Moto {
    port: u16,
    child: Child,
}

impl Moto {
    /// Installs moto if need be, and starts it.
    pub(super) fn start() -> Self {
        let program = installed();
        for _ in 0..3 {
            if let Some(moto) = Self::try_start(&program) {
                return moto;
            }
        }
        panic!("moto doesn't start: try `{} -m moto.server -H 127.0.0.1 -p 5000`", program.display());
    }

    /// None if the port was taken in between, or moto ended for another reason.
    fn try_start(program: &Path) -> Option<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut moto = Self { port, child };
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            if moto.child.try_wait().unwrap().is_some() {
                return None;
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(moto);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // Whether it had ended already makes no difference.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python of a virtual environment below `target` that has moto; made under a lock and used again.
///
/// Python and not the `moto_server` beside it: that script names its Python by an absolute path, and a checkout may be moved.
fn installed() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let constraints = root.join("tests/fixtures/moto-constraints.txt");
    let pinned = fs::read_to_string(&constraints).unwrap();
    let venv = root.join("target/moto-venv");
    let program = venv.join("bin/python");
    let ready = venv.join("installed-by-tests.txt");
    fs::create_dir_all(root.join("target")).unwrap();
    let lock = File::create(root.join("target/moto-venv.lock")).unwrap();
    lock.lock().unwrap();
    if program.exists() && fs::read_to_string(&ready).is_ok_and(|installed| installed == pinned) {
        return program;
    }
    if venv.exists() {
        fs::remove_dir_all(&venv).unwrap();
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", VERSION, "--constraint"];
    run(Command::new(venv.join("bin/python")).args(pip).arg(&constraints));
    fs::write(&ready, pinned).unwrap();
    program
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| {
        panic!("these tests need python3 with venv and pip: {command:?}: {error}");
    });
    assert!(
        output.status.success(),
        "these tests need python3 with venv and pip, and a package index: {command:?}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
