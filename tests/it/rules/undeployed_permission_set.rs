use overstay::model::finding::Severity;
use overstay::model::{Fact, Known};

use super::org::{Org, set_arn};
use super::report::{needs, same_id};

const RULE: &str = "undeployed-permission-set";

fn latest(mut org: Org, set: &str, latest: Known<bool>) -> Org {
    for deployed in org.aws.provisioned.iter_mut().filter(|deployed| deployed.permission_set == set_arn(set)) {
        deployed.latest = latest.clone();
    }
    org
}

fn clean() -> Org {
    let org = Org::new().set("Mid", "ReadOnlyAccess").person("p").access("p", "Admin", "prod");
    org.access("p", "Mid", "prod").access("p", "Read", "prod").access("p", "Read", "management")
}

fn org() -> Org {
    latest(latest(clean(), "Admin", Known::Value(false)), "Read", Known::Value(false))
}

#[test]
fn sets_with_an_older_role_somewhere_are_named_once() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["Admin", "Read"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Medium));
    assert!(report.found(RULE)[1].detail.contains("management (100000000000), prod (100000000001)"));
    clean().report().clean(RULE);
}

#[test]
fn a_state_nobody_tells_is_undecided() {
    let report = latest(clean(), "Mid", Known::Unknown("denied".into())).report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn excluded_accounts_are_out_of_scope() {
    let exclude = "[scope]\nexclude_accounts = [{ account = \"*\", reason = \"none\", approved_by = \"ciso\" }]";
    org().config(exclude).report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::Provisioning, Fact::PermissionSets]);
}

#[test]
fn the_fingerprint_outlives_renames_and_accounts() {
    let one = latest(Org::new().person("p").access("p", "Read", "prod"), "Read", Known::Value(false));
    let two = latest(one.clone().access("p", "Read", "management"), "Read", Known::Value(false));
    same_id(RULE, &one, &two);
}
