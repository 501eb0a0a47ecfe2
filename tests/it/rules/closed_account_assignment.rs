use overstay::model::finding::Severity;
use overstay::model::{AccountState, Fact, Known};

use super::org::Org;
use super::report::{needs, same_id};

const RULE: &str = "closed-account-assignment";

fn org() -> Org {
    let org = Org::new().account("old").account("zombie").person("a").group("g", &["a"]);
    let org = org.direct("a", "Read", "old").grouped("g", "Read", "prod").grouped("g", "Admin", "zombie");
    org.account_state("old", Known::Value(AccountState::Suspended))
        .account_state("zombie", Known::Value(AccountState::PendingClosure))
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Admin", "prod")
}

#[test]
fn assignments_in_closing_accounts_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "g"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Low));
    clean().report().clean(RULE);
    let starting = clean().account_state("prod", Known::Value(AccountState::PendingActivation));
    starting.report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::Accounts, Fact::Assignments]);
    let report = clean().account_state("prod", Known::Unknown("not told".into())).report();
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn an_account_that_organizations_does_not_list_is_undecided() {
    let mut org = clean();
    org.aws.accounts.retain(|account| account.name != "prod");
    assert_eq!(org.report().result(RULE).undecided, 1);
}

#[test]
fn an_excluded_account_is_out_of_scope() {
    let exclude = "[scope]\nexclude_accounts = [{ account = \"old\", reason = \"none\", approved_by = \"ciso\" }]";
    assert_eq!(org().config(exclude).report().subjects(RULE), ["g"]);
}

#[test]
fn the_fingerprint_outlives_renames() {
    let org =
        Org::new().person("a").direct("a", "Read", "prod").account_state("prod", Known::Value(AccountState::Closed));
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "new".into()));
}

#[test]
fn a_list_with_holes_still_shows_what_it_shows() {
    assert_eq!(org().gap(Fact::Accounts).report().subjects(RULE), ["a", "g"]);
}
