//! Who is who: the identity ladder under every order, spelling and duplication.

use std::collections::BTreeMap;

use overstay::model::{DeclaredLink, HrStatus, IdpUser};
use overstay::reconcile::{HrBasis, LinkOutcome, Rung, Strength};
use proptest::prelude::*;

use crate::rules::org::{Org, address, directory_user, hr_record, idp_id, idp_user};

/// What the ladder gave, by ids instead of positions: rung and strength, and the record or the candidates.
pub(crate) fn links(org: &Org) -> BTreeMap<String, Vec<String>> {
    org.reconcile(|ledger| {
        let outcome = |outcome: &LinkOutcome| match outcome {
            LinkOutcome::Linked(link) => {
                let record = ledger.idp_user((link.idp, link.user)).unwrap();
                let others: Vec<&str> = link
                    .contradictions
                    .iter()
                    .map(|(_, other)| ledger.idp_user((link.idp, *other)).unwrap().origin.as_str())
                    .collect();
                format!("{} {} {} not {others:?}", link.rung.as_str(), link.strength.as_str(), record.origin)
            }
            LinkOutcome::Ambiguous { rung, candidates, claimants } => {
                let mut names: Vec<String> =
                    candidates.iter().map(|at| ledger.idp_user((0, *at)).unwrap().origin.clone()).collect();
                names.sort();
                format!("ambiguous by {} {names:?} claimed by {claimants}", rung.as_str())
            }
            LinkOutcome::NotFound => "not found".to_owned(),
        };
        (0u32..)
            .zip(ledger.users())
            .map(|(at, user)| (user.id.to_string(), ledger.links().of_user(at).iter().map(outcome).collect()))
            .collect()
    })
}

/// The roster rows of each provider user, by where they stand in the file.
fn hr_links(org: &Org) -> BTreeMap<String, Vec<String>> {
    org.reconcile(|ledger| {
        let hr = ledger.snapshot().hr().unwrap();
        let users = (0u32..).zip(&ledger.snapshot().idps()[0].users);
        users
            .map(|(at, user)| {
                let link = ledger.links().hr_of((0, at)).unwrap();
                let mut rows: Vec<String> =
                    link.records.iter().map(|row| hr.records[*row as usize].origin.clone()).collect();
                rows.sort();
                (user.origin.clone(), rows)
            })
            .collect()
    })
}

pub(crate) fn first(org: &Org, user: &str) -> String {
    links(org)[&format!("u-{user}")][0].clone()
}

/// Which of a handful of names, addresses and numbers each record bears; few enough to collide often.
#[derive(Debug, Clone)]
struct Record {
    name: u8,
    email: Option<u8>,
    alias: Option<u8>,
    number: Option<u8>,
}

fn record() -> impl Strategy<Value = Record> {
    let some = || proptest::option::of(0u8..5);
    (0u8..5, some(), some(), some()).prop_map(|(name, email, alias, number)| Record { name, email, alias, number })
}

fn organisation(idp: &[Record], directory: &[(Record, Option<u8>)], roster: &[Record]) -> Org {
    let mut org = Org::new();
    for (at, record) in idp.iter().enumerate() {
        let mut user: IdpUser = idp_user(&format!("i{at}"));
        user.user_name = address(&format!("n{}", record.name));
        user.email = record.email.map(|email| address(&format!("n{email}")));
        user.aliases = record.alias.iter().map(|alias| address(&format!("n{alias}"))).collect();
        user.employee_id = record.number.map(|number| format!("E{number}"));
        org.idps[0].users.push(user);
    }
    for (at, (record, external)) in directory.iter().enumerate() {
        let mut user = directory_user(&format!("d{at}"));
        user.user_name = address(&format!("n{}", record.name));
        user.email = record.email.map(|email| address(&format!("n{email}")));
        if let Some(external) = external {
            user.external_ids.push(overstay::model::ExternalId {
                issuer: "tenant".into(),
                id: idp_id(&format!("i{external}")).to_string(),
            });
        }
        org.aws.users.push(user);
    }
    for (at, record) in roster.iter().enumerate() {
        let mut row = hr_record(&format!("row {at}"), HrStatus::Active);
        row.employee_id = record.number.map(|number| format!("e{number}"));
        row.email = record.email.map(|email| address(&format!("N{email}")));
        org = org.hr_with(row);
    }
    org
}

fn organisations() -> impl Strategy<Value = Org> {
    (
        proptest::collection::vec(record(), 0..7),
        proptest::collection::vec((record(), proptest::option::of(0u8..8)), 0..7),
        proptest::collection::vec(record(), 1..7),
    )
        .prop_map(|(idp, directory, roster)| organisation(&idp, &directory, &roster))
}

/// Another spelling of the same name.
fn respell(text: &str, how: u8) -> String {
    match how % 4 {
        0 => text.to_uppercase(),
        1 => format!("  {text} "),
        2 => text.chars().map(|c| if c.is_ascii_lowercase() { fullwidth(c) } else { c }).collect(),
        _ => text.to_owned(),
    }
}

fn fullwidth(c: char) -> char {
    char::from_u32(u32::from(c) - 0x20 + 0xFF00).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_records_does_not_matter(org in organisations(), turn in 0usize..7) {
        let mut other = org.clone();
        let turn = |len: usize| if len == 0 { 0 } else { turn % len };
        let at = turn(other.idps[0].users.len());
        other.idps[0].users.rotate_left(at);
        other.idps[0].users.reverse();
        let at = turn(other.aws.users.len());
        other.aws.users.rotate_left(at);
        let rows = &mut other.hr.as_mut().unwrap().records;
        let at = turn(rows.len());
        rows.rotate_left(at);
        prop_assert_eq!(links(&org), links(&other));
        prop_assert_eq!(hr_links(&org), hr_links(&other));
    }

    #[test]
    fn spelling_does_not_matter(org in organisations(), how in 0u8..4) {
        let mut other = org.clone();
        for user in &mut other.aws.users {
            user.user_name = respell(&user.user_name, how);
            user.email = user.email.as_deref().map(|email| respell(email, how + 1));
        }
        for user in &mut other.idps[0].users {
            user.user_name = respell(&user.user_name, how + 2);
            user.employee_id = user.employee_id.as_deref().map(|number| respell(number, how));
        }
        prop_assert_eq!(links(&org), links(&other));
        prop_assert_eq!(hr_links(&org), hr_links(&other));
    }

    #[test]
    fn a_weak_link_is_unique_on_both_sides(org in organisations()) {
        org.reconcile(|ledger| {
            for (at, user) in (0u32..).zip(ledger.users()) {
                for link in ledger.links().linked(at).filter(|link| link.strength == Strength::Weak) {
                    let fold = |text: &str| text.to_lowercase();
                    let (mine, theirs): (usize, usize) = match link.rung {
                        Rung::UserName => (
                            ledger.users().iter().filter(|u| fold(&u.user_name) == fold(&user.user_name)).count(),
                            ledger.snapshot().idps()[0].users.iter().filter(|u| fold(&u.user_name) == fold(&user.user_name)).count(),
                        ),
                        _ => (
                            ledger.users().iter().filter(|u| u.email == user.email).count(),
                            ledger.snapshot().idps()[0].users.iter()
                                .filter(|u| u.email.iter().chain(&u.aliases).any(|email| Some(email) == user.email.as_ref()))
                                .count(),
                        ),
                    };
                    prop_assert_eq!((mine, theirs), (1, 1), "{:?}", link);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn an_id_that_finds_somebody_is_never_overruled_by_a_name(org in organisations()) {
        org.reconcile(|ledger| {
            for (at, user) in (0u32..).zip(ledger.users()) {
                let Some(external) = user.external_ids.first() else { continue };
                let bearer = ledger.snapshot().idps()[0].users.iter().find(|u| u.id.as_str() == external.id);
                let Some(bearer) = bearer else { continue };
                let link = ledger.links().linked(at).next().expect("found by id");
                prop_assert_eq!(link.rung, Rung::ExternalId);
                prop_assert_eq!(link.strength, Strength::Strong);
                prop_assert_eq!(ledger.idp_user((link.idp, link.user)).unwrap(), bearer);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_second_bearer_of_a_name_makes_no_link(org in organisations(), email in any::<bool>()) {
        // Whoever is linked by a name is linked by nobody's once somebody else bears it too.
        let by = if email { "email" } else { "user_name" };
        let before = links(&org);
        let mut other = org.clone();
        let doubles: Vec<IdpUser> = other.idps[0].users.iter().cloned().enumerate().map(|(at, mut user)| {
            user.id = format!("double-{at}").parse().unwrap();
            user.origin = format!("double {at}");
            user.employee_id = None;
            user
        }).collect();
        other.idps[0].users.extend(doubles);
        for (user, outcome) in links(&other) {
            if before[&user][0].starts_with(by) {
                prop_assert!(outcome[0].starts_with("ambiguous"), "{user}: {outcome:?}");
            }
        }
    }

    #[test]
    fn hr_rows_of_one_person_bear_one_number(org in organisations()) {
        org.reconcile(|ledger| {
            let hr = ledger.snapshot().hr().unwrap();
            for (at, user) in (0u32..).zip(&ledger.snapshot().idps()[0].users) {
                let link = ledger.links().hr_of((0, at)).unwrap();
                let mut numbers: Vec<_> = link.records.iter().map(|row| hr.records[*row as usize].employee_id.clone()).collect();
                numbers.sort();
                numbers.dedup();
                prop_assert!(numbers.len() <= 1, "{:?}", numbers);
                let (Some(mine), Some(Some(theirs))) = (&user.employee_id, numbers.first()) else { continue };
                if link.basis == HrBasis::EmployeeId {
                    prop_assert_eq!(mine.to_lowercase(), theirs.to_lowercase());
                } else if mine.to_lowercase() != theirs.to_lowercase() {
                    // An address goes before a number only where no record has it, or several people share it.
                    let bear = |number: &Option<String>| number.as_ref().is_some_and(|n| n.to_lowercase() == mine.to_lowercase());
                    let users = ledger.snapshot().idps()[0].users.iter().filter(|u| bear(&u.employee_id)).count();
                    prop_assert!(users > 1 || !hr.records.iter().any(|row| bear(&row.employee_id)));
                }
            }
            Ok(())
        })?;
    }
}

#[test]
fn each_rung_links_when_those_above_are_silent() {
    let mut org = Org::new().person("a").by_hand("b").idp_only(0, "b").by_hand("c").idp_only(0, "x");
    org = org.edit_idp("x", |user| user.aliases.push(address("c")));
    org.links.push(DeclaredLink {
        identity_center_user: "u-d".into(),
        idp_user: "Y@EXAMPLE.org".into(),
        employee_id: None,
        origin: "links.csv, row 2".into(),
    });
    org = org.by_hand("d").idp_only(0, "y").by_hand("e");
    assert_eq!(first(&org, "a"), "external_id strong users.csv, a not []");
    assert_eq!(first(&org, "b"), "user_name weak users.csv, b not []");
    assert_eq!(first(&org, "c"), "email weak users.csv, x not []");
    assert_eq!(first(&org, "d"), "declared strong users.csv, y not []");
    assert_eq!(first(&org, "e"), "not found");
}

#[test]
fn display_names_link_nobody() {
    let org = Org::new().by_hand("a").edit_user("a", |user| user.email = None).idp_only(0, "x");
    let org = org.edit_idp("x", |user| user.display_name = Some("a".into()));
    assert_eq!(first(&org, "a"), "not found");
}

#[test]
fn a_guest_is_found_by_the_address_invited() {
    let org = Org::new().by_hand("a").edit_user("a", |user| user.email = None).idp_only(0, "x");
    let org = org.edit_idp("x", |user| {
        user.user_name = "a_Example.org#EXT#@corp.onmicrosoft.com".into();
        user.email = None;
    });
    assert_eq!(first(&org, "a"), "user_name weak users.csv, x not []");
}

#[test]
fn an_employee_id_that_an_address_contradicts_links_nobody() {
    let mut by_number = hr_record("other", HrStatus::Terminated);
    by_number.employee_id = Some("7".into());
    let org = Org::new().person("a").edit_idp("a", |user| user.employee_id = Some("7".into()));
    let alone = org.clone().hr_with(by_number.clone());
    assert_eq!(hr_links(&alone)["users.csv, a"], ["roster.csv, other"]);
    let both = org.hr("a", HrStatus::Active).hr_with(by_number);
    assert_eq!(hr_links(&both)["users.csv, a"], [""; 0]);
    both.reconcile(|ledger| {
        let link = ledger.links().hr_of((0, 0)).unwrap();
        assert_eq!(link.basis, HrBasis::Contradicted);
        let reason = link.reason.as_deref().unwrap();
        assert!(reason.contains("7 (roster.csv, other)") && reason.contains("(roster.csv, a)"), "{reason}");
    });
}

#[test]
fn one_provider_never_links_for_another() {
    let mut org = Org::new().idp("okta").person("a");
    org.idps[1].users.push(idp_user("b"));
    let found = &links(&org)["u-a"];
    assert!(found[0].starts_with("external_id") && found[1] == "not found", "{found:?}");
}

/// Nothing that was read can hold the external ids, and a user was renamed: the record may be there under the new name.
#[test]
fn absence_by_name_proves_nothing_where_no_attribute_holds_the_external_ids() {
    let mut org = Org::new().person("a").person("b").access("a", "Read", "prod").access("b", "Read", "prod");
    for user in &mut org.aws.users {
        for id in &mut user.external_ids {
            id.id = format!("nickname of {}", user.user_name);
        }
    }
    let renamed = org.clone().edit_idp("a", |user| {
        (user.user_name, user.email) = ("a.new@example.org".to_owned(), Some("a.new@example.org".to_owned()));
    });
    let report = renamed.report();
    report.silent("orphaned-identity");
    assert_eq!(report.result("orphaned-identity").undecided, 1);
    // A user who was made by hand has no external id: the name is all there is, and its absence counts.
    let mut by_hand = renamed;
    by_hand.aws.users.iter_mut().for_each(|user| user.external_ids.clear());
    assert_eq!(by_hand.report().subjects("orphaned-identity"), ["a"]);
}
