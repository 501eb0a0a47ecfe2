//! Installs moto once, and runs it on the loopback.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::python;

const VERSION: &str = "moto[server]==5.2.5";

/// What Python is to run.
const ITSELF: [&str; 2] = ["-m", "moto.server"];
/// moto with an answer that it lacks.
const COMPLETED: [&str; 1] = [concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/moto-server.py")];

/// A moto of one's own, killed when dropped.
pub(crate) struct Moto {
    port: u16,
    child: Child,
}

impl Moto {
    /// Installs moto if need be, and starts it.
    pub(crate) fn start() -> Self {
        Self::start_as(&ITSELF)
    }

    /// The same, answering all that is asked of permission sets, so that a collection is complete.
    pub(crate) fn start_completed() -> Self {
        Self::start_as(&COMPLETED)
    }

    fn start_as(what: &[&str]) -> Self {
        let program = python::with("moto", VERSION);
        for _ in 0..3 {
            if let Some(moto) = Self::try_start(&program, what) {
                return moto;
            }
        }
        panic!("moto doesn't start: try `{} -m moto.server -H 127.0.0.1 -p 5000`", program.display());
    }

    /// None if the port was taken in between, or moto ended for another reason.
    fn try_start(program: &Path, what: &[&str]) -> Option<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .args(what)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
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

    pub(crate) fn url(&self) -> String {
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
