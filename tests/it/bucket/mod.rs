//! A store in S3, as people and scheduled jobs meet it.

mod failing;
mod fake;
mod keeping;
mod moto;
mod removing;
mod together;

use crate::aws::fake::{ACCESS_KEY, SECRET_KEY};
use crate::place::{Ended, Place};
use fake::{BUCKET, FakeS3};

const USERS: &str = "id,user_name,status\n1,ada@example.com,active\n2,ben@example.com,disabled\n";

const CONFIG: &str =
    "[organization]\nname = \"Example\"\n\n[[idp]]\nname = \"export\"\ntype = \"csv\"\nusers = \"users.csv\"\n";

/// A place whose config keeps the store in a server's bucket, below `overstay/`.
struct Kept {
    place: Place,
    url: String,
    credentials: bool,
}

impl Kept {
    fn at(url: &str) -> Self {
        let kept = Self { place: Place::new(), url: url.to_owned(), credentials: true };
        kept.place.write("users.csv", USERS);
        kept.store("");
        kept
    }

    fn in_bucket(server: &FakeS3) -> Self {
        Self::at(&server.url())
    }

    /// One with the demo's two days in its store.
    fn with_days(server: &FakeS3) -> Self {
        let kept = Self { place: Place::with_demo(), url: server.url(), credentials: true };
        kept.place.write("overstay.toml", kept.place.text("demo/data/config.toml") + &section(""));
        kept.run(&["store", "add", "demo-a-month-later/data/snapshot.json.zst", "demo/data/snapshot.json.zst"]).with(0);
        kept
    }

    /// Writes the config, with `more` under `[store]`.
    fn store(&self, more: &str) {
        self.place.write("overstay.toml", format!("{CONFIG}{}", section(more)));
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().unwrap().into()
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.place.command(arguments);
        command.env("AWS_ENDPOINT_URL", &self.url).arg("--no-progress");
        if self.credentials {
            command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        }
        command
    }
}

fn section(more: &str) -> String {
    format!("\n[store]\nurl = \"s3://{BUCKET}/overstay\"\n{more}")
}
