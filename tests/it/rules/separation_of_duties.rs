use overstay::model::finding::Severity;
use overstay::model::{ExternalId, Fact, HrStatus};

use super::org::{ISSUER, Org, directory_user, idp_id};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "separation-of-duties";
const PAIR: &str = "[[separation_of_duties]]\nname = \"deploy and approve\"\nleft = { permission_set = \"Deploy\" }\nright = { permission_set = \"Approve\" }";

fn base() -> Org {
    Org::new().set("Deploy", "ReadOnlyAccess").set("Approve", "ReadOnlyAccess").config(PAIR)
}

/// `a` and `c` hold both, `b` one of them.
fn org() -> Org {
    let org = base().person("a").person("b").person("c").group("deployers", &["a", "b", "c"]);
    org.grouped("deployers", "Deploy", "prod").direct("a", "Approve", "prod").access("c", "Approve", "management")
}

fn clean() -> Org {
    base().person("b").access("b", "Deploy", "prod").person("d").access("d", "Approve", "prod")
}

#[test]
fn who_holds_both_sides_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::High && found.grants == 2));
    clean().report().clean(RULE);
}

#[test]
fn two_users_of_one_person_are_one_holder() {
    let mut org = clean();
    let mut user = directory_user("b-2");
    user.external_ids = vec![ExternalId { issuer: ISSUER.into(), id: idp_id("b").to_string() }];
    org.aws.users.push(user);
    assert_eq!(org.direct("b-2", "Approve", "prod").report().subjects(RULE), ["b"]);
}

#[test]
fn accounts_narrow_a_side_and_one_entitlement_is_no_pair() {
    let narrow = "[[separation_of_duties]]\nname = \"in prod\"\nleft = { permission_set = \"*\", account = \"prod\" }\nright = { permission_set = \"Read\", account = \"*\" }";
    let org = Org::new().person("a").access("a", "Read", "prod").config(narrow);
    org.report().clean(RULE);
    assert_eq!(org.access("a", "Read", "management").report().subjects(RULE), ["a"]);
}

#[test]
fn without_pairs_nothing_is_said_and_gone_or_break_glass_people_are_not_asked() {
    Org::new().person("a").access("a", "Read", "prod").report().not_evaluated(RULE);
    org().gone("a", None).gone("c", None).report().clean(RULE);
    let declared = "[identities]\nbreak_glass = [{ user = \"a@*\", owner = \"b@example.org\" }, { user = \"c@*\", owner = \"b@example.org\" }]";
    org().config(declared).report().clean(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &clean(), &[Fact::Assignments, Fact::Memberships, Fact::PermissionSets, Fact::DirectoryUsers]);
    needs_whole(RULE, &clean(), &[Fact::Accounts, Fact::IdpUsers, Fact::DeclaredLinks]);
    needs_whole(RULE, &clean().hr("b", HrStatus::Active), &[Fact::HrRecords]);
}

#[test]
fn the_fingerprint_outlives_renames() {
    same_id(RULE, &org(), &org().edit_user("a", |user| user.display_name = None).direct("a", "Deploy", "prod"));
}
