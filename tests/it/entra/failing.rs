//! A tenant that fails, throttles, lies or goes in circles.

use overstay::config::Part;
use overstay::model::{Fact, GapKind};
use serde_json::json;

use super::world::{World, error, group};
use super::{Collecting, SLOW, TOKEN_PATH, Told, collect, config, site, twisted};
use crate::web::{Reply, Site, Times, Tokens};

/// Only users and groups, so that `/v1.0/users` is one listing.
fn bare(site: Site) -> Told {
    let web = site.start();
    let without = [SLOW.as_slice(), &[Part::Dates, Part::Deleted, Part::Application]].concat();
    Collecting::new(config(&web, &without)).collect()
}

fn in_pages(page: usize) -> Site {
    let mut world = World::small();
    world.page = page;
    site(world, &Tokens::new())
}

#[test]
fn a_page_that_fails_midway_and_then_comes_is_no_loss() {
    for fault in [
        Reply::html(500),
        Reply::html(502),
        Reply::json(json!({})).reset(),
        Reply::json(json!({"value": []})).cut_short(),
    ] {
        let told = bare(in_pages(1).spoil("/v1.0/users", Times::Nth(3), move |_| fault.clone()));
        told.is_whole();
        assert_eq!(told.facts.users.len(), 4);
        assert_eq!(told.counts("GET /v1.0/users", ""), [5, 4, 4, 1, 0]);
    }
}

#[test]
fn a_page_that_never_comes_leaves_the_list_incomplete() {
    let told = bare(in_pages(1).spoil("/v1.0/users", Times::From(3), |_| Reply::html(500)));
    assert_eq!(told.names(), ["user1@example.com", "user2@example.com"]);
    let gap = &told.batch.record.gaps[0];
    assert_eq!((gap.fact, gap.kind, told.gaps().len()), (Fact::IdpUsers, GapKind::Server, 1));
}

#[test]
fn throttling_is_waited_out() {
    let slow = |_| Reply::throttled("0.01");
    let told = bare(in_pages(1).spoil("/v1.0/users", Times::First(2), slow).spoil(
        "/v1.0/groups/{}/members",
        Times::Nth(1),
        slow,
    ));
    told.is_whole();
    assert_eq!(told.counts("GET /v1.0/users", ""), [6, 4, 4, 2, 2]);
    assert_eq!(told.counts("GET /v1.0/groups/{id}/members", "")[3..], [1, 1]);
}

#[test]
fn throttling_without_end_is_a_gap() {
    let told = bare(in_pages(1).spoil("/v1.0/users", Times::From(2), |_| Reply::throttled("0.001")));
    assert_eq!(told.batch.record.gaps[0].kind, GapKind::Throttled);
}

#[test]
fn an_expired_token_is_renewed() {
    // Pages of one listing only: of requests side by side each would use up another's token.
    let tokens = Tokens::new().lasting(3);
    let mut world = World::small();
    world.page = 1;
    let web = site(world, &tokens).start();
    let told = Collecting::new(config(&web, &Part::ALL.map(|(_, part)| part))).collect();
    told.is_whole();
    assert_eq!((told.facts.users.len(), tokens.given()), (4, 2));
    assert_eq!(told.counts("GET /v1.0/users", ""), [5, 4, 4, 1, 0]);
}

#[test]
fn a_refused_secret_is_one_gap_for_each_fact() {
    let refusal = json!({"error": "invalid_client", "error_description":
        format!("AADSTS7000215: Invalid client secret provided: {}. Trace ID: 1", super::SECRET)});
    let web = site(World::small(), &Tokens::new().refusing(Reply::status(401, refusal))).start();
    let told = collect(&web);
    assert!(told.facts.users.is_empty());
    assert!(told.batch.record.gaps.iter().all(|gap| gap.kind == GapKind::Credentials));
    assert_eq!(told.gaps().len(), told.batch.record.asked.len());
    assert!(told.gaps()[0].contains("AADSTS7000215") && !told.gaps().join("").contains(super::SECRET));
    assert_eq!(web.requests_of(TOKEN_PATH).len(), 1);
}

#[test]
fn a_directory_without_anybody_is_not_believed() {
    let told = bare(site(World { page: 999, ..World::default() }, &Tokens::new()));
    let gap = &told.batch.record.gaps[0];
    assert_eq!((gap.fact, gap.kind), (Fact::IdpUsers, GapKind::Malformed));
    assert_eq!(gap.reason, "the directory is said to have no users at all");
    assert_eq!(told.facts.groups, Some(Vec::new()));
}

#[test]
fn the_token_is_not_sent_to_another_server() {
    let other = Site::new().get("/v1.0/users", |_| Reply::json(json!({"value": []}))).start();
    let link = format!("{}/v1.0/users?$skiptoken=1", other.url());
    let mut world = World::small();
    world.page = 2;
    let told = bare(twisted(world, &Tokens::new(), move |asked, body| {
        if asked.path == "/v1.0/users" {
            body["@odata.nextLink"] = json!(link);
        }
    }));
    assert_eq!(other.requests().len(), 0);
    assert_eq!(told.facts.users.len(), 2);
    let gap = &told.batch.record.gaps[0];
    assert_eq!((gap.fact, gap.kind), (Fact::IdpUsers, GapKind::Malformed));
    assert!(gap.reason.contains(&other.url()), "{}", gap.reason);
}

#[test]
fn a_listing_that_goes_in_circles_is_found_out() {
    let mut world = World::small();
    world.page = 1;
    let told = bare(twisted(world, &Tokens::new(), |_, body| {
        if let Some(link) = body["@odata.nextLink"].as_str() {
            body["@odata.nextLink"] = json!(link.replace("m~2", "m~1"));
        }
    }));
    assert_eq!(told.batch.record.gaps[0].kind, GapKind::Malformed);
}

#[test]
fn an_answer_that_is_no_list_is_not_an_empty_one() {
    let told = bare(in_pages(9).spoil("/v1.0/groups", Times::Every, |_| Reply::json(json!({"odata": "x"}))));
    assert_eq!(told.batch.record.gaps[0].fact, Fact::IdpGroups);
    let told = bare(in_pages(9).spoil("/v1.0/users", Times::Every, |_| Reply::json(json!({"value": [{"id": 7}]}))));
    let gap = &told.batch.record.gaps[0];
    assert_eq!((gap.fact, gap.kind), (Fact::IdpUsers, GapKind::Malformed));
}

#[test]
fn a_group_that_is_deleted_meanwhile_is_not_missed() {
    let mut world = World::small();
    world.groups.push(group(7, "Gone"));
    let told = bare(site(world, &Tokens::new()));
    told.is_whole();
    let groups = told.facts.groups.as_deref().unwrap();
    let unknown: Vec<&str> =
        groups.iter().filter(|group| group.members_unknown.is_some()).map(|group| group.name.as_str()).collect();
    assert_eq!((groups.len(), unknown), (4, vec!["Gone"]));
    let notes = told.batch.record.notes.iter();
    assert_eq!(notes.filter(|note| note.contains("the members of the group `Gone` are not known")).count(), 1);
}

#[test]
fn the_members_of_a_group_with_hidden_membership_are_not_known() {
    let mut world = World::small();
    let mut hidden = group(7, "Hidden");
    hidden["visibility"] = "HiddenMembership".into();
    world.members.insert(hidden["id"].as_str().unwrap().to_owned(), Vec::new());
    world.groups.push(hidden);
    let read = bare(site(world, &Tokens::new()));
    read.is_whole();
    let groups = read.facts.groups.as_deref().unwrap();
    let unknown: Vec<&str> = groups.iter().filter_map(|group| group.members_unknown.as_deref()).collect();
    assert!(matches!(unknown[..], [why] if why.contains("Member.Read.Hidden")), "{unknown:?}");
}

#[test]
fn members_that_can_not_be_read_are_a_gap_of_groups() {
    let denied = || {
        let (status, body) = error(403, "Authorization_RequestDenied", "Insufficient privileges.");
        Reply::status(status, body)
    };
    let told = bare(in_pages(9).spoil("/v1.0/groups/{}/members", Times::Every, move |_| denied()));
    let gap = &told.batch.record.gaps[0];
    assert_eq!((gap.fact, gap.kind, told.gaps().len()), (Fact::IdpGroups, GapKind::Denied, 1));
    assert!(gap.at.ends_with(" and 2 more"), "{}", gap.at);
    assert_eq!(
        gap.hint,
        "grant it the application permission GroupMember.Read.All, or leave it out: without = [\"groups\"]"
    );
}
