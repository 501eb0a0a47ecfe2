//! Programs of the Python package index, each installed once in a virtual environment of its own.
#![expect(clippy::disallowed_methods, reason = "a virtual environment is made once and marked as ready")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python of a virtual environment `target/NAME-venv` that has a package, at the versions which
/// `tests/fixtures/NAME-constraints.txt` pins; made under a lock and used again.
///
/// Python and not a script beside it: such a script names its Python by an absolute path, and a checkout may be moved.
pub(crate) fn with(name: &str, package: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let constraints = root.join(format!("tests/fixtures/{name}-constraints.txt"));
    let pinned = fs::read_to_string(&constraints).unwrap();
    let venv = root.join(format!("target/{name}-venv"));
    let program = venv.join("bin/python");
    let ready = venv.join("installed-by-tests.txt");
    fs::create_dir_all(root.join("target")).unwrap();
    let lock = File::create(root.join(format!("target/{name}-venv.lock"))).unwrap();
    lock.lock().unwrap();
    if program.exists() && fs::read_to_string(&ready).is_ok_and(|installed| installed == pinned) {
        return program;
    }
    if venv.exists() {
        fs::remove_dir_all(&venv).unwrap();
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package, "--constraint"];
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
