//! The program in a folder of its own, with the config and files that a test gives it.
#![expect(clippy::disallowed_methods, reason = "tests write and read files")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::aws::fake::{ACCESS_KEY, FakeAws, SECRET_KEY};

/// The program, about to be run, perhaps more than once.
pub(crate) struct Program {
    dir: TempDir,
    env: BTreeMap<&'static str, String>,
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Ended so, else everything it said.
    pub(crate) fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// What it printed, as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e} in {}", self.stdout))
    }
}

impl Program {
    /// Without anything.
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), env: BTreeMap::new() }
    }

    /// With credentials for a server.
    pub(crate) fn against(server: &FakeAws) -> Self {
        Self::at(&server.url()).env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    }

    /// Without credentials.
    pub(crate) fn at(url: &str) -> Self {
        Self::new().env("AWS_ENDPOINT_URL", url).env("AWS_EC2_METADATA_DISABLED", "true")
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.env.insert(name, value.to_owned());
        self
    }

    /// Writes a file.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path(name), text).unwrap();
        self
    }

    /// Where a file of its folder is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The content of a file.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Runs it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_overstay"));
        command.env_clear().env("HOME", self.dir.path()).current_dir(self.dir.path());
        for kept in ["PATH", "TMPDIR", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        let output = command
            .envs(&self.env)
            .args(arguments)
            .arg("--no-progress")
            .timeout(Duration::from_secs(120))
            .output()
            .unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The identity provider that matches a world: users, groups and members as CSV.
pub(crate) fn idp_files(program: Program, world: &crate::aws::fake::world::World) -> Program {
    let mut users = String::from("id,user_name,email,status\n");
    let mut groups = String::from("id,name\n");
    let mut members = String::from("group_id,user_id\n");
    for user in &world.users {
        users.push_str(&format!("{},{},{},active\n", user.id, user.user_name, user.email));
    }
    for group in &world.groups {
        groups.push_str(&format!("{},\"{}\"\n", group.id, group.name.replace('"', "\"\"")));
        for member in &world.members[&group.id] {
            members.push_str(&format!("{},{member}\n", group.id));
        }
    }
    program.file("users.csv", &users).file("groups.csv", &groups).file("members.csv", &members)
}
