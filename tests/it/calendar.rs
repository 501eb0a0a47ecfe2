//! Business time, from the calendar's file to leavers.csv.

use overstay::model::Fact;

use crate::place::Place;
use crate::rules::org::Org;

const CALENDAR: &str = "[calendar]\ntime_zone = \"UTC\"\n";

/// Somebody who left on a Friday at 17:00, and whose sign-in was seen to be blocked on the Wednesday after, at the same time.
fn leaver() -> Org {
    let org = Org::new().person("a").access("a", "Read", "prod");
    org.gone("a", Some("2026-09-25T17:00:00Z")).disabled_in_aws("a")
}

fn hours(org: &Org) -> String {
    org.cells("leavers.csv", &["elapsed_business_hours_max"]).concat().concat()
}

#[test]
fn weekends_and_holidays_do_not_count() {
    assert_eq!(hours(&leaver()), "", "no calendar");
    assert_eq!(leaver().cells("leavers.csv", &["elapsed_hours_max"]).concat(), ["120.0"]);
    assert_eq!(hours(&leaver().config(CALENDAR)), "72.0");
    let with_file = leaver().config(&format!("{CALENDAR}holidays = \"holidays.csv\"")).holiday("2026-09-28");
    assert_eq!(hours(&with_file), "48.0");
    assert_eq!(hours(&with_file.clone().gap(Fact::Holidays)), "unknown", "another day may be off as well");
    assert_eq!(hours(&with_file.unasked(Fact::Holidays)), "unknown");
}

#[test]
fn what_is_not_bounded_is_unknown() {
    let held = Org::new().person("a").access("a", "Read", "prod").gone("a", Some("2026-09-25T17:00:00Z"));
    assert_eq!(hours(&held.config(CALENDAR)), "unknown", "it is still held");
    let since_when = Org::new().person("a").access("a", "Read", "prod").gone("a", None).disabled_in_aws("a");
    assert_eq!(hours(&since_when.config(CALENDAR)), "unknown", "nothing says since when");
}

#[test]
fn the_holidays_file_is_a_source() {
    let place = Place::new();
    place.write("users.csv", "id,user_name,status\n1,a@x,active\n");
    let config = "[[idp]]\nname = \"i\"\ntype = \"csv\"\nusers = \"users.csv\"\n";
    place.write("overstay.toml", format!("{config}{CALENDAR}holidays = \"holidays.csv\"\n"));
    place.run(&["audit", "--out", "pack"]).with(2).saying(&["no file `holidays.csv`"]);
    place.write("holidays.csv", "date,name\n2026-12-25,Christmas Day\n");
    place.run(&["audit", "--out", "pack"]).with(0);
    place.write("holidays.csv", "date,name\n05/12/2026,Christmas Day\n");
    place.run(&["audit", "--out", "again"]).with(3).saying(&["calendar: `05/12/2026` does not say"]);
}
