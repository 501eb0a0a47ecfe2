use overstay::model::finding::Severity;
use overstay::model::{Fact, HrStatus};

use super::org::Org;
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "unowned-permission-set";

fn entry(set: &str, owner: &str) -> String {
    format!(
        "[[access]]\nmatch = {{ person = \"p@*\" }}\npermission_set = \"{set}\"\naccounts = [\"*\"]\nowner = \"{owner}@example.org\""
    )
}

/// `Mid` is owned by `p`; nobody owns `Admin` and `Read`.
fn org() -> Org {
    let org = Org::new().set("Mid", "ReadOnlyAccess").person("p").person("q").access("p", "Admin", "prod");
    org.access("p", "Mid", "prod").access("p", "Read", "prod").config(&entry("Mid", "p"))
}

fn clean() -> Org {
    Org::new().person("p").person("q").access("p", "Read", "prod").config(&entry("Read", "q"))
}

#[test]
fn sets_in_use_without_an_owner_are_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["Admin", "Read"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Medium, "privileged");
    assert_eq!(report.found(RULE)[1].severity, Severity::Low);
    clean().report().clean(RULE);
}

#[test]
fn an_owner_who_is_gone_owns_nothing() {
    let gone = clean().gone("q", None).report();
    assert!(gone.only(RULE).detail.contains("Its owner is gone: q@example.org"), "{}", gone.only(RULE).detail);
    let ended = clean().hr("q", HrStatus::Terminated).report();
    assert_eq!(ended.subjects(RULE), ["Read"]);
    let second = entry("Rea?", "p");
    clean().gone("q", None).config(&second).report().clean(RULE);
}

#[test]
fn account_owners_and_shared_mailboxes_own_too() {
    let accounts = "[review]\nowners = [{ account = \"prod\", owner = \"p@example.org\" }]";
    org().config(accounts).report().clean(RULE);
    assert_eq!(
        org().access("p", "Read", "management").config(accounts).report().subjects(RULE),
        ["Read"],
        "all of its accounts"
    );
    Org::new().person("p").access("p", "Read", "prod").config(&entry("Read", "team")).report().clean(RULE);
}

#[test]
fn what_break_glass_alone_holds_is_owned_by_its_owner() {
    let declared = "[identities]\nbreak_glass = [{ user = \"bg@*\", owner = \"p@example.org\" }]";
    clean().by_hand("bg").direct("bg", "Admin", "prod").config(declared).report().clean(RULE);
}

#[test]
fn where_no_owner_is_named_nothing_is_said() {
    Org::new().person("p").access("p", "Read", "prod").report().not_evaluated(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::PermissionSets, Fact::Assignments]);
    needs_whole(RULE, &clean(), &[Fact::IdpUsers, Fact::Accounts]);
    needs_whole(RULE, &clean().hr("p", HrStatus::Active), &[Fact::HrRecords]);
}

#[test]
fn the_fingerprint_outlives_further_use() {
    same_id(RULE, &org(), &org().access("p", "Admin", "management").access("q", "Read", "prod"));
}
