use overstay::model::finding::Severity;

use super::org::Org;
use super::report::same_id;

const RULE: &str = "exception-expired";

fn org() -> Org {
    Org::new()
        .exception_until("direct-assignment", "{ user = \"a@*\" }", "2026-08-31")
        .exception_until("direct-assignment", "{ user = \"b@*\" }", "2026-09-30")
        .exception_until("direct-assignment", "{ user = \"c@*\" }", "2026-09-29")
}

#[test]
fn what_ended_is_named_to_the_day() {
    let report = org().report();
    let subjects = report.subjects(RULE);
    assert_eq!(subjects.len(), 2);
    assert!(subjects[0].contains("user a@*") && subjects[1].contains("user c@*"), "{subjects:?}");
    assert_eq!(report.found(RULE)[0].severity, Severity::Medium);
    assert_eq!(report.result(RULE).population, 3);
    Org::new().exception("direct-assignment", "{ user = \"b@*\" }").report().clean(RULE);
    org().on("2026-08-31T23:59:59Z").report().clean(RULE);
}

#[test]
fn the_fingerprint_outlives_time() {
    same_id(RULE, &org(), &org().on("2026-09-30T23:00:00Z"));
}
