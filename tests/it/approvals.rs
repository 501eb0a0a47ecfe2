//! Approvals, from their file to the rows of grants.csv.

use overstay::model::Fact;

use crate::place::Place;
use crate::rules::org::{Org, address};

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

/// `a` may read and has it. Other approvals, all under tickets of their own, stand behind nothing.
fn with_idle_approvals() -> Org {
    let org = Org::new().person("a").person("b").direct("a", "Read", "prod").direct("b", "Write", "prod");
    let (from, read) = ("2026-01-01T00:00:00Z", ("Read", "prod"));
    let org = org.approval("a", read, from, None);
    // `b` has never had it; an approval that ended, or has not begun, is no wonder.
    let mut org = org.approval("b", read, from, None).approval("b", read, from, Some("2026-02-01T00:00:00Z"));
    org = org.approval("b", read, "2026-12-01T00:00:00Z", None);
    for user in ["w", "x", "y", "z"] {
        org = org.approval(user, read, from, None);
    }
    org = org.approval("a", ("Raed", "prod"), from, None).approval("a", read, from, None);
    let last = org.approvals.as_mut().unwrap().last_mut().unwrap();
    (last.account, last.reference) = ("prodd".to_owned(), None);
    org
}

#[test]
fn approvals_that_stand_behind_no_grant_are_counted_with_the_first_few() {
    let said = |org: &Org| org.reconcile(overstay::evidence::report::idle_approvals);
    let why = [
        "4 of 10 approvals name a user that no source knows for certain, or that Identity Center does not have, and stand \
         behind no grant: REQ-w, REQ-x, REQ-y, ….",
        "1 of 10 approvals name an account that is not known for certain, and stand behind no grant: approvals.csv row 10.",
        "1 of 10 approvals name a permission set that there is not, and stand behind no grant: REQ-a.",
        "1 of 10 approvals approve access that is not held, and stand behind no grant: REQ-b.",
    ];
    assert_eq!(said(&with_idle_approvals()), why);
    let partly = said(&with_idle_approvals().gap(Fact::Assignments));
    assert!(partly.iter().all(|why| why.starts_with("As far as was read, ")), "{partly:?}");
    let fitting = Org::new().person("a").direct("a", "Read", "prod").approval(
        "a",
        ("read", "prod"),
        "2026-01-01T00:00:00Z",
        None,
    );
    assert_eq!(said(&fitting), [""; 0]);
    assert_eq!(said(&Org::new().person("a").direct("a", "Read", "prod")), [""; 0]);
}

#[test]
fn a_run_says_so_and_its_pack_does() {
    let place = Place::new();
    place.write("overstay.toml", "[aws]\nregion = \"eu-west-1\"\n");
    place.write("s.zst", with_idle_approvals().seal().bytes());
    let ended = place.run(&["audit", "--snapshot", "s.zst", "--out", "pack"]).with(0);
    assert!(ended.stderr.contains("note: 4 of 10 approvals name a user"), "{}", ended.stderr);
    let ipe: serde_json::Value = serde_json::from_str(&place.text("pack/data/ipe.json")).unwrap();
    assert_eq!(ipe["approvals"]["read"], 10);
    let kinds = ipe["approvals"]["without_grant"].as_array().unwrap();
    let counts: Vec<(&str, u64)> =
        kinds.iter().map(|kind| (kind["what"].as_str().unwrap(), kind["count"].as_u64().unwrap())).collect();
    assert_eq!(counts, [("user", 4), ("account", 1), ("permission_set", 1), ("grant", 1)]);
    assert_eq!(kinds[0]["first"][0]["reference"], "REQ-w");
    assert!(place.text("pack/data/report.html").contains("4 of 10 approvals name a user"));
    assert!(!ended.stderr.contains(&address("w")), "tickets, and no names");
}
