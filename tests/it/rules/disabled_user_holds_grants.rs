use overstay::model::finding::Severity;
use overstay::model::{Fact, Known};

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "disabled-user-holds-grants";

fn org() -> Org {
    let org =
        Org::new().person("a").person("b").person("c").group("all", &["a", "b", "c"]).grouped("all", "Read", "prod");
    org.disabled_in_aws("a").disabled_in_aws("c")
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Read", "prod").person("idle").disabled_in_aws("idle")
}

#[test]
fn disabled_holders_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Medium));
    clean().report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::DirectoryUsers, Fact::Assignments, Fact::Memberships, Fact::DirectoryGroups]);
}

#[test]
fn a_status_nobody_tells_is_undecided() {
    for status in [Known::Absent, Known::Unknown("not told".to_owned())] {
        let report = clean().edit_user("b", |user| user.status = status.clone()).report();
        report.silent(RULE);
        assert_eq!(report.result(RULE).undecided, 1, "{status:?}");
    }
}

#[test]
fn of_it_and_the_leavers_rule_exactly_one_fires() {
    for org in [org().gone("a", None), org().gone("a", None).gap(Fact::IdpUsers), org().unasked(Fact::IdpUsers)] {
        let report = org.report();
        let mut both = report.subjects(RULE);
        both.extend(report.subjects("leaver-holds-access"));
        both.sort_unstable();
        assert_eq!(both, ["a", "c"]);
    }
    let by_name =
        Org::new().by_hand("a").idp_only(0, "a").access("a", "Read", "prod").gone("a", None).disabled_in_aws("a");
    assert_eq!(by_name.gap(Fact::IdpUsers).report().subjects(RULE), ["a"], "where that one can't be certain");
}

#[test]
fn the_fingerprint_outlives_renames() {
    let org = Org::new().person("a").access("a", "Read", "prod").disabled_in_aws("a");
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "new".into()));
}
