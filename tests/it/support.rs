//! Runs the program in a folder and an environment of its own, and reads the pack it writes.
#![expect(clippy::disallowed_methods, reason = "tests write configs and read packs")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::aws::fake::world::World;
use crate::aws::fake::world::expect::{AssignmentRow, GrantRow};
use crate::aws::fake::{ACCESS_KEY, FakeAws, SECRET_KEY};

/// The program, about to be run.
pub(crate) struct Overstay {
    dir: TempDir,
    aws: BTreeMap<&'static str, String>,
    env: BTreeMap<&'static str, String>,
    timeout: Duration,
}

impl Overstay {
    /// Asks the server, as fast as it answers; the identity provider knows the world's users.
    pub(crate) fn against(server: &FakeAws) -> Self {
        Self::at(&server.url(), server.world())
    }

    /// Asks whatever is at `url`.
    pub(crate) fn at(url: &str, world: &World) -> Self {
        let dir = TempDir::new().unwrap();
        let mut users = String::from("id,user_name,email,display_name,status\n");
        for user in &world.users {
            let (name, display_name) = (&user.user_name, &user.display_name);
            users.push_str(&format!("idp-{name},{name},{},{display_name},active\n", user.email));
        }
        std::fs::write(dir.path().join("users.csv"), users).unwrap();
        let aws = BTreeMap::from([
            ("region", "\"us-east-1\"".to_owned()),
            ("enumeration", "\"provisioned\"".to_owned()),
            ("planes", "[\"permission_set\"]".to_owned()),
            ("requests_per_second", "1000".to_owned()),
        ]);
        let env = BTreeMap::from([
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_ENDPOINT_URL", url.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]);
        Self { dir, aws, env, timeout: Duration::from_secs(180) }
    }

    /// Sets a key of `[aws]`; `value` is TOML.
    pub(crate) fn aws(mut self, key: &'static str, value: &str) -> Self {
        self.aws.insert(key, value.to_owned());
        self
    }

    /// Without credentials of any kind.
    pub(crate) fn without_credentials(mut self) -> Self {
        self.env.retain(|name, _| !name.contains("KEY"));
        self
    }

    /// The run must end within this time.
    pub(crate) fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// A path in its folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().join(relative)
    }

    /// `audit`, into the folder `pack`.
    pub(crate) fn audit(self) -> Run {
        self.run(&["audit", "--out", "pack"]).0
    }

    /// Any subcommand; gives the program back for another.
    pub(crate) fn run(self, arguments: &[&str]) -> (Run, Self) {
        let mut config = String::from("[organization]\nname = \"Example\"\n\n[aws]\n");
        for (key, value) in &self.aws {
            config.push_str(&format!("{key} = {value}\n"));
        }
        config.push_str("\n[[idp]]\nname = \"export\"\ntype = \"csv\"\nusers = \"users.csv\"\n");
        std::fs::write(self.dir.path().join("overstay.toml"), config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_overstay"));
        // Nothing of the caller's environment: no credentials, no profile, no proxy, no settings of our own.
        command.env_clear().env("HOME", self.dir.path()).current_dir(self.dir.path());
        for kept in ["PATH", "TMPDIR", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command.envs(&self.env).arg("-c").arg("overstay.toml").args(arguments).arg("--no-progress");
        let started = Instant::now();
        let output = command.timeout(self.timeout).output().unwrap();
        let run = Run {
            code: output.status.code(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            elapsed: started.elapsed(),
            data: self.dir.path().join("pack/data"),
            pack: Pack::read(&self.dir.path().join("pack/data")),
        };
        (run, self)
    }
}

/// A run that ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; none if it had to be killed.
    pub(crate) code: Option<i32>,
    /// What it told people.
    pub(crate) stderr: String,
    /// How long it took.
    pub(crate) elapsed: Duration,
    data: PathBuf,
    pack: Option<Pack>,
}

/// What tests read of a pack.
#[derive(Debug)]
struct Pack {
    ipe: Value,
    report: String,
    assignments: Vec<BTreeMap<String, String>>,
    grants: Vec<BTreeMap<String, String>>,
}

impl Pack {
    fn read(data: &std::path::Path) -> Option<Self> {
        let ipe = std::fs::read(data.join("ipe.json")).ok()?;
        let rows = |name: &str| {
            let mut reader = csv::Reader::from_path(data.join(name)).unwrap();
            reader.deserialize().map(Result::unwrap).collect()
        };
        Some(Self {
            ipe: serde_json::from_slice(&ipe).unwrap(),
            report: std::fs::read_to_string(data.join("report.html")).unwrap(),
            assignments: rows("assignments.csv"),
            grants: rows("grants.csv"),
        })
    }
}

/// A gap of the pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GapRow {
    pub(crate) fact: String,
    pub(crate) kind: String,
    pub(crate) at: String,
}

impl Run {
    fn pack(&self) -> &Pack {
        self.pack.as_ref().unwrap_or_else(|| panic!("no pack in {}: {}", self.data.display(), self.told()))
    }

    fn told(&self) -> String {
        format!("exit {:?} after {:?}, stderr:\n{}", self.code, self.elapsed, self.stderr)
    }

    /// Ended with 0 and without a gap.
    pub(crate) fn assert_complete(&self) {
        assert_eq!(self.code, Some(0), "{}", self.told());
        assert_eq!(self.gaps(), [], "{}", self.told());
        assert!(!self.pack().report.contains("INCOMPLETE"), "the report says INCOMPLETE");
    }

    /// Ended with 3, says so, and has a gap of one of these kinds at this operation, of this fact.
    pub(crate) fn assert_gap(&self, fact: &str, kinds: &[&str], operation: &str) {
        self.assert_incomplete();
        let gaps = self.gaps();
        let is_it = |gap: &GapRow| gap.fact == fact && kinds.contains(&gap.kind.as_str()) && gap.at.contains(operation);
        assert!(gaps.iter().any(is_it), "no {kinds:?} gap of {fact} at {operation} in {gaps:#?}\n{}", self.told());
    }

    /// Ended with 3, and the first page says so.
    pub(crate) fn assert_incomplete(&self) {
        assert_eq!(self.code, Some(3), "{}", self.told());
        assert!(self.pack().report.contains("INCOMPLETE"), "the report doesn't say INCOMPLETE");
    }

    fn aws(&self) -> &Value {
        let sources = self.pack().ipe["sources"].as_array().expect("ipe.json has sources");
        sources.iter().find(|source| source["source"] == "aws").expect("ipe.json has the source aws")
    }

    /// What could not be read of AWS.
    pub(crate) fn gaps(&self) -> Vec<GapRow> {
        let text = |gap: &Value, key: &str| gap[key].as_str().unwrap_or_default().to_owned();
        let gaps = self.aws()["gaps"].as_array().expect("aws has gaps");
        let row = |gap| GapRow { fact: text(gap, "fact"), kind: text(gap, "kind"), at: text(gap, "at") };
        gaps.iter().map(row).collect()
    }

    /// A number of each AWS operation, such as `requests`, where it isn't 0.
    pub(crate) fn operations(&self, number: &str) -> BTreeMap<String, u64> {
        let operations = self.aws()["operations"].as_array().expect("aws has operations");
        let mut counted = BTreeMap::new();
        // One operation has several records when it is called with different parameters.
        for operation in operations {
            let name = operation["operation"].as_str().unwrap().to_owned();
            *counted.entry(name).or_insert(0) += operation[number].as_u64().unwrap();
        }
        counted.retain(|_, count| *count > 0);
        counted
    }

    /// The rows of assignments.csv.
    pub(crate) fn assignments(&self) -> BTreeSet<AssignmentRow> {
        let rows = &self.pack().assignments;
        let row = |row: &BTreeMap<String, String>| {
            let cell = |name: &str| row[name].clone();
            let kind = cell("principal_type").to_uppercase();
            (cell("account_id"), cell("permission_set_arn"), kind, cell("principal_id"), cell("principal_state"))
        };
        let set: BTreeSet<_> = rows.iter().map(row).collect();
        assert_eq!(set.len(), rows.len(), "assignments.csv has duplicates");
        set
    }

    /// The rows of grants.csv.
    pub(crate) fn grants(&self) -> BTreeSet<GrantRow> {
        let rows = &self.pack().grants;
        let row = |row: &BTreeMap<String, String>| {
            let cell = |name: &str| row[name].clone();
            (cell("user_id"), cell("via"), cell("group_id"), cell("account_id"), cell("permission_set_arn"))
        };
        let set: BTreeSet<_> = rows.iter().map(row).collect();
        assert_eq!(set.len(), rows.len(), "grants.csv has duplicates");
        set
    }
}
