//! A store that is read-only or full: said before anything is collected where that can be known, and harmed in no case.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::place::{Ended, Place};

const CONFIG: &str = "[[idp]]\nname = \"export\"\ntype = \"csv\"\nusers = \"users.csv\"\n\n[store]\n";

/// A place whose store has one look.
fn place() -> Place {
    let place = Place::new();
    place.write("overstay.toml", CONFIG);
    place.write("users.csv", "id,user_name,status\n1,ada@example.com,active\n");
    place.run(&["collect"]).with(0);
    place
}

/// The program on a disk that has no room for another byte: files may not grow at all.
fn without_room(place: &Place, arguments: &[&str]) -> Ended {
    let program = place.command(arguments);
    let mut shell = Command::new("sh");
    // The signal that comes with it is ignored, as a program in a service has it; the error remains.
    shell.arg("-c").arg("trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"").arg(program.get_program());
    shell.args(program.get_args()).current_dir(place.path()).env_clear().env("HOME", place.path());
    for (name, value) in program.get_envs() {
        shell.envs(value.map(|value| (name, value)));
    }
    shell.output().unwrap().into()
}

#[test]
fn a_full_disk_is_told_with_both_places_and_harms_nothing() {
    let place = place();
    let before = place.files(".");
    let ended = without_room(&place, &["collect"]).with(5);
    // The snapshot's place in the store, and that beside the config where it was to go instead.
    let words =
        ["cannot write ./.overstay/snapshots/", "is lost", "cannot write overstay-", "too large", "make room there"];
    ended.saying(&words);
    let ended = without_room(&place, &["audit", "--out", "pack"]).with(5);
    ended.saying(&["cannot write", "pack/data/", "make room there"]);
    assert_eq!(place.files(".").keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert_eq!(place.files("."), before);
    place.run(&["collect"]).with(0);
    assert_eq!(place.files(".overstay/snapshots").len(), 2);
}

#[test]
fn a_store_that_is_read_only_is_told_before_anything_is_collected() {
    let place = place();
    let before = place.files(".overstay");
    let folders = [".overstay/snapshots", ".overstay"];
    // Whoever may do everything is told of nothing, so somebody else has to run it.
    let root = fs::metadata(place.path()).unwrap().uid() == 0;
    let mode = |name: &str, mode| fs::set_permissions(place.at(name), Permissions::from_mode(mode)).unwrap();
    for folder in folders {
        mode(folder, 0o555);
    }
    mode(".overstay/store.json", 0o444);
    if root {
        mode(".", 0o755);
    }
    // What would be collected is wrong, and nobody gets that far.
    place.write("users.csv", "nothing of ours\n");
    // Somebody else may not be able to reach where the program was built.
    let copy = place.at("program");
    if root {
        fs::copy(env!("CARGO_BIN_EXE_overstay"), &copy).unwrap();
    }
    let run = |arguments: &[&str]| -> Ended {
        if !root {
            return place.run(arguments);
        }
        let own = place.command(arguments);
        let mut command = Command::new(&copy);
        command.args(own.get_args()).current_dir(place.path()).env_clear().uid(65_534).gid(65_534);
        for (name, value) in own.get_envs() {
            command.envs(value.map(|value| (name, value)));
        }
        command.output().unwrap().into()
    };
    for arguments in [&["collect"][..], &["check"]] {
        let ended = run(arguments).with(5);
        let words = ["cannot write to ./.overstay/snapshots", "ermission denied", "let whoever runs overstay"];
        ended.saying(&words);
    }
    run(&["store", "list"]).with(0);
    for folder in folders {
        mode(folder, 0o755);
    }
    let after: BTreeMap<String, Vec<u8>> = place.files(".overstay");
    assert_eq!(after, before);
}
