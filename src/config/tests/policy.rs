//! Thresholds, presets and exceptions.

use super::*;

/// An exception with some lines replaced.
fn exception(replaced: &[(&str, &str)]) -> String {
    let mut text = "[[exception]]\nrule = \"direct-assignment\"\nsubject = { user = \"a\" }\nreason = \"r\"\n\
        approved_by = \"b\"\nexpires = 2027-01-31\n"
        .to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

#[test]
fn exceptions_are_seen_owned_and_end() {
    valid(&exception(&[]));
    says(&exception(&[("expires = 2027-01-31\n", "")]), "1:1 missing key `expires` in [[exception]]");
    says(&exception(&[("approved_by = \"b\"\n", "")]), "missing key `approved_by` in [[exception]]");
    says(&exception(&[("reason = \"r\"\n", "")]), "missing key `reason` in [[exception]]");
    says(&exception(&[("\"r\"", "\"\"")]), "4:10 `reason` must not be empty");
    says(&exception(&[("subject = { user = \"a\" }\n", "")]), "missing key `subject` in [[exception]]");
    says(&exception(&[("direct-assignment", "direct-asignment")]), "did you mean `direct-assignment`?");
    says(&exception(&[("direct-assignment", "nothing")]), "unknown rule `nothing` | `overstay rules` lists the rules");
    says(&exception(&[("{ user", "{ usr")]), "unknown key `usr` in `subject`");
    for wrong in ["2027-02-30", "2027-1-31", "31.01.2027", "2027-01-31T00:00:00Z"] {
        says(&exception(&[("2027-01-31", &format!("\"{wrong}\""))]), "6:11 `expires` is not a date");
    }
    says(&exception(&[("2027-01-31", "2027-02-30")]), "6:11 not valid TOML: invalid date");
    says(&exception(&[("2027-01-31", "2027-01-31T00:00:00Z")]), "`expires` is not a date");
    says(&exception(&[("2027-01-31", "12:00:00")]), "`expires` is not a date");
    says(&exception(&[("2027-01-31", "9999-12-31")]), "`expires` is too far in the future");
    let again = exception(&[("user = \"a\"", "user = \"A\", account = \"*\""), ("\"r\"", "\"other\"")]);
    says(
        &format!("{}{again}", exception(&[])),
        "7:1 an exception for `direct-assignment` with the same subject is given twice, first on line 1",
    );
    let other = exception(&[("user = \"a\"", "user = \"a\", account = \"x\"")]);
    assert_eq!(valid(&format!("{}{other}", exception(&[]))).exceptions.len(), 2);
}

#[test]
fn an_exception_ends_within_a_year_of_its_approval() {
    let approved = |on: &str| exception(&[("expires", &format!("approved_at = {on}\nexpires"))]);
    valid(&approved("2026-01-31"));
    says(&approved("2026-01-30"), "7:11 the exception ends more than 12 months after `approved_at`, 2026-01-30");
    says(&approved("2027-02-01"), "`expires` lies before `approved_at`");
}

#[test]
fn what_ends_too_late_for_the_day_of_the_run_is_told() {
    let config = valid(EVERYTHING);
    assert!(config.check_at(at("2026-01-31T23:59:59Z")).is_empty());
    assert!(config.check_at(at("2040-01-01T00:00:00Z")).is_empty(), "ended is not too late");
    let late: Vec<String> = config.check_at(at("2026-01-30T23:59:59Z")).iter().map(brief).collect();
    assert_eq!(late.len(), 2, "{late:#?}");
    let help = "accepted risks are looked at again at least once a year; let it end on 2027-01-30 or before";
    let scope = EVERYTHING.lines().position(|line| line.contains("sandbox-*")).unwrap() + 1;
    assert!(late[0].starts_with(&format!("{scope}:")), "{late:#?}");
    assert!(
        late[0].ends_with(&format!("the exclusion of `sandbox-*` ends more than 12 months after 2026-01-30 | {help}"))
    );
    assert!(late[1].contains("the exception for `direct-assignment` ends more than 12 months after 2026-01-30"));
    let leap = valid(&exception(&[("2027-01-31", "2029-02-28")]));
    assert!(leap.check_at(at("2028-02-29T12:00:00Z")).is_empty(), "a year after a leap day");
}

#[test]
fn a_demand_without_a_number_has_to_be_answered() {
    let demanded = |preset: &str| -> Vec<String> {
        let errors = wrong(&format!("[policy]\npreset = \"{preset}\"\n"));
        assert!(errors.iter().all(|e| e.starts_with(&format!("2:10 preset `{preset}` needs `"))), "{errors:#?}");
        errors.iter().map(|e| e.split('`').nth(3).unwrap().to_owned()).collect()
    };
    let (leaver, mover, cadence) = ("policy.leaver_sla", "policy.mover_sla", "review.cadence");
    assert_eq!(demanded("pci-dss-4"), [leaver]);
    assert_eq!(demanded("cis-v8"), [leaver, mover]);
    assert_eq!(demanded("iso-27001"), [leaver, mover, cadence]);
    assert_eq!(demanded("nist-800-53"), [leaver, mover, "policy.dormant_after", cadence]);
    assert_eq!(demanded("hipaa"), [leaver, mover, cadence]);
    assert_eq!(demanded("sox"), [leaver]);
    valid(
        "[policy]\npreset = \"iso-27001\"\nleaver_sla = \"8h\"\nmover_sla = \"3d\"\n[review]\ncadence = \"annual\"\n",
    );
    says("[policy]\npreset = \"iso27001\"", "2:10 unknown preset `iso27001` | did you mean `iso-27001`?");
}

#[test]
fn presets_bring_their_numbers() {
    let numbers = |preset: &str| {
        let config = valid(&format!("[policy]\npreset = \"{preset}\"\n"));
        let PolicyConfig { dormant_after, leaver_sla, mover_sla, .. } = config.policy;
        format!("{} {dormant_after} {leaver_sla} {mover_sla}", config.review.cadence.unwrap())
    };
    assert_eq!(numbers("soc2"), "quarterly 90d 24h 5d");
    assert_eq!(numbers("fedramp-low"), "annual 90d 4h 24h");
    assert_eq!(numbers("fedramp-moderate"), "quarterly 90d 4h 24h");
    assert_eq!(numbers("fedramp-high"), "monthly 35d 1h 24h");
    let pci = valid("[policy]\npreset = \"pci-dss-4\"\nleaver_sla = \"1h\"\n");
    assert_eq!(pci.review.cadence.as_deref(), Some("semiannual"));
}

#[test]
fn severities_are_checked() {
    says("[policy]\nseverity = { direct-assignment = \"hihg\" }", "unknown severity `hihg` | did you mean `high`?");
    says(
        "[policy]\nseverity.direct-asignment = \"high\"",
        "2:10 unknown rule `direct-asignment` | did you mean `direct-assignment`?",
    );
}
