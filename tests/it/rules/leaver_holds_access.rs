use overstay::assess::FindingStatus;
use overstay::model::finding::{Confidence, Severity};
use overstay::model::{Fact, HrStatus, IdpStatus};

use super::org::{Org, at, directory_user, hr_record, idp_user};
use super::report::{needs, needs_whole, same_id};

const RULE: &str = "leaver-holds-access";

/// `a` and `c` left, `b` is here; all hold read access.
fn org() -> Org {
    let org = Org::new().person("a").person("b").person("c").group("readers", &["a", "b", "c"]);
    org.grouped("readers", "Read", "prod").gone("a", Some("2026-09-20T08:00:00Z")).gone("c", None)
}

fn clean() -> Org {
    Org::new().person("b").access("b", "Admin", "prod").person("left").gone("left", None)
}

fn severity(org: &Org) -> Severity {
    org.report().only(RULE).severity
}

#[test]
fn who_is_gone_is_named_before_and_after_who_is_here() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert_eq!(report.result(RULE).population, 3);
    let [a, c] = report.found(RULE) else { panic!() };
    assert!(a.detail.starts_with("Gone for 10 days: disabled in entra since 2026-09-20T08:00:00Z."), "{}", a.detail);
    assert!(c.detail.starts_with("Gone for at least 0 days, since when is not known"), "{}", c.detail);
    assert!(a.detail.contains("End tested: neither sign-in is blocked"), "{}", a.detail);
}

#[test]
fn who_is_here_or_holds_nothing_is_clean() {
    clean().report().clean(RULE);
}

#[test]
fn every_way_of_being_gone_counts() {
    for status in [IdpStatus::Suspended, IdpStatus::Disabled, IdpStatus::Deleted] {
        let org = Org::new().person("a").access("a", "Read", "prod").edit_idp("a", |user| user.status = status);
        assert_eq!(severity(&org), Severity::High, "{status:?}");
    }
    let ended = Org::new().person("a").access("a", "Read", "prod").hr("a", HrStatus::Terminated);
    assert_eq!(severity(&ended), Severity::High);
}

#[test]
fn severity_follows_privilege_age_and_state() {
    let one = Org::new().person("a").access("a", "Read", "prod");
    let admin = Org::new().person("a").access("a", "Admin", "prod");
    let lately = Some("2026-09-20T08:00:00Z");
    assert_eq!(severity(&one.clone().gone("a", lately)), Severity::High);
    assert_eq!(severity(&admin.clone().gone("a", lately)), Severity::Critical);
    assert_eq!(severity(&one.clone().gone("a", Some("2026-08-20T08:00:00Z"))), Severity::Critical, "stale");
    let blocked = admin.clone().gone("a", Some("2026-01-01T00:00:00Z")).disabled_in_aws("a");
    assert_eq!(severity(&blocked), Severity::Medium, "sign-in is blocked");
    assert!(
        blocked.report().only(RULE).detail.contains("sign-in is blocked in Identity Center, grants are not removed")
    );
}

#[test]
fn within_the_sla_it_is_pending_and_past_it_is_not() {
    let one = Org::new().person("a").access("a", "Admin", "prod");
    let within = one.clone().gone("a", Some("2026-09-29T17:00:00Z")).report();
    assert_eq!(within.only(RULE).status, FindingStatus::Pending);
    assert_eq!(within.only(RULE).severity, Severity::Info);
    let past = one.clone().gone("a", Some("2026-09-29T16:59:59Z")).report();
    assert_eq!(past.only(RULE).status, FindingStatus::Open);
    let unknown = one.gone("a", None).report();
    assert_eq!(unknown.only(RULE).status, FindingStatus::Open, "not certainly within it");
}

#[test]
fn missing_facts_are_never_clean() {
    needs(
        RULE,
        &clean(),
        &[Fact::IdpUsers, Fact::DirectoryUsers, Fact::Assignments, Fact::Memberships, Fact::DirectoryGroups],
    );
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks]);
    needs_whole(RULE, &clean().hr("b", HrStatus::Active), &[Fact::HrRecords]);
}

#[test]
fn a_lost_row_does_not_hide_a_leaver_found_by_id() {
    for fact in [Fact::IdpUsers, Fact::DirectoryUsers, Fact::Memberships, Fact::Assignments] {
        assert_eq!(org().gap(fact).report().subjects(RULE), ["a", "c"], "{fact}");
    }
}

#[test]
fn a_lost_row_leaves_who_is_found_by_name_undecided() {
    let by_name = Org::new().by_hand("a").idp_only(0, "a").access("a", "Read", "prod").gone("a", None);
    assert_eq!(by_name.report().only(RULE).confidence, Confidence::Low);
    let partial = by_name.gap(Fact::IdpUsers).report();
    partial.silent(RULE);
    assert_eq!(partial.result(RULE).undecided, 1);
}

#[test]
fn a_roster_with_holes_does_not_clear_whom_it_calls_ended() {
    let org = Org::new().person("a").access("a", "Read", "prod").hr("a", HrStatus::Terminated).gap(Fact::HrRecords);
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1, "the missing row may be a rehire");
}

#[test]
fn gone_means_gone_from_every_provider() {
    let mut org = Org::new().idp("okta").person("a").access("a", "Read", "prod").gone("a", None);
    org.idps[1].users.push(idp_user("a"));
    org.report().clean(RULE);
    org.idps[1].users[0].status = IdpStatus::Deleted;
    assert_eq!(org.report().subjects(RULE), ["a"]);
}

#[test]
fn a_rehire_is_here() {
    let mut old = hr_record("a", HrStatus::Terminated);
    old.employee_id = Some("7".into());
    let mut new = hr_record("a", HrStatus::Active);
    new.employee_id = Some("7".into());
    let org =
        Org::new().person("a").access("a", "Read", "prod").edit_idp("a", |user| user.employee_id = Some("7".into()));
    org.clone().hr_with(old.clone()).hr_with(new.clone()).report().clean(RULE);
    org.clone().hr_with(new).hr_with(old.clone()).report().clean(RULE);
    assert_eq!(org.hr_with(old).report().subjects(RULE), ["a"]);
}

#[test]
fn notice_given_is_not_gone() {
    let mut notice = hr_record("a", HrStatus::Terminated);
    notice.end = Some(at("2026-10-31T00:00:00Z"));
    let org = Org::new().person("a").access("a", "Read", "prod").hr_with(notice);
    org.clone().report().clean(RULE);
    assert_eq!(org.on("2026-11-30T00:00:00Z").report().subjects(RULE), ["a"]);
}

#[test]
fn an_ambiguous_link_accuses_nobody_and_clears_nobody() {
    let mut org = Org::new().by_hand("a").access("a", "Read", "prod").idp_only(0, "x").idp_only(0, "y");
    for user in &mut org.idps[0].users {
        user.email = Some("a@example.org".into());
        user.status = IdpStatus::Disabled;
    }
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn access_to_an_excluded_account_is_out_of_scope() {
    let exclude = "[scope]\nexclude_accounts = [{ account = \"prod\", reason = \"none\", approved_by = \"ciso\", expires = 2026-12-31 }]";
    org().config(exclude).report().clean(RULE);
    assert_eq!(org().config(exclude).on("2027-01-01T00:00:01Z").report().subjects(RULE), ["a", "c"], "ended");
}

#[test]
fn a_disabled_directory_user_alone_makes_nobody_gone() {
    Org::new().person("a").access("a", "Read", "prod").disabled_in_aws("a").report().clean(RULE);
}

#[test]
fn one_person_with_two_users_is_found_twice() {
    let mut org = Org::new().person("a").access("a", "Read", "prod").gone("a", None);
    let mut second = directory_user("a-admin");
    second.email = Some("a@example.org".into());
    second.external_ids = org.aws.users[0].external_ids.clone();
    org.aws.users.push(second);
    let org = org.direct("a-admin", "Admin", "prod");
    assert_eq!(org.report().subjects(RULE), ["a", "a-admin"]);
}

#[test]
fn the_fingerprint_outlives_renames_severity_and_time() {
    let org = Org::new().person("a").access("a", "Read", "prod").gone("a", Some("2026-09-20T08:00:00Z"));
    same_id(RULE, &org, &org.clone().edit_user("a", |user| user.user_name = "renamed@example.org".into()));
    same_id(RULE, &org, &org.clone().direct("a", "Admin", "prod"));
    same_id(RULE, &org, &org.clone().on("2027-03-01T00:00:00Z"));
    same_id(RULE, &org, &org.clone().config("[policy]\nseverity = { leaver-holds-access = \"low\" }"));
}

#[test]
fn thresholds_are_the_policys() {
    let org = Org::new().person("a").access("a", "Read", "prod").gone("a", Some("2026-09-20T08:00:00Z"));
    assert_eq!(severity(&org.clone().config("[policy]\nstale_after = \"5d\"")), Severity::Critical);
    assert_eq!(org.config("[policy]\nleaver_sla = \"30d\"").report().only(RULE).status, FindingStatus::Pending);
}

#[test]
fn an_address_of_two_employees_leaves_it_undecided() {
    let record = |id: &str, status| {
        let mut record = hr_record("a", status);
        record.employee_id = Some(id.into());
        record
    };
    let org = Org::new().person("a").access("a", "Read", "prod");
    let org = org.hr_with(record("1", HrStatus::Terminated)).hr_with(record("2", HrStatus::Active));
    let report = org.report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 1);
}
