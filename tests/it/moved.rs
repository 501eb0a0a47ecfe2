//! A directory that was moved from one identity source to another: not at all, halfway, and not yet.

use overstay::model::application::ExternalIdSource;
use overstay::model::finding::{Confidence, Severity};
use overstay::model::{ExternalId, Fact, IdpStatus, Known};
use overstay::rules::Verdict;

use crate::rules::org::{ISSUER, Org, address};

const OLD: &str = "https://scim.example/tenant-0";
const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
const PER_USER: [&str; 4] = ["orphaned-identity", "reused-identity", "ambiguous-identity", "identity-mismatch"];

/// Eight people with access by groups of their own; the first `old` of them still carry ids of the old source.
fn directory(old: usize) -> Org {
    let mut org = Org::new();
    for name in NAMES {
        org = org.person(name).access(name, "Read", "prod");
    }
    for name in &NAMES[..old] {
        org = org.edit_user(name, |user| {
            user.external_ids = vec![ExternalId { issuer: OLD.to_owned(), id: format!("00u{name}") }];
        });
    }
    if old == NAMES.len() {
        // Then its groups are the old source's as well.
        for group in &mut org.aws.groups {
            group.external_ids = vec![ExternalId { issuer: OLD.to_owned(), id: format!("00g{}", group.name) }];
        }
    }
    org.idps[0].kind = "entra".into();
    org
}

/// The provider says that it gives out its own ids.
fn schema(org: Org) -> Org {
    org.application(0, |app| app.external_id = Known::Value(ExternalIdSource::Id))
}

#[test]
fn a_directory_that_was_not_moved_is_clean() {
    let report = schema(directory(0)).report();
    report.clean("unmanaged-identity");
    for rule in PER_USER {
        report.clean(rule);
    }
}

#[test]
fn a_move_that_is_halfway_is_one_finding_whichever_side_is_larger() {
    for old in [5, 7] {
        let report = directory(old).report();
        let found = report.only("unmanaged-identity");
        assert_eq!(found.subject, "arn:aws:sso:::instance/ssoins-1");
        assert!(found.detail.starts_with(&format!("{old} of 8 users")), "{}", found.detail);
        assert!(found.detail.contains(OLD) && found.detail.contains(ISSUER), "{}", found.detail);
        assert!(found.detail.contains(&format!("{old} of the users are known to a configured provider")));
        assert_eq!((found.severity, found.confidence), (Severity::Medium, Confidence::High));
        for rule in PER_USER {
            report.silent(rule);
        }
    }
    let privileged = directory(5).access("b", "Admin", "prod").report();
    assert_eq!(privileged.only("unmanaged-identity").severity, Severity::High);
}

#[test]
fn a_few_that_were_left_behind_are_named() {
    assert_eq!(directory(2).report().subjects("unmanaged-identity"), ["a", "b"]);
}

#[test]
fn a_move_that_has_not_begun_is_one_finding_where_the_providers_ids_are_known() {
    let report = schema(directory(8)).report();
    let found = report.only("unmanaged-identity");
    assert!(found.detail.contains("no configured provider has these ids"), "{}", found.detail);
    assert!(found.detail.contains("8 of the users are known"), "{}", found.detail);
    assert_eq!(found.confidence, Confidence::Medium);
    for rule in PER_USER {
        report.silent(rule);
    }
}

#[test]
fn ids_of_an_attribute_that_was_not_read_prove_no_move() {
    let report = directory(8).report();
    report.silent("unmanaged-identity");
    assert_eq!(report.result("unmanaged-identity").undecided, 8);
    assert!(matches!(&report.result("unmanaged-identity").verdict, Verdict::Partial(why) if why[0].contains("8 of 8")));
    let mut files = directory(8);
    files.idps[0].kind = "csv".into();
    files.report().clean("unmanaged-identity");
}

#[test]
fn whom_neither_id_nor_name_finds_after_a_move_is_inconclusive() {
    let mut org = schema(directory(8));
    org.idps[0].users.retain(|user| user.user_name != address("c"));
    let report = org.report();
    // No external id was seen to be one of the provider's, whatever its schema promises: the user may have a new name there.
    report.silent("orphaned-identity");
    assert_eq!(report.result("orphaned-identity").undecided, 1);
}

#[test]
fn where_nothing_ties_the_directory_to_the_providers_nobody_is_an_orphan() {
    let mut org = schema(directory(8)).by_hand("i").access("i", "Read", "prod");
    for user in &mut org.idps[0].users {
        user.user_name = format!("new-{}", user.user_name);
        user.email = None;
    }
    let report = org.report();
    report.silent("orphaned-identity");
    assert_eq!(report.result("orphaned-identity").undecided, 9);
    assert_eq!(report.subjects("unmanaged-identity").len(), 2, "the instance, and whoever was made by hand");
    org.clone().directory_group("x", &["a"]).grouped("x", "Read", "prod").report().silent("unmanaged-group");
    // A provider that was not read whole ties nothing and unties nothing.
    org.gap(Fact::IdpUsers).report().not_evaluated("orphaned-identity");
}

#[test]
fn people_who_are_gone_stay_gone_through_a_move() {
    let org = directory(6).edit_idp("a", |user| user.status = IdpStatus::Disabled);
    let report = org.report();
    assert_eq!(report.subjects("leaver-holds-access"), ["a"]);
    assert_eq!(report.only("leaver-holds-access").confidence, Confidence::Low, "known by name only");
}
