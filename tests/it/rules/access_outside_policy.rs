use overstay::model::finding::Severity;
use overstay::model::{DeclaredLink, Fact, HrStatus};

use super::org::Org;
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "access-outside-policy";
const POLICY: &str = "[[access]]\nmatch = { group = \"engineers\" }\npermission_set = \"Read\"\naccounts = [\"prod\"]";

/// Policy gives engineers read access to prod; `a` and `c` hold more, `b` does not.
fn org() -> Org {
    let org = Org::new().account("dev").person("a").person("b").person("c").group("engineers", &["a", "b", "c"]);
    let org = org.grouped("engineers", "Read", "prod").direct("a", "Read", "dev").access("c", "Admin", "prod");
    org.config(POLICY)
}

fn clean() -> Org {
    let org = Org::new().person("b").group("engineers", &["b"]).grouped("engineers", "Read", "prod");
    org.config(POLICY)
}

#[test]
fn what_no_entry_allows_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.found(RULE)[0].severity, Severity::Medium);
    assert_eq!(report.found(RULE)[1].severity, Severity::High, "privileged");
    assert_eq!(report.result(RULE).population, 5);
    clean().report().clean(RULE);
}

#[test]
fn the_identity_provider_is_asked_and_not_identity_centers_own_groups() {
    let by_hand = Org::new().person("a").directory_group("engineers", &["a"]).idp_group("engineers", &[]);
    assert_eq!(by_hand.grouped("engineers", "Read", "prod").config(POLICY).report().subjects(RULE), ["a"]);
}

#[test]
fn two_paths_to_one_entitlement_are_one_finding() {
    let org = Org::new().person("a").access("a", "Read", "prod").direct("a", "Read", "prod").config(POLICY);
    assert_eq!(org.report().only(RULE).grants, 2);
}

#[test]
fn missing_facts_are_never_clean() {
    let facts = [Fact::IdpUsers, Fact::IdpGroups, Fact::PermissionSets, Fact::Assignments, Fact::Memberships];
    needs(RULE, &clean(), &facts);
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks]);
    Org::new().person("a").access("a", "Read", "prod").report().not_evaluated(RULE);
}

#[test]
fn groups_nobody_asked_for_accuse_nobody() {
    let mut org = Org::new().idp("okta").by_hand("a").idp_only(1, "a").direct("a", "Read", "prod").config(POLICY);
    org.idps[1].groups = None;
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn members_may_come_in_any_order() {
    let mut org = clean();
    org = org.person("z").group("more", &["z", "b"]).grouped("more", "Read", "prod");
    org.config("[[access]]\nmatch = { group = \"more\" }\npermission_set = \"Read\"\naccounts = [\"prod\"]")
        .report()
        .clean(RULE);
}

#[test]
fn people_who_are_gone_or_unknown_are_left_to_their_rules() {
    let gone = org().gone("a", None).gone("c", None).report();
    gone.clean(RULE);
    let mut ambiguous =
        Org::new().by_hand("a").idp_only(0, "x").idp_only(0, "y").direct("a", "Read", "prod").config(POLICY);
    for user in &mut ambiguous.idps[0].users {
        user.email = Some("a@example.org".into());
    }
    let report = ambiguous.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
    let declared = "[identities]\nbreak_glass = [{ user = \"a@*\", owner = \"o\" }, { user = \"c@*\", owner = \"o\" }]";
    org().config(declared).report().clean(RULE);
}

#[test]
fn a_roster_with_holes_leaves_whom_it_ended_undecided() {
    let report = org().hr("a", HrStatus::Terminated).gap(Fact::HrRecords).report();
    assert_eq!(report.subjects(RULE), ["c"]);
    assert!(report.result(RULE).undecided > 0);
}

#[test]
fn a_declared_link_carries_the_policy() {
    let mut org =
        Org::new().by_hand("odd").idp_only(0, "b").idp_group("engineers", &["b"]).direct("odd", "Read", "prod");
    org.links.push(DeclaredLink {
        identity_center_user: "odd@example.org".into(),
        idp_user: "b@example.org".into(),
        employee_id: None,
        origin: "links.csv, row 2".into(),
    });
    org.config(POLICY).report().clean(RULE);
}

#[test]
fn the_fingerprint_outlives_renames_and_paths() {
    let org = Org::new().person("a").direct("a", "Read", "prod").config(POLICY);
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "new".into()).access("a", "Read", "prod"));
}

#[test]
fn an_account_without_a_name_is_not_outside_policy_for_that() {
    let mut org = clean().gap(Fact::Accounts);
    org.aws.accounts.clear();
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1, "policy says `prod`, and which account that is was not read");
    let by_id =
        "[[access]]\nmatch = { group = \"engineers\" }\npermission_set = \"Read\"\naccounts = [\"100000000000\"]";
    let mut org = Org::new().person("b").group("engineers", &["b"]).grouped("engineers", "Read", "prod").config(by_id);
    org.aws.accounts.clear();
    assert_eq!(org.report().subjects(RULE), ["b"], "an id is known");
}

#[test]
fn a_permission_set_that_was_not_listed_is_undecided() {
    let mut org = clean();
    org.aws.permission_sets.clear();
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn organizational_units_that_were_not_read_accuse_nobody() {
    let policy =
        "[[access]]\nmatch = { group = \"engineers\" }\npermission_set = \"Read\"\naccounts = [\"ou:Workloads/*\"]";
    let org = Org::new().person("b").group("engineers", &["b"]).grouped("engineers", "Read", "prod").config(policy);
    assert_eq!(org.report().subjects(RULE), ["b"]);
    let mut unknown = org;
    for account in &mut unknown.aws.accounts {
        account.path = overstay::model::Known::Unknown("denied".into());
    }
    let report = unknown.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}
