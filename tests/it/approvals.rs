//! Approvals, from their file to the rows of grants.csv.

use overstay::model::Fact;

use crate::place::Place;
use crate::rules::org::Org;

#[test]
fn grants_name_their_approval_and_its_end() {
    let columns = ["user_name", "approval_ref", "expires_at"];
    let org = Org::new().person("a").person("b").person("c").direct("a", "Read", "prod").direct("b", "Read", "prod");
    let org = org.access("c", "Read", "prod").member_since("c-Read-prod", "c", "2026-01-01T00:00:00Z");
    let unread = org.cells("grants.csv", &columns);
    assert!(unread.iter().all(|row| row[1] == "unknown" && row[2].is_empty()), "{unread:?}");
    let org = org.approval("a", ("Read", "prod"), "2026-09-30T12:00:00Z", Some("2026-09-30T20:00:00Z"));
    // A membership from before does not rest on what was approved for a day.
    let org = org.approval("c", ("Read", "prod"), "2026-09-30T12:00:00Z", Some("2026-09-30T20:00:00Z"));
    let rows = org.cells("grants.csv", &columns);
    assert_eq!(
        rows,
        [
            ["a@example.org", "REQ-a", "2026-09-30T20:00:00Z"],
            ["b@example.org", "none", ""],
            ["c@example.org", "none", ""],
        ]
    );
    let lost = org.gap(Fact::Approvals).cells("grants.csv", &columns);
    assert_eq!([&*lost[0][1], &*lost[1][1]], ["REQ-a", "unknown"], "a lost row may be its approval");
}

#[test]
fn a_name_that_two_people_bear_approves_nobody() {
    let shared = |org: Org, name: &str| org.edit_user(name, |user| user.email = Some("shared@example.org".to_owned()));
    let org = Org::new().person("a").person("b").direct("a", "Read", "prod").direct("b", "Read", "prod");
    let org = org.approval("a", ("Read", "prod"), "2026-01-01T00:00:00Z", None);
    let reference = |org: &Org| org.cells("grants.csv", &["approval_ref"]).concat();
    assert_eq!(reference(&org), ["REQ-a", "none"]);
    let twice = shared(shared(org, "a"), "b").edit_user("b", |user| user.email = Some("a@example.org".to_owned()));
    assert_eq!(reference(&twice), ["none", "none"]);
}

#[test]
fn a_bad_row_makes_the_run_incomplete_and_a_missing_file_ends_it() {
    let place = Place::new();
    place.write("users.csv", "id,user_name,status\n1,a@x,active\n");
    let config =
        "[[idp]]\nname = \"i\"\ntype = \"csv\"\nusers = \"users.csv\"\n[approvals]\npath = \"approvals.csv\"\n";
    place.write("overstay.toml", config);
    place.run(&["audit", "--out", "pack"]).with(2).saying(&["no file `approvals.csv`"]);
    place.write("approvals.csv", "user,account,permission_set,approved_by\na@x,prod,Read,b@x\n");
    place.run(&["audit", "--out", "pack"]).with(0);
    place.write("approvals.csv", "user,account,permission_set,approved_by\na@x,prod,,b@x\n");
    place.run(&["audit", "--out", "again"]).with(3).saying(&["approvals: the cell is empty"]);
    place.run(&["doctor"]).with(3);
}
