//! The program against a tenant: nothing but the config and the environment is given.

use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::world::{self, World, guid};
use super::{SECRET, site};
use crate::aws::fake::FakeAws;
use crate::aws::fake::world::World as Organisation;
use crate::program::{Ended, Program};
use crate::web::{Tokens, Web};

/// The config of a tenant, whose secret is in the environment.
fn idp(web: &Web, more: &str) -> String {
    let url = web.url();
    format!(
        "[[idp]]\nname = \"entra\"\ntype = \"entra\"\ntenant_id = \"tenant\"\nclient_id = \"client\"\n\
         client_secret = {{ env = \"ENTRA_CLIENT_SECRET\" }}\nbase_url = \"{url}\"\nlogin_url = \"{url}\"\n{more}\n"
    )
}

/// Nothing secret is anywhere.
fn assert_silent(program: &Program, ended: &Ended, files: &[&str]) {
    let mut places = vec![("standard output", ended.stdout.clone()), ("standard error", ended.stderr.clone())];
    places.extend(files.iter().map(|file| (*file, text(program, file))));
    for (place, text) in places {
        for secret in [SECRET, "token-1", "token-2", "Bearer"] {
            assert!(!text.contains(secret), "{place} has {secret}:\n{text}");
        }
    }
}

/// A snapshot's text.
#[expect(clippy::disallowed_methods, reason = "the test looks into what was written")]
fn text(program: &Program, file: &str) -> String {
    let bytes = std::fs::read(program.path(file)).unwrap();
    String::from_utf8(zstd::decode_all(bytes.as_slice()).unwrap()).unwrap()
}

/// An instant that is so many days back, as the log writes it.
#[expect(clippy::disallowed_methods, reason = "the program's clock is the real one")]
fn days_back(days: i64) -> String {
    let at = Timestamp::now().checked_sub(Span::new().hours(days * 24)).unwrap();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[test]
fn a_tenant_is_collected_and_no_secret_is_told() {
    let mut world = World::small();
    for (n, entry) in world.audits.iter_mut().chain(&mut world.provisioning).enumerate() {
        entry["activityDateTime"] = json!(days_back(20 - 5 * n as i64));
    }
    let web = site(world, &Tokens::new()).start();
    let program = Program::new()
        .env("ENTRA_CLIENT_SECRET", SECRET)
        .file("overstay.toml", &idp(&web, "application = \"AWS IAM Identity Center\""));
    let ended = program.run(&["collect", "--out", "s.zst", "-v"]);
    ended.expect(0);
    assert_silent(&program, &ended, &["s.zst"]);
    let kept = text(&program, "s.zst");
    for fact in ["user1@example.com", "idc-user-4", "entra_provisioning", "MFA for all", "user_disabled"] {
        assert!(kept.contains(fact), "{fact}");
    }
    program.run(&["collect", "--offline", "--out", "t.zst"]).expect(2);
}

#[test]
fn refusals_tell_no_secret_either() {
    let refusal = json!({"error": "invalid_client", "error_description": format!("AADSTS7000215: Invalid: {SECRET}")});
    let web = site(World::small(), &Tokens::new().refusing(crate::web::Reply::status(401, refusal))).start();
    let program = Program::new().env("ENTRA_CLIENT_SECRET", SECRET).file("overstay.toml", &idp(&web, ""));
    let ended = program.run(&["collect", "--out", "s.zst", "-v"]);
    ended.expect(3);
    assert!(ended.stderr.contains("AADSTS7000215"), "{}", ended.stderr);
    assert_silent(&program, &ended, &["s.zst"]);
    let doctor = program.run(&["doctor"]);
    doctor.expect(3);
    assert_silent(&program, &doctor, &[]);
}

#[test]
fn a_secret_that_is_not_there_is_told_before_anything_is_asked() {
    let web = site(World::small(), &Tokens::new()).start();
    let program = Program::new().file("overstay.toml", &idp(&web, ""));
    let ended = program.run(&["collect", "--out", "s.zst"]);
    ended.expect(2);
    assert!(ended.stderr.contains("ENTRA_CLIENT_SECRET is not set"), "{}", ended.stderr);
    assert!(web.requests().is_empty());
}

#[test]
fn in_github_actions_the_runners_token_is_exchanged() {
    let runner = crate::web::Site::new()
        .get("/id", |asked| {
            assert_eq!(asked.header("authorization"), Some("Bearer planted-runner-token"));
            let audience = asked.value("audience").unwrap();
            crate::web::Reply::json(json!({"value": format!("planted.jwt.for.{audience}")}))
        })
        .start();
    let web = site(World::small(), &Tokens::new()).start();
    let every = "[\"groups\", \"sign-ins\", \"dates\", \"deleted\", \"second-factors\", \"events\"]";
    let config = idp(&web, &format!("without = {every}"));
    let program = Program::new()
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", &format!("{}/id?api-version=2", runner.url()))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "planted-runner-token")
        .file(
            "overstay.toml",
            &config.replace("client_secret = { env = \"ENTRA_CLIENT_SECRET\" }", "federated_token = \"github\""),
        );
    let ended = program.run(&["collect", "--out", "s.zst", "-v"]);
    ended.expect(0);
    let form = web.requests_of(super::TOKEN_PATH)[0].form();
    assert_eq!(form["client_assertion"], "planted.jwt.for.api://AzureADTokenExchange");
    for told in [&ended.stdout, &ended.stderr, &text(&program, "s.zst")] {
        assert!(!told.contains("planted"), "{told}");
    }
}

/// The people of an organisation as users of a tenant, all of them switched on.
fn people(organisation: &Organisation) -> Vec<Value> {
    let users = organisation.users.iter().enumerate().map(|(n, user)| {
        let mut record = world::user(n);
        record["userPrincipalName"] = json!(user.user_name);
        record["mail"] = json!(user.email);
        record["mailNickname"] = json!(format!("nick{n}"));
        record["proxyAddresses"] = json!([]);
        record
    });
    users.collect()
}

#[test]
fn who_is_switched_off_in_the_tenant_and_holds_access_is_found() {
    let organisation = Organisation::tidy();
    let server = FakeAws::start(organisation.clone());
    let without = "without = [\"sign-ins\", \"second-factors\", \"dates\"]";
    let aws = "[aws]\nregion = \"us-east-1\"\nrequests_per_second = 1000\n";
    let changed = days_back(9);
    let run = |off: bool, arguments: &[&str]| {
        let mut world = World { groups: Vec::new(), deleted: Vec::new(), ..World::small() };
        world.users = people(&organisation);
        world.audits = vec![world::audit(1, &days_back(29), "Add user", &guid(1, 0), json!([]))];
        if off {
            let change = json!([{"displayName": "AccountEnabled", "oldValue": "[true]", "newValue": "[false]"}]);
            world.users[1]["accountEnabled"] = json!(false);
            world.audits.push(world::audit(2, &changed, "Update user", &guid(1, 1), change));
        }
        let web = site(world, &Tokens::new()).start();
        let program = Program::against(&server).env("ENTRA_CLIENT_SECRET", SECRET);
        let program = program.file("overstay.toml", &format!("{aws}{}", idp(&web, without)));
        let ended = program.run(arguments);
        (program, ended)
    };
    let open = |off: bool| {
        let (_, ended) = run(off, &["check", "--format", "json", "--fail-on", "critical"]);
        let told = ended.json();
        let rules = told["rules"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["rule"] == "leaver-holds-access").unwrap();
        rule["open"].as_u64().unwrap()
    };
    assert_eq!((open(false), open(true)), (0, 1));
    let (program, ended) = run(true, &["audit", "--out", "pack"]);
    ended.expect(0);
    let leavers = program.read("pack/data/leavers.csv");
    let row = leavers.lines().find(|line| line.contains("\"ben")).unwrap_or_else(|| panic!("{leavers}"));
    assert!(row.contains(&changed), "{row}");
}
