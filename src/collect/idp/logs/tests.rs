#![expect(clippy::disallowed_methods, reason = "tests write the files that are then read")]
use std::io::Write;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::coverage::NotOffered;
use crate::model::event::{Action, ActorKind};
use crate::model::{IdpFacts, IdpStatus, IdpUser, Known, SourceRecord};

const NOW: &str = "2026-09-30T12:00:00Z";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn quarter() -> Option<Window> {
    Some(Window { from: at("2026-07-01T00:00:00Z"), to: at("2026-10-01T00:00:00Z") })
}

/// Reads files of these names and contents.
fn read_files(files: &[(&str, &[u8])], covers: Option<Window>, application: Option<&str>) -> Result<Told, Error> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let logs = LogFiles { files: "*.json*".to_owned(), covers, application: application.map(str::to_owned) };
    read(folder.path(), &logs, &Clock::fixed(at(NOW)))
}

fn read_text(text: &str) -> Told {
    read_files(&[("log.jsonl", text.as_bytes())], quarter(), Some("AWS IAM Identity Center")).unwrap()
}

fn lines(entries: &[Value]) -> String {
    entries.iter().map(|entry| format!("{entry}\n")).collect()
}

/// An entry as Graph gives it.
fn graph_audit(id: &str) -> Value {
    json!({
        "id": id, "category": "UserManagement", "result": "success", "activityDisplayName": "Disable account",
        "activityDateTime": "2026-09-03T15:02:22.5Z",
        "initiatedBy": {"app": null, "user": {"id": "adm", "userPrincipalName": "admin@example.org"}},
        "targetResources": [{"id": "u1", "type": "User", "userPrincipalName": "ada@example.org", "modifiedProperties": []}],
    })
}

/// The same as Log Analytics exports it: names with a capital, inner objects as text.
fn table_audit(id: &str) -> Value {
    json!({
        "TenantId": "t", "TimeGenerated": "2026-09-03T15:02:22.5Z", "OperationName": "Disable account", "Id": id,
        "Category": "UserManagement", "Result": "success", "Type": "AuditLogs",
        "InitiatedBy": "{\"user\":{\"id\":\"adm\",\"userPrincipalName\":\"admin@example.org\"}}",
        "TargetResources": "[{\"id\":\"u1\",\"type\":\"User\",\"userPrincipalName\":\"ada@example.org\",\"modifiedProperties\":[]}]",
    })
}

/// The same as diagnostic settings send it.
fn sent_audit(id: &str) -> Value {
    json!({
        "time": "2026-09-03T15:02:22.5Z", "resourceId": "/tenants/t", "operationName": "Disable account",
        "category": "AuditLogs", "properties": graph_audit(id),
    })
}

fn provisioning(id: &str, application: &str) -> Value {
    json!({
        "id": id, "activityDateTime": "2026-09-03T15:40:00Z", "provisioningAction": "disable",
        "provisioningStatusInfo": {"status": "success"},
        "servicePrincipal": {"id": format!("sp-{application}"), "displayName": application},
        "initiatedBy": {"displayName": "Azure AD Provisioning Service"},
        "sourceIdentity": {"id": "u1", "displayName": "Ada", "identityType": "User"},
        "targetIdentity": {"id": "9067-1", "identityType": "User"},
    })
}

fn okta(id: &str, kind: &str) -> Value {
    json!({
        "uuid": id, "published": "2026-09-04T08:00:00.123Z", "eventType": kind,
        "actor": {"id": "00uA", "type": "User", "alternateId": "admin@example.org"},
        "outcome": {"result": "SUCCESS", "reason": null},
        "target": [
            {"id": "00u1", "type": "User", "alternateId": "bo@example.org"},
            {"id": "0oaAWS", "type": "AppInstance", "displayName": "AWS IAM Identity Center"},
        ],
    })
}

fn only(told: &Told, kind: LogKind) -> &[Event] {
    assert_eq!(told.logs.keys().copied().collect::<Vec<_>>(), [kind], "{:?}", told.gaps);
    &told.logs[&kind]
}

#[test]
fn audits_mean_the_same_however_they_were_exported() {
    for entry in [graph_audit("d1"), table_audit("d1"), sent_audit("d1")] {
        let told = read_text(&lines(std::slice::from_ref(&entry)));
        let [event] = only(&told, LogKind::EntraAudit) else { panic!("{entry}") };
        assert_eq!((event.action, event.id.as_str()), (Action::UserDisabled, "d1"));
        assert_eq!(event.at, at("2026-09-03T15:02:22.5Z"));
        assert_eq!((event.user.as_deref(), event.user_name.as_deref()), (Some("u1"), Some("ada@example.org")));
        assert_eq!(
            (event.actor.kind, event.actor.name.as_deref()),
            (ActorKind::Administrator, Some("admin@example.org"))
        );
        assert_eq!((event.succeeded, event.origin.as_str()), (Some(true), "log.jsonl, entry 1"));
        assert!(told.gaps.is_empty(), "{:?}", told.gaps);
    }
}

#[test]
fn lists_pages_queues_and_packed_files_hold_the_same_entries() {
    let (a, b) = (graph_audit("a"), graph_audit("b"));
    let list = json!([a, b]).to_string();
    let page = serde_json::to_string_pretty(&json!({"@odata.context": "…", "value": [a, b]})).unwrap();
    let queue = json!({"records": [sent_audit("a"), sent_audit("b")]}).to_string();
    let bom = format!("\u{feff}{}", lines(&[a, b]));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bom.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    for content in [list.as_bytes(), page.as_bytes(), queue.as_bytes(), bom.as_bytes(), &packed] {
        let told = read_files(&[("log.json", content)], quarter(), None).unwrap();
        let ids: Vec<_> = only(&told, LogKind::EntraAudit).iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(told.file.rows, 2);
    }
}

#[test]
fn oktas_events_are_found_within_what_searches_and_bridges_wrap_around_them() {
    let event = okta("e1", "user.lifecycle.deactivate");
    for entry in [
        event.clone(),
        json!({"preview": false, "result": event}),
        json!({"preview": false, "result": {"_raw": event.to_string(), "_time": "…"}}),
        json!({"_raw": event.to_string()}),
        json!({"time": 1, "event": event}),
        json!({"detail-type": "SystemLog", "detail": event}),
    ] {
        let told = read_text(&lines(std::slice::from_ref(&entry)));
        let [event] = only(&told, LogKind::OktaSystemLog) else { panic!("{entry}") };
        assert_eq!((event.action, event.user.as_deref()), (Action::UserDisabled, Some("00u1")));
    }
}

#[test]
fn assignments_and_provisioning_count_for_the_named_application_only() {
    let entries = lines(&[
        provisioning("p1", "AWS IAM Identity Center"),
        provisioning("p2", "Slack"),
        okta("e1", "application.user_membership.remove"),
    ]);
    let told = read_text(&entries);
    assert_eq!(told.logs[&LogKind::EntraProvisioning].len(), 1);
    let event = &told.logs[&LogKind::EntraProvisioning][0];
    assert_eq!((event.action, event.detail.as_deref()), (Action::Deprovisioned, Some("9067-1")));
    assert_eq!(told.logs[&LogKind::OktaSystemLog][0].action, Action::ApplicationUnassigned);
    assert_eq!(told.asked(), [Fact::IdpEvents, Fact::ProvisioningLog]);
    let by_id = read_files(&[("l.jsonl", entries.as_bytes())], quarter(), Some("0oaaws")).unwrap();
    assert_eq!(by_id.logs[&LogKind::OktaSystemLog].len(), 1);
    let unnamed = read_files(&[("l.jsonl", entries.as_bytes())], quarter(), None).unwrap();
    assert!(unnamed.logs.values().all(Vec::is_empty), "{:?}", unnamed.logs);
    assert!(unnamed.notes.iter().any(|note| note.contains("2 entries of provisioning were passed over")));
    let table = json!({
        "Type": "AADProvisioningLogs", "TimeGenerated": "2026-09-03T15:40:00Z", "Id": "p1", "ProvisioningAction": "disable",
        "ProvisioningStatusInfo": "{\"Status\":\"success\"}",
        "ServicePrincipal": "{\"Id\":\"sp\",\"Name\":\"AWS IAM Identity Center\"}",
        "SourceIdentity": "{\"Id\":\"u1\",\"Name\":\"Ada\",\"identityType\":\"User\"}",
        "TargetIdentity": "{\"Id\":\"9067-1\",\"identityType\":\"User\"}",
    });
    let told = read_text(&lines(&[table]));
    assert_eq!(only(&told, LogKind::EntraProvisioning)[0].detail.as_deref(), Some("9067-1"));
}

#[test]
fn silence_counts_only_where_somebody_answers_for_it_and_all_was_read() {
    let good = lines(&[graph_audit("a")]);
    let told = read_text(&good);
    assert_eq!(told.covered, Some(Window { from: at("2026-07-01T00:00:00Z"), to: at(NOW) }), "and not beyond today");
    assert!(told.notes[0].contains("the operator states that"));
    let unsaid = read_files(&[("l.jsonl", good.as_bytes())], None, None).unwrap();
    assert_eq!(unsaid.covered, None);
    assert!(unsaid.gaps.is_empty() && unsaid.notes[0].contains("say it with `covers`"));

    let broken: [(&str, Vec<u8>); 5] = [
        ("it ends in the middle of an entry (line 2, column 6)", format!("{good}{{\"id\":").into_bytes()),
        ("it is not JSON (line 2, column 1)", format!("{good}id;time\n").into_bytes()),
        ("it has no id or no time that can be read", lines(&[graph_audit("a"), graph_audit("")]).into_bytes()),
        ("an event has no id", lines(&[graph_audit("a"), okta("", "user.lifecycle.suspend")]).into_bytes()),
        ("the packed file ends before its end", {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
            packed.write_all(good.as_bytes()).unwrap();
            let mut packed = packed.finish().unwrap();
            packed.truncate(packed.len() - 9);
            packed
        }),
    ];
    for (reason, content) in broken {
        let told = read_files(&[("l.jsonl", &content)], quarter(), None).unwrap();
        assert_eq!(told.gaps.len(), 1, "{:?}", told.gaps);
        assert_eq!(told.gaps[0].reason, reason);
        assert_eq!(told.covered, None, "{reason}");
    }
}

#[test]
fn files_of_something_else_are_no_log() {
    let told = read_text(&lines(&[json!({"eventName": "CreateUser"}), json!(3), json!("x")]));
    assert_eq!(told.gaps[0].reason, "no entry is of a log that is understood");
    let mixed = read_text(&lines(&[json!({"category": "SignInLogs"}), graph_audit("a")]));
    assert!(mixed.gaps.is_empty() && mixed.covered.is_some(), "another log of Entra is understood, and not needed");
    // An unknown envelope may hold the very event that silence would be concluded from.
    let mixed = read_text(&lines(&[json!({"payload": graph_audit("b")}), graph_audit("a")]));
    assert_eq!(mixed.gaps[0].reason, "1 entries have a shape that is not understood");
    assert_eq!(mixed.covered, None);
    let wrapped = read_text(&lines(&[json!({"event": {"original": graph_audit("b").to_string()}}), graph_audit("a")]));
    assert!(wrapped.gaps.is_empty() && wrapped.covered.is_some());
    assert!(matches!(read_files(&[("x.csv", b"")], None, None), Err(Error::Input(_))));
    let empty = read_files(&[("l.jsonl", b"")], None, None).unwrap();
    assert!(empty.gaps.is_empty() && empty.logs.is_empty(), "nothing is concluded from it");
    let vouched = read_text("");
    assert_eq!((vouched.gaps[0].reason.as_str(), vouched.covered), ("the log files hold no entry", None));
    assert_eq!(empty.asked(), [Fact::IdpEvents]);
}

#[test]
fn what_the_files_tell_joins_what_the_provider_told() {
    let name: crate::model::id::IdpName = "entra".parse().unwrap();
    let lack = |fact| NotOffered { fact, reason: "not licensed".to_owned() };
    let record = SourceRecord {
        source: "idp:entra".to_owned(),
        kind: "entra".to_owned(),
        started_at: at(NOW),
        ended_at: at(NOW),
        asked: vec![Fact::IdpUsers],
        operations: Vec::new(),
        files: Vec::new(),
        gaps: Vec::new(),
        not_offered: vec![lack(Fact::IdpEvents), lack(Fact::SignIns)],
        notes: Vec::new(),
    };
    let facts = Facts::Idp(Box::new(IdpFacts::of_people(name, "entra", Vec::new(), None)));
    let mut batch = Batch::new(record, facts);
    let window = |from, to| Window { from: at(from), to: at(to) };
    batch.events.push(EventLog {
        source: "idp:entra".to_owned(),
        kind: LogKind::EntraAudit,
        covered: vec![window("2026-09-29T00:00:00Z", "2026-09-30T12:00:00Z")],
        events: Vec::new(),
    });
    read_text(&lines(&[graph_audit("a"), okta("e", "user.lifecycle.suspend")])).join(&mut batch);
    assert_eq!(batch.record.asked, [Fact::IdpUsers, Fact::IdpEvents]);
    assert_eq!(batch.record.not_offered, [lack(Fact::SignIns)]);
    assert_eq!(batch.record.files[0].read_as, "log entries from 1 file");
    let told: Vec<_> = batch.events.iter().map(|log| (log.kind, log.covered.as_slice(), log.events.len())).collect();
    let whole = [window("2026-07-01T00:00:00Z", NOW)];
    assert_eq!(told, [(LogKind::EntraAudit, &whole[..], 1), (LogKind::OktaSystemLog, &whole[..], 1)]);
}

#[test]
fn a_status_is_dated_where_nothing_can_have_come_after() {
    let user = |id: &str, status| IdpUser::new(id.parse().unwrap(), id.to_owned(), status, String::new());
    let mut enabled = graph_audit("b");
    enabled["activityDisplayName"] = json!("Enable account");
    enabled["activityDateTime"] = json!("2026-09-02T00:00:00Z");
    let mut failed = graph_audit("c");
    (failed["result"], failed["activityDateTime"]) = (json!("failure"), json!("2026-09-20T00:00:00Z"));
    let entries = lines(&[graph_audit("a"), enabled, failed]);
    let dated = |covers: Option<Window>, status, known: Option<&str>| {
        let told = read_files(&[("l.jsonl", entries.as_bytes())], covers, None).unwrap();
        let mut users = vec![user("u1", status), user("u2", status)];
        if let Some(known) = known {
            users[0].status_changed_at = Known::Value(at(known));
        }
        let facts = IdpFacts::of_people("i".parse().unwrap(), "csv", users, None);
        let record = SourceRecord {
            source: "idp:i".to_owned(),
            kind: "csv".to_owned(),
            started_at: at(NOW),
            ended_at: at(NOW),
            asked: Vec::new(),
            operations: Vec::new(),
            files: Vec::new(),
            gaps: Vec::new(),
            not_offered: Vec::new(),
            notes: Vec::new(),
        };
        let mut batch = Batch::new(record, Facts::Idp(Box::new(facts)));
        told.join(&mut batch);
        let Facts::Idp(facts) = batch.facts else { panic!() };
        assert!(facts.users[1].status_changed_at.is_unknown(), "of whom the log says nothing");
        facts.users[0].status_changed_at.value().map(ToString::to_string)
    };
    let since = Some("2026-09-03T15:02:22Z".to_owned());
    assert_eq!(dated(quarter(), IdpStatus::Disabled, None), since);
    assert_eq!(dated(quarter(), IdpStatus::Active, None), None, "the log's last word is another");
    assert_eq!(dated(None, IdpStatus::Disabled, None), None, "it may have been switched again");
    let ended = Some(Window { from: at("2026-07-01T00:00:00Z"), to: at("2026-09-30T00:00:00Z") });
    assert_eq!(dated(ended, IdpStatus::Disabled, None), None, "or this morning");
    let own = Some("2026-08-01T00:00:00Z".to_owned());
    assert_eq!(dated(quarter(), IdpStatus::Disabled, own.as_deref()), own, "what the provider says stands");
}

fn samples() -> Vec<Value> {
    vec![
        graph_audit("a"),
        table_audit("a"),
        sent_audit("a"),
        provisioning("p", "AWS IAM Identity Center"),
        okta("e", "group.user_membership.add"),
        json!({"result": {"_raw": okta("e", "user.lifecycle.suspend").to_string()}}),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_told_of(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let told = read_files(&[("l.json", &bytes)], quarter(), None).unwrap();
        prop_assert!(told.file.rows > 0 || !told.gaps.is_empty() || bytes.trim_ascii().is_empty() || told.logs.is_empty());
    }

    #[test]
    fn no_change_to_an_entry_makes_it_panic(
        which in 0usize..6,
        from in any::<usize>(),
        length in 0usize..20,
        with in "[\\[\\]{}\"':,0-9a-zT\\\\ \u{e9}-]{0,8}",
    ) {
        let text = samples()[which].to_string();
        let characters: Vec<char> = text.chars().collect();
        let from = from % characters.len();
        let to = (from + length).min(characters.len());
        let changed: String = characters[..from].iter().chain(&with.chars().collect::<Vec<_>>()).chain(&characters[to..]).collect();
        let told = read_text(&changed);
        // What can't be used leaves no silence to rely on.
        prop_assert!(told.gaps.is_empty() || told.covered.is_none());
    }

    #[test]
    fn any_shape_of_a_known_field_is_borne(
        which in 0usize..5,
        field in any::<prop::sample::Index>(),
        value in prop::sample::select(vec![json!(null), json!(1), json!(-1.5), json!(true), json!(""), json!([]), json!({}), json!([[{}]]), json!("[{}]")]),
    ) {
        let mut entry = samples()[which].clone();
        let fields = entry.as_object_mut().unwrap();
        let keys: Vec<String> = fields.keys().cloned().collect();
        fields.insert(field.get(&keys).clone(), value);
        let told = read_text(&lines(&[entry]));
        prop_assert!(told.gaps.is_empty() || told.covered.is_none());
    }
}
