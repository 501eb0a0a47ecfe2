//! `check` and `explain`: what they say of the demo, and to whom.

use serde_json::Value;

use crate::place::{Ended, Place};

fn ask(place: &Place, arguments: &[&str]) -> Ended {
    place.run(&[arguments, &["--snapshot", "demo", "-c", "demo/data/config.toml", "--offline"]].concat())
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn check_fails_on_high_unless_told_otherwise() {
    let place = Place::with_demo();
    let ended = ask(&place, &["check"]).with(1);
    assert!(ended.stdout.starts_with("COMPLETE"), "{}", ended.stdout);
    for words in ["aidan.marsh@idsentinel.example", "leaver-holds-access", "13 open"] {
        assert!(ended.stdout.contains(words), "{words} is not in:\n{}", ended.stdout);
    }
    let later = |threshold: &str| {
        let snapshot = ["--snapshot", "demo-a-month-later", "-c", "demo/data/config.toml", "--fail-on", threshold];
        place.run(&[&["check"][..], &snapshot].concat())
    };
    later("critical").with(0);
    later("medium").with(1);
}

#[test]
fn aggregate_names_nobody() {
    let place = Place::with_demo();
    let files = place.files("demo");
    let names = crate::place::Csv::parse(&files["data/identities.csv"]).rows;
    for format in ["text", "json"] {
        let ended = ask(&place, &["check", "--profile", "aggregate", "--format", format]).with(1);
        assert!(ended.stdout.contains("leaver-holds-access") && ended.stdout.contains("13"), "{}", ended.stdout);
        for person in &names {
            for column in ["user_name", "display_name", "email", "user_id"] {
                assert!(!ended.stdout.contains(&person[column]), "{format}: {}", person[column]);
            }
        }
        assert!(!ended.stdout.contains('@'), "{}", ended.stdout);
    }
}

#[test]
fn check_and_the_pack_count_the_same() {
    let place = Place::with_demo();
    let view = json(&ask(&place, &["check", "--format", "json"]).with(1));
    let findings = crate::place::Csv::parse(&place.bytes("demo/data/findings.csv")).rows;
    for counted in view["severities"].as_array().unwrap() {
        for status in ["open", "pending", "excepted"] {
            let rows = findings.iter().filter(|row| row["severity"] == counted["severity"] && row["status"] == status);
            assert_eq!(counted[status].as_u64(), Some(rows.count() as u64), "{status} {}", counted["severity"]);
        }
    }
    assert_eq!(view["run_id"], findings[0]["run_id"].as_str());
}

#[test]
fn explain_shows_the_path_of_every_grant() {
    let place = Place::with_demo();
    let ended = ask(&place, &["explain", "hiro.tanaka@idsentinel.example"]).with(0);
    let grants = crate::place::Csv::parse(&place.bytes("demo/data/grants.csv")).rows;
    let held: Vec<_> = grants.iter().filter(|row| row["user_name"] == "hiro.tanaka@idsentinel.example").collect();
    assert_eq!(held.len(), 4);
    for grant in &held {
        assert!(ended.stdout.contains(&grant["grant_id"]), "{}", ended.stdout);
    }
    let ended = ask(&place, &["explain", "hiro.tanaka@idsentinel.example", "--account", "dev"]).with(0);
    assert_eq!(held.iter().filter(|grant| ended.stdout.contains(&grant["grant_id"])).count(), 1, "{}", ended.stdout);
    ask(&place, &["explain", "hiro.tanak@idsentinel.example"]).with(2).saying(&["did you mean `hiro.tanaka"]);
}

#[test]
fn names_do_not_steer_the_terminal() {
    let place = Place::new();
    place.write(
        "overstay.toml",
        "[organization]\nname = \"x\"\n\n[[idp]]\nname = \"export\"\ntype = \"csv\"\nusers = \"users.csv\"\n\n\
         [[exception]]\nrule = \"direct-assignment\"\nsubject = { user = \"\\u001b]0;steered\\u0007\" }\n\
         reason = \"\\u001b[2J\"\napproved_by = \"a\\nCOMPLETE\"\nexpires = 2020-01-31\n",
    );
    place.write("users.csv", "id,user_name,status\n1,ada,\u{1b}]0;steered\u{7}\n");
    for command in ["check", "audit", "collect"] {
        let ended = place.run(&[command, "--color", "always", "-v"]).with(3);
        let told = format!("{}{}", ended.stdout, ended.stderr);
        assert!(told.contains("]0;steered") && !told.contains("\u{1b}]0") && !told.contains("\u{1b}[2J"), "{told:?}");
        assert!(!told.lines().any(|line| line.starts_with("COMPLETE")), "{told}");
    }
}
