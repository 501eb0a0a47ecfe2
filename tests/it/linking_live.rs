//! Who is who by what only live sources tell: the provisioner's own records, the schema of its job, further ids.

use overstay::model::application::{ExternalIdSource, ProvisionedGroup};
use overstay::model::finding::Confidence;
use overstay::model::person::IdKey;
use overstay::model::{DeclaredLink, ExternalId, Fact, IdpStatus, Known};
use overstay::reconcile::ExternalIdMapping;
use proptest::prelude::*;

use crate::linking::{first, links};
use crate::rules::org::{ISSUER, Org, group_id, idp_id};

fn declare(mut org: Org, user: &str, record: &str) -> Org {
    org.links.push(DeclaredLink {
        identity_center_user: format!("u-{user}"),
        idp_user: idp_id(record).to_string(),
        employee_id: None,
        origin: format!("links.csv, row {}", org.links.len() + 2),
    });
    org
}

/// `user` carries this external id of the present tenant.
fn external(org: Org, user: &str, id: &str) -> Org {
    org.edit_user(user, |record| record.external_ids = vec![ExternalId { issuer: ISSUER.into(), id: id.into() }])
}

fn mappings(org: &Org) -> Vec<ExternalIdMapping> {
    org.reconcile(|ledger| ledger.links().mappings().to_vec())
}

#[test]
fn the_provisioners_own_record_goes_before_every_id_and_name() {
    let org = Org::new().person("a").idp_only(0, "x").provisioned("a", "x");
    assert_eq!(
        first(&org, "a"),
        "target_id strong users.csv, x not [\"users.csv, a\", \"users.csv, a\", \"users.csv, a\"]"
    );
    assert_eq!(org.report().subjects("reused-identity"), ["a"], "its external id and its name are another's");
}

#[test]
fn the_operators_word_goes_before_the_provisioners_record() {
    let org = declare(Org::new().by_hand("a").idp_only(0, "x").idp_only(0, "y").provisioned("a", "x"), "a", "y");
    assert_eq!(first(&org, "a"), "declared strong users.csv, y not [\"users.csv, x\"]");
}

#[test]
fn two_records_of_one_target_make_no_link() {
    let org = Org::new().person("a").idp_only(0, "x").provisioned("a", "x").provisioned("a", "a");
    assert!(first(&org, "a").starts_with("ambiguous by target_id"), "{}", first(&org, "a"));
    assert_eq!(org.report().subjects("ambiguous-identity"), ["a"]);
}

#[test]
fn a_record_made_for_somebody_who_is_not_there_is_told_and_proves_nothing() {
    // Made for `old`, whom the provider has no more; `a` bears the name now.
    let org = Org::new().by_hand("a").idp_only(0, "a").provisioned("a", "old").direct("a", "Read", "prod");
    assert_eq!(first(&org, "a"), "user_name weak users.csv, a not []");
    let report = org.report();
    let found = report.only("reused-identity");
    assert_eq!(found.confidence, Confidence::Low);
    assert!(found.detail.contains("made this user for 0b-old, who is not in entra"), "{}", found.detail);
    org.gap(Fact::IdpUsers).report().silent("reused-identity");
}

#[test]
fn a_record_of_another_provider_links_nobody() {
    let mut org = Org::new().idp("okta").by_hand("a").idp_only(1, "x");
    org = org.provisioned("a", "x");
    assert_eq!(links(&org)["u-a"], ["not found", "not found"], "entra's record names a user that okta has");
}

#[test]
fn further_ids_are_voted_on_and_hold_as_well_as_they_last() {
    let nickname = |org: Org, name: &str, key| {
        let org = external(org.by_hand(name).idp_only(0, &format!("x{name}")), name, &format!("nick.{name}"));
        org.edit_idp(&format!("x{name}"), |user| user.keys.push((key, format!("NICK.{name}"))))
    };
    let by = |key| nickname(nickname(Org::new(), "a", key), "b", key);
    let org = by(IdKey::MailNickname);
    assert_eq!(first(&org, "a"), "external_id medium users.csv, xa not []");
    let [mapping] = &mappings(&org)[..] else { panic!("{:?}", mappings(&org)) };
    assert_eq!(mapping.attribute.as_str(), "mail_nickname");
    assert_eq!(mapping.basis(), "inferred from 2 of 2 users");
    assert_eq!(first(&by(IdKey::OnPremisesImmutableId), "b"), "external_id strong users.csv, xb not []");
    assert_eq!(first(&by(IdKey::ExternalId), "b"), "external_id medium users.csv, xb not []");
    let alone = nickname(Org::new(), "a", IdKey::MailNickname);
    assert_eq!(first(&alone, "a"), "not found", "one coincidence makes no mapping");
    assert_eq!(mappings(&alone), []);
}

#[test]
fn the_schema_decides_where_it_was_read() {
    // Every external id is somebody's object id and somebody else's mail nickname.
    let mut org = Org::new().person("a").person("b");
    for (name, nickname) in [("a", "b"), ("b", "a")] {
        org = org.edit_idp(name, |user| user.keys.push((IdKey::MailNickname, idp_id(nickname).to_string())));
    }
    assert!(first(&org, "a").starts_with("external_id strong users.csv, a"));
    assert!(!mappings(&org)[0].from_schema);
    let org = org.application(0, |app| {
        app.external_id = Known::Value(ExternalIdSource::Key(IdKey::MailNickname));
    });
    assert!(first(&org, "a").starts_with("external_id medium users.csv, b"), "{}", first(&org, "a"));
    assert_eq!(mappings(&org)[0].basis(), "read from the provisioning job's schema; it explains 2 of 2 users");
    let one = external(Org::new().by_hand("a").idp_only(0, "x"), "a", "nick").edit_idp("x", |user| {
        user.keys.push((IdKey::MailNickname, "nick".into()));
    });
    let one = one.application(0, |app| app.external_id = Known::Value(ExternalIdSource::Key(IdKey::MailNickname)));
    assert_eq!(first(&one, "a"), "external_id medium users.csv, x not []", "what is read needs no votes");
}

#[test]
fn a_schema_that_explains_nobody_is_shown_as_such() {
    let org = external(Org::new().person("a"), "a", "00u1").application(0, |app| {
        app.external_id = Known::Value(ExternalIdSource::Id);
    });
    assert_eq!(first(&org, "a"), "user_name weak users.csv, a not []");
    assert_eq!(mappings(&org)[0].basis(), "read from the provisioning job's schema; it explains 0 of 1 users");
}

#[test]
fn every_row_of_the_links_file_is_one_of_the_users_records() {
    // A contractor's record and the employee's, both declared to be this user.
    let org = Org::new().by_hand("a").idp_only(0, "c").idp_only(0, "e").direct("a", "Read", "prod");
    let org = declare(declare(org, "a", "e"), "a", "c").edit_idp("c", |user| user.status = IdpStatus::Disabled);
    assert_eq!(first(&org, "a"), "declared strong users.csv, e not []");
    org.reconcile(|ledger| {
        let person = ledger.person_of(0).unwrap();
        assert_eq!(person.idp_users.len(), 2);
        assert_eq!(person.standing.standing.as_str(), "active");
    });
    let org = org.gone("e", None);
    assert_eq!(org.report().subjects("leaver-holds-access"), ["a"], "both records are gone now");
}

#[test]
fn a_declared_name_that_two_records_bear_is_no_link() {
    let mut org = Org::new().by_hand("a").idp_only(0, "x").idp_only(0, "y");
    org = org.edit_idp("y", |user| user.user_name = "x@example.org".into());
    org.links.push(DeclaredLink {
        identity_center_user: "u-a".into(),
        idp_user: "x@example.org".into(),
        employee_id: None,
        origin: "links.csv, row 2".into(),
    });
    assert!(first(&org, "a").starts_with("ambiguous by declared"));
}

#[test]
fn groups_correspond_by_the_provisioners_record_before_ids_and_names() {
    // `ops` in Identity Center was made for the provider's `platform`; another group of the provider is called `ops`.
    let org = Org::new().person("a").person("b").idp_group("platform", &["a"]).idp_group("ops", &["b"]);
    let org = org.directory_group("ops", &["a"]).grouped("ops", "Read", "prod");
    assert_eq!(org.report().subjects("membership-drift"), ["a"], "by name");
    let org = org.application(0, |app| {
        app.provisioned_groups.push(ProvisionedGroup {
            group: "0c-platform".parse().unwrap(),
            target: group_id("ops").to_string(),
            origin: "group push".into(),
        });
    });
    org.report().clean("membership-drift");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever names and external ids say, the provisioner's one record decides; and the order of records never does.
    #[test]
    fn one_record_of_the_provisioner_decides(
        made in proptest::collection::vec((0usize..5, 0usize..7), 0..8),
        turn in 0usize..8,
    ) {
        let names = ["a", "b", "c", "d", "e"];
        let mut org = names.iter().fold(Org::new(), |org, name| org.person(name));
        for (target, user) in &made {
            // The last two are not there any more.
            org = org.provisioned(names[*target], ["a", "b", "c", "d", "e", "old-1", "old-2"][*user]);
        }
        let found = links(&org);
        for (at, name) in names.iter().enumerate() {
            let mut mine: Vec<usize> =
                made.iter().filter(|(target, user)| *target == at && *user < 5).map(|(_, user)| *user).collect();
            mine.sort_unstable();
            mine.dedup();
            let outcome = &found[&format!("u-{name}")][0];
            match mine.as_slice() {
                [] => prop_assert!(outcome.starts_with(&format!("external_id strong users.csv, {name} ")), "{outcome}"),
                [one] => {
                    let expected = format!("target_id strong users.csv, {} ", names[*one]);
                    prop_assert!(outcome.starts_with(&expected), "{outcome}");
                }
                _ => prop_assert!(outcome.starts_with("ambiguous by target_id"), "{outcome}"),
            }
        }
        let mut other = org.clone();
        if let Some(application) = &mut other.idps[0].application {
            let turn = turn % application.provisioned_users.len().max(1);
            application.provisioned_users.rotate_left(turn);
        }
        other.idps[0].users.reverse();
        prop_assert_eq!(found, links(&other));
    }
}
