//! What a listing that somebody kept adds to a period: labelled, against its owner only, and silent about what it lacks.

use super::story::Story;
use crate::rules::org::{Org, user_id};

/// `a` may read in prod by a group, and `b` stays for the whole story.
fn org() -> Org {
    Org::new().person("a").person("b").group("readers", &["a", "b"]).grouped("readers", "Read", "prod")
}

const A: (&str, &str, &str, Option<&str>) = ("a", "Read", "prod", Some("readers"));
const B: (&str, &str, &str, Option<&str>) = ("b", "Read", "prod", Some("readers"));

/// `a` leaves on the 10th, is out of the group on the 14th, and nothing but the looks says so.
fn leaving() -> Story {
    let story = Story::new(org()).then("2026-08-10T16:00:00Z", |org| org.gone("a", Some("2026-08-10T16:00:00Z")));
    let story = story.then("2026-08-14T09:00:00Z", |mut org| {
        org.aws.memberships.retain(|membership| membership.user != user_id("a"));
        org
    });
    story.missing("2026-08-10").missing("2026-08-11").missing("2026-08-12").missing("2026-08-13")
}

#[test]
fn what_it_shows_may_fail_a_leaver_and_is_named() {
    let cells = |story: Story| {
        let row = story.tell().only("leavers.csv");
        ["result", "last_grant_removed_at", "last_grant_removed_basis", "notes"].map(|cell| row[cell].clone())
    };
    assert_eq!(cells(leaving()), ["indeterminate", "2026-08-09T19:50:00Z", "snapshots", ""]);
    let told = cells(leaving().listing("2026-08-13T12:00:00Z", &[A, B]));
    assert_eq!(told[..3], ["fail", "2026-08-13T12:00:00Z", "listing"]);
    assert!(told[3].contains("rests on a listing that somebody kept"), "{}", told[3]);
    // It lacks `a`, and proves nothing by that.
    assert_eq!(cells(leaving().listing("2026-08-11T12:00:00Z", &[B])), cells(leaving()));
}

#[test]
fn what_it_shows_from_before_was_not_given_in_the_period() {
    // The first snapshot is the one of 1 July; nothing shows what was before but listings.
    let story = Story::new(org().approvals_read()).period(
        "2026-07-01..2026-09-30",
        "2026-07-01T20:00:00Z",
        "2026-09-30T20:00:00Z",
    );
    for grants in [&[A, B][..], &[B][..]] {
        let told = story.clone().listing("2026-06-29T12:00:00Z", grants).tell();
        assert_eq!(told.rows("joiners.csv"), []);
        assert_eq!(told.rows("changes.csv"), []);
        told.report.clean("unapproved-access");
    }
}

#[test]
fn what_came_by_the_time_of_a_listing_is_labelled_so() {
    let story = Story::new(org()).then("2026-08-10T10:00:00Z", |org| org.direct("a", "Admin", "prod"));
    let story = story.missing("2026-08-10").missing("2026-08-11");
    let story = story.listing("2026-08-10T18:00:00Z", &[A, B, ("a", "Admin", "prod", None)]);
    let row = story.clone().tell().only("changes.csv");
    let cells = ["change", "changed_at", "changed_latest", "basis", "first_seen"];
    let expected = ["added", "2026-08-09T19:50:00Z", "2026-08-10T18:00:00Z", "listing", "2026-08-10T18:00:00Z"];
    assert_eq!(cells.map(|cell| row[cell].as_str()), expected);
    assert_eq!(story.tell().only("joiners.csv")["basis"], "listing");
}

#[test]
fn provisioning_that_only_a_listing_shows_in_time_is_undecided() {
    let asked = "2026-08-10T10:00:00Z";
    let story = Story::new(org().person("c")).then(asked, |mut org| {
        let groups = org.idps[0].groups.as_mut().unwrap();
        groups[0].members.push(crate::rules::org::idp_id("c"));
        org
    });
    let story = story.then("2026-08-10T10:10:00Z", |mut org| {
        org.aws.memberships.push(overstay::model::Membership {
            group: crate::rules::org::group_id("readers"),
            user: user_id("c"),
            created_at: overstay::model::Known::Absent,
            created_by: None,
        });
        org
    });
    let log = vec![overstay::model::Event {
        user: Some("0b-c".to_owned()),
        group: Some("0c-readers".to_owned()),
        ..super::story::by_admin(asked, overstay::model::event::Action::MemberAdded)
    }];
    let story = story.idp_log(overstay::model::event::LogKind::EntraAudit, log).missing("2026-08-10");
    let story = story.listing("2026-08-10T10:20:00Z", &[A, B, ("c", "Read", "prod", Some("readers"))]);
    let row = story.tell().only("joiners.csv");
    let cells = ["provisioning_minutes_max", "provisioned", "basis"].map(|cell| row[cell].as_str());
    assert_eq!(cells, ["20", "indeterminate", "listing"]);
}

#[test]
fn the_page_counts_them_apart() {
    let page = Story::new(org()).listing("2026-08-13T12:00:00Z", &[A, B]).page();
    for words in ["Based on 93 snapshots and", "1 listing that somebody kept", "the basis `listing`"] {
        assert!(page.contains(words), "no {words}");
    }
    let missed = Story::new(org()).missing("2026-08-13").listing("2026-08-13T20:00:00Z", &[A, B]).page();
    assert!(missed.contains("No snapshot from 12 Aug 2026, 20:00 UTC to 14 Aug 2026, 19:50 UTC."), "a listing is none");
    assert!(!Story::new(org()).page().contains("that somebody kept"));
}
