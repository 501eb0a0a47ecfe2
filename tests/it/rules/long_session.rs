use overstay::model::finding::Severity;
use overstay::model::permission_set::CustomerPolicy;
use overstay::model::{Fact, Known, Span};

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "long-session";

fn session(org: Org, set: &str, hours: u32) -> Org {
    org.edit_set(set, |set| set.session = Known::Value(Span::hours(hours)))
}

/// `Admin` lasts 5 hours (4 allowed), `Read` 8 (8 allowed), `Zoo` 12.
fn org() -> Org {
    session(session(session(Org::new().set("Zoo", "ReadOnlyAccess"), "Admin", 5), "Read", 8), "Zoo", 12)
}

fn clean() -> Org {
    session(session(Org::new(), "Admin", 4), "Read", 8)
}

#[test]
fn sets_above_their_limit_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["Admin", "Zoo"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Medium, "privileged");
    assert_eq!(report.found(RULE)[1].severity, Severity::Low);
    clean().report().clean(RULE);
}

#[test]
fn limits_and_privilege_are_the_policys() {
    let policy = "[policy]\nmax_session = \"12h\"\nmax_privileged_session = \"5h\"";
    org().config(policy).report().clean(RULE);
    let named = clean().config("[policy]\nprivileged = [\"Read\"]").report();
    assert_eq!(named.subjects(RULE), ["Read"]);
}

#[test]
fn what_is_not_known_is_undecided() {
    let unknown = clean().edit_set("Read", |set| set.session = Known::Unknown("denied".into()));
    assert_eq!(unknown.report().result(RULE).undecided, 1);
    let unjudged = clean().edit_set("Read", |set| {
        set.customer = Known::Value(vec![CustomerPolicy { path: "/".into(), name: "own".into() }]);
    });
    assert_eq!(unjudged.report().result(RULE).undecided, 1, "eight hours are too long if it is privileged");
    clean().edit_set("Read", |set| set.session = Known::Absent).report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::PermissionSets]);
}

#[test]
fn the_fingerprint_outlives_renames_and_severity() {
    let org = session(Org::new(), "Read", 12);
    same_id(RULE, &org, &org.clone().edit_set("Read", |set| set.name = Known::Value("New".into())));
    same_id(RULE, &org, &org.clone().config("[policy]\nprivileged = [\"Read\"]"));
}
