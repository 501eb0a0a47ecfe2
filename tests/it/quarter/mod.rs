//! The bundled quarter: the demo's organisation, looked at every morning from July to September 2026.
//!
//! Every look is a snapshot of its own, from files that the real collectors read and from AWS's facts of that morning. The last
//! one has the logs and the approvals besides, and the history of all. The demo carries that snapshot; here it is made, and held
//! to be what the demo carries.

mod logs;
mod people;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::SignedDuration;
use overstay::collect::approvals::ApprovalsCsv;
use overstay::collect::cloudtrail::TrailCollector;
use overstay::collect::hr::csv::HrCsv;
use overstay::collect::idp::csv::CsvIdp;
use overstay::collect::idp::logs::WithLogs;
use overstay::collect::{Batch, Clock, CollectCx, Collector, Facts, Progress};
use overstay::config::{CloudTrail, Config, IdpSource};
use overstay::model::{AwsFacts, Instant, SourceRecord};
use overstay::snapshot::{HistoryBuilder, Snapshot};
use serde_json::{Value, json};

use crate::place::{Csv, Place, template, updating};
use people::{PEOPLE, Person, While};

/// The first morning, the evening before the period; and the last, after it.
const FIRST: &str = "2026-06-30T05:00:00Z";
const LAST: &str = "2026-10-01T05:00:00Z";
/// Mornings on which nothing was collected.
const MISSED: [&str; 2] = ["2026-09-12", "2026-09-13"];
const KEPT: &str = "templates/demo/quarter.snapshot.json.zst";

/// An administrator gave this assignment by hand then.
const BY_HAND: (&str, &str) = ("hiro.tanaka", "2026-08-20T10:14:09Z");
/// The name of somebody who had left was given to somebody new.
const RENAMED: &str = "2026-08-31T10:00:00Z";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn within(span: While, now: Instant) -> bool {
    span.0.is_none_or(|from| at(from) <= now) && span.1.is_none_or(|until| now < at(until))
}

fn begun(span: While, now: Instant) -> bool {
    span.0.is_none_or(|from| at(from) <= now)
}

/// The ids that a person has in Identity Center and in the identity provider.
fn user_id(person: &Person) -> String {
    format!("92c5e4a4-6051-70{}-9c0e-5f1a2b3c4d{}", person.id, person.id)
}

fn idp_id(person: &Person) -> String {
    format!("3e7d1c52-8b0f-4a{}-b6d4-71f2a9c8e0{}", person.id, person.id)
}

fn address(person: &Person) -> String {
    format!("{}@idsentinel.example", person.name)
}

/// The parts of the scenario that the quarter starts from: those of the review.
struct Base {
    aws: Value,
    users: Csv,
    members: Csv,
    roster: Csv,
    /// Our word for a group → its ids in the identity provider and in Identity Center.
    groups: BTreeMap<String, (String, String)>,
}

impl Base {
    fn new() -> Self {
        let aws: Value = serde_json::from_slice(&template("aws-2026-09-30.json")).unwrap();
        let groups = aws["facts"]["groups"].as_array().unwrap().iter().map(|group| {
            let text = |pointer: &str| group.pointer(pointer).unwrap().as_str().unwrap().to_owned();
            (text("/name").trim_start_matches("GRP-AWS-").to_owned(), (text("/external_ids/0/id"), text("/id")))
        });
        Self {
            groups: groups.collect(),
            users: Csv::parse(&template("users.csv")),
            members: Csv::parse(&template("members.csv")),
            roster: Csv::parse(&template("roster.csv")),
            aws,
        }
    }

    fn account(&self, name: &str) -> Value {
        let accounts = self.aws["facts"]["accounts"].as_array().unwrap();
        accounts.iter().find(|account| account["name"] == name).unwrap()["id"].clone()
    }

    fn set(&self, name: &str) -> Value {
        let sets = self.aws["facts"]["permission_sets"].as_array().unwrap();
        let name = format!("IDSentinel-{name}");
        sets.iter().find(|set| set["name"]["value"] == name.as_str()).unwrap()["arn"].clone()
    }

    /// A person's id in Identity Center, whoever it is.
    fn user(&self, name: &str) -> String {
        if let Some(person) = PEOPLE.iter().find(|person| person.name == name) {
            return user_id(person);
        }
        let users = self.aws["facts"]["users"].as_array().unwrap();
        let user = users
            .iter()
            .find(|user| user["user_name"].as_str().unwrap().to_lowercase().split('@').next() == Some(name));
        user.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// What AWS said on a morning.
    fn aws(&self, now: Instant) -> Batch {
        let mut facts = self.aws["facts"].clone();
        let by_hand = self.user(BY_HAND.0);
        let list = |facts: &mut Value, name: &str| -> Vec<Value> { facts[name].as_array().unwrap().clone() };
        let mut users = list(&mut facts, "users");
        let mut memberships = list(&mut facts, "memberships");
        let mut assignments = list(&mut facts, "assignments");
        assignments.retain(|given| given["principal"]["user"] != by_hand.as_str() || at(BY_HAND.1) <= now);
        for person in PEOPLE {
            if !begun(person.user, now) {
                continue;
            }
            let id = user_id(person);
            let created = person.user.0.unwrap_or("2024-02-12T10:00:00Z");
            users.push(json!({
                "id": id, "user_name": address(person), "display_name": person.display, "email": address(person),
                "status": {"value": if within(person.user, now) { "enabled" } else { "disabled" }},
                "external_ids": [{"issuer": users[0]["external_ids"][0]["issuer"], "id": idp_id(person)}],
                "created_at": {"value": created}, "created_by": "SCIM", "updated_at": {"value": created},
            }));
            for (group, _) in person.held.iter().filter(|(_, held)| within(*held, now)) {
                let since = person.held.iter().find(|(held, _)| held == group).and_then(|(_, held)| held.0);
                let since = since.unwrap_or("2024-03-04T09:30:00Z");
                memberships.push(json!({
                    "group": self.groups[*group].1, "user": id, "created_at": {"value": since}, "created_by": "SCIM",
                }));
            }
            for (set, account, _) in person.direct.iter().filter(|(_, _, held)| within(*held, now)) {
                let principal = json!({"user": id});
                assignments.push(
                    json!({"account": self.account(account), "permission_set": self.set(set), "principal": principal}),
                );
            }
        }
        let mut record = self.aws["record"].clone();
        for operation in record["operations"].as_array_mut().unwrap() {
            let items = match operation["operation"].as_str().unwrap() {
                // Once, and once more at the end of the run.
                "identitystore:ListUsers" => 2 * users.len(),
                "identitystore:ListGroupMemberships" => memberships.len(),
                "sso:ListAccountAssignments" => assignments.len(),
                _ => continue,
            };
            operation["items"] = items.into();
        }
        facts["recount"]["users"]["value"] = users.len().into();
        for (name, list) in [("users", users), ("memberships", memberships), ("assignments", assignments)] {
            facts[name] = list.into();
        }
        let mut record: SourceRecord = serde_json::from_value(record).unwrap();
        let started = minutes_before(now, 2);
        (record.started_at, record.ended_at) = (started, now);
        for operation in &mut record.operations {
            (operation.first_at, operation.last_at) = (started, now);
        }
        let facts: AwsFacts = serde_json::from_value(facts).unwrap();
        Batch::new(record, Facts::Aws(Some(Box::new(facts))))
    }

    fn users(&self, now: Instant) -> String {
        let mut rows = Vec::new();
        for row in &self.users.rows {
            let mut row = row.clone();
            let changed = Some(row["status_changed_at"].clone()).filter(|changed| !changed.is_empty());
            if changed.is_some_and(|changed| now < at(&changed)) {
                if row["status"] == "active" {
                    continue;
                }
                row.insert("status".to_owned(), "active".to_owned());
                row.insert("status_changed_at".to_owned(), String::new());
            }
            if row["user_name"].contains(".left@") && now < at(RENAMED) {
                let before = row["user_name"].replace("jana.novak.left", "j.novak");
                row.insert("user_name".to_owned(), before);
            }
            rows.push(row);
        }
        for person in PEOPLE.iter().filter(|person| begun(person.account, now)) {
            let (department, title) = role(person, now);
            let active = within(person.account, now);
            rows.push(cells(&[
                ("id", &idp_id(person)),
                ("user_name", &address(person)),
                ("email", &address(person)),
                ("display_name", person.display),
                ("status", if active { "active" } else { "disabled" }),
                ("status_changed_at", if active { "" } else { person.account.1.unwrap_or_default() }),
                ("employee_id", person.employee),
                ("user_type", "Member"),
                ("department", department),
                ("title", title),
                ("start_date", person.starts),
            ]));
        }
        text(&self.users.header, &rows)
    }

    fn members(&self, now: Instant) -> String {
        let mut rows = self.members.rows.clone();
        for person in PEOPLE {
            for (group, _) in person.asked.iter().filter(|(_, asked)| within(*asked, now)) {
                rows.push(cells(&[("group_id", &self.groups[*group].0), ("user_id", &idp_id(person))]));
            }
        }
        text(&self.members.header, &rows)
    }

    /// The roster: nobody before their first day, and nobody gone before their last one is over.
    fn roster(&self, now: Instant) -> String {
        let today = now.date();
        let mut rows: Vec<BTreeMap<String, String>> = self.roster.rows.clone();
        for person in PEOPLE {
            let (department, title) = role(person, now);
            rows.push(cells(&[
                ("employee_id", person.employee),
                ("email", &address(person)),
                ("display_name", person.display),
                ("status", if person.ends.is_some() { "terminated" } else { "active" }),
                ("start_date", person.starts),
                ("end_date", person.ends.unwrap_or_default()),
                ("department", department),
                ("title", title),
                ("worker_type", "Employee"),
            ]));
        }
        rows.retain(|row| row["start_date"] <= today);
        for row in &mut rows {
            if row["end_date"] >= today {
                row.insert("status".to_owned(), "active".to_owned());
                row.insert("end_date".to_owned(), String::new());
            }
        }
        text(&self.roster.header, &rows)
    }
}

/// Department and title at an instant.
fn role(person: &Person, now: Instant) -> (&'static str, &'static str) {
    let held = person.roles.iter().rev().find(|(from, _, _)| changed(from) <= now);
    let (_, department, title) = held.unwrap_or(&person.roles[0]);
    (department, title)
}

/// When a new role is written into the directory on its day.
fn changed(day: &str) -> Instant {
    at(&format!("{day}T07:05:00Z"))
}

fn cells(cells: &[(&str, &str)]) -> BTreeMap<String, String> {
    cells.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())).collect()
}

fn text(header: &[String], rows: &[BTreeMap<String, String>]) -> String {
    let line = |row: &BTreeMap<String, String>| {
        let cells: Vec<&str> = header.iter().map(|name| row.get(name).map_or("", String::as_str)).collect();
        format!("{}\n", cells.join(","))
    };
    format!("{}\n{}", header.join(","), rows.iter().map(line).collect::<String>())
}

fn minutes_before(now: Instant, minutes: i64) -> Instant {
    Instant::new(now.timestamp() - SignedDuration::from_mins(minutes))
}

/// The sources of the config, but for AWS; with logs and approvals, or without.
fn sources(config: &Config, last: bool) -> Vec<Box<dyn Collector>> {
    let mut list: Vec<Box<dyn Collector>> = Vec::new();
    for idp in &config.idps {
        let IdpSource::Csv(csv) = &idp.source else { panic!("{idp:?}") };
        let collector = Box::new(CsvIdp::new(idp.name.clone(), csv.clone()));
        list.push(match idp.logs.clone().filter(|_| last) {
            Some(logs) => Box::new(WithLogs::new(collector, logs)),
            None => collector,
        });
    }
    list.push(Box::new(HrCsv::new(config.hr.clone().unwrap())));
    if last {
        let CloudTrail::Files(files) = &config.aws.as_ref().unwrap().cloudtrail else { panic!("no trail files") };
        list.push(Box::new(TrailCollector::new(files.clone())));
        list.push(Box::new(ApprovalsCsv::new(config.approvals.clone().unwrap())));
    }
    list
}

fn config() -> Config {
    let text = String::from_utf8(template("quarter.toml")).unwrap();
    Config::parse(&text, "quarter.toml").unwrap_or_else(|e| panic!("{e:#?}"))
}

/// The snapshot of the last morning, with the history of all.
fn made() -> Snapshot {
    let (base, config, place) = (Base::new(), config(), Place::new());
    place.write("groups.csv", template("groups.csv"));
    logs::write(&base, &place);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut history = HistoryBuilder::new();
    let (mut now, last) = (at(FIRST), at(LAST));
    loop {
        if !MISSED.contains(&now.date().as_str()) {
            place.write("users.csv", base.users(now));
            place.write("members.csv", base.members(now));
            place.write("roster.csv", base.roster(now));
            let cx = CollectCx { clock: Clock::fixed(now), progress: Progress::silent(), base: place.at("") };
            let mut batches = vec![base.aws(now)];
            for source in sources(&config, now == last) {
                batches.push(runtime.block_on(source.collect(&cx)).unwrap());
            }
            let snapshot = Snapshot::seal(batches, minutes_before(now, 2), now).unwrap();
            assert!(snapshot.is_complete(), "{now}");
            history.look(&snapshot);
            if now == last {
                return snapshot.with_history(history.build()).unwrap();
            }
        }
        now = Instant::new(now.timestamp() + SignedDuration::from_hours(24));
    }
}

#[test]
fn the_demo_carries_the_quarter() {
    let made = made();
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(KEPT);
    if updating() {
        std::fs::File::create(&kept).and_then(|mut file| std::io::Write::write_all(&mut file, made.bytes())).unwrap();
    }
    assert!(
        template("quarter.snapshot.json.zst") == made.bytes(),
        "{KEPT} differs; rewrite it with UPDATE=1 cargo test"
    );
}

/// What a row says, by the columns asked for.
fn told(place: &Place, file: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let table = Csv::parse(&place.bytes(&format!("demo-quarter/data/{file}")));
    let row = |row: &BTreeMap<String, String>| columns.iter().map(|column| row[*column].clone()).collect();
    table.rows.iter().map(row).collect()
}

#[test]
fn every_leaver_of_the_quarter_is_told_of() {
    let place = Place::with_demo();
    let rows =
        told(&place, "leavers.csv", &["person", "result", "end_tested", "last_grant_removed_basis", "activity_after"]);
    let by_result =
        |result: &str| -> Vec<&str> { rows.iter().filter(|row| row[1] == result).map(|row| row[0].as_str()).collect() };
    assert_eq!(by_result("pass"), ["Sofia Lindgren", "Theo Marchetti", "Wanda Krol"]);
    assert_eq!(by_result("indeterminate"), ["Mei Carrow"], "nobody looked on the weekend that her access ended on");
    // Elias Brandt's last day was the one before.
    assert_eq!(by_result("fail").len(), 10);
    let ruben = rows.iter().find(|row| row[0] == "Ruben Castell").unwrap();
    assert_eq!(ruben[1..], ["fail", "sign-in blocked", "event", "yes"]);
    let still = rows.iter().filter(|row| row[3].is_empty()).count();
    assert_eq!(still, 9, "of the fourteen, those who left in the quarter");
}

#[test]
fn the_quarters_joiners_and_movers_are_told_of() {
    let place = Place::with_demo();
    let rows = told(&place, "joiners.csv", &["person", "group_name", "result", "provisioned"]);
    let of = |person: &str, group: &str| -> Vec<[&str; 2]> {
        let rows = rows.iter().filter(|row| row[0] == person && row[1] == group);
        let mut found: Vec<[&str; 2]> = rows.map(|row| [row[2].as_str(), row[3].as_str()]).collect();
        found.dedup();
        found
    };
    assert_eq!(of("Arjun Mehta", "GRP-AWS-Engineering"), [["pass", "pass"]]);
    assert_eq!(of("Arjun Mehta", "GRP-AWS-DevOps"), [["pass", "pass"]]);
    assert_eq!(
        of("Klara Novotna", "GRP-AWS-Engineering"),
        [["fail", "fail"]],
        "after three days, and nobody approved it"
    );
    assert_eq!(of("Hiro Tanaka", ""), [["fail", ""]], "given by hand");
    let mut moves = told(&place, "movers.csv", &["person", "result"]);
    moves.dedup();
    assert_eq!(moves, [["Arjun Mehta", "pass"], ["Pavel Horak", "fail"]]);
}

#[test]
fn the_quarter_can_be_made_again_from_its_pack() {
    let place = Place::with_demo();
    let saved = ["--snapshot", "demo-quarter", "-c", "demo-quarter/data/config.toml", "--offline"];
    let period = ["audit", "--period", "2026-07-01..2026-09-30", "--out", "again"];
    place.run(&[&period[..], &saved].concat()).with(0);
    for file in ["report.html", "leavers.csv", "joiners.csv", "movers.csv", "changes.csv", "snapshot.json.zst"] {
        let bytes = |pack: &str| place.bytes(&format!("{pack}/data/{file}"));
        assert!(bytes("again") == bytes("demo-quarter"), "{file} differs");
    }
}
