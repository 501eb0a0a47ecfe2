//! The ladder from identity provider users to HR: what it links, what it leaves open, and what no damage to ids and
//! addresses may do to a verdict.

use overstay::model::standing::Standing;
use overstay::model::{DeclaredLink, HrRecord, HrStatus, IdpStatus};
use overstay::reconcile::{HrBasis, IdForm};
use proptest::prelude::*;

use crate::rules::org::{Org, address, at, hr_record, idp_user};

fn employed(name: &str, id: &str, status: HrStatus) -> HrRecord {
    let mut record = hr_record(name, status);
    record.employee_id = (!id.is_empty()).then(|| id.to_owned());
    record.start = Some(at("2020-01-01T00:00:00Z"));
    record.end = (status == HrStatus::Terminated).then(|| at("2026-05-02T00:00:00Z"));
    record
}

/// Somebody in all three sources, with access.
fn worker(org: Org, name: &str, id: &str, record: HrRecord) -> Org {
    let org = org.person(name).access(name, "Read", "prod");
    org.edit_idp(name, |user| user.employee_id = (!id.is_empty()).then(|| id.to_owned())).hr_with(record)
}

/// The standing and the basis of a user's link to HR, with the reason of either.
fn stands(org: &Org, name: &str) -> (Standing, HrBasis, String) {
    org.reconcile(|ledger| {
        let user = (0u32..).zip(ledger.users()).find(|(_, user)| user.user_name == address(name)).unwrap().0;
        let person = ledger.person_of(user).unwrap();
        let link = ledger.links().hr_of(person.idp_users[0]).unwrap();
        let reason = format!("{} {}", person.standing.reason, link.reason.as_deref().unwrap_or_default());
        (person.standing.standing, link.basis, reason)
    })
}

#[test]
fn a_number_of_two_entities_is_nobodys_and_the_address_decides() {
    let org = worker(Org::new(), "hana", "4001", employed("hana", "4001", HrStatus::Active));
    let org = worker(org, "jonas", "4001", employed("jonas", "4001", HrStatus::Terminated));
    for org in [org.clone(), without_names(org.clone())] {
        assert_eq!(stands(&org, "hana").0, Standing::Active);
        assert_eq!(stands(&org, "jonas").0, Standing::Ended);
        let report = org.report();
        assert_eq!(report.subjects("leaver-holds-access"), ["jonas"]);
        assert_eq!(report.subjects("terminated-still-enabled"), ["jonas"]);
        report.silent("duplicate-identity");
    }
    let blind = org.edit_idp("jonas", |user| user.email = None).edit_idp("hana", |user| user.email = None);
    for name in ["hana", "jonas"] {
        let (standing, basis, why) = stands(&blind, name);
        assert_eq!((standing, basis), (Standing::Unknown, HrBasis::Ambiguous));
        assert!(why.contains("roster.csv, hana") && why.contains("roster.csv, jonas"), "{why}");
    }
}

fn without_names(mut org: Org) -> Org {
    org.idps.iter_mut().flat_map(|idp| &mut idp.users).for_each(|user| user.display_name = None);
    org.hr.iter_mut().flat_map(|hr| &mut hr.records).for_each(|record| record.display_name = None);
    org
}

#[test]
fn a_contractor_who_became_an_employee_is_active_and_the_stale_number_is_said() {
    let mut before = employed("hana", "X9", HrStatus::Terminated);
    let mut after = employed("hana", "E40", HrStatus::Active);
    (before.end, after.start) = (Some(at("2026-06-01T00:00:00Z")), Some(at("2026-06-01T00:00:00Z")));
    let org = worker(Org::new(), "hana", "X9", before).hr_with(after);
    assert_eq!(stands(&org, "hana").0, Standing::Active);
    let report = org.clone().report();
    report.silent("leaver-holds-access");
    report.silent("terminated-still-enabled");
    let found = report.only("identity-mismatch");
    assert!(found.detail.contains("X9") && found.detail.contains("E40"), "{}", found.detail);
    // Without names an address may have been given anew, so that nothing is known.
    let (standing, _, why) = stands(&without_names(org), "hana");
    assert_eq!(standing, Standing::Unknown);
    assert!(why.contains("E40 (roster.csv, hana)"), "{why}");
}

#[test]
fn leading_zeros_are_found_by_vote_and_said() {
    let padded = |name: &str, id: &str, status| {
        let mut record = employed(name, id, status);
        record.email = None;
        record
    };
    let org = worker(Org::new(), "hana", "2018", padded("hana", "00002018", HrStatus::Terminated));
    let org = worker(org, "jonas", "2019", padded("jonas", "00002019", HrStatus::Active));
    let report = org.report();
    assert_eq!(report.subjects("leaver-holds-access"), ["hana"]);
    report.clean("no-hr-record");
    org.reconcile(|ledger| {
        let [quality] = ledger.links().hr_quality() else { panic!() };
        assert_eq!((quality.vote.form, quality.vote.matched), (IdForm::WithoutLeadingZeros, 2));
        assert!(quality.describe().contains("without leading zeros: 2 of 2"), "{}", quality.describe());
    });
}

#[test]
fn a_roster_that_no_number_and_no_address_ties_is_said_once_in_numbers() {
    let mut org = Org::new();
    for (name, id) in [("hana", "B1"), ("jonas", "B2")] {
        let mut record = employed(name, &format!("70{id}"), HrStatus::Active);
        record.email = None;
        org = worker(org, name, id, record);
    }
    org.reconcile(|ledger| {
        let said = ledger.links().hr_quality()[0].limitation("entra").unwrap();
        assert!(said.contains("0 of 2 employee ids"), "{said}");
    });
}

#[test]
fn an_address_of_two_people_is_inconclusive_and_names_them() {
    let org = worker(Org::new(), "hana", "", employed("hana", "1", HrStatus::Terminated));
    let mut other = employed("hanako", "2", HrStatus::Active);
    other.email = Some(address("hana"));
    let org = org.hr_with(other);
    let (standing, basis, why) = stands(&org, "hana");
    assert_eq!((standing, basis), (Standing::Unknown, HrBasis::Ambiguous));
    assert!(why.contains("1 (roster.csv, hana)") && why.contains("2 (roster.csv, hanako)"), "{why}");
    let report = org.report();
    for rule in ["leaver-holds-access", "terminated-still-enabled", "no-hr-record", "access-before-start"] {
        report.silent(rule);
        assert_eq!(report.result(rule).undecided, 1, "{rule}");
    }
    assert!(report.only("ambiguous-identity").detail.contains("roster.csv, hanako"));
    // The operator knows which.
    let mut declared = org;
    declared.links.push(DeclaredLink {
        identity_center_user: address("hana"),
        idp_user: address("hana"),
        employee_id: Some("1".into()),
        origin: "links.csv, row 2".into(),
    });
    assert_eq!((stands(&declared, "hana").0, stands(&declared, "hana").1), (Standing::Ended, HrBasis::Declared));
}

#[test]
fn placeholders_and_shared_values_leave_it_to_the_address() {
    let mut org = Org::new();
    for (at, (name, id)) in
        [("hana", "0"), ("jonas", "0"), ("mila", "N/A"), ("omar", "EXT"), ("petra", "EXT")].into_iter().enumerate()
    {
        let status = if name == "hana" || name == "petra" { HrStatus::Terminated } else { HrStatus::Active };
        org = worker(org, name, id, employed(name, &format!("7{at}"), status));
    }
    let report = org.report();
    report.silent("no-hr-record");
    assert_eq!(report.subjects("leaver-holds-access"), ["hana", "petra"]);
    assert_eq!(report.result("leaver-holds-access").undecided, 0);
}

const NAMES: [&str; 5] = ["hana.sato", "jonas.weber", "mila.novak", "omar.haddad", "petra.lind"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Works,
    Left,
    /// Works, and the account is disabled.
    Disabled,
}

#[derive(Debug, Clone, Copy)]
enum Engagements {
    One,
    /// A contract that ended before the present one.
    Series,
    /// Two at a time.
    Overlapping,
}

#[derive(Debug, Clone)]
struct Human {
    truth: Truth,
    engagements: Engagements,
    admin: bool,
    second_provider: bool,
}

#[derive(Debug, Clone, Copy)]
enum Damage {
    Blank,
    Placeholder,
    Padded,
    Recased,
    Spaced,
    CopyOf(usize),
    SwapWith(usize),
}

fn human() -> impl Strategy<Value = Human> {
    let truth = prop_oneof![3 => Just(Truth::Works), 3 => Just(Truth::Left), 1 => Just(Truth::Disabled)];
    let engagements = prop_oneof![Just(Engagements::One), Just(Engagements::Series), Just(Engagements::Overlapping)];
    (truth, engagements, any::<bool>(), any::<bool>()).prop_map(|(truth, engagements, admin, second)| Human {
        truth,
        engagements,
        admin: admin && truth != Truth::Disabled,
        second_provider: second && truth != Truth::Disabled,
    })
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::Blank),
        Just(Damage::Placeholder),
        Just(Damage::Padded),
        Just(Damage::Recased),
        Just(Damage::Spaced),
        (0usize..5).prop_map(Damage::CopyOf),
        (0usize..5).prop_map(Damage::SwapWith),
    ]
}

fn organisation(humans: &[Human]) -> Org {
    let mut org = Org::new().idp("okta");
    for (at_, (human, name)) in humans.iter().zip(NAMES).enumerate() {
        let id = format!("E{}", 100 + at_);
        let status = if human.truth == Truth::Left { HrStatus::Terminated } else { HrStatus::Active };
        let mut last = employed(name, &id, status);
        match human.engagements {
            Engagements::One => {}
            Engagements::Series => {
                let mut first = employed(name, &format!("C{}", 500 + at_), HrStatus::Terminated);
                first.end = Some(at("2023-01-01T00:00:00Z"));
                first.origin = format!("roster.csv, {name} before");
                last.start = first.end;
                org = org.hr_with(first);
            }
            Engagements::Overlapping => {
                let mut second = last.clone();
                second.start = Some(at("2021-01-01T00:00:00Z"));
                second.origin = format!("roster.csv, {name} too");
                org = org.hr_with(second);
            }
        }
        org = worker(org, name, &id, last);
        if human.truth == Truth::Disabled {
            org = org.gone(name, None);
        }
        if human.admin {
            let admin = format!("{name}-adm");
            org = org.person(&admin).access(&admin, "Admin", "prod");
            let id = id.clone();
            org = org.edit_idp(&admin, move |user| (user.employee_id, user.email) = (Some(id), None));
        }
        if human.second_provider {
            let mut user = idp_user(name);
            user.employee_id = Some(id);
            org.idps[1].users.push(user);
        }
    }
    org
}

/// One kind of key, of one side, damaged. The other key stays, so that the evidence for the truth is there.
#[derive(Debug, Clone, Copy)]
struct Kind {
    id: bool,
    roster: bool,
}

fn damaged(org: &Org, kind: Kind, damages: &[(usize, Damage)]) -> Org {
    let mut org = org.clone();
    for (who, damage) in damages {
        let name = NAMES[*who];
        match damage {
            Damage::SwapWith(other) => {
                let (mine, theirs) = (value(&org, kind, name), value(&org, kind, NAMES[*other]));
                set(&mut org, kind, name, theirs);
                set(&mut org, kind, NAMES[*other], mine);
            }
            Damage::CopyOf(other) => {
                let theirs = value(&org, kind, NAMES[*other]);
                set(&mut org, kind, name, theirs);
            }
            Damage::Blank => set(&mut org, kind, name, None),
            Damage::Placeholder => set(&mut org, kind, name, Some("N/A".to_owned()).filter(|_| kind.id)),
            Damage::Padded | Damage::Recased | Damage::Spaced => {
                let mine = value(&org, kind, name).map(|text| match damage {
                    Damage::Padded if kind.id => format!("000{text}"),
                    Damage::Recased => text.to_lowercase(),
                    _ => format!(" {text} "),
                });
                set(&mut org, kind, name, mine);
            }
        }
    }
    org
}

fn value(org: &Org, kind: Kind, name: &str) -> Option<String> {
    if kind.roster {
        let record = org.hr.as_ref()?.records.iter().find(|record| record.origin == format!("roster.csv, {name}"))?;
        if kind.id { record.employee_id.clone() } else { record.email.clone() }
    } else {
        let user = org.idps[0].users.iter().find(|user| user.user_name == address(name))?;
        if kind.id { user.employee_id.clone() } else { user.email.clone() }
    }
}

fn set(org: &mut Org, kind: Kind, name: &str, value: Option<String>) {
    if kind.roster {
        let records = org.hr.iter_mut().flat_map(|hr| &mut hr.records);
        for record in records.filter(|record| record.origin == format!("roster.csv, {name}")) {
            *(if kind.id { &mut record.employee_id } else { &mut record.email }) = value.clone();
        }
    } else {
        for user in org.idps[0].users.iter_mut().filter(|user| user.user_name == address(name)) {
            *(if kind.id { &mut user.employee_id } else { &mut user.email }) = value.clone();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_clears_a_leaver_and_none_accuses_a_worker(
        humans in proptest::collection::vec(human(), 5),
        id in any::<bool>(),
        roster in any::<bool>(),
        named in any::<bool>(),
        damages in proptest::collection::vec((0usize..5, damage()), 0..4),
    ) {
        let org = organisation(&humans);
        let org = if named { org } else { without_names(org) };
        let org = damaged(&org, Kind { id, roster }, &damages);
        let report = org.report();
        let unknown: Vec<&str> = report.subjects("no-hr-record");
        let disabled: Vec<&str> = report.subjects("disabled-account-holds-access");
        org.reconcile(|ledger| {
            for (position, user) in (0u32..).zip(ledger.users()) {
                let name = user.user_name.trim_end_matches("@example.org");
                let person = ledger.person_of(position).unwrap();
                let standing = person.standing.standing;
                let human = &humans[NAMES.iter().position(|known| name.starts_with(known)).unwrap()];
                let open = standing == Standing::Unknown || person.hr_doubt.is_some();
                match human.truth {
                    Truth::Left => prop_assert!(standing.is_gone() || open || unknown.contains(&name), "{name} passes: {person:?}"),
                    Truth::Disabled => {
                        let found = standing.is_gone() || disabled.contains(&name);
                        prop_assert!(found || open, "{name} passes: {person:?}");
                    }
                    Truth::Works => {
                        prop_assert!(!standing.is_gone(), "{name} is accused: {person:?}");
                        prop_assert!(!unknown.contains(&name), "{name} is unknown to HR: {person:?}");
                    }
                }
                if standing == Standing::Unknown {
                    prop_assert!(person.standing.reason.contains("roster.csv"), "{}", person.standing.reason);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_copied_number_beside_no_address_makes_nobody_anybody_else(
        statuses in proptest::collection::vec(any::<bool>(), 5),
        copies in proptest::collection::vec((0usize..5, 0usize..5), 1..5),
        named in any::<bool>(),
    ) {
        // Numbers copied from others, and no address in the identity provider: only the numbers are left.
        let mut org = Org::new();
        for (at, (name, works)) in NAMES.into_iter().zip(&statuses).enumerate() {
            let status = if *works { HrStatus::Active } else { HrStatus::Terminated };
            org = worker(org, name, &format!("E{at}"), employed(name, &format!("E{at}"), status));
        }
        let mut org = if named { org } else { without_names(org) };
        for (from, to) in copies {
            let number = org.idps[0].users[from].employee_id.clone();
            org.idps[0].users[to].employee_id = number;
        }
        for user in &mut org.idps[0].users {
            user.email = None;
        }
        let bearers = |number: &Option<String>| org.idps[0].users.iter().filter(|user| user.employee_id == *number).count();
        org.reconcile(|ledger| {
            for (at, user) in (0u32..).zip(&org.idps[0].users) {
                let person = ledger.people().of_idp_user((0, at)).unwrap();
                prop_assert!(person.idp_users.len() == 1, "{person:?}");
                if bearers(&user.employee_id) > 1 && user.employee_id != Some(format!("E{at}")) {
                    prop_assert_eq!(person.standing.standing, Standing::Unknown, "{:?}", person);
                }
            }
            Ok(())
        })?;
    }
}

/// A status of an account is its own: nothing of another account's clears it where the two can be two people.
#[test]
fn a_disabled_account_is_not_cleared_by_a_number_that_another_person_has() {
    let org = worker(Org::new(), "hana", "1", employed("hana", "1", HrStatus::Active));
    let org = org.person("jonas").access("jonas", "Read", "prod");
    let org = org.edit_idp("jonas", |user| {
        user.employee_id = Some("1".into());
        user.status = IdpStatus::Disabled;
    });
    assert_eq!(org.report().subjects("leaver-holds-access"), ["jonas"]);
}
