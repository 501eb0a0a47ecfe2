//! The log of an identity provider as files, from the config to the run.

use crate::place::Place;

const USERS: &str = "id,user_name,status\nu1,ada@example.org,disabled\n";
const ENTRY: &str = r#"{"id":"d1","activityDisplayName":"Disable account","activityDateTime":"2026-09-03T15:02:22Z","result":"success","targetResources":[{"id":"u1","type":"User"}]}"#;

fn place(logs: &str) -> Place {
    let place = Place::new();
    place.write("users.csv", USERS);
    place.write(
        "overstay.toml",
        format!("[[idp]]\nname = \"entra\"\ntype = \"csv\"\nusers = \"users.csv\"\nlogs = {logs}\n"),
    );
    place
}

#[test]
fn logs_as_files_are_part_of_their_provider() {
    let place = place("{ files = \"*.jsonl\", covers = \"2026-07-01..2099-12-31\" }");
    place.run(&["audit", "--out", "pack"]).with(2).saying(&["no file matches `*.jsonl`"]);
    place.write("audit.jsonl", format!("{ENTRY}\n"));
    place.run(&["audit", "--out", "pack", "-v"]).with(0).saying(&["*.jsonl: 1 rows, log entries from 1 file"]);
    place.run(&["doctor"]).with(0).saying(&[]);
    place.write("audit.jsonl", format!("{ENTRY}\n{{\"id\":\n"));
    place.run(&["audit", "--out", "again"]).with(3).saying(&["idp:entra: it ends in the middle of an entry"]);
    place.run(&["doctor"]).with(3);
}
