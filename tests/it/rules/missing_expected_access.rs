use overstay::evidence::tests::{TestResult, outcomes};
use overstay::model::Fact;
use overstay::model::finding::Severity;

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "missing-expected-access";
const POLICY: &str = "[[access]]\nmatch = { group = \"eng\" }\npermission_set = \"Read\"\naccounts = [\"*\"]";

/// `a` and `c` are in the group of the identity provider only.
fn org() -> Org {
    let org = Org::new().person("a").person("b").idp_only(0, "c").idp_group("eng", &["a", "b", "c"]);
    org.directory_group("eng", &["b"]).grouped("eng", "Read", "prod").config(POLICY)
}

fn clean() -> Org {
    Org::new().person("b").group("eng", &["b"]).grouped("eng", "Read", "prod").config(POLICY)
}

#[test]
fn who_lacks_all_that_an_entry_gives_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Info));
    assert!(report.found(RULE)[1].detail.contains("has no Identity Center user"));
    clean().report().clean(RULE);
}

#[test]
fn it_informs_and_fails_no_test() {
    let result = org().reconcile(|ledger| {
        let assessment = overstay::assess::assess(ledger, overstay::rules::evaluate(ledger));
        outcomes(&assessment).into_iter().find(|outcome| outcome.test.id == "access-by-role").unwrap().result
    });
    assert_eq!(result, TestResult::Pass);
}

#[test]
fn gone_people_ended_entries_and_excluded_accounts_expect_nothing() {
    org().gone("a", None).gone("c", None).report().clean(RULE);
    let exclude = "[scope]\nexclude_accounts = [{ account = \"*\", reason = \"none\", approved_by = \"ciso\" }]";
    org().config(exclude).report().clean(RULE);
    let ended = clean().person("z").config(
        "[[access]]\nmatch = { person = \"z@*\" }\npermission_set = \"Admin\"\naccounts = [\"prod\"]\nexpires = 2026-01-31",
    );
    ended.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    let facts =
        [Fact::IdpUsers, Fact::IdpGroups, Fact::PermissionSets, Fact::Assignments, Fact::Memberships, Fact::Accounts];
    needs(RULE, &clean(), &facts);
    Org::new().report().not_evaluated(RULE);
}

#[test]
fn the_fingerprint_outlives_the_order_of_entries() {
    let other = "[[access]]\nmatch = { group = \"none\" }\npermission_set = \"Admin\"\naccounts = [\"prod\"]\n";
    let base = Org::new().person("a").idp_group("eng", &["a"]);
    same_id(RULE, &base.clone().config(POLICY), &base.config(other).config(POLICY));
}
