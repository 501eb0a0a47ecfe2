//! Series of snapshots with known contents, and what their history says.

use proptest::prelude::*;

use super::*;
use crate::collect::{Batch, Facts};
use crate::model::facts::Recount;
use crate::model::permission_set::ManagedPolicy;
use crate::model::{
    DirectoryUser, Gap, GapKind, HrStatus, IdpGroup, IdpStatus, Instance, Instant, Membership, Plane, Principal,
    SourceRecord, Span, UserStatus,
};

fn at(look: usize) -> Instant {
    Instant::from_epoch_seconds(1_780_000_000 + i64::try_from(look).unwrap() * 86_400).unwrap()
}

fn record(source: &str, asked: &[Fact], lost: &[Fact], look: usize) -> SourceRecord {
    let gap = |fact: &Fact| Gap {
        fact: *fact,
        kind: GapKind::Throttled,
        at: "somewhere".to_owned(),
        reason: "still throttled".to_owned(),
        hint: String::new(),
    };
    SourceRecord {
        source: source.to_owned(),
        kind: String::new(),
        started_at: at(look),
        ended_at: at(look),
        asked: asked.to_vec(),
        operations: vec![],
        files: vec![],
        gaps: lost.iter().map(gap).collect(),
        not_offered: vec![],
        notes: vec![],
    }
}

const AWS: [Fact; 6] = [
    Fact::Accounts,
    Fact::DirectoryUsers,
    Fact::DirectoryGroups,
    Fact::Memberships,
    Fact::PermissionSets,
    Fact::Assignments,
];

fn empty() -> AwsFacts {
    AwsFacts {
        instance: Instance {
            arn: "arn:aws:sso:::instance/ssoins-1".parse().unwrap(),
            identity_store: "d-1".parse().unwrap(),
            owner_account: Known::Absent,
            region: "eu-west-1".to_owned(),
        },
        caller: Known::Absent,
        management_account: Known::Absent,
        delegated_admins: Known::Absent,
        accounts: vec![],
        users: vec![],
        groups: vec![],
        memberships: vec![],
        permission_sets: vec![],
        provisioned: vec![],
        assignments: vec![],
        lookups: vec![],
        recount: Recount { users: Known::Absent, groups: Known::Absent, permission_sets: Known::Absent },
        cross_check: Known::Absent,
        planes: vec![Plane::PermissionSet],
    }
}

fn user(number: usize, status: UserStatus) -> DirectoryUser {
    DirectoryUser {
        id: format!("u-{number}").parse().unwrap(),
        user_name: format!("user.{number}"),
        display_name: None,
        email: None,
        status: Known::Value(status),
        external_ids: vec![],
        created_at: Known::Absent,
        created_by: None,
        updated_at: Known::Absent,
    }
}

fn membership(number: usize) -> Membership {
    Membership {
        group: "g-1".parse().unwrap(),
        user: format!("u-{number}").parse().unwrap(),
        created_at: Known::Absent,
        created_by: None,
    }
}

fn assignment(number: usize) -> Assignment {
    Assignment {
        account: "111111111111".parse().unwrap(),
        permission_set: "arn:ps".parse().unwrap(),
        principal: Principal::User(format!("u-{number}").parse().unwrap()),
    }
}

fn of_aws(look: usize, facts: AwsFacts, lost: &[Fact]) -> Snapshot {
    let batch = Batch::new(record("aws", &AWS, lost, look), Facts::Aws(Some(Box::new(facts))));
    Snapshot::seal(vec![batch], at(look), at(look)).unwrap()
}

fn history(snapshots: &[Snapshot]) -> History {
    let mut builder = HistoryBuilder::new();
    snapshots.iter().for_each(|snapshot| builder.look(snapshot));
    builder.build()
}

fn spells<K: PartialEq, V: Clone>(tracks: &[Track<K, V>], key: &K) -> Vec<(u32, u32, V)> {
    let track = tracks.iter().find(|track| track.key == *key);
    track.map_or_else(Vec::new, |track| track.spells.iter().map(|s| (s.first, s.last, s.value.clone())).collect())
}

/// What a series says of one thing at each look: not there, or in one of two states; and whether the look shows it.
#[derive(Debug, Clone, Copy)]
struct Moment {
    state: Option<bool>,
    shown: bool,
}

/// Looks that read everything or not, with four things each.
fn series() -> impl Strategy<Value = Vec<(bool, [Moment; 4])>> {
    let state = prop_oneof![Just(None), Just(Some(false)), Just(Some(true)), Just(Some(true))];
    let moment = (state, any::<bool>()).prop_map(|(state, shown)| Moment { state, shown });
    let look = (prop_oneof![2 => Just(true), 1 => Just(false)], prop::array::uniform4(moment));
    prop::collection::vec(look, 1..12)
}

proptest! {
    #[test]
    fn a_history_says_of_every_look_what_the_look_said(series in series()) {
        let shown = |whole: bool, moment: &Moment| if whole || moment.shown { moment.state } else { None };
        let snapshots: Vec<Snapshot> = series.iter().enumerate().map(|(look, (whole, things))| {
            let seen = || things.iter().enumerate().filter_map(|(n, moment)| Some((n, shown(*whole, moment)?)));
            let status = |on: bool| if on { UserStatus::Enabled } else { UserStatus::Disabled };
            let facts = AwsFacts {
                users: seen().map(|(n, on)| user(n, status(on))).collect(),
                memberships: seen().map(|(n, _)| membership(n)).collect(),
                assignments: seen().map(|(n, _)| assignment(n)).collect(),
                ..empty()
            };
            of_aws(look, facts, if *whole { &[] } else { &[Fact::DirectoryUsers, Fact::Memberships, Fact::Assignments] })
        }).collect();
        let history = history(&snapshots);
        prop_assert_eq!(history.looks.len(), series.len());
        for thing in 0..4 {
            let id: UserId = format!("u-{thing}").parse().unwrap();
            let member = ("g-1".parse().unwrap(), id.clone());
            let users = spells(&history.users, &id);
            let members = spells(&history.memberships, &member);
            let assigned = spells(&history.assignments, &assignment(thing));
            let ends = |first: &u32, last: &u32| (*first, *last);
            let member_ends: Vec<_> = members.iter().map(|(first, last, _)| ends(first, last)).collect();
            let assigned_ends: Vec<_> = assigned.iter().map(|(first, last, ())| ends(first, last)).collect();
            prop_assert_eq!(member_ends, assigned_ends);
            for (look, (whole, things)) in series.iter().enumerate() {
                let position = u32::try_from(look).unwrap();
                let within = |first: &u32, last: &u32| *first <= position && position <= *last;
                let user_then = users.iter().find(|(first, last, _)| within(first, last));
                let member_then = members.iter().any(|(first, last, _)| within(first, last));
                match shown(*whole, &things[thing]) {
                    Some(on) => {
                        let status = if on { UserStatus::Enabled } else { UserStatus::Disabled };
                        prop_assert_eq!(user_then.map(|(_, _, user)| user.status.clone()), Some(Known::Value(status)));
                        prop_assert!(member_then);
                    }
                    None if *whole => prop_assert!(user_then.is_none() && !member_then),
                    // A look that missed things may lie within a spell, and never begins or ends one.
                    None => prop_assert!(users.iter().all(|(first, last, _)| *first != position && *last != position)),
                }
            }
            for pair in users.windows(2) {
                prop_assert!(pair[0].1 < pair[1].0, "spells follow each other");
                let between = |look: &u32| pair[0].1 < *look && *look < pair[1].0;
                let ended = history.looks.iter().zip(0u32..)
                    .any(|(look, n)| between(&n) && look.whole.contains(&Fact::DirectoryUsers));
                prop_assert!(ended || pair[0].2 != pair[1].2, "what nothing ended is one spell");
            }
        }
    }
}

#[test]
fn a_look_that_missed_part_of_a_fact_ends_nothing_of_it() {
    let with = |number| AwsFacts { users: vec![user(number, UserStatus::Enabled)], ..empty() };
    let missed = of_aws(1, empty(), &[Fact::DirectoryUsers]);
    let history = history(&[of_aws(0, with(1), &[]), missed, of_aws(2, with(1), &[]), of_aws(3, empty(), &[])]);
    let id = "u-1".parse().unwrap();
    assert_eq!(spells(&history.users, &id).iter().map(|s| (s.0, s.1)).collect::<Vec<_>>(), [(0, 2)]);
    assert!(!history.looks[1].whole.contains(&Fact::DirectoryUsers));
    assert!(history.looks[1].whole.contains(&Fact::Assignments), "the rest of it was read");
}

#[test]
fn a_provider_that_a_look_did_not_ask_lost_nobody() {
    let idp = |name: &str, groups: bool| {
        let user = IdpUser::new("1".parse().unwrap(), "ada".to_owned(), IdpStatus::Active, "row 2".to_owned());
        let group =
            IdpGroup { members: vec!["1".parse().unwrap()], ..IdpGroup::new("g".parse().unwrap(), "g".to_owned()) };
        let facts = IdpFacts::of_people(name.parse().unwrap(), "csv", vec![user], groups.then(|| vec![group]));
        let asked: &[Fact] = if groups { &[Fact::IdpUsers, Fact::IdpGroups] } else { &[Fact::IdpUsers] };
        (asked, format!("idp:{name}"), facts)
    };
    let look = |look: usize, idps: Vec<(&[Fact], String, IdpFacts)>| {
        let batches = idps
            .into_iter()
            .map(|(asked, source, facts)| Batch::new(record(&source, asked, &[], look), Facts::Idp(Box::new(facts))));
        Snapshot::seal(batches.collect(), at(look), at(look)).unwrap()
    };
    let history = history(&[
        look(0, vec![idp("a", true), idp("b", true)]),
        look(1, vec![idp("a", true)]),
        look(2, vec![idp("a", true), idp("b", false)]),
        look(3, vec![idp("a", true), idp("b", true)]),
    ]);
    let key = ("b".parse().unwrap(), "1".parse().unwrap());
    assert_eq!(spells(&history.idp_users, &key).iter().map(|s| (s.0, s.1)).collect::<Vec<_>>(), [(0, 3)]);
    let member = ("b".parse().unwrap(), "g".parse().unwrap(), "1".parse().unwrap());
    assert_eq!(spells(&history.idp_memberships, &member), [(0, 3, ())]);
    let whole = |fact| (0..4).filter(|look| history.looks[*look].whole.contains(&fact)).collect::<Vec<usize>>();
    assert_eq!((whole(Fact::IdpUsers), whole(Fact::IdpGroups)), (vec![0, 2, 3], vec![0, 3]));
}

#[test]
fn a_look_at_which_members_are_not_known_shows_nobody_gone() {
    let look = |look: usize, members: &[&str], unknown: bool| {
        let group = IdpGroup {
            members: members.iter().map(|id| id.parse().unwrap()).collect(),
            members_unknown: unknown.then(|| "hidden".to_owned()),
            ..IdpGroup::new("g".parse().unwrap(), "g".to_owned())
        };
        let facts = IdpFacts::of_people("a".parse().unwrap(), "csv", vec![], Some(vec![group]));
        let batch = Batch::new(record("idp:a", &[Fact::IdpGroups], &[], look), Facts::Idp(Box::new(facts)));
        Snapshot::seal(vec![batch], at(look), at(look)).unwrap()
    };
    let history = history(&[look(0, &["1", "2"], false), look(1, &[], true), look(2, &["1"], false)]);
    let member = |user: &str| ("a".parse().unwrap(), "g".parse().unwrap(), user.parse().unwrap());
    assert_eq!(spells(&history.idp_memberships, &member("1")), [(0, 2, ())]);
    assert_eq!(spells(&history.idp_memberships, &member("2")), [(0, 0, ())]);
    assert_eq!(history.members_unknown(&"a".parse().unwrap(), &"g".parse().unwrap()), [1]);
    assert_eq!(history.members_unknown(&"a".parse().unwrap(), &"h".parse().unwrap()), [0u32; 0]);
    let mut older = serde_json::to_value(&history).unwrap();
    older.as_object_mut().unwrap().remove("idp_members_unknown");
    let older: History = serde_json::from_value(older).unwrap();
    assert!(older.idp_members_unknown.is_empty());
}

#[test]
fn a_permission_set_changes_with_what_it_allows_and_not_with_the_order_of_its_policies() {
    let policy = |name: &str| ManagedPolicy { arn: format!("arn:{name}"), name: name.to_owned() };
    let set = |policies: &[&str], inline: Known<String>| PermissionSet {
        arn: "arn:ps".parse().unwrap(),
        name: Known::Value("ReadOnly".to_owned()),
        description: Known::Absent,
        created_at: Known::Absent,
        session: Known::Value(Span::hours(1)),
        managed: Known::Value(policies.iter().map(|name| policy(name)).collect()),
        customer: Known::Value(vec![]),
        inline,
        boundary: Known::Absent,
    };
    let look = |n, set| of_aws(n, AwsFacts { permission_sets: vec![set], ..empty() }, &[]);
    let history = history(&[
        look(0, set(&["a", "b"], Known::Absent)),
        look(1, set(&["b", "a"], Known::Absent)),
        look(2, set(&["a", "b"], Known::Value("{}".to_owned()))),
        look(3, set(&["a", "b"], Known::Unknown("denied".to_owned()))),
    ]);
    let spells = spells(&history.permission_sets, &"arn:ps".parse().unwrap());
    assert_eq!(spells.iter().map(|s| (s.0, s.1)).collect::<Vec<_>>(), [(0, 1), (2, 2), (3, 3)]);
    assert_ne!(spells[0].2.content, spells[1].2.content);
    assert_eq!(spells[2].2.content, "unknown");
}

#[test]
fn somebody_who_came_back_stands_where_the_later_engagement_does() {
    let engagement = |id: Option<&str>, start: &str, status| HrRecord {
        employee_id: id.map(str::to_owned),
        email: Some("ada@example.com".to_owned()),
        display_name: None,
        status,
        start: Some(start.parse().unwrap()),
        end: None,
        department: None,
        title: None,
        manager: None,
        worker_type: None,
        origin: "roster.csv row 2".to_owned(),
    };
    let records = vec![
        engagement(Some("7"), "2026-05-01T00:00:00Z", HrStatus::Active),
        engagement(Some("7"), "2020-01-01T00:00:00Z", HrStatus::Terminated),
        engagement(None, "2020-01-01T00:00:00Z", HrStatus::Terminated),
    ];
    let hr = HrFacts { records, lists_leavers: true, time_zone: "UTC".to_owned() };
    let batch = Batch::new(record("hr", &[Fact::HrRecords], &[], 0), Facts::Hr(hr));
    let history = history(&[Snapshot::seal(vec![batch], at(0), at(0)).unwrap()]);
    assert_eq!(spells(&history.engagements, &"7".to_owned())[0].2.status, HrStatus::Active);
    assert_eq!(spells(&history.engagements, &"ada@example.com".to_owned())[0].2.status, HrStatus::Terminated);
}

#[test]
fn what_records_said_of_times_is_kept_when_they_are_gone() {
    let made = "2026-06-01T09:00:00Z".parse().unwrap();
    let user = DirectoryUser { created_at: Known::Value(made), ..user(1, UserStatus::Enabled) };
    let member = Membership { created_at: Known::Value(made), ..membership(1) };
    let there = AwsFacts { users: vec![user], memberships: vec![member], ..empty() };
    let gone = of_aws(1, empty(), &[]);
    let history = history(&[of_aws(0, there, &[]), gone]);
    assert_eq!(history.users[0].spells[0].value.created_at, Some(made));
    assert_eq!((history.memberships[0].spells[0].last, history.memberships[0].spells[0].value), (0, Some(made)));
    // A history from before this was kept reads as one that does not say.
    let text = serde_json::to_string(&history).unwrap().replace("\"2026-06-01T09:00:00Z\"", "null");
    let mut older: serde_json::Value = serde_json::from_str(&text).unwrap();
    older["users"][0]["spells"][0]["value"].as_object_mut().unwrap().remove("created_at");
    let older: History = serde_json::from_value(older).unwrap();
    assert_eq!((older.users[0].spells[0].value.created_at, older.memberships[0].spells[0].value), (None, None));
}

#[test]
fn a_snapshot_with_its_history_reads_back_the_same() {
    let snapshot = of_aws(0, AwsFacts { users: vec![user(1, UserStatus::Enabled)], ..empty() }, &[]);
    let digest = snapshot.digest().to_owned();
    let history = history(std::slice::from_ref(&snapshot));
    assert_eq!(history.looks[0].digest, digest);
    let sealed = snapshot.with_history(history.clone()).unwrap();
    assert_ne!(sealed.digest(), digest);
    let read = crate::snapshot::read(sealed.bytes().to_vec()).unwrap();
    assert_eq!((read.history(), read.digest()), (Some(&history), sealed.digest()));
}

#[test]
fn who_has_grants_in_a_listing_was_there_and_nothing_else_is_said_of_them() {
    let with = |numbers: &[usize]| AwsFacts {
        users: numbers.iter().map(|number| user(*number, UserStatus::Enabled)).collect(),
        ..empty()
    };
    let grants = |numbers: &[usize]| {
        numbers.iter().map(|number| (format!("u-{number}").parse().unwrap(), assignment(*number))).collect()
    };
    let mut builder = HistoryBuilder::new();
    builder.listing(at(0), "l-0", grants(&[1, 1, 9]));
    builder.look(&of_aws(1, with(&[1, 2]), &[]));
    builder.listing(at(2), "l-2", grants(&[2]));
    builder.look(&of_aws(3, with(&[2]), &[]));
    builder.listing(at(4), "l-4", grants(&[1]));
    let history = builder.build();
    let seen = |number: usize| {
        let spells = spells(&history.users, &format!("u-{number}").parse().unwrap());
        let said = spells.iter().map(|(first, last, user)| (*first, *last, user.status.value().is_some()));
        assert!(spells.iter().all(|(_, _, user_then)| user_then.user_name == format!("user.{number}")));
        said.collect::<Vec<_>>()
    };
    assert_eq!(seen(1), [(0, 0, false), (1, 1, true), (4, 4, false)]);
    assert_eq!(seen(2), [(1, 1, true), (2, 2, false), (3, 3, true)]);
    assert_eq!(seen(9), [], "no snapshot tells who that is");
    assert_eq!(spells(&history.assignments, &assignment(9)), [(0, 0, ())]);
}
