//! A server of our own that fails, throttles, counts wrongly or changes while it is read.

use std::sync::atomic::{AtomicU32, Ordering};

use overstay::model::{Fact, GapKind};
use serde_json::{Value, json};

use super::ask::{Told, read};
use crate::web::{Asked, Reply, Site, Times};

fn user(number: usize) -> Value {
    json!({ "id": format!("{number:03}"), "userName": format!("user{number:03}"), "active": true })
}

/// A page of at most `cap` of `all`, as RFC 7644 has it.
fn page(asked: &Asked, all: &[Value], cap: usize) -> Reply {
    let number = |name: &str| asked.value(name).and_then(|text| text.parse::<usize>().ok());
    let (start, count) = (number("startIndex").unwrap_or(1), number("count").unwrap_or(cap).min(cap));
    let some: Vec<&Value> = all.iter().skip(start - 1).take(count).collect();
    if some.is_empty() {
        return Reply::json(json!({ "totalResults": all.len(), "startIndex": start }));
    }
    Reply::json(json!({
        "totalResults": all.len(), "startIndex": start, "itemsPerPage": some.len(), "Resources": some
    }))
}

/// With a group of whoever there is.
fn groups(site: Site) -> Site {
    site.get("/Groups", |asked| page(asked, &[json!({ "id": "g", "displayName": "G", "members": [] })], 50))
}

fn people(count: usize, cap: usize) -> Site {
    let all: Vec<Value> = (0..count).map(user).collect();
    groups(Site::new()).get("/Users", move |asked| page(asked, &all, cap))
}

/// What is read of users; groups are whole.
#[track_caller]
fn reading(site: Site) -> (Told, Vec<Asked>) {
    let web = site.start();
    let told = read(&web.url());
    assert!(told.record.gaps.iter().all(|gap| gap.fact == Fact::IdpUsers), "{:#?}", told.record.gaps);
    (told, web.requests_of("/Users"))
}

#[test]
fn a_server_that_gives_few_at_once_is_asked_on_from_where_it_stopped() {
    let (told, asked) = reading(people(23, 7));
    assert_eq!(told.whole().names().len(), 23);
    let starts: Vec<&str> = asked.iter().map(|asked| asked.value("startIndex").unwrap()).collect();
    assert_eq!(starts, ["1", "8", "15", "22"]);
    for asked in &asked {
        assert_eq!(asked.value("count"), Some("200"));
        assert!(asked.value("attributes").unwrap().contains("userName,displayName"));
    }
    // A full last page needs no further question.
    assert_eq!(reading(people(14, 7)).1.len(), 2);
}

#[test]
fn throttling_and_slips_are_tried_again() {
    let (told, asked) = reading(people(23, 7).spoil("/Users", Times::Nth(2), |_| Reply::throttled("0.01")));
    assert_eq!((told.whole().names().len(), asked.len()), (23, 5));
    let (told, _) = reading(people(23, 7).spoil("/Users", Times::Nth(3), Reply::cut_short));
    assert_eq!(told.whole().names().len(), 23);
}

#[test]
fn a_page_that_fails_for_good_is_a_gap_and_what_came_is_kept() {
    let (told, _) = reading(people(23, 7).spoil("/Users", Times::From(3), |_| Reply::status(500, json!({}))));
    assert_eq!(told.gap(Fact::IdpUsers).kind, GapKind::Server);
    assert_eq!(told.names().len(), 14);
    let (told, _) = reading(people(23, 7).spoil("/Users", Times::From(2), |_| Reply::throttled("0.01")));
    assert_eq!(told.gap(Fact::IdpUsers).kind, GapKind::Throttled);
}

#[test]
fn a_server_that_counts_otherwise_than_it_lists_is_not_believed() {
    // It ignores where to begin, and gives its first page for ever.
    let all: Vec<Value> = (0..23).map(user).collect();
    let site = groups(Site::new())
        .get("/Users", move |_| Reply::json(json!({ "totalResults": 23, "startIndex": 1, "Resources": all[..10] })));
    let (told, asked) = reading(site);
    assert_eq!(told.gap(Fact::IdpUsers).reason, "the server says that there are 23, and lists 10 different ones");
    assert_eq!(asked.len(), 6, "read twice, three pages each");
    // It stops at a limit, as if there were no more.
    let all: Vec<Value> = (0..23).map(user).collect();
    let site = groups(Site::new()).get("/Users", move |asked| {
        let first = asked.value("startIndex") == Some("1");
        Reply::json(json!({ "totalResults": 23, "Resources": if first { &all[..20] } else { &[] } }))
    });
    assert_eq!(reading(site).0.gap(Fact::IdpUsers).kind, GapKind::Malformed);
    // It does not say how many there are.
    let site = groups(Site::new()).get("/Users", |asked| {
        let first = asked.value("startIndex") == Some("1");
        Reply::json(json!({ "Resources": if first { vec![user(1)] } else { vec![] } }))
    });
    assert!(reading(site).0.gap(Fact::IdpUsers).reason.contains("does not say how many"));
}

#[test]
fn a_list_that_changes_while_it_is_read_is_read_again() {
    // After the first page somebody of it is deleted: whoever moves up would be missed.
    let changing = |changes: u32| {
        let turn = AtomicU32::new(0);
        groups(Site::new()).get("/Users", move |asked| {
            let gone = turn.fetch_add(1, Ordering::SeqCst).min(changes) as usize;
            let all: Vec<Value> = (gone..23).map(user).collect();
            page(asked, &all, 7)
        })
    };
    let (told, asked) = reading(changing(1));
    assert_eq!(told.whole().names(), (1..23).map(|n| format!("user{n:03}")).collect::<Vec<_>>());
    assert_eq!(asked.len(), 8);
    let (told, _) = reading(changing(99));
    assert_eq!(told.gap(Fact::IdpUsers).reason, "the list changed while it was read, twice");
}

#[test]
fn a_cursor_is_followed_to_its_end() {
    let site = groups(Site::new())
        .get("/ServiceProviderConfig", |_| Reply::json(json!({ "pagination": { "cursor": true, "index": false } })))
        .get("/Users", |asked| {
            assert_eq!(asked.value("startIndex"), None);
            Reply::json(match asked.value("cursor") {
                Some("") => json!({ "totalResults": 3, "nextCursor": "a/b=", "Resources": [user(1), user(2)] }),
                Some("a/b=") => json!({ "totalResults": 3, "nextCursor": "c" }),
                Some("c") => json!({ "totalResults": 3, "Resources": [user(3)] }),
                other => panic!("{other:?}"),
            })
        });
    let (told, asked) = reading(site);
    assert_eq!((told.whole().names().len(), asked.len()), (3, 3));
    let circle = groups(Site::new())
        .get("/ServiceProviderConfig", |_| Reply::json(json!({ "pagination": { "cursor": true } })))
        .get("/Users", |_| Reply::json(json!({ "nextCursor": "again", "Resources": [user(1)] })));
    assert_eq!(reading(circle).0.gap(Fact::IdpUsers).kind, GapKind::Malformed);
}

#[test]
fn a_server_that_takes_no_attributes_is_asked_for_everything() {
    let site = groups(Site::new()).get("/Users", |asked| match asked.value("attributes") {
        Some(_) => Reply::status(400, json!({ "scimType": "invalidPath", "detail": "no such parameter" })),
        None => page(asked, &[user(1), user(2)], 50),
    });
    let told = reading(site).0.whole();
    assert_eq!(told.names().len(), 2);
    assert_eq!(told.record.notes, ["GET /Users: the server takes no `attributes`, and sent more than was used"]);
}

#[test]
fn entries_that_say_too_little_are_gaps_and_the_others_are_read() {
    let all = [
        user(1),
        json!({ "id": "002", "userName": "silent" }),
        json!({ "id": "003", "active": true }),
        json!({ "userName": "without an id", "active": true }),
        json!("nothing"),
    ];
    let (told, _) = reading(groups(Site::new()).get("/Users", move |asked| page(asked, &all, 2)));
    assert_eq!(told.names(), ["user001"]);
    let reasons: Vec<&str> = told.record.gaps.iter().map(|gap| gap.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "1 users have no usable id or user name",
            "2 entries have not the documented shape",
            "the server does not say of 1 users whether they are active"
        ]
    );
}

#[test]
fn groups_that_say_too_little_are_gaps() {
    let with = |list: Vec<Value>| {
        let web = Site::new()
            .get("/Users", |asked| page(asked, &[user(1)], 50))
            .get("/Groups", move |asked| page(asked, &list, 50))
            .start();
        read(&web.url())
    };
    let told = with(vec![json!({ "id": "g", "displayName": "G" })]);
    assert_eq!(told.gap(Fact::IdpGroups).reason, "no group says who is in it");
    let told = with(vec![json!({ "id": "g", "displayName": "G", "members": [{ "value": "001" }, { "value": "9" }] })]);
    assert_eq!(told.gap(Fact::IdpGroups).at, "GET /Groups (9)");
    assert_eq!(told.members("G"), ["user001"]);
    assert_eq!(with(Vec::new()).gap(Fact::IdpGroups).reason, "the list is empty");
}
