//! `overstay doctor`, and what else is printed without a collection.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::aws::fake::faults::{Effect, Fault, When};
use crate::aws::fake::world::World;
use crate::aws::fake::{FakeAws, Setup};
use crate::program::{Ended, Program, idp_files};

const AWS: &str = "[aws]\nregion = \"us-east-1\"\nrequests_per_second = 1000\n";
const IDP: &str = "[[idp]]\nname = \"export\"\ntype = \"csv\"\nusers = \"users.csv\"\ngroups = \"groups.csv\"\nmembers = \"members.csv\"\n";
const ACCESS: &str = "[[access]]\nmatch = { group = \"everyone\" }\npermission_set = \"ReadOnly\"\naccounts = [\"*\"]\nexpires = 2099-12-31\n";

fn whole(server: &FakeAws) -> Program {
    idp_files(Program::against(server), server.world()).file("overstay.toml", &format!("{AWS}{IDP}{ACCESS}"))
}

fn json(program: &Program, code: i32) -> Value {
    let ended = program.run(&["doctor", "--format", "json"]);
    let told = ended.expect(code).json();
    assert_eq!((&told["format"], &told["version"]), (&"overstay-doctor".into(), &"1.1".into()));
    told
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn checks<'a>(told: &'a Value, outcome: &str) -> Vec<&'a Value> {
    let sources = told["sources"].as_array().unwrap();
    sources.iter().flat_map(|source| source["checks"].as_array().unwrap()).filter(|c| c["outcome"] == outcome).collect()
}

/// Ids of rules or tests with an outlook.
fn with_outlook(told: &Value, of: &str, outlook: &str) -> BTreeSet<String> {
    let of = told[of].as_array().unwrap().iter().filter(|one| one["outlook"] == outlook);
    of.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// Lines stay within 80 columns, except where a name alone is longer.
fn assert_narrow(ended: &Ended) {
    for line in ended.stdout.lines() {
        assert!(line.chars().count() <= 80 || line.split_whitespace().count() <= 3, "too wide: {line}");
        assert!(!line.contains('\u{1b}'), "colour without a terminal: {line:?}");
    }
}

#[test]
fn everything_in_reach_is_fine() {
    let server = FakeAws::start(World::tidy());
    let program = whole(&server);
    let told = json(&program, 0);
    assert_eq!(told["result"], "fine");
    assert!(checks(&told, "unreadable").is_empty() && checks(&told, "wrong").is_empty());
    // Without [hr] its rules are a limit, and no error.
    let silent = with_outlook(&told, "rules", "not_evaluated");
    assert!(silent.contains("no-hr-record") && silent.contains("terminated-still-enabled"), "{silent:?}");
    assert!(!silent.contains("leaver-holds-access"), "{silent:?}");
    let not_asked: Vec<&str> =
        told["not_asked"].as_array().unwrap().iter().map(|one| one["fact"].as_str().unwrap()).collect();
    assert!(not_asked.contains(&"hr_records"), "{not_asked:?}");
    let aws = &told["sources"][0];
    let named =
        |name: &str| aws["told"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()["value"].clone();
    assert_eq!(named("primary Region"), "us-east-1");
    assert_eq!(named("identity store"), "d-9067000001");
    assert!(named("caller").as_str().unwrap().contains("user/auditor"));
    assert_eq!(aws["not_read"].as_array().unwrap().len(), 3);
    let text = program.run(&["doctor"]);
    assert_narrow(text.expect(0));
    assert!(text.stdout.contains("Everything that the config asks for can be read"), "{}", text.stdout);
    assert!(text.stdout.contains("columns id, user_name,"), "{}", text.stdout);
}

#[test]
fn every_action_of_the_policy_is_tried() {
    let server = FakeAws::start(World::tidy());
    let program = whole(&server);
    let config = format!("{AWS}enumeration = \"exhaustive\"\ncloudtrail = {{ lookup = true }}\n{IDP}");
    let policy = program.run(&["doctor", "--policy"]).expect(0).json();
    let actions = texts(&policy["Statement"][0]["Action"]);
    let mut tried = texts_of_checks(&json(&program, 0));
    let provisioned: u64 = server.counts().values().sum();
    assert!(provisioned <= 24, "{:?}", server.counts());
    let program = program.file("overstay.toml", &config);
    tried.extend(texts_of_checks(&json(&program, 0)));
    let tried: BTreeSet<String> = tried.iter().map(|what| what.split(' ').next().unwrap().to_owned()).collect();
    let missing: Vec<&String> = actions.iter().filter(|action| !tried.contains(*action)).collect();
    assert!(missing.is_empty(), "not tried: {missing:?}");
    assert!(server.counts().keys().all(|action| actions.contains(action)));
}

fn texts_of_checks(told: &Value) -> BTreeSet<String> {
    checks(told, "fine").into_iter().map(|check| check["what"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_denied_action_is_named_with_what_it_costs() {
    let fault = Fault::new("sso:ListAccountAssignments", When::Every, Effect::Refuse("AccessDeniedException"));
    let server = FakeAws::start_with(World::tidy(), Setup::fault(fault));
    let program = whole(&server);
    let told = json(&program, 3);
    assert_eq!(told["result"], "incomplete");
    let unreadable = checks(&told, "unreadable");
    let [check] = unreadable.as_slice() else { panic!("{unreadable:#?}") };
    assert_eq!((&check["what"], &check["cause"]), (&"sso:ListAccountAssignments".into(), &"denied".into()));
    assert!(check["hint"].as_str().unwrap().contains("allow sso:ListAccountAssignments"), "{check}");
    assert_eq!(check["loses"][0]["fact"], "assignments");
    assert!(texts(&check["rules"]).contains("dangling-assignment"), "{check}");
    assert!(texts(&check["tests"]).contains("assignments-resolve"), "{check}");
    let text = program.run(&["doctor"]);
    assert_narrow(text.expect(3));
    assert!(text.stdout.contains("denied  sso:ListAccountAssignments"), "{}", text.stdout);
    assert!(text.stdout.contains("Control tests without a result"), "{}", text.stdout);
}

/// What doctor foretells is what an audit then says.
#[test]
fn the_foretold_cost_is_the_cost() {
    for operation in [
        "identitystore:ListUsers",
        "identitystore:ListGroupMemberships",
        "sso:DescribePermissionSet",
        "sso:ListAccountsForProvisionedPermissionSet",
        "organizations:ListAccounts",
        "sso:ListInstances",
    ] {
        let fault = Fault::new(operation, When::Every, Effect::Refuse("AccessDeniedException"));
        let server = FakeAws::start_with(World::tidy(), Setup::fault(fault));
        let program = whole(&server);
        let told = json(&program, 3);
        program.run(&["audit", "--out", "pack"]).expect(3);
        let ipe: Value = serde_json::from_str(&program.read("pack/data/ipe.json")).unwrap();
        // A rule may have further reasons of its own, such as nothing in the config to judge by.
        let unread = |one: &&Value| {
            let reasons = one["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap());
            reasons.into_iter().any(|why| why.contains("not read whole") || why.contains("no data source provides"))
        };
        let told_of = |of: &str| -> BTreeSet<String> {
            let of = told[of].as_array().unwrap().iter().filter(|one| one["outlook"] != "evaluated");
            of.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
        };
        let said_of = |of: &str, id: &str| -> BTreeSet<String> {
            let of = ipe[of].as_array().unwrap().iter().filter(unread);
            of.map(|one| one[id].as_str().unwrap().to_owned()).collect()
        };
        for (of, id, outcome) in [("rules", "rule", "outcome"), ("tests", "test", "result")] {
            let (told, said) = (told_of(of), said_of(of, id));
            assert!(said.is_subset(&told), "{operation}: {of} said {said:?}, told {told:?}");
            for more in told.difference(&said) {
                let one = ipe[of].as_array().unwrap().iter().find(|one| one[id] == more.as_str()).unwrap();
                assert_eq!(one[outcome], "not_evaluated", "{operation}: {one}");
            }
        }
    }
}

#[test]
fn a_member_account_is_sent_to_the_right_one() {
    let fault = Fault::new("sso:ListPermissionSets", When::Every, Effect::Refuse("AccessDeniedException"));
    let mut world = World::tidy();
    let member = world.account("member", "ACTIVE");
    world.caller = format!("arn:aws:iam::{member}:user/auditor");
    let server = FakeAws::start_with(world, Setup::fault(fault));
    let told = json(&whole(&server), 3);
    let [check] = checks(&told, "unreadable").try_into().unwrap();
    let hint = check["hint"].as_str().unwrap();
    assert!(hint.contains("management account 100000000000") && hint.contains(&member), "{check}");
    // Without a permission set there is nothing to ask about.
    assert_eq!(checks(&told, "not_tried").len(), 8, "{told:#}");
}

#[test]
fn without_credentials_all_of_aws_is_lost() {
    let server = FakeAws::start(World::tidy());
    let program = idp_files(Program::at(&server.url()), server.world()).file("overstay.toml", &format!("{AWS}{IDP}"));
    let told = json(&program, 3);
    let [check] = checks(&told, "unreadable").try_into().unwrap();
    assert_eq!(check["cause"], "credentials");
    assert_eq!(check["loses"].as_array().unwrap().len(), 8);
    assert!(check["hint"].as_str().unwrap().contains("aws sso login"), "{check}");
    let silent = with_outlook(&told, "rules", "not_evaluated");
    assert!(silent.contains("orphaned-identity") && !silent.contains("exception-expired"), "{silent:?}");
    assert!(server.requests().is_empty());
}

#[test]
fn another_region_than_the_primary_one_is_noted() {
    let server = FakeAws::start(World::tidy());
    let program = whole(&server).file("overstay.toml", &AWS.replace("us-east-1", "eu-west-1"));
    let told = json(&program, 0);
    let [check] = checks(&told, "warning").try_into().unwrap();
    assert_eq!(check["what"], "aws.region");
    assert!(check["hint"].as_str().unwrap().contains("region = \"us-east-1\""), "{check}");
}

#[test]
fn without_an_instance_the_organization_is_looked_at_all_the_same() {
    let server = FakeAws::start(World { instance: None, ..World::tidy() });
    let told = json(&whole(&server), 3);
    let [check] = checks(&told, "unreadable").try_into().unwrap();
    assert_eq!((&check["what"], &check["cause"]), (&"sso:ListInstances".into(), &"not_found".into()));
    assert!(check["detail"].as_str().unwrap().contains("no Identity Center instance in us-east-1"), "{check}");
    assert!(texts_of_checks(&told).contains("organizations:ListAccounts"));
}

#[test]
fn a_clock_that_is_off_is_noted() {
    let server = |ahead| FakeAws::start_with(World::tidy(), Setup { clock_ahead: Some(ahead), ..Setup::default() });
    let off = server(3_600);
    let told = json(&whole(&off), 0);
    let [check] = checks(&told, "warning").try_into().unwrap();
    assert_eq!(check["what"], "clock");
    let detail = check["detail"].as_str().unwrap();
    assert!(
        detail.contains("behind AWS's") && (detail.contains("1 hour") || detail.contains("59 minutes")),
        "{detail}"
    );
    let near = server(-100);
    assert!(checks(&json(&whole(&near), 0), "warning").is_empty());
}

#[test]
fn an_empty_directory_leaves_things_untried() {
    let server = FakeAws::start(World::default());
    let told = json(&whole(&server).file("overstay.toml", AWS), 0);
    let untried: BTreeSet<&str> = checks(&told, "not_tried").iter().map(|c| c["what"].as_str().unwrap()).collect();
    assert!(untried.contains("identitystore:DescribeUser") && untried.contains("sso:ListAccountAssignments"));
    assert!(checks(&told, "not_tried")[0]["detail"].as_str().unwrap().contains("to try it on"));
}

#[test]
fn files_are_looked_at_without_aws() {
    let program = Program::new()
        .file(
            "overstay.toml",
            &format!("{IDP}[hr]\npath = \"roster.csv\"\nlists = \"all\"\ntime_zone = \"Europe/London\"\n"),
        )
        .file("users.csv", "id,user_name\n1,ada\n")
        .file("groups.csv", "id,name\n")
        .file("members.csv", "group_id,user_id\n")
        .file("roster.csv", "employee_id,status\n1,active\n2,on the moon\n");
    let told = json(&program, 2);
    let [check] = checks(&told, "wrong").try_into().unwrap();
    assert_eq!(check["what"], "users.csv");
    assert!(check["detail"].as_str().unwrap().contains("no column `status`"), "{check}");
    assert!(check["hint"].as_str().unwrap().contains("`user_name`"), "{check}");
    let [check] = checks(&told, "unreadable").try_into().unwrap();
    assert_eq!((&check["what"], &check["cause"]), (&"roster.csv".into(), &"bad_row".into()));
    assert!(check["detail"].as_str().unwrap().starts_with("1 row can't be read"), "{check}");
    assert_narrow(program.run(&["doctor"]).expect(2));

    let program = program
        .file("users.csv", "id,user_name,status\n1,ada,active\n")
        .file("roster.csv", "employee_id,status\n1,active\n");
    let told = json(&program, 0);
    assert!(checks(&told, "fine").iter().any(|check| check["detail"].as_str().unwrap().contains("without email")));
    std::fs::remove_file(program.path("roster.csv")).unwrap();
    let told = json(&program, 2);
    assert!(checks(&told, "wrong")[0]["detail"].as_str().unwrap().contains("there is no file"));
}

#[test]
fn an_empty_config_asks_for_nothing() {
    let program = Program::new().file("overstay.toml", "");
    let told = json(&program, 0);
    assert!(told["sources"].as_array().unwrap().is_empty());
    assert!(program.run(&["doctor"]).expect(0).stdout.contains("names no source"));
    let program = Program::new().file("overstay.toml", AWS);
    let told = program.run(&["doctor", "--offline", "--format", "json"]).expect(0).json();
    assert!(checks(&told, "not_tried")[0]["detail"].as_str().unwrap().contains("--offline"));
    Program::new().run(&["doctor"]).expect(2);
}

#[test]
fn the_json_is_what_its_schema_says() {
    let fault = Fault::new("sso:ListAccountAssignments", When::Every, Effect::Refuse("AccessDeniedException"));
    let server = FakeAws::start_with(World::tidy(), Setup::fault(fault));
    let program = whole(&server);
    let schema = program.run(&["schema", "doctor"]).expect(0).json();
    holds(&schema, &schema, &json(&program, 3), "$");
    assert!(schema["properties"].is_object());
}

/// Every key that is there is described, and every key that has to be there is; `schema` may refer to `$defs` of `root`.
pub(crate) fn holds(root: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        return holds(root, root.pointer(name.trim_start_matches('#')).unwrap(), value, at);
    }
    if let Some(items) = schema.get("items") {
        for item in value.as_array().unwrap_or_else(|| panic!("{at} is no list")) {
            holds(root, items, item, &format!("{at}[]"));
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        let keys: BTreeSet<&String> = value.as_object().unwrap_or_else(|| panic!("{at} is no object")).keys().collect();
        assert_eq!(keys, properties.keys().collect(), "{at}");
        for (key, schema) in properties {
            holds(root, schema, &value[key], &format!("{at}.{key}"));
        }
    }
}

#[test]
fn schemas_completions_and_the_manual_are_printed() {
    let program = Program::new();
    let kinds = program.run(&["schema"]);
    assert!(kinds.expect(0).stdout.contains("pack") && kinds.stdout.contains("doctor"));
    assert!(!program.run(&["schema", "pack"]).expect(0).json()["tables"].as_array().unwrap().is_empty());
    assert!(program.run(&["schema", "cake"]).expect(2).stderr.contains("the kinds are pack, check, doctor, explain"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(program.run(&["completions", shell]).expect(0).stdout.contains("doctor"), "{shell}");
    }
    let page = program.run(&["man"]);
    assert!(page.expect(0).stdout.contains(".TH overstay") && page.stdout.contains("completions"));
    assert!(program.run(&["man", "audit"]).expect(0).stdout.contains("snapshot"));
    program.run(&["man", "cake"]).expect(2);
}
