//! Facts stay facts, whatever the config decides about them; and data that are old, or concluded from too early, are no pass.

use std::time::Duration;

use serde_json::Value;

use crate::place::{Ended, Place};

/// The demo's snapshot, audited again under a config with `more` in it; `edit` changes what is there.
fn audited(place: &Place, edit: (&str, &str), more: &str, arguments: &[&str]) -> (Ended, Value, String) {
    let config = place.text("demo/data/config.toml");
    assert!(edit.0.is_empty() || config.contains(edit.0), "{}", edit.0);
    place.write("other.toml", format!("{}\n{more}", config.replace(edit.0, edit.1)));
    let fixed = ["audit", "--snapshot", "demo", "-c", "other.toml", "--offline", "--force", "--out", "other"];
    let ended = place.run(&[&fixed[..], arguments].concat()).with(0);
    let ipe = serde_json::from_str(&place.text("other/data/ipe.json")).unwrap();
    (ended, ipe, place.text("other/data/report.html"))
}

fn results(ipe: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    ipe["tests"].as_array().unwrap().iter().map(|test| (text(&test["test"]), text(&test["result"]))).collect()
}

const NONE: (&str, &str) = ("", "");

#[test]
fn no_exception_and_no_sla_lowers_a_headline_fact() {
    let place = Place::with_demo();
    let everybody = "[[exception]]\nrule = \"leaver-holds-access\"\nsubject = { user = \"*\" }\nreason = \"r\"\n\
                     approved_by = \"a@example.com\"\nticket = \"T-1\"\nexpires = 2027-01-31\n";
    let (ended, ipe, page) = audited(&place, NONE, everybody, &[]);
    assert!(page.contains("14 leavers hold 14 grants (14 under exception)"));
    assert!(
        ended.stderr.contains("Leaver still has AWS access (14, 14 grants; 14 under exception)"),
        "{}",
        ended.stderr
    );
    let decisions = ipe["decisions"].as_array().unwrap();
    let broad = decisions.iter().find(|decision| decision["decision"].as_str().unwrap().contains("names no user"));
    assert_eq!(broad.unwrap()["covers"], "13 findings, 13 grants", "one has an exception of its own: {decisions:#?}");
    assert!(page.contains("Decisions that shape this report"));

    let (_, ipe, page) = audited(&place, ("leaver_sla = \"24h\"", "leaver_sla = \"5000h\""), "", &[]);
    assert!(
        page.contains("14 leavers hold 14 grants (1 under exception, 13 within the SLA)"),
        "{:#?}",
        ipe["decisions"]
    );
    let changed = "policy.leaver_sla is 5000h, and 24h by default";
    assert!(ipe["decisions"].as_array().unwrap().iter().any(|decision| decision["decision"] == changed), "{ipe:#}");
}

#[test]
fn where_everything_is_out_of_scope_nothing_passes() {
    let place = Place::with_demo();
    let all = "[scope]\nexclude_accounts = [{ account = \"*\", reason = \"r\", approved_by = \"a@example.com\" }]\n";
    let (_, ipe, page) = audited(&place, NONE, all, &[]);
    assert!(page.contains("33 assignments are in accounts out of scope"));
    let passed: Vec<_> = results(&ipe).into_iter().filter(|(_, result)| result == "pass").collect();
    // What is not about assignments can still be tested.
    for (test, _) in &passed {
        assert!(
            !["leavers-removed", "access-by-role", "assignments-resolve", "access-by-group"].contains(&test.as_str())
        );
    }
    assert!(results(&ipe).iter().any(|(_, result)| result == "no_occurrences"), "{:?}", results(&ipe));
}

/// Two decisions may have one reason, and each covers what it names.
#[test]
fn an_exclusion_counts_its_own_accounts() {
    let place = Place::with_demo();
    let two = "[scope]\nexclude_accounts = [\n{ account = \"legacy\", reason = \"r\", approved_by = \"a@example.com\" },\n\
               { account = \"log-archive\", reason = \"r\", approved_by = \"a@example.com\" },\n]\n";
    let (_, ipe, _) = audited(&place, NONE, two, &[]);
    let scope = ipe["decisions"].as_array().unwrap().iter().filter(|decision| decision["kind"] == "scope");
    let covers: Vec<&str> = scope.map(|decision| decision["covers"].as_str().unwrap()).collect();
    let per_account = |account: &str| {
        let rows = crate::place::Csv::parse(&place.bytes("demo/data/assignments.csv")).rows;
        rows.iter().filter(|row| row["account_name"] == account).count()
    };
    let of = |account: &str| {
        format!("1 account, {} assignment{}", per_account(account), if per_account(account) == 1 { "" } else { "s" })
    };
    assert_eq!(covers, [of("legacy"), of("log-archive")]);
}

#[test]
fn concluding_before_the_collection_is_a_rehearsal() {
    let place = Place::with_demo();
    let (ended, ipe, page) = audited(&place, NONE, "", &["--as-of", "2026-01-01T00:00:00Z"]);
    for text in [&ended.stderr, &ipe["warnings"].to_string(), &page] {
        assert!(
            text.contains("This is a rehearsal") && text.contains("272 days before the data were collected"),
            "{text}"
        );
    }
    assert!(!place.text("demo/data/report.html").contains("This is a rehearsal"));
}

#[test]
fn what_rests_on_an_old_file_does_not_pass() {
    let place = Place::with_demo_files();
    let audit = || {
        place.run(&["audit", "--offline", "--force", "--out", "pack"]).with(0);
        let ipe: Value = serde_json::from_str(&place.text("pack/data/ipe.json")).unwrap();
        (ipe["warnings"].to_string(), results(&ipe))
    };
    let (warnings, fresh) = audit();
    assert_eq!(warnings, "[]");
    let users = std::fs::File::options().write(true).open(place.at("users.csv")).unwrap();
    let written = users.metadata().unwrap().modified().unwrap();
    users.set_modified(written - Duration::from_secs(120 * 24 * 3600)).unwrap();
    let (warnings, old) = audit();
    assert!(warnings.contains("`users.csv` is as of") && warnings.contains("120 days before"), "{warnings}");
    assert!(fresh.iter().zip(&old).any(|(was, is)| was.1 != "not_evaluated" && is.1 == "not_evaluated"), "{fresh:?}");
    for ((test, was), (_, is)) in fresh.iter().zip(&old) {
        assert!(is == was || is == "not_evaluated", "{test}: {was} became {is}");
        assert!(is != "pass" || !["leavers-removed", "leavers-disabled"].contains(&test.as_str()), "{test} passes");
    }
    place.run(&["check", "--offline", "--fail-on", "critical"]).saying(&["warning: Old data: `users.csv`"]);
}
