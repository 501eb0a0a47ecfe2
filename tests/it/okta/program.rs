//! The whole program against Okta and AWS: collect, check, doctor, and what must never be seen.

use serde_json::{Value, json};

use super::org::Org;
use super::run::{LABEL, shared};
use super::site::{TOKEN, denied, site};
use crate::aws::fake::FakeAws;
use crate::aws::fake::world::World;
use crate::program::Program;
use crate::web::{Times, Web};

/// Attributes that nobody needs, and that must not get out.
const PRIVATE: [&str; 5] = ["+44 7700 900123", "private@example.net", "1 Planted Street", "203.0.113.9", TOKEN];

/// The organisation whose people a world has; `gone` was deactivated in August.
fn org_of(world: &World, gone: &str) -> Org {
    let mut org = Org { page: Some(2), ..Org::with_aws() };
    for user in &world.users {
        let id = user.external_ids[0].1.clone();
        let status = if user.user_name == gone { "DEPROVISIONED" } else { "ACTIVE" };
        let told = org.user(&id, &user.user_name, status);
        told["statusChanged"] = json!("2026-08-01T09:00:00.000Z");
        for (attribute, value) in [
            ("login", user.user_name.as_str()),
            ("email", &user.email),
            ("secondEmail", PRIVATE[1]),
            ("streetAddress", PRIVATE[2]),
        ] {
            told["profile"][attribute] = json!(value);
        }
        told["profile"]["mobilePhone"] = json!(PRIVATE[0]);
        org.factor(&id, "sms");
        if status == "ACTIVE" {
            org.assign(&id, Some(&user.id), "PROVISIONED");
        } else {
            org.event("e1", "2026-08-01T09:00:00Z", "user.lifecycle.deactivate", &id);
        }
    }
    for group in &world.groups {
        let members: Vec<String> = world
            .users
            .iter()
            .filter(|user| world.members[&group.id].contains(&user.id))
            .map(|user| user.external_ids[0].1.clone())
            .collect();
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        org.group(&group.external_ids[0].1, &group.name, &members);
        org.push(&group.external_ids[0].1, &group.id, "ACTIVE");
    }
    org
}

fn program(server: &FakeAws, web: &Web) -> Program {
    let config = format!(
        "[aws]\nregion = \"us-east-1\"\nrequests_per_second = 1000\n[[idp]]\nname = \"okta\"\ntype = \"okta\"\n\
         org_url = \"{}\"\ntoken = {{ env = \"OKTA_TOKEN\" }}\napplication = \"{LABEL}\"\n",
        web.url()
    );
    Program::against(server).env("OKTA_TOKEN", TOKEN).file("overstay.toml", &config)
}

/// What a snapshot says, as text.
fn snapshot(program: &Program, name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "tests read what was written")]
    let bytes = std::fs::read(program.path(name)).unwrap();
    String::from_utf8(zstd::decode_all(bytes.as_slice()).unwrap()).unwrap()
}

#[test]
fn whoever_left_okta_and_kept_aws_is_found_with_the_day() {
    let server = FakeAws::start(World::tidy());
    let web = site(&shared(org_of(server.world(), "ada@example.com")), &[]).start();
    let program = program(&server, &web);
    let collected = program.run(&["collect", "--out", "s.zst", "-v"]);
    collected.expect(0);
    let checked = program.run(&["check", "--snapshot", "s.zst", "--format", "json"]);
    let rules: Vec<Value> = checked.expect(1).json()["findings"].as_array().cloned().unwrap_or_default();
    let told = checked.stdout.clone();
    assert!(
        told.contains("leaver-holds-access") || rules.iter().any(|rule| rule["rule"] == "leaver-holds-access"),
        "{told}"
    );
    let audited = program.run(&["audit", "--snapshot", "s.zst", "--out", "pack"]);
    audited.expect(0);
    let identities = program.read("pack/data/identities.csv");
    let ada = identities.lines().find(|line| line.contains("00u00000001")).unwrap();
    assert!(ada.contains("disabled") && ada.contains("2026-08-01T09:00:00Z"), "{ada}");

    let stored = snapshot(&program, "s.zst");
    assert!(stored.contains("okta_system_log") && stored.contains("00u00000001"));
    for secret in PRIVATE {
        for (place, text) in
            [("snapshot", &stored), ("stdout", &collected.stdout), ("stderr", &collected.stderr), ("pack", &identities)]
        {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
    }
}

#[test]
fn a_page_that_is_lost_makes_the_run_incomplete() {
    let server = FakeAws::start(World::tidy());
    let web = site(&shared(org_of(server.world(), "ada@example.com")), &[])
        .spoil("/api/v1/users", Times::From(2), |_| denied())
        .start();
    let program = program(&server, &web);
    let checked = program.run(&["check", "-v"]);
    checked.expect(3);
    assert!(checked.stdout.contains("INCOMPLETE"), "{}", checked.stdout);
    assert!(
        checked.stderr.contains("E0000006") || checked.stdout.contains("E0000006"),
        "{}{}",
        checked.stdout,
        checked.stderr
    );
    for secret in PRIVATE {
        assert!(!checked.stdout.contains(secret) && !checked.stderr.contains(secret), "{secret}");
    }
}

#[test]
fn the_doctor_names_the_scope_and_what_it_costs() {
    let server = FakeAws::start(World::tidy());
    let web = site(&shared(org_of(server.world(), "ada@example.com")), &[])
        .spoil("/api/v1/logs", Times::Every, |_| denied())
        .start();
    let program = program(&server, &web);
    let ended = program.run(&["doctor"]);
    ended.expect(3);
    for words in ["GET /api/v1/logs", "okta.logs.read", "0oaAWS"] {
        assert!(ended.stdout.contains(words), "{words} is not in:\n{}", ended.stdout);
    }
    assert!(!ended.stdout.contains(TOKEN) && !ended.stderr.contains(TOKEN));
}
