//! Checks that need programs of the system. They are ignored here, so that a run names them; `.ci/run` installs what they
//! need and runs the same scripts.

use std::path::Path;
use std::process::Command;

fn check(script: &str) {
    let place = tempfile::tempdir().unwrap();
    let pack = place.path().join("demo");
    let demo =
        Command::new(env!("CARGO_BIN_EXE_overstay")).args(["demo", "--quiet", "--out"]).arg(&pack).output().unwrap();
    assert!(demo.status.success(), "{demo:?}");
    let run = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(script)).arg(&pack).output().unwrap();
    assert!(run.status.success(), "{}\n{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
}

#[test]
#[ignore = "needs Chromium and node: tests/browser/run, by .ci/run"]
fn the_report_in_a_browser() {
    check("tests/browser/run");
}

#[test]
#[ignore = "needs LibreOffice and Python: tests/interop/run, by .ci/run"]
fn the_pack_in_programs_of_others() {
    check("tests/interop/run");
}
