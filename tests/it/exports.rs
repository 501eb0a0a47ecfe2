//! Exports of users, from the file to the outcome of a run.

use crate::place::Place;

fn place(users: &str, keys: &str) -> Place {
    let place = Place::new();
    place.write("overstay.toml", format!("[[idp]]\nname = \"i\"\ntype = \"csv\"\nusers = \"users.csv\"\n{keys}"));
    place.write("users.csv", users);
    place
}

#[test]
fn an_optional_cell_that_cannot_be_read_leaves_the_run_complete_and_is_reported() {
    let users = "id,user_name,status,last_sign_in_at\nu1,dee@x,active,03/08/2026\nu2,eve@x,active,2026-08-03\n";
    let unclear = place(users, "");
    unclear.run(&["audit", "--out", "pack"]).assert_complete();
    let report = unclear.text("pack/data/ipe.json");
    for part in ["column `last_sign_in_at`: 1 cell is not readable", "First in row 1 (line 2)", "date_format"] {
        assert!(report.contains(part), "{part}");
    }
    let stated = place(users, "date_format = \"%d/%m/%Y\"\n");
    stated.run(&["audit", "--out", "pack"]).assert_complete();
    assert!(!stated.text("pack/data/ipe.json").contains("not readable"));
}

#[test]
fn a_required_cell_that_cannot_be_read_makes_the_run_incomplete() {
    let place = place("id,user_name,status\nu1,dee@x,perhaps\n", "");
    place.run(&["audit", "--out", "pack"]).with(3).saying(&["`perhaps` is not a known status"]);
}

#[test]
fn an_export_that_is_not_recognised_is_refused_with_its_columns() {
    let place = place("#TYPE Example\nGuid,Login name\n1,dee@x\n", "");
    place.run(&["audit", "--out", "pack"]).with(2).saying(&["no column `id`", "`Guid`, `Login name`", "columns = {"]);
}
