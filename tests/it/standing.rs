//! Where people stand when several sources speak of them.

use overstay::model::application::ExternalIdSource;
use overstay::model::{DeclaredLink, HrStatus, IdpStatus, Known};

use crate::rules::org::{Org, address, at, hr_record, idp_user};

/// A directory user's standing, since when, and the reason.
fn standing(org: &Org, user: u32) -> (String, String, String) {
    org.reconcile(|ledger| {
        let fact = &ledger.person_of(user).unwrap().standing;
        let since =
            fact.since.map_or_else(String::new, |since| format!("{:?}..{:?}", since.earliest(), since.latest()));
        (fact.standing.as_str().to_owned(), since, fact.reason.clone())
    })
}

/// `a` in entra and in okta, by the same Identity Center user.
fn two_providers() -> Org {
    let mut org = Org::new().idp("okta").person("a").access("a", "Read", "prod");
    let mut record = idp_user("a");
    record.origin = "okta.csv, a".into();
    org.idps[1].users.push(record);
    org
}

fn disabled_in(mut org: Org, idp: usize) -> Org {
    org.idps[idp].users[0].status = IdpStatus::Disabled;
    org
}

#[test]
fn with_no_word_on_who_signs_in_every_record_counts() {
    let org = disabled_in(two_providers(), 0);
    assert_eq!(standing(&org, 0).0, "active");
    assert_eq!(standing(&disabled_in(org, 1), 0).0, "disabled");
}

#[test]
fn the_provider_that_signs_in_to_aws_decides() {
    let app = |org: Org, idp| org.application(idp, |app| app.external_id = Known::Value(ExternalIdSource::Id));
    let gone = app(disabled_in(two_providers(), 0), 0);
    let (word, _, reason) = standing(&gone, 0);
    assert_eq!(word, "disabled");
    assert!(reason.contains("active in okta, which does not sign people in to AWS"), "{reason}");
    assert_eq!(gone.report().subjects("leaver-holds-access"), ["a"]);
    assert_eq!(standing(&app(disabled_in(two_providers(), 1), 0), 0).0, "active");
    let both = app(app(disabled_in(two_providers(), 0), 0), 1);
    assert_eq!(standing(&both, 0).0, "active", "okta signs in as well");
    let off = app(disabled_in(two_providers(), 0), 0).application(0, |app| app.enabled = Known::Value(false));
    assert_eq!(standing(&off, 0).0, "active", "nobody signs in by an application that is off");
}

#[test]
fn whoever_has_no_record_where_sign_in_happens_is_judged_by_the_others() {
    let mut org = two_providers().application(0, |_| {});
    org.idps[0].users.clear();
    assert_eq!(standing(&org, 0).0, "active");
    assert_eq!(standing(&disabled_in(org, 1), 0).0, "disabled");
}

#[test]
fn two_records_are_one_person_by_the_same_hr_record() {
    let org = |number: Option<&str>| {
        let mut org = Org::new().idp("okta").person("a").access("a", "Read", "prod").gone("a", None);
        let mut other = idp_user("a.admin");
        for record in [&mut org.idps[0].users[0], &mut other] {
            record.employee_id = number.map(str::to_owned);
        }
        org.idps[1].users.push(other);
        let mut roster = hr_record("a", HrStatus::Active);
        roster.employee_id = Some("7".into());
        org.hr_with(roster)
    };
    assert_eq!(standing(&org(Some("7")), 0).0, "active", "okta's record of the same employee is active");
    let (word, _, reason) = standing(&org(None), 0);
    assert_eq!(word, "active", "HR is the authority on who left");
    assert!(reason.contains("HR: employed") && reason.contains("disabled in entra"), "{reason}");
    let mut unlike = org(Some("7"));
    unlike.idps[1].users[0] = idp_user("b");
    unlike.idps[1].users[0].employee_id = Some("7".into());
    assert_ne!(standing(&unlike, 0).0, "disabled", "HR employs the person");
}

#[test]
fn an_admin_account_beside_the_normal_one_is_the_same_person() {
    let mut org =
        Org::new().person("a").person("a.admin").access("a", "Read", "prod").access("a.admin", "Admin", "prod");
    for user in &mut org.idps[0].users {
        user.employee_id = Some("7".into());
    }
    let mut roster = hr_record("a", HrStatus::Active);
    roster.employee_id = Some("7".into());
    let org = org.hr_with(roster);
    assert_eq!(org.report().subjects("duplicate-identity"), ["a"]);
    let one = org.clone().gone("a", None);
    assert_eq!((standing(&one, 0).0, standing(&one, 1).0), ("active".to_owned(), "active".to_owned()));
    let both = one.clone().gone("a.admin", None);
    assert_eq!(one.report().subjects("disabled-account-holds-access"), ["a"], "the other account is active");
    assert_eq!(both.report().subjects("disabled-account-holds-access"), ["a", "a.admin"], "each user is a finding");
    both.report().silent("leaver-holds-access");
    let mut ended = org;
    ended.hr.as_mut().unwrap().records[0].status = HrStatus::Terminated;
    assert_eq!(ended.report().subjects("leaver-holds-access"), ["a", "a.admin"], "HR ends both");
    assert_eq!(ended.report().subjects("terminated-still-enabled"), ["a", "a.admin"]);
}

#[test]
fn a_contractor_who_became_an_employee_is_here() {
    // Provisioned as a contractor; the contract ended, and the employee has a record and a number of their own.
    let mut org = Org::new().person("c").idp_only(0, "e").access("c", "Read", "prod");
    for (name, number, status) in [("c", "C1", HrStatus::Terminated), ("e", "E2", HrStatus::Active)] {
        org = org.edit_idp(name, |user| user.employee_id = Some(number.into()));
        let mut roster = hr_record(name, status);
        roster.employee_id = Some(number.into());
        org = org.hr_with(roster);
    }
    let undeclared = org.clone().gone("c", None);
    assert_eq!(standing(&undeclared, 0).0, "ended", "nothing but the operator's word makes them one");
    for name in ["e", "c"] {
        org.links.push(DeclaredLink {
            identity_center_user: address("c"),
            idp_user: address(name),
            employee_id: None,
            origin: "links.csv".into(),
        });
    }
    let declared = org.gone("c", None);
    assert_eq!(standing(&declared, 0).0, "active");
    let report = declared.report();
    for rule in ["leaver-holds-access", "terminated-still-enabled", "reused-identity", "duplicate-identity"] {
        report.clean(rule);
    }
}

#[test]
fn whoever_ended_is_gone_since_the_first_of_the_reasons() {
    let ended = |disabled: Option<Option<&str>>| {
        let mut roster = hr_record("a", HrStatus::Terminated);
        roster.end = Some(at("2026-09-10T00:00:00Z"));
        let org = Org::new().person("a").access("a", "Read", "prod").hr_with(roster);
        let org = match disabled {
            Some(since) => org.gone("a", since),
            None => org,
        };
        standing(&org, 0)
    };
    let day = |day: &str| format!("Some({day}T00:00:00Z)..Some({day}T00:00:00Z)");
    assert_eq!(ended(None).1, day("2026-09-10"));
    assert_eq!(ended(Some(None)).1, day("2026-09-10"), "when it was disabled is not known");
    assert_eq!(ended(Some(Some("2026-09-20T00:00:00Z"))).1, day("2026-09-10"));
    let (word, since, reason) = ended(Some(Some("2026-08-01T00:00:00Z")));
    assert_eq!((word.as_str(), since), ("ended", day("2026-08-01")));
    assert!(reason.contains("2026-09-10") && reason.contains("disabled in entra since 2026-08-01"), "{reason}");
}

#[test]
fn a_directory_that_tells_the_last_change_of_anything_bounds_the_time() {
    let when = "2026-09-01T00:00:00Z";
    let org = |kind: &str| {
        let mut org = Org::new().person("a").access("a", "Read", "prod").gone("a", Some(when));
        org.idps[0].kind = kind.to_owned();
        org
    };
    for kind in ["ldap", "scim"] {
        let (word, since, reason) = standing(&org(kind), 0);
        assert_eq!((word.as_str(), since.as_str()), ("disabled", "None..Some(2026-09-01T00:00:00Z)"));
        assert!(reason.contains("since at the latest 2026-09-01"), "{reason}");
        // Too long counted from then is too long; whether it was within the deadline, nobody knows.
        assert_eq!(org(kind).report().subjects("leaver-holds-access"), ["a"]);
        let cells = org(kind).cells("leavers.csv", &["idp_disabled_at", "idp_disabled_latest"]);
        assert_eq!(cells, [["unknown", when]]);
    }
    assert_eq!(standing(&org("okta"), 0).1, "Some(2026-09-01T00:00:00Z)..Some(2026-09-01T00:00:00Z)");
}

#[test]
fn a_record_that_contradicts_itself_makes_nobody_active_and_nobody_gone() {
    let unclear = |mut org: Org, idp: usize| {
        org.idps[idp].users[0].contradiction = Some("`enabled` is `yes` and `deleted` is `soon`".to_owned());
        org
    };
    let org = Org::new().person("a").access("a", "Read", "prod");
    let (word, _, reason) = standing(&unclear(org.clone(), 0), 0);
    assert_eq!(word, "unknown");
    assert!(reason.contains("in entra contradicts itself: `enabled` is `yes` and `deleted` is `soon`"), "{reason}");
    let report = unclear(org.clone(), 0).report();
    assert!(report.subjects("leaver-holds-access").is_empty());
    // The end in HR stands, and whether the account is still enabled is not known.
    let left = unclear(org, 0).hr("a", HrStatus::Terminated);
    assert_eq!(standing(&left, 0).0, "ended");
    let report = left.report();
    assert!(report.subjects("terminated-still-enabled").is_empty());
    assert_eq!(report.result("terminated-still-enabled").undecided, 1);
    assert_eq!(standing(&unclear(disabled_in(two_providers(), 0), 1), 0).0, "unknown");
}

#[test]
fn a_status_that_is_not_known_makes_the_standing_unknown_and_nobody_else_s() {
    let org = Org::new().person("a").access("a", "Read", "prod").person("b").access("b", "Read", "prod");
    let org = org.edit_idp("a", |user| {
        user.status = IdpStatus::Unknown;
        user.status_changed_at = Known::Unknown("the status `HIBERNATING` is not known".to_owned());
    });
    let (word, since, reason) = standing(&org, 0);
    assert_eq!((word.as_str(), since.as_str()), ("unknown", ""));
    assert!(reason.contains("a@example.org in entra is not known (the status `HIBERNATING` is not known)"), "{reason}");
    assert_eq!(standing(&org, 1).0, "active");
    let report = org.report();
    for rule in ["leaver-holds-access", "orphaned-identity"] {
        report.silent(rule);
        assert_eq!(report.result(rule).undecided, 1, "{rule}");
    }
    // HR's end decides whatever the account is.
    let ended = org.hr("a", HrStatus::Terminated);
    assert_eq!(standing(&ended, 0).0, "ended");
    assert_eq!(ended.report().result("terminated-still-enabled").undecided, 1);
    // Another record that works keeps the person here, and one that is gone does not clear the unknown one.
    let mut two = two_providers();
    two.idps[0].users[0].status = IdpStatus::Unknown;
    assert_eq!(standing(&two, 0).0, "active");
    assert_eq!(standing(&disabled_in(two, 1), 0).0, "unknown");
}

#[test]
fn a_status_that_has_not_changed_since_an_instant_is_at_least_as_old() {
    let org = Org::new().person("a").access("a", "Read", "prod").gone("a", None);
    let org = org.edit_idp("a", |user| user.status_unchanged_since = Some(at("2026-08-15T00:00:00Z")));
    let (word, since, reason) = standing(&org, 0);
    assert_eq!(word, "disabled");
    assert!(since.starts_with("None..") && since.contains("2026-08-15T00:00:00Z"), "{since}");
    assert!(reason.contains("since at the latest 2026-08-15T00:00:00Z"), "{reason}");
    use overstay::model::finding::Severity;
    assert_eq!(org.report().only("leaver-holds-access").severity, Severity::Critical, "longer than stale_after");
}

#[test]
fn a_leaver_who_is_to_return_is_a_leaver_until_then() {
    let mut old = hr_record("a", HrStatus::Terminated);
    old.end = Some(at("2026-05-02T00:00:00Z"));
    let mut new = hr_record("a", HrStatus::NotStarted);
    new.start = Some(at("2027-01-01T00:00:00Z"));
    let org = Org::new().person("a").access("a", "Read", "prod").hr_with(old).hr_with(new);
    let report = org.report();
    let found = report.only("leaver-holds-access");
    assert!(found.detail.contains("a new engagement starts at 2027-01-01"), "{}", found.detail);
    report.silent("access-before-start");
}

#[test]
fn contradicting_cells_of_hr_accuse_nobody_and_clear_nobody() {
    let org = |start: Option<&str>| {
        let mut record = hr_record("a", HrStatus::Active);
        (record.start, record.end) = (start.map(at), Some(at("2024-06-01T00:00:00Z")));
        Org::new().person("a").access("a", "Read", "prod").hr_with(record)
    };
    let contradicted = org(Some("2019-03-01T00:00:00Z"));
    let (word, _, reason) = standing(&contradicted, 0);
    assert_eq!(word, "unknown");
    assert!(reason.contains("status active contradicts the end date 2024-06-01"), "{reason}");
    let report = contradicted.report();
    for rule in ["leaver-holds-access", "terminated-still-enabled"] {
        report.silent(rule);
        assert_eq!(report.result(rule).undecided, 1, "{rule}");
    }
    let gone = contradicted.gone("a", None);
    assert_eq!(gone.report().subjects("leaver-holds-access"), ["a"], "the identity provider disabled the account");
}

#[test]
fn a_time_after_the_collection_is_no_evidence_of_when() {
    let org = Org::new().person("a").access("a", "Read", "prod").gone("a", Some("2030-01-01T00:00:00Z"));
    let (word, since, reason) = standing(&org, 0);
    assert_eq!(word, "disabled");
    assert!(since.starts_with("None..Some(2026"), "{since}");
    assert!(reason.contains("after the collection"), "{reason}");
    assert_eq!(org.report().only("leaver-holds-access").status, overstay::assess::FindingStatus::Open);
}
