//! `overstay init`: what it writes is valid, says what today's assignments imply, and never replaces anything.

use std::collections::BTreeSet;

use crate::aws::fake::faults::{Effect, Fault, When};
use crate::aws::fake::world::World;
use crate::aws::fake::{FakeAws, Setup};
use crate::program::{Program, idp_files};

const FILES: [&str; 6] = ["--users", "users.csv", "--groups", "groups.csv", "--members", "members.csv"];

/// The rules that say whether somebody may hold what they hold; others judge how well it is kept.
const ABOUT_WHO_HOLDS_WHAT: [&str; 10] = [
    "leaver-holds-access",
    "orphaned-identity",
    "dangling-assignment",
    "disabled-user-holds-grants",
    "ambiguous-identity",
    "reused-identity",
    "access-outside-policy",
    "missing-expected-access",
    "direct-assignment",
    "closed-account-assignment",
];

fn discover<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["init", "--discover", "--region", "us-east-1", "--organization", "Example \"Ltd\""];
    arguments.extend(FILES);
    arguments.extend(more);
    arguments
}

/// The `[[access]]` entries as group, permission set and accounts.
fn entries(config: &str) -> BTreeSet<(String, String, Vec<String>)> {
    let config: toml::Table = toml::from_str(config).unwrap();
    let entries = config.get("access").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    entries
        .iter()
        .map(|entry| {
            let accounts = entry["accounts"].as_array().unwrap().iter().map(text).collect();
            (text(&entry["match"]["group"]), text(&entry["permission_set"]), accounts)
        })
        .collect()
}

fn entry(group: &str, set: &str, accounts: &[&str]) -> (String, String, Vec<String>) {
    (group.into(), set.into(), accounts.iter().map(|account| (*account).to_owned()).collect())
}

#[test]
fn the_template_is_written_once() {
    let program = Program::new();
    program.run(&["init"]).expect(0);
    let written = program.read("overstay.toml");
    assert!(program.run(&["init"]).expect(2).stderr.contains("init replaces nothing"));
    assert!(program.run(&["init", "--discover"]).expect(2).stderr.contains("init replaces nothing"));
    assert_eq!(program.read("overstay.toml"), written);
    program.run(&["init", "--out", "other.toml", "--users", "users.csv"]).expect(2);
}

#[test]
fn a_tidy_organisation_is_within_the_policy_it_implies() {
    let server = FakeAws::start(World::tidy());
    let program = idp_files(Program::against(&server), server.world());
    program.run(&discover(&[])).expect(0);
    let config = program.read("overstay.toml");
    assert_eq!(
        entries(&config),
        BTreeSet::from([
            entry("engineers", "Admin", &["dev-web"]),
            entry("everyone", "ReadOnly", &["dev-web", "prod-web"]),
        ])
    );
    assert!(config.contains("region = \"us-east-1\"") && config.contains("name = \"Example \\\"Ltd\\\"\""), "{config}");
    assert_eq!(config.matches("# review: implied by today's assignments").count(), 2);
    assert!(config.contains("#   \"ada@example.com\" holds \"Admin\" on [\"dev-web\", \"prod-web\"]"), "{config}");
    assert!(!config.contains("INCOMPLETE"), "{config}");

    program.run(&["audit", "--out", "pack"]).expect(0);
    let mut reader = csv::Reader::from_path(program.path("pack/data/findings.csv")).unwrap();
    let column = |name: &str, headers: &csv::StringRecord| headers.iter().position(|header| header == name).unwrap();
    let headers = reader.headers().unwrap().clone();
    let (rule, who, account) =
        (column("rule", &headers), column("subject_name", &headers), column("account_name", &headers));
    let found: BTreeSet<(String, String, String)> = reader
        .records()
        .map(Result::unwrap)
        .filter(|row| ABOUT_WHO_HOLDS_WHAT.contains(&&row[rule]))
        .map(|row| (row[rule].to_owned(), row[who].to_owned(), row[account].to_owned()))
        .collect();
    let direct = |who: &str, account: &str| ("direct-assignment".to_owned(), who.to_owned(), account.to_owned());
    // What is given directly is found; of what groups give, nothing is.
    let mut expected = BTreeSet::from([
        direct("ada@example.com", "prod-web"),
        direct("ada@example.com", "dev-web"),
        direct("cyn@example.com", "prod-web"),
    ]);
    expected.insert(("access-outside-policy".into(), "ada@example.com".into(), "prod-web".into()));
    assert_eq!(found, expected);
}

#[test]
fn the_same_organisation_gives_the_same_file() {
    let server = FakeAws::start(World::untidy());
    let program = idp_files(Program::against(&server), server.world());
    program.run(&discover(&["--out", "one.toml"])).expect(0);
    program.run(&discover(&["--out", "two.toml"])).expect(0);
    assert_eq!(program.read("one.toml"), program.read("two.toml"));
    let config = program.read("one.toml");
    // A group and a user that are gone hold access, and no entry may say that they should.
    assert!(config.contains("the directory does not list it"), "{config}");
    assert!(
        config.contains("holds \"ReadOnly\" on [\"100000000005\"]"),
        "an account that left goes by its id: {config}"
    );
}

#[test]
fn hostile_names_stay_names() {
    let mut world = World::tidy();
    world.groups[0].name = "en\"gin'''eers\n[aws]\nprofile = \"evil\"".into();
    world.groups[1].name = "every*one".into();
    world.accounts[1].name = "prod\"\n#".into();
    world.accounts[2].name = "prod-*".into();
    let server = FakeAws::start(world);
    let program = idp_files(Program::against(&server), server.world());
    let ended = program.run(&discover(&[]));
    // A name with a line break is no name to the CSV reader; the file is written all the same.
    assert!(matches!(ended.code, Some(0 | 3)), "{}", ended.stderr);
    let config = program.read("overstay.toml");
    let read: toml::Table = toml::from_str(&config).unwrap();
    assert!(read["aws"].get("profile").is_none(), "{config}");
    assert!(config.contains("would be taken for a pattern"), "{config}");
    assert!(!entries(&config).iter().any(|entry| entry.0.contains('*')));
    assert_eq!(program.run(&["doctor"]).code, ended.code);
}

#[test]
fn what_was_not_read_is_said_and_the_file_is_written() {
    let fault = Fault::new("sso:ListAccountAssignments", When::Every, Effect::Refuse("AccessDeniedException"));
    let server = FakeAws::start_with(World::tidy(), Setup::fault(fault));
    let program = idp_files(Program::against(&server), server.world());
    program.run(&discover(&[])).expect(3);
    let config = program.read("overstay.toml");
    assert!(config.contains("INCOMPLETE") && config.contains("AWS denied sso:ListAccountAssignments"), "{config}");
    assert!(entries(&config).is_empty());

    let blind = idp_files(Program::at(&server.url()), server.world());
    blind.run(&discover(&[])).expect(3);
    assert!(blind.read("overstay.toml").contains("no usable AWS credentials"));
}

#[test]
fn without_groups_nothing_is_proposed_as_an_entry() {
    let server = FakeAws::start(World::tidy());
    let program = idp_files(Program::against(&server), server.world())
        .env("AWS_REGION", "us-east-1")
        .file("roster.csv", "employee_id,status,end_date\n1,active,\n2,terminated,2026-01-31\n");
    let arguments =
        ["init", "--discover", "--users", "users.csv", "--roster", "roster.csv", "--time-zone", "Europe/London"];
    program.run(&arguments).expect(0);
    let config = program.read("overstay.toml");
    assert!(entries(&config).is_empty());
    assert!(config.contains("no groups of an identity provider were read"), "{config}");
    assert!(config.contains("lists = \"all\""), "{config}");
    program.run(&["doctor"]).expect(0);
}

#[test]
fn what_cannot_be_looked_at_writes_nothing() {
    let server = FakeAws::start(World::tidy());
    let program = Program::against(&server);
    assert!(program.run(&discover(&[])).expect(2).stderr.contains("there is no file"));
    assert!(!program.path("overstay.toml").exists());
    program.run(&discover(&["--offline"])).expect(2);
    program.run(&["init", "--discover", "--roster", "roster.csv"]).expect(2);
}
