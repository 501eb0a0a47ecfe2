//! What differs between two snapshots, and what must not be said about it.

use std::collections::BTreeSet;

use overstay::evidence::diff::{DiffView, SectionView, diff};
use overstay::model::{AccountState, Fact, HrStatus, Known, Span};
use proptest::prelude::*;

use crate::place::Place;
use crate::rules::org::{Org, at, hr_record};

fn compared(before: &Org, after: &Org) -> DiffView {
    diff(&before.seal(), &after.seal())
}

#[track_caller]
fn section<'a>(view: &'a DiffView, kind: &str) -> &'a SectionView {
    view.sections.iter().find(|section| section.kind == kind).unwrap_or_else(|| panic!("no {kind} in {view:?}"))
}

fn added(view: &DiffView, kind: &str) -> Vec<String> {
    section(view, kind).added.iter().map(|item| item.name.clone()).collect()
}

fn removed(view: &DiffView, kind: &str) -> Vec<String> {
    section(view, kind).removed.iter().map(|item| item.name.clone()).collect()
}

/// What changed, as `thing: field was → is`.
fn changed(view: &DiffView, kind: &str) -> Vec<String> {
    let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let changes = section(view, kind).changed.iter();
    changes
        .flat_map(|change| {
            let name = change.name.clone();
            change.fields.iter().map(move |f| format!("{name}: {} {} → {}", f.field, word(&f.before), word(&f.after)))
        })
        .collect()
}

fn org() -> Org {
    Org::new().set("reader", "ReadOnlyAccess").set("writer", "PowerUserAccess").person("ada").person("ben")
}

#[test]
fn the_same_twice_does_not_differ() {
    let org = org().hr("ada", HrStatus::Active).access("ada", "reader", "prod");
    let view = compared(&org, &org);
    assert!(view.is_same() && view.limits.is_empty(), "{view:?}");
    assert_eq!(view.sections.len(), 11);
}

#[test]
fn people_come_go_and_change() {
    let before = org().hr("ada", HrStatus::Active).hr("ben", HrStatus::Active);
    let mut moved = hr_record("ada", HrStatus::Active);
    (moved.department, moved.start) = (Some("Finance".to_owned()), Some(at("2026-01-01T00:00:00Z")));
    let after = Org::new()
        .set("reader", "ReadOnlyAccess")
        .set("writer", "PowerUserAccess")
        .person("ada")
        .person("cyn")
        .gone("ada", Some("2026-09-01T00:00:00Z"))
        .disabled_in_aws("ada")
        .hr_with(moved)
        .hr("cyn", HrStatus::NotStarted);
    let view = compared(&before, &after);
    for (kind, came, went) in [
        ("hr", "cyn", "ben"),
        ("idp_users", "cyn@example.org", "ben@example.org"),
        ("users", "cyn@example.org", "ben@example.org"),
    ] {
        assert_eq!(
            (added(&view, kind), removed(&view, kind)),
            (vec![came.to_owned()], vec![went.to_owned()]),
            "{kind}"
        );
    }
    assert_eq!(changed(&view, "hr"), ["ada: start - → 2026-01-01T00:00:00Z", "ada: department - → Finance"]);
    assert_eq!(changed(&view, "idp_users"), ["ada@example.org: status active → disabled"]);
    assert_eq!(changed(&view, "users"), ["ada@example.org: status enabled → disabled"]);
}

#[test]
fn somebody_who_came_back_is_one_more_engagement() {
    let spell = |start: &str, status| {
        let mut record = hr_record("ada", status);
        record.start = Some(at(start));
        record
    };
    let before = org().hr_with(spell("2020-01-01T00:00:00Z", HrStatus::Active));
    let after = org()
        .hr_with(spell("2026-09-01T00:00:00Z", HrStatus::Active))
        .hr_with(spell("2020-01-01T00:00:00Z", HrStatus::Terminated));
    let view = compared(&before, &after);
    assert_eq!(added(&view, "hr"), ["ada"]);
    assert_eq!(changed(&view, "hr"), ["ada: status active → terminated"]);
}

#[test]
fn access_changes_with_memberships_and_with_assignments() {
    let before = org().group("team", &["ada"]).grouped("team", "reader", "prod").direct("ben", "writer", "prod");
    let after =
        org().group("team", &["ada", "ben"]).grouped("team", "reader", "prod").grouped("team", "writer", "prod");
    let view = compared(&before, &after);
    assert_eq!(added(&view, "memberships"), ["ben@example.org in team"]);
    assert_eq!(added(&view, "idp_memberships"), ["ben@example.org in team"]);
    assert_eq!(added(&view, "assignments"), ["group team: writer on prod"]);
    assert_eq!(removed(&view, "assignments"), ["ben@example.org: writer on prod"]);
    assert_eq!(
        added(&view, "grants"),
        [
            "ada@example.org: writer on prod, through team",
            "ben@example.org: reader on prod, through team",
            "ben@example.org: writer on prod, through team"
        ]
    );
    assert_eq!(removed(&view, "grants"), ["ben@example.org: writer on prod, assigned directly"]);
}

#[test]
fn a_permission_set_shows_what_its_holders_can_do_now() {
    let inline = |action: &str| Known::Value(format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"{action}"}}]}}"#));
    let before = org().edit_set("reader", |set| set.inline = inline("s3:Get*"));
    let after = org().edit_set("reader", |set| {
        set.inline = inline("s3:*");
        set.session = Known::Value(Span::hours(8));
        set.managed.clone_from(&Known::Value(vec![]));
    });
    let view = compared(&before, &after);
    assert_eq!(
        changed(&view, "permission_sets"),
        ["reader: session 1h → 8h", "reader: AWS managed policies ReadOnlyAccess → "]
    );
    let lines: Vec<&str> = section(&view, "permission_sets").changed[0].policy.iter().map(|line| line.trim()).collect();
    assert!(lines.contains(&"-       \"Action\": \"s3:Get*\","), "{lines:?}");
    assert!(lines.contains(&"+       \"Action\": \"s3:*\","), "{lines:?}");
}

#[test]
fn accounts_close_and_a_state_nobody_could_read_is_no_change() {
    let org = || org().account("old").account("dim");
    let after = org()
        .account_state("old", Known::Value(AccountState::PendingClosure))
        .account_state("dim", Known::Unknown("denied".to_owned()));
    assert_eq!(changed(&compared(&org(), &after), "accounts"), ["old: state active → pending closure"]);
    assert_eq!(changed(&compared(&after, &org()), "accounts"), ["old: state pending closure → active"]);
}

#[test]
fn what_a_side_did_not_read_whole_is_not_said_to_be_gone() {
    let before = org().access("ada", "reader", "prod");
    let after = Org::new().set("reader", "ReadOnlyAccess").set("writer", "PowerUserAccess").person("cyn");
    let lost = [Fact::DirectoryUsers, Fact::Memberships];
    let view = compared(&before, &lost.into_iter().fold(after.clone(), Org::gap));
    assert_eq!(removed(&view, "users"), [""; 0]);
    assert_eq!(added(&view, "users"), ["cyn@example.org"], "the earlier one was read whole");
    let limit = |view: &DiffView, kind: &str| {
        view.limits.iter().filter(|l| l.kind == kind).map(|l| (l.side, l.withheld)).collect::<Vec<_>>()
    };
    assert_eq!(limit(&view, "users"), [("after", 2)]);
    assert_eq!(limit(&view, "memberships"), [("after", 1)]);
    // A grant through a group rests on the memberships too.
    assert_eq!((removed(&view, "grants"), limit(&view, "grants")), (vec![], vec![("after", 1)]));
    assert_eq!(removed(&view, "assignments").len(), 1, "assignments were read whole");
    assert!(view.limits.iter().all(|limit| limit.reason.contains("it was denied")), "{:?}", view.limits);
    // The other way round: nothing is new only because it was not seen before.
    let view = compared(&lost.into_iter().fold(before, Org::gap), &after);
    assert_eq!((added(&view, "users"), limit(&view, "users")), (vec![], vec![("before", 1)]));
    assert_eq!(removed(&view, "users").len(), 2);
}

#[test]
fn a_source_that_one_side_did_not_ask_is_named_and_not_compared() {
    let before = org().hr("ada", HrStatus::Active).idp("second").idp_only(1, "dee");
    let view = compared(&before, &org());
    assert!(view.sections.iter().all(|section| section.kind != "hr"));
    let hr = view.limits.iter().find(|limit| limit.kind == "hr").unwrap();
    assert_eq!((hr.side, hr.reason.as_str()), ("after", "not asked for"));
    assert_eq!(removed(&view, "idp_users"), [""; 0], "dee is unknown now, and not gone");
    assert!(
        view.limits
            .iter()
            .any(|limit| limit.kind == "idp_users" && limit.side == "after" && limit.reason.contains("second"))
    );
    let neither = compared(&org(), &org());
    assert!(neither.limits.is_empty(), "what nobody asked for is nothing to say: {:?}", neither.limits);
}

const PEOPLE: [&str; 3] = ["ada", "ben", "cyn"];
const TEAMS: [&str; 2] = ["red", "blue"];
const SETS: [&str; 2] = ["reader", "writer"];

/// Bits that say who is in which team, which team has which set, and who has which set directly.
type Access = (u8, u8, u8);

fn with(access: Access) -> (Org, BTreeSet<String>) {
    let bit = |bits: u8, n: usize| bits >> n & 1 == 1;
    let (members, assigned, direct) = access;
    let mut org = Org::new();
    let mut grants = BTreeSet::new();
    for set in SETS {
        org = org.set(set, "ReadOnlyAccess");
    }
    for name in PEOPLE {
        org = org.person(name);
    }
    for (t, team) in TEAMS.iter().enumerate() {
        let within: Vec<&str> =
            PEOPLE.iter().enumerate().filter(|(p, _)| bit(members, t * 3 + p)).map(|(_, name)| *name).collect();
        org = org.group(team, &within);
        for (_, set) in SETS.iter().enumerate().filter(|(s, _)| bit(assigned, t * 2 + s)) {
            org = org.grouped(team, set, "prod");
            grants.extend(within.iter().map(|name| format!("{name}@example.org: {set} on prod, through {team}")));
        }
    }
    for (p, name) in PEOPLE.iter().enumerate() {
        for (_, set) in SETS.iter().enumerate().filter(|(s, _)| bit(direct, p * 2 + s)) {
            org = org.direct(name, set, "prod");
            grants.insert(format!("{name}@example.org: {set} on prod, assigned directly"));
        }
    }
    (org, grants)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn grants_differ_as_all_grants_of_both_do(was in (0u8..64, 0u8..16, 0u8..64), is in (0u8..64, 0u8..16, 0u8..64)) {
        let ((before, had), (after, has)) = (with(was), with(is));
        let view = compared(&before, &after);
        prop_assert_eq!(added(&view, "grants"), has.difference(&had).cloned().collect::<Vec<_>>());
        prop_assert_eq!(removed(&view, "grants"), had.difference(&has).cloned().collect::<Vec<_>>());
    }
}

// --- The command --------------------------------------------------------------------------------------------------------

#[test]
fn two_packs_differ_by_what_was_cleaned_up() {
    let place = Place::with_demo();
    let text = place.run(&["diff", "demo", "demo-a-month-later"]).with(0).stdout;
    for words in [
        "From 2026-09-30T17:00:00Z to 2026-10-31T17:00:00Z",
        "grants: 15 removed",
        "- aidan.marsh@idsentinel.example: IDSentinel-PowerUser on prod, assigned directly",
        "No difference: HR records,",
    ] {
        assert!(text.contains(words), "{words:?} is not in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "a pipe gets no colours");
    let json =
        place.run(&["diff", "demo-a-month-later", "demo/data/snapshot.json.zst", "--format", "json"]).with(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["format"], "overstay-diff");
    let grants = json["sections"].as_array().unwrap().iter().find(|section| section["kind"] == "grants").unwrap();
    assert_eq!(grants["added"].as_array().unwrap().len(), 15);
    place.run(&["diff", "demo", "nowhere"]).with(2).saying(&["there is no snapshot at nowhere"]);
}

#[test]
fn two_organisations_are_not_compared() {
    let place = Place::with_demo();
    place.write("other.zst", org().seal().bytes());
    place.run(&["diff", "demo", "other.zst"]).with(2).saying(&["Identity Center instance", "ssoins-1"]);
}
