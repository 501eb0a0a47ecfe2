use overstay::model::finding::Severity;
use overstay::model::{Fact, Known};

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "management-account-access";
const POLICY: &str = "[[access]]\nmatch = { group = \"ops\" }\npermission_set = \"Admin\"\naccounts = [\"management\"]";

fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c").group("ops", &["b"]).grouped("ops", "Admin", "management");
    org.direct("a", "Read", "management").access("c", "Admin", "management").access("c", "Admin", "prod").config(POLICY)
}

fn clean() -> Org {
    Org::new().person("b").group("ops", &["b"]).grouped("ops", "Admin", "management").config(POLICY)
}

#[test]
fn access_to_it_that_policy_does_not_list_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::High));
    assert_eq!(report.subjects("access-outside-policy"), ["a", "c", "c"], "it is outside policy as well");
    clean().report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    let facts =
        [Fact::Accounts, Fact::IdpUsers, Fact::IdpGroups, Fact::PermissionSets, Fact::Assignments, Fact::Memberships];
    needs(RULE, &clean(), &facts);
    Org::new().person("a").direct("a", "Read", "management").report().not_evaluated(RULE);
    let mut untold = clean();
    untold.aws.management_account = Known::Unknown("denied".into());
    untold.report().not_evaluated(RULE);
}

#[test]
fn declared_and_gone_people_are_left_to_their_rules() {
    let declared = "[identities]\nbreak_glass = [{ user = \"a@*\", owner = \"o@example.org\" }]";
    org().config(declared).gone("c", None).report().clean(RULE);
}

#[test]
fn the_fingerprint_outlives_renames() {
    let org = Org::new().person("a").direct("a", "Read", "management").config(POLICY);
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "new".into()));
}
