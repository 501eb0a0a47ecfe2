//! The program as people and scripts meet it: words, files, streams and exit codes.

use std::io::Read;
use std::process::Stdio;

use overstay::exit::Status;
use overstay::rules::RULES;

use crate::place::{Csv, Place, template};

const USERS: &str = "id,user_name,status\n1,ada@example.com,active\n2,ben@example.com,disabled\n";

/// A config that reads nothing but `users.csv`.
const IDP_ONLY: &str =
    "[organization]\nname = \"Example\"\n\n[[idp]]\nname = \"export\"\ntype = \"csv\"\nusers = \"users.csv\"\n";

fn with_users(users: impl AsRef<[u8]>) -> Place {
    let place = Place::new();
    place.write("overstay.toml", IDP_ONLY);
    place.write("users.csv", users);
    place
}

fn ipe(place: &Place, pack: &str) -> serde_json::Value {
    serde_json::from_str(&place.text(&format!("{pack}/data/ipe.json"))).unwrap()
}

/// How the users file was understood.
fn read_as(place: &Place, pack: &str) -> (String, u64) {
    let ipe = ipe(place, pack);
    let file = &ipe["sources"][0]["files"][0];
    (file["read_as"].as_str().unwrap().to_owned(), file["rows"].as_u64().unwrap())
}

// --- The command line ---------------------------------------------------------------------------------------------------

#[test]
fn help_says_what_can_be_typed() {
    let place = Place::new();
    for command in [
        "",
        "demo",
        "init",
        "collect",
        "audit",
        "check",
        "diff",
        "verify",
        "explain",
        "rules",
        "store",
        "store list",
        "store status",
        "store add",
        "store import",
        "store release",
        "store prune",
        "doctor",
        "completions",
        "man",
        "schema",
    ] {
        for flag in ["--help", "-h"] {
            let arguments: Vec<&str> = command.split_whitespace().chain([flag]).collect();
            let ended = place.run(&arguments).with(0);
            assert_eq!(ended.stderr, "");
            if flag == "--help" {
                let name = if command.is_empty() { "help" } else { &command.replace(' ', "_") };
                insta::assert_snapshot!(format!("help_{name}").replace("help_help", "help"), ended.stdout);
            }
        }
    }
}

#[test]
fn help_lists_the_exit_codes_that_there_are() {
    let help = Place::new().run(&["--help"]).stdout;
    for status in Status::ALL {
        assert!(help.contains(&format!("\n  {}  ", status.code())), "{status:?}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let ended = Place::new().run(&["--version"]).with(0);
    assert_eq!(ended.stdout, format!("overstay {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_cannot_be_typed_is_2_and_says_why() {
    let place = Place::new();
    for (arguments, words) in [
        (&["--nonsense"][..], "unexpected argument '--nonsense'"),
        (&["audti"], "unrecognized subcommand 'audti'"),
        (&["audit", "--fail-on", "severe"], "write info, low, medium, high or critical"),
        (&["audit", "--as-of", "yesterday"], "write it as 2026-09-30T17:00:00Z"),
        (&["audit", "-q", "-v"], "cannot be used with"),
        (&["audit", "--out"], "a value is required"),
        (&["rules", "leaver-holds-acess"], "did you mean `leaver-holds-access`?"),
    ] {
        let ended = place.run(arguments).with(2).saying(&[words]);
        assert_eq!(ended.stdout, "", "{arguments:?}");
    }
    let ended = place.run(&[]).with(2);
    assert!(ended.stderr.contains("Usage: overstay"), "{}", ended.stderr);
}

#[test]
fn rules_lists_every_rule_and_prints_each_page() {
    let place = Place::new();
    let list = place.run(&["rules"]).with(0).stdout;
    assert_eq!(list.lines().count(), RULES.len());
    for rule in RULES {
        let meta = rule.meta();
        assert!(list.lines().any(|line| line.starts_with(meta.id) && line.ends_with(meta.title)), "{}", meta.id);
        let page = place.run(&["rules", meta.id]).with(0).stdout;
        assert!(page.starts_with(&format!("# {}\n", meta.id)) && page.contains("## How to fix"), "{page}");
    }
}

// --- The config ---------------------------------------------------------------------------------------------------------

#[test]
fn a_missing_config_says_how_to_get_one() {
    let place = Place::new();
    place.run(&["audit"]).with(2).saying(&["there is no config at overstay.toml", "overstay init"]);
    place.run(&["collect", "-c", "other.toml"]).with(2).saying(&["other.toml"]);
    let mut command = place.command(&["audit"]);
    crate::place::Ended::from(command.env("OVERSTAY_CONFIG", "named.toml").output().unwrap())
        .with(2)
        .saying(&["named.toml"]);
}

#[test]
fn an_unknown_key_is_2_with_its_place_and_a_guess() {
    let place = with_users(USERS);
    place.write("overstay.toml", IDP_ONLY.replace("users =", "usres ="));
    place.run(&["audit"]).with(2).saying(&["overstay.toml:7:1", "unknown key `usres`", "did you mean `users`?"]);
}

#[test]
fn everything_wrong_with_a_config_is_told_at_once() {
    let place = Place::new();
    place.write(
        "overstay.toml",
        "[organization]\nnmae = \"x\"\n[policy]\nleaver_sla = \"soon\"\n[[exception]]\nrule = \"no-such-rule\"\n",
    );
    let ended = place.run(&["audit"]).with(2);
    for place in ["overstay.toml:2:1", "overstay.toml:4:", "overstay.toml:6:"] {
        assert!(ended.stderr.contains(place), "{place} is not in:\n{}", ended.stderr);
    }
}

#[test]
fn a_risk_is_not_accepted_for_longer_than_a_year() {
    let place = with_users(USERS);
    let accepting = |until: &str| {
        format!(
            "{IDP_ONLY}\n[[exception]]\nrule = \"direct-assignment\"\nsubject = {{ user = \"ada\" }}\nreason = \"r\"\n\
             approved_by = \"a\"\nexpires = {until}\n"
        )
    };
    place.write("overstay.toml", accepting("2999-01-31"));
    for command in ["audit", "collect", "check"] {
        let ended = place.run(&[command]).with(2);
        ended.saying(&["overstay.toml:14:", "more than 12 months", "looked at again at least once a year"]);
    }
    // The instant of conclusions does not stretch it: the clock decides.
    place.run(&["audit", "--as-of", "2998-12-31T00:00:00Z"]).with(2);
    place.write("overstay.toml", accepting("2020-01-31"));
    place.run(&["audit", "--out", "ended"]).with(0).saying(&["Exception expired"]);
}

#[test]
fn a_config_that_is_not_text_or_not_toml_is_2() {
    let place = Place::new();
    place.write("overstay.toml", [0xff, 0xfe, 0x00]);
    place.run(&["audit"]).with(2).saying(&["not UTF-8"]);
    place.write("overstay.toml", "[organization\n");
    place.run(&["audit"]).with(2).saying(&["overstay.toml:1:"]);
}

#[test]
fn a_config_that_names_no_source_is_2() {
    let place = Place::new();
    place.write("overstay.toml", "[organization]\nname = \"Example\"\n");
    place.run(&["audit"]).with(2).saying(&["names nothing to read"]);
    assert!(!place.at("reports").exists());
}

#[test]
fn keys_without_effect_are_named() {
    let place = with_users(USERS);
    place.write("overstay.toml", format!("{IDP_ONLY}\n[signing]\nkey = \"audit\"\n"));
    place.run(&["audit", "--out", "pack"]).with(0).saying(&["does nothing with signing"]);
    assert!(!place.run(&["audit", "--out", "quiet", "-q"]).with(0).stderr.contains("signing"));
}

#[test]
fn init_writes_a_config_once_and_audit_says_what_it_still_needs() {
    let place = Place::new();
    assert_eq!(place.run(&["init"]).with(0).stdout, "overstay.toml\n");
    assert_eq!(place.text("overstay.toml"), overstay::config::TEMPLATE);
    place.write("overstay.toml", "# mine\n");
    place.run(&["init"]).with(2).saying(&["overstay.toml exists already"]);
    assert_eq!(place.text("overstay.toml"), "# mine\n", "init replaces nothing");
    place.run(&["init", "--out", "new/second.toml"]).with(0);
    // The example's users file is not there yet: nothing is collected, nothing written.
    place.run(&["audit", "-c", "new/second.toml"]).with(2).saying(&["users.csv", "relative to the config file"]);
    assert!(!place.at("reports").exists());
    // With it, what is left is credentials: the pack is written and says that it is incomplete.
    place.write("new/users.csv", USERS);
    let ended = place.run(&["audit", "-c", "new/second.toml", "--out", "pack"]).with(3);
    let ended = ended.saying(&["INCOMPLETE: not everything", "no usable AWS credentials"]);
    assert_eq!(ended.stderr.matches("no usable AWS credentials").count(), 1, "one cause is told once");
    assert!(ended.stderr.contains("No open findings in what could be evaluated."), "{}", ended.stderr);
}

#[test]
fn offline_refuses_to_ask_aws() {
    let place = with_users(USERS);
    place.write("overstay.toml", format!("{IDP_ONLY}\n[aws]\nregion = \"eu-west-1\"\n"));
    place
        .run(&["audit", "--offline"])
        .with(2)
        .saying(&["--offline forbids the network, and the config has aws", "--snapshot"]);
}

// --- Input files --------------------------------------------------------------------------------------------------------

#[test]
fn a_missing_file_or_column_is_2_and_nothing_is_written() {
    let place = with_users("id,user_name\n1,ada@example.com\n");
    place.run(&["audit", "--out", "pack"]).with(2).saying(&["users.csv:1:", "status"]);
    std::fs::remove_file(place.at("users.csv")).unwrap();
    place.run(&["audit", "--out", "pack"]).with(2).saying(&["there is no file `users.csv`"]);
    assert!(!place.at("pack").exists());
}

#[test]
fn a_bad_row_is_named_and_makes_the_pack_incomplete() {
    for (row, words) in [
        ("3,cyn@example.com,sleeping\n", "`sleeping` is not a known status"),
        ("3,cyn@example.com\n", "it has 2 cells and the header has 3"),
        ("3,,active\n", "the cell is empty"),
        ("1,cyn@example.com,active\n", "the same id `1`"),
    ] {
        let place = with_users(format!("{USERS}{row}"));
        let ended = place.run(&["audit", "--out", "pack"]).with(3);
        ended.saying(&["INCOMPLETE", "users.csv row 3 (line 4)", words]);
        assert!(place.text("pack/data/report.html").contains("INCOMPLETE"), "{row}");
        assert_eq!(ipe(&place, "pack")["status"], "INCOMPLETE", "{row}");
    }
}

#[test]
fn incomplete_wins_over_findings() {
    let place = Place::with_demo_files();
    place.run(&["audit", "--offline", "--out", "whole", "--fail-on", "medium"]).with(1);
    let mut users = template("users.csv");
    users.extend(b"x,y@idsentinel.example\n");
    place.write("users.csv", users);
    place.run(&["audit", "--offline", "--out", "part", "--fail-on", "medium"]).with(3);
}

#[test]
fn marks_separators_and_code_pages_of_spreadsheets_are_understood() {
    let rows = "id;user_name;status;display_name\n1;ada@example.com;active;Zoë\n";
    let mut utf16: Vec<u8> = vec![0xff, 0xfe];
    utf16.extend(rows.encode_utf16().flat_map(u16::to_le_bytes));
    let latin: Vec<u8> = rows.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for (bytes, words) in [
        (format!("\u{feff}{}", rows.replace('\n', "\r\n")).into_bytes(), "UTF-8 with byte order mark"),
        (utf16, "UTF-16LE"),
        (latin, "windows-1252"),
        (rows.replace(';', "\t").into_bytes(), "separated by tab"),
    ] {
        let place = with_users(bytes);
        place.run(&["audit", "--out", "pack"]).with(0);
        let (read_as, rows) = read_as(&place, "pack");
        assert!(read_as.contains(words) && rows == 1, "{read_as}, {rows} rows; expected {words}");
    }
}

// --- Snapshots ----------------------------------------------------------------------------------------------------------

#[test]
fn collect_then_audit_is_audit() {
    let place = Place::with_demo_files();
    let ended = place.run(&["collect", "--out", "all.snapshot"]).with(0);
    assert_eq!(ended.stdout, "all.snapshot\n");
    place.run(&["collect", "--out", "all.snapshot"]).with(2).saying(&["all.snapshot exists already", "--force"]);
    place.run(&["collect", "--out", "all.snapshot", "--force"]).with(0);
    place.run(&["audit", "--snapshot", "all.snapshot", "--out", "one"]).with(0);
    // What the snapshot holds is all that is needed: the files may be gone.
    for name in ["users.csv", "groups.csv", "members.csv", "roster.csv"] {
        std::fs::remove_file(place.at(name)).unwrap();
    }
    place.run(&["audit", "--snapshot", "all.snapshot", "--out", "two", "--offline"]).with(0);
    assert_eq!(place.bytes("one/data/leavers.csv"), place.bytes("two/data/leavers.csv"));
    assert_eq!(place.bytes("all.snapshot"), place.bytes("two/data/snapshot.json.zst"));
    assert!(!Csv::parse(&place.bytes("one/data/leavers.csv")).rows.is_empty());
}

#[test]
fn collect_names_the_snapshot_by_its_time() {
    let place = with_users(USERS);
    let name = place.run(&["collect", "-q"]).with(0).stdout;
    let name = name.trim_end();
    assert!(name.starts_with("overstay-2") && name.ends_with("Z.snapshot.json.zst"), "{name}");
    place.run(&["audit", "--snapshot", name, "--out", "pack"]).with(0);
}

#[test]
fn a_snapshot_that_is_not_what_was_sealed_is_4() {
    let place = with_users(USERS);
    place.run(&["collect", "--out", "good"]).with(0);
    let good = place.bytes("good");
    place.write("truncated", &good[..good.len() / 2]);
    place.write("junk", "id,user_name\n");
    let plain = zstd::decode_all(good.as_slice()).unwrap();
    let edited = |from: &str, to: &str| {
        let text = String::from_utf8(plain.clone()).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        zstd::encode_all(text.replace(from, to).as_bytes(), 3).unwrap()
    };
    place.write("altered", edited("ada@example.com", "eve@example.com"));
    place.write("newer", edited("\"major\":1", "\"major\":2"));
    for (name, words) in [
        ("truncated", "truncated or damaged"),
        ("junk", "not an overstay snapshot"),
        ("altered", "the snapshot was altered"),
        ("newer", "this version reads format 1"),
    ] {
        place.run(&["audit", "--snapshot", name, "--out", "pack"]).with(4).saying(&[words, "help: "]);
        assert!(!place.at("pack").exists());
    }
    place.run(&["audit", "--snapshot", "nowhere"]).with(2).saying(&["there is no snapshot at nowhere"]);
}

// --- Output -------------------------------------------------------------------------------------------------------------

#[test]
fn an_existing_pack_is_replaced_only_when_told() {
    let place = with_users(USERS);
    place.run(&["audit", "--out", "pack"]).with(0);
    place.write("pack/notes.txt", "mine");
    let before = place.files("pack");
    place.run(&["audit", "--out", "pack"]).with(2).saying(&["pack exists already", "--force"]);
    assert_eq!(place.files("pack"), before);
    place.run(&["audit", "--out", "pack", "--force"]).with(0);
    assert!(!place.at("pack/notes.txt").exists());
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 3, "nothing is left behind");
}

#[test]
fn force_spares_what_is_no_pack() {
    let place = with_users(USERS);
    place.write("home/photo.jpg", "irreplaceable");
    place.run(&["audit", "--out", "home", "--force"]).with(2).saying(&["not an evidence pack"]);
    place.run(&["demo", "--out", "home", "--force"]).with(2);
    assert_eq!(place.text("home/photo.jpg"), "irreplaceable");
    place.write("file", "mine");
    place.run(&["audit", "--out", "file", "--force"]).with(2);
    assert_eq!(place.text("file"), "mine");
    std::fs::create_dir(place.at("empty")).unwrap();
    place.run(&["audit", "--out", "empty", "--force"]).with(0);
}

#[test]
fn what_cannot_be_written_is_5() {
    let place = with_users(USERS);
    place.write("file", "");
    for out in ["file/pack", "/proc/pack"] {
        place.run(&["audit", "--out", out]).with(5).saying(&["error: cannot"]);
        place.run(&["collect", "--out", out]).with(5).saying(&["error: cannot"]);
        place.run(&["demo", "--out", out]).with(5).saying(&["error: cannot"]);
    }
    place.run(&["init", "--out", "/proc/overstay.toml"]).with(5);
}

#[test]
fn demo_writes_its_packs_and_may_be_run_again() {
    let place = Place::new();
    let ended = place.run(&["demo"]).with(0);
    assert_eq!(ended.stdout, "reports/demo\nreports/demo-a-month-later\nreports/demo-quarter\n");
    let first = place.files("reports");
    place.run(&["demo"]).with(0);
    assert_eq!(place.files("reports"), first);
    let ended = place.run(&["demo", "--out", "elsewhere/here"]).with(0);
    assert_eq!(ended.stdout, "elsewhere/here\nelsewhere/here-a-month-later\nelsewhere/here-quarter\n");
    assert_eq!(place.files("elsewhere/here"), place.files("reports/demo"));
    // A pack that is not the demo's own is not replaced without being told.
    let other = with_users(USERS);
    other.run(&["audit", "--out", "reports/demo"]).with(0);
    other.run(&["demo"]).with(2).saying(&["reports/demo exists already"]);
    other.run(&["demo", "--force"]).with(0);
    // All places are looked at before anything is written.
    for (out, taken) in [("third", "third-a-month-later"), ("fourth", "fourth-quarter")] {
        other.write(&format!("{taken}/notes.txt"), "mine");
        other.run(&["demo", "--out", out]).with(2).saying(&[&format!("{taken} exists already")]);
        assert!(!other.at(out).exists());
    }
}

#[test]
fn as_of_moves_the_demos_conclusions() {
    let place = Place::new();
    place.run(&["demo", "--out", "then", "--as-of", "2026-09-01T00:00:00Z"]).with(0);
    assert_eq!(ipe(&place, "then")["as_of"], "2026-09-01T00:00:00Z");
}

#[test]
fn fail_on_decides_between_0_and_1() {
    let place = Place::with_demo();
    let audit = |threshold: &str, out: &str| {
        let (snapshot, config) = ("demo-a-month-later/data/snapshot.json.zst", "demo/data/config.toml");
        place.run(&["audit", "--snapshot", snapshot, "-c", config, "--out", out, "--fail-on", threshold])
    };
    audit("critical", "a").with(0);
    audit("high", "b").with(1);
    audit("info", "c").with(1);
    assert!(place.at("b/bagit.txt").exists(), "the pack is written all the same");
}

#[test]
fn quiet_says_no_more_than_the_result() {
    let ended = Place::new().run(&["demo", "--quiet", "--out", "pack"]).with(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("pack\npack-a-month-later\npack-quarter\n", ""));
}

#[test]
fn verbose_says_what_each_source_was_asked() {
    let place = Place::with_demo_files();
    let ended = place.run(&["audit", "--offline", "-v", "--out", "pack"]).with(0);
    ended.saying(&["idp:entra (csv)", "users.csv: 35 rows", "roster.csv: 34 rows"]);
}

#[test]
fn what_is_not_a_terminal_gets_no_escape_codes() {
    let place = Place::new();
    place.write("overstay.toml", "[organization]\nnmae = \"x\"\n");
    for arguments in [&["audit"][..], &["--nonsense"], &["--help"], &["rules"], &["demo", "--force"]] {
        for (name, value) in [("NO_COLOR", "1"), ("TERM", "xterm-256color")] {
            let ended = crate::place::Ended::from(place.command(arguments).env(name, value).output().unwrap());
            assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'), "{arguments:?} {ended:?}");
        }
    }
    let ended = place.run(&["audit", "--color", "always"]).with(2);
    assert!(ended.stderr.contains('\u{1b}'), "asked for, colours are given");
    let ended = place.run(&["audit", "--color", "never"]).with(2);
    assert!(!ended.stderr.contains('\u{1b}'));
}

/// Runs with a standard output that nobody reads.
fn with_closed_output(place: &Place, arguments: &[&str]) -> Option<i32> {
    let mut child = place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(!told.contains("panicked") && !told.contains("error:"), "{told}");
    child.wait().unwrap().code()
}

#[test]
fn a_closed_pipe_is_success() {
    let place = Place::new();
    for arguments in [&["rules"][..], &["rules", "leaver-holds-access"], &["--help"], &["demo"], &["--version"]] {
        assert_eq!(with_closed_output(&place, arguments), Some(0), "{arguments:?}");
    }
    assert!(place.at("reports/demo/bagit.txt").exists());
}

#[test]
fn a_closed_standard_error_is_no_reason_to_stop() {
    let place = Place::new();
    let mut child = place.command(&["demo"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(place.at("reports/demo-a-month-later/bagit.txt").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_5() {
    let place = with_users(USERS);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = place.command(&["rules"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn verbose_may_be_given_twice() {
    let place = Place::with_demo_files();
    place.run(&["audit", "--offline", "-vv", "--out", "pack"]).with(0).saying(&["idp:entra (csv)"]);
}

#[cfg(unix)]
#[test]
fn a_pack_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_demo();
    let mode = |path: &str| std::fs::metadata(place.at(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("demo"), mode("demo/data")], [0o700, 0o700]);
    assert_eq!([mode("demo/data/report.html"), mode("demo/bag-info.txt")], [0o600, 0o600]);
}
