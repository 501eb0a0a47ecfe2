//! What the pack and `explain` say of links, use of access and what sources do not tell.

use std::collections::BTreeMap;

use overstay::assess::{Assessment, assess};
use overstay::evidence::RunId;
use overstay::evidence::explain::explain;
use overstay::evidence::ipe::{RunFacts, ipe};
use overstay::evidence::report::limits;
use overstay::evidence::tables::TABLES;
use overstay::model::application::ExternalIdSource;
use overstay::model::event::{Action, LogKind, Window};
use overstay::model::{AsOf, DeclaredLink, Event, Fact, HrStatus, Known};
use serde_json::Value;

use crate::rules::org::{NOW, Org, address, at, event, idp_id, user_id};

fn assessed<T>(org: &Org, see: impl FnOnce(&Assessment<'_>) -> T) -> T {
    org.reconcile(|ledger| see(&assess(ledger, overstay::rules::evaluate(ledger))))
}

/// A table's rows by column name.
fn rows(org: &Org, file: &str) -> Vec<BTreeMap<String, String>> {
    let table = TABLES.iter().find(|table| table.file == file).unwrap();
    let mut bytes = Vec::new();
    assessed(org, |assessment| table.write(assessment, "r_1", &mut bytes).unwrap());
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().map(Result::unwrap).collect()
}

fn provenance(org: &Org) -> Value {
    assessed(org, |assessment| {
        let run = RunId::new("snapshot", "config", AsOf::new(at(NOW)), None);
        let facts = RunFacts { started_at: at(NOW), command: "audit".into() };
        ipe(assessment, &[], &run, &facts, &[])
    })
}

fn use_of(user: &str, set: &str) -> Event {
    let mut used = event("2026-09-20T00:00:00Z", Action::RoleUsed);
    used.id = format!("{user} {set}");
    used.user = Some(user_id(user).to_string());
    (used.account, used.permission_set) = (Some("100000000001".to_owned()), Some(set.to_owned()));
    used
}

/// `a` uses `Admin` and not `Read`; `b`'s membership is older than the log.
fn used() -> Org {
    let org = Org::new().person("a").person("b");
    let org = org.access("a", "Admin", "prod").access("a", "Read", "prod").access("b", "Read", "prod");
    let mut org = org.asked(Fact::CloudTrail).events("aws", LogKind::CloudTrail, vec![use_of("a", "Admin")]);
    org.events[0].covered = vec![Window { from: at("2026-01-01T00:00:00Z"), to: at(NOW) }];
    for membership in &mut org.aws.memberships {
        let old = membership.user == user_id("b");
        membership.created_at = Known::Value(at(if old { "2025-12-31T00:00:00Z" } else { "2026-01-01T00:00:00Z" }));
    }
    org
}

#[test]
fn grants_say_when_they_were_last_used() {
    let last = |org: &Org| -> Vec<(String, String)> {
        rows(org, "grants.csv")
            .iter()
            .map(|row| (row["last_used_at"].clone(), row["last_used_state"].clone()))
            .collect()
    };
    let is = |at: &str, state: &str| (at.to_owned(), state.to_owned());
    assert_eq!(
        last(&used()),
        [is("2026-09-20T00:00:00Z", "used"), is("", "never_observed"), is("unknown", "outside_horizon")]
    );
    let unasked = used().unasked(Fact::CloudTrail);
    assert_eq!(last(&unasked), vec![is("unknown", "not_collected"); 3]);
    let cover = |org: &Org| assessed(org, limits).join("\n");
    assert!(cover(&used()).contains("Use of access is looked at where the log reaches"));
    assert!(cover(&unasked).contains("Use of access is not looked at"));
}

#[test]
fn uses_after_the_instant_of_conclusions_are_not_known_yet() {
    let states: Vec<String> = rows(&used().on("2026-09-19T00:00:00Z"), "grants.csv")
        .iter()
        .map(|row| row["last_used_state"].clone())
        .collect();
    assert_eq!(states, ["never_observed", "never_observed", "outside_horizon"]);
}

#[test]
fn the_rung_stands_in_every_listing() {
    let org = Org::new().by_hand("a").idp_only(0, "x").provisioned("a", "x").direct("a", "Read", "prod");
    assert_eq!(rows(&org, "identities.csv")[0]["link_method"], "target_id");
    assert_eq!(rows(&org, "identities.csv")[0]["link_strength"], "strong");
    assert_eq!(rows(&org, "grants.csv")[0]["link_method"], "target_id");
    let link = assessed(&org, |assessment| explain(assessment, "a@example.org", None).users[0].records[0].link.clone());
    assert_eq!(link, "linked by target_id, strong");
}

#[test]
fn every_record_of_a_person_is_explained() {
    let mut org = Org::new().idp("okta").person("a").idp_only(0, "c").direct("a", "Read", "prod");
    org.links = ["a", "c"]
        .map(|record| DeclaredLink {
            identity_center_user: address("a"),
            idp_user: idp_id(record).to_string(),
            employee_id: None,
            origin: "links.csv".into(),
        })
        .to_vec();
    org = org.hr("a", HrStatus::Active).idp_only(1, "h");
    org = org.edit_idp("h", |user| user.email = Some(address("a")));
    let records = assessed(&org, |assessment| {
        let explained = explain(assessment, "a@example.org", None);
        let records = explained.users[0].records.iter();
        records.map(|record| format!("{} {}: {}", record.source, record.at, record.link)).collect::<Vec<_>>()
    });
    assert_eq!(
        records,
        [
            "idp:entra users.csv, a: linked by declared, strong",
            "idp:okta users.csv, h: linked by email, weak",
            "idp:entra users.csv, c: linked by declared, strong",
            "hr roster.csv, a: linked by email",
        ]
    );
}

#[test]
fn mappings_stand_in_the_provenance_with_how_they_are_known() {
    let org = Org::new().person("a");
    assert_eq!(provenance(&org)["external_id_mappings"][0]["basis"], "inferred");
    let org = org.application(0, |app| app.external_id = Known::Value(ExternalIdSource::Id));
    let mapping = &provenance(&org)["external_id_mappings"][0];
    assert_eq!((mapping["basis"].as_str(), mapping["attribute"].as_str()), (Some("schema"), Some("id")));
    let notes = assessed(&org, |assessment| {
        let run = RunId::new("snapshot", "config", AsOf::new(at(NOW)), None);
        serde_json::to_string(&overstay::evidence::report::report(assessment, &[], &run, Vec::new())).unwrap()
    });
    assert!(notes.contains("this provider's `id`: read from the provisioning job's schema; it explains 1 of 1 users"));
}

#[test]
fn what_a_source_does_not_tell_is_a_limit_and_no_gap() {
    let org = Org::new().person("a").not_offered(Fact::SecondFactors, "needs Entra ID P1");
    let provenance = provenance(&org);
    assert_eq!(provenance["status"], "COMPLETE");
    let entra =
        provenance["sources"].as_array().unwrap().iter().find(|source| source["source"] == "idp:entra").unwrap();
    assert_eq!(entra["not_offered"][0]["reason"], "needs Entra ID P1");
    let limits = assessed(&org, limits);
    assert!(
        limits.contains(&"idp:entra does not tell registered second factors: needs Entra ID P1.".to_owned()),
        "{limits:?}"
    );
}
